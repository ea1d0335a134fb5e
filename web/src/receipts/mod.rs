//! Receipts: one's own as a page to print, and the page where anybody verifies one.

mod facts;
pub(crate) mod show;
pub(crate) mod verify;
