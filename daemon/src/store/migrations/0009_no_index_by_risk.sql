-- Rows are sealed and an index is not: a damaged one left suppliers out of a list of all, and nobody saw it.
DROP INDEX standing_by_place;
