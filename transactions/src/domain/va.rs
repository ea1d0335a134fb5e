//! Virtual-account numbers: what a bill is called.

use std::fmt;

use rand::RngExt as _;

/// VA numbers that the provider issues begin with this; so do those of deployed marketplaces.
pub const PROVIDER_PREFIX: &str = "DS-8800";

/// A VA number: 4 to 40 letters, digits and hyphens. Safe to stand in a GraphQL document or a URL as it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct VaNumber(String);

impl VaNumber {
    /// Checks a number as a client sent it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if (4..=40).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            return Ok(Self(text.to_owned()));
        }
        Err("a VA number has 4 to 40 letters, digits and hyphens".into())
    }

    /// A new number of the provider's own. Twelve random digits: whoever wants to pay a stranger's bill must be told
    /// its number, and a clash is caught by the table's key.
    pub fn generate() -> Self {
        Self::generate_with(PROVIDER_PREFIX)
    }

    /// The same behind a merchant's prefix, which has 20 characters at most.
    pub fn generate_with(prefix: &str) -> Self {
        let digits = rand::rng().random_range(0..1_000_000_000_000_u64);
        Self(format!("{prefix}{digits:012}"))
    }

    /// The number in capital letters, by which it is compared: many a merchant's database finds `ds-88001a` as well as
    /// `DS-88001A`, and one bill must not be paid twice under two spellings.
    pub fn key(&self) -> String {
        self.0.to_ascii_uppercase()
    }

    /// The number.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for VaNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_harmless_numbers_are_taken() {
        #[track_caller]
        fn check(text: &str, expect: bool) {
            assert_eq!(VaNumber::parse(text).is_ok(), expect, "{text:?}");
        }
        check("DS-8800123456", true);
        check(" DS-8800123456 ", true);
        check(VaNumber::generate().as_str(), true);
        for hostile in [
            "",
            "DS",
            "DS-8800\") { id } x: y(a: \"",
            "DS 8800",
            "DS-8800\n1",
            "ＤＳ-8800",
            &"1".repeat(41),
        ] {
            check(hostile, false);
        }
    }
}
