//! Ids that callers give: of users and transactions, in whatever form their owner made them.

use std::fmt;

const LENGTH_MAX: usize = 64;

/// An id that somebody else chose: 1 to 64 visible ASCII characters. Our own have types of their own in `ids`; a service
/// that only keeps the id of another's thing takes it as one of these, and need not know whose it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Reference(String);

/// Why a text is no [`Reference`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an id has 1 to {LENGTH_MAX} visible ASCII characters")]
pub struct ReferenceError;

impl Reference {
    /// Takes a text that is short and harmless.
    pub fn parse(text: String) -> Result<Self, ReferenceError> {
        Self::check(&text)?;
        Ok(Self(text))
    }

    /// Whether a text is one.
    pub fn check(text: &str) -> Result<(), ReferenceError> {
        let fits = (1..=LENGTH_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        if fits { Ok(()) } else { Err(ReferenceError) }
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
