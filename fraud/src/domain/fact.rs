//! The facts by their names: what expressions may speak of.

use super::expression::{Type, Value};
use super::facts::Facts;
use super::limits::Limits;

/// Seconds that stand for an age nobody knows: nobody is suspected for what we do not know.
const UNKNOWN_AGE: i64 = 1_000_000_000_000;
/// A mean of fewer amounts is none.
const AMOUNTS_MIN: u32 = 5;

/// How a fact is shown in a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// As an amount.
    Money,
    /// As hours.
    Hours,
    /// As it is.
    Plainly,
}

/// Something that expressions may speak of.
#[derive(Debug)]
pub struct Fact {
    /// Its name in expressions, and between braces in reasons.
    pub name: &'static str,
    /// Its type.
    pub kind: Type,
    /// How it is shown.
    pub shown: Shown,
    /// What it is, with its unit.
    pub description: &'static str,
    read: for<'a> fn(&'a Facts, &Limits) -> Value<'a>,
}

macro_rules! facts {
    ($($name:ident: $kind:ident $shown:ident, $description:literal, $read:expr;)+) => {
        /// Every fact there is.
        pub const FACTS: &[Fact] = &[$(Fact {
            name: stringify!($name),
            kind: Type::$kind,
            shown: Shown::$shown,
            description: $description,
            read: $read,
        }),+];
    };
}

facts! {
    amount: Number Money, "The amount, in rupiah.", |facts, _| rupiah(facts.amount_minor);
    currency: Text Plainly, "Its currency: `IDR`.", |facts, _| Value::Text(facts.currency.code());
    kind: Text Plainly, "`PAYMENT`, `TRANSFER`, or `MANUAL` for a check asked for by hand.", |facts, _| Value::Text(facts.kind.as_str());
    hour: Int Plainly, "The hour of the day in the user's time zone (Asia/Jakarta if they chose none), 0 to 23.", |facts, _| int(facts.hour);
    weekday: Int Plainly, "The day of the week there, 1 for Monday to 7 for Sunday.", |facts, _| int(facts.weekday);
    account_age: Int Hours, "Seconds since the user's account was opened; 1000000000000 when that is not known.", |facts, _| age(facts.account_age_seconds);
    wallet_age: Int Hours, "Seconds since the wallet was opened; 1000000000000 when that is not known.", |facts, _| age(facts.wallet_age_seconds);
    email_domain: Text Plainly, "What stands behind the @ of the user's e-mail address, in lower case; empty when that is not known.", |facts, _| Value::Text(facts.email_domain.as_deref().unwrap_or_default());
    count_1m: Int Plainly, "Checks of this user in a minute, this one among them.", |facts, _| int(facts.count_per[0]);
    count_1h: Int Plainly, "The same in an hour.", |facts, _| int(facts.count_per[1]);
    count_24h: Int Plainly, "The same in a day.", |facts, _| int(facts.count_per[2]);
    count_7d: Int Plainly, "The same in 7 days.", |facts, _| int(facts.past.count_per[0]);
    count_30d: Int Plainly, "The same in 30 days.", |facts, _| int(facts.past.count_per[1]);
    sum_1m: Number Money, "Their amounts in a minute, summed, in rupiah.", |facts, _| rupiah(facts.sum_per[0]);
    sum_1h: Number Money, "The same in an hour.", |facts, _| rupiah(facts.sum_per[1]);
    sum_24h: Number Money, "The same in a day.", |facts, _| rupiah(facts.sum_per[2]);
    sum_7d: Number Money, "The same in 7 days.", |facts, _| rupiah(facts.past.sum_per[0]);
    sum_30d: Number Money, "The same in 30 days.", |facts, _| rupiah(facts.past.sum_per[1]);
    payees_1m: Int Plainly, "Distinct payees in a minute, this one among them; the latest 64 are remembered.", |facts, _| int(facts.past.payees_per[0]);
    payees_1h: Int Plainly, "The same in an hour.", |facts, _| int(facts.past.payees_per[1]);
    payees_24h: Int Plainly, "The same in a day.", |facts, _| int(facts.past.payees_per[2]);
    payees_7d: Int Plainly, "The same in 7 days.", |facts, _| int(facts.past.payees_per[3]);
    payees_30d: Int Plainly, "The same in 30 days.", |facts, _| int(facts.past.payees_per[4]);
    mean_30d: Number Money, "The mean of the user's amounts in the 30 days before, in rupiah; 0 when there were none.", |facts, _| rupiah(facts.past.mean_30d);
    deviation_30d: Number Money, "Their standard deviation, in rupiah.", |facts, _| rupiah(facts.past.deviation_30d);
    times_mean: Number Plainly, "The amount divided by that mean; 0 when it is of fewer than five amounts.", |facts, _| Value::Number(times_mean(facts));
    is_first_to_payee: Flag Plainly, "The user has not paid this merchant or wallet before, as far as is remembered.", |facts, _| Value::Flag(facts.past.is_first_to_payee);
    failures_1h: Int Plainly, "Payments of this user that failed in the last hour, for whatever reason.", |facts, _| int(facts.recent_failures.max(facts.past.failed_1h));
    declined_1h: Int Plainly, "Checks of this user in the last hour that came to FRAUD; at most 32.", |facts, _| int(facts.past.declined_1h);
    is_new_device: Flag Plainly, "The login session is not one of those seen before, and there were some.", |facts, _| Value::Flag(facts.past.is_new_device);
    is_new_address: Flag Plainly, "The client's address is not one of those seen before, and there were some.", |facts, _| Value::Flag(facts.past.is_new_address);
    just_below_24h: Int Plainly, "Amounts of a day that are at most a tenth below `limit_suspicious`, this one among them; at most 32.", |facts, _| int(facts.past.just_below_24h);
    received_1h: Number Money, "What came into the user's wallets in the last hour, in rupiah.", |facts, _| rupiah(facts.past.received_1h);
    merchant_refund_rate: Number Plainly, "Refunds per payment of this merchant in 30 days, 0.0 to 1.0 and more; 0 below twenty payments.", |facts, _| per_mille(facts.merchant_refund_per_mille);
    merchant_fraud_rate: Number Plainly, "Payments to this merchant that were refused as fraud, per payment tried; 0 below twenty.", |facts, _| per_mille(facts.merchant_fraud_per_mille);
    limit_suspicious: Number Money, "`SAWIT_FRAUD_SUSPICIOUS_ABOVE`, in rupiah.", |_, limits| rupiah(limits.suspicious_above);
    limit_block: Number Money, "`SAWIT_FRAUD_BLOCK_ABOVE`, in rupiah.", |_, limits| rupiah(limits.block_above);
    limit_count_1m: Int Plainly, "The setting's number of checks in a minute.", |_, limits| int(limits.count_per[0]);
    limit_count_1h: Int Plainly, "The same in an hour.", |_, limits| int(limits.count_per[1]);
    limit_count_24h: Int Plainly, "The same in a day.", |_, limits| int(limits.count_per[2]);
    limit_sum_1m: Number Money, "The setting's sum in a minute, in rupiah.", |_, limits| rupiah(limits.sum_per[0]);
    limit_sum_1h: Number Money, "The same in an hour.", |_, limits| rupiah(limits.sum_per[1]);
    limit_sum_24h: Number Money, "The same in a day.", |_, limits| rupiah(limits.sum_per[2]);
    limit_new_account_age: Int Hours, "How long an account is new by the settings, in seconds.", |_, limits| Value::Int(i64::try_from(limits.new_account_seconds).unwrap_or(i64::MAX));
    limit_new_account: Number Money, "Above this amount a new account is suspicious by the settings, in rupiah.", |_, limits| rupiah(limits.new_account_above);
    limit_failures_1h: Int Plainly, "The setting's number of failed payments in an hour.", |_, limits| int(limits.failures_per_hour);
}

/// What a fact was in a check.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// Which fact.
    pub name: &'static str,
    /// How it is shown.
    pub shown: Shown,
    /// What it is, with its unit.
    pub description: &'static str,
    /// Its value; nothing for an age that was not known.
    pub value: Option<String>,
}

/// What each fact was, in the order of [`FACTS`], and behind them what the desk had said, which no expression speaks of.
pub fn readings(facts: &Facts, limits: &Limits) -> Vec<Reading> {
    let read = FACTS.iter().zip(values(facts, limits));
    let of_facts = read.map(|(fact, value)| Reading {
        name: fact.name,
        shown: fact.shown,
        description: fact.description,
        value: plain(fact, value),
    });
    let snoozed = (!facts.desk.snoozed.is_empty()).then(|| facts.desk.snoozed.join(", "));
    let of_desk = [
        (
            "denied",
            "What of it stood on the deny list.",
            facts.desk.denied.clone(),
        ),
        (
            "allowed",
            "What of it stood on the allow list.",
            facts.desk.allowed.clone(),
        ),
        ("snoozed", "The rules that slept for this user.", snoozed),
    ];
    let of_desk = of_desk.into_iter().filter(|(_, _, value)| value.is_some());
    of_facts
        .chain(of_desk.map(|(name, description, value)| Reading {
            name,
            shown: Shown::Plainly,
            description,
            value,
        }))
        .collect()
}

fn plain(fact: &Fact, value: Value<'_>) -> Option<String> {
    match (fact.shown, value) {
        (Shown::Hours, Value::Int(UNKNOWN_AGE)) => None,
        (_, Value::Int(value)) => Some(value.to_string()),
        (_, Value::Number(value)) => Some(value.to_string()),
        (_, Value::Text(text)) => Some(text.to_owned()),
        (_, Value::Flag(flag)) => Some(flag.to_string()),
    }
}

/// The values of all facts, in the order of [`FACTS`].
pub(super) fn values<'a>(facts: &'a Facts, limits: &Limits) -> Vec<Value<'a>> {
    FACTS.iter().map(|fact| (fact.read)(facts, limits)).collect()
}

/// The names and types, for the compiler of expressions.
pub(super) fn names() -> Vec<(&'static str, Type)> {
    FACTS.iter().map(|fact| (fact.name, fact.kind)).collect()
}

/// A template with the facts between its braces filled in.
pub(super) fn fill_in(template: &str, facts: &Facts, values: &[Value<'_>]) -> String {
    let mut filled = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((name, after)) = behind.split_once('}') else {
            filled.push('{');
            rest = behind;
            break;
        };
        match FACTS.iter().position(|fact| fact.name == name) {
            Some(index) => filled.push_str(&show(&FACTS[index], values[index], facts)),
            None => {
                filled.push('{');
                filled.push_str(name);
                filled.push('}');
            }
        }
        rest = after;
    }
    filled.push_str(rest);
    filled
}

fn show(fact: &Fact, value: Value<'_>, facts: &Facts) -> String {
    match (fact.shown, value) {
        (Shown::Money, Value::Number(rupiah)) => facts.show((rupiah * 100.0).round() as i64),
        (Shown::Hours, Value::Int(UNKNOWN_AGE)) => "of unknown age".to_owned(),
        (Shown::Hours, Value::Int(seconds)) => format!("{} h", seconds / 3_600),
        (_, Value::Int(value)) => value.to_string(),
        (_, Value::Number(value)) => format!("{value:.2}"),
        (_, Value::Text(text)) => text.to_owned(),
        (_, Value::Flag(flag)) => flag.to_string(),
    }
}

/// At most 15 digits, which a double carries exactly.
fn rupiah<'a>(minor: i64) -> Value<'a> {
    Value::Number(minor as f64 / 100.0)
}

fn int<'a>(value: impl Into<i64>) -> Value<'a> {
    Value::Int(value.into())
}

fn per_mille<'a>(value: u32) -> Value<'a> {
    Value::Number(f64::from(value) / 1_000.0)
}

fn age<'a>(seconds: Option<u64>) -> Value<'a> {
    Value::Int(seconds.map_or(UNKNOWN_AGE, |seconds| i64::try_from(seconds).unwrap_or(UNKNOWN_AGE)))
}

fn times_mean(facts: &Facts) -> f64 {
    if facts.past.amounts_30d < AMOUNTS_MIN || facts.past.mean_30d <= 0 {
        return 0.0;
    }
    facts.amount_minor as f64 / facts.past.mean_30d as f64
}
