//! What a PIN must be.

use service::Secret;

use super::InvalidField;

const DIGITS: usize = 6;

/// A PIN that somebody chooses: six digits that are not the first to be tried.
#[derive(Clone, Debug)]
pub(crate) struct NewPin(Secret);

impl NewPin {
    pub(crate) fn parse(text: &str) -> Result<Self, InvalidField> {
        check_pin(text)?;
        if STEPS_OF_A_RUN.into_iter().any(|step| is_run(text, step)) {
            let problem = "a PIN must not be one digit repeated, nor digits in a row such as 123456";
            return Err(InvalidField::new("pin", problem));
        }
        Ok(Self(Secret::new(text)))
    }

    pub(crate) fn secret(&self) -> &Secret {
        &self.0
    }
}

/// Whether a text can be a PIN at all.
pub(crate) fn check_pin(text: &str) -> Result<(), InvalidField> {
    if text.len() == DIGITS && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(());
    }
    Err(InvalidField::new("pin", format!("a PIN has {DIGITS} digits")))
}

/// On the spot, upwards and (nine steps up being one down) downwards.
const STEPS_OF_A_RUN: [u8; 3] = [0, 1, 9];

/// Whether each digit is so many above the one before it, 0 coming after 9.
fn is_run(digits: &str, step: u8) -> bool {
    let value = |digit: u8| digit - b'0';
    digits
        .as_bytes()
        .windows(2)
        .all(|pair| value(pair[1]) == (value(pair[0]) + step) % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_six_digits_that_are_not_the_first_to_be_tried() {
        #[track_caller]
        fn check(text: &str, good: bool) {
            assert_eq!(NewPin::parse(text).is_ok(), good, "{text:?}");
        }
        for good in [
            "271828", "000001", "112233", "123455", "123457", "654322", "909090", "135791",
        ] {
            check(good, true);
        }
        for run in [
            "000000", "777777", "123456", "012345", "654321", "543210", "789012", "210987",
        ] {
            check(run, false);
        }
        for other in [
            "",
            "12345",
            "27182",
            "2718281",
            "27182a",
            "27 182",
            " 271828",
            "271828\n",
            "27182\0",
            "-27182",
            "+27182",
            "2.7182",
            "٢٧١٨٢٨",
            "２７１８２８",
            "²⁷¹⁸²⁸",
        ] {
            check(other, false);
        }
        check(&"2".repeat(100_000), false);
    }

    #[test]
    fn a_pin_is_not_shown() {
        assert!(!format!("{:?}", NewPin::parse("271828").unwrap()).contains('2'));
    }
}
