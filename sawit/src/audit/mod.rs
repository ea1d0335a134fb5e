//! Checks of what is on disk, from outside the services.

pub mod books;
mod operations;
mod reviews;
