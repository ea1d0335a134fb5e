//! What a merchant pays the provider.

use service::Timestamp;

/// A basis point is a hundredth of a percent.
const BASIS_POINTS: i128 = 10_000;

/// A merchant's plan, from a day on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeePlan {
    /// The part of an amount that is the provider's, in hundredths of a percent.
    pub basis_points: i64,
    /// What comes on top of that with every payment (or, of a manual one, with the first capture), in minor units.
    pub fixed_minor: i64,
    /// Since when.
    pub valid_from: Timestamp,
}

impl FeePlan {
    /// The fee of an amount: rounded half up, and never more than the amount.
    pub fn fee_minor(&self, amount_minor: i64) -> i64 {
        let product = i128::from(amount_minor) * i128::from(self.basis_points);
        let part = (product + BASIS_POINTS / 2) / BASIS_POINTS;
        let fee = (part + i128::from(self.fixed_minor)).clamp(0, i128::from(amount_minor.max(0)));
        // It is not above an i64.
        i64::try_from(fee).unwrap_or(amount_minor)
    }

    /// The fee of one more capture: what is due for all of them together, less what the earlier ones paid. So the parts of
    /// a payment cost what the whole would, to the unit, and the fixed fee comes once.
    pub fn fee_of_capture_minor(&self, amount_minor: i64, earlier_minor: i64, earlier_fees_minor: i64) -> i64 {
        let due = self.fee_minor(earlier_minor.saturating_add(amount_minor));
        due.saturating_sub(earlier_fees_minor).clamp(0, amount_minor.max(0))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn plan(basis_points: i64, fixed_minor: i64) -> FeePlan {
        FeePlan {
            basis_points,
            fixed_minor,
            valid_from: Timestamp::from_micros(0),
        }
    }

    #[test]
    fn a_fee_is_rounded_half_up_and_never_above_the_amount() {
        #[track_caller]
        fn check(basis_points: i64, fixed_minor: i64, amount_minor: i64, expect: i64) {
            assert_eq!(plan(basis_points, fixed_minor).fee_minor(amount_minor), expect);
        }
        check(0, 0, 2_000_000, 0);
        check(70, 0, 2_000_000, 14_000);
        check(250, 100_000, 2_000_000, 150_000);
        check(50, 0, 100, 1);
        check(49, 0, 100, 0);
        check(10_000, 0, 123, 123);
        check(10_000, 1, 123, 123);
        check(0, 500, 123, 123);
        check(10_000, i64::MAX, money::MAX_MINOR, money::MAX_MINOR);
    }

    proptest! {
        #[test]
        fn captures_in_parts_cost_what_the_whole_would(
            basis_points in 0..=10_000_i64,
            fixed_minor in 0..1_000_000_i64,
            parts in prop::collection::vec(1..10_000_000_i64, 1..20),
        ) {
            let plan = plan(basis_points, fixed_minor);
            let (mut captured, mut fees) = (0, 0);
            for part in parts {
                let fee = plan.fee_of_capture_minor(part, captured, fees);
                prop_assert!((0..=part).contains(&fee));
                captured += part;
                fees += fee;
                prop_assert_eq!(fees, plan.fee_minor(captured));
            }
        }
    }
}
