//! How one service calls another: typed GraphQL documents over HTTP or in process, with a token, bounded retries, a
//! circuit breaker, and many calls gathered into one request.

mod breaker;
mod call;
mod coalesce;
mod error;
mod tokens;
mod upstream;

pub use call::Peer;
pub use coalesce::Coalescer;
pub use error::PeerError;
pub use tokens::ServiceTokens;
pub use upstream::{Opening, Upstream, UpstreamError};
