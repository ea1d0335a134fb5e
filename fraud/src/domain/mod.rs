//! What makes a payment suspicious. Nothing here does I/O or knows HTTP, SQL or GraphQL.

mod check;
mod decision;
mod facts;
mod limits;
mod lists;
mod policy;
mod review;
mod rules;
mod velocity;

pub use check::{Check, CheckKind};
pub use decision::{Action, Decision, Outcome};
pub use facts::{DeskFacts, Facts};
pub use limits::Limits;
pub use lists::{FraudList, ListKind, address};
pub use policy::Policy;
pub use review::{ReviewDecisionKind, ReviewState, Verdict, judge};
pub use rules::{decide, is_rule};
pub use velocity::Velocity;
