//! One order, shown to its buyer alone; where the buyer comes back to from the checkout.

use axum::Json;
use axum::extract::{OriginalUri, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use crate::app::cancel_order::cancel_order;
use crate::app::{App, SharedApp};
use crate::domain::order::{Order, Product};
use crate::domain::returning::{self, Word};
use crate::error::Error;
use crate::pages::form::{Nothing, Sent};
use crate::pages::order_view::OrderPage;
use crate::pages::query::Asked;
use crate::pages::visitor::Visitor;
use crate::pages::{PageError, link};
use crate::secrets::Returned;
use crate::store::{orders, products};

/// What the provider adds to the address when it sends the buyer back, and our own count of how often the page has
/// reloaded itself since.
#[derive(Deserialize, Default)]
pub(crate) struct Return {
    #[serde(default)]
    session_id: String,
    #[serde(default)]
    order_id: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    signature: String,
    #[serde(default)]
    pub(super) coba: u16,
}

pub(crate) async fn show(
    State(app): State<SharedApp>,
    visitor: Visitor,
    OriginalUri(uri): OriginalUri,
    Path(id): Path<String>,
    Asked(returned): Asked<Return>,
) -> Result<Response, PageError> {
    let here = uri.path_and_query().map_or("/", |path| path.as_str());
    let user_id = visitor.buyer(here)?.id;
    let (order, product) = find(&app, user_id, &id).await?;
    let notice = returning::notice(returned.word(&app, &order), &order);
    let page = OrderPage {
        order: &order,
        product: product.as_ref(),
        notice,
        returned: &returned,
        problem: None,
    };
    Ok(page.render(&app, &visitor)?.respond(StatusCode::OK))
}

/// What the script asks while the buyer waits for the payment to be confirmed.
pub(crate) async fn status(
    State(app): State<SharedApp>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let user_id = visitor.buyer("/pesanan")?.id;
    let (order, _) = find(&app, user_id, &id).await?;
    Ok(Json(json!({ "paymentStatus": order.payment_status.as_str() })).into_response())
}

pub(crate) async fn cancel(
    State(app): State<SharedApp>,
    Path(id): Path<String>,
    Sent { visitor, .. }: Sent<Nothing>,
) -> Result<Response, PageError> {
    let user_id = visitor.buyer("/pesanan")?.id;
    let (order, product) = find(&app, user_id, &id).await?;
    match cancel_order(&app, user_id, order.id).await {
        Ok(order) => Ok(link::go(&link::order(order.id)).into_response()),
        Err(error @ Error::NotCancellable) => {
            let page = OrderPage {
                order: &order,
                product: product.as_ref(),
                notice: None,
                returned: &Return::default(),
                problem: Some(&error),
            };
            Ok(page.render(&app, &visitor)?.respond(StatusCode::CONFLICT))
        }
        Err(error) => Err(error.into()),
    }
}

/// The order a path names, if it is this buyer's.
async fn find(app: &App, user_id: i64, id: &str) -> Result<(Order, Option<Product>), PageError> {
    let id: i64 = id.parse().map_err(|_| PageError::NotFound)?;
    let found = app.db.run(move |tx| {
        let Some(order) = orders::find_of_user(tx, user_id, id)? else {
            return Ok(None);
        };
        let product = products::find(tx, order.product_id)?;
        Ok(Some((order, product)))
    });
    found.await?.ok_or(PageError::NotFound)
}

impl Return {
    /// What is to be believed of it.
    fn word(&self, app: &App, order: &Order) -> Word<'_> {
        if self.status.is_empty() && self.signature.is_empty() {
            return Word::None;
        }
        let returned = Returned {
            session_id: &self.session_id,
            order_id: &self.order_id,
            status: &self.status,
            signature: &self.signature,
        };
        let is_signed = app.returns.as_ref().is_none_or(|key| key.has_signed(returned));
        if is_signed && returning::is_about(order, &self.order_id) {
            Word::Status(&self.status)
        } else {
            Word::Forged
        }
    }

    /// The address the provider sent the buyer to, after so many reloads of our own.
    pub(super) fn address(&self, order: &Order, tries: u16) -> String {
        format!(
            "{}?session_id={}&order_id={}&status={}&signature={}&coba={tries}",
            link::order(order.id),
            link::encode(&self.session_id),
            link::encode(&self.order_id),
            link::encode(&self.status),
            link::encode(&self.signature),
        )
    }
}
