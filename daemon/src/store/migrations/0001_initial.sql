-- Times are UTC seconds since 1970; digests are the 32 bytes of a SHA-256; risks and shares are basis points.

-- What was said, as it was first received. Rows are never changed: what a later copy adds is a countersignature.
CREATE TABLE attestation (
    id          INTEGER PRIMARY KEY,
    digest      BLOB NOT NULL CHECK (length(digest) = 32),
    kind        TEXT NOT NULL,
    subject     TEXT NOT NULL,
    issuer      TEXT NOT NULL,            -- as admitted when it was stored: the trust table is asked again at start
    issued_at   INTEGER NOT NULL,
    valid_from  INTEGER NOT NULL,
    valid_until INTEGER,
    signers     TEXT NOT NULL,            -- JSON array: the keys whose signatures on this copy were verified
    feed        TEXT NOT NULL,
    origin      TEXT NOT NULL,
    stored_at   INTEGER NOT NULL,
    canonical   TEXT NOT NULL,            -- JSON
    envelope    BLOB NOT NULL,            -- the bytes as received
    shelf       INTEGER GENERATED ALWAYS AS (id >> 16) VIRTUAL
) STRICT;

-- Filed by shelf of 65 536 rows, as all digests are here: see shelves.rs.
CREATE UNIQUE INDEX attestation_by_digest ON attestation (shelf, digest);

-- A later copy of an attestation that brought signatures of further keys.
CREATE TABLE countersignature (
    id             INTEGER PRIMARY KEY,
    attestation_id INTEGER NOT NULL REFERENCES attestation (id) ON DELETE CASCADE,
    signers        TEXT NOT NULL,         -- JSON array: the keys that no earlier copy had
    feed           TEXT NOT NULL,
    origin         TEXT NOT NULL,
    stored_at      INTEGER NOT NULL,
    envelope       BLOB NOT NULL
) STRICT;
CREATE INDEX countersignature_by_attestation ON countersignature (attestation_id, id);

-- What was refused. The same bytes from the same origin are one row.
CREATE TABLE quarantine (
    id            INTEGER PRIMARY KEY,
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
    UNIQUE (feed, origin, digest)
) STRICT;
CREATE INDEX quarantine_by_state ON quarantine (state, id, reason);

-- How far each file of a feed has been read: moved in the transaction that stores what was read.
CREATE TABLE feed_position (
    feed         TEXT NOT NULL,
    path         BLOB NOT NULL,           -- a file name is bytes, not always text
    device       INTEGER NOT NULL,
    inode        INTEGER NOT NULL,
    offset_bytes INTEGER NOT NULL,
    size_bytes   INTEGER NOT NULL,
    modified_ns  INTEGER NOT NULL,
    anchor       BLOB NOT NULL CHECK (length(anchor) = 32),    -- digest of the bytes just before the offset
    PRIMARY KEY (feed, path)
) STRICT, WITHOUT ROWID;

-- Every score that differed from the one before it. Rows are never changed: an organisation's history is the chain
-- from its standing through `previous_id`, which ends where older rows were given up. An index by organisation would
-- cost a page a row.
CREATE TABLE score (
    id            INTEGER PRIMARY KEY,
    organisation  TEXT NOT NULL,
    previous_id   INTEGER,
    as_of         INTEGER NOT NULL,
    known_at      INTEGER NOT NULL,
    risk_bp       INTEGER,
    band          TEXT NOT NULL,
    coverage_bp   INTEGER NOT NULL,
    confidence_bp INTEGER NOT NULL,
    provenance    BLOB NOT NULL CHECK (length(provenance) = 32),
    change        TEXT CHECK (json_valid(change)),             -- before, after, cause
    body          TEXT NOT NULL,                               -- JSON: the bytes that a replay must reproduce
    shelf         INTEGER GENERATED ALWAYS AS (id >> 16) VIRTUAL
) STRICT;
CREATE INDEX score_by_provenance ON score (shelf, provenance);

-- A score after which its organisation had none any more, as when it was found to be another one.
CREATE TABLE withdrawal (
    score_id     INTEGER PRIMARY KEY REFERENCES score (id) ON DELETE CASCADE,
    merged_into  TEXT,
    withdrawn_at INTEGER NOT NULL
) STRICT;

-- Where each organisation stands: its newest score, found by name or by risk without a walk through the history.
CREATE TABLE standing (
    organisation TEXT NOT NULL PRIMARY KEY,
    score_id     INTEGER NOT NULL,
    risk_bp      INTEGER,
    band         TEXT NOT NULL,
    withdrawn    INTEGER NOT NULL CHECK (withdrawn IN (0, 1)),  -- it has no score now: that one was its last
    place        INTEGER NOT NULL GENERATED ALWAYS AS (-coalesce(risk_bp, -1)) VIRTUAL  -- worst first, unrated last
) STRICT, WITHOUT ROWID;
CREATE INDEX standing_by_place ON standing (place, organisation, band) WHERE withdrawn = 0;

-- What scores were made from besides attestations, for replay.
CREATE TABLE artefact (
    id        INTEGER PRIMARY KEY,
    digest    BLOB NOT NULL CHECK (length(digest) = 32),
    kind      TEXT NOT NULL,
    stored_at INTEGER NOT NULL,
    bytes     BLOB NOT NULL,
    shelf     INTEGER GENERATED ALWAYS AS (id >> 16) VIRTUAL
) STRICT;
CREATE UNIQUE INDEX artefact_by_digest ON artefact (shelf, digest);

-- Events to deliver, written in the transaction of what they tell. An id is never used twice.
CREATE TABLE outbox (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    created_at   INTEGER NOT NULL,
    type         TEXT NOT NULL,
    payload      TEXT NOT NULL CHECK (json_valid(payload)),
    delivered_at INTEGER
) STRICT;
CREATE INDEX outbox_waiting ON outbox (id) WHERE delivered_at IS NULL;

CREATE TABLE meta (
    key   TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
