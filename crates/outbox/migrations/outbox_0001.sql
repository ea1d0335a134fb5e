-- What was committed and still has to be told to somebody. A row is deleted when its receiver has acknowledged it.
CREATE TABLE outbox (
    message_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    lane TEXT NOT NULL,
    ordering_key TEXT NOT NULL,
    payload TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('WAITING', 'PARKED')),
    attempts BIGINT NOT NULL,
    next_attempt_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    last_error TEXT
);
CREATE INDEX outbox_due ON outbox (lane, state, next_attempt_at, message_id);
CREATE INDEX outbox_order ON outbox (lane, ordering_key, message_id);
