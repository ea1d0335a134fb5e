//! Bills: what a merchant wants to be paid.

use money::Money;

use super::failure::{Failure, FailureCode};

/// Whether a bill can be paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BillStanding {
    /// It can.
    Payable,
    /// It was paid.
    Paid,
    /// It cannot any more.
    Expired,
}

impl BillStanding {
    /// Reads the words of marketplaces, which agree on little: the payment's own status counts first. A word that nobody
    /// knows means payable, because the provider itself makes sure that a bill is paid once.
    pub fn from_words(payment_status: Option<&str>, status: Option<&str>) -> Self {
        let payment = payment_status.map(str::to_ascii_uppercase);
        let order = status.map(str::to_ascii_uppercase);
        match payment.as_deref() {
            Some("PAID" | "SUCCESS" | "SETTLED" | "SETTLEMENT" | "LUNAS") => Self::Paid,
            Some("EXPIRED" | "CANCELLED" | "CANCELED" | "FAILED" | "KADALUARSA" | "DIBATALKAN") => Self::Expired,
            known => match order.as_deref() {
                Some("EXPIRED" | "CANCELLED" | "CANCELED" | "KADALUARSA" | "DIBATALKAN") => Self::Expired,
                Some("PAID" | "PROCESSED" | "SUCCESS" | "LUNAS") if known.is_none() => Self::Paid,
                _ => Self::Payable,
            },
        }
    }
}

/// A bill as the merchant told it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bill {
    /// The merchant's own name for what is paid, if it tells one.
    pub order_id: Option<String>,
    /// How much it is over.
    pub amount: Money,
    /// Whether it can be paid.
    pub standing: BillStanding,
}

impl Bill {
    /// Whether this amount pays it.
    pub fn check(&self, amount: Money) -> Result<(), Failure> {
        match self.standing {
            BillStanding::Paid => Err(Failure::new(FailureCode::BillAlreadyPaid, "the bill has been paid")),
            BillStanding::Expired => Err(Failure::new(
                FailureCode::BillExpired,
                "the bill has expired or was cancelled",
            )),
            BillStanding::Payable if self.amount != amount => {
                let reason = format!(
                    "the bill is over {} {}, not {amount}",
                    self.amount.currency().code(),
                    self.amount
                );
                Err(Failure::new(FailureCode::BillAmountMismatch, reason))
            }
            BillStanding::Payable => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use money::Currency;

    use super::*;

    #[test]
    fn the_words_of_marketplaces_are_understood() {
        #[track_caller]
        fn check(payment: Option<&str>, order: Option<&str>, expect: BillStanding) {
            assert_eq!(
                BillStanding::from_words(payment, order),
                expect,
                "{payment:?} {order:?}"
            );
        }
        check(Some("UNPAID"), Some("PENDING"), BillStanding::Payable);
        check(Some("PAID"), Some("PENDING"), BillStanding::Paid);
        check(Some("paid"), None, BillStanding::Paid);
        check(Some("UNPAID"), Some("CANCELLED"), BillStanding::Expired);
        check(Some("UNPAID"), Some("PROCESSED"), BillStanding::Payable);
        check(Some("EXPIRED"), Some("PENDING"), BillStanding::Expired);
        check(None, Some("PROCESSED"), BillStanding::Paid);
        check(None, Some("WAITING"), BillStanding::Payable);
        check(None, None, BillStanding::Payable);
    }

    #[test]
    fn a_bill_is_paid_with_its_exact_amount_and_once() {
        #[track_caller]
        fn check(standing: BillStanding, amount_minor: i64, expect: Option<FailureCode>) {
            let idr = |minor| Money::new(minor, Currency::Idr).unwrap();
            let bill = Bill {
                order_id: None,
                amount: idr(2_000_000),
                standing,
            };
            assert_eq!(bill.check(idr(amount_minor)).err().map(|failure| failure.code), expect);
        }
        check(BillStanding::Payable, 2_000_000, None);
        check(BillStanding::Payable, 1_999_999, Some(FailureCode::BillAmountMismatch));
        check(BillStanding::Payable, 2_000_001, Some(FailureCode::BillAmountMismatch));
        check(BillStanding::Paid, 2_000_000, Some(FailureCode::BillAlreadyPaid));
        check(BillStanding::Expired, 2_000_000, Some(FailureCode::BillExpired));
    }
}
