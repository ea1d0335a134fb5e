//! The HTTP clients for calls to merchants: no redirects, bounded time, and public addresses only where that is wanted.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::ClientBuilder;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use service::outbound::{is_public, names_public_host};
use url::Url;

/// A buyer waits for a bill, so a merchant that needs longer counts as not answering.
const TIMEOUT: Duration = Duration::from_secs(4);
/// Nobody waits for a webhook, and receivers do their work before they answer.
const WEBHOOK_TIMEOUT: Duration = Duration::from_secs(10);

/// Calls merchants' order endpoints. Cheap to clone.
#[derive(Clone)]
pub struct OrderHttp {
    client: reqwest::Client,
    public_only: bool,
}

impl OrderHttp {
    /// With `public_only` nothing private is called, neither by name nor by a literal address.
    pub fn new(public_only: bool) -> Result<Self, reqwest::Error> {
        Ok(Self {
            client: client(TIMEOUT, public_only)?,
            public_only,
        })
    }

    /// A request to an endpoint; `None` when its address must not be called. An address that was saved when it was
    /// allowed is looked at again at every call.
    pub fn post(&self, endpoint: &Url) -> Option<reqwest::RequestBuilder> {
        let may_be_called = !self.public_only || names_public_host(endpoint);
        may_be_called.then(|| self.client.post(endpoint.clone()))
    }
}

/// The client for webhooks.
pub fn webhook_client(public_only: bool) -> Result<reqwest::Client, reqwest::Error> {
    client(WEBHOOK_TIMEOUT, public_only)
}

fn client(timeout: Duration, public_only: bool) -> Result<reqwest::Client, reqwest::Error> {
    let builder = ClientBuilder::new()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(timeout)
        .connect_timeout(Duration::from_secs(2))
        .pool_idle_timeout(Duration::from_secs(60))
        .user_agent(concat!("sawit/", env!("CARGO_PKG_VERSION")))
        .no_proxy();
    if public_only {
        builder.dns_resolver(Arc::new(PublicAddresses)).build()
    } else {
        builder.build()
    }
}

/// Whether a call failed because the name leads to addresses that must not be called.
pub fn is_refused_address(error: &reqwest::Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.is::<NoPublicAddress>() {
            return true;
        }
        cause = error.source();
    }
    false
}

/// Resolves names and leaves out every address that is not public, so that no name leads into our own network, whatever it
/// led to a moment ago. Addresses written into a URL itself never come here; whoever calls checks those.
struct PublicAddresses;

#[derive(Debug, thiserror::Error)]
#[error("{0} has no public address")]
struct NoPublicAddress(String);

impl Resolve for PublicAddresses {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_owned();
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((host.as_str(), 0)).await?.collect();
            let public: Vec<SocketAddr> = found.into_iter().filter(|address| is_public(address.ip())).collect();
            if public.is_empty() {
                return Err(NoPublicAddress(host).into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_name_that_leads_to_a_private_address_is_not_called() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://localhost:{}/", listener.local_addr().unwrap().port());
        let refused = webhook_client(true).unwrap().get(&url).send().await.unwrap_err();
        assert!(is_refused_address(&refused), "{refused:?}");
        // The same name, where it may be called: somebody is there.
        let calling = tokio::spawn(webhook_client(false).unwrap().get(&url).send());
        listener.accept().await.unwrap();
        calling.abort();
    }

    #[tokio::test]
    async fn a_connection_that_is_refused_is_no_refused_address() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        drop(listener);
        let failed = webhook_client(true).unwrap().get(&url).send().await.unwrap_err();
        assert!(!is_refused_address(&failed) && failed.is_connect());
    }
}
