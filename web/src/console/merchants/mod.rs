//! Merchants: who they are, what they pay, their keys, and how they are told of payments.

pub(crate) mod change;
pub(crate) mod documents;
pub(crate) mod endpoint;
pub(crate) mod list;
pub(crate) mod show;
mod types;

/// Where the list stands.
const PATH: &str = "/console/merchants";
