//! A buyer calls off an order that is not paid yet: the goods go back.

use jiff::Timestamp;

use crate::app::App;
use crate::domain::order::{Order, PaymentStatus, Status};
use crate::error::Error;
use crate::store::{orders, products};

pub(crate) async fn cancel_order(app: &App, user_id: i64, order_id: i64) -> Result<Order, Error> {
    app.db
        .run(move |tx| {
            let find = || orders::find_of_user(tx, user_id, order_id)?.ok_or(Error::NotFound("Order"));
            let order = find()?;
            // Past its deadline it may be under payment: then expiry, with its grace, decides.
            if order.payment_status_at(Timestamp::now()) != PaymentStatus::Unpaid {
                return Err(Error::NotCancellable);
            }
            orders::close_unpaid(tx, order.id, Status::Cancelled)?;
            products::return_stock(tx, order.product_id, order.quantity)?;
            find()
        })
        .await
}
