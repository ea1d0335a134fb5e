//! Payment sessions, merchants and fee plans, put into the tables of the service while it is stopped.

use std::time::Duration;

use ids::{MerchantId, PaymentSessionId, WalletId};
use money::{Currency, Money};
use serde_json::{Value, json};
use service::Secret;
use service::token::Role;
use testkit::graphql::Answer;
use tokio::task::JoinHandle;
use transactions::domain::{
    CaptureMode, FeePlan, Merchant, MerchantStatus, Notification, PaymentSession, SessionSource, SessionState, Share,
    VaNumber,
};
use transactions::store::{fee_plans, merchants, sessions};

use super::{Ask, Bed, User, inputs};

const OPERATION: &str =
    "operationId transactionId kind state amount fee failureCode failureReason reason shares { walletId amount }";

/// Whose part of a session is how large.
#[derive(Clone, Debug)]
pub struct Split {
    pub wallet_id: WalletId,
    pub amount_minor: i64,
}

/// A merchant with its owner, and two more merchants and two users that have parts in its sessions.
pub struct Seller {
    pub merchant_id: MerchantId,
    pub owner: User,
    /// A five-way split of 1,000,000.00, the shop's own wallet first.
    pub splits: Vec<Split>,
}

impl Seller {
    /// The wallet that its payments go to.
    pub fn wallet(&self) -> WalletId {
        self.merchant_id.retag::<ids::Wallet>()
    }

    /// The sum of its splits, in minor units.
    pub fn amount_minor(&self) -> i64 {
        self.splits.iter().map(|split| split.amount_minor).sum()
    }
}

impl Bed {
    /// A running service that knows a shop, which pays 2.5 % and 1,000.00.
    pub async fn start_with_seller() -> (Self, Seller) {
        let mut bed = Self::start().await;
        let owner = bed.user("owner", 0);
        let all: Vec<MerchantId> = (0..3).map(|_| MerchantId::generate()).collect();
        let wallets = [
            all[0].retag::<ids::Wallet>(),
            all[1].retag::<ids::Wallet>(),
            all[2].retag::<ids::Wallet>(),
            bed.user("seller", 0).wallet,
            bed.user("courier", 0).wallet,
        ];
        let amounts = [33_333_333, 30_000_001, 20_000_000, 16_666_665, 1];
        let splits = wallets.into_iter().zip(amounts).map(|(wallet_id, amount_minor)| Split {
            wallet_id,
            amount_minor,
        });
        let shop = Seller {
            merchant_id: all[0],
            splits: splits.collect(),
            owner,
        };
        let (owner_id, now) = (shop.owner.id.clone(), bed.clock.now());
        bed.stop_service().await;
        bed.edit(move |tx| {
            for merchant_id in &all {
                merchants::put(tx, &merchant(*merchant_id, &owner_id, *merchant_id == all[0], now), now)?;
            }
            let plan = FeePlan {
                basis_points: 250,
                fixed_minor: 100_000,
                valid_from: now,
            };
            fee_plans::insert(tx, all[0], &plan, now)
        })
        .await;
        bed.start_service().await;
        (bed, shop)
    }

    /// Opens as many sessions as asked for, and answers with their numbers.
    pub async fn open_sessions(
        &mut self,
        shop: &Seller,
        capture_mode: CaptureMode,
        splits: &[Split],
        count: usize,
    ) -> Vec<String> {
        let now = self.clock.now();
        let amount_minor = shop.amount_minor();
        let merchant_id = shop.merchant_id;
        let shares: Vec<Share> = splits
            .iter()
            .map(|split| Share {
                wallet_id: split.wallet_id,
                merchant_id: None,
                amount_minor: split.amount_minor,
            })
            .collect();
        let opened: Vec<PaymentSession> = (0..count)
            .map(|_| {
                let session_id = PaymentSessionId::generate();
                PaymentSession {
                    session_id,
                    merchant_id,
                    source: SessionSource::Api,
                    order_id: Some(format!("order-{session_id}")),
                    va_number: VaNumber::generate(),
                    amount: Money::new(amount_minor, Currency::Idr).unwrap(),
                    description: None,
                    items: Vec::new(),
                    metadata: Vec::new(),
                    capture_mode,
                    return_url: None,
                    cancel_url: None,
                    state: SessionState::Open,
                    transaction_id: None,
                    version: 1,
                    expires_at: now.after(Duration::from_secs(24 * 3_600)),
                    paid_at: None,
                    created_at: now,
                    updated_at: now,
                }
            })
            .collect();
        let numbers = opened.iter().map(|session| session.va_number.to_string()).collect();
        self.stop_service().await;
        self.edit(move |tx| {
            for session in &opened {
                assert!(sessions::insert(tx, session, &shares)?);
            }
            Ok(())
        })
        .await;
        self.start_service().await;
        numbers
    }

    /// Pays a session's number from a new wallet that has just enough.
    pub async fn pay_number(&self, shop: &Seller, payer: &User, va_number: &str) -> Value {
        let rupiah = u64::try_from(shop.amount_minor() / 100).unwrap();
        self.create(payer, inputs::payment(payer.wallet, rupiah, va_number))
            .await
    }

    /// A payment of a new session with the shop's splits, and who paid it.
    pub async fn paid(&mut self, shop: &Seller, capture_mode: CaptureMode, name: &str) -> (String, User) {
        let numbers = self.open_sessions(shop, capture_mode, &shop.splits, 1).await;
        let payer = self.user(name, shop.amount_minor());
        let paid = self.pay_number(shop, &payer, &numbers[0]).await;
        let expect = match capture_mode {
            CaptureMode::Automatic => "SUCCESS",
            CaptureMode::Manual => "AUTHORIZED",
        };
        assert_eq!(paid["status"], expect, "{paid}");
        (paid["transactionId"].as_str().unwrap().to_owned(), payer)
    }

    /// Gives everybody who has a part in the shop's sessions something of their own. A refund takes back the gross, and
    /// what was paid came without the fee.
    pub fn enrich(&self, shop: &Seller) {
        for split in &shop.splits {
            self.ledger.give(split.wallet_id, 10_000_000);
        }
    }

    /// Sends `capturePayment`, `voidPayment` or `refundPayment` in the background.
    pub fn operating(&self, token: &str, operation: &str, input: Value) -> JoinHandle<Answer> {
        let input_type = match operation {
            "capturePayment" => "CaptureInput",
            "voidPayment" => "VoidInput",
            _ => "RefundInput",
        };
        let document = format!("mutation($input: {input_type}!) {{ {operation}(input: $input) {{ {OPERATION} }} }}");
        self.sending(Ask::new(Some(token), &document, json!({ "input": input })))
    }

    /// The same, waiting for the answer.
    pub async fn try_operate(&self, token: &str, operation: &str, input: Value) -> Answer {
        self.operating(token, operation, input).await.unwrap()
    }

    /// An operation that the first commit lets through.
    pub async fn operate(&self, token: &str, operation: &str, input: Value) -> Value {
        let answer = self.try_operate(token, operation, input).await;
        answer.data()[operation].clone()
    }

    /// A payment as its merchant sees it.
    pub async fn payment(&self, token: &str, transaction_id: &str) -> Value {
        let document = format!(
            "query($id: String!) {{ payment(transactionId: $id) {{ transactionId merchantId sessionId orderId vaNumber status amount
                 currency captureMode capturedAmount refundedAmount fee holdExpiresAt operations {{ {OPERATION} }} }} }}"
        );
        let answer = self.ask(Some(token), &document, json!({ "id": transaction_id })).await;
        answer.data()["payment"].clone()
    }

    /// Turns the clock on, a little at a time, until no operation is under way.
    pub async fn until_no_operation_is_pending(&self, step: Duration) {
        self.until("no operation is pending", step, async || {
            self.status().await["pendingOperations"] == 0
        })
        .await;
    }

    /// The token of somebody else who runs merchants.
    pub fn stranger(&self) -> String {
        self.signer.user("usr_stranger", Role::Nasabah)
    }
}

fn merchant(merchant_id: MerchantId, owner_id: &str, owned: bool, now: service::Timestamp) -> Merchant {
    Merchant {
        merchant_id,
        owner_user_id: owned.then(|| owner_id.to_owned()),
        name: "Seller".to_owned(),
        status: MerchantStatus::Active,
        va_prefix: None,
        order_url: None,
        notification: Notification::Webhook,
        return_origins: Vec::new(),
        signing_secret: Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        created_at: now,
    }
}
