//! Refunds that merchants' programs ask for: in parts, once per key, never more than was paid, never from nothing.

use tonic::Code;
use transactions::grpc::proto::get_payment_request::Payment as Which;
use transactions::grpc::proto::{GetPaymentRequest, Payment, PaymentStatus, RefundPaymentRequest, RefundStatus};

use crate::bed::{Bed, Program, User, code_of, order};

fn refund(payment_id: &str, amount: &str, key: &str) -> RefundPaymentRequest {
    RefundPaymentRequest {
        payment_id: payment_id.to_owned(),
        amount: amount.to_owned(),
        reason: "cold soup".to_owned(),
        idempotency_key: key.to_owned(),
    }
}

async fn pay(program: &Program, buyer: &User) -> Payment {
    let paid = program.process(order("A-1", buyer)).await.unwrap();
    assert_eq!(paid.status(), PaymentStatus::Success, "{paid:?}");
    paid
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_goes_back_in_parts_and_then_the_rest() {
    let bed = Bed::start().await;
    let (_, program, buyer) = bed.with_program().await;
    let paid = pay(&program, &buyer).await;
    let part = program
        .refund(refund(&paid.payment_id, "5000.50", "first"))
        .await
        .unwrap();
    assert_eq!(part.status(), RefundStatus::Succeeded, "{part:?}");
    assert_eq!(
        (part.amount.as_str(), part.currency.as_str(), part.reason.as_str()),
        ("5000.5", "IDR", "cold soup")
    );
    assert!(part.refund_id.starts_with("rfd_"));
    assert_eq!(part.payment_id, paid.payment_id);
    let again = program
        .refund(refund(&paid.payment_id, "5000.50", "first"))
        .await
        .unwrap();
    assert_eq!(again, part, "the same key is the same refund");
    assert_eq!(bed.ledger.balance(buyer.wallet), 8_500_050);

    let rest = program.refund(refund(&paid.payment_id, "", "second")).await.unwrap();
    assert_eq!(rest.amount, "14999.5", "all that is left");
    assert_eq!(bed.ledger.balance(buyer.wallet), 10_000_000);
    let which = GetPaymentRequest {
        payment: Some(Which::OrderId("A-1".to_owned())),
    };
    let payment = program.get(which).await.unwrap();
    assert_eq!(
        (payment.status(), payment.refunded_amount.as_str()),
        (PaymentStatus::Success, "20000")
    );
    let refused = program
        .refund(refund(&paid.payment_id, "0.01", "third"))
        .await
        .unwrap_err();
    assert_eq!(
        (refused.code(), code_of(&refused)),
        (Code::FailedPrecondition, "CONFLICT")
    );
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn money_that_the_merchant_does_not_have_any_more_is_not_refunded() {
    let bed = Bed::start().await;
    let (shop, program, buyer) = bed.with_program().await;
    let paid = pay(&program, &buyer).await;
    let document = "mutation($input: PayoutInput!) { createPayout(input: $input) { payoutId state } }";
    let input =
        serde_json::json!({ "amount": 20_000, "bankCode": "BCA", "accountNumber": "7771111", "accountName": "Toko" });
    let paid_out = bed
        .ask(Some(&shop.key), document, serde_json::json!({ "input": input }))
        .await;
    assert_eq!(paid_out.data()["createPayout"]["state"], "IN_TRANSIT");

    let refused = program.refund(refund(&paid.payment_id, "", "first")).await.unwrap();
    assert_eq!(refused.status(), RefundStatus::Failed);
    assert_eq!(refused.failure_code, "REFUND_INSUFFICIENT_FUNDS");
    assert_eq!(bed.ledger.balance(buyer.wallet), 8_000_000);
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_refunds_are_refused_with_their_codes() {
    let bed = Bed::start().await;
    let (_, program, buyer) = bed.with_program().await;
    let other = bed.shop("warung", "WARUNG").await;
    let paid = pay(&program, &buyer).await;
    let id = paid.payment_id.as_str();
    for (input, expect) in [
        (refund(id, "0", ""), Code::InvalidArgument),
        (refund(id, "-1", ""), Code::InvalidArgument),
        (refund(id, "all", ""), Code::InvalidArgument),
        (refund(id, "1", "a b"), Code::InvalidArgument),
        (refund("trx_nonsense", "1", ""), Code::NotFound),
        (refund(id, "20001", ""), Code::FailedPrecondition),
    ] {
        let what = format!("{input:?}");
        assert_eq!(program.refund(input).await.unwrap_err().code(), expect, "{what}");
    }
    let stranger = program.with_key(&other.key);
    assert_eq!(
        stranger.refund(refund(id, "1", "")).await.unwrap_err().code(),
        Code::NotFound
    );
    let nobody = program.with_key("sk_sandbox_wrong");
    assert_eq!(
        nobody.refund(refund(id, "1", "")).await.unwrap_err().code(),
        Code::Unauthenticated
    );

    program.refund(refund(id, "1", "key")).await.unwrap();
    let refused = program.refund(refund(id, "2", "key")).await.unwrap_err();
    assert_eq!(code_of(&refused), "IDEMPOTENCY_KEY_REUSED");
    assert_eq!(bed.ledger.balance(buyer.wallet), 8_000_100);
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_refunds_at_once_never_give_back_more_than_was_paid() {
    let bed = Bed::start().await;
    let (_, program, buyer) = bed.with_program().await;
    let paid = pay(&program, &buyer).await;
    let asking: Vec<_> = (0..50)
        .map(|index| {
            let (program, input) = (
                program.clone(),
                refund(&paid.payment_id, "900", &format!("key-{index}")),
            );
            tokio::spawn(async move { program.refund(input).await })
        })
        .collect();
    let mut done = 0;
    for one in asking {
        match one.await.unwrap() {
            Ok(refunded) => {
                assert_eq!(refunded.status(), RefundStatus::Succeeded, "{refunded:?}");
                done += 1;
            }
            Err(refused) => assert_eq!(refused.code(), Code::FailedPrecondition, "{refused}"),
        }
    }
    assert_eq!(done, 22, "20,000 are enough for 22 times 900");
    assert_eq!(bed.ledger.balance(buyer.wallet), 8_000_000 + 22 * 90_000);
    bed.finish().await;
}
