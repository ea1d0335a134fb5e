//! What a merchant does with its payments.

use serde_json::json;
use testkit::client::Client;
use testkit::person::{Person, text};

use super::{Placeholders, Sent};

/// Refunds a payment, and captures and voids another.
pub(super) async fn capture_and_refund_as_written(
    sent: &mut Sent,
    shop: &Client,
    buyer: &Person,
    placeholders: &mut Placeholders,
) {
    let refund = sent
        .send(shop, "merchants/20-refund-payment.graphql", placeholders)
        .await;
    assert_eq!(refund["state"], "SUCCEEDED", "{refund:#}");
    let payment = sent.send(shop, "merchants/21-payment.graphql", placeholders).await;
    assert_eq!(payment["operations"][0]["operationId"], refund["operationId"]);
    let payments = sent.send(shop, "merchants/22-payments.graphql", placeholders).await;
    assert_eq!(payments[0]["refundedAmount"], json!(9_000));
    let session = sent.send(shop, "merchants/23-authorize.graphql", placeholders).await;
    let va_number = text(&session["vaNumber"]);
    let held = buyer.insist(buyer.payment(&va_number, 30_000, Some("pay-78"))).await;
    assert_eq!(held["status"], "AUTHORIZED", "{held:#}");
    placeholders.set("authorizedId", &held["transactionId"]);
    let captured = sent
        .send(shop, "merchants/24-capture-payment.graphql", placeholders)
        .await;
    assert_eq!(captured["state"], "SUCCEEDED", "{captured:#}");
    let void = sent.send(shop, "merchants/25-void-payment.graphql", placeholders).await;
    assert_eq!((&void["state"], &void["amount"]), (&json!("SUCCEEDED"), &json!(10_000)));
}
