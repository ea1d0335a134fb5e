//! What news of a payment does to an order.

use jiff::Timestamp;

use crate::domain::order::{Order, PaymentStatus, Status};

/// How we heard of a payment.
#[derive(Debug, Clone, Copy)]
pub(crate) enum News<'a> {
    /// The unsigned mutation: no amount, no proof.
    Notification,
    /// A webhook whose signature was right.
    Webhook {
        transaction_id: &'a str,
        /// Whole rupiah; `None` when what was paid is not a whole number of them.
        amount: Option<i64>,
        paid_at: Timestamp,
    },
}

/// What is to be done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plan {
    /// Known already, or not enough of a proof to act on.
    Nothing,
    /// Paid in time: the goods are still reserved.
    MarkPaid,
    /// Known as paid from the notification, now proven: keep the provider's transaction id.
    Confirm,
    /// Paid after the goods went back on the shelf: take them again if they are there, or the money goes back.
    MarkPaidLate,
    /// Paid although the buyer had called the order off: the money goes back.
    MarkRefundDue,
}

/// Why a signed event cannot be about this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Mismatch {
    #[error("the amount is not the order's total")]
    Amount,
    #[error("the order was paid by another transaction")]
    Transaction,
    #[error("what is refunded is not part of what was paid")]
    Refund,
    #[error("the order is not known as paid, so nothing of it can go back yet")]
    NotPaid,
}

/// Decides, without touching anything.
pub(crate) fn plan(order: &Order, news: News<'_>) -> Result<Plan, Mismatch> {
    if let News::Webhook {
        transaction_id, amount, ..
    } = news
    {
        if amount != Some(order.price.total) {
            return Err(Mismatch::Amount);
        }
        check_transaction(order, transaction_id)?;
    }
    Ok(match (order.payment_status, news) {
        (PaymentStatus::Unpaid, _) => Plan::MarkPaid,
        (PaymentStatus::Paid, News::Webhook { .. }) if order.transaction_id.is_none() => Plan::Confirm,
        (PaymentStatus::Paid, _) => Plan::Nothing,
        // Anyone can send a notification: it never brings back an order that is over.
        (PaymentStatus::Expired, News::Notification) => Plan::Nothing,
        (PaymentStatus::Expired, News::Webhook { .. }) if order.status == Status::Cancelled => Plan::MarkRefundDue,
        (PaymentStatus::Expired, News::Webhook { .. }) => Plan::MarkPaidLate,
    })
}

/// How much of an order's money has gone back, now that a signed event says that `refunded` of it has in all. Events
/// can overtake each other, so the largest counts.
pub(crate) fn refunded_after(order: &Order, transaction_id: &str, refunded: Option<i64>) -> Result<i64, Mismatch> {
    if order.payment_status != PaymentStatus::Paid {
        return Err(Mismatch::NotPaid);
    }
    check_transaction(order, transaction_id)?;
    match refunded {
        Some(amount) if (1..=order.price.total).contains(&amount) => Ok(amount.max(order.refunded)),
        _ => Err(Mismatch::Refund),
    }
}

fn check_transaction(order: &Order, transaction_id: &str) -> Result<(), Mismatch> {
    match &order.transaction_id {
        Some(known) if known != transaction_id => Err(Mismatch::Transaction),
        _ => Ok(()),
    }
}

/// Reads an amount of the wire as whole rupiah, exactly: `20000` or `20000.0`, as a number or a text.
pub(crate) fn whole_rupiah(amount: &serde_json::Value) -> Option<i64> {
    let text = match amount {
        serde_json::Value::Number(number) => number.to_string(),
        serde_json::Value::String(text) => text.clone(),
        _ => return None,
    };
    let whole = match text.split_once('.') {
        Some((whole, decimals)) if !decimals.is_empty() && decimals.bytes().all(|digit| digit == b'0') => whole,
        Some(_) => return None,
        None => &text,
    };
    if whole.bytes().all(|digit| digit.is_ascii_digit()) {
        whole.parse().ok()
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::order::Price;

    fn order(status: Status, payment_status: PaymentStatus, transaction_id: Option<&str>) -> Order {
        Order {
            id: 1,
            product_id: 1,
            quantity: 1,
            address: String::new(),
            shipping_method: "REGULER".to_owned(),
            price: Price {
                unit_price: 11_000,
                shipping_cost: 9_000,
                total: 20_000,
            },
            va_number: "DS-8800123456789012".to_owned(),
            status,
            payment_status,
            created_at: Timestamp::UNIX_EPOCH,
            expires_at: Timestamp::MAX,
            paid_at: None,
            transaction_id: transaction_id.map(str::to_owned),
            city_id: None,
            refunded: 0,
        }
    }

    #[test]
    fn every_state_and_news_has_its_plan() {
        let webhook = News::Webhook {
            transaction_id: "trx_1",
            amount: Some(20_000),
            paid_at: Timestamp::UNIX_EPOCH,
        };
        let note = News::Notification;
        let pending = order(Status::Pending, PaymentStatus::Unpaid, None);
        let notified = order(Status::Processed, PaymentStatus::Paid, None);
        let paid = order(Status::Processed, PaymentStatus::Paid, Some("trx_1"));
        let paid_by_other = order(Status::Processed, PaymentStatus::Paid, Some("trx_2"));
        let expired = order(Status::Expired, PaymentStatus::Expired, None);
        let cancelled = order(Status::Cancelled, PaymentStatus::Expired, None);
        for (order, news, expect) in [
            (&pending, note, Ok(Plan::MarkPaid)),
            (&pending, webhook, Ok(Plan::MarkPaid)),
            (&notified, note, Ok(Plan::Nothing)),
            (&notified, webhook, Ok(Plan::Confirm)),
            (&paid, note, Ok(Plan::Nothing)),
            (&paid, webhook, Ok(Plan::Nothing)),
            (&paid_by_other, webhook, Err(Mismatch::Transaction)),
            (&expired, note, Ok(Plan::Nothing)),
            (&expired, webhook, Ok(Plan::MarkPaidLate)),
            (&cancelled, note, Ok(Plan::Nothing)),
            (&cancelled, webhook, Ok(Plan::MarkRefundDue)),
        ] {
            assert_eq!(plan(order, news), expect, "{order:?} {news:?}");
        }
        for amount in [None, Some(19_999), Some(20_001), Some(0), Some(-20_000)] {
            let news = News::Webhook {
                transaction_id: "trx_1",
                amount,
                paid_at: Timestamp::UNIX_EPOCH,
            };
            assert_eq!(plan(&pending, news), Err(Mismatch::Amount));
        }
    }

    #[test]
    fn refunds_add_up_to_what_was_paid_at_most() {
        let unpaid = order(Status::Pending, PaymentStatus::Unpaid, None);
        let notified = order(Status::Processed, PaymentStatus::Paid, None);
        let paid = order(Status::Processed, PaymentStatus::Paid, Some("trx_1"));
        let refunded = Order {
            refunded: 5_000,
            ..paid.clone()
        };
        for (order, transaction_id, amount, expect) in [
            (&paid, "trx_1", Some(1), Ok(1)),
            (&paid, "trx_1", Some(20_000), Ok(20_000)),
            (&notified, "trx_1", Some(20_000), Ok(20_000)),
            (&refunded, "trx_1", Some(8_000), Ok(8_000)),
            (&refunded, "trx_1", Some(3_000), Ok(5_000)),
            (&paid, "trx_1", Some(0), Err(Mismatch::Refund)),
            (&paid, "trx_1", Some(20_001), Err(Mismatch::Refund)),
            (&paid, "trx_1", None, Err(Mismatch::Refund)),
            (&paid, "trx_2", Some(1), Err(Mismatch::Transaction)),
            (&unpaid, "trx_1", Some(1), Err(Mismatch::NotPaid)),
        ] {
            assert_eq!(
                refunded_after(order, transaction_id, amount),
                expect,
                "{order:?} {amount:?}"
            );
        }
    }

    #[test]
    fn amounts_are_whole_rupiah_or_nothing() {
        for (amount, expect) in [
            (json!(20_000), Some(20_000)),
            (json!(20_000.0), Some(20_000)),
            (json!("20000"), Some(20_000)),
            (json!("20000.00"), Some(20_000)),
            (json!(20_000.5), None),
            (json!(-20_000), None),
            (json!("20000."), None),
            (json!(""), None),
            (json!(1e300), None),
            (json!("99999999999999999999"), None),
            (json!(null), None),
            (json!([20_000]), None),
        ] {
            assert_eq!(whole_rupiah(&amount), expect, "{amount}");
        }
    }
}
