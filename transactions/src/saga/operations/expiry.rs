//! Authorizations that end by themselves: what no merchant captured in time is its payer's again.

use std::time::Duration;

use ids::{EventId, TransactionId};
use service::Timestamp;
use store::{StoreError, Tx};
use tokio_util::sync::CancellationToken;

use super::super::runner::Runner;
use super::finish::{end_authorization, let_go, tell_if_complete};
use crate::domain::{Merchants, NewEvent, Transaction, TransactionStatus};
use crate::store::transactions::Change;
use crate::store::{events, payment_operations, transactions};

/// How often the table is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The ledger ends holds by its own clock; it is given time to be first.
const GRACE: Duration = Duration::from_secs(10);
/// Read at a time.
const BATCH: i64 = 64;

/// Ends authorizations until `stop`.
pub(in crate::saga) async fn expire_until(runner: Runner, stop: CancellationToken) {
    while !stop.is_cancelled() {
        runner.expire_once().await;
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

impl Runner {
    /// Looks at all that are overdue, once. What cannot be ended now is looked at again the next time.
    async fn expire_once(&self) {
        let due = self.clock.now().before(GRACE);
        let mut after = None;
        loop {
            let found = self
                .database
                .read(move |snapshot| transactions::overdue(snapshot, due, after, BATCH))
                .await;
            let overdue = match found {
                Ok(overdue) => overdue,
                Err(error) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "it cannot be read which authorizations have ended"
                    );
                    return;
                }
            };
            let Some(last) = overdue.last().copied() else { return };
            for (_, transaction_id) in overdue {
                if let Err(error) = self.expire(transaction_id).await {
                    tracing::warn!(transaction = %transaction_id, error, "an authorization could not be ended");
                }
            }
            after = Some(last);
        }
    }

    /// First makes sure that the ledger lets nothing more be captured, then writes down that it is so. A crash in between
    /// leaves the payment overdue, and the next look does the same again.
    async fn expire(&self, transaction_id: TransactionId) -> Result<(), String> {
        let captured_minor = self
            .database
            .read(move |snapshot| {
                if payment_operations::is_hold_in_use(snapshot, transaction_id)? {
                    return Ok::<_, StoreError>(None);
                }
                let payment = transactions::find(snapshot, transaction_id)?;
                Ok(payment.map(|payment| payment.captured_minor))
            })
            .await
            .map_err(|error| error.to_string())?;
        // A capture or a void that is under way comes to its own end first.
        let Some(captured_minor) = captured_minor else {
            return Ok(());
        };
        self.let_go(transaction_id, captured_minor).await?;
        let (merchants, now) = (self.merchants.clone(), self.clock.now());
        let ended = self
            .database
            .write(move |tx| expire_in(tx, transaction_id, &merchants, now))
            .await
            .map_err(|error| error.to_string())?;
        if let Some(payment) = ended {
            self.payment_changed(&payment);
        }
        Ok(())
    }
}

fn expire_in(
    tx: &mut Tx<'_>,
    transaction_id: TransactionId,
    merchants: &Merchants,
    now: Timestamp,
) -> Result<Option<Transaction>, StoreError> {
    if payment_operations::is_hold_in_use(tx, transaction_id)? {
        return Ok(None);
    }
    let authorized = transactions::find(tx, transaction_id)?
        .filter(|transaction| transaction.status == TransactionStatus::Authorized);
    let Some(before) = authorized else { return Ok(None) };
    let change = Change {
        is_over: true,
        ..Change::default()
    };
    let payment = end_authorization(tx, &before, &change, TransactionStatus::Expired, now)?;
    if let Some(event) = NewEvent::of_payment("payment.expired", EventId::generate(), &payment) {
        let event = event.with("operationAmount", serde_json::json!(let_go(&payment)));
        events::record(tx, &event, now)?;
    }
    tell_if_complete(tx, &before, &payment, merchants, now)?;
    Ok(Some(payment))
}
