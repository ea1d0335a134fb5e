//! Bills that nobody paid end, and the goods reserved for them go back.

use jiff::{SignedDuration, Timestamp};

use crate::app::App;
use crate::domain::order::Status;
use crate::error::Error;
use crate::store::{orders, products, webhooks};

/// A transaction stays short, whatever has piled up.
const BATCH: i64 = 100;

/// Longer than any provider goes on delivering one event.
const WEBHOOKS_KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Ends what is overdue; says how many orders that was.
pub(crate) async fn expire_orders(app: &App, now: Timestamp) -> Result<usize, Error> {
    let before = now.checked_sub(app.rules.expiry_grace).map_err(Error::internal)?;
    let mut expired = 0;
    loop {
        let batch = app.db.run(move |tx| {
            let overdue = orders::list_overdue(tx, before, BATCH)?;
            for order in &overdue {
                orders::close_unpaid(tx, order.id, Status::Expired)?;
                products::return_stock(tx, order.product_id, order.quantity)?;
            }
            Ok(overdue.len())
        });
        let count = batch.await?;
        expired += count;
        if count < BATCH as usize {
            return Ok(expired);
        }
    }
}

/// Forgets webhooks too old to come again.
pub(crate) async fn forget_webhooks(app: &App, now: Timestamp) -> Result<(), Error> {
    let before = now.checked_sub(WEBHOOKS_KEPT).map_err(Error::internal)?;
    app.db.run(move |tx| webhooks::forget(tx, before)).await
}
