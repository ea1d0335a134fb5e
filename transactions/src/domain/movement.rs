//! What ledger transfers move.

use ids::WalletId;
use money::{Currency, Money};

use super::shares::{Part, after_fee};

/// What an account gains by a transfer; negative: loses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posting {
    /// `wal_…`, `bank_clearing:IDR` or `fees:IDR`.
    pub account_id: String,
    /// How much, in minor units; never zero.
    pub amount_minor: i64,
}

/// What a ledger transfer moves: postings that sum to zero. The same transfer sent again has the same ones in the same
/// order, because the ledger compares them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement {
    /// Of which currency.
    pub currency: Currency,
    /// Who loses and who gains.
    pub postings: Vec<Posting>,
}

impl Movement {
    /// From one account to another.
    pub fn between(from: impl ToString, to: impl ToString, amount: Money) -> Self {
        let mut movement = Self::of(amount);
        movement.add(from, -amount.minor());
        movement.add(to, amount.minor());
        movement
    }

    /// A payment (or a capture of one): the payer gives the amount, each gets its part, and the provider the fee, which
    /// all parts bear in proportion.
    pub fn payment(payer: WalletId, amount: Money, parts: &[Part], fee_minor: i64) -> Self {
        let mut movement = Self::of(amount);
        movement.add(payer, -amount.minor());
        for part in after_fee(parts, fee_minor) {
            movement.add(part.wallet_id, part.amount_minor);
        }
        movement.add(format!("fees:{}", amount.currency().code()), fee_minor);
        movement
    }

    /// A refund: each gives back its part, and the payer gets the amount. The provider keeps its fee.
    pub fn refund(payer: WalletId, amount: Money, parts: &[Part]) -> Self {
        let mut movement = Self::of(amount);
        for part in parts {
            movement.add(part.wallet_id, -part.amount_minor);
        }
        movement.add(payer, amount.minor());
        movement
    }

    fn of(amount: Money) -> Self {
        Self {
            currency: amount.currency(),
            postings: Vec::new(),
        }
    }

    /// Whoever gains nothing is left out.
    fn add(&mut self, account_id: impl ToString, amount_minor: i64) {
        if amount_minor != 0 {
            self.postings.push(Posting {
                account_id: account_id.to_string(),
                amount_minor,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn idr(minor: i64) -> Money {
        Money::new(minor, Currency::Idr).unwrap()
    }

    fn part(amount_minor: i64) -> Part {
        Part {
            wallet_id: WalletId::generate(),
            amount_minor,
        }
    }

    #[test]
    fn the_postings_of_a_payment_and_of_its_refund_sum_to_zero() {
        #[track_caller]
        fn check(movement: &Movement, expect: &[i64]) {
            let amounts: Vec<i64> = movement.postings.iter().map(|posting| posting.amount_minor).collect();
            assert_eq!(amounts, expect);
            assert_eq!(amounts.iter().sum::<i64>(), 0);
        }
        let payer = WalletId::generate();
        let parts = [part(70), part(30)];
        check(&Movement::payment(payer, idr(100), &parts, 0), &[-100, 70, 30]);
        check(&Movement::payment(payer, idr(100), &parts, 5), &[-100, 66, 29, 5]);
        check(&Movement::payment(payer, idr(100), &parts, 100), &[-100, 100]);
        check(&Movement::refund(payer, idr(100), &parts), &[-70, -30, 100]);
        let paid = Movement::payment(payer, idr(100), &parts, 5);
        assert_eq!(paid.postings[3].account_id, "fees:IDR");
    }
}
