-- What is refused waits until the same is accepted, or the same issuer says otherwise of the same matter: not until
-- something else comes from the same place. What was set aside for that reason waits again.
ALTER TABLE quarantine ADD COLUMN matter BLOB;        -- who says it of whom, of which kind: NULL where that cannot be read
ALTER TABLE quarantine ADD COLUMN issued_at INTEGER;  -- as it says itself; NULL where that cannot be read
CREATE INDEX quarantine_waiting_by_digest ON quarantine (digest) WHERE state = 'waiting';
CREATE INDEX quarantine_waiting_by_matter ON quarantine (matter) WHERE state = 'waiting' AND matter IS NOT NULL;
UPDATE quarantine SET state = 'waiting' WHERE state = 'superseded';

ALTER TABLE withdrawal ADD COLUMN cause TEXT;         -- merged, not-admitted or nothing-in-force; NULL: an earlier version told none
