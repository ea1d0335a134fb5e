//! How one service calls another.

mod upstream;

pub use upstream::{Upstream, UpstreamError};
