//! The rules a new installation begins with.

use service::Timestamp;

use super::rule::{Rule, RuleAction, RuleState};

/// Who wrote them.
const AUTHOR: &str = "sawit";

struct Default {
    name: &'static str,
    score: u32,
    action: RuleAction,
    state: RuleState,
    expression: &'static str,
    description: &'static str,
}

const fn active(name: &'static str, score: u32, expression: &'static str, description: &'static str) -> Default {
    Default {
        name,
        score,
        action: RuleAction::Score,
        state: RuleState::Active,
        expression,
        description,
    }
}

const fn tried(name: &'static str, score: u32, expression: &'static str, description: &'static str) -> Default {
    Default {
        state: RuleState::Shadow,
        ..active(name, score, expression, description)
    }
}

/// The first ten are what the settings `SAWIT_FRAUD_*` speak of. "Above" is strict everywhere: the limit itself is still
/// fine.
const DEFAULTS: &[Default] = &[
    Default {
        action: RuleAction::Block,
        ..active(
            "amount_above_block_limit",
            100,
            "amount > limit_block",
            "the amount {amount} is above {limit_block}",
        )
    },
    active(
        "amount_above_suspicious_limit",
        50,
        "amount > limit_suspicious && amount <= limit_block",
        "the amount {amount} is above {limit_suspicious}",
    ),
    active(
        "new_account_large_amount",
        40,
        "account_age < limit_new_account_age && amount > limit_new_account",
        "the account is {account_age} old and the amount {amount} is above {limit_new_account}",
    ),
    active(
        "count_per_minute_above_limit",
        40,
        "count_1m > limit_count_1m",
        "{count_1m} payments in a minute are more than {limit_count_1m}",
    ),
    active(
        "sum_per_minute_above_limit",
        40,
        "sum_1m > limit_sum_1m",
        "{sum_1m} in a minute is more than {limit_sum_1m}",
    ),
    active(
        "count_per_hour_above_limit",
        30,
        "count_1h > limit_count_1h",
        "{count_1h} payments in a hour are more than {limit_count_1h}",
    ),
    active(
        "sum_per_hour_above_limit",
        30,
        "sum_1h > limit_sum_1h",
        "{sum_1h} in a hour is more than {limit_sum_1h}",
    ),
    active(
        "count_per_day_above_limit",
        20,
        "count_24h > limit_count_24h",
        "{count_24h} payments in a day are more than {limit_count_24h}",
    ),
    active(
        "sum_per_day_above_limit",
        20,
        "sum_24h > limit_sum_24h",
        "{sum_24h} in a day is more than {limit_sum_24h}",
    ),
    active(
        "failures_per_hour_above_limit",
        30,
        "failures_1h > limit_failures_1h",
        "{failures_1h} refused payments in an hour are more than {limit_failures_1h}",
    ),
    active(
        "amounts_just_below_limit",
        40,
        "just_below_24h >= 3",
        "{just_below_24h} amounts in a day just below {limit_suspicious}",
    ),
    active(
        "in_and_straight_out",
        30,
        "kind == \"TRANSFER\" && amount >= 5000000.0 && received_1h > 0.0 && sum_1h >= 0.9 * received_1h && is_first_to_payee",
        "{sum_1h} went out within an hour of {received_1h} that came in, to somebody not paid before",
    ),
    active(
        "declined_again_and_again",
        30,
        "declined_1h >= 3",
        "{declined_1h} attempts in an hour were refused as fraud",
    ),
    tried(
        "far_above_own_mean",
        30,
        "times_mean >= 10.0 && amount > mean_30d + 6.0 * deviation_30d && amount >= 1000000.0",
        "the amount {amount} is {times_mean} times the user's mean of {mean_30d}",
    ),
    tried(
        "new_device_large_amount",
        30,
        "(is_new_device || is_new_address) && is_first_to_payee && amount >= 5000000.0",
        "{amount} from a device or address not seen before, to somebody not paid before",
    ),
    tried(
        "many_payees_in_an_hour",
        30,
        "payees_1h >= 10",
        "{payees_1h} different payees in an hour",
    ),
    tried(
        "at_night_to_a_new_payee",
        20,
        "(hour >= 23 || hour < 5) && is_first_to_payee && amount >= 2000000.0",
        "{amount} at {hour} o'clock to somebody not paid before",
    ),
    tried(
        "new_wallet_empties",
        20,
        "wallet_age < 3600 && kind == \"TRANSFER\" && amount >= 2000000.0",
        "a wallet {wallet_age} old sends {amount} on",
    ),
    tried(
        "merchant_often_refunds",
        20,
        "merchant_refund_rate > 0.3",
        "the merchant refunds {merchant_refund_rate} of its payments",
    ),
    tried(
        "merchant_draws_fraud",
        30,
        "merchant_fraud_rate > 0.1",
        "{merchant_fraud_rate} of the payments to this merchant are refused as fraud",
    ),
];

/// The rules a new installation begins with, as their first versions.
pub fn default_rules(now: Timestamp) -> Vec<Rule> {
    (1_i64..)
        .zip(DEFAULTS)
        .map(|(revision, rule)| Rule {
            revision,
            name: rule.name.to_owned(),
            version: 1,
            description: rule.description.to_owned(),
            expression: rule.expression.to_owned(),
            score: rule.score,
            action: rule.action,
            state: rule.state,
            author: AUTHOR.to_owned(),
            reason: "it came with the installation".to_owned(),
            created_at: now,
        })
        .collect()
}

#[cfg(test)]
mod tests;
