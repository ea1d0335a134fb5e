//! The shop's pages: what a buyer clicks through, from the shelf to the paid order. Handlers here are as thin as
//! resolvers: they read, authorise, call an operation and show. The pages work without JavaScript; the one script only
//! spares who waits for a payment's confirmation the reloading.

pub(crate) mod account;
pub(crate) mod assets;
mod cookies;
mod error;
mod form;
pub(crate) mod guard;
mod layout;
mod link;
pub(crate) mod my_orders;
pub(crate) mod order;
pub(crate) mod order_form;
mod order_view;
pub(crate) mod products;
mod query;
mod text;
mod visitor;

use axum::http::Uri;
use axum::response::Redirect;

pub(crate) use error::PageError;

/// For every other path.
pub(crate) async fn not_found() -> PageError {
    PageError::NotFound
}

/// A form that was sent has the address of its verb; who loads that address again belongs on the page the form is on.
pub(crate) async fn back_to_the_form(uri: Uri) -> Redirect {
    link::go(uri.path().rsplit_once('/').map_or("/", |(page, _verb)| page))
}
