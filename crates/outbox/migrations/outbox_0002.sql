-- Whose message it is, where many share a lane: what stands before the first slash of its key. A receiver that is slow, or whose
-- messages are many, must not hold up the others, so the table is asked for each receiver's messages by themselves.
ALTER TABLE outbox ADD COLUMN receiver TEXT NOT NULL DEFAULT '';
DROP INDEX outbox_due;
CREATE INDEX outbox_due ON outbox (lane, state, receiver, next_attempt_at, message_id);

-- Receivers that asked for a rest: until then nothing of theirs goes out. `strikes` counts such answers in a row.
CREATE TABLE outbox_pauses (
    lane TEXT NOT NULL,
    receiver TEXT NOT NULL,
    strikes BIGINT NOT NULL,
    paused_until BIGINT NOT NULL,
    PRIMARY KEY (lane, receiver)
);
