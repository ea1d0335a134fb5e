-- What is remembered of users and merchants is kept as bytes: JSON cost more to read and write than the whole check beside
-- it. What was kept as JSON is read once more, the next time somebody pays, and is then written as bytes.
ALTER TABLE velocities RENAME COLUMN past TO past_json;
ALTER TABLE velocities ADD COLUMN past BYTEA;

CREATE TABLE packed_merchant_pasts (
    merchant_id TEXT PRIMARY KEY,
    past_json TEXT,
    past BYTEA
);
INSERT INTO packed_merchant_pasts (merchant_id, past_json) SELECT merchant_id, past FROM merchant_pasts;
DROP TABLE merchant_pasts;
ALTER TABLE packed_merchant_pasts RENAME TO merchant_pasts;
