//! The other services and the merchants, as seen from here.

pub mod fraud;
pub mod merchant;
pub mod wallet;
