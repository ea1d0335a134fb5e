//! Checks of what is on disk, from outside the services.

pub mod books;
mod operations;
#[cfg(test)]
mod plans;
mod reviews;
