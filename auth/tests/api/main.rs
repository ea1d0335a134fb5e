//! Auth alone, through its router, against a real database file.

mod accounts;
mod admin;
mod hostile;
mod keys;
mod limits;
mod merchants;
mod pins;
mod races;
mod recipients;
mod schemas;
mod second_factors;
mod service_tokens;
mod sessions;
mod start;
mod tokens;
mod world;
