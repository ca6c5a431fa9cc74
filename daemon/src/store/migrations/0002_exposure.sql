-- What the network makes of the scores: how likely each programme and organisation is down within the policy's horizon.
-- Rows are never changed; an organisation's history is the chain from its standing through `previous_id`.
CREATE TABLE exposure (
    id           INTEGER PRIMARY KEY,
    organisation TEXT NOT NULL,
    previous_id  INTEGER,
    known_at     INTEGER NOT NULL,
    horizon_days INTEGER NOT NULL,
    probability  REAL NOT NULL CHECK (probability BETWEEN 0 AND 1),
    low          REAL NOT NULL,
    high         REAL NOT NULL,
    scenarios    INTEGER,                -- NULL: exact
    not_exact_because TEXT
) STRICT;

-- Where each stands: its newest exposure.
CREATE TABLE exposure_standing (
    organisation TEXT NOT NULL PRIMARY KEY,
    exposure_id  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
