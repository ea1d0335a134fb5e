//! The provider says by signed webhook that an order was paid: the word that counts.

use jiff::Timestamp;

use crate::app::App;
use crate::app::settle::settle;
use crate::domain::payment::{self, Mismatch, News};
use crate::error::Error;
use crate::store::orders;
use crate::store::webhooks::{self, Handled};

/// A verified `payment.succeeded` event.
pub(crate) struct Payment {
    /// The same for every delivery of the event.
    pub(crate) webhook_id: String,
    pub(crate) event_type: String,
    pub(crate) transaction_id: String,
    pub(crate) va_number: String,
    /// In whole rupiah, or `None`.
    pub(crate) amount: Option<i64>,
    pub(crate) paid_at: Timestamp,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Accepted,
    /// Dealt with before.
    Duplicate,
    UnknownBill,
    Mismatch(Mismatch),
}

pub(crate) async fn receive_payment(app: &App, payment: Payment) -> Result<Outcome, Error> {
    app.db
        .run(move |tx| {
            if webhooks::is_handled(tx, &payment.webhook_id)? {
                return Ok(Outcome::Duplicate);
            }
            let Some(order) = orders::find_by_va(tx, &payment.va_number)? else {
                return Ok(Outcome::UnknownBill);
            };
            let news = News::Webhook {
                transaction_id: &payment.transaction_id,
                amount: payment.amount,
                paid_at: payment.paid_at,
            };
            let plan = match payment::plan(&order, news) {
                Ok(plan) => plan,
                // Not kept as handled: once the cause is mended, the provider's next try can go through.
                Err(mismatch) => return Ok(Outcome::Mismatch(mismatch)),
            };
            settle(tx, &order, news, plan)?;
            let handled = Handled {
                id: &payment.webhook_id,
                event_type: &payment.event_type,
                va_number: &payment.va_number,
            };
            webhooks::insert(tx, &handled, Timestamp::now())?;
            Ok(Outcome::Accepted)
        })
        .await
}
