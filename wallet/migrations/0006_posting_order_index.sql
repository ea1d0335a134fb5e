-- With what is summed up along it: an opening balance, a month's sums and the proof of the books read nothing else.
CREATE INDEX postings_by_account ON postings (account_id, posted_at, account_sequence, amount_minor, balance_after_minor);
