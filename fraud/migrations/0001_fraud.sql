-- The thresholds that decisions were made with, so that each can be made again. A new set is added when settings change.
CREATE TABLE rule_sets (
    version BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    limits TEXT NOT NULL UNIQUE,
    first_used_at BIGINT NOT NULL
);

-- One row per check. Rows are only ever added; `transaction_id` makes a repeated check find its first decision.
CREATE TABLE fraud_logs (
    log_id TEXT PRIMARY KEY,
    transaction_id TEXT UNIQUE,
    user_id TEXT NOT NULL,
    amount BIGINT NOT NULL,
    currency TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('SAFE', 'SUSPICIOUS', 'FRAUD')),
    score BIGINT NOT NULL,
    fired TEXT NOT NULL,
    facts TEXT NOT NULL,
    rule_set BIGINT NOT NULL REFERENCES rule_sets (version),
    created_at BIGINT NOT NULL
);

CREATE INDEX fraud_logs_by_time ON fraud_logs (created_at, log_id);
CREATE INDEX fraud_logs_by_user ON fraud_logs (user_id, created_at, log_id);
-- Nearly all checks are SAFE: what operators look for is found without walking over those.
CREATE INDEX fraud_logs_flagged ON fraud_logs (status, created_at, log_id) WHERE status <> 'SAFE';

-- What was hidden from the list, by whom and when.
CREATE TABLE fraud_log_deletions (
    log_id TEXT PRIMARY KEY REFERENCES fraud_logs (log_id),
    deleted_by TEXT NOT NULL,
    deleted_at BIGINT NOT NULL
);

-- Counts and sums of each user's recent checks, kept as they come so that no check scans the log.
CREATE TABLE velocities (
    user_id TEXT PRIMARY KEY,
    counters BYTEA NOT NULL
);
