-- Accounts: users' and merchants' wallets, and the provider's own (bank clearing, fees).
CREATE TABLE accounts (
    account_id TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('USER', 'MERCHANT', 'FEES', 'BANK_CLEARING')),
    owner_id TEXT NOT NULL,
    name TEXT NOT NULL,
    currency TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('ACTIVE', 'FROZEN', 'CLOSED')),
    balance_minor BIGINT NOT NULL,
    held_minor BIGINT NOT NULL CHECK (held_minor >= 0),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CHECK (kind = 'BANK_CLEARING' OR (balance_minor >= 0 AND held_minor <= balance_minor))
);
CREATE INDEX accounts_by_owner ON accounts (owner_id, account_id);

-- Every transfer that was asked for, with its answer: asked again, it gets the same one. Never updated, never deleted.
CREATE TABLE transfers (
    transfer_id TEXT PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('POSTED', 'REFUSED')),
    refusal TEXT,
    kind TEXT NOT NULL,
    hold_id TEXT,
    input_hash BYTEA,
    created_at BIGINT NOT NULL
);

-- What a posted transfer moved. The postings of a transfer sum to zero. Never updated, never deleted.
CREATE TABLE postings (
    transfer_id TEXT NOT NULL REFERENCES transfers (transfer_id),
    position BIGINT NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (account_id),
    amount_minor BIGINT NOT NULL CHECK (amount_minor <> 0),
    balance_after_minor BIGINT NOT NULL,
    PRIMARY KEY (transfer_id, position)
);
CREATE INDEX postings_by_account ON postings (account_id, transfer_id);

-- Pending transfers: money that its owner still has but cannot spend.
CREATE TABLE holds (
    hold_id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    captured_minor BIGINT NOT NULL CHECK (captured_minor BETWEEN 0 AND amount_minor),
    state TEXT NOT NULL CHECK (state IN ('PENDING', 'CAPTURED', 'VOIDED', 'EXPIRED', 'REFUSED')),
    refusal TEXT,
    input_hash BYTEA,
    expires_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX holds_by_expiry ON holds (state, expires_at);

-- Idempotency keys of operators and owners who move money by hand.
CREATE TABLE manual_moves (
    caller_id TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    transfer_id TEXT NOT NULL,
    PRIMARY KEY (caller_id, idempotency_key)
);
