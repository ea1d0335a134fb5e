//! What the service does, one file per operation.

pub mod clear_list;
pub mod create_transaction;
pub mod default_merchant;
pub mod events_after;
pub mod generate_invoice;
pub mod merchant_access;
pub mod operations_status;
pub mod prune_attempts;
pub mod resend_webhook;
pub mod webhook_endpoints;

use peer::Peer;
use service::{Clock, Mode};
use store::Database;
use url::Url;

use crate::domain::{AddressRules, Merchants};
use crate::saga::Runner;
use generate_invoice::AnonymousInvoices;
use merchant_access::ApiKeys;

/// What every operation works with.
#[derive(Clone)]
pub struct App {
    /// The service's database.
    pub database: Database,
    /// The time.
    pub clock: Clock,
    /// Sandbox or live.
    pub mode: Mode,
    /// Who is paid.
    pub merchants: Merchants,
    /// API keys that were looked up.
    pub api_keys: ApiKeys,
    /// Where webhooks may go.
    pub webhook_addresses: AddressRules,
    /// The base of the checkout's addresses.
    pub public_url: Url,
    /// Accounts and their roles.
    pub auth: Peer,
    /// Runs what was begun.
    pub runner: Runner,
    /// Counts invoices asked for without a token.
    pub anonymous_invoices: AnonymousInvoices,
}
