-- Attestations lie packed too (pack.rs): the canonical form by itself, an envelope told from that and from its signers.

CREATE TABLE packed_attestation (
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
    canonical   BLOB NOT NULL,            -- packed JSON
    envelope    BLOB NOT NULL,            -- packed, told from the canonical form and the signers: the bytes as received
    checksum    INTEGER NOT NULL DEFAULT 0,
    shelf       INTEGER GENERATED ALWAYS AS (id >> 16) VIRTUAL
) STRICT;
INSERT INTO packed_attestation (id, digest, kind, subject, issuer, issued_at, valid_from, valid_until, signers, feed, origin,
    stored_at, canonical, envelope)
SELECT id, digest, kind, subject, issuer, issued_at, valid_from, valid_until, signers, feed, origin, stored_at,
    pack(canonical, x''), pack(envelope, canonical || signers)
FROM attestation ORDER BY id;
DROP TABLE attestation;
ALTER TABLE packed_attestation RENAME TO attestation;
CREATE UNIQUE INDEX attestation_by_digest ON attestation (shelf, digest);

-- Another copy's envelope is told from its signers alone.
UPDATE countersignature SET envelope = pack(envelope, signers);

-- Nearly all exposures are followed for the same reason, which lies packed as well.
CREATE TABLE packed_exposure (
    id           INTEGER PRIMARY KEY,
    organisation TEXT NOT NULL,
    previous_id  INTEGER,
    known_at     INTEGER NOT NULL,
    horizon_days INTEGER NOT NULL,
    probability  REAL NOT NULL CHECK (probability BETWEEN 0 AND 1),
    low          REAL NOT NULL,
    high         REAL NOT NULL,
    scenarios    INTEGER,                -- NULL: exact
    not_exact_because BLOB,              -- packed text
    checksum     INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO packed_exposure (id, organisation, previous_id, known_at, horizon_days, probability, low, high, scenarios,
    not_exact_because)
SELECT id, organisation, previous_id, known_at, horizon_days, probability, low, high, scenarios,
    pack(not_exact_because, x'')
FROM exposure ORDER BY id;
DROP TABLE exposure;
ALTER TABLE packed_exposure RENAME TO exposure;
