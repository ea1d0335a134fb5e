//! Virtual-account numbers: the reference a buyer pays to.

/// What the provider's payments are routed by.
const PREFIX: &str = "DS-8800";

/// A number of our own. Twelve random digits: `getOrderByVA` is open to anyone, so bills must not be guessable.
pub(crate) fn from_random(random: u64) -> String {
    format!("{PREFIX}{:012}", random % 1_000_000_000_000)
}

/// Whether what the provider handed out can be shown, stored and paid.
pub(crate) fn is_valid(va_number: &str) -> bool {
    va_number
        .strip_prefix(PREFIX)
        .is_some_and(|digits| (4..=32).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_numbers_are_valid_and_of_one_length() {
        for random in [0, 7, 999_999_999_999, 1_000_000_000_000, u64::MAX] {
            let va_number = from_random(random);
            assert_eq!(va_number.len(), PREFIX.len() + 12);
            assert!(is_valid(&va_number), "{va_number}");
        }
    }

    #[test]
    fn other_texts_are_not() {
        for text in [
            "",
            "DS-8800",
            "DS-8800123",
            "DS-8800 1234",
            "ds-88001234",
            "DS-88001234a",
            "BCA-88001234",
        ] {
            assert!(!is_valid(text), "{text}");
        }
    }
}
