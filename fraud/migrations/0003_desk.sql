-- What a list of logs is found along. Each index carries the columns that the other filters look at, so that what does not
-- fit is passed over without a look at the row, which is large.
DROP INDEX fraud_logs_by_time;
DROP INDEX fraud_logs_by_user;
DROP INDEX fraud_logs_flagged;
CREATE INDEX fraud_logs_by_time ON fraud_logs (created_at, log_id, score, amount, status);
CREATE INDEX fraud_logs_by_user ON fraud_logs (user_id, created_at, log_id, score, amount, status);
-- There are few pairs of outcome and score: a list of any range of them is merged from one walk for each pair.
CREATE INDEX fraud_logs_by_score ON fraud_logs (status, score, created_at, log_id, amount);
CREATE INDEX fraud_logs_by_amount ON fraud_logs (amount, created_at, log_id, score, status);

-- The rules that fired, one row for each and log.
CREATE TABLE fraud_log_rules (
    rule TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    log_id TEXT NOT NULL,
    score BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    status TEXT NOT NULL
);
CREATE UNIQUE INDEX fraud_log_rules_by_rule ON fraud_log_rules (rule, created_at, log_id, score, amount, status);

-- Payments that wait, or waited, for somebody of the desk. `outcome` is what transactions was told.
CREATE TABLE review_cases (
    case_id TEXT PRIMARY KEY,
    log_id TEXT NOT NULL UNIQUE REFERENCES fraud_logs (log_id),
    transaction_id TEXT NOT NULL UNIQUE,
    user_id TEXT NOT NULL,
    merchant_id TEXT,
    amount BIGINT NOT NULL,
    currency TEXT NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('OPEN', 'APPROVED', 'REJECTED', 'EXPIRED', 'WITHDRAWN')),
    outcome TEXT CHECK (outcome IN ('APPROVE', 'REJECT')),
    needs_second BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    closed_at BIGINT
);
CREATE INDEX review_cases_by_state ON review_cases (state, case_id);
CREATE INDEX review_cases_by_user ON review_cases (user_id, case_id);
CREATE INDEX review_cases_due ON review_cases (expires_at) WHERE state = 'OPEN';

-- Who decided what about them. Rows are only ever added.
CREATE TABLE review_decisions (
    case_id TEXT NOT NULL REFERENCES review_cases (case_id),
    decided_by TEXT NOT NULL,
    decision TEXT NOT NULL CHECK (decision IN ('APPROVE', 'REJECT')),
    note TEXT NOT NULL,
    decided_at BIGINT NOT NULL,
    PRIMARY KEY (case_id, decided_by, decision)
);

-- Whom to let through and whom to refuse.
CREATE TABLE fraud_list_entries (
    entry_id TEXT PRIMARY KEY,
    list TEXT NOT NULL CHECK (list IN ('ALLOW', 'DENY')),
    kind TEXT NOT NULL CHECK (kind IN ('USER', 'MERCHANT', 'ADDRESS', 'EMAIL_DOMAIN')),
    value TEXT NOT NULL,
    reason TEXT NOT NULL,
    author TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    UNIQUE (kind, value, list)
);
CREATE INDEX fraud_list_entries_by_list ON fraud_list_entries (list, kind, entry_id);
CREATE INDEX fraud_list_entries_ending ON fraud_list_entries (expires_at) WHERE expires_at IS NOT NULL;

-- Rules that are put to sleep for a user.
CREATE TABLE rule_snoozes (
    snooze_id TEXT PRIMARY KEY,
    rule TEXT NOT NULL,
    user_id TEXT NOT NULL,
    until_at BIGINT NOT NULL,
    reason TEXT NOT NULL,
    author TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (user_id, rule)
);
CREATE INDEX rule_snoozes_ending ON rule_snoozes (until_at);

-- What was checked, counted in the commit of the check per quarter of an hour: the days of every time zone are made of
-- those. `quarter` is the time divided by a quarter of an hour.
CREATE TABLE fraud_quarters (
    quarter BIGINT PRIMARY KEY,
    safe BIGINT NOT NULL DEFAULT 0,
    suspicious BIGINT NOT NULL DEFAULT 0,
    fraud BIGINT NOT NULL DEFAULT 0,
    reviewed BIGINT NOT NULL DEFAULT 0,
    approved BIGINT NOT NULL DEFAULT 0,
    rejected BIGINT NOT NULL DEFAULT 0,
    amount BIGINT NOT NULL DEFAULT 0,
    refused_amount BIGINT NOT NULL DEFAULT 0
);

-- The same for each rule that fired.
CREATE TABLE fraud_rule_quarters (
    rule TEXT NOT NULL,
    quarter BIGINT NOT NULL,
    fired BIGINT NOT NULL DEFAULT 0,
    approved BIGINT NOT NULL DEFAULT 0,
    rejected BIGINT NOT NULL DEFAULT 0,
    waiting BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (quarter, rule)
);

-- How far logs from before this have come into what is kept beside the log. Empty until the first start after it.
CREATE TABLE fraud_log_catch_up (
    only BIGINT PRIMARY KEY CHECK (only = 1),
    done_to TEXT NOT NULL,
    is_done BIGINT NOT NULL
);
