//! What the service does, one file per operation.

pub mod clear_list;
pub mod create_transaction;
pub mod generate_invoice;
pub mod operations_status;

use std::sync::Arc;

use service::{Clock, Mode};
use store::Database;

use crate::domain::Merchants;
use crate::saga::Runner;
use generate_invoice::AnonymousInvoices;

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
    pub merchants: Arc<Merchants>,
    /// Runs what was begun.
    pub runner: Runner,
    /// Counts invoices asked for without a token.
    pub anonymous_invoices: AnonymousInvoices,
}
