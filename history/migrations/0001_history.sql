-- The audit trail. Rows are only ever added: each carries the hash of itself and, through the one before it, of all
-- that came before. `entry_key` makes a repeated delivery find its first entry.
CREATE TABLE entries (
    sequence BIGINT PRIMARY KEY,
    version BIGINT NOT NULL,
    history_id TEXT NOT NULL UNIQUE,
    entry_key TEXT NOT NULL UNIQUE,
    transaction_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    amount BIGINT NOT NULL,
    currency TEXT NOT NULL,
    kind TEXT NOT NULL,
    status TEXT NOT NULL,
    va_number TEXT,
    direction TEXT NOT NULL,
    wallet_id TEXT,
    counterparty TEXT,
    failure_code TEXT,
    occurred_at BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    hash BYTEA NOT NULL
);

CREATE INDEX entries_by_user ON entries (user_id, occurred_at, sequence);

-- Where the chain ends. One row, changed in the commit that adds entries.
CREATE TABLE chain_head (
    id BIGINT PRIMARY KEY CHECK (id = 1),
    sequence BIGINT NOT NULL,
    hash BYTEA NOT NULL
);

-- What owners hid from their own list. The trail itself keeps it.
CREATE TABLE hidden_entries (
    history_id TEXT PRIMARY KEY REFERENCES entries (history_id),
    hidden_by TEXT NOT NULL,
    hidden_at BIGINT NOT NULL
);
