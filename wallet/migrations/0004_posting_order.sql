-- The order in which an account was written on, and a time that never runs back along it: what statements are made of.
-- `account_sequence` counts an account's postings from 1 in the order of their commits. `posted_at` is when a posting was
-- made, or the time of the account's posting before it, if the clock was set back since.
ALTER TABLE postings ADD COLUMN account_sequence BIGINT NOT NULL DEFAULT 0;
ALTER TABLE postings ADD COLUMN posted_at BIGINT NOT NULL DEFAULT 0;

-- How many postings the account has, which is the number of the last one; and the time before which no more can be made:
-- that of the last one, or when the account was opened.
ALTER TABLE accounts ADD COLUMN postings BIGINT NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN last_posted_at BIGINT NOT NULL DEFAULT 0;

DROP INDEX postings_by_account;
