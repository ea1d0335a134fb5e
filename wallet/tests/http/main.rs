//! The wallet as clients and other services meet it: over HTTP, against a real database file.

mod documents;
mod holds;
mod keys;
mod lists;
mod money;
mod rights;
mod status;
mod transfers;
mod world;
