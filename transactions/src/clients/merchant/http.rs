//! The HTTP client for calls to merchants: no redirects, bounded answers, and in live mode public addresses only.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use service::Mode;
use service::outbound::is_public;

/// A merchant that needs longer counts as not answering.
const TIMEOUT: Duration = Duration::from_secs(4);

/// The client for calls to merchants.
pub fn outbound_client(mode: Mode) -> Result<reqwest::Client, reqwest::Error> {
    let builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(TIMEOUT)
        .connect_timeout(Duration::from_secs(2))
        .pool_idle_timeout(Duration::from_secs(60))
        .user_agent(concat!("sawit/", env!("CARGO_PKG_VERSION")))
        .no_proxy();
    match mode {
        Mode::Sandbox => builder.build(),
        Mode::Live => builder.dns_resolver(Arc::new(PublicAddresses)).build(),
    }
}

/// Resolves names and leaves out every address that is not public, so that no name leads into our own network.
/// Addresses written into a URL itself never come here; the settings check those.
struct PublicAddresses;

impl Resolve for PublicAddresses {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_owned();
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((host.as_str(), 0)).await?.collect();
            let public: Vec<SocketAddr> = found.into_iter().filter(|address| is_public(address.ip())).collect();
            if public.is_empty() {
                return Err(format!("{host} has no public address").into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}
