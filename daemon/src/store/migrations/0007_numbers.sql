-- The number of a refused item is never given to another: whoever acts on a list that was printed before acts on what he saw.
CREATE TABLE numbered_quarantine (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    feed          TEXT NOT NULL,
    origin        TEXT NOT NULL,
    digest        BLOB NOT NULL CHECK (length(digest) = 32),   -- of all the bytes that were received
    byte_count    INTEGER NOT NULL,                            -- of all the bytes that were received
    reason        TEXT NOT NULL,
    sentence      TEXT NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('waiting', 'accepted', 'superseded')),
    attempts      INTEGER NOT NULL,
    received_at   INTEGER NOT NULL,
    last_tried_at INTEGER NOT NULL,
    bytes         BLOB NOT NULL,                               -- as many as were kept
    matter        BLOB,        -- who says it of whom, of which kind: NULL where that cannot be read
    issued_at     INTEGER,     -- as it says itself; NULL where that cannot be read
    checksum      INTEGER NOT NULL DEFAULT 0,
    UNIQUE (feed, origin, digest)
) STRICT;
INSERT INTO numbered_quarantine (id, feed, origin, digest, byte_count, reason, sentence, state, attempts, received_at,
    last_tried_at, bytes, matter, issued_at)
SELECT id, feed, origin, digest, byte_count, reason, sentence, state, attempts, received_at, last_tried_at, bytes, matter,
    issued_at
FROM quarantine ORDER BY id;
DROP TABLE quarantine;
ALTER TABLE numbered_quarantine RENAME TO quarantine;
CREATE INDEX quarantine_by_state ON quarantine (state, id, reason);
CREATE INDEX quarantine_waiting_by_digest ON quarantine (digest) WHERE state = 'waiting';
CREATE INDEX quarantine_waiting_by_matter ON quarantine (matter) WHERE state = 'waiting' AND matter IS NOT NULL;
