//! The teardown's part about captures, voids and refunds: payments, operations, ledger, history and events agree.

use std::collections::{BTreeMap, BTreeSet};

use store::{Snapshot, StoreError};

use super::Bed;

/// A row of `payment_operations` with its shares.
pub struct OperationRow {
    pub id: String,
    pub transaction_id: String,
    kind: String,
    state: String,
    amount_minor: i64,
    fee_minor: i64,
    shares: BTreeMap<String, i64>,
}

/// A payment, as far as operations change it.
pub struct PaymentRow {
    pub id: String,
    pub user_id: String,
    pub wallet_id: String,
    pub merchant_id: Option<String>,
    pub session_id: Option<String>,
    pub status: String,
    pub is_manual: bool,
    pub amount_minor: i64,
    pub fee_minor: i64,
    pub captured_minor: i64,
    pub refunded_minor: i64,
}

/// What there is beside the transactions.
pub struct Operations {
    all: Vec<OperationRow>,
    splits: BTreeMap<String, BTreeMap<String, i64>>,
    session_states: BTreeMap<String, String>,
    events: Vec<(String, i64, String, String)>,
}

impl Bed {
    /// Checks the operations of a payment, and answers with the history entries and ledger transfers they stand for.
    pub(super) fn check_payment(
        &self,
        payment: &PaymentRow,
        operations: &Operations,
    ) -> (BTreeSet<String>, BTreeSet<String>) {
        let own = || {
            operations
                .all
                .iter()
                .filter(|operation| operation.transaction_id == payment.id)
        };
        let (mut entries, mut moved) = (BTreeSet::new(), BTreeSet::new());
        for operation in own() {
            let what = format!("{} {} of {}", operation.kind, operation.id, payment.id);
            assert_ne!(operation.state, "PENDING", "{what}");
            let posted = self.ledger.posted_as(&operation.id);
            if operation.kind == "VOID" {
                assert!(posted.is_none(), "{what} moved money");
                continue;
            }
            assert_eq!(
                operation.shares.values().sum::<i64>(),
                operation.amount_minor,
                "{what}: shares"
            );
            assert_eq!(posted.is_some(), operation.state == "SUCCEEDED", "{what}: posted");
            let Some(posted) = posted else { continue };
            assert_eq!(posted.kind, operation.kind, "{what}");
            let sign = if operation.kind == "CAPTURE" { 1 } else { -1 };
            assert_eq!(
                posted.postings[&payment.wallet_id],
                -sign * operation.amount_minor,
                "{what}: payer"
            );
            let fee = posted.postings.get("fees:IDR").copied().unwrap_or_default();
            assert_eq!(fee, operation.fee_minor, "{what}: fee");
            for (wallet_id, share) in &operation.shares {
                let gained = posted.postings.get(wallet_id).copied().unwrap_or_default() * sign;
                assert!(
                    (0..=*share).contains(&gained),
                    "{what}: {wallet_id} gained {gained} of {share}"
                );
            }
            entries.insert(format!("{}:SUCCESS:{}", operation.id, payment.user_id));
            moved.insert(operation.id.clone());
        }
        let sum_of = |kind: &str, wallet_id: Option<&str>| -> i64 {
            let done = own().filter(|operation| operation.kind == kind && operation.state == "SUCCEEDED");
            done.map(|operation| match wallet_id {
                None => operation.amount_minor,
                Some(wallet_id) => operation.shares.get(wallet_id).copied().unwrap_or_default(),
            })
            .sum()
        };
        let captured = if payment.is_manual {
            sum_of("CAPTURE", None)
        } else {
            payment.captured_minor
        };
        assert_eq!(payment.captured_minor, captured, "{}: captured", payment.id);
        assert_eq!(
            payment.refunded_minor,
            sum_of("REFUND", None),
            "{}: refunded",
            payment.id
        );
        assert!(payment.refunded_minor <= payment.captured_minor && payment.captured_minor <= payment.amount_minor);
        let fees = own().filter(|operation| operation.state == "SUCCEEDED");
        let fees: i64 = fees.map(|operation| operation.fee_minor).sum();
        if payment.is_manual {
            assert_eq!(payment.fee_minor, fees, "{}: fees", payment.id);
        } else if let Some(posted) = self.ledger.posted_as(&payment.id) {
            let fee = posted.postings.get("fees:IDR").copied().unwrap_or_default();
            assert_eq!(fee, payment.fee_minor, "{}: fee", payment.id);
        }
        for (wallet_id, split) in operations.splits_of(payment) {
            let captured = match (payment.is_manual, payment.captured_minor) {
                (true, _) => sum_of("CAPTURE", Some(&wallet_id)),
                (false, 0) => 0,
                (false, _) => split,
            };
            let refunded = sum_of("REFUND", Some(&wallet_id));
            assert!(refunded <= captured && captured <= split, "{}: {wallet_id}", payment.id);
        }
        if payment.is_manual {
            self.check_hold(payment, &mut entries);
        }
        operations.check_session(payment);
        operations.check_events(payment, own());
        (entries, moved)
    }

    fn check_hold(&self, payment: &PaymentRow, entries: &mut BTreeSet<String>) {
        let hold = self.ledger.hold_of(&payment.id);
        let state = hold.as_ref().map(|hold| hold.state);
        let entry = |status: &str| format!("{}:{status}:{}", payment.id, payment.user_id);
        if payment.status == "REVIEW" {
            return;
        }
        if payment.status == "FAILED" {
            let was_reviewed = self.history.entry(&entry("REVIEW")).is_some();
            let let_go = |state| state == "REFUSED" || (was_reviewed && ["VOIDED", "EXPIRED"].contains(&state));
            assert!(state.is_none_or(let_go), "{}: {hold:?}", payment.id);
            entries.insert(entry("FAILED"));
            return;
        }
        let hold = hold.expect("the hold is there");
        assert_eq!(hold.captured_minor, payment.captured_minor, "{}: {hold:?}", payment.id);
        assert_eq!(hold.amount_minor, payment.amount_minor);
        entries.insert(entry("AUTHORIZED"));
        if payment.status == "AUTHORIZED" {
            return;
        }
        assert_ne!(hold.state, "PENDING", "{}: nothing is held any more", payment.id);
        if payment.captured_minor < payment.amount_minor {
            // What was let go stands there once, as VOIDED or EXPIRED.
            let found: Vec<String> = ["VOIDED", "EXPIRED"]
                .map(entry)
                .into_iter()
                .filter(|key| self.history.entry(key).is_some())
                .collect();
            assert_eq!(found.len(), 1, "{}: {found:?}", payment.id);
            let told = self.history.entry(&found[0]).unwrap();
            assert_eq!(
                told["amountMinor"],
                payment.amount_minor - payment.captured_minor,
                "{told}"
            );
            entries.extend(found);
        }
        let expect = payment.captured_minor > 0;
        assert_eq!(
            payment.status == "SUCCESS",
            expect,
            "{} is {}",
            payment.id,
            payment.status
        );
    }
}

impl Operations {
    fn splits_of(&self, payment: &PaymentRow) -> BTreeMap<String, i64> {
        let whole = || {
            let merchant_id = payment.merchant_id.as_ref().expect("a payment has a merchant");
            BTreeMap::from([(format!("wal{}", &merchant_id[3..]), payment.amount_minor)])
        };
        let splits = payment
            .session_id
            .as_ref()
            .and_then(|session_id| self.splits.get(session_id));
        splits.cloned().unwrap_or_else(whole)
    }

    fn check_session(&self, payment: &PaymentRow) {
        let Some(session_id) = &payment.session_id else { return };
        let expect = match payment.status.as_str() {
            "SUCCESS" => "PAID",
            "AUTHORIZED" => "AUTHORIZED",
            "REVIEW" => "REVIEW",
            "VOIDED" => "CANCELLED",
            "EXPIRED" => "EXPIRED",
            _ => return,
        };
        assert_eq!(
            self.session_states[session_id], expect,
            "{session_id} of {}",
            payment.id
        );
    }

    /// Each success is told of once, and nothing else is.
    fn check_events<'a>(&self, payment: &PaymentRow, own: impl Iterator<Item = &'a OperationRow>) {
        let transaction_id = payment.id.as_str();
        let mut last = String::new();
        let mut successes = 0;
        let mut expected: Vec<String> = own
            .filter(|operation| operation.state == "SUCCEEDED")
            .map(|operation| operation.id.clone())
            .collect();
        let mut told: Vec<String> = Vec::new();
        for (_, _, event_type, body) in &self.events {
            let body: serde_json::Value = serde_json::from_str(body).unwrap();
            if body["data"]["transactionId"] != transaction_id {
                continue;
            }
            if event_type == "payment.succeeded" {
                successes += 1;
                assert_eq!(
                    last.is_empty() || last == "payment.review",
                    !payment.is_manual,
                    "{transaction_id}: {last} before it"
                );
            }
            last.clone_from(event_type);
            let name = match event_type.as_str() {
                "payment.captured" => "captureId",
                "payment.refunded" => "refundId",
                "payment.voided" => "voidId",
                _ => continue,
            };
            told.push(body["data"][name].as_str().unwrap().to_owned());
        }
        expected.sort();
        told.sort();
        assert_eq!(told, expected, "events of {transaction_id}");
        assert_eq!(successes, usize::from(payment.status == "SUCCESS"), "{transaction_id}");
    }
}

pub fn read(snapshot: &Snapshot<'_>) -> Result<Operations, StoreError> {
    let mut shares: BTreeMap<String, BTreeMap<String, i64>> = BTreeMap::new();
    let triple = |row: &store::Row<'_>| Ok((row.get::<String>(0)?, row.get::<String>(1)?, row.get::<i64>(2)?));
    for (id, wallet_id, minor) in snapshot.query(
        "SELECT operation_id, wallet_id, amount_minor FROM operation_shares",
        &[],
        triple,
    )? {
        shares.entry(id).or_default().insert(wallet_id, minor);
    }
    let mut splits: BTreeMap<String, BTreeMap<String, i64>> = BTreeMap::new();
    for (id, wallet_id, minor) in snapshot.query(
        "SELECT session_id, wallet_id, amount_minor FROM session_splits",
        &[],
        triple,
    )? {
        splits.entry(id).or_default().insert(wallet_id, minor);
    }
    let all = snapshot.query(
        "SELECT operation_id, transaction_id, kind, state, amount_minor, fee_minor FROM payment_operations",
        &[],
        |row| {
            let id: String = row.get(0)?;
            Ok(OperationRow {
                shares: shares.get(&id).cloned().unwrap_or_default(),
                id,
                transaction_id: row.get(1)?,
                kind: row.get(2)?,
                state: row.get(3)?,
                amount_minor: row.get(4)?,
                fee_minor: row.get(5)?,
            })
        },
    )?;
    let states = snapshot.query("SELECT session_id, state FROM payment_sessions", &[], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })?;
    Ok(Operations {
        all,
        splits,
        session_states: states.into_iter().collect(),
        events: snapshot.query(
            "SELECT merchant_id || ':' || subject, sequence, type, body FROM events ORDER BY event_number",
            &[],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
        )?,
    })
}
