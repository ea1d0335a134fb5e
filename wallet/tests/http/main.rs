//! The wallet as clients and other services meet it: over HTTP, against a real database file.

mod captures;
mod documents;
mod fenced_holds;
mod holds;
mod keys;
mod lists;
mod money;
mod receiving;
mod refunds;
mod rights;
mod staff;
mod statements;
mod status;
mod transfers;
mod world;
