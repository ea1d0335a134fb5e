//! The service alone, over its own HTTP types, on a real database file, between fakes that fail at every point.

mod bed;
mod bills;
mod captures;
mod check_payment;
mod checkout;
mod grpc;
mod grpc_refunds;
mod idempotency;
mod merchant;
mod merchants;
mod migration;
mod notifications;
mod operation_faults;
mod operation_races;
mod payout_faults;
mod payouts;
mod public_api;
mod recovery;
mod refunds;
mod saga_faults;
mod session_races;
mod sessions;
mod webhook_endpoints;
mod webhook_events;
mod webhook_failures;
mod webhooks;
