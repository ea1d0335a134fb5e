//! Passwords, login tokens, and what else is kept from being forged.

mod attempts;
mod forms;
mod password;
mod returns;
mod token;

pub(crate) use attempts::Attempts;
pub(crate) use password::Passwords;
pub(crate) use returns::{ReturnKey, Returned};
pub(crate) use token::{LIFETIME_SECONDS, Tokens};
