-- What clients asked for. Its state changes once, from PENDING to how it ended.
CREATE TABLE transactions (
    transaction_id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    wallet_id TEXT NOT NULL,
    target_wallet_id TEXT,
    merchant_id TEXT,
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    currency TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('DEPOSIT', 'PAYMENT', 'TRANSFER')),
    status TEXT NOT NULL CHECK (status IN ('PENDING', 'SUCCESS', 'FAILED')),
    va_number TEXT,
    description TEXT,
    failure_code TEXT,
    failure_reason TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX transactions_of_user ON transactions (user_id, transaction_id);
-- Only refusals are counted by time; successes need not pay for an index.
CREATE INDEX transactions_failed ON transactions (user_id, updated_at) WHERE status = 'FAILED';

-- The same key with the same input is the same transaction, for ever.
CREATE TABLE idempotency_keys (
    user_id TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    input TEXT NOT NULL,
    transaction_id TEXT NOT NULL,
    PRIMARY KEY (user_id, idempotency_key)
);

-- Transactions that are not finished, and what is needed to go on with them. A row is deleted in the commit that finishes it.
CREATE TABLE sagas (
    transaction_id TEXT PRIMARY KEY REFERENCES transactions (transaction_id),
    facts TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    next_attempt_at BIGINT NOT NULL,
    last_error TEXT,
    created_at BIGINT NOT NULL
);
CREATE INDEX sagas_due ON sagas (next_attempt_at);

-- Who is paying (or has paid) a bill: one transaction at a time, and after it none.
CREATE TABLE bill_claims (
    merchant_id TEXT NOT NULL,
    va_number TEXT NOT NULL,
    transaction_id TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('PENDING', 'PAID')),
    PRIMARY KEY (merchant_id, va_number)
);

-- Bills that the provider itself issued for a merchant.
CREATE TABLE invoices (
    va_number TEXT PRIMARY KEY,
    merchant_id TEXT NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    currency TEXT NOT NULL,
    description TEXT,
    expires_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

-- Users who cleared their list: it begins behind this transaction. The transactions themselves stay.
CREATE TABLE cleared_lists (
    user_id TEXT PRIMARY KEY,
    cleared_up_to TEXT NOT NULL
);
