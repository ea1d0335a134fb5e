//! The console of the staff: everything through the same API as anybody's, with the rights of whoever is signed in.

pub(crate) mod chart;
pub(crate) mod frame;
pub(crate) mod fraud;
pub(crate) mod kit;
pub(crate) mod merchants;
