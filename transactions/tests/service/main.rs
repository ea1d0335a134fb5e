//! The service alone, over its own HTTP types, on a real database file, between fakes that fail at every point.

mod bed;
mod bills;
mod idempotency;
mod merchant;
mod notifications;
mod public_api;
mod recovery;
mod saga_faults;
mod webhook_endpoints;
mod webhook_events;
mod webhook_failures;
mod webhooks;
