//! A buyer orders: the goods are reserved and a bill is made, both or neither.

use jiff::Timestamp;
use rusqlite::Transaction;

use crate::app::App;
use crate::config::VaSource;
use crate::domain::order::{self, Order, Price, Request, RequestKey};
use crate::domain::va;
use crate::error::Error;
use crate::store::orders::{self, NewOrder};
use crate::store::products;

/// Two of a million million numbers being the same is rare; several times in a row means something is broken.
const OWN_VA_TRIES: usize = 5;

/// Who may send the same request twice without meaning it gives a key: the second time the first order is the answer.
pub(crate) async fn create_order(
    app: &App,
    user_id: i64,
    request: Request,
    key: Option<RequestKey>,
) -> Result<Order, Error> {
    let price = match quote(app, user_id, &request, key.clone()).await? {
        Quote::Made(order) => return Ok(*order),
        Quote::Price(price) => price,
    };
    // Asked before the transaction: nothing waits for the network while the database is held.
    let provider_va = match app.rules.va_source {
        VaSource::Own => None,
        VaSource::Provider => Some(ask_provider(app, &request, price).await?),
    };
    let created_at = Timestamp::now();
    let expires_at = order::deadline(created_at, app.rules.bill_ttl)?;
    app.db
        .run(move |tx| {
            if let Some(order) = find_made(tx, user_id, key.as_ref())? {
                return Ok(order);
            }
            let product = products::find(tx, request.product_id)?.ok_or(Error::NotFound("Produk"))?;
            if request.price(&product)? != price {
                return Err(Error::bad_input("productId", "the price has just changed, order again"));
            }
            if !products::take_stock(tx, request.product_id, request.quantity)? {
                return Err(Error::OutOfStock);
            }
            let insert = |va_number: &str| {
                orders::insert(
                    tx,
                    &NewOrder {
                        user_id,
                        request: &request,
                        price,
                        va_number,
                        request_key: key.as_ref(),
                        created_at,
                        expires_at,
                    },
                )
            };
            match &provider_va {
                Some(va_number) => insert(va_number)?.ok_or(Error::ProviderUnavailable),
                None => insert_with_own_va(insert),
            }
        })
        .await
}

/// What is known before the order is made.
enum Quote {
    /// It has been made already.
    Made(Box<Order>),
    /// Its price.
    Price(Price),
}

/// The price, for goods that are there; the transaction checks all of it again. The made order is looked for in the same
/// breath: its own goods must not be what is missing on the shelf.
async fn quote(app: &App, user_id: i64, request: &Request, key: Option<RequestKey>) -> Result<Quote, Error> {
    let request = request.clone();
    app.db
        .run(move |tx| {
            if let Some(order) = find_made(tx, user_id, key.as_ref())? {
                return Ok(Quote::Made(Box::new(order)));
            }
            let product = products::find(tx, request.product_id)?.ok_or(Error::NotFound("Produk"))?;
            if product.stok < request.quantity {
                return Err(Error::OutOfStock);
            }
            request.price(&product).map(Quote::Price)
        })
        .await
}

fn find_made(tx: &Transaction<'_>, user_id: i64, key: Option<&RequestKey>) -> Result<Option<Order>, Error> {
    key.map_or(Ok(None), |key| orders::find_by_request(tx, user_id, key))
}

async fn ask_provider(app: &App, request: &Request, price: Price) -> Result<String, Error> {
    let description = format!("BlackDoctrine: {} x produk {}", request.quantity, request.product_id);
    app.provider
        .generate_va(price.total, &description)
        .await
        .map_err(|error| {
            tracing::warn!(
                error = format!("{error:#}"),
                "the provider gave no virtual-account number"
            );
            Error::ProviderUnavailable
        })
}

fn insert_with_own_va(insert: impl Fn(&str) -> Result<Option<Order>, Error>) -> Result<Order, Error> {
    for _ in 0..OWN_VA_TRIES {
        if let Some(order) = insert(&va::from_random(rand::random()))? {
            return Ok(order);
        }
    }
    Err(Error::internal(anyhow::anyhow!("no free virtual-account number found")))
}
