//! Orders: what they cost and which states they pass.

use std::time::Duration;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::domain::shipping::{self, City, Method};
use crate::error::Error;

/// Where an order is on its way to the buyer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    /// Waits for its payment.
    Pending,
    /// Paid, and being prepared.
    Processed,
    /// Was not paid in time; the goods went back.
    Expired,
    /// Called off by the buyer before paying; the goods went back.
    Cancelled,
    /// Paid when the goods were no longer ours to promise: someone has to send the money back.
    RefundDue,
}

/// What the provider and the buyer need to know of the money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PaymentStatus {
    /// Can be paid.
    Unpaid,
    /// Has been paid.
    Paid,
    /// Can no longer be paid: too late, or called off.
    Expired,
}

impl Status {
    const ALL: [Self; 5] = [
        Self::Pending,
        Self::Processed,
        Self::Expired,
        Self::Cancelled,
        Self::RefundDue,
    ];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Processed => "PROCESSED",
            Self::Expired => "EXPIRED",
            Self::Cancelled => "CANCELLED",
            Self::RefundDue => "REFUND_DUE",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

impl PaymentStatus {
    const ALL: [Self; 3] = [Self::Unpaid, Self::Paid, Self::Expired];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Unpaid => "UNPAID",
            Self::Paid => "PAID",
            Self::Expired => "EXPIRED",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

/// Something that is sold.
#[derive(Debug, Clone)]
pub(crate) struct Product {
    pub(crate) id: i64,
    pub(crate) nama: String,
    pub(crate) deskripsi: String,
    pub(crate) harga: i64,
    pub(crate) stok: i64,
    pub(crate) weight_grams: i64,
}

/// What a buyer asks for, checked.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) product_id: i64,
    pub(crate) quantity: i64,
    pub(crate) address: String,
    pub(crate) method: Method,
    pub(crate) city: Option<City>,
}

pub(crate) const QUANTITY_MAX: i64 = 1_000;

impl Request {
    pub(crate) fn parse(
        product_id: &str,
        quantity: i64,
        address: &str,
        method: &str,
        city_id: Option<&str>,
    ) -> Result<Self, Error> {
        let product_id = product_id.trim().parse().map_err(|_| Error::NotFound("Produk"))?;
        if !(1..=QUANTITY_MAX).contains(&quantity) {
            return Err(Error::bad_input("quantity", format!("1 to {QUANTITY_MAX}")));
        }
        let address = address.trim();
        if !(5..=300).contains(&address.chars().count()) {
            return Err(Error::bad_input("alamatPengiriman", "5 to 300 characters"));
        }
        let (method, city) = (Method::parse(method)?, shipping::city(city_id)?);
        Ok(Self {
            product_id,
            quantity,
            address: address.to_owned(),
            method,
            city,
        })
    }

    /// What the buyer is asked to pay.
    pub(crate) fn price(&self, product: &Product) -> Result<Price, Error> {
        let too_much = || Error::bad_input("quantity", "the order is too large");
        let weight_grams = product.weight_grams.checked_mul(self.quantity).ok_or_else(too_much)?;
        let shipping_cost = shipping::cost(self.method, self.city, weight_grams);
        let goods = product.harga.checked_mul(self.quantity).ok_or_else(too_much)?;
        let total = goods.checked_add(shipping_cost).ok_or_else(too_much)?;
        Ok(Price {
            unit_price: product.harga,
            shipping_cost,
            total,
        })
    }
}

/// A form and what was in it: the same when the form is sent twice unchanged, so that a double click makes one order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RequestKey(String);

impl RequestKey {
    pub(crate) fn new(form_id: &str, request: &Request) -> Self {
        let content = serde_json::json!([
            form_id,
            request.product_id,
            request.quantity,
            request.address,
            request.method.name(),
            request.city.map(|city| city.id),
        ]);
        let digest = Sha256::digest(content.to_string());
        Self(digest.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// The price of an order in whole rupiah.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Price {
    pub(crate) unit_price: i64,
    pub(crate) shipping_cost: i64,
    pub(crate) total: i64,
}

/// An order as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub(crate) id: i64,
    pub(crate) product_id: i64,
    pub(crate) quantity: i64,
    pub(crate) address: String,
    pub(crate) shipping_method: String,
    pub(crate) price: Price,
    pub(crate) va_number: String,
    pub(crate) status: Status,
    pub(crate) payment_status: PaymentStatus,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) paid_at: Option<Timestamp>,
    pub(crate) transaction_id: Option<String>,
    pub(crate) city_id: Option<i64>,
    /// What the provider has sent back, in whole rupiah.
    pub(crate) refunded: i64,
}

impl Order {
    /// What to tell about the payment now. The goods are given back some time after the deadline, but from the
    /// deadline on nobody is asked to pay any more.
    pub(crate) fn payment_status_at(&self, now: Timestamp) -> PaymentStatus {
        match self.payment_status {
            PaymentStatus::Unpaid if now >= self.expires_at => PaymentStatus::Expired,
            stored => stored,
        }
    }

    /// The state of the order now, by the same rule.
    pub(crate) fn status_at(&self, now: Timestamp) -> Status {
        match self.status {
            Status::Pending if now >= self.expires_at => Status::Expired,
            stored => stored,
        }
    }
}

/// When a bill made now can no longer be paid.
pub(crate) fn deadline(now: Timestamp, bill_ttl: Duration) -> Result<Timestamp, Error> {
    now.checked_add(bill_ttl).map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn coffee() -> Product {
        Product {
            id: 1,
            nama: "Kopi".to_owned(),
            deskripsi: String::new(),
            harga: 25_000,
            stok: 10,
            weight_grams: 250,
        }
    }

    #[test]
    fn price_is_goods_and_shipping() {
        for (quantity, method, shipping_cost, total) in [
            (1, "REGULER", 9_000, 34_000),
            (2, "REGULER", 9_000, 59_000),
            (4, "EXPRESS", 18_000, 118_000),
            (5, "EXPRESS", 36_000, 161_000),
        ] {
            let request = Request::parse("1", quantity, "Jalan Konoha No. 02", method, None).unwrap();
            assert_eq!(
                request.price(&coffee()).unwrap(),
                Price {
                    unit_price: 25_000,
                    shipping_cost,
                    total
                }
            );
        }
    }

    #[test]
    fn a_price_that_does_not_fit_is_refused() {
        let request = Request::parse("1", 1_000, "Jalan Konoha No. 02", "REGULER", None).unwrap();
        let product = Product {
            harga: i64::MAX / 10,
            ..coffee()
        };
        assert!(request.price(&product).is_err());
    }

    #[test]
    fn requests_are_checked() {
        let parse = |product, quantity, address| Request::parse(product, quantity, address, "REGULER", None);
        assert!(parse("1", 1, "Jalan Konoha").is_ok());
        assert!(parse("x", 1, "Jalan Konoha").is_err());
        assert!(parse("1", 0, "Jalan Konoha").is_err());
        assert!(parse("1", -1, "Jalan Konoha").is_err());
        assert!(parse("1", 1_001, "Jalan Konoha").is_err());
        assert!(parse("1", 1, " J ").is_err());
        assert!(parse("1", 1, &"J".repeat(301)).is_err());
    }

    #[test]
    fn only_the_same_form_with_the_same_content_has_the_same_key() {
        let request = |quantity| Request::parse("1", quantity, "Jalan Konoha", "REGULER", Some("2")).unwrap();
        let key = RequestKey::new("form-1", &request(1));
        assert_eq!(RequestKey::new("form-1", &request(1)), key);
        assert_ne!(RequestKey::new("form-2", &request(1)), key);
        assert_ne!(RequestKey::new("form-1", &request(2)), key);
        assert_eq!(key.as_str().len(), 64);
    }

    #[test]
    fn states_read_back() {
        for status in Status::ALL {
            assert_eq!(Status::parse(status.as_str()), Some(status));
        }
        for status in PaymentStatus::ALL {
            assert_eq!(PaymentStatus::parse(status.as_str()), Some(status));
        }
    }
}
