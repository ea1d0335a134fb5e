//! What every service is made of: settings, tokens, the GraphQL endpoint, health, metrics, tracing, shutdown.

pub mod document;
pub mod endpoint;
pub mod error;
pub mod graphql_http;
mod name;
pub mod outbound;
pub mod page;
mod reference;
pub mod secret;
pub mod serve;
pub mod settings;
pub mod telemetry;
pub mod time;
pub mod token;
pub mod trace;

pub use error::{ApiError, ErrorCode};
pub use name::ServiceName;
pub use reference::{Reference, ReferenceError};
pub use secret::Secret;
pub use settings::{Mode, Settings};
pub use time::{Clock, DateTime, Micros, Timestamp};
