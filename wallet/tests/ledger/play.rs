//! Plays a story on the ledger and on paper, and compares after every step.

use std::time::Duration;

use ids::{HoldId, Id, Kind, MerchantId, TransferId, WalletId};
use money::{Currency, Money};
use outbox::Outbox;
use service::token::Role;
use service::{ApiError, Clock, Mode, Timestamp};
use store::{Database, Options};
use tokio_util::sync::CancellationToken;
use wallet::app::App;
use wallet::app::authorize_holds::Authorization;
use wallet::app::close_wallet::Closing;
use wallet::app::move_by_hand::{ManualMove, MoveByHand};
use wallet::app::open_merchant_wallets::MerchantWallet;
use wallet::domain::{AccountId, HoldAnswer, HoldState, Posting, Refusal, Transfer};

use crate::books::{self, Books};
use crate::model::{Answer, Model};
use crate::op::{self, Account, MERCHANTS, OWNERS, Op};

const IDR: Currency = Currency::Idr;
const START: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);

pub fn both(ops: &[Op]) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let ledger = Ledger::open().await;
        let mut model = Model::new();
        for (number, op) in ops.iter().enumerate() {
            if !is_well_formed(op) {
                continue;
            }
            let expect = model.step(op);
            let found = ledger.step(op).await;
            assert_eq!(found, expect, "step {number}: {op:?}");
            ledger.compare(&model, &format!("after step {number}: {op:?}")).await;
        }
        assert!(
            ledger
                .app
                .trial_balance(std::time::Duration::ZERO)
                .await
                .unwrap()
                .is_balanced()
        );
        ledger.app.database.close().await;
    });
}

/// Malformed transfers never get as far as the ledger; their rules have tables of their own.
fn is_well_formed(op: &Op) -> bool {
    match op {
        Op::Transfer(transfers) => transfers.iter().all(|transfer| build(transfer).is_some()),
        _ => true,
    }
}

fn id<K: Kind>(number: usize) -> Id<K> {
    Id::parse(&format!("{}_{number:026}", K::PREFIX)).unwrap()
}

/// Far from the merchants' wallets, whose ids come from the merchants' ids.
fn wallet_id(number: usize) -> WalletId {
    id(500 + number)
}

fn account_id(account: Account) -> AccountId {
    match account {
        Account::Wallet(number) => AccountId::Wallet(wallet_id(number)),
        Account::Merchant(number) => AccountId::Wallet(id::<ids::Merchant>(number).retag()),
        Account::Fees => AccountId::Fees(IDR),
        Account::Bank => AccountId::BankClearing(IDR),
    }
}

fn wallet_of(account: Account) -> WalletId {
    match account_id(account) {
        AccountId::Wallet(wallet_id) => wallet_id,
        other => panic!("{other} is no wallet"),
    }
}

fn user(number: usize) -> String {
    format!("user-{number}")
}

fn build(transfer: &op::Transfer) -> Option<Transfer> {
    let postings = transfer.lines.iter().map(|&(account, amount_minor)| Posting {
        account_id: account_id(account),
        amount_minor,
    });
    let transfer_id: TransferId = id(transfer.id);
    let built = Transfer::new(
        transfer_id,
        "TEST",
        IDR,
        transfer.on_behalf_of.map(user),
        postings.collect(),
    )
    .ok()?;
    match transfer.hold {
        None => Some(built),
        Some(hold) => built.capturing(id(hold)).ok(),
    }
}

struct Ledger {
    app: App,
    _folder: tempfile::TempDir,
}

impl Ledger {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = Options::new(folder.path().join("wallets.db"), wallet::store::MIGRATIONS);
        let database = Database::open(
            &options
                .with_migrations(outbox::MIGRATIONS)
                .with_migrations(actions::MIGRATIONS),
        )
        .unwrap();
        let clock = Clock::manual(START);
        // No lanes: what history is to be told stays where it can be counted.
        let outbox = Outbox::start(&database, &clock, Vec::new(), &CancellationToken::new());
        let app = App {
            database,
            clock,
            mode: Mode::Sandbox,
            outbox,
            last_count: wallet::app::trial_balance::LastCount::default(),
        };
        let merchants = (0..MERCHANTS).map(|number| MerchantWallet {
            merchant_id: id::<ids::Merchant>(number) as MerchantId,
            name: format!("Merchant {number}"),
        });
        app.open_merchant_wallets(merchants.collect()).await.unwrap();
        let ledger = Self { app, _folder: folder };
        ledger.open_wallets().await;
        ledger
    }

    /// As `create_wallet`, but with ids that the story knows beforehand.
    async fn open_wallets(&self) {
        use wallet::domain::{Account, AccountKind, WalletStatus};
        let opened = self.app.database.write(|tx| {
            for (number, owner) in OWNERS.into_iter().enumerate() {
                let account = Account {
                    account_id: AccountId::Wallet(wallet_id(number)),
                    kind: AccountKind::User,
                    owner_id: user(owner),
                    name: format!("Wallet {number}"),
                    currency: IDR,
                    status: WalletStatus::Active,
                    balance_minor: 0,
                    held_minor: 0,
                    created_at: START,
                    postings: 0,
                    last_posted_at: START,
                };
                assert!(wallet::store::accounts::insert(tx, &account)?);
            }
            Ok::<_, store::StoreError>(())
        });
        opened.await.unwrap();
    }

    async fn step(&self, op: &Op) -> Answer {
        let outcome = self.attempt(op).await;
        outcome.map_err(|error| error.code().as_str())
    }

    async fn attempt(&self, op: &Op) -> Result<Vec<&'static str>, ApiError> {
        let app = &self.app;
        match op {
            Op::Transfer(transfers) => {
                let built = transfers.iter().filter_map(build).collect();
                let posted = app.post_transfers(built).await?;
                let ids = posted.iter().map(|posted| posted.transfer_id);
                assert!(ids.eq(transfers.iter().map(|transfer| id(transfer.id))));
                Ok(posted
                    .iter()
                    .map(|posted| posted.refusal.map_or("POSTED", |refusal| refusal.code()))
                    .collect())
            }
            Op::Fence(ids) => {
                let posted = app
                    .fence_transfers(ids.iter().map(|&number| id(number)).collect())
                    .await?;
                Ok(posted
                    .iter()
                    .map(|posted| posted.refusal.map_or("POSTED", |refusal| refusal.code()))
                    .collect())
            }
            &Op::Authorize {
                hold,
                wallet,
                user: number,
                amount,
                lasts,
            } => {
                let authorization = Authorization {
                    hold_id: id::<ids::Hold>(hold) as HoldId,
                    wallet_id: wallet_of(wallet),
                    on_behalf_of: user(number),
                    amount_minor: amount,
                    expires_at: START.after(Duration::from_secs(lasts)),
                };
                let holds = app.authorize_holds(vec![authorization]).await?;
                Ok(holds.iter().map(|hold| state(hold.state)).collect())
            }
            &Op::Void(number) => {
                let answers = app.void_holds(vec![id(number)]).await?;
                Ok(answers.iter().map(answered).collect())
            }
            Op::FenceHolds(ids) => {
                let answers = app.fence_holds(ids.iter().map(|&number| id(number)).collect()).await?;
                Ok(answers.iter().map(answered).collect())
            }
            &Op::Wait(seconds) => {
                app.clock.advance(Duration::from_secs(seconds));
                Ok(vec![])
            }
            &Op::SetBack(seconds) => {
                let earlier = app.clock.now().before(Duration::from_secs(seconds));
                app.clock.set(earlier.max(START));
                Ok(vec![])
            }
            Op::Expire => app.expire_holds().await.map(|_| vec![]),
            &Op::Freeze(wallet, frozen) => app
                .set_frozen("admin", wallet_of(wallet), frozen, None)
                .await
                .map(|_| vec![]),
            &Op::Close(wallet, number) => {
                let closing = app.close_wallet(&user(number), wallet_of(wallet)).await?;
                Ok(vec![match closing {
                    Closing::Closed => "Closed",
                    Closing::NotEmpty => "NotEmpty",
                    Closing::Frozen => "Frozen",
                }])
            }
            &Op::ByHand {
                user: number,
                topup,
                wallet,
                amount,
                key,
            } => {
                let caller = match number {
                    None => testkit::tokens::claims("admin", Role::Admin),
                    Some(number) => testkit::tokens::claims(&user(number), Role::Nasabah),
                };
                let direction = if topup { ManualMove::Topup } else { ManualMove::Deduct };
                let amount = Money::new(amount, IDR)?;
                let key = key.map(|key| format!("key-{key}"));
                let order = MoveByHand {
                    direction,
                    wallet_id: wallet_of(wallet),
                    amount,
                    idempotency_key: key,
                    reason: None,
                };
                app.move_by_hand(&caller, order).await.map(|_| vec![])
            }
        }
    }

    async fn compare(&self, model: &Model, when: &str) {
        let books = books::read(&self.app.database).await;
        check_invariants(&books, when);
        assert_eq!(books.postings, model.postings.len() as i64, "{when}");
        assert_eq!(books.told, model.told as i64, "{when}");
        for (&account, line) in &model.accounts {
            let row = &books.accounts[&account_id(account).to_string()];
            let found = (row.status.as_str(), row.balance, row.held);
            assert_eq!(found, (line.status, line.balance, line.held), "{account:?} {when}");
        }
        // Opened when first named, even by a transfer that is refused then; until money moves they have none.
        assert_eq!(books.broken_chains, 0, "postings do not follow from one another {when}");
        assert_eq!(books.miscounted, 0, "an account does not know its postings {when}");
        for (name, row) in &books.accounts {
            let known = model
                .accounts
                .keys()
                .any(|&account| account_id(account).to_string() == *name);
            assert!(known || (row.balance, row.held) == (0, 0), "{name} {row:?} {when}");
        }
    }
}

fn check_invariants(books: &Books, when: &str) {
    let total: i64 = books.accounts.values().map(|row| row.posted).sum();
    assert_eq!(total, 0, "the postings do not sum to zero {when}");
    assert_eq!(books.sum_by_transfer_max, 0, "a transfer does not sum to zero {when}");
    assert_eq!(
        books.unposted_with_postings, 0,
        "a refused transfer has postings {when}"
    );
    assert_eq!(books.fenced_and_held, 0, "a fenced hold was recorded as one {when}");
    for (name, row) in &books.accounts {
        assert_eq!(row.balance, row.posted, "{name} {when}");
        assert_eq!(row.held, row.pending, "{name} {when}");
        if row.kind != "BANK_CLEARING" {
            assert!(0 <= row.held && row.held <= row.balance, "{name} {row:?} {when}");
        }
    }
}

fn answered(answer: &HoldAnswer) -> &'static str {
    match answer {
        HoldAnswer::Known(hold) => state(hold.state),
        HoldAnswer::Fenced { .. } => Refusal::Cancelled.code(),
    }
}

fn state(state: HoldState) -> &'static str {
    match state {
        HoldState::Refused(refusal) => refusal.code(),
        granted => granted.as_str(),
    }
}
