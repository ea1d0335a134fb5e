//! The provider says by signed webhook that money of a paid order went back.

use jiff::Timestamp;

use crate::app::App;
use crate::app::receive_payment::Outcome;
use crate::domain::payment;
use crate::error::Error;
use crate::store::orders;
use crate::store::webhooks::{self, Handled};

/// A verified `payment.refunded` event.
pub(crate) struct Refund {
    /// The same for every delivery of the event.
    pub(crate) webhook_id: String,
    pub(crate) event_type: String,
    pub(crate) transaction_id: String,
    pub(crate) va_number: String,
    /// All that has gone back of the payment, in whole rupiah, or `None`.
    pub(crate) refunded: Option<i64>,
}

pub(crate) async fn receive_refund(app: &App, refund: Refund) -> Result<Outcome, Error> {
    app.db
        .run(move |tx| {
            if webhooks::is_handled(tx, &refund.webhook_id)? {
                return Ok(Outcome::Duplicate);
            }
            let Some(order) = orders::find_by_va(tx, &refund.va_number)? else {
                return Ok(Outcome::UnknownBill);
            };
            let refunded = match payment::refunded_after(&order, &refund.transaction_id, refund.refunded) {
                Ok(refunded) => refunded,
                // Not kept as handled: when it has overtaken the payment, its next delivery finds the order paid.
                Err(mismatch) => return Ok(Outcome::Mismatch(mismatch)),
            };
            orders::record_refund(tx, order.id, refunded)?;
            let handled = Handled {
                id: &refund.webhook_id,
                event_type: &refund.event_type,
                va_number: &refund.va_number,
            };
            webhooks::insert(tx, &handled, Timestamp::now())?;
            Ok(Outcome::Accepted)
        })
        .await
}
