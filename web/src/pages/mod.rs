//! What pages are made of.

pub(crate) mod attempt;
pub(crate) mod confirm;
pub(crate) mod form;
pub(crate) mod headers;
pub(crate) mod language;
pub(crate) mod layout;
pub(crate) mod notice;
pub(crate) mod problem;
pub(crate) mod qr;
pub(crate) mod unknown;
pub(crate) mod words;
