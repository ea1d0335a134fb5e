-- The service has no statement that changes or removes an entry; this keeps a tool or a later mistake from it. Engines
-- spell triggers differently, so this file is SQLite's and another engine brings its own.
CREATE TRIGGER entries_are_never_changed BEFORE UPDATE ON entries
BEGIN
    SELECT RAISE(ABORT, 'the audit trail is append-only');
END;

CREATE TRIGGER entries_are_never_removed BEFORE DELETE ON entries
BEGIN
    SELECT RAISE(ABORT, 'the audit trail is append-only');
END;
