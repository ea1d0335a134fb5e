//! What the API shows.

use async_graphql::{ID, InputObject, InputValueError, InputValueResult, Scalar, ScalarType, SimpleObject, Value};
use jiff::Timestamp;

use crate::domain::account::User;
use crate::domain::order::{Order, Product};
use crate::domain::shipping::City;

/// Whole rupiah, a JSON number. GraphQL's own `Int` ends at 2.1 thousand million, less than some orders cost.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rupiah(pub(super) i64);

/// An amount in whole rupiah, as a JSON number.
#[Scalar(name = "Rupiah")]
impl ScalarType for Rupiah {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::Number(number) => number
                .as_i64()
                .map(Self)
                .ok_or_else(|| InputValueError::custom("whole rupiah only")),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::from(self.0)
    }
}

/// An account.
#[derive(SimpleObject)]
#[graphql(name = "User")]
pub(super) struct UserView {
    id: ID,
    nama: String,
    email: String,
    role: String,
    is_active: bool,
    status_label: &'static str,
}

impl From<User> for UserView {
    fn from(user: User) -> Self {
        let status_label = user.status_label();
        Self {
            id: user.id.into(),
            nama: user.nama,
            email: user.email,
            role: user.role,
            is_active: user.is_active,
            status_label,
        }
    }
}

/// A login that succeeded.
#[derive(SimpleObject)]
#[graphql(name = "AuthPayload")]
pub(super) struct AuthView {
    /// For the `Authorization: Bearer` header of both endpoints.
    pub(super) token: String,
    pub(super) user: UserView,
}

/// Something that is sold.
#[derive(SimpleObject)]
#[graphql(name = "Product")]
pub(super) struct ProductView {
    id: ID,
    nama: String,
    deskripsi: String,
    harga: Rupiah,
    stok: i64,
    berat_gram: i64,
}

impl From<Product> for ProductView {
    fn from(product: Product) -> Self {
        Self {
            id: product.id.into(),
            nama: product.nama,
            deskripsi: product.deskripsi,
            harga: Rupiah(product.harga),
            stok: product.stok,
            berat_gram: product.weight_grams,
        }
    }
}

/// A city that is delivered to.
#[derive(SimpleObject)]
#[graphql(name = "Kota")]
pub(super) struct CityView {
    id: ID,
    nama: &'static str,
}

impl From<City> for CityView {
    fn from(city: City) -> Self {
        Self {
            id: city.id.into(),
            nama: city.nama,
        }
    }
}

/// What a buyer orders.
#[derive(InputObject)]
#[graphql(name = "CreateOrderInput")]
pub(super) struct OrderInput {
    pub(super) product_id: ID,
    pub(super) quantity: i32,
    pub(super) alamat_pengiriman: String,
    /// REGULER, EXPRESS or KARGO.
    pub(super) metode_pengiriman: String,
    /// The destination city, from `kota`; Jakarta when left out.
    pub(super) kota_tujuan_id: Option<ID>,
}

/// An order, as its buyer sees it.
#[derive(SimpleObject)]
#[graphql(name = "Order")]
pub(super) struct OrderView {
    id: ID,
    product_id: ID,
    quantity: i64,
    alamat_pengiriman: String,
    metode_pengiriman: String,
    /// What delivery costs; part of `totalHarga`.
    ongkir: Rupiah,
    total_harga: Rupiah,
    /// The virtual-account number to pay to.
    #[graphql(name = "nomorVA")]
    nomor_va: String,
    /// PENDING, PROCESSED, EXPIRED, CANCELLED or REFUND_DUE.
    status: &'static str,
    /// UNPAID, PAID or EXPIRED.
    payment_status: &'static str,
    /// Where the buyer pays.
    checkout_url: String,
    created_at: String,
    expires_at: String,
    paid_at: Option<String>,
}

impl OrderView {
    pub(super) fn new(order: Order, checkout_url: &str) -> Self {
        let now = Timestamp::now();
        let separator = if checkout_url.contains('?') { '&' } else { '?' };
        Self {
            id: order.id.into(),
            product_id: order.product_id.into(),
            quantity: order.quantity,
            ongkir: Rupiah(order.price.shipping_cost),
            total_harga: Rupiah(order.price.total),
            // The number is letters, digits and a dash: nothing in it needs escaping.
            checkout_url: format!("{checkout_url}{separator}va={}", order.va_number),
            status: order.status_at(now).as_str(),
            payment_status: order.payment_status_at(now).as_str(),
            nomor_va: order.va_number,
            alamat_pengiriman: order.address,
            metode_pengiriman: order.shipping_method,
            created_at: order.created_at.to_string(),
            expires_at: order.expires_at.to_string(),
            paid_at: order.paid_at.map(|time| time.to_string()),
        }
    }
}

/// An order as a bill: what anyone who has its virtual-account number may see, so nothing about the buyer.
#[derive(SimpleObject)]
#[graphql(name = "Bill")]
pub(super) struct BillView {
    id: ID,
    product_id: ID,
    quantity: i64,
    ongkir: Rupiah,
    total_harga: Rupiah,
    #[graphql(name = "nomorVA")]
    nomor_va: String,
    /// PENDING, PROCESSED, EXPIRED, CANCELLED or REFUND_DUE.
    status: &'static str,
    /// UNPAID, PAID or EXPIRED.
    payment_status: &'static str,
    expires_at: String,
}

impl From<Order> for BillView {
    fn from(order: Order) -> Self {
        let now = Timestamp::now();
        Self {
            id: order.id.into(),
            product_id: order.product_id.into(),
            quantity: order.quantity,
            ongkir: Rupiah(order.price.shipping_cost),
            total_harga: Rupiah(order.price.total),
            status: order.status_at(now).as_str(),
            payment_status: order.payment_status_at(now).as_str(),
            nomor_va: order.va_number,
            expires_at: order.expires_at.to_string(),
        }
    }
}
