//! A merchant with money, its payouts, and what the books must say of them.

use std::time::Duration;

use ids::{ApiKeyId, MerchantId, PayoutId, WalletId};
use serde_json::{Value, json};
use service::Secret;
use service::token::Role;
use store::{Snapshot, StoreError};
use testkit::graphql::Answer;
use transactions::app::merchant_access::hash_of;
use transactions::domain::{Merchant, MerchantStatus, Notification};
use transactions::store::api_keys::{self, ApiKey};
use transactions::store::merchants;

use super::{Ask, Bed, FakeBank};

const CREATE: &str =
    "mutation($input: PayoutInput!) { createPayout(input: $input) { payoutId merchantId amount currency bankCode
    accountNumber accountName description state failureCode failureReason bankReference } }";
const REPORT: &str = "mutation($id: String!, $result: PayoutResult!, $reference: String, $reason: String) {
    reportPayout(payoutId: $id, result: $result, bankReference: $reference, reason: $reason) { payoutId state failureCode
        failureReason bankReference } }";

/// A merchant that is registered, with an owner, an API key and a wallet.
pub struct Payee {
    pub id: MerchantId,
    pub owner_token: String,
    pub api_key: String,
    pub wallet: WalletId,
}

/// A row of `payouts`.
pub struct PayoutRow {
    id: PayoutId,
    state: String,
    return_transfer_id: String,
}

impl Bed {
    /// A running service whose bank is a fake, and a merchant with this much.
    pub async fn start_with_payee(balance_minor: i64) -> (Self, Payee) {
        let mut bed = Self::prepare(&[]).await;
        bed.bank = Some(FakeBank::open(&bed.faults));
        let shop = bed.register("Toko", balance_minor).await;
        bed.start_service().await;
        (bed, shop)
    }

    /// Registers a merchant while the service is stopped.
    pub async fn register(&self, name: &'static str, balance_minor: i64) -> Payee {
        let (id, owner, now) = (MerchantId::generate(), format!("usr_owner-of-{name}"), self.clock.now());
        let api_key = format!("sk_sandbox_{name}");
        let merchant = Merchant {
            merchant_id: id,
            owner_user_id: Some(owner.clone()),
            name: name.to_owned(),
            status: MerchantStatus::Active,
            va_prefix: None,
            order_url: None,
            notification: Notification::Webhook,
            return_origins: Vec::new(),
            signing_secret: Secret::new("whsec_"),
            created_at: now,
        };
        let hash = hash_of(&Secret::new(api_key.as_str()));
        let key = ApiKey {
            key_id: ApiKeyId::generate(),
            merchant_id: id,
            name: "test".to_owned(),
            hint: "test".to_owned(),
            created_at: now,
            last_used_at: None,
            revoked_at: None,
        };
        let wallet = id.retag::<ids::Wallet>();
        self.ledger.give(wallet, balance_minor);
        self.edit(move |tx| {
            merchants::put(tx, &merchant, now)?;
            api_keys::insert(tx, &key, &hash)
        })
        .await;
        Payee {
            id,
            owner_token: self.sign(&owner, |claims| claims.role = Role::Merchant),
            api_key,
            wallet,
        }
    }

    /// `createPayout`, whatever it answers.
    pub async fn try_pay_out(&self, token: &str, input: Value) -> Answer {
        self.answer(Payee::paying_out(token, input)).await
    }

    /// `createPayout` with the shop's key, which answers with a payout.
    pub async fn pay_out(&self, shop: &Payee, input: Value) -> Value {
        let answer = self.try_pay_out(&shop.api_key, input).await;
        answer.data()["createPayout"].clone()
    }

    /// The bank says that a payout has arrived.
    pub async fn report_paid(&self, token: &str, payout_id: &str, reference: &str) -> Answer {
        let variables = json!({ "id": payout_id, "result": "PAID", "reference": reference });
        self.ask(Some(token), REPORT, variables).await
    }

    /// The bank says that it does not take a payout.
    pub async fn report_rejected(&self, token: &str, payout_id: &str, reason: &str) -> Answer {
        let variables = json!({ "id": payout_id, "result": "REJECTED", "reason": reason });
        self.ask(Some(token), REPORT, variables).await
    }

    /// A payout as its merchant sees it.
    pub async fn payout(&self, shop: &Payee, payout_id: &str) -> Value {
        let document =
            "query($id: String!) { payout(payoutId: $id) { state failureCode failureReason bankReference amount } }";
        let answer = self
            .ask(Some(&shop.api_key), document, json!({ "id": payout_id }))
            .await;
        answer.data()["payout"].clone()
    }

    /// Turns the clock on until a payout is in one of these states.
    pub async fn until_payout_is(&self, shop: &Payee, payout_id: &str, states: &[&str], step: Duration) -> Value {
        self.until(&format!("{payout_id} is {states:?}"), step, async || {
            let state = self.payout(shop, payout_id).await["state"].clone();
            states.iter().any(|expect| state == *expect)
        })
        .await;
        self.payout(shop, payout_id).await
    }

    /// The types of the events of a merchant, oldest first, of a service that is stopped.
    pub async fn events_of(&self, subject: &str) -> Vec<(String, Value)> {
        let subject = subject.to_owned();
        let database = self.open_database().await;
        let found = database.read(move |snapshot| {
            snapshot.query(
                "SELECT type, body FROM events WHERE subject = $1 ORDER BY sequence",
                &[&subject],
                |row| Ok((row.get::<String>(0)?, row.get::<String>(1)?)),
            )
        });
        let found: Vec<(String, String)> = found.await.map_err(|error: StoreError| error.to_string()).unwrap();
        database.close().await;
        let parsed = found
            .into_iter()
            .map(|(kind, body)| (kind, serde_json::from_str(&body).unwrap()));
        parsed.collect()
    }

    /// What has not arrived is in the wallet, to the last unit. Answers with how many transfers payouts have made.
    pub(super) fn check_payouts(&self, rows: &[PayoutRow]) -> usize {
        let mut count = 0;
        for row in rows {
            let taken = row.id.retag::<ids::Transfer>();
            let is_posted = |id: &str| self.ledger.is_transfer_posted(id) == Some(true);
            let moved = (is_posted(taken.as_str()), is_posted(&row.return_transfer_id));
            match row.state.as_str() {
                "PAID" | "IN_TRANSIT" => assert_eq!(moved, (true, false), "{} is {}", row.id, row.state),
                "FAILED" => assert_eq!(moved.0, moved.1, "{} failed and its money is not back", row.id),
                other => panic!("{} is {other}", row.id),
            }
            count += usize::from(moved.0) + usize::from(moved.1);
        }
        count
    }
}

impl Payee {
    /// A request of `createPayout`.
    pub fn paying_out(token: &str, input: Value) -> Ask {
        Ask::new(Some(token), CREATE, json!({ "input": input }))
    }

    /// The input of `createPayout`, in rupiah, to an account with this number.
    pub fn input(rupiah: u64, account_number: &str) -> Value {
        json!({ "amount": rupiah, "bankCode": "BCA", "accountNumber": account_number, "accountName": "PT Toko" })
    }
}

/// All payouts.
pub(super) fn read_payouts(snapshot: &Snapshot<'_>) -> Result<Vec<PayoutRow>, StoreError> {
    snapshot.query("SELECT payout_id, state, return_transfer_id FROM payouts", &[], |row| {
        Ok(PayoutRow {
            id: row.get(0)?,
            state: row.get(1)?,
            return_transfer_id: row.get(2)?,
        })
    })
}
