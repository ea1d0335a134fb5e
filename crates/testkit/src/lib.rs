//! What tests share. A helper that cannot do its work panics and says why: in a test that is the right end.

pub mod descriptions;
pub mod graphql;
pub mod peers;
pub mod schema;
pub mod tokens;
