//! A buyer comes back from the checkout with a word about the payment in the URL. It is a word only: an order is paid
//! when the webhook has said so, and what the URL says decides no more than what the buyer is told.

use crate::domain::order::{Order, PaymentStatus};

/// What the URL says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Word<'a> {
    /// Nothing: the buyer came another way.
    None,
    /// Something that the provider did not sign, or not about this order.
    Forged,
    /// The state of the payment session; signed, wherever signatures are set up.
    Status(&'a str),
}

/// What to tell the buyer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Notice {
    /// Paid, and we know it.
    Paid,
    /// Said to be paid, but the webhook has not come: it will in a moment.
    AwaitingWebhook,
    /// The money is set aside and not ours yet.
    Authorized,
    /// Came back without paying; can still pay.
    NotPaid,
    /// The payment session ended before it was paid.
    SessionExpired,
    /// The payment session was called off.
    SessionCancelled,
    /// The URL is not to be believed.
    Forged,
}

/// Decides what to tell. What the shop knows goes before what the URL says.
pub(crate) fn notice(word: Word<'_>, order: &Order) -> Option<Notice> {
    let status = match word {
        Word::None => return None,
        Word::Forged => return Some(Notice::Forged),
        Word::Status(status) => status,
    };
    if order.payment_status == PaymentStatus::Paid {
        return (status == "PAID").then_some(Notice::Paid);
    }
    match status {
        "PAID" => Some(Notice::AwaitingWebhook),
        "AUTHORIZED" => Some(Notice::Authorized),
        "OPEN" => Some(Notice::NotPaid),
        "EXPIRED" => Some(Notice::SessionExpired),
        "CANCELLED" => Some(Notice::SessionCancelled),
        _ => None,
    }
}

/// Whether a signed URL is about this order. A provider that opened its session for a bill may know the order by its
/// virtual-account number, or name none.
pub(crate) fn is_about(order: &Order, order_id: &str) -> bool {
    order_id.is_empty() || order_id == order.va_number || order_id == order.id.to_string()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::domain::order::{Price, Status};

    fn order(status: Status, payment_status: PaymentStatus) -> Order {
        Order {
            id: 42,
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
            transaction_id: None,
            city_id: None,
            refunded: 0,
        }
    }

    #[test]
    fn the_shop_knows_better_than_the_url() {
        let pending = order(Status::Pending, PaymentStatus::Unpaid);
        let paid = order(Status::Processed, PaymentStatus::Paid);
        let cancelled = order(Status::Cancelled, PaymentStatus::Expired);
        for (word, order, expect) in [
            (Word::None, &pending, None),
            (Word::None, &paid, None),
            (Word::Forged, &pending, Some(Notice::Forged)),
            (Word::Forged, &paid, Some(Notice::Forged)),
            (Word::Status("PAID"), &pending, Some(Notice::AwaitingWebhook)),
            (Word::Status("PAID"), &cancelled, Some(Notice::AwaitingWebhook)),
            (Word::Status("PAID"), &paid, Some(Notice::Paid)),
            (Word::Status("EXPIRED"), &paid, None),
            (Word::Status("CANCELLED"), &paid, None),
            (Word::Status("AUTHORIZED"), &pending, Some(Notice::Authorized)),
            (Word::Status("OPEN"), &pending, Some(Notice::NotPaid)),
            (Word::Status("EXPIRED"), &pending, Some(Notice::SessionExpired)),
            (Word::Status("CANCELLED"), &pending, Some(Notice::SessionCancelled)),
            (Word::Status("paid"), &pending, None),
            (Word::Status("<script>"), &pending, None),
        ] {
            assert_eq!(notice(word, order), expect, "{word:?} {order:?}");
        }
    }

    #[test]
    fn an_order_goes_by_its_id_its_number_or_no_name() {
        let order = order(Status::Pending, PaymentStatus::Unpaid);
        for (order_id, expect) in [
            ("", true),
            ("42", true),
            ("DS-8800123456789012", true),
            ("43", false),
            ("DS-8800123456789013", false),
        ] {
            assert_eq!(is_about(&order, order_id), expect, "{order_id}");
        }
    }
}
