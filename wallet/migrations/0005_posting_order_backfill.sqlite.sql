-- Postings are never deleted, so their row ids are in the order in which they were written.
UPDATE postings SET account_sequence = placed.account_sequence, posted_at = placed.posted_at
FROM (
    SELECT postings.rowid AS place,
        ROW_NUMBER() OVER own AS account_sequence,
        MAX(MAX(transfers.created_at, accounts.created_at)) OVER own AS posted_at
    FROM postings
    JOIN transfers ON transfers.transfer_id = postings.transfer_id
    JOIN accounts ON accounts.account_id = postings.account_id
    WINDOW own AS (PARTITION BY postings.account_id ORDER BY postings.rowid ROWS UNBOUNDED PRECEDING)
) AS placed
WHERE postings.rowid = placed.place;

UPDATE accounts SET last_posted_at = created_at;

UPDATE accounts SET postings = counted.postings, last_posted_at = counted.last_posted_at
FROM (
    SELECT account_id, COUNT(*) AS postings, MAX(posted_at) AS last_posted_at FROM postings GROUP BY account_id
) AS counted
WHERE accounts.account_id = counted.account_id;
