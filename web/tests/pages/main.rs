//! The pages against a gateway that answers what a test wants.

mod checkout;
mod protection;
mod sessions;
mod world;
