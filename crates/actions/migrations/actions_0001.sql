-- What staff did, to what, and why. Rows are added in the commit of the change itself, and never changed or removed.
CREATE TABLE admin_actions (
    action_id TEXT PRIMARY KEY,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    reason TEXT,
    detail TEXT,
    created_at BIGINT NOT NULL
);
CREATE INDEX admin_actions_by_object ON admin_actions (object, action_id);
