//! The teardown: the service's tables, the ledger, history and the marketplace must tell one story.

use std::collections::BTreeSet;
use std::time::Duration;

use store::{Snapshot, StoreError};
use transactions::domain::Merchant;

use super::{Bed, Webhook};

/// A row of `transactions`.
struct Row {
    id: String,
    user_id: String,
    target_wallet_id: Option<String>,
    merchant_id: Option<String>,
    kind: String,
    status: String,
    va_number: Option<String>,
}

struct Tables {
    transactions: Vec<Row>,
    sagas: i64,
    paid: BTreeSet<(String, String)>,
    claimed: i64,
    waiting: (i64, i64),
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
        assert_eq!(
            (tables.sagas, tables.claimed),
            (0, 0),
            "sagas and claims that nobody ended"
        );
        assert_eq!(tables.waiting, (0, expect.parked), "messages waiting and parked");
        let mut moved = BTreeSet::new();
        let mut paid = BTreeSet::new();
        let mut told = Vec::new();
        let mut entries = BTreeSet::new();
        for row in &tables.transactions {
            entries.insert(format!("{}:{}:{}", row.id, row.status, row.user_id));
            let posted = self.ledger.is_posted(&row.id) == Some(true);
            match row.status.as_str() {
                "SUCCESS" => {
                    assert!(posted, "{} succeeded and moved nothing", row.id);
                    moved.insert(row.id.clone());
                }
                "FAILED" => assert!(!posted, "{} failed and moved money", row.id),
                other => panic!("{} is {other}", row.id),
            }
            if row.status == "SUCCESS" && row.kind == "PAYMENT" {
                let va_number = row.va_number.clone().unwrap();
                // The marketplace stands behind the merchant of the configuration alone.
                if row.merchant_id.as_deref() == Some(Merchant::default_id().as_str()) {
                    told.push(va_number.clone());
                }
                assert!(paid.insert((va_number.to_ascii_uppercase(), row.id.clone())));
            }
            if let (Some(target), "SUCCESS") = (&row.target_wallet_id, row.status.as_str()) {
                let owner_id = self.ledger.owner_of(target);
                entries.insert(format!("{}:SUCCESS:{owner_id}", row.id));
            }
        }
        assert_eq!(
            self.ledger.posted().len(),
            moved.len(),
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
        "SELECT transaction_id, user_id, target_wallet_id, merchant_id, kind, status, va_number FROM transactions",
        &[],
        |row| {
            Ok(Row {
                id: row.get(0)?,
                user_id: row.get(1)?,
                target_wallet_id: row.get(2)?,
                merchant_id: row.get(3)?,
                kind: row.get(4)?,
                status: row.get(5)?,
                va_number: row.get(6)?,
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
        sagas: snapshot.query_one("SELECT COUNT(*) FROM sagas", &[], count)?,
        paid: paid.into_iter().collect(),
        claimed: snapshot.query_one("SELECT COUNT(*) FROM bill_claims WHERE state = 'PENDING'", &[], count)?,
        waiting: outbox::waiting_count(snapshot)?,
    })
}
