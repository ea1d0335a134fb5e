-- As for entries: there is no statement in the service that would need these.
CREATE TRIGGER tree_nodes_are_never_changed BEFORE UPDATE ON tree_nodes
BEGIN
    SELECT RAISE(ABORT, 'the tree is append-only');
END;

CREATE TRIGGER tree_nodes_are_never_removed BEFORE DELETE ON tree_nodes
BEGIN
    SELECT RAISE(ABORT, 'the tree is append-only');
END;

CREATE TRIGGER checkpoints_are_never_changed BEFORE UPDATE ON checkpoints
BEGIN
    SELECT RAISE(ABORT, 'checkpoints are append-only');
END;

CREATE TRIGGER checkpoints_are_never_removed BEFORE DELETE ON checkpoints
BEGIN
    SELECT RAISE(ABORT, 'checkpoints are append-only');
END;
