//! Random stories. Few ids, few accounts, small amounts: so that steps get into each other's way.

use std::collections::HashSet;

use money::MAX_MINOR;
use proptest::prelude::*;

use crate::op::{Account, OWNERS, Op, Transfer};

const TRANSFERS: usize = 40;
const HOLDS: usize = 6;
/// Holds more that are asked for seldom, so that a fence often comes first.
const FENCED: usize = 3;

pub fn operations(count_max: usize) -> impl Strategy<Value = Vec<Op>> {
    prop::collection::vec(operation(), count_max / 2..=count_max).prop_map(|mut ops| {
        // Without money nothing happens.
        ops.splice(0..0, (0..4).map(opening));
        ops
    })
}

fn opening(wallet: usize) -> Op {
    Op::ByHand {
        user: None,
        topup: true,
        wallet: Account::Wallet(wallet),
        amount: 200,
        key: None,
    }
}

fn operation() -> impl Strategy<Value = Op> {
    let user = || 0_usize..3;
    prop_oneof![
        8 => prop::collection::vec(transfer(), 1..4).prop_map(Op::Transfer),
        5 => capture().prop_map(|transfer| Op::Transfer(vec![transfer])),
        2 => prop::collection::vec(0..TRANSFERS, 1..4).prop_map(Op::Fence),
        6 => (0..HOLDS).prop_map(|hold| Op::Authorize {
            hold, wallet: Account::Wallet(hold % 4), user: OWNERS[hold % 4],
            amount: 30 + 10 * hold as i64, lasts: 20 + 7 * hold as u64,
        }),
        2 => (0..HOLDS + FENCED, account(), user(), amount(), 1_u64..60)
            .prop_map(|(hold, wallet, user, amount, lasts)| Op::Authorize { hold, wallet, user, amount, lasts }),
        2 => (0..HOLDS).prop_map(Op::Void),
        1 => (HOLDS..HOLDS + FENCED).prop_map(Op::Void),
        1 => prop::collection::vec(0..HOLDS + FENCED, 1..3).prop_map(Op::FenceHolds),
        2 => (1_u64..10).prop_map(Op::Wait),
        1 => (1_u64..10).prop_map(Op::SetBack),
        1 => Just(Op::Expire),
        2 => (account(), prop::bool::weighted(0.3)).prop_map(|(wallet, frozen)| Op::Freeze(wallet, frozen)),
        1 => (account(), user()).prop_map(|(wallet, user)| Op::Close(wallet, user)),
        // One key, nearly always one input: so that most repeats are real ones.
        3 => (0_usize..4, prop::bool::weighted(0.9)).prop_map(|(key, topup)| Op::ByHand {
            user: None, topup, wallet: Account::Wallet(key), amount: 10, key: Some(key),
        }),
        4 => (prop::option::of(user()), any::<bool>(), account(), amount(), prop::option::of(0_usize..4))
            .prop_map(|(user, topup, wallet, amount, key)| Op::ByHand { user, topup, wallet, amount, key }),
    ]
}

fn account() -> impl Strategy<Value = Account> {
    prop_oneof![
        12 => (0_usize..4).prop_map(Account::Wallet),
        1 => Just(Account::Wallet(4)),
        3 => (0_usize..2).prop_map(Account::Merchant),
    ]
}

fn any_account() -> impl Strategy<Value = Account> {
    prop_oneof![
        6 => account(),
        1 => Just(Account::Fees),
        2 => Just(Account::Bank),
    ]
}

fn amount() -> impl Strategy<Value = i64> {
    prop_oneof![
        20 => 1_i64..120,
        1 => (MAX_MINOR - 300)..=MAX_MINOR,
    ]
}

/// Two to six postings; the last one balances the others.
fn transfer() -> impl Strategy<Value = Transfer> {
    let lines = prop::collection::vec((any_account(), amount(), any::<bool>()), 2..=6).prop_map(|drafts| {
        let mut lines: Vec<(Account, i64)> = drafts
            .into_iter()
            .map(|(account, amount, debit)| (account, if debit { -amount } else { amount }))
            .collect();
        let mut named = HashSet::new();
        lines.retain(|(account, _)| named.insert(*account));
        if lines.len() < 2 {
            lines.push((
                if named.contains(&Account::Bank) {
                    Account::Fees
                } else {
                    Account::Bank
                },
                7,
            ));
        }
        let others: i64 = lines[1..].iter().map(|(_, amount)| amount).sum();
        lines[0].1 = -others;
        lines
    });
    let user = prop::option::weighted(0.5, 0_usize..3);
    let hold = prop::option::weighted(0.05, 0..HOLDS);
    (0..TRANSFERS, user, hold, lines).prop_map(|(id, on_behalf_of, hold, lines)| Transfer {
        id,
        on_behalf_of,
        hold,
        lines,
    })
}

fn capture() -> impl Strategy<Value = Transfer> {
    let user = prop::option::weighted(0.3, 0_usize..3);
    let other = prop::option::weighted(0.1, 0_usize..4);
    (0..TRANSFERS, user, 0..HOLDS, other, 2_i64..60).prop_map(|(id, on_behalf_of, hold, other, amount)| {
        let wallet = other.unwrap_or(hold % 4);
        Transfer {
            id,
            on_behalf_of,
            hold: Some(hold),
            lines: vec![
                (Account::Wallet(wallet), -amount),
                (Account::Merchant(wallet % 2), amount - 1),
                (Account::Fees, 1),
            ],
        }
    })
}
