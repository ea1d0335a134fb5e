-- Rules as data: one row for each version of each rule there ever was. `revision` numbers them all, so that the rules of any
-- moment can be put together again.
CREATE TABLE fraud_rules (
    revision BIGINT PRIMARY KEY,
    name TEXT NOT NULL,
    version BIGINT NOT NULL,
    description TEXT NOT NULL,
    expression TEXT NOT NULL,
    score BIGINT NOT NULL CHECK (score BETWEEN 0 AND 100),
    action TEXT NOT NULL CHECK (action IN ('SCORE', 'REVIEW', 'BLOCK')),
    state TEXT NOT NULL CHECK (state IN ('ACTIVE', 'SHADOW', 'OFF')),
    author TEXT NOT NULL,
    reason TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (name, version)
);

-- The rules that a decision was made with; 0 for one of before they were kept.
ALTER TABLE fraud_logs ADD COLUMN rules_revision BIGINT NOT NULL DEFAULT 0;

-- What is remembered of a user beyond the last day.
ALTER TABLE velocities ADD COLUMN past TEXT;

-- What is remembered of a merchant.
CREATE TABLE merchant_pasts (
    merchant_id TEXT PRIMARY KEY,
    past TEXT NOT NULL
);

-- What became of transactions, each noted once. Old rows go: nobody tells of the same a month later.
CREATE TABLE fraud_outcomes (
    source_id TEXT NOT NULL,
    event TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    PRIMARY KEY (source_id, event)
);
CREATE INDEX fraud_outcomes_by_time ON fraud_outcomes (recorded_at);

-- Rules that are tried on the past: what was asked, how far it is, and what was found.
CREATE TABLE backtests (
    backtest_id TEXT PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('RUNNING', 'DONE', 'FAILED', 'CANCELLED')),
    started_by TEXT NOT NULL,
    rules TEXT NOT NULL,
    checked BIGINT NOT NULL,
    total BIGINT NOT NULL,
    found TEXT NOT NULL,
    problem TEXT,
    created_at BIGINT NOT NULL
);
CREATE INDEX backtests_running ON backtests (started_by) WHERE state = 'RUNNING';
