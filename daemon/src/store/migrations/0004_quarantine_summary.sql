-- What was refused beyond what the quarantine keeps of a feed: counted by reason, with the first and the last of it.
CREATE TABLE quarantine_summary (
    feed         TEXT NOT NULL,
    reason       TEXT NOT NULL,
    items        INTEGER NOT NULL,
    byte_count   INTEGER NOT NULL,          -- of all of them together
    first_origin TEXT NOT NULL,
    last_origin  TEXT NOT NULL,
    first_at     INTEGER NOT NULL,
    last_at      INTEGER NOT NULL,
    PRIMARY KEY (feed, reason)
) STRICT, WITHOUT ROWID;
