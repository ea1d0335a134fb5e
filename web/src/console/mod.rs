//! The console of the staff: everything through the same API as anybody's, with the rights of whoever is signed in.
//!
//! `frame` is who stands before a page and what is around it, `menu` what the pages are, `kit` what they are put together
//! from, `chart` how numbers are drawn. Each part of a page is asked for by a document of its own, so that a service that is
//! down takes its part with it and not the page.

pub(crate) mod actions;
pub(crate) mod api;
pub(crate) mod audit;
pub(crate) mod chart;
pub(crate) mod enrol;
pub(crate) mod frame;
pub(crate) mod fraud;
pub(crate) mod kit;
pub(crate) mod ledger;
mod menu;
pub(crate) mod merchants;
pub(crate) mod overview;
pub(crate) mod parked;
pub(crate) mod payment;
pub(crate) mod payments;
pub(crate) mod sign_in;
pub(crate) mod statements;
pub(crate) mod types;
pub(crate) mod users;
pub(crate) mod wallets;

pub(crate) use menu::header;
