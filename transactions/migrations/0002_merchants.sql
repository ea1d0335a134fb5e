-- Who is paid: how they are reached and what they agreed to. The marketplace of the configuration is the first of them.
CREATE TABLE merchants (
    merchant_id TEXT PRIMARY KEY,
    owner_user_id TEXT,
    name TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('ACTIVE', 'SUSPENDED')),
    va_prefix TEXT,
    order_url TEXT,
    notification TEXT NOT NULL CHECK (notification IN ('GRAPHQL', 'WEBHOOK', 'BOTH')),
    return_origins TEXT NOT NULL,
    signing_secret TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX merchants_of_owner ON merchants (owner_user_id, merchant_id);
CREATE UNIQUE INDEX merchants_by_prefix ON merchants (va_prefix) WHERE va_prefix IS NOT NULL;

-- What a merchant pays us, from a day on. The newest plan that has begun counts; none: nothing.
CREATE TABLE fee_plans (
    merchant_id TEXT NOT NULL REFERENCES merchants (merchant_id),
    valid_from BIGINT NOT NULL,
    basis_points BIGINT NOT NULL CHECK (basis_points BETWEEN 0 AND 10000),
    fixed_minor BIGINT NOT NULL CHECK (fixed_minor >= 0),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, valid_from)
);

-- API keys: the hash of each, and what its owner recognises it by.
CREATE TABLE api_keys (
    key_id TEXT PRIMARY KEY,
    merchant_id TEXT NOT NULL REFERENCES merchants (merchant_id),
    name TEXT NOT NULL,
    hint TEXT NOT NULL,
    key_hash BYTEA NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    revoked_at BIGINT
);
CREATE INDEX api_keys_of_merchant ON api_keys (merchant_id, key_id);

-- The same key with the same input is the same thing, for ever. `input` is JSON with one field per input of the operation.
CREATE TABLE merchant_requests (
    merchant_id TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    operation TEXT NOT NULL,
    input TEXT NOT NULL,
    result_id TEXT NOT NULL,
    PRIMARY KEY (merchant_id, idempotency_key)
);

-- Bills that were opened with us: by a merchant, by `generateInvoiceVA`, or from a marketplace's bill when its buyer comes to pay.
-- `va_key` is the number in capital letters: one bill must not exist under two spellings.
CREATE TABLE payment_sessions (
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
    state TEXT NOT NULL CHECK (state IN ('OPEN', 'AUTHORIZED', 'PAID', 'EXPIRED', 'CANCELLED')),
    transaction_id TEXT,
    version BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    paid_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX payment_sessions_of_order ON payment_sessions (merchant_id, order_id) WHERE order_id IS NOT NULL;
CREATE INDEX payment_sessions_of_merchant ON payment_sessions (merchant_id, session_id);
CREATE INDEX payment_sessions_of_state ON payment_sessions (merchant_id, state, session_id);
CREATE INDEX payment_sessions_open ON payment_sessions (expires_at) WHERE state = 'OPEN';

-- Who gets how much of a session's amount. They sum to it; none means that the session's merchant gets all.
CREATE TABLE session_splits (
    session_id TEXT NOT NULL REFERENCES payment_sessions (session_id),
    position BIGINT NOT NULL,
    wallet_id TEXT NOT NULL,
    merchant_id TEXT,
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    PRIMARY KEY (session_id, position)
);

-- Invoices were bills of ours before there were sessions; their digits name them.
INSERT INTO payment_sessions (session_id, merchant_id, source, va_number, va_key, amount_minor, currency, description, items,
        metadata, capture_mode, state, version, expires_at, created_at, updated_at)
    SELECT 'cks_' || SUBSTR('00000000000000000000000000', 1, 26 - LENGTH(SUBSTR(va_number, 8))) || SUBSTR(va_number, 8),
        invoices.merchant_id, 'INVOICE', va_number, UPPER(va_number), amount_minor, currency, description, '[]', '[]', 'AUTOMATIC',
        CASE WHEN EXISTS (SELECT 1 FROM bill_claims WHERE bill_claims.merchant_id = invoices.merchant_id
            AND bill_claims.va_number = UPPER(invoices.va_number) AND bill_claims.state = 'PAID') THEN 'PAID' ELSE 'OPEN' END,
        1, expires_at, created_at, created_at
    FROM invoices;
DROP TABLE invoices;

-- Payments learn to be authorized first and captured later, so their states are more. The rows move to a new table, because a
-- CHECK cannot be changed in place; sagas, which refer to them, move with them.
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
    status TEXT NOT NULL CHECK (status IN ('PENDING', 'AUTHORIZED', 'SUCCESS', 'FAILED', 'VOIDED', 'EXPIRED')),
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
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
-- A payment of an invoice belongs to the session that the invoice became, also one that is still under way: it pays it.
INSERT INTO payments (transaction_id, user_id, wallet_id, target_wallet_id, merchant_id, session_id, amount_minor, currency, kind, status,
        capture_mode, fee_minor, captured_minor, refunded_minor, va_number, description, failure_code, failure_reason, paid_at, created_at, updated_at)
    SELECT transaction_id, user_id, wallet_id, target_wallet_id, merchant_id,
        (SELECT session_id FROM payment_sessions WHERE payment_sessions.merchant_id = transactions.merchant_id
            AND payment_sessions.va_key = UPPER(transactions.va_number)),
        amount_minor, currency, kind, status,
        'AUTOMATIC', 0, CASE WHEN kind = 'PAYMENT' AND status = 'SUCCESS' THEN amount_minor ELSE 0 END, 0,
        va_number, description, failure_code, failure_reason, CASE WHEN status = 'SUCCESS' THEN updated_at END, created_at, updated_at
    FROM transactions;
UPDATE payment_sessions SET transaction_id = (SELECT bill_claims.transaction_id FROM bill_claims
        WHERE bill_claims.merchant_id = payment_sessions.merchant_id AND bill_claims.va_number = payment_sessions.va_key)
    WHERE state = 'PAID';
UPDATE payment_sessions SET paid_at = (SELECT payments.paid_at FROM payments
        WHERE payments.transaction_id = payment_sessions.transaction_id)
    WHERE state = 'PAID';
CREATE TABLE payment_sagas (
    transaction_id TEXT PRIMARY KEY REFERENCES payments (transaction_id),
    facts TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    next_attempt_at BIGINT NOT NULL,
    last_error TEXT,
    created_at BIGINT NOT NULL
);
INSERT INTO payment_sagas (transaction_id, facts, attempts, next_attempt_at, last_error, created_at)
    SELECT transaction_id, facts, attempts, next_attempt_at, last_error, created_at FROM sagas;
DROP TABLE sagas;
DROP TABLE transactions;
ALTER TABLE payments RENAME TO transactions;
ALTER TABLE payment_sagas RENAME TO sagas;
CREATE INDEX sagas_due ON sagas (next_attempt_at);
CREATE INDEX transactions_of_user ON transactions (user_id, transaction_id);
CREATE INDEX transactions_of_merchant ON transactions (merchant_id, transaction_id) WHERE merchant_id IS NOT NULL;
-- Only refusals are counted by time; successes need not pay for an index.
CREATE INDEX transactions_failed ON transactions (user_id, updated_at) WHERE status = 'FAILED';
-- Merchants look for what did not simply succeed; successes need not pay for an index.
CREATE INDEX transactions_of_merchant_by_status ON transactions (merchant_id, status, transaction_id)
    WHERE merchant_id IS NOT NULL AND status NOT IN ('SUCCESS', 'PENDING');
-- Authorizations end by themselves.
CREATE INDEX transactions_authorized ON transactions (hold_expires_at) WHERE status = 'AUTHORIZED';

-- What happens to a payment afterwards: captures, voids, refunds. A PENDING one is a saga that is not finished.
CREATE TABLE payment_operations (
    operation_id TEXT PRIMARY KEY,
    transaction_id TEXT NOT NULL REFERENCES transactions (transaction_id),
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
CREATE INDEX payment_operations_of_payment ON payment_operations (transaction_id, operation_id);
CREATE INDEX payment_operations_due ON payment_operations (next_attempt_at) WHERE state = 'PENDING';

-- Whose part of an operation is how large, before fees. They sum to the operation's amount.
CREATE TABLE operation_shares (
    operation_id TEXT NOT NULL REFERENCES payment_operations (operation_id),
    position BIGINT NOT NULL,
    wallet_id TEXT NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    PRIMARY KEY (operation_id, position)
);

-- Money on its way from a merchant's wallet to its bank account.
CREATE TABLE payouts (
    payout_id TEXT PRIMARY KEY,
    merchant_id TEXT NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    currency TEXT NOT NULL,
    bank_code TEXT NOT NULL,
    account_number TEXT NOT NULL,
    account_name TEXT NOT NULL,
    description TEXT,
    state TEXT NOT NULL CHECK (state IN ('PENDING', 'IN_TRANSIT', 'RETURNING', 'PAID', 'FAILED')),
    return_transfer_id TEXT NOT NULL,
    bank_reference TEXT,
    failure_code TEXT,
    failure_reason TEXT,
    attempts BIGINT NOT NULL,
    next_attempt_at BIGINT NOT NULL,
    last_error TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX payouts_of_merchant ON payouts (merchant_id, payout_id);
CREATE INDEX payouts_unfinished ON payouts (next_attempt_at) WHERE state IN ('PENDING', 'IN_TRANSIT', 'RETURNING');

-- Where merchants take webhooks. An empty list of events means all of them.
CREATE TABLE webhook_endpoints (
    endpoint_id TEXT PRIMARY KEY,
    merchant_id TEXT NOT NULL REFERENCES merchants (merchant_id),
    url TEXT NOT NULL,
    events TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('ENABLED', 'DISABLED', 'DELETED')),
    disabled_reason TEXT,
    secret TEXT NOT NULL,
    previous_secret TEXT,
    previous_secret_until BIGINT,
    failing_since BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX webhook_endpoints_of_merchant ON webhook_endpoints (merchant_id, endpoint_id);

-- What happened, in the order in which it was committed. The sequence of a subject (a session, a bill, a payout) has no gap.
CREATE TABLE events (
    event_number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id TEXT NOT NULL UNIQUE,
    merchant_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    type TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (merchant_id, subject, sequence)
);
CREATE INDEX events_of_merchant ON events (merchant_id, event_number);

-- Every attempt to deliver an event, for whoever wants to know why something did not arrive.
CREATE TABLE webhook_attempts (
    attempt_number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id TEXT NOT NULL,
    endpoint_id TEXT NOT NULL,
    merchant_id TEXT NOT NULL,
    attempted_at BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    status BIGINT,
    latency_ms BIGINT NOT NULL,
    response_excerpt TEXT
);
CREATE INDEX webhook_attempts_of_endpoint ON webhook_attempts (endpoint_id, attempt_number);
CREATE INDEX webhook_attempts_of_event ON webhook_attempts (event_id, attempt_number);
