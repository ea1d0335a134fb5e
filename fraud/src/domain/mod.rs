//! What makes a payment suspicious. Nothing here does I/O or knows HTTP, SQL or GraphQL.

mod backtest;
mod check;
mod decision;
mod defaults;
mod expression;
mod fact;
mod facts;
mod limits;
mod lists;
mod packed;
mod past;
mod policy;
mod review;
mod rule;
mod velocity;

pub use backtest::{Found, PastDecision};
pub use check::{Check, CheckKind};
pub use decision::{Action, Decision, Fired, Outcome};
pub use defaults::default_rules;
pub use expression::Problem;
pub use fact::{FACTS, Reading, Shown, readings};
pub use facts::{DeskFacts, Facts};
pub use limits::Limits;
pub use lists::{FraudList, ListKind, address};
pub use past::{MerchantPast, Past, Sighting};
pub use policy::{DENY_LIST, Policy};
pub use review::{ReviewDecisionKind, ReviewState, Verdict, judge};
pub use rule::{LeftOut, Rule, RuleAction, RuleBook, RuleState, check_expression};
pub use velocity::Velocity;
