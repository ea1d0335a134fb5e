//! Every document that the pages of the fraud desk send. A test holds them against the gateway's schema.

use super::types::{
    Backtest, Case, ExpressionCheck, Fact, FraudLog, ListEntry, LogCount, Policy, Replay, Rule, Snooze, Stats,
    WholeBacktest, WholeCase, WholeLog,
};
use crate::api::Operation;
use crate::console::types::Done;

pub(crate) const REVIEW_CASES: Operation<Vec<Case>> = Operation::new(
    "reviewCases",
    "query($state: ReviewState, $userId: String, $first: Int, $after: String) {
        reviewCases(state: $state, userId: $userId, first: $first, after: $after) {
            caseId transactionId userId merchantId amount kind state needsSecond createdAt expiresAt closedAt
            decisions { decision by note at } } }",
);

pub(crate) const REVIEW_CASE: Operation<WholeCase> = Operation::new(
    "reviewCase",
    "query($caseId: String!) { reviewCase(caseId: $caseId) {
        caseId transactionId userId merchantId amount kind state needsSecond createdAt expiresAt closedAt
        decisions { decision by note at }
        log { logId userId transactionId merchantId caseId amount kind status action score rules createdAt reason
            readings { name value unit description }
            policyVersion fired { rule version score reason } shadowFired { rule version score reason } }
        recent { logId userId transactionId merchantId caseId amount kind status action score rules createdAt } } }",
);

pub(crate) const APPROVE_REVIEW: Operation<Case> = Operation::new(
    "approveReview",
    "mutation($caseId: String!, $note: String!) { approveReview(caseId: $caseId, note: $note) {
        caseId transactionId userId merchantId amount kind state needsSecond createdAt expiresAt closedAt
        decisions { decision by note at } } }",
);

pub(crate) const REJECT_REVIEW: Operation<Case> = Operation::new(
    "rejectReview",
    "mutation($caseId: String!, $note: String!) { rejectReview(caseId: $caseId, note: $note) {
        caseId transactionId userId merchantId amount kind state needsSecond createdAt expiresAt closedAt
        decisions { decision by note at } } }",
);

pub(crate) const FRAUD_LOGS: Operation<Vec<FraudLog>> = Operation::new(
    "getFraudLogs",
    "query($first: Int, $after: String, $status: FraudStatus, $userId: String, $from: DateTime, $to: DateTime,
        $rule: String, $minScore: Int, $maxScore: Int, $minAmount: Decimal, $maxAmount: Decimal, $sort: FraudLogSort) {
        getFraudLogs(first: $first, after: $after, status: $status, userId: $userId, from: $from, to: $to, rule: $rule,
            minScore: $minScore, maxScore: $maxScore, minAmount: $minAmount, maxAmount: $maxAmount, sort: $sort) {
            logId userId transactionId merchantId caseId amount kind status action score rules createdAt } }",
);

pub(crate) const FRAUD_LOG_COUNT: Operation<LogCount> = Operation::new(
    "fraudLogCount",
    "query($status: FraudStatus, $userId: String, $from: DateTime, $to: DateTime, $rule: String, $minScore: Int,
        $maxScore: Int, $minAmount: Decimal, $maxAmount: Decimal) {
        fraudLogCount(status: $status, userId: $userId, from: $from, to: $to, rule: $rule, minScore: $minScore,
            maxScore: $maxScore, minAmount: $minAmount, maxAmount: $maxAmount) { total isExact } }",
);

pub(crate) const FRAUD_LOG: Operation<WholeLog> = Operation::new(
    "fraudLog",
    "query($logId: String!) { fraudLog(logId: $logId) {
        logId userId transactionId merchantId caseId amount kind status action score rules createdAt reason
        readings { name value unit description }
        policyVersion fired { rule version score reason } shadowFired { rule version score reason } } }",
);

pub(crate) const REPLAY: Operation<Replay> = Operation::new(
    "replayFraudDecision",
    "query($logId: String!) { replayFraudDecision(logId: $logId) {
        isIdentical score status action fired { rule version score reason } difference } }",
);

pub(crate) const HIDE_LOG: Operation<String> = Operation::new(
    "deleteFraudLog",
    "mutation($logId: String!, $reason: String) { deleteFraudLog(logId: $logId, reason: $reason) }",
);

pub(crate) const FRAUD_STATS: Operation<Stats> = Operation::new(
    "fraudStats",
    "query($from: DateTime!, $to: DateTime!, $utcOffsetMinutes: Int) {
        fraudStats(from: $from, to: $to, utcOffsetMinutes: $utcOffsetMinutes) {
            days { day checks safe suspicious fraud reviewed approved rejected amount refusedAmount }
            rules { rule fired approved rejected open precision } } }",
);

pub(crate) const FRAUD_RULES: Operation<Vec<Rule>> = Operation::new(
    "fraudRules",
    "query($state: FraudRuleState) { fraudRules(state: $state) {
        name version description expression score action state author reason createdAt problem couldNotSay } }",
);

pub(crate) const RULE_VERSIONS: Operation<Vec<Rule>> = Operation::new(
    "fraudRuleVersions",
    "query($name: String!) { fraudRuleVersions(name: $name) {
        name version description expression score action state author reason createdAt problem couldNotSay } }",
);

pub(crate) const FRAUD_FACTS: Operation<Vec<Fact>> =
    Operation::new("fraudFacts", "query { fraudFacts { name type description } }");

pub(crate) const CHECK_EXPRESSION: Operation<ExpressionCheck> = Operation::new(
    "checkFraudExpression",
    "query($expression: String!) { checkFraudExpression(expression: $expression) { isValid problem column } }",
);

pub(crate) const CREATE_RULE: Operation<Rule> = Operation::new(
    "createFraudRule",
    "mutation($input: FraudRuleInput!) { createFraudRule(input: $input) {
        name version description expression score action state author reason createdAt problem couldNotSay } }",
);

pub(crate) const CHANGE_RULE: Operation<Rule> = Operation::new(
    "changeFraudRule",
    "mutation($input: FraudRuleChange!) { changeFraudRule(input: $input) {
        name version description expression score action state author reason createdAt problem couldNotSay } }",
);

pub(crate) const SET_RULE_STATE: Operation<Rule> = Operation::new(
    "setFraudRuleState",
    "mutation($name: String!, $state: FraudRuleState!, $expectedVersion: Int!, $reason: String!) {
        setFraudRuleState(name: $name, state: $state, expectedVersion: $expectedVersion, reason: $reason) {
            name version description expression score action state author reason createdAt problem couldNotSay } }",
);

pub(crate) const POLICY: Operation<Policy> = Operation::new(
    "fraudPolicy",
    "query { fraudPolicy { version suspiciousFrom fraudFrom suspiciousAction fraudAction reviewExpiresAfterSeconds
        reviewExpiryDecision fourEyesAbove author reason createdAt } }",
);

pub(crate) const SET_POLICY: Operation<Policy> = Operation::new(
    "setFraudPolicy",
    "mutation($input: FraudPolicyInput!) { setFraudPolicy(input: $input) {
        version suspiciousFrom fraudFrom suspiciousAction fraudAction reviewExpiresAfterSeconds
        reviewExpiryDecision fourEyesAbove author reason createdAt } }",
);

pub(crate) const BACKTESTS: Operation<Vec<Backtest>> = Operation::new(
    "backtests",
    "query($first: Int, $after: String) { backtests(first: $first, after: $after) {
        backtestId state checked total changed changedAmount startedBy createdAt problem } }",
);

pub(crate) const BACKTEST: Operation<WholeBacktest> = Operation::new(
    "backtest",
    "query($backtestId: String!) { backtest(backtestId: $backtestId) {
        backtestId state checked total changed changedAmount startedBy createdAt problem
        transitions { from to count amount }
        examples { logId amount before after scoreBefore scoreAfter fired } } }",
);

pub(crate) const START_BACKTEST: Operation<Backtest> = Operation::new(
    "backtestRules",
    "mutation($input: BacktestInput!) { backtestRules(input: $input) {
        backtestId state checked total changed changedAmount startedBy createdAt problem } }",
);

pub(crate) const CANCEL_BACKTEST: Operation<Backtest> = Operation::new(
    "cancelBacktest",
    "mutation($backtestId: String!) { cancelBacktest(backtestId: $backtestId) {
        backtestId state checked total changed changedAmount startedBy createdAt problem } }",
);

pub(crate) const LIST_ENTRIES: Operation<Vec<ListEntry>> = Operation::new(
    "fraudListEntries",
    "query($list: FraudList, $kind: FraudListKind, $first: Int, $after: String) {
        fraudListEntries(list: $list, kind: $kind, first: $first, after: $after) {
            entryId list kind value reason author createdAt expiresAt } }",
);

pub(crate) const ADD_LIST_ENTRY: Operation<Done> = Operation::new(
    "addFraudListEntry",
    "mutation($input: FraudListEntryInput!) { addFraudListEntry(input: $input) { entryId } }",
);

pub(crate) const REMOVE_LIST_ENTRY: Operation<Done> = Operation::new(
    "removeFraudListEntry",
    "mutation($entryId: String!, $reason: String!) {
        removeFraudListEntry(entryId: $entryId, reason: $reason) { entryId } }",
);

pub(crate) const SNOOZES: Operation<Vec<Snooze>> = Operation::new(
    "ruleSnoozes",
    "query($userId: String, $first: Int, $after: String) { ruleSnoozes(userId: $userId, first: $first, after: $after) {
        snoozeId rule userId until reason author createdAt } }",
);

pub(crate) const SNOOZE_RULE: Operation<Done> = Operation::new(
    "snoozeRule",
    "mutation($rule: String!, $userId: String!, $until: DateTime!, $reason: String!) {
        snoozeRule(rule: $rule, userId: $userId, until: $until, reason: $reason) { snoozeId } }",
);

pub(crate) const END_SNOOZE: Operation<Done> = Operation::new(
    "endSnooze",
    "mutation($snoozeId: String!, $reason: String!) { endSnooze(snoozeId: $snoozeId, reason: $reason) { snoozeId } }",
);

#[cfg(test)]
mod tests {
    use crate::api::check_documents;

    #[test]
    fn every_document_fits_the_gateways_schema() {
        check_documents(include_str!("documents.rs"));
        check_documents(include_str!("../merchants/documents.rs"));
    }
}
