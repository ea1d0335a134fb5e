//! What tests share. A helper that cannot do its work panics and says why: in a test that is the right end.
//!
//! For a service alone: [`graphql`], [`peers`], [`tokens`], [`schema`], [`descriptions`]. For the whole provider, as
//! processes that are talked to over HTTP: [`provider`], [`marketplace`], [`gate`], [`client`], [`person`], [`wait`].

pub mod client;
pub mod descriptions;
pub mod gate;
pub mod graphql;
pub mod listen;
pub mod marketplace;
pub mod peers;
pub mod person;
pub mod ports;
pub mod provider;
pub mod schema;
pub mod tokens;
pub mod wait;
