//! BlackDoctrine: a marketplace that lets its buyers pay through a wallet provider. It is an outside program: it knows
//! the provider only by what a merchant can see, and shares no code with it.
//!
//! - `domain`: orders, shipping, virtual accounts, users; no I/O.
//! - `app`: one file per operation.
//! - `store`: all SQL.
//! - `graphql`, `http`: the two endpoints and the webhook receiver, thin.
//! - `pages`: the shop in a browser.
//! - `provider`: the marketplace as the provider's client.

mod app;
mod config;
mod domain;
mod error;
mod graphql;
mod http;
mod pages;
mod provider;
mod secrets;
mod server;
mod store;

pub use config::{Config, VaSource};
pub use server::{Running, start};
