//! The pages of the provider: the hosted checkout, the wallet app and the console of the staff. They reach the provider only as any client does, through
//! the gateway's public GraphQL API, and so have no right that their user does not have.
//!
//! `routes` lists the pages, `visit` is what stands before each of them (language, session, protection of forms),
//! `api` is what the gateway is asked, `text` is every sentence in both languages.

mod api;
mod app;
mod assets;
mod checkout;
mod config;
mod console;
mod cookies;
mod csv;
mod fields;
mod format;
mod local_path;
mod pages;
mod receipts;
mod routes;
mod session;
mod statements;
mod text;
mod visit;

pub use config::{Config, WebError};
pub use routes::router;

/// Makes `web.key` in the folder of keys, unless it is there.
pub fn make_key_if_missing(keys_dir: &std::path::Path) -> Result<(), WebError> {
    session::load_or_make(keys_dir).map(drop)
}
