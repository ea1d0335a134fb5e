//! The rules of the shop. Nothing here does I/O or knows HTTP, SQL or GraphQL.

pub(crate) mod account;
pub(crate) mod order;
pub(crate) mod payment;
pub(crate) mod returning;
pub(crate) mod shipping;
pub(crate) mod va;
