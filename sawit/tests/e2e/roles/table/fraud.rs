//! The fraud check and its desk.

use super::{ADMIN, F, OPERATOR, STAFF, U};
use crate::roles::{Expected, Operation};

/// Those who decide about suspicious payments and keep the rules.
const FRAUD_DESK: Expected = [U, F, F, F, F, F, "OK", "OK", F];
const FRAUD_DESK_OF_NOTHING: Expected = [U, F, F, F, F, F, "NOT_FOUND*", "NOT_FOUND*", F];
/// For staff; the one that is asked for does not exist.
const STAFF_OF_NOTHING: Expected = [U, F, F, F, F, "NOT_FOUND*", "NOT_FOUND*", "NOT_FOUND*", F];

pub(super) fn table() -> Vec<Operation> {
    [reads(), writes()].concat()
}

fn reads() -> Vec<Operation> {
    let query = "query";
    vec![
        (query, "getFraudLogs { logId }", "", STAFF),
        (query, "fraudLog(logId: $logId) { logId }", "$logId: String!", STAFF),
        (
            query,
            "fraudLogOf(transactionId: $transactionId) { logId }",
            "$transactionId: String!",
            STAFF,
        ),
        (query, "fraudLogCount { total }", "", STAFF),
        (
            query,
            "fraudStats(from: \"2026-11-01T00:00:00Z\", to: \"2026-11-02T00:00:00Z\") { days { day } }",
            "",
            STAFF,
        ),
        (query, "fraudRules { name }", "", STAFF),
        (
            query,
            "fraudRuleVersions(name: \"amount_above_block_limit\") { version }",
            "",
            STAFF,
        ),
        (query, "fraudFacts { name }", "", STAFF),
        (query, "fraudPolicy { version }", "", STAFF),
        (
            query,
            "replayFraudDecision(logId: $logId) { isIdentical }",
            "$logId: String!",
            STAFF,
        ),
        (
            query,
            "backtest(backtestId: \"bkt_00000000000000000000000001\") { state }",
            "",
            STAFF_OF_NOTHING,
        ),
        (query, "backtests { state }", "", STAFF),
        (query, "reviewCases { state }", "", STAFF),
        (
            query,
            "reviewCase(caseId: \"rev_00000000000000000000000001\") { state }",
            "",
            STAFF_OF_NOTHING,
        ),
        (query, "fraudListEntries { value }", "", STAFF),
        (query, "ruleSnoozes { rule }", "", STAFF),
        (query, "fraudActions { action }", "", STAFF),
        (
            query,
            "checkFraudExpression(expression: \"amount > 1.0\") { isValid }",
            "",
            FRAUD_DESK,
        ),
    ]
}

fn writes() -> Vec<Operation> {
    let mutation = "mutation";
    vec![
        (
            mutation,
            "checkFraud(userId: $userId, amount: 1) { status }",
            "$userId: String!",
            OPERATOR,
        ),
        (
            mutation,
            "createFraudRule(input: { name: $name, description: \"d\", expression: \"amount > 1.0\", score: 1, action: SCORE, reason: \"test\" }) { name }",
            "$name: String!",
            FRAUD_DESK,
        ),
        (
            mutation,
            "changeFraudRule(input: { name: \"no_such_rule\", expectedVersion: 1, description: \"d\", expression: \"amount > 1.0\", score: 1, action: SCORE, reason: \"test\" }) { name }",
            "",
            FRAUD_DESK_OF_NOTHING,
        ),
        (
            mutation,
            "setFraudRuleState(name: \"no_such_rule\", state: OFF, expectedVersion: 1, reason: \"test\") { name }",
            "",
            FRAUD_DESK_OF_NOTHING,
        ),
        (
            mutation,
            "setFraudPolicy(input: { expectedVersion: 999, suspiciousFrom: 1, fraudFrom: 100, suspiciousAction: ALLOW, fraudAction: BLOCK, reviewExpiresAfterSeconds: 86400, reviewExpiryDecision: REJECT, reason: \"test\" }) { version }",
            "",
            [U, F, F, F, F, F, F, "CONFLICT*", F],
        ),
        (
            mutation,
            "backtestRules(input: { rules: [{ name: \"x\", expression: \"amount > 1.0\", score: 1, action: SCORE }], from: \"2026-11-01T00:00:00Z\", to: \"2026-11-02T00:00:00Z\" }) { state }",
            "",
            FRAUD_DESK,
        ),
        (
            mutation,
            "cancelBacktest(backtestId: \"bkt_00000000000000000000000001\") { state }",
            "",
            FRAUD_DESK_OF_NOTHING,
        ),
        (
            mutation,
            "approveReview(caseId: \"rev_00000000000000000000000001\", note: \"fine\") { state }",
            "",
            FRAUD_DESK_OF_NOTHING,
        ),
        (
            mutation,
            "rejectReview(caseId: \"rev_00000000000000000000000001\", note: \"bad\") { state }",
            "",
            FRAUD_DESK_OF_NOTHING,
        ),
        (
            mutation,
            "addFraudListEntry(input: { list: DENY, kind: EMAIL_DOMAIN, value: $domain, reason: \"test\" }) { entryId }",
            "$domain: String!",
            FRAUD_DESK,
        ),
        (
            mutation,
            "removeFraudListEntry(entryId: \"fle_00000000000000000000000001\", reason: \"test\") { entryId }",
            "",
            FRAUD_DESK_OF_NOTHING,
        ),
        (
            mutation,
            "snoozeRule(rule: \"amount_above_block_limit\", userId: $userId, until: \"2026-11-02T00:00:00Z\", reason: \"test\") { snoozeId }",
            "$userId: String!",
            // In the past, whatever the day of the test.
            [U, F, F, F, F, F, "BAD_USER_INPUT*", "BAD_USER_INPUT*", F],
        ),
        (
            mutation,
            "endSnooze(snoozeId: \"snz_00000000000000000000000001\", reason: \"test\") { snoozeId }",
            "",
            FRAUD_DESK_OF_NOTHING,
        ),
        (mutation, "deleteFraudLog(logId: $logId)", "$logId: String!", ADMIN),
    ]
}
