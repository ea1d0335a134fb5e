//! How often an address may do what needs no token.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use moka::sync::Cache;
use service::outbound::network_of;
use service::{ApiError, ErrorCode};

const ADDRESSES_MAX: u64 = 10_000;
const WINDOW: Duration = Duration::from_secs(60);

/// Counts per address and minute. Cheap to clone.
#[derive(Clone)]
pub struct AddressLimit {
    per_minute: u32,
    what: &'static str,
    counts: Option<Cache<Option<IpAddr>, Arc<AtomicU32>>>,
}

/// A counter for each operation that needs no token.
#[derive(Clone)]
pub struct AddressLimits {
    /// `generateInvoiceVA` in the sandbox.
    pub invoices: AddressLimit,
    /// `openCheckout`.
    pub checkouts: AddressLimit,
    /// `checkPayment` in the sandbox.
    pub polls: AddressLimit,
}

impl AddressLimits {
    /// Counters, or such that let everybody through.
    pub fn new(limited: bool) -> Self {
        Self {
            invoices: AddressLimit::new(limited, 120, "too many invoices were asked for"),
            checkouts: AddressLimit::new(limited, 120, "too many checkouts were opened"),
            polls: AddressLimit::new(limited, 600, "too many payments were asked about"),
        }
    }
}

impl AddressLimit {
    fn new(limited: bool, per_minute: u32, what: &'static str) -> Self {
        let counts = || {
            Cache::builder()
                .max_capacity(ADDRESSES_MAX)
                .time_to_live(WINDOW)
                .build()
        };
        Self {
            per_minute,
            what,
            counts: limited.then(counts),
        }
    }

    /// Counts one more, if there is room for it.
    pub fn admit(&self, address: Option<IpAddr>) -> Result<(), ApiError> {
        let Some(counts) = &self.counts else { return Ok(()) };
        let count = counts.get_with(address.map(network_of), Arc::default);
        if count.fetch_add(1, Ordering::Relaxed) < self.per_minute {
            return Ok(());
        }
        Err(ApiError::new(ErrorCode::RateLimited, self.what).with("retryAfterSeconds", WINDOW.as_secs()))
    }
}
