//! The marketplace, asked over HTTP as its buyers and its provider do.

mod bills;
mod browser;
mod forms;
mod orders;
mod pages;
mod provider_va;
mod refunds;
mod returning;
mod users;
mod webhooks;
mod world;
