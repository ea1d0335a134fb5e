//! All SQL of auth, one file per table.

pub(crate) mod attempts;
pub(crate) mod refresh_tokens;
pub(crate) mod sessions;
pub(crate) mod users;

use std::path::PathBuf;

use store::{Migration, Options};

const MIGRATIONS: &[Migration] = store::migrations!["0001_users.sql", "0002_merchants_and_pins.sql"];

/// Where the database is, and its tables.
pub(crate) fn options(path: PathBuf) -> Options {
    Options::new(path, MIGRATIONS)
}
