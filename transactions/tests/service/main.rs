//! The service alone, over its own HTTP types, on a real database file, between fakes that fail at every point.

mod bed;
mod bills;
mod captures;
mod idempotency;
mod merchant;
mod notifications;
mod operation_faults;
mod operation_races;
mod public_api;
mod recovery;
mod refunds;
mod saga_faults;
