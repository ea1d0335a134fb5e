-- Payments learn to wait for a person's word (REVIEW), and so do the sessions they pay. As in 0002, a CHECK cannot be changed in
-- place: the rows move to new tables, and so do those of the tables that refer to them. `steps` is how a payment's saga went.
CREATE TABLE payments (
    transaction_id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    wallet_id TEXT NOT NULL,
    target_wallet_id TEXT,
    merchant_id TEXT,
    session_id TEXT,
    order_id TEXT,
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    currency TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('DEPOSIT', 'PAYMENT', 'TRANSFER')),
    status TEXT NOT NULL CHECK (status IN ('PENDING', 'REVIEW', 'AUTHORIZED', 'SUCCESS', 'FAILED', 'VOIDED', 'EXPIRED')),
    capture_mode TEXT NOT NULL CHECK (capture_mode IN ('AUTOMATIC', 'MANUAL')),
    fee_minor BIGINT NOT NULL CHECK (fee_minor BETWEEN 0 AND amount_minor),
    captured_minor BIGINT NOT NULL CHECK (captured_minor BETWEEN 0 AND amount_minor),
    refunded_minor BIGINT NOT NULL CHECK (refunded_minor BETWEEN 0 AND captured_minor),
    hold_expires_at BIGINT,
    va_number TEXT,
    description TEXT,
    failure_code TEXT,
    failure_reason TEXT,
    paid_at BIGINT,
    steps TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
INSERT INTO payments (transaction_id, user_id, wallet_id, target_wallet_id, merchant_id, session_id, order_id, amount_minor, currency,
        kind, status, capture_mode, fee_minor, captured_minor, refunded_minor, hold_expires_at, va_number, description, failure_code,
        failure_reason, paid_at, created_at, updated_at)
    SELECT transaction_id, user_id, wallet_id, target_wallet_id, merchant_id, session_id, order_id, amount_minor, currency,
        kind, status, capture_mode, fee_minor, captured_minor, refunded_minor, hold_expires_at, va_number, description, failure_code,
        failure_reason, paid_at, created_at, updated_at
    FROM transactions;

CREATE TABLE payment_sagas (
    transaction_id TEXT PRIMARY KEY REFERENCES payments (transaction_id),
    facts TEXT NOT NULL,
    steps TEXT,
    attempts BIGINT NOT NULL,
    next_attempt_at BIGINT NOT NULL,
    last_error TEXT,
    created_at BIGINT NOT NULL
);
INSERT INTO payment_sagas (transaction_id, facts, attempts, next_attempt_at, last_error, created_at)
    SELECT transaction_id, facts, attempts, next_attempt_at, last_error, created_at FROM sagas;

CREATE TABLE operations (
    operation_id TEXT PRIMARY KEY,
    transaction_id TEXT NOT NULL REFERENCES payments (transaction_id),
    merchant_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('CAPTURE', 'VOID', 'REFUND')),
    state TEXT NOT NULL CHECK (state IN ('PENDING', 'SUCCEEDED', 'FAILED')),
    amount_minor BIGINT NOT NULL CHECK (amount_minor >= 0),
    fee_minor BIGINT NOT NULL CHECK (fee_minor BETWEEN 0 AND amount_minor),
    currency TEXT NOT NULL,
    is_final BIGINT NOT NULL CHECK (is_final IN (0, 1)),
    reason TEXT,
    failure_code TEXT,
    failure_reason TEXT,
    attempts BIGINT NOT NULL,
    next_attempt_at BIGINT NOT NULL,
    last_error TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
INSERT INTO operations (operation_id, transaction_id, merchant_id, kind, state, amount_minor, fee_minor, currency, is_final, reason,
        failure_code, failure_reason, attempts, next_attempt_at, last_error, created_at, updated_at)
    SELECT operation_id, transaction_id, merchant_id, kind, state, amount_minor, fee_minor, currency, is_final, reason,
        failure_code, failure_reason, attempts, next_attempt_at, last_error, created_at, updated_at
    FROM payment_operations;

CREATE TABLE shares (
    operation_id TEXT NOT NULL REFERENCES operations (operation_id),
    position BIGINT NOT NULL,
    wallet_id TEXT NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    PRIMARY KEY (operation_id, position)
);
INSERT INTO shares (operation_id, position, wallet_id, amount_minor)
    SELECT operation_id, position, wallet_id, amount_minor FROM operation_shares;

CREATE TABLE sessions (
    session_id TEXT PRIMARY KEY,
    merchant_id TEXT NOT NULL,
    source TEXT NOT NULL CHECK (source IN ('API', 'INVOICE', 'BILL')),
    order_id TEXT,
    va_number TEXT NOT NULL,
    va_key TEXT NOT NULL UNIQUE,
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    currency TEXT NOT NULL,
    description TEXT,
    items TEXT NOT NULL,
    metadata TEXT NOT NULL,
    capture_mode TEXT NOT NULL CHECK (capture_mode IN ('AUTOMATIC', 'MANUAL')),
    return_url TEXT,
    cancel_url TEXT,
    state TEXT NOT NULL CHECK (state IN ('OPEN', 'REVIEW', 'AUTHORIZED', 'PAID', 'EXPIRED', 'CANCELLED')),
    transaction_id TEXT,
    version BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    paid_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
INSERT INTO sessions (session_id, merchant_id, source, order_id, va_number, va_key, amount_minor, currency, description, items,
        metadata, capture_mode, return_url, cancel_url, state, transaction_id, version, expires_at, paid_at, created_at, updated_at)
    SELECT session_id, merchant_id, source, order_id, va_number, va_key, amount_minor, currency, description, items,
        metadata, capture_mode, return_url, cancel_url, state, transaction_id, version, expires_at, paid_at, created_at, updated_at
    FROM payment_sessions;

CREATE TABLE splits (
    session_id TEXT NOT NULL REFERENCES sessions (session_id),
    position BIGINT NOT NULL,
    wallet_id TEXT NOT NULL,
    merchant_id TEXT,
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    PRIMARY KEY (session_id, position)
);
INSERT INTO splits (session_id, position, wallet_id, merchant_id, amount_minor)
    SELECT session_id, position, wallet_id, merchant_id, amount_minor FROM session_splits;

DROP TABLE session_splits;
DROP TABLE payment_sessions;
DROP TABLE operation_shares;
DROP TABLE payment_operations;
DROP TABLE sagas;
DROP TABLE transactions;
ALTER TABLE payments RENAME TO transactions;
ALTER TABLE payment_sagas RENAME TO sagas;
ALTER TABLE operations RENAME TO payment_operations;
ALTER TABLE shares RENAME TO operation_shares;
ALTER TABLE sessions RENAME TO payment_sessions;
ALTER TABLE splits RENAME TO session_splits;

CREATE INDEX sagas_due ON sagas (next_attempt_at);
CREATE INDEX payment_operations_of_payment ON payment_operations (transaction_id, operation_id);
CREATE INDEX payment_operations_due ON payment_operations (next_attempt_at) WHERE state = 'PENDING';
CREATE UNIQUE INDEX payment_sessions_of_order ON payment_sessions (merchant_id, order_id) WHERE order_id IS NOT NULL;
CREATE INDEX payment_sessions_of_merchant ON payment_sessions (merchant_id, session_id);
CREATE INDEX payment_sessions_of_state ON payment_sessions (merchant_id, state, session_id);
CREATE INDEX payment_sessions_open ON payment_sessions (expires_at) WHERE state = 'OPEN';
CREATE INDEX transactions_of_user ON transactions (user_id, transaction_id);
CREATE INDEX transactions_of_merchant ON transactions (merchant_id, transaction_id) WHERE merchant_id IS NOT NULL;
-- A payment under way is found by its saga, so that only its end pays for an index.
CREATE INDEX transactions_of_merchant_by_status ON transactions (merchant_id, status, transaction_id)
    WHERE merchant_id IS NOT NULL AND status <> 'PENDING';
-- Only refusals are counted by time; successes need not pay for an index.
CREATE INDEX transactions_failed ON transactions (user_id, updated_at) WHERE status = 'FAILED';
-- Authorizations end by themselves.
CREATE INDEX transactions_authorized ON transactions (hold_expires_at) WHERE status = 'AUTHORIZED';
-- What staff look for among all: the rare statuses and kinds (the usual ones are found by looking anywhere), a bill, a receiver.
CREATE INDEX transactions_by_status ON transactions (status, transaction_id) WHERE status NOT IN ('SUCCESS', 'PENDING');
CREATE INDEX transactions_by_kind ON transactions (kind, transaction_id) WHERE kind <> 'PAYMENT';
CREATE INDEX transactions_of_bill ON transactions (UPPER(va_number), transaction_id) WHERE va_number IS NOT NULL;
CREATE INDEX transactions_to_wallet ON transactions (target_wallet_id, transaction_id) WHERE target_wallet_id IS NOT NULL;

-- What became of payments that the fraud check wants a person to look at. `facts` are those of the saga, which goes on with them when
-- the word has come; a word that comes before the money is held has none yet.
CREATE TABLE reviews (
    transaction_id TEXT PRIMARY KEY REFERENCES transactions (transaction_id),
    state TEXT NOT NULL CHECK (state IN ('OPEN', 'APPROVED', 'REJECTED', 'LAPSED')),
    facts TEXT,
    case_id TEXT,
    hold_expires_at BIGINT,
    opened_at BIGINT,
    decided_at BIGINT
);
CREATE INDEX reviews_open ON reviews (hold_expires_at) WHERE state = 'OPEN';

-- How many transactions ended in a minute, and how: as a status, or as the code of a failure.
CREATE TABLE payment_minutes (
    minute_at BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    count BIGINT NOT NULL,
    volume_minor BIGINT NOT NULL,
    PRIMARY KEY (minute_at, outcome)
);
