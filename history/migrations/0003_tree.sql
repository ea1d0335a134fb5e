-- The Merkle tree over all entries. A row for each leaf (entry n is leaf n - 1) with the hashes of all complete subtrees
-- that end with it, lowest first, 32 bytes each: two on average. None of them ever changes.
CREATE TABLE tree_nodes (
    leaf BIGINT PRIMARY KEY,
    hashes BYTEA NOT NULL
);

-- What was signed of the tree, one for each size that was signed for. `note` is the whole signed text.
CREATE TABLE checkpoints (
    tree_size BIGINT PRIMARY KEY,
    created_at BIGINT NOT NULL,
    note TEXT NOT NULL
);
