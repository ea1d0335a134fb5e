//! The teardown: the service's tables, the ledger, history and the marketplace must tell one story.

use std::collections::BTreeSet;
use std::time::Duration;

use store::{Snapshot, StoreError};
use transactions::domain::Merchant;

use super::operations::{self, Operations, PaymentRow};
use super::payouts::{PayoutRow, read_payouts};
use super::{Bed, Webhook};

/// A row of `transactions`.
struct Row {
    target_wallet_id: Option<String>,
    kind: String,
    va_number: Option<String>,
    payment: PaymentRow,
}

struct Tables {
    transactions: Vec<Row>,
    payouts: Vec<PayoutRow>,
    operations: Operations,
    sagas: i64,
    paid: BTreeSet<(String, String)>,
    claimed: i64,
    waiting: (i64, i64),
    subjects_with_gaps: i64,
    /// Whose money was held for a review.
    reviewed: BTreeSet<String>,
    open_reviews: i64,
}

/// What a test did that changes what the books must show.
#[derive(Clone, Copy, Default)]
pub struct Expect {
    /// Messages that no receiver would take.
    pub parked: i64,
    /// Merchants may have been told more than once: a fault made it unknown whether they knew.
    pub told_again: bool,
}

impl Bed {
    /// Lets everything come to its end, stops the service, and checks the books.
    pub async fn finish(self) {
        self.finish_expecting(Expect::default()).await;
    }

    /// The same, after a test that leaves something behind.
    pub async fn finish_expecting(mut self, expect: Expect) {
        self.faults.heal();
        self.until_nothing_waits(Duration::from_secs(31)).await;
        self.stop_service().await;
        let database = self.open_database().await;
        let tables = database.read(read).await.unwrap();
        database.close().await;
        self.check(&tables, expect);
    }

    fn check(&self, tables: &Tables, expect: Expect) {
        assert_eq!(self.ledger.total(), 0, "the books do not balance");
        let are = |status: &str, kind: Option<&str>| {
            let rows = tables.transactions.iter();
            let found = rows.filter(|row| row.payment.status == status && kind.is_none_or(|kind| row.kind == kind));
            i64::try_from(found.count()).unwrap()
        };
        assert_eq!(
            (tables.sagas, tables.claimed),
            (0, are("AUTHORIZED", None) + are("REVIEW", Some("PAYMENT"))),
            "sagas and claims that nobody ended"
        );
        assert_eq!(tables.open_reviews, are("REVIEW", None), "reviews that nobody ended");
        assert_eq!(tables.waiting, (0, expect.parked), "messages waiting and parked");
        assert_eq!(tables.subjects_with_gaps, 0, "events are numbered without a gap");
        let (mut moved, mut paid, mut entries) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        let mut told = Vec::new();
        for row in &tables.transactions {
            let payment = &row.payment;
            let posted = self.ledger.is_posted(&payment.id) == Some(true);
            let moves_at_once = !payment.is_manual && payment.status == "SUCCESS";
            assert_eq!(
                posted, moves_at_once,
                "{} is {} and moved {posted}",
                payment.id, payment.status
            );
            assert_ne!(payment.status, "PENDING", "{}", payment.id);
            if moves_at_once {
                moved.insert(payment.id.clone());
            }
            if !payment.is_manual {
                entries.insert(format!("{}:{}:{}", payment.id, payment.status, payment.user_id));
            }
            self.check_review(payment, tables, &mut entries);
            self.check_outcomes(row, tables.reviewed.contains(&payment.id));
            if row.kind == "PAYMENT" {
                let (own_entries, own_moved) = self.check_payment(payment, &tables.operations);
                entries.extend(own_entries);
                moved.extend(own_moved);
            }
            if payment.status == "SUCCESS" && row.kind == "PAYMENT" {
                let va_number = row.va_number.clone().unwrap();
                // The marketplace stands behind the merchant of the configuration alone.
                if payment.merchant_id.as_deref() == Some(Merchant::default_id().as_str()) {
                    told.push(va_number.clone());
                }
                assert!(paid.insert((va_number.to_ascii_uppercase(), payment.id.clone())));
            }
            if let (Some(target), "SUCCESS") = (&row.target_wallet_id, payment.status.as_str()) {
                let owner_id = self.ledger.owner_of(target);
                entries.insert(format!("{}:SUCCESS:{owner_id}", payment.id));
            }
        }
        assert_eq!(
            self.ledger.posted().len(),
            moved.len() + self.check_payouts(&tables.payouts),
            "each success is one transfer, and nothing else is"
        );
        assert_eq!(tables.paid, paid, "paid bills are those of successful payments");
        assert_eq!(
            self.history.keys().into_iter().collect::<BTreeSet<_>>(),
            entries,
            "history"
        );
        self.check_told(told, expect);
    }

    /// Money that is under review is held, exactly, and what is not any more is held no more (but for its merchant).
    fn check_review(&self, payment: &PaymentRow, tables: &Tables, entries: &mut BTreeSet<String>) {
        let hold = self.ledger.hold_of(&payment.id);
        let held = hold.as_ref().filter(|hold| hold.state == "PENDING");
        let expect = ["REVIEW", "AUTHORIZED"].contains(&payment.status.as_str());
        assert_eq!(held.is_some(), expect, "{} is {}: {hold:?}", payment.id, payment.status);
        if payment.status == "REVIEW" {
            let held = held.map(|hold| (hold.amount_minor, hold.captured_minor));
            assert_eq!(held, Some((payment.amount_minor, 0)), "{}", payment.id);
        }
        if tables.reviewed.contains(&payment.id) {
            entries.insert(format!("{}:REVIEW:{}", payment.id, payment.user_id));
            let hold = hold.expect("what was reviewed was held");
            let captured = if payment.status == "SUCCESS" {
                payment.captured_minor
            } else {
                0
            };
            if !payment.is_manual && payment.merchant_id.is_some() {
                assert_eq!(hold.captured_minor, captured, "{}: {hold:?}", payment.id);
            }
        }
    }

    /// The fraud check was told what became of each transaction.
    fn check_outcomes(&self, row: &Row, was_reviewed: bool) {
        let payment = &row.payment;
        let mut expect = BTreeSet::new();
        match payment.status.as_str() {
            "SUCCESS" => expect.insert("SUCCEEDED"),
            "FAILED" => expect.insert("FAILED"),
            _ => false,
        };
        if payment.is_manual && !["FAILED", "REVIEW"].contains(&payment.status.as_str()) {
            expect.insert("AUTHORIZED");
        }
        if was_reviewed {
            expect.insert("IN_REVIEW");
        }
        if payment.refunded_minor > 0 {
            expect.insert("REFUNDED");
        }
        let told = self.fraud.told_of(&payment.id);
        let told: BTreeSet<&str> = told.iter().map(String::as_str).collect();
        assert_eq!(told, expect, "{} is {}", payment.id, payment.status);
    }

    /// Merchants are told once of every bill that was paid. (Of failed attempts they are told, too; that is not counted here.)
    fn check_told(&self, mut expected: Vec<String>, expect: Expect) {
        if expect.parked > 0 {
            return;
        }
        let mut told = self.market.told();
        let received = self.market.webhooks();
        let succeeded = received.iter().filter(|webhook| webhook.says("payment.succeeded"));
        let mut webhooks: Vec<String> = succeeded.map(Webhook::id).collect();
        told.sort();
        expected.sort();
        webhooks.sort();
        if expect.told_again {
            told.dedup();
            webhooks.dedup();
        }
        assert_eq!(told, expected, "`updatePaymentStatus`");
        let distinct: BTreeSet<&String> = webhooks.iter().collect();
        assert_eq!(
            (webhooks.len(), distinct.len()),
            (expected.len(), expected.len()),
            "webhooks"
        );
    }
}

fn read(snapshot: &Snapshot<'_>) -> Result<Tables, StoreError> {
    let transactions = snapshot.query(
        "SELECT transaction_id, user_id, target_wallet_id, kind, status, va_number, wallet_id, merchant_id, session_id,
             capture_mode, amount_minor, fee_minor, captured_minor, refunded_minor
         FROM transactions",
        &[],
        |row| {
            Ok(Row {
                target_wallet_id: row.get(2)?,
                kind: row.get(3)?,
                va_number: row.get(5)?,
                payment: PaymentRow {
                    id: row.get(0)?,
                    user_id: row.get(1)?,
                    status: row.get(4)?,
                    wallet_id: row.get(6)?,
                    merchant_id: row.get(7)?,
                    session_id: row.get(8)?,
                    is_manual: row.get::<String>(9)? == "MANUAL",
                    amount_minor: row.get(10)?,
                    fee_minor: row.get(11)?,
                    captured_minor: row.get(12)?,
                    refunded_minor: row.get(13)?,
                },
            })
        },
    )?;
    let paid = snapshot.query(
        "SELECT va_number, transaction_id FROM bill_claims WHERE state = 'PAID'",
        &[],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let count = |row: &store::Row<'_>| row.get(0);
    Ok(Tables {
        transactions,
        payouts: read_payouts(snapshot)?,
        operations: operations::read(snapshot)?,
        sagas: snapshot.query_one("SELECT COUNT(*) FROM sagas", &[], count)?,
        paid: paid.into_iter().collect(),
        claimed: snapshot.query_one("SELECT COUNT(*) FROM bill_claims WHERE state = 'PENDING'", &[], count)?,
        waiting: outbox::waiting_count(snapshot)?,
        reviewed: snapshot
            .query(
                "SELECT transaction_id FROM reviews WHERE opened_at IS NOT NULL",
                &[],
                |row| row.get(0),
            )?
            .into_iter()
            .collect(),
        open_reviews: snapshot.query_one("SELECT COUNT(*) FROM reviews WHERE state = 'OPEN'", &[], count)?,
        subjects_with_gaps: snapshot.query_one(
            "SELECT COUNT(*) FROM (SELECT merchant_id FROM events GROUP BY merchant_id, subject
                 HAVING COUNT(*) <> MAX(sequence)) AS gaps",
            &[],
            count,
        )?,
    })
}
