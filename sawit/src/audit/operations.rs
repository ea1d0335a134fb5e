//! The rules of what happens to payments after they were authorized or paid.

/// What must never be found, as a query that counts it. What is under way is not judged: it has its own rule.
pub(super) const RULES: &[(&str, &str)] = &[
    (
        "I2: a payment whose fee is not the one it was begun with",
        "SELECT COUNT(*) FROM transactions.transactions t
         WHERE t.status = 'SUCCESS' AND t.kind = 'PAYMENT' AND t.capture_mode = 'AUTOMATIC'
           AND t.fee_minor <> COALESCE((SELECT SUM(amount_minor) FROM wallets.postings
                WHERE transfer_id = 'xfr' || SUBSTR(t.transaction_id, 4) AND +account_id = 'fees:' || t.currency), 0)",
    ),
    (
        "I2: a capture or refund that succeeded and did not move its amount",
        "SELECT COUNT(*) FROM transactions.payment_operations o JOIN transactions.transactions t USING (transaction_id)
         WHERE o.state = 'SUCCEEDED' AND o.kind IN ('CAPTURE', 'REFUND')
           AND o.amount_minor * CASE o.kind WHEN 'CAPTURE' THEN -1 ELSE 1 END
             <> COALESCE((SELECT p.amount_minor FROM wallets.postings p JOIN wallets.transfers x USING (transfer_id)
                WHERE x.state = 'POSTED' AND x.kind = o.kind AND x.transfer_id = 'xfr' || SUBSTR(o.operation_id, 4)
                  AND +p.account_id = t.wallet_id), 0)",
    ),
    (
        "I2: a capture whose fee is not the one it was begun with",
        "SELECT COUNT(*) FROM transactions.payment_operations o
         WHERE o.state = 'SUCCEEDED' AND o.kind = 'CAPTURE'
           AND o.fee_minor <> COALESCE((SELECT SUM(amount_minor) FROM wallets.postings
                WHERE transfer_id = 'xfr' || SUBSTR(o.operation_id, 4) AND +account_id = 'fees:' || o.currency), 0)",
    ),
    (
        "I2: a wallet that gave back another part of a refund than its own",
        "SELECT COUNT(*) FROM transactions.operation_shares s JOIN transactions.payment_operations o USING (operation_id)
         WHERE o.state = 'SUCCEEDED' AND o.kind = 'REFUND'
           AND -s.amount_minor <> COALESCE((SELECT SUM(amount_minor) FROM wallets.postings
                WHERE transfer_id = 'xfr' || SUBSTR(o.operation_id, 4) AND +account_id = s.wallet_id), 0)",
    ),
    (
        "I2: a capture or refund whose parts do not sum to its amount",
        "SELECT COUNT(*) FROM transactions.payment_operations o
         WHERE o.kind IN ('CAPTURE', 'REFUND') AND o.amount_minor
             <> COALESCE((SELECT SUM(amount_minor) FROM transactions.operation_shares s WHERE s.operation_id = o.operation_id), 0)",
    ),
    (
        "I3: a FAILED operation whose transfer is in the ledger",
        "SELECT COUNT(*) FROM transactions.payment_operations o
         JOIN wallets.transfers x ON x.transfer_id = 'xfr' || SUBSTR(o.operation_id, 4) AND x.state = 'POSTED'
         WHERE o.state = 'FAILED'",
    ),
    (
        "I2: a captured amount that is not the sum of its captures",
        "SELECT COUNT(*) FROM transactions.transactions t
         WHERE t.kind = 'PAYMENT' AND t.captured_minor <> CASE
             WHEN t.capture_mode = 'MANUAL' THEN COALESCE((SELECT SUM(amount_minor) FROM transactions.payment_operations o
                WHERE o.transaction_id = t.transaction_id AND o.kind = 'CAPTURE' AND o.state = 'SUCCEEDED'), 0)
             WHEN t.status = 'SUCCESS' THEN t.amount_minor ELSE 0 END",
    ),
    (
        "I2: a refunded amount that is not the sum of its refunds",
        "SELECT COUNT(*) FROM transactions.transactions t
         WHERE t.refunded_minor <> COALESCE((SELECT SUM(amount_minor) FROM transactions.payment_operations o
                WHERE o.transaction_id = t.transaction_id AND o.kind = 'REFUND' AND o.state = 'SUCCEEDED'), 0)",
    ),
    (
        "I2: a payment of which more is captured or refunded (or about to be) than there is",
        "SELECT COUNT(*) FROM transactions.transactions t
         LEFT JOIN (SELECT transaction_id, SUM(CASE kind WHEN 'CAPTURE' THEN amount_minor ELSE 0 END) AS captures,
                        SUM(CASE kind WHEN 'REFUND' THEN amount_minor ELSE 0 END) AS refunds
                    FROM transactions.payment_operations WHERE state <> 'FAILED' GROUP BY transaction_id) o USING (transaction_id)
         WHERE COALESCE(o.captures, 0) > t.amount_minor OR COALESCE(o.refunds, 0) > t.captured_minor",
    ),
    (
        "I2: a wallet of which more was refunded (or is about to be) than it was paid",
        "SELECT COUNT(*) FROM (
             SELECT o.transaction_id, s.wallet_id, SUM(s.amount_minor) AS refunded
             FROM transactions.operation_shares s JOIN transactions.payment_operations o USING (operation_id)
             WHERE o.kind = 'REFUND' AND o.state <> 'FAILED' GROUP BY o.transaction_id, s.wallet_id) r
         JOIN transactions.transactions t USING (transaction_id)
         WHERE r.refunded > CASE
             WHEN t.capture_mode = 'MANUAL' THEN COALESCE((SELECT SUM(s.amount_minor) FROM transactions.operation_shares s
                JOIN transactions.payment_operations o USING (operation_id)
                WHERE o.transaction_id = t.transaction_id AND s.wallet_id = r.wallet_id AND o.kind = 'CAPTURE' AND o.state = 'SUCCEEDED'), 0)
             WHEN EXISTS (SELECT 1 FROM transactions.session_splits p WHERE p.session_id = t.session_id)
                THEN COALESCE((SELECT SUM(p.amount_minor) FROM transactions.session_splits p
                    WHERE p.session_id = t.session_id AND p.wallet_id = r.wallet_id), 0)
             WHEN r.wallet_id = 'wal' || SUBSTR(t.merchant_id, 4) THEN t.amount_minor
             ELSE 0 END",
    ),
    (
        "I2: a capture or refund in the ledger that no operation asked for",
        "SELECT COUNT(*) FROM wallets.transfers x
         LEFT JOIN transactions.payment_operations o
             ON o.operation_id = CASE x.kind WHEN 'CAPTURE' THEN 'cap' ELSE 'rfd' END || SUBSTR(x.transfer_id, 4) AND o.kind = x.kind
         WHERE x.state = 'POSTED' AND x.kind IN ('CAPTURE', 'REFUND') AND o.operation_id IS NULL",
    ),
    (
        "I2: a PENDING operation that nobody will take up within a day",
        "SELECT COUNT(*) FROM transactions.payment_operations
         WHERE state = 'PENDING' AND next_attempt_at > (CAST(STRFTIME('%s', 'now') AS INTEGER) + 86400) * 1000000",
    ),
    (
        "I2: an AUTHORIZED payment whose money is not held, or of which the ledger captured another amount",
        "SELECT COUNT(*) FROM transactions.transactions t
         LEFT JOIN wallets.holds h ON h.hold_id = 'hld' || SUBSTR(t.transaction_id, 4)
         WHERE t.status = 'AUTHORIZED'
           AND NOT EXISTS (SELECT 1 FROM transactions.payment_operations o
                WHERE o.transaction_id = t.transaction_id AND o.state = 'PENDING' AND o.kind IN ('CAPTURE', 'VOID'))
           AND (h.hold_id IS NULL OR h.amount_minor <> t.amount_minor OR h.captured_minor <> t.captured_minor
             OR (h.state <> 'PENDING' AND t.hold_expires_at > CAST(STRFTIME('%s', 'now') AS INTEGER) * 1000000))",
    ),
    (
        "I3: a payment that is over and whose money is still held",
        "SELECT COUNT(*) FROM wallets.holds h
         LEFT JOIN transactions.transactions t ON t.transaction_id = 'trx' || SUBSTR(h.hold_id, 4)
         WHERE h.state = 'PENDING' AND (t.transaction_id IS NULL OR t.status NOT IN ('PENDING', 'REVIEW', 'AUTHORIZED'))",
    ),
    (
        "I3: a payment that failed, was voided or has expired, and moved money",
        "SELECT COUNT(*) FROM transactions.transactions t
         WHERE t.status IN ('FAILED', 'VOIDED', 'EXPIRED')
           AND (t.captured_minor <> 0 OR EXISTS (SELECT 1 FROM wallets.holds h
                WHERE h.hold_id = 'hld' || SUBSTR(t.transaction_id, 4) AND h.captured_minor <> 0))",
    ),
    (
        "I2: a capture or refund that is not in its payer's history exactly once, nor on its way there",
        "SELECT COUNT(*) FROM transactions.payment_operations o JOIN transactions.transactions t USING (transaction_id)
         WHERE o.state = 'SUCCEEDED' AND o.kind IN ('CAPTURE', 'REFUND')
           AND 1 <> (SELECT COUNT(*) FROM (
                SELECT entry_key FROM history.entries h WHERE h.entry_key = o.operation_id || ':SUCCESS:' || t.user_id
                    AND h.transaction_id = o.transaction_id AND h.user_id = t.user_id
                    AND h.kind = o.kind AND h.amount = o.amount_minor
                UNION SELECT ordering_key FROM transactions.outbox q
                    WHERE q.lane = 'history' AND q.ordering_key = o.operation_id || ':SUCCESS:' || t.user_id))",
    ),
    (
        "I2: a capture or refund in the history that did not happen",
        "SELECT COUNT(*) FROM history.entries h
         WHERE h.kind IN ('CAPTURE', 'REFUND')
           AND h.entry_key NOT IN (SELECT o.operation_id || ':SUCCESS:' || t.user_id FROM transactions.payment_operations o
                JOIN transactions.transactions t USING (transaction_id) WHERE o.state = 'SUCCEEDED')",
    ),
    (
        "I2: an authorization that is not in its payer's history exactly once, nor on its way there",
        "SELECT COUNT(*) FROM transactions.transactions t
         LEFT JOIN (SELECT transaction_id, MIN(user_id) AS user_id, MIN(amount) AS amount, COUNT(*) AS entries
                    FROM history.entries WHERE status = 'AUTHORIZED' GROUP BY transaction_id) h ON h.transaction_id = t.transaction_id
         WHERE t.capture_mode = 'MANUAL' AND t.status NOT IN ('PENDING', 'REVIEW', 'FAILED')
           AND ((h.user_id, h.amount) <> (t.user_id, t.amount_minor)
             OR 1 <> COALESCE(h.entries, 0) + (SELECT COUNT(*) FROM transactions.outbox q
                WHERE q.lane = 'history' AND q.ordering_key = t.transaction_id || ':AUTHORIZED:' || t.user_id
                  AND NOT EXISTS (SELECT 1 FROM history.entries e WHERE e.entry_key = q.ordering_key)))",
    ),
    (
        "I2: held money that was let go and is not in its payer's history exactly once, nor on its way there",
        "SELECT COUNT(*) FROM transactions.transactions t
         LEFT JOIN (SELECT transaction_id, MIN(user_id) AS user_id, MIN(amount) AS amount, COUNT(*) AS entries
                    FROM history.entries WHERE status IN ('VOIDED', 'EXPIRED') GROUP BY transaction_id) h ON h.transaction_id = t.transaction_id
         WHERE t.capture_mode = 'MANUAL' AND t.status NOT IN ('PENDING', 'REVIEW', 'FAILED')
           AND ((h.user_id, h.amount) <> (t.user_id, t.amount_minor - t.captured_minor)
             OR (t.status <> 'AUTHORIZED' AND t.captured_minor < t.amount_minor)
             <> COALESCE(h.entries, 0) + (SELECT COUNT(*) FROM transactions.outbox q
                WHERE q.lane = 'history' AND q.ordering_key IN
                        (t.transaction_id || ':VOIDED:' || t.user_id, t.transaction_id || ':EXPIRED:' || t.user_id)
                  AND NOT EXISTS (SELECT 1 FROM history.entries e WHERE e.entry_key = q.ordering_key)))",
    ),
];
