//! Other services, as seen from here.

pub mod reviews;
