//! The program: all services in one process, or one alone; keys, demo, audit and health commands.
//!
//! A service is a router built from settings. [`provider`] puts routers together and makes them listen, and nothing
//! else: that is why both run modes are the same code.

pub mod audit;
pub mod cli;
mod commands;
pub mod provider;

pub use commands::run;
