//! The ledger's rules, one table each.

use std::collections::HashMap;

use ids::{HoldId, TransferId, WalletId};
use money::{Currency, MAX_MINOR};
use service::Timestamp;
use wallet::domain::{
    Account, AccountId, AccountKind, Hold, HoldState, MalformedTransfer, Posting, Refusal, Transfer, WalletName,
    WalletStatus,
};

const IDR: Currency = Currency::Idr;
const NOW: Timestamp = Timestamp::from_micros(1_000_000);

/// Wallets by a digit; `b` and `f` are the bank and the fees.
fn account_id(name: char) -> AccountId {
    match name {
        'b' => AccountId::BankClearing(IDR),
        'f' => AccountId::Fees(IDR),
        digit => AccountId::Wallet(WalletId::parse(&format!("wal_0000000000000000000000000{digit}")).unwrap()),
    }
}

fn postings(lines: &[(char, i64)]) -> Vec<Posting> {
    let posting = |&(name, amount_minor)| Posting {
        account_id: account_id(name),
        amount_minor,
    };
    lines.iter().map(posting).collect()
}

fn transfer(on_behalf_of: Option<&str>, lines: &[(char, i64)]) -> Transfer {
    Transfer::new(
        TransferId::generate(),
        "PAYMENT",
        IDR,
        on_behalf_of.map(str::to_owned),
        postings(lines),
    )
    .unwrap()
}

#[test]
fn a_transfer_makes_sense_by_itself() {
    #[track_caller]
    fn check(lines: &[(char, i64)], expect: Result<(), MalformedTransfer>) {
        let made = Transfer::new(TransferId::generate(), "PAYMENT", IDR, None, postings(lines));
        assert_eq!(made.map(drop), expect, "{lines:?}");
    }
    use MalformedTransfer as Bad;
    check(&[('1', -5), ('2', 5)], Ok(()));
    check(&[('1', -6), ('2', 5), ('f', 1)], Ok(()));
    check(&[('b', -MAX_MINOR), ('1', MAX_MINOR)], Ok(()));
    check(&[], Err(Bad::PostingCount));
    check(&[('1', 0)], Err(Bad::PostingCount));
    check(&[('1', -5), ('2', 6)], Err(Bad::Unbalanced));
    check(&[('1', 5), ('2', 5)], Err(Bad::Unbalanced));
    check(&[('1', -5), ('2', 5), ('3', 1)], Err(Bad::Unbalanced));
    check(&[('1', -5), ('1', 5)], Err(Bad::AccountTwice));
    check(&[('f', -5), ('1', 2), ('f', 3)], Err(Bad::AccountTwice));
    check(&[('1', 0), ('2', 0)], Err(Bad::Amount));
    check(&[('1', -5), ('2', 5), ('3', 0)], Err(Bad::Amount));
    check(&[('1', -MAX_MINOR - 1), ('2', MAX_MINOR + 1)], Err(Bad::Amount));
    check(&[('1', i64::MIN), ('2', i64::MAX)], Err(Bad::Amount));
}

#[test]
fn a_transfer_has_at_most_128_postings() {
    let many = |count: usize| {
        let mut postings: Vec<Posting> = (1..count)
            .map(|_| Posting {
                account_id: AccountId::Wallet(WalletId::generate()),
                amount_minor: MAX_MINOR / 200,
            })
            .collect();
        postings.push(Posting {
            account_id: account_id('b'),
            amount_minor: -(MAX_MINOR / 200) * (count as i64 - 1),
        });
        Transfer::new(TransferId::generate(), "SPLIT", IDR, None, postings).map(|transfer| transfer.postings().len())
    };
    assert_eq!(many(128), Ok(128));
    assert_eq!(many(129), Err(MalformedTransfer::PostingCount));
    assert_eq!(many(5_000), Err(MalformedTransfer::PostingCount));
}

#[test]
fn a_transfer_has_a_kind() {
    let kind = |kind: &str| {
        Transfer::new(
            TransferId::generate(),
            kind,
            IDR,
            None,
            postings(&[('1', -5), ('2', 5)]),
        )
        .map(|transfer| transfer.kind().to_owned())
    };
    assert_eq!(kind("TOPUP_BY_HAND").as_deref(), Ok("TOPUP_BY_HAND"));
    assert!(kind(&"X".repeat(32)).is_ok());
    for bad in ["", "payment", "PAY MENT", "PAYMENT1", "BÉZAHLEN", &"X".repeat(33)] {
        assert_eq!(kind(bad), Err(MalformedTransfer::Kind), "{bad:?}");
    }
}

#[test]
fn a_capture_has_exactly_one_debit() {
    #[track_caller]
    fn check(lines: &[(char, i64)], expect: Result<(), MalformedTransfer>) {
        let captured = transfer(None, lines).capturing(HoldId::generate());
        assert_eq!(captured.map(drop), expect, "{lines:?}");
    }
    check(&[('1', -5), ('2', 5)], Ok(()));
    check(&[('1', -5), ('2', 4), ('f', 1)], Ok(()));
    check(&[('1', -5), ('3', -1), ('2', 6)], Err(MalformedTransfer::CaptureDebit));
}

#[test]
fn inputs_that_differ_anywhere_have_different_hashes() {
    let id = TransferId::generate();
    let hold = HoldId::generate();
    let make = |kind: &str, user: Option<&str>, lines: &[(char, i64)]| {
        Transfer::new(id, kind, IDR, user.map(str::to_owned), postings(lines)).unwrap()
    };
    let lines: &[(char, i64)] = &[('1', -5), ('2', 5)];
    let inputs = [
        make("PAYMENT", None, lines),
        make("PAYMENTS", None, lines),
        make("PAYMENT", Some(""), lines),
        make("PAYMENT", Some("usr_a"), lines),
        make("PAYMENT", Some("usr_a"), lines).capturing(hold).unwrap(),
        make("PAYMENT", None, lines).capturing(hold).unwrap(),
        make("PAYMENT", None, &[('2', 5), ('1', -5)]),
        make("PAYMENT", None, &[('1', -6), ('2', 6)]),
        make("PAYMENT", None, &[('1', -5), ('3', 5)]),
        make("PAYMENT", None, &[('1', -5), ('2', 4), ('f', 1)]),
    ];
    for (index, one) in inputs.iter().enumerate() {
        for (other_index, other) in inputs.iter().enumerate() {
            assert_eq!(
                one.input_hash() == other.input_hash(),
                index == other_index,
                "{one:?} {other:?}"
            );
        }
    }
    let again = Transfer::new(TransferId::generate(), "PAYMENT", IDR, None, postings(lines)).unwrap();
    assert_eq!(
        again.input_hash(),
        inputs[0].input_hash(),
        "the id is what the hash is stored under"
    );
}

fn account(name: char, kind: AccountKind, owner_id: &str, balance_minor: i64, held_minor: i64) -> Account {
    Account {
        account_id: account_id(name),
        kind,
        owner_id: owner_id.to_owned(),
        name: "x".to_owned(),
        currency: IDR,
        status: WalletStatus::Active,
        balance_minor,
        held_minor,
        created_at: NOW,
        postings: 6,
        last_posted_at: NOW,
    }
}

/// Ani's wallets 1 (100, 30 of it held), 4 (frozen) and 5 (closed); Budi's 2 (50); a merchant's 3 (20), the bank, the fees.
fn books() -> HashMap<AccountId, Account> {
    let mut frozen = account('4', AccountKind::User, "ani", 100, 0);
    frozen.status = WalletStatus::Frozen;
    let mut closed = account('5', AccountKind::User, "ani", 0, 0);
    closed.status = WalletStatus::Closed;
    let accounts = [
        account('1', AccountKind::User, "ani", 100, 30),
        account('2', AccountKind::User, "budi", 50, 0),
        account('3', AccountKind::Merchant, "shop", 20, 0),
        frozen,
        closed,
        account('6', AccountKind::User, "ani", MAX_MINOR - 1, 0),
        account('b', AccountKind::BankClearing, "", -MAX_MINOR, 0),
        account('f', AccountKind::Fees, "", 7, 0),
    ];
    accounts
        .into_iter()
        .map(|account| (account.account_id.clone(), account))
        .collect()
}

fn hold(name: char, amount_minor: i64, captured_minor: i64) -> Hold {
    Hold {
        hold_id: HoldId::generate(),
        account_id: account_id(name),
        amount_minor,
        captured_minor,
        state: HoldState::Pending,
        expires_at: NOW,
    }
}

#[test]
fn a_transfer_is_checked_against_the_accounts() {
    /// Balances afterwards, in the order of the lines, or why not.
    #[track_caller]
    fn check(on_behalf_of: Option<&str>, lines: &[(char, i64)], expect: Result<&[i64], Refusal>) {
        let checked = transfer(on_behalf_of, lines).check(&books(), None, NOW);
        let balances = checked.map(|movements| {
            assert!(movements.iter().all(|movement| movement.released_minor == 0));
            movements
                .iter()
                .map(|movement| movement.balance_after_minor)
                .collect::<Vec<_>>()
        });
        assert_eq!(
            balances.as_deref().map_err(|refusal| *refusal),
            expect,
            "{on_behalf_of:?} {lines:?}"
        );
    }
    let ani = Some("ani");
    check(ani, &[('1', -70), ('3', 69), ('f', 1)], Ok(&[30, 89, 8]));
    check(None, &[('1', -70), ('3', 70)], Ok(&[30, 90]));
    check(
        ani,
        &[('b', -MAX_MINOR), ('3', MAX_MINOR - 20), ('f', 20)],
        Ok(&[-2 * MAX_MINOR, MAX_MINOR, 27]),
    );
    check(None, &[('f', -7), ('b', 7)], Ok(&[0, 7 - MAX_MINOR]));
    check(Some("shop"), &[('3', -20), ('1', 20)], Ok(&[0, 120]));

    check(ani, &[('1', -71), ('3', 71)], Err(Refusal::InsufficientFunds));
    check(None, &[('f', -8), ('b', 8)], Err(Refusal::InsufficientFunds));
    check(None, &[('3', -21), ('b', 21)], Err(Refusal::InsufficientFunds));
    check(ani, &[('2', -10), ('3', 10)], Err(Refusal::WalletNotOwned));
    check(ani, &[('1', -10), ('2', -10), ('3', 20)], Err(Refusal::WalletNotOwned));
    check(ani, &[('3', -10), ('1', 10)], Err(Refusal::WalletNotOwned));
    check(Some(""), &[('1', -10), ('3', 10)], Err(Refusal::WalletNotOwned));
    check(ani, &[('9', -10), ('3', 10)], Err(Refusal::WalletNotFound));
    check(ani, &[('1', -10), ('9', 10)], Err(Refusal::WalletNotFound));
    check(ani, &[('4', -10), ('3', 10)], Err(Refusal::WalletFrozen));
    check(ani, &[('1', -10), ('4', 10)], Err(Refusal::WalletFrozen));
    check(ani, &[('1', -10), ('5', 10)], Err(Refusal::WalletClosed));
    check(ani, &[('b', -1), ('6', 1)], Ok(&[-MAX_MINOR - 1, MAX_MINOR]));
    check(ani, &[('b', -2), ('6', 2)], Err(Refusal::BalanceLimitExceeded));
}

#[test]
fn a_posting_takes_the_next_number_and_no_earlier_time() {
    #[track_caller]
    fn check(now: i64, expect: i64) {
        let moved = transfer(None, &[('1', -5), ('2', 5)])
            .check(&books(), None, Timestamp::from_micros(now))
            .unwrap();
        assert!(moved.iter().all(|movement| movement.account_sequence == 7));
        assert!(moved.iter().all(|movement| movement.posted_at.micros() == expect));
    }
    check(1_000_000, 1_000_000);
    check(1_000_001, 1_000_001);
    check(999_999, 1_000_000);
    check(0, 1_000_000);
}

#[test]
fn a_capture_is_checked_against_its_hold() {
    #[track_caller]
    fn check(hold: &Hold, lines: &[(char, i64)], expect: Result<(i64, i64), Refusal>) {
        let capture = transfer(Some("ani"), lines).capturing(hold.hold_id).unwrap();
        let checked = capture.check(&books(), Some(hold), NOW).map(|movements| {
            assert!(movements[1..].iter().all(|movement| movement.released_minor == 0));
            (movements[0].balance_after_minor, movements[0].released_minor)
        });
        assert_eq!(checked, expect, "{hold:?} {lines:?}");
    }
    // All that wallet 1 can spend otherwise is 70; what is held is there for its capture.
    check(&hold('1', 30, 0), &[('1', -30), ('3', 30)], Ok((70, 30)));
    check(&hold('1', 30, 0), &[('1', -10), ('3', 9), ('f', 1)], Ok((90, 10)));
    check(&hold('1', 40, 10), &[('1', -30), ('3', 30)], Ok((70, 30)));
    check(&hold('1', 40, 10), &[('1', -31), ('3', 31)], Err(Refusal::HoldExceeded));
    check(&hold('1', 30, 0), &[('1', -31), ('3', 31)], Err(Refusal::HoldExceeded));
    check(
        &hold('6', 30, 0),
        &[('1', -10), ('3', 10)],
        Err(Refusal::WalletNotOwned),
    );
    check(
        &hold('2', 30, 0),
        &[('2', -10), ('3', 10)],
        Err(Refusal::WalletNotOwned),
    );
    check(&hold('4', 30, 0), &[('4', -10), ('3', 10)], Err(Refusal::WalletFrozen));
}

#[test]
fn a_hold_can_be_captured_while_it_is_pending_and_in_time() {
    #[track_caller]
    fn check(state: HoldState, now_micros: i64, expect: Result<(), Refusal>) {
        let hold = Hold {
            state,
            ..hold('1', 30, 0)
        };
        assert_eq!(
            hold.check_pending(Timestamp::from_micros(now_micros)),
            expect,
            "{state:?} at {now_micros}"
        );
    }
    check(HoldState::Pending, 999_999, Ok(()));
    check(HoldState::Pending, 1_000_000, Err(Refusal::HoldNotPending));
    check(HoldState::Pending, 1_000_001, Err(Refusal::HoldNotPending));
    for state in [
        HoldState::Captured,
        HoldState::Voided,
        HoldState::Expired,
        HoldState::Refused(Refusal::InsufficientFunds),
    ] {
        check(state, 0, Err(Refusal::HoldNotPending));
        assert_eq!(
            Hold {
                state,
                ..hold('1', 30, 0)
            }
            .remaining_minor(),
            0,
            "{state:?}"
        );
        let refusal = match state {
            HoldState::Refused(refusal) => Some(refusal.code()),
            _ => None,
        };
        assert_eq!(HoldState::parse(state.as_str(), refusal), Some(state));
    }
    assert_eq!(hold('1', 30, 10).remaining_minor(), 20);
    assert_eq!(HoldState::parse("REFUSED", None), None);
    assert_eq!(HoldState::parse("REFUSED", Some("BECAUSE")), None);
    assert_eq!(HoldState::parse("pending", None), None);
}

#[test]
fn a_hold_of_which_something_was_captured_ends_as_captured() {
    for ending in [HoldState::Voided, HoldState::Expired] {
        assert_eq!(hold('1', 30, 0).released(ending), ending);
        assert_eq!(hold('1', 30, 1).released(ending), HoldState::Captured);
    }
}

#[test]
fn account_ids_read_back_and_nothing_else_is_one() {
    for text in ["wal_01ARZ3NDEKTSV4RRFFQ69G5FAV", "bank_clearing:IDR", "fees:IDR"] {
        assert_eq!(AccountId::parse(text).unwrap().to_string(), text);
    }
    for text in [
        "",
        "wal_",
        "wal_01arz3ndektsv4rrffq69g5fav",
        "mrc_01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "wal_01ARZ3NDEKTSV4RRFFQ69G5FAV ",
        "wal_01ARZ3NDEKTSV4RRFFQ69G5FAV:IDR",
        "fees",
        "fees:",
        "fees:USD",
        "fees:idr",
        "Fees:IDR",
        "bank_clearing:IDR:IDR",
        "bank:IDR",
        ":IDR",
    ] {
        assert_eq!(AccountId::parse(text), None, "{text:?}");
    }
}

#[test]
fn refusals_and_states_have_one_name_each() {
    for (refusal, code) in [
        (Refusal::WalletNotFound, "WALLET_NOT_FOUND"),
        (Refusal::WalletNotOwned, "WALLET_NOT_OWNED"),
        (Refusal::WalletFrozen, "WALLET_FROZEN"),
        (Refusal::WalletClosed, "WALLET_CLOSED"),
        (Refusal::InsufficientFunds, "INSUFFICIENT_FUNDS"),
        (Refusal::BalanceLimitExceeded, "BALANCE_LIMIT_EXCEEDED"),
        (Refusal::CurrencyMismatch, "CURRENCY_MISMATCH"),
        (Refusal::Cancelled, "TRANSFER_CANCELLED"),
        (Refusal::HoldNotFound, "HOLD_NOT_FOUND"),
        (Refusal::HoldNotPending, "HOLD_NOT_PENDING"),
        (Refusal::HoldExceeded, "HOLD_EXCEEDED"),
    ] {
        assert_eq!(refusal.code(), code);
        assert_eq!(Refusal::parse(code), Some(refusal));
    }
    assert_eq!(Refusal::parse("insufficient_funds"), None);
    for kind in [
        AccountKind::User,
        AccountKind::Merchant,
        AccountKind::Fees,
        AccountKind::BankClearing,
    ] {
        assert_eq!(AccountKind::parse(kind.as_str()), Some(kind));
    }
    for status in [WalletStatus::Active, WalletStatus::Frozen, WalletStatus::Closed] {
        assert_eq!(WalletStatus::parse(status.as_str()), Some(status));
    }
}

#[test]
fn a_wallet_has_a_name_that_can_be_seen() {
    #[track_caller]
    fn check(text: &str, expect: Option<&str>) {
        assert_eq!(
            WalletName::parse(text).ok().as_ref().map(WalletName::as_str),
            expect,
            "{text:?}"
        );
    }
    check("Tabungan Utama", Some("Tabungan Utama"));
    check("  Dana\u{a0}Darurat\t", Some("Dana\u{a0}Darurat"));
    check("<b>'; DROP TABLE accounts", Some("<b>'; DROP TABLE accounts"));
    check(&"ü".repeat(60), Some(&"ü".repeat(60)));
    check("👨‍👩‍👧 Keluarga", Some("👨‍👩‍👧 Keluarga"));
    check(&"ü".repeat(61), None);
    check("", None);
    check(" \t\n\u{3000} ", None);
    check("a\nb", None);
    check("a\u{0}b", None);
    check("a\u{7f}b", None);
    check("\u{200b}\u{2060}", None);
    check("atas \u{202e}bawah", None);
}
