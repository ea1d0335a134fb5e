//! The pages against a gateway that answers what a test wants.

mod checkout;
mod confirmation;
mod console;
mod console_fraud;
mod orders;
mod protection;
mod receipts;
mod sessions;
mod statements;
mod world;
