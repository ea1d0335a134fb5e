-- A role more. A column's CHECK cannot be changed where it stands, so the column is made anew.
ALTER TABLE users RENAME COLUMN role TO former_role;
ALTER TABLE users ADD COLUMN role TEXT NOT NULL DEFAULT 'Nasabah' CHECK (role IN ('Nasabah', 'Merchant', 'Admin'));
UPDATE users SET role = former_role;
ALTER TABLE users DROP COLUMN former_role;

-- The PIN that confirms a large payment; none until its owner has set one.
ALTER TABLE users ADD COLUMN pin_hash TEXT;
