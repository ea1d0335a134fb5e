-- Two roles more. A column's CHECK cannot be changed where it stands, so the column is made anew.
ALTER TABLE users RENAME COLUMN role TO former_role;
ALTER TABLE users ADD COLUMN role TEXT NOT NULL DEFAULT 'Nasabah'
    CHECK (role IN ('Nasabah', 'Merchant', 'Admin', 'FraudAnalyst', 'Support'));
UPDATE users SET role = former_role;
ALTER TABLE users DROP COLUMN former_role;

-- An IANA name; none until its owner has chosen one.
ALTER TABLE users ADD COLUMN time_zone TEXT;

-- Staff page through all accounts, those of a role, those of a status, or both.
CREATE INDEX users_by_role ON users (role, status, user_id);
CREATE INDEX users_of_role ON users (role, user_id);
CREATE INDEX users_by_status ON users (status, user_id);

-- What makes the codes of an authenticator app.
CREATE TABLE second_factors (
    user_id TEXT PRIMARY KEY REFERENCES users (user_id),
    -- Encrypted with a key of the keys folder: the file alone makes no codes.
    sealed_secret BYTEA NOT NULL,
    begun_at BIGINT NOT NULL,
    -- From then on it is asked for; none while its owner has not shown that the app has it.
    confirmed_at BIGINT,
    -- The time step of the code that was used last: it and those before are used up.
    last_step BIGINT NOT NULL
);

CREATE TABLE recovery_codes (
    user_id TEXT NOT NULL REFERENCES users (user_id),
    code_hash BYTEA NOT NULL,
    PRIMARY KEY (user_id, code_hash)
);
