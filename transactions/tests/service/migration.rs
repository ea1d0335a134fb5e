//! A database from before there were merchants and sessions: everything in it is there afterwards.

use serde_json::json;
use store::{Database, Options};

use crate::bed::{Bed, inputs, outcome};

const OLD: &[store::Migration] = store::migrations!["0001_transactions.sql"];

/// Rows as the first version wrote them: a paid invoice, an open one, one that is being paid, a deposit.
async fn write_old(bed: &Bed, payer: &str, wallet: &str, now: i64) {
    let options = Options::new(bed.database_path(), OLD).with_migrations(outbox::MIGRATIONS);
    let database = tokio::task::spawn_blocking(move || Database::open(&options).unwrap())
        .await
        .unwrap();
    let (payer, wallet) = (payer.to_owned(), wallet.to_owned());
    let written = database.write(move |tx| {
        for (number, minor) in [("DS-8800000000000001", 100_000_i64), ("DS-8800000000000002", 200_000), ("DS-8800000000000003", 300_000)] {
            tx.execute(
                "INSERT INTO invoices (va_number, merchant_id, amount_minor, currency, description, expires_at, created_at)
                 VALUES ($1, 'mrc_00000000000000000000000001', $2, 'IDR', 'Tea', $3, $4)",
                &[&number, &minor, &(now + 3_600_000_000), &now],
            )?;
        }
        for (id, kind, minor, status, number) in [
            ("trx_00000000000000000000000001", "PAYMENT", 100_000_i64, "SUCCESS", Some("DS-8800000000000001")),
            ("trx_00000000000000000000000002", "PAYMENT", 200_000, "PENDING", Some("ds-8800000000000002")),
            ("trx_00000000000000000000000003", "DEPOSIT", 500, "FAILED", None),
        ] {
            tx.execute(
                "INSERT INTO transactions (transaction_id, user_id, wallet_id, merchant_id, amount_minor, currency, kind, status,
                     va_number, created_at, updated_at)
                 VALUES ($1, $2, $3, CASE WHEN CAST($7 AS TEXT) IS NULL THEN NULL ELSE 'mrc_00000000000000000000000001' END, $4, 'IDR',
                     $5, $6, $7, $8, $8)",
                &[&id, &payer, &wallet, &minor, &kind, &status, &number, &now],
            )?;
        }
        for (number, id, state) in [
            ("DS-8800000000000001", "trx_00000000000000000000000001", "PAID"),
            ("DS-8800000000000002", "trx_00000000000000000000000002", "PENDING"),
        ] {
            tx.execute(
                "INSERT INTO bill_claims (merchant_id, va_number, transaction_id, state)
                 VALUES ('mrc_00000000000000000000000001', $1, $2, $3)",
                &[&number, &id, &state],
            )?;
        }
        let facts = r#"{"account_created_at":null,"recent_failures":0,"target_user_id":null,"bill_is_known":true}"#;
        tx.execute(
            "INSERT INTO sagas (transaction_id, facts, attempts, next_attempt_at, created_at)
             VALUES ('trx_00000000000000000000000002', $1, 0, $2, $2)",
            &[&facts, &now],
        )?;
        tx.execute(
            "INSERT INTO idempotency_keys (user_id, idempotency_key, input, transaction_id)
             VALUES ($1, 'k', '{}', 'trx_00000000000000000000000001')",
            &[&payer],
        )
    });
    written.await.unwrap();
    database.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_first_version_wrote_is_kept_and_brought_to_its_end() {
    let mut bed = Bed::prepare(&[]).await;
    let payer = bed.user("payer", 100_000_000);
    write_old(&bed, &payer.id, payer.wallet.as_str(), bed.clock.now().micros()).await;
    bed.start_service().await;
    bed.until_no_transaction_is_pending(std::time::Duration::from_secs(1))
        .await;
    for (id, status) in [
        ("trx_00000000000000000000000001", "SUCCESS"),
        ("trx_00000000000000000000000002", "SUCCESS"),
        ("trx_00000000000000000000000003", "FAILED"),
    ] {
        assert_eq!(bed.transaction(&payer, id).await["status"], status, "{id}");
    }
    let list = "{ paymentSessions(merchantId: \"mrc_00000000000000000000000001\") { vaNumber state transactionId amount description } }";
    let answer = bed.ask(Some(&bed.admin()), list, json!({})).await;
    let session = |va_number: &str, state: &str, transaction_id: Option<&str>, amount: u32| {
        json!({
            "vaNumber": va_number, "state": state, "transactionId": transaction_id, "amount": amount, "description": "Tea",
        })
    };
    assert_eq!(
        answer.data()["paymentSessions"],
        json!([
            session("DS-8800000000000003", "OPEN", None, 3000),
            session(
                "DS-8800000000000002",
                "PAID",
                Some("trx_00000000000000000000000002"),
                2000
            ),
            session(
                "DS-8800000000000001",
                "PAID",
                Some("trx_00000000000000000000000001"),
                1000
            ),
        ])
    );
    for (va_number, rupiah, expect) in [
        ("DS-8800000000000003", 3_000, "SUCCESS"),
        ("DS-8800000000000002", 2_000, "BILL_ALREADY_PAID"),
        ("DS-8800000000000001", 1_000, "BILL_ALREADY_PAID"),
    ] {
        let paid = bed
            .create(&payer, inputs::payment(payer.wallet, rupiah, va_number))
            .await;
        assert_eq!(outcome(&paid), expect, "{va_number}");
    }
    bed.stop_service().await;
    let database = bed.open_database().await;
    let keys = database.read(|snapshot| {
        snapshot.query_one(
            "SELECT COUNT(*) FROM idempotency_keys WHERE idempotency_key = 'k'",
            &[],
            |row| row.get::<i64>(0),
        )
    });
    assert_eq!(keys.await.unwrap(), 1);
    database.close().await;
}
