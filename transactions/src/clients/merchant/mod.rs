//! Merchants: programs of strangers, called over the open network.

mod bills;
mod graphql;
mod http;
mod notify;
mod webhook;

pub use bills::{BillAnswer, Bills};
pub use http::{OrderHttp, webhook_client};
pub use notify::{NOTIFY_LANE, NotifyPayload, notify_lane};
pub use webhook::webhook_lane;

/// No buyer waits for a notification, so paid bills may gather for this long before merchants are told.
const GATHER: std::time::Duration = std::time::Duration::from_millis(5);
