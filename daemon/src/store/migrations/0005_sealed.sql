-- A checksum in every row: seal.rs seals and checks.
-- Bodies, changes and artefacts lie packed, whole or against a base (pack.rs), and no check of the schema asks what old
-- versions of SQLite answer otherwise: to them json_valid(NULL) is false.

CREATE TABLE packed_score (
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
    base_id       INTEGER REFERENCES packed_score (id),         -- the score that the body is told from; NULL: it is whole
    body          BLOB NOT NULL,                                -- packed JSON: the bytes that a replay must reproduce
    change        BLOB,                                         -- packed JSON, told from the body: before, after, cause
    checksum      INTEGER NOT NULL DEFAULT 0,
    shelf         INTEGER GENERATED ALWAYS AS (id >> 16) VIRTUAL
) STRICT;
INSERT INTO packed_score (id, organisation, previous_id, as_of, known_at, risk_bp, band, coverage_bp, confidence_bp,
    provenance, body, change)
SELECT id, organisation, previous_id, as_of, known_at, risk_bp, band, coverage_bp, confidence_bp, provenance,
    pack(body, x''), pack(change, body)
FROM score ORDER BY id;
DROP TABLE score;
ALTER TABLE packed_score RENAME TO score;
CREATE INDEX score_by_provenance ON score (shelf, provenance);

ALTER TABLE artefact ADD COLUMN base_id INTEGER REFERENCES artefact (id);
ALTER TABLE artefact ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
UPDATE artefact SET bytes = pack(bytes, x'');

ALTER TABLE attestation ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
ALTER TABLE countersignature ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
ALTER TABLE quarantine ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
ALTER TABLE quarantine_summary ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
ALTER TABLE feed_position ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
ALTER TABLE withdrawal ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
ALTER TABLE standing ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
ALTER TABLE meta ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
ALTER TABLE exposure ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
ALTER TABLE exposure_standing ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
