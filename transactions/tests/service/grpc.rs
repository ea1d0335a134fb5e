//! Merchants' programs over TCP: what is paid, refused, repeated; who may; and what else answers on the port.

use serde_json::json;
use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;
use transactions::grpc::proto::get_payment_request::Payment as Which;
use transactions::grpc::proto::{GetPaymentRequest, PaymentStatus, ProcessPaymentRequest};

use crate::bed::{Bed, DEADLINE, Fault, Side, code_of, order};

const SECOND: std::time::Duration = std::time::Duration::from_secs(1);

fn keyed(input: &ProcessPaymentRequest, key: &str) -> ProcessPaymentRequest {
    ProcessPaymentRequest {
        idempotency_key: key.to_owned(),
        ..input.clone()
    }
}

fn by_id(payment_id: &str) -> GetPaymentRequest {
    GetPaymentRequest {
        payment: Some(Which::PaymentId(payment_id.to_owned())),
    }
}

fn by_order(order_id: &str) -> GetPaymentRequest {
    GetPaymentRequest {
        payment: Some(Which::OrderId(order_id.to_owned())),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_paid_once_however_often_it_is_asked_for() {
    let bed = Bed::start().await;
    let (shop, program, buyer) = bed.with_program().await;
    let input = ProcessPaymentRequest {
        amount: "20000.50".to_owned(),
        description: "two bowls".to_owned(),
        ..order("A-1", &buyer)
    };
    let paid = program.process(keyed(&input, "first")).await.unwrap();
    assert_eq!(paid.status(), PaymentStatus::Success, "{paid:?}");
    assert_eq!((paid.amount.as_str(), paid.currency.as_str()), ("20000.5", "IDR"));
    assert_eq!(
        (paid.captured_amount.as_str(), paid.refunded_amount.as_str()),
        ("20000.5", "0")
    );
    assert_eq!((paid.order_id.as_str(), paid.failure_code.as_str()), ("A-1", ""));
    assert!(paid.payment_id.starts_with("trx_") && paid.session_id.starts_with("cks_"));
    assert!(paid.created_at.is_some() && paid.paid_at.is_some());

    // The same key, another one, none: it is paid already.
    for again in [
        keyed(&input, "first"),
        keyed(&input, "second"),
        keyed(&input, "second"),
        input,
    ] {
        assert_eq!(program.process(again).await.unwrap(), paid);
    }
    for which in [by_id(&paid.payment_id), by_order("A-1")] {
        assert_eq!(program.get(which).await.unwrap(), paid);
    }
    assert_eq!(bed.ledger.balance(buyer.wallet), 10_000_000 - 2_000_050);
    // Over the other API it is the same payment.
    let session = bed.session(&shop, &json!(paid.session_id)).await;
    assert_eq!(
        (&session["state"], &session["transactionId"]),
        (&json!("PAID"), &json!(paid.payment_id))
    );
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_business_refuses_is_an_answer_and_a_new_key_tries_again() {
    let bed = Bed::start().await;
    let (_, program, buyer) = bed.with_program().await;
    let input = ProcessPaymentRequest {
        amount: "100001".to_owned(),
        ..order("A-1", &buyer)
    };
    let refused = program.process(keyed(&input, "first")).await.unwrap();
    assert_eq!(refused.status(), PaymentStatus::Failed);
    assert_eq!(
        (refused.failure_code.as_str(), refused.captured_amount.as_str()),
        ("INSUFFICIENT_FUNDS", "0")
    );
    assert!(!refused.failure_reason.is_empty());
    assert_eq!(program.get(by_order("A-1")).await.unwrap_err().code(), Code::NotFound);
    assert_eq!(program.get(by_id(&refused.payment_id)).await.unwrap(), refused);

    bed.ledger.give(buyer.wallet, 100);
    assert_eq!(
        program.process(keyed(&input, "first")).await.unwrap(),
        refused,
        "a key is one attempt"
    );
    let paid = program.process(keyed(&input, "second")).await.unwrap();
    assert_eq!(paid.status(), PaymentStatus::Success);
    assert_eq!(bed.ledger.balance(buyer.wallet), 0);
    // Also now that it is paid, each key has its own answer.
    assert_eq!(program.process(keyed(&input, "first")).await.unwrap(), refused);
    assert_eq!(program.process(keyed(&input, "second")).await.unwrap(), paid);

    let other_amount = ProcessPaymentRequest {
        amount: "5".to_owned(),
        ..order("A-1", &buyer)
    };
    let refused = program.process(other_amount).await.unwrap();
    assert_eq!(refused.status(), PaymentStatus::Failed, "an order has one amount");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_was_opened_before_is_the_one_that_is_paid() {
    let bed = Bed::start().await;
    let (shop, program, buyer) = bed.with_program().await;
    let opened = bed.open(&shop, json!({ "orderId": "A-1", "amount": 20_000 })).await;
    let less = ProcessPaymentRequest {
        amount: "19999".to_owned(),
        ..order("A-1", &buyer)
    };
    let refused = program.process(less).await.unwrap();
    assert_eq!(refused.failure_code, "BILL_AMOUNT_MISMATCH");
    let paid = program.process(order("A-1", &buyer)).await.unwrap();
    assert_eq!(
        (paid.status(), json!(paid.session_id)),
        (PaymentStatus::Success, opened["sessionId"].clone())
    );
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_is_one_request() {
    let bed = Bed::start().await;
    let (_, program, buyer) = bed.with_program().await;
    let other_buyer = bed.user("other", 10_000_000);
    let input = keyed(&order("A-1", &buyer), "key");
    program.process(input.clone()).await.unwrap();
    for (field, other) in [
        ("order_id", keyed(&order("A-2", &buyer), "key")),
        (
            "amount",
            ProcessPaymentRequest {
                amount: "20001".to_owned(),
                ..input.clone()
            },
        ),
        (
            "payer_token",
            ProcessPaymentRequest {
                payer_token: other_buyer.token.clone(),
                ..input.clone()
            },
        ),
        (
            "description",
            ProcessPaymentRequest {
                description: "x".to_owned(),
                ..input.clone()
            },
        ),
    ] {
        let refused = program.process(other).await.unwrap_err();
        assert_eq!(
            (refused.code(), code_of(&refused)),
            (Code::AlreadyExists, "IDEMPOTENCY_KEY_REUSED"),
            "{field}"
        );
        assert!(refused.message().contains(field), "{refused}");
    }
    assert_eq!(bed.ledger.balance(buyer.wallet), 8_000_000);
    // A fresh token of the same buyer is the same request.
    let fresh = bed.sign(&buyer.id, |claims| claims.jti = "another".to_owned());
    let again = ProcessPaymentRequest {
        payer_token: fresh,
        ..input
    };
    assert_eq!(program.process(again).await.unwrap().status(), PaymentStatus::Success);
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_merchants_key_is_let_in() {
    let bed = Bed::start().await;
    let (shop, program, buyer) = bed.with_program().await;
    let other = bed.shop("warung", "WARUNG").await;
    let paid = program.process(order("A-1", &buyer)).await.unwrap();
    for api_key in [
        "",
        "sk_sandbox_wrong",
        "nonsense",
        &buyer.token,
        &shop.owner.token,
        &bed.admin(),
        &bed.service_token(),
    ] {
        let stranger = program.with_key(api_key);
        let refused = stranger.process(order("A-2", &buyer)).await.unwrap_err();
        assert_eq!(
            (refused.code(), code_of(&refused)),
            (Code::Unauthenticated, "UNAUTHENTICATED"),
            "{api_key}"
        );
        assert_eq!(
            stranger.get(by_id(&paid.payment_id)).await.unwrap_err().code(),
            Code::Unauthenticated
        );
    }
    let other = program.with_key(&other.key);
    for which in [by_id(&paid.payment_id), by_order("A-1"), by_id("trx_nonsense")] {
        assert_eq!(other.get(which).await.unwrap_err().code(), Code::NotFound);
    }
    let neither = program.get(GetPaymentRequest { payment: None }).await.unwrap_err();
    assert_eq!(neither.code(), Code::InvalidArgument);
    // Orders of two merchants may have one name.
    let theirs = other.process(order("A-1", &buyer)).await.unwrap();
    assert_ne!(theirs.payment_id, paid.payment_id);
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_pays_is_the_bearer_of_the_token_or_the_merchants_owner() {
    let bed = Bed::start().await;
    let (shop, program, buyer) = bed.with_program().await;
    let other = bed.user("other", 10_000_000);
    bed.ledger.give(shop.owner.wallet, 2_000_000);
    let without_token = |order_id: &str, wallet: &str| ProcessPaymentRequest {
        wallet_id: wallet.to_owned(),
        payer_token: String::new(),
        ..order(order_id, &buyer)
    };
    let paid = program
        .process(without_token("A-1", shop.owner.wallet.as_str()))
        .await
        .unwrap();
    assert_eq!(paid.status(), PaymentStatus::Success);
    assert_eq!(bed.ledger.balance(shop.owner.wallet), 0);

    let refused = program
        .process(without_token("A-2", buyer.wallet.as_str()))
        .await
        .unwrap_err();
    assert_eq!(
        (refused.code(), code_of(&refused)),
        (Code::NotFound, "NOT_FOUND"),
        "somebody else's wallet"
    );
    let of_another = ProcessPaymentRequest {
        payer_token: other.token.clone(),
        ..order("A-2", &buyer)
    };
    assert_eq!(program.process(of_another).await.unwrap_err().code(), Code::NotFound);
    let expired = bed.sign(&buyer.id, |claims| claims.exp = 1);
    for (token, expect) in [
        ("nonsense".to_owned(), Code::Unauthenticated),
        (expired, Code::Unauthenticated),
        (shop.key.clone(), Code::PermissionDenied),
        (bed.service_token(), Code::PermissionDenied),
    ] {
        let refused = program
            .process(ProcessPaymentRequest {
                payer_token: token,
                ..order("A-2", &buyer)
            })
            .await;
        let refused = refused.unwrap_err();
        assert_eq!(refused.code(), expect, "{refused}");
        assert!(refused.message().contains("payer_token"), "{refused}");
    }
    assert_eq!(bed.ledger.balance(buyer.wallet), 10_000_000);
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_is_refused_with_its_code() {
    let bed = Bed::start().await;
    let (_, program, buyer) = bed.with_program().await;
    let good = order("A-1", &buyer);
    let amount = |text: &str| ProcessPaymentRequest {
        amount: text.to_owned(),
        ..good.clone()
    };
    let order_id = |text: String| ProcessPaymentRequest {
        order_id: text,
        ..good.clone()
    };
    for input in [
        amount(""),
        amount("0"),
        amount("-1"),
        amount("1e3"),
        amount("0.001"),
        amount("20 000"),
        amount("9999999999999999"),
        order_id(String::new()),
        order_id("x".repeat(65)),
        ProcessPaymentRequest {
            description: "x".repeat(201),
            ..good.clone()
        },
        ProcessPaymentRequest {
            idempotency_key: "a b".to_owned(),
            ..good.clone()
        },
        ProcessPaymentRequest {
            idempotency_key: "x".repeat(129),
            ..good.clone()
        },
    ] {
        let what = format!("{input:?}");
        let refused = program.process(input).await.unwrap_err();
        assert_eq!(
            (refused.code(), code_of(&refused)),
            (Code::InvalidArgument, "BAD_USER_INPUT"),
            "{what}: {refused}"
        );
    }
    let wallet = ProcessPaymentRequest {
        wallet_id: "wal_nonsense".to_owned(),
        ..good.clone()
    };
    assert_eq!(program.process(wallet).await.unwrap_err().code(), Code::NotFound);
    let huge = ProcessPaymentRequest {
        description: "x".repeat(100_000),
        ..good
    };
    let refused = program.process(huge).await.unwrap_err();
    assert!(
        matches!(refused.code(), Code::OutOfRange | Code::ResourceExhausted),
        "{refused}"
    );
    assert_eq!(bed.ledger.balance(buyer.wallet), 10_000_000);
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_at_once_pay_an_order_once() {
    let bed = Bed::start().await;
    let (_, program, buyer) = bed.with_program().await;
    let asking: Vec<_> = (0..20)
        .map(|index| {
            let (program, mut input) = (program.clone(), order("A-1", &buyer));
            if index % 2 == 0 {
                input.idempotency_key = "shared".to_owned();
            }
            tokio::spawn(async move { program.process(input).await.unwrap() })
        })
        .collect();
    let mut paid = Vec::new();
    for one in asking {
        let payment = one.await.unwrap();
        match payment.status() {
            PaymentStatus::Success => paid.push(payment.payment_id),
            PaymentStatus::Failed => {
                let expected = ["BILL_PAYMENT_IN_PROGRESS", "BILL_ALREADY_PAID"];
                assert!(expected.contains(&payment.failure_code.as_str()), "{payment:?}");
            }
            other => panic!("{other:?}"),
        }
    }
    paid.sort_unstable();
    paid.dedup();
    assert_eq!(paid.len(), 1);
    assert_eq!(bed.ledger.balance(buyer.wallet), 8_000_000);
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_in_the_middle_is_repaired_and_the_repeated_call_finds_the_payment() {
    for side in [Side::Before, Side::After] {
        let mut bed = Bed::start().await;
        let (shop, program, buyer) = bed.with_program().await;
        let input = keyed(&order("A-1", &buyer), "key");
        let mut held = bed.faults.hold("postTransfers", side);
        let asking = tokio::spawn({
            let (program, input) = (program.clone(), input.clone());
            async move { program.process(input).await }
        });
        tokio::time::timeout(DEADLINE, held.arrived(1)).await.unwrap();
        bed.crash();
        drop(held);
        assert!(asking.await.unwrap().is_err(), "nobody can say what became of it");
        bed.start_service().await;
        let program = bed.program(&shop.key).await;
        bed.until_no_transaction_is_pending(SECOND).await;
        let paid = program.process(input).await.unwrap();
        assert_eq!(paid.status(), PaymentStatus::Success, "{side:?}");
        assert_eq!(program.get(by_order("A-1")).await.unwrap(), paid);
        assert_eq!(bed.ledger.balance(buyer.wallet), 8_000_000, "{side:?}");
        bed.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_takes_long_is_pending_and_ends_by_itself() {
    let bed = Bed::start().await;
    let (_, program, buyer) = bed.with_program().await;
    bed.faults.plan("postTransfers", Side::After, Fault::Unavailable, 3);
    let begun = program.process(order("A-1", &buyer)).await.unwrap();
    assert_eq!(begun.status(), PaymentStatus::Pending);
    bed.until_no_transaction_is_pending(SECOND).await;
    let ended = program.get(by_id(&begun.payment_id)).await.unwrap();
    assert_eq!(ended.status(), PaymentStatus::Success);
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reflection_tells_the_contract_and_health_that_it_is_served() {
    let bed = Bed::start().await;
    let channel = bed.channel().await;
    let asked = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let mut reflection = ServerReflectionClient::new(channel.clone());
    let asked = futures::stream::iter([asked]);
    let mut answers = reflection.server_reflection_info(asked).await.unwrap().into_inner();
    let told = answers.message().await.unwrap().unwrap();
    let Some(MessageResponse::ListServicesResponse(list)) = told.message_response else {
        panic!("{told:?}");
    };
    let names: Vec<String> = list.service.into_iter().map(|service| service.name).collect();
    for expect in ["sawit.payments.v1.PaymentService", "grpc.health.v1.Health"] {
        assert!(names.iter().any(|name| name == expect), "{expect} in {names:?}");
    }
    for (service, expect) in [
        ("", Ok(ServingStatus::Serving)),
        ("sawit.payments.v1.PaymentService", Ok(ServingStatus::Serving)),
        ("nobody.knows.It", Err(Code::NotFound)),
    ] {
        let request = HealthCheckRequest {
            service: service.to_owned(),
        };
        let said = HealthClient::new(channel.clone()).check(request).await;
        let said = said
            .map(|answer| answer.into_inner().status())
            .map_err(|status| status.code());
        assert_eq!(said, expect, "{service}");
    }
    // What belongs to nobody is still no page of the port that GraphQL is served on, too.
    let http = reqwest::Client::builder().no_proxy().timeout(DEADLINE).build().unwrap();
    let page = http
        .get(format!("{}/nothing", bed.listen().await))
        .send()
        .await
        .unwrap();
    assert_eq!(page.status(), 404);
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watched_health_does_not_keep_the_service_from_stopping() {
    let mut bed = Bed::start().await;
    let request = HealthCheckRequest::default();
    let mut watching = HealthClient::new(bed.channel().await)
        .watch(request)
        .await
        .unwrap()
        .into_inner();
    let first = watching.message().await.unwrap().unwrap();
    assert_eq!(first.status(), ServingStatus::Serving);
    bed.stop_service().await;
    let ended = tokio::time::timeout(DEADLINE, watching.message())
        .await
        .expect("it ends");
    assert_eq!(ended.unwrap_err().code(), Code::Unavailable);
    bed.start_service().await;
    bed.finish().await;
}
