//! What the pages are built from.

use std::path::PathBuf;

use money::Money;
use peer::Upstream;
use service::Clock;
use url::Url;

/// What the pages are built from.
#[derive(Clone)]
pub struct Config {
    /// The gateway's router, in this process: it takes the client's address from the request, as from a socket.
    pub gateway: Upstream,
    /// Where buyers reach the pages. With `https` cookies are sent over TLS only.
    pub public_url: Url,
    /// Where `web.key` is kept, which seals the cookies.
    pub keys_dir: PathBuf,
    /// Larger payments and transfers are confirmed with password or PIN.
    pub confirm_above: Money,
    /// Whether owners may top up for free.
    pub sandbox: bool,
    /// The time.
    pub clock: Clock,
}

impl Config {
    /// Whether buyers reach the pages by TLS alone.
    pub(crate) fn is_secure(&self) -> bool {
        self.public_url.scheme() == "https"
    }
}

/// Why the pages cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    /// The key that seals cookies can neither be read nor made.
    #[error("the key of the pages, {path}, cannot be used")]
    Key {
        /// The file.
        path: PathBuf,
        /// What happened.
        #[source]
        cause: std::io::Error,
    },
}
