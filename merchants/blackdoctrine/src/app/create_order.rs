//! A buyer orders: the goods are reserved and a bill is made, both or neither.

use jiff::Timestamp;
use rusqlite::Transaction;

use crate::app::App;
use crate::config::VaSource;
use crate::domain::order::{self, Order, Price, Request};
use crate::domain::va;
use crate::error::Error;
use crate::store::orders::{self, NewOrder};
use crate::store::products;

/// Two of a million million numbers being the same is rare; several times in a row means something is broken.
const OWN_VA_TRIES: usize = 5;

pub(crate) async fn create_order(app: &App, user_id: i64, request: Request) -> Result<Order, Error> {
    let price = quote(app, &request).await?;
    // Asked before the transaction: nothing waits for the network while the database is held.
    let provider_va = match app.rules.va_source {
        VaSource::Own => None,
        VaSource::Provider => Some(ask_provider(app, &request, price).await?),
    };
    let created_at = Timestamp::now();
    let expires_at = order::deadline(created_at, app.rules.bill_ttl)?;
    app.db
        .run(move |tx| {
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

/// The price, for goods that are there; the transaction checks both again.
async fn quote(app: &App, request: &Request) -> Result<Price, Error> {
    let product_id = request.product_id;
    let find = move |tx: &Transaction<'_>| products::find(tx, product_id);
    let product = app.db.run(find).await?.ok_or(Error::NotFound("Produk"))?;
    if product.stok < request.quantity {
        return Err(Error::OutOfStock);
    }
    request.price(&product)
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
