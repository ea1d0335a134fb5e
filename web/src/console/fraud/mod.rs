//! The desk against fraud: what was checked, what waits for a decision, and the rules that decide.

pub(crate) mod backtests;
pub(crate) mod documents;
pub(crate) mod editor;
pub(crate) mod lists;
pub(crate) mod logs;
pub(crate) mod parts;
pub(crate) mod policy;
pub(crate) mod reviews;
pub(crate) mod rules;
pub(crate) mod snoozes;
pub(crate) mod stats;
pub(crate) mod types;
