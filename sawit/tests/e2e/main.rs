//! The provider as users have it: real processes, real HTTP, real files. Every test ends by checking the books.

mod books;
mod bounds;
mod contention;
mod crash_load;
mod crash_points;
mod documentation;
mod documents;
mod durability;
mod exactness;
mod grpc;
mod history_down;
mod hostile;
mod http;
mod idempotency;
mod keys;
mod marketplace;
mod notifications;
mod operating;
mod operation_crashes;
mod reviews;
mod roles;
mod tokens;
mod transfers;
mod virtual_accounts;
mod world;
