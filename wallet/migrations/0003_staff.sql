-- Staff page through the wallets of one status.
CREATE INDEX accounts_by_status ON accounts (status, account_id);
