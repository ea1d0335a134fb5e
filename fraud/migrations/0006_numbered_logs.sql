-- Logs are numbered in the order they came, and the indexes hold the number in place of the id, which made up half of them:
-- every check writes them all.
CREATE TABLE numbered_logs (
    number BIGINT PRIMARY KEY,
    log_id TEXT NOT NULL UNIQUE,
    transaction_id TEXT UNIQUE,
    user_id TEXT NOT NULL,
    amount BIGINT NOT NULL,
    currency TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('SAFE', 'SUSPICIOUS', 'FRAUD')),
    score BIGINT NOT NULL,
    action TEXT NOT NULL,
    kind TEXT NOT NULL,
    merchant_id TEXT,
    fired TEXT NOT NULL,
    shadow TEXT NOT NULL,
    facts TEXT NOT NULL,
    rule_set BIGINT NOT NULL REFERENCES rule_sets (version),
    rules_revision BIGINT NOT NULL,
    policy_version BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
INSERT INTO numbered_logs (number, log_id, transaction_id, user_id, amount, currency, status, score, action, kind,
                           merchant_id, fired, shadow, facts, rule_set, rules_revision, policy_version, created_at)
    SELECT ROW_NUMBER() OVER (ORDER BY created_at, log_id), log_id, transaction_id, user_id, amount, currency, status, score,
           action, kind, merchant_id, fired, shadow, facts, rule_set, rules_revision, policy_version, created_at
    FROM fraud_logs;

CREATE TABLE numbered_log_rules (
    rule TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    number BIGINT NOT NULL,
    score BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    status TEXT NOT NULL,
    PRIMARY KEY (rule, created_at, number)
); -- clustered
INSERT INTO numbered_log_rules (rule, created_at, number, score, amount, status)
    SELECT r.rule, r.created_at, l.number, r.score, r.amount, r.status
    FROM fraud_log_rules r JOIN numbered_logs l ON l.log_id = r.log_id;

DROP TABLE fraud_log_rules;
DROP TABLE fraud_logs;
ALTER TABLE numbered_logs RENAME TO fraud_logs;
ALTER TABLE numbered_log_rules RENAME TO fraud_log_rules;
CREATE INDEX fraud_logs_by_time ON fraud_logs (created_at, number, score, amount, status);
CREATE INDEX fraud_logs_by_user ON fraud_logs (user_id, created_at, number, score, amount, status);
CREATE INDEX fraud_logs_by_score ON fraud_logs (status, score, created_at, number, amount);
CREATE INDEX fraud_logs_by_amount ON fraud_logs (amount, created_at, number, score, status);

-- Found by their key and nothing else, read and written with every check.
CREATE TABLE clustered_velocities (
    user_id TEXT PRIMARY KEY,
    counters BYTEA NOT NULL,
    past BYTEA,
    past_json TEXT
); -- clustered
INSERT INTO clustered_velocities (user_id, counters, past, past_json) SELECT user_id, counters, past, past_json FROM velocities;
DROP TABLE velocities;
ALTER TABLE clustered_velocities RENAME TO velocities;
