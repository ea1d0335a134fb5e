-- Holds that must never be granted: whoever might still ask for them has given them up, before they were ever seen here.
-- An id stands in `holds` or here, never in both. Never updated, never deleted.
CREATE TABLE fenced_holds (
    hold_id TEXT PRIMARY KEY,
    fenced_at BIGINT NOT NULL
);
