//! Whose part of an amount is how large: splitting to the last unit.

use ids::WalletId;
use serde::{Deserialize, Serialize};

use super::session::Share;

/// Whose part is how large, before fees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The wallet that gets (or gives back) it.
    pub wallet_id: WalletId,
    /// How much, in minor units.
    pub amount_minor: i64,
}

impl From<&Share> for Part {
    fn from(share: &Share) -> Self {
        Self {
            wallet_id: share.wallet_id,
            amount_minor: share.amount_minor,
        }
    }
}

/// Splits a total in proportion to weights: what rounding down leaves goes, unit by unit, to those who lost most by it,
/// and among equals to the earlier. Parts sum to the total; while that is not above the sum of the weights, no part is
/// above its weight. Negative weights count as nothing; without any weight there is nothing to go by, and all parts are zero.
pub fn in_proportion(total_minor: i64, weights: &[i64]) -> Vec<i64> {
    let weights: Vec<i128> = weights.iter().map(|weight| i128::from(*weight).max(0)).collect();
    let sum: i128 = weights.iter().sum();
    if sum == 0 || total_minor <= 0 {
        return vec![0; weights.len()];
    }
    let total = i128::from(total_minor);
    let mut parts: Vec<i128> = weights.iter().map(|weight| total * weight / sum).collect();
    let mut left = total - parts.iter().sum::<i128>();
    let mut by_loss: Vec<usize> = (0..weights.len()).collect();
    // The sort is stable: equals stay in their order.
    by_loss.sort_by_key(|&index| std::cmp::Reverse(total * weights[index] % sum));
    for index in by_loss {
        if left == 0 {
            break;
        }
        parts[index] += 1;
        left -= 1;
    }
    // No part is above the total, which is an i64.
    parts.into_iter().map(|part| i64::try_from(part).unwrap_or(0)).collect()
}

/// What each gets of its part when all bear a fee together, in proportion.
pub fn after_fee(parts: &[Part], fee_minor: i64) -> Vec<Part> {
    let gross: Vec<i64> = parts.iter().map(|part| part.amount_minor).collect();
    let fees = in_proportion(fee_minor, &gross);
    parts
        .iter()
        .zip(fees)
        .map(|(part, fee)| Part {
            amount_minor: part.amount_minor - fee,
            ..*part
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_rounding_leaves_goes_to_those_who_lost_most() {
        #[track_caller]
        fn check(total: i64, weights: &[i64], expect: &[i64]) {
            assert_eq!(in_proportion(total, weights), expect, "{total} by {weights:?}");
        }
        check(100, &[1, 1, 1], &[34, 33, 33]);
        check(100, &[1, 2, 3], &[17, 33, 50]);
        check(2, &[1, 1, 1], &[1, 1, 0]);
        check(5, &[5, 0], &[5, 0]);
        check(0, &[5, 5], &[0, 0]);
        check(7, &[], &[]);
        check(7, &[0, 0], &[0, 0]);
        check(7, &[-3, 1], &[0, 7]);
        check(money::MAX_MINOR, &[money::MAX_MINOR; 3], &[333_333_333_333_333; 3]);
        check(i64::MAX, &[i64::MAX], &[i64::MAX]);
    }

    proptest! {
        #[test]
        fn parts_sum_to_the_total_and_are_never_above_what_is_left(
            weights in prop::collection::vec(0..=money::MAX_MINOR / 50, 1..50),
            part in 0..=1_000_000_i64,
        ) {
            let sum: i64 = weights.iter().sum();
            let total = i64::try_from(i128::from(sum) * i128::from(part) / 1_000_000).unwrap();
            let parts = in_proportion(total, &weights);
            prop_assert_eq!(parts.iter().sum::<i64>(), total);
            for (part, weight) in parts.iter().zip(&weights) {
                prop_assert!((0..=*weight).contains(part));
            }
        }

        #[test]
        fn a_fee_takes_from_all_and_leaves_nobody_less_than_nothing(
            amounts in prop::collection::vec(1..=money::MAX_MINOR / 50, 1..50),
            part in 0..=1_000_000_i64,
        ) {
            let sum: i64 = amounts.iter().sum();
            let fee = i64::try_from(i128::from(sum) * i128::from(part) / 1_000_000).unwrap();
            let gross: Vec<Part> =
                amounts.iter().map(|amount_minor| Part { wallet_id: WalletId::generate(), amount_minor: *amount_minor }).collect();
            let net = after_fee(&gross, fee);
            prop_assert_eq!(net.iter().map(|part| part.amount_minor).sum::<i64>(), sum - fee);
            for (net, gross) in net.iter().zip(&gross) {
                prop_assert_eq!(net.wallet_id, gross.wallet_id);
                prop_assert!((0..=gross.amount_minor).contains(&net.amount_minor));
            }
        }
    }
}
