//! Carrying out what news of a payment asks for; part of both ways it can reach us.

use jiff::Timestamp;
use rusqlite::Connection;

use crate::domain::order::{Order, Status};
use crate::domain::payment::{News, Plan};
use crate::error::Error;
use crate::store::{orders, products};

pub(super) fn settle(db: &Connection, order: &Order, news: News<'_>, plan: Plan) -> Result<(), Error> {
    let (transaction_id, paid_at) = match news {
        News::Notification => (None, Timestamp::now()),
        News::Webhook {
            transaction_id,
            paid_at,
            ..
        } => (Some(transaction_id), paid_at),
    };
    let mark_paid = |status| orders::mark_paid(db, order.id, status, transaction_id, paid_at);
    match plan {
        Plan::Nothing => Ok(()),
        Plan::MarkPaid => mark_paid(Status::Processed),
        Plan::MarkRefundDue => mark_paid(Status::RefundDue),
        Plan::MarkPaidLate => {
            let is_there = products::take_stock(db, order.product_id, order.quantity)?;
            mark_paid(if is_there { Status::Processed } else { Status::RefundDue })
        }
        Plan::Confirm => match transaction_id {
            Some(transaction_id) => orders::confirm(db, order.id, transaction_id, paid_at),
            None => Ok(()),
        },
    }
}
