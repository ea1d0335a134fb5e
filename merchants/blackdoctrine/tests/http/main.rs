//! The marketplace, asked over HTTP as its buyers and its provider do.

mod bills;
mod orders;
mod provider_va;
mod users;
mod webhooks;
mod world;
