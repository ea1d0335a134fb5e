//! Passwords and login tokens.

mod attempts;
mod password;
mod token;

pub(crate) use attempts::Attempts;
pub(crate) use password::Passwords;
pub(crate) use token::Tokens;
