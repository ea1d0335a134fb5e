//! Every document that the pages of the merchants send. A test holds them against the gateway's schema.

use super::types::{ApiKey, Attempt, Balance, Endpoint, Keys, Merchant, MerchantRow, NewKey};
use crate::api::Operation;
use crate::console::types::Done;

pub(crate) const MERCHANTS: Operation<Vec<MerchantRow>> = Operation::new(
    "merchants",
    "query($first: Int, $after: String) { merchants(first: $first, after: $after) {
        merchantId name status vaPrefix ownerUserId createdAt } }",
);

pub(crate) const MERCHANT: Operation<Merchant> = Operation::new(
    "merchant",
    "query($merchantId: String) { merchant(merchantId: $merchantId) {
        merchantId name status vaPrefix ownerUserId createdAt orderUrl notification returnOrigins walletId
        feePlans { percent fixed validFrom } } }",
);

pub(crate) const BALANCE: Operation<Balance> = Operation::new(
    "merchant",
    "query($merchantId: String) { merchant(merchantId: $merchantId) { balance availableBalance } }",
);

pub(crate) const KEYS: Operation<Keys> = Operation::new(
    "merchant",
    "query($merchantId: String) { merchant(merchantId: $merchantId) {
        apiKeys { keyId name hint createdAt lastUsedAt revokedAt } } }",
);

pub(crate) const CREATE_KEY: Operation<NewKey> = Operation::new(
    "createApiKey",
    "mutation($merchantId: String, $name: String!, $reason: String) {
        createApiKey(merchantId: $merchantId, name: $name, reason: $reason) {
            secret key { keyId name hint createdAt lastUsedAt revokedAt } } }",
);

pub(crate) const REVOKE_KEY: Operation<ApiKey> = Operation::new(
    "revokeApiKey",
    "mutation($keyId: String!, $reason: String) { revokeApiKey(keyId: $keyId, reason: $reason) {
        keyId name hint createdAt lastUsedAt revokedAt } }",
);

pub(crate) const SET_FEE_PLAN: Operation<Done> = Operation::new(
    "setFeePlan",
    "mutation($merchantId: String!, $percent: Decimal!, $fixed: Decimal!, $validFrom: DateTime, $reason: String) {
        setFeePlan(merchantId: $merchantId, percent: $percent, fixed: $fixed, validFrom: $validFrom, reason: $reason) {
            merchantId } }",
);

pub(crate) const SET_STATUS: Operation<Done> = Operation::new(
    "setMerchantStatus",
    "mutation($merchantId: String!, $status: MerchantStatus!, $reason: String) {
        setMerchantStatus(merchantId: $merchantId, status: $status, reason: $reason) { merchantId } }",
);

pub(crate) const ENDPOINTS: Operation<Vec<Endpoint>> = Operation::new(
    "webhookEndpoints",
    "query($merchantId: String) { webhookEndpoints(merchantId: $merchantId) {
        endpointId url events enabled disabledReason failingSince createdAt } }",
);

pub(crate) const ATTEMPTS: Operation<Vec<Attempt>> = Operation::new(
    "webhookAttempts",
    "query($endpointId: String, $first: Int, $after: String) {
        webhookAttempts(endpointId: $endpointId, first: $first, after: $after) {
            attemptId eventId attemptedAt outcome status latencyMs responseExcerpt } }",
);

pub(crate) const RESEND: Operation<bool> = Operation::new(
    "resendWebhook",
    "mutation($eventId: String!, $endpointId: String) { resendWebhook(eventId: $eventId, endpointId: $endpointId) }",
);
