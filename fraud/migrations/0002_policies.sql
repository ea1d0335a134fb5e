-- What a check comes to beside its outcome, and what it was about. Checks from before let everything but FRAUD go on.
ALTER TABLE fraud_logs ADD COLUMN action TEXT NOT NULL DEFAULT '';
ALTER TABLE fraud_logs ADD COLUMN kind TEXT NOT NULL DEFAULT '';
ALTER TABLE fraud_logs ADD COLUMN merchant_id TEXT;
ALTER TABLE fraud_logs ADD COLUMN shadow TEXT NOT NULL DEFAULT '[]';
ALTER TABLE fraud_logs ADD COLUMN policy_version BIGINT NOT NULL DEFAULT 0;

-- The bands of the score and the rules of the desk, one row for each version there ever was.
CREATE TABLE fraud_policies (
    version BIGINT PRIMARY KEY,
    policy TEXT NOT NULL,
    author TEXT NOT NULL,
    reason TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
