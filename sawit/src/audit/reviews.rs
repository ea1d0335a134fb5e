//! The rules of payments that a person must look at.

/// What must never be found, as a query that counts it. A payment whose review is decided and being carried out has a saga; the
/// rules of what is under way judge that.
pub(super) const RULES: &[(&str, &str)] = &[
    (
        "I2: a REVIEW whose money is not held, exactly",
        "SELECT COUNT(*) FROM transactions.transactions t
         LEFT JOIN wallets.holds h ON h.hold_id = 'hld' || SUBSTR(t.transaction_id, 4)
         WHERE t.status = 'REVIEW'
           AND NOT EXISTS (SELECT 1 FROM transactions.sagas s WHERE s.transaction_id = t.transaction_id)
           AND (h.hold_id IS NULL OR h.account_id <> t.wallet_id OR h.amount_minor <> t.amount_minor OR h.captured_minor <> 0
             OR (h.state <> 'PENDING' AND t.hold_expires_at > CAST(STRFTIME('%s', 'now') AS INTEGER) * 1000000))",
    ),
    (
        "I2: a REVIEW that nobody can decide and nobody carries out, or that both can",
        "SELECT COUNT(*) FROM transactions.transactions t
         WHERE t.status = 'REVIEW'
           AND 1 <> (SELECT COUNT(*) FROM transactions.reviews r WHERE r.transaction_id = t.transaction_id AND r.state = 'OPEN')
             + (SELECT COUNT(*) FROM transactions.sagas s WHERE s.transaction_id = t.transaction_id)",
    ),
    (
        "I2: an open review of a transaction that is not in REVIEW",
        "SELECT COUNT(*) FROM transactions.reviews r JOIN transactions.transactions t USING (transaction_id)
         WHERE r.state = 'OPEN' AND t.status <> 'REVIEW'",
    ),
    (
        "I3: a REVIEW whose transfer is in the ledger although nobody approved it",
        "SELECT COUNT(*) FROM transactions.transactions t
         JOIN wallets.transfers x ON x.transfer_id = 'xfr' || SUBSTR(t.transaction_id, 4) AND x.state = 'POSTED'
         WHERE t.status = 'REVIEW'
           AND NOT EXISTS (SELECT 1 FROM transactions.sagas s WHERE s.transaction_id = t.transaction_id)",
    ),
    (
        "I4: a bill whose payment is under review and that somebody else could pay",
        "SELECT COUNT(*) FROM transactions.transactions t
         WHERE t.status = 'REVIEW' AND t.va_number IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM transactions.bill_claims c WHERE c.merchant_id = t.merchant_id
                AND c.va_number = UPPER(t.va_number) AND c.transaction_id = t.transaction_id AND c.state = 'PENDING')",
    ),
    (
        "I2: a session in REVIEW whose payment is not, or the other way round",
        "SELECT (SELECT COUNT(*) FROM transactions.payment_sessions p
                 LEFT JOIN transactions.transactions t ON t.transaction_id = p.transaction_id AND t.status = 'REVIEW'
                 WHERE p.state = 'REVIEW' AND t.transaction_id IS NULL)
              + (SELECT COUNT(*) FROM transactions.transactions t JOIN transactions.payment_sessions p USING (session_id)
                 WHERE t.status = 'REVIEW' AND p.state <> 'REVIEW')",
    ),
    (
        "I2: a review that is not in its payer's history exactly once, nor on its way there",
        "SELECT COUNT(*) FROM transactions.reviews r JOIN transactions.transactions t USING (transaction_id)
         LEFT JOIN (SELECT transaction_id, MIN(user_id) AS user_id, MIN(amount) AS amount, COUNT(*) AS entries
                    FROM history.entries WHERE status = 'REVIEW' GROUP BY transaction_id) h ON h.transaction_id = t.transaction_id
         WHERE r.opened_at IS NOT NULL
           AND ((h.user_id, h.amount) <> (t.user_id, t.amount_minor)
             OR 1 <> COALESCE(h.entries, 0) + (SELECT COUNT(*) FROM transactions.outbox q
                WHERE q.lane = 'history' AND q.ordering_key = t.transaction_id || ':REVIEW:' || t.user_id
                  AND NOT EXISTS (SELECT 1 FROM history.entries e WHERE e.entry_key = q.ordering_key)))",
    ),
];
