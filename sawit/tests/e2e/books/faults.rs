//! A fault for every rule, and more than one where a rule says more than one thing. Each is a statement that is run behind the
//! provider's back, on one of its files.

const WALLETS: &str = "wallets";
const TRANSACTIONS: &str = "transactions";
const HISTORY: &str = "history";

/// What a rule finds, and the faults (a file and what happens to it) that it must find.
pub type Rule = (&'static str, &'static [(&'static str, &'static str)]);

/// The ledger, and what transactions and payouts have to do with it.
pub const BOOKS: &[Rule] = &[
    (
        "I1: a currency whose postings do not sum to zero",
        &[(WALLETS, "UPDATE postings SET amount_minor = amount_minor + 1 WHERE rowid = 1")],
    ),
    (
        "I1: a transfer whose postings do not sum to zero",
        // The currency's sum stays.
        &[(WALLETS, "UPDATE postings SET transfer_id = 'xfr_9' WHERE rowid = 1")],
    ),
    (
        "I1: a balance that is not the sum of its postings",
        &[
            (WALLETS, "UPDATE accounts SET balance_minor = balance_minor + 1"),
            (WALLETS, "DELETE FROM postings"),
        ],
    ),
    (
        "I1: a posting that does not follow from the one before it on its account",
        &[
            (
                WALLETS,
                "UPDATE postings SET balance_after_minor = balance_after_minor + 1 WHERE account_sequence = 1",
            ),
            (WALLETS, "UPDATE postings SET account_sequence = account_sequence + 1"),
        ],
    ),
    (
        "I1: an account that does not know how many postings it has",
        &[(WALLETS, "UPDATE accounts SET postings = postings + 1")],
    ),
    (
        "I1: a wallet that is negative, or holds more than it has",
        &[
            (WALLETS, "UPDATE accounts SET balance_minor = -1, held_minor = -1 WHERE kind = 'MERCHANT'"),
            (WALLETS, "UPDATE accounts SET held_minor = balance_minor + 1 WHERE kind = 'USER'"),
        ],
    ),
    (
        "I1: a held amount that is not the sum of the pending holds",
        &[
            (WALLETS, "UPDATE accounts SET held_minor = held_minor + 5 WHERE kind = 'USER'"),
            (WALLETS, "DELETE FROM holds WHERE state = 'PENDING'"),
        ],
    ),
    (
        "I2: a SUCCESS whose transfer is not in the ledger",
        &[
            (WALLETS, "UPDATE transfers SET state = 'REFUSED' WHERE kind = 'PAYMENT'"),
            (TRANSACTIONS, "UPDATE transactions SET status = 'SUCCESS' WHERE status = 'FAILED'"),
        ],
    ),
    (
        "I2: a SUCCESS whose transfer moved another amount",
        &[
            (
                WALLETS,
                "DELETE FROM postings WHERE transfer_id IN (SELECT transfer_id FROM transfers WHERE kind = 'PAYMENT')",
            ),
            (
                TRANSACTIONS,
                "UPDATE transactions SET amount_minor = amount_minor + 1 WHERE status = 'SUCCESS'",
            ),
        ],
    ),
    (
        "I2: a finished transaction that is not in its user's history exactly once, nor on its way there",
        &[
            (HISTORY, "DELETE FROM entries WHERE kind = 'TRANSFER' AND direction = 'OUT'"),
            (HISTORY, "DELETE FROM entries WHERE status = 'FAILED'"),
            (HISTORY, "UPDATE entries SET user_id = 'usr_9' WHERE kind = 'DEPOSIT'"),
            (HISTORY, "UPDATE entries SET amount = amount + 1 WHERE kind = 'DEPOSIT'"),
            (
                HISTORY,
                "INSERT INTO entries SELECT sequence + 1000, version, history_id || '9', entry_key || '9', transaction_id, user_id,
                     amount, currency, kind, status, va_number, direction, wallet_id, counterparty, failure_code, occurred_at,
                     recorded_at, hash FROM entries WHERE kind = 'DEPOSIT'",
            ),
        ],
    ),
    (
        "I2: a transfer that is not in its receiver's history exactly once, nor on its way there",
        &[
            (HISTORY, "DELETE FROM entries WHERE kind = 'TRANSFER' AND direction = 'IN'"),
            (HISTORY, "UPDATE entries SET user_id = 'usr_9' WHERE kind = 'TRANSFER' AND direction = 'IN'"),
            (HISTORY, "UPDATE entries SET amount = amount + 1 WHERE kind = 'TRANSFER' AND direction = 'IN'"),
            (HISTORY, "UPDATE entries SET direction = 'OUT' WHERE kind = 'TRANSFER'"),
        ],
    ),
    (
        "I2: an end of a transaction in the history that did not come, or in the history of somebody else",
        &[
            (HISTORY, "UPDATE entries SET status = 'SUCCESS' WHERE status = 'FAILED'"),
            (HISTORY, "UPDATE entries SET status = 'FAILED' WHERE status = 'REVIEW'"),
            (HISTORY, "UPDATE entries SET user_id = 'usr_9' WHERE kind = 'PAYMENT' AND status = 'FAILED'"),
            (HISTORY, "UPDATE entries SET user_id = 'usr_9' WHERE kind = 'TRANSFER' AND direction = 'IN'"),
        ],
    ),
    (
        "I3: a FAILED transaction whose transfer is in the ledger (or one that only captures should have moved)",
        &[
            (
                TRANSACTIONS,
                "UPDATE transactions SET status = 'FAILED' WHERE status = 'SUCCESS' AND kind = 'PAYMENT'",
            ),
            (TRANSACTIONS, "UPDATE transactions SET capture_mode = 'MANUAL' WHERE kind = 'TRANSFER'"),
        ],
    ),
    (
        "I2: a payment in the ledger that no transaction asked for",
        &[(TRANSACTIONS, "DELETE FROM transactions WHERE kind = 'TRANSFER'")],
    ),
    (
        "I2: a PENDING transaction that nobody will take up",
        &[(TRANSACTIONS, "UPDATE transactions SET status = 'PENDING' WHERE status = 'FAILED'")],
    ),
    (
        "I2: a payout on its way, or arrived, that did not leave its merchant's wallet once and in full",
        &[(
            TRANSACTIONS,
            "UPDATE payouts SET amount_minor = amount_minor + 1 WHERE state = 'IN_TRANSIT'",
        )],
    ),
    (
        "I2: a payout on its way, or arrived, whose money is back",
        &[(TRANSACTIONS, "UPDATE payouts SET state = 'PAID' WHERE state = 'FAILED'")],
    ),
    (
        "I3: a FAILED payout whose money is not in its merchant's wallet",
        &[(TRANSACTIONS, "UPDATE payouts SET state = 'FAILED' WHERE state = 'PAID'")],
    ),
    (
        "I2: a payout in the ledger that nobody asked for",
        &[(TRANSACTIONS, "DELETE FROM payouts WHERE state = 'PAID'")],
    ),
    (
        "I2: a return in the ledger of which no payout knows",
        &[
            (TRANSACTIONS, "UPDATE payouts SET return_transfer_id = 'xfr_9' WHERE state = 'FAILED'"),
            (TRANSACTIONS, "UPDATE payouts SET state = 'PENDING' WHERE state = 'FAILED'"),
        ],
    ),
    (
        "I2: an unfinished payout that nobody will take up within a day",
        &[(
            TRANSACTIONS,
            "UPDATE payouts SET next_attempt_at = 9000000000000000 WHERE state = 'IN_TRANSIT'",
        )],
    ),
    (
        "I4: a bill that was paid twice",
        // A bill is one in whatever letters.
        &[(
            TRANSACTIONS,
            "UPDATE transactions SET status = 'SUCCESS', va_number = CASE status WHEN 'FAILED' THEN 'ds-1' ELSE 'DS-1' END
             WHERE kind = 'PAYMENT'",
        )],
    ),
    (
        "I2: events of a subject whose numbers have a gap",
        &[
            (TRANSACTIONS, "DELETE FROM events WHERE sequence = 1"),
            (TRANSACTIONS, "DELETE FROM events WHERE sequence = 2"),
        ],
    ),
    (
        "I4: a history entry that stands there twice",
        // The file keeps keys apart, so this is a file without that.
        &[(
            HISTORY,
            "CREATE TABLE more AS SELECT * FROM entries;
             INSERT INTO more SELECT * FROM entries WHERE sequence = 1; DROP TABLE hidden_entries;
             DROP TABLE entries; ALTER TABLE more RENAME TO entries",
        )],
    ),
];

/// What happens to payments after they were authorized or paid.
pub const OPERATIONS: &[Rule] = &[
    (
        "I2: a payment whose fee is not the one it was begun with",
        &[(
            TRANSACTIONS,
            "UPDATE transactions SET fee_minor = fee_minor + 1 WHERE kind = 'PAYMENT'",
        )],
    ),
    (
        "I2: a capture or refund that succeeded and did not move its amount",
        &[
            (WALLETS, "UPDATE transfers SET state = 'REFUSED' WHERE kind = 'CAPTURE'"),
            (WALLETS, "UPDATE transfers SET state = 'REFUSED' WHERE kind = 'REFUND'"),
        ],
    ),
    (
        "I2: a capture whose fee is not the one it was begun with",
        &[(
            TRANSACTIONS,
            "UPDATE payment_operations SET fee_minor = fee_minor + 1 WHERE kind = 'CAPTURE'",
        )],
    ),
    (
        "I2: a wallet that gave back another part of a refund than its own",
        &[(TRANSACTIONS, "UPDATE operation_shares SET wallet_id = 'wal_9'")],
    ),
    (
        "I2: a capture or refund whose parts do not sum to its amount",
        &[
            (
                TRANSACTIONS,
                "UPDATE operation_shares SET amount_minor = amount_minor + 1",
            ),
            (TRANSACTIONS, "DELETE FROM operation_shares"),
        ],
    ),
    (
        "I3: a FAILED operation whose transfer is in the ledger",
        &[
            (
                TRANSACTIONS,
                "UPDATE payment_operations SET state = 'FAILED' WHERE kind = 'REFUND'",
            ),
            (
                TRANSACTIONS,
                "UPDATE payment_operations SET state = 'FAILED' WHERE kind = 'CAPTURE'",
            ),
        ],
    ),
    (
        "I2: a captured amount that is not the sum of its captures",
        &[
            (
                TRANSACTIONS,
                "UPDATE transactions SET captured_minor = captured_minor - 1 WHERE capture_mode = 'MANUAL'",
            ),
            (
                TRANSACTIONS,
                "UPDATE transactions SET captured_minor = 0 WHERE capture_mode = 'AUTOMATIC'",
            ),
        ],
    ),
    (
        "I2: a refunded amount that is not the sum of its refunds",
        &[(
            TRANSACTIONS,
            "UPDATE transactions SET refunded_minor = refunded_minor + 1",
        )],
    ),
    (
        "I2: a payment of which more is captured or refunded (or about to be) than there is",
        &[
            (
                TRANSACTIONS,
                "UPDATE payment_operations SET amount_minor = 1000001 WHERE kind = 'CAPTURE'",
            ),
            (
                TRANSACTIONS,
                "UPDATE payment_operations SET amount_minor = 1000001, state = 'PENDING' WHERE kind = 'REFUND'",
            ),
        ],
    ),
    (
        "I2: a wallet of which more was refunded (or is about to be) than it was paid",
        &[
            (
                TRANSACTIONS,
                "UPDATE operation_shares SET amount_minor = 600001 WHERE amount_minor = 50000",
            ),
            (
                TRANSACTIONS,
                "UPDATE operation_shares SET amount_minor = 100001 WHERE amount_minor = 30000",
            ),
            // Wallets that were paid nothing: of a payment that is its merchant's alone, and of one that was split.
            (
                TRANSACTIONS,
                "UPDATE operation_shares SET wallet_id = 'wal_9' WHERE amount_minor = 50000",
            ),
            (
                TRANSACTIONS,
                "UPDATE operation_shares SET wallet_id = 'wal_9' WHERE amount_minor = 30000",
            ),
            (
                TRANSACTIONS,
                "INSERT INTO session_splits (session_id, position, wallet_id, amount_minor)
                 SELECT session_id, 0, 'wal_9', amount_minor FROM transactions WHERE session_id IS NOT NULL",
            ),
        ],
    ),
    (
        "I2: a capture or refund in the ledger that no operation asked for",
        &[
            (TRANSACTIONS, "DELETE FROM payment_operations WHERE kind = 'CAPTURE'"),
            (TRANSACTIONS, "DELETE FROM payment_operations WHERE kind = 'REFUND'"),
            (WALLETS, "UPDATE transfers SET kind = 'CAPTURE' WHERE kind = 'REFUND'"),
        ],
    ),
    (
        "I2: a PENDING operation that nobody will take up within a day",
        &[(
            TRANSACTIONS,
            "UPDATE payment_operations SET state = 'PENDING', next_attempt_at = 9000000000000000 WHERE kind = 'REFUND'",
        )],
    ),
    (
        "I2: an AUTHORIZED payment whose money is not held, or of which the ledger captured another amount",
        &[
            (WALLETS, "DELETE FROM holds WHERE amount_minor = 300000"),
            (WALLETS, "UPDATE holds SET state = 'VOIDED' WHERE amount_minor = 300000"),
            (
                WALLETS,
                "UPDATE holds SET captured_minor = 1 WHERE amount_minor = 300000",
            ),
            (
                WALLETS,
                "UPDATE holds SET amount_minor = 300001 WHERE amount_minor = 300000",
            ),
        ],
    ),
    (
        "I3: a payment that is over and whose money is still held",
        &[
            (WALLETS, "UPDATE holds SET state = 'PENDING' WHERE captured_minor > 0"),
            (
                TRANSACTIONS,
                "UPDATE transactions SET status = 'FAILED' WHERE status = 'REVIEW'",
            ),
            (TRANSACTIONS, "DELETE FROM transactions WHERE status = 'AUTHORIZED'"),
        ],
    ),
    (
        "I3: a payment that failed, was voided or has expired, and moved money",
        &[
            (
                TRANSACTIONS,
                "UPDATE transactions SET status = 'VOIDED' WHERE capture_mode = 'MANUAL'",
            ),
            (
                TRANSACTIONS,
                "UPDATE transactions SET status = 'EXPIRED', captured_minor = 0, refunded_minor = 0
                 WHERE capture_mode = 'MANUAL'",
            ),
        ],
    ),
    (
        "I2: a capture or refund that is not in its payer's history exactly once, nor on its way there",
        &[
            (HISTORY, "DELETE FROM entries WHERE kind = 'CAPTURE'"),
            (HISTORY, "DELETE FROM entries WHERE kind = 'REFUND'"),
            (HISTORY, "UPDATE entries SET user_id = 'usr_9' WHERE kind = 'REFUND'"),
            (
                HISTORY,
                "UPDATE entries SET transaction_id = 'trx_9' WHERE kind = 'REFUND'",
            ),
            (HISTORY, "UPDATE entries SET amount = amount + 1 WHERE kind = 'REFUND'"),
        ],
    ),
    (
        "I2: a capture or refund in the history that did not happen",
        &[
            (
                TRANSACTIONS,
                "UPDATE payment_operations SET state = 'FAILED' WHERE kind = 'REFUND'",
            ),
            (
                HISTORY,
                "UPDATE entries SET entry_key = entry_key || '9' WHERE kind = 'CAPTURE'",
            ),
        ],
    ),
    (
        "I2: an authorization that is not in its payer's history exactly once, nor on its way there",
        &[
            // One that is still AUTHORIZED, and one that went on from there.
            (
                HISTORY,
                "DELETE FROM entries WHERE status = 'AUTHORIZED' AND amount = 300000",
            ),
            (
                HISTORY,
                "DELETE FROM entries WHERE status = 'AUTHORIZED' AND amount = 1000000",
            ),
            (
                HISTORY,
                "UPDATE entries SET user_id = 'usr_9' WHERE status = 'AUTHORIZED'",
            ),
            (
                HISTORY,
                "UPDATE entries SET amount = amount + 1 WHERE status = 'AUTHORIZED'",
            ),
        ],
    ),
    (
        "I2: held money that was let go and is not in its payer's history exactly once, nor on its way there",
        &[
            (HISTORY, "DELETE FROM entries WHERE status = 'VOIDED'"),
            (HISTORY, "UPDATE entries SET user_id = 'usr_9' WHERE status = 'VOIDED'"),
            (
                HISTORY,
                "UPDATE entries SET amount = amount + 1 WHERE status = 'VOIDED'",
            ),
            (
                HISTORY,
                "UPDATE entries SET status = 'EXPIRED' WHERE status = 'AUTHORIZED'",
            ),
        ],
    ),
];

/// Payments that a person must look at.
pub const REVIEWS: &[Rule] = &[
    (
        "I2: a REVIEW whose money is not held, exactly",
        &[
            (WALLETS, "DELETE FROM holds WHERE amount_minor = 700000"),
            (WALLETS, "UPDATE holds SET state = 'VOIDED' WHERE amount_minor = 700000"),
            (WALLETS, "UPDATE holds SET amount_minor = 700001 WHERE amount_minor = 700000"),
            (WALLETS, "UPDATE holds SET captured_minor = 1 WHERE amount_minor = 700000"),
            (WALLETS, "UPDATE holds SET account_id = 'wal_9' WHERE amount_minor = 700000"),
        ],
    ),
    (
        "I2: a REVIEW that nobody can decide and nobody carries out, or that both can",
        &[
            (TRANSACTIONS, "DELETE FROM reviews"),
            (TRANSACTIONS, "UPDATE reviews SET state = 'APPROVED' WHERE state = 'OPEN'"),
            (
                TRANSACTIONS,
                "INSERT INTO sagas (transaction_id, facts, attempts, next_attempt_at, created_at)
                 SELECT transaction_id, facts, 0, 0, 0 FROM reviews WHERE state = 'OPEN'",
            ),
        ],
    ),
    (
        "I2: an open review of a transaction that is not in REVIEW",
        &[(TRANSACTIONS, "UPDATE transactions SET status = 'FAILED' WHERE status = 'REVIEW'")],
    ),
    (
        "I3: a REVIEW whose transfer is in the ledger although nobody approved it",
        &[(
            WALLETS,
            "INSERT INTO transfers (transfer_id, state, kind, created_at)
             SELECT 'xfr' || SUBSTR(hold_id, 4), 'POSTED', 'TRANSFER', created_at FROM holds WHERE amount_minor = 700000",
        )],
    ),
    (
        "I4: a bill whose payment is under review and that somebody else could pay",
        &[
            (TRANSACTIONS, "DELETE FROM bill_claims WHERE state = 'PENDING'"),
            (TRANSACTIONS, "UPDATE bill_claims SET transaction_id = 'trx_9'"),
        ],
    ),
    (
        "I2: a session in REVIEW whose payment is not, or the other way round",
        &[
            (TRANSACTIONS, "UPDATE transactions SET status = 'FAILED' WHERE status = 'REVIEW'"),
            (TRANSACTIONS, "UPDATE payment_sessions SET transaction_id = NULL WHERE state = 'REVIEW'"),
            (TRANSACTIONS, "UPDATE payment_sessions SET state = 'OPEN' WHERE state = 'REVIEW'"),
        ],
    ),
    (
        "I2: a review that is not in its payer's history exactly once, nor on its way there",
        &[
            // A payment and a transfer.
            (HISTORY, "DELETE FROM entries WHERE status = 'REVIEW' AND amount = 600000"),
            (HISTORY, "DELETE FROM entries WHERE status = 'REVIEW' AND amount = 700000"),
            (HISTORY, "UPDATE entries SET user_id = 'usr_9' WHERE status = 'REVIEW'"),
            (HISTORY, "UPDATE entries SET amount = amount + 1 WHERE status = 'REVIEW'"),
        ],
    ),
];
