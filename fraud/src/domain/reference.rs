//! Names that callers give: ids of users and transactions, which need not be ours.

use std::fmt;

const LENGTH_MAX: usize = 64;

/// A caller's id: 1 to 64 visible ASCII characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Reference(String);

/// Why a text is no [`Reference`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an id has 1 to {LENGTH_MAX} visible ASCII characters")]
pub struct ReferenceError;

impl Reference {
    /// Takes a text that is short and harmless.
    pub fn parse(text: String) -> Result<Self, ReferenceError> {
        let fits = (1..=LENGTH_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        if fits { Ok(Self(text)) } else { Err(ReferenceError) }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_visible_is_enough() {
        #[track_caller]
        fn check(text: &str, fits: bool) {
            assert_eq!(Reference::parse(text.to_owned()).is_ok(), fits, "{text:?}");
        }
        check("usr_01JD2Q3V4W5X6Y7Z8A9BCDEFGH", true);
        check("42", true);
        check(&"x".repeat(64), true);
        check(&"x".repeat(65), false);
        check("", false);
        check("a b", false);
        check("a\n", false);
        check("naïve", false);
        check("a\0", false);
    }
}
