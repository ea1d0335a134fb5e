//! Usernames.

use super::InvalidField;

const LENGTH: std::ops::RangeInclusive<usize> = 3..=32;

/// A username as it was chosen, and the key that makes it unique whatever its case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Username {
    shown: String,
    key: String,
}

impl Username {
    pub(crate) fn parse(text: &str) -> Result<Self, InvalidField> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        if !LENGTH.contains(&text.len()) || !text.bytes().all(allowed) {
            return Err(InvalidField::new(
                "username",
                "a username has 3 to 32 of the characters A-Z a-z 0-9 . _ -",
            ));
        }
        Ok(Self {
            shown: text.to_owned(),
            key: Self::fold(text),
        })
    }

    /// The key of a name that may be none.
    pub(crate) fn fold(text: &str) -> String {
        text.trim().to_ascii_lowercase()
    }

    pub(crate) fn shown(&self) -> &str {
        &self.shown
    }

    pub(crate) fn key(&self) -> &str {
        &self.key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usernames_are_short_and_plain() {
        #[track_caller]
        fn check(text: &str, key: Option<&str>) {
            assert_eq!(Username::parse(text).ok().as_ref().map(Username::key), key, "{text:?}");
        }
        check("narto", Some("narto"));
        check("A.b_C-9", Some("a.b_c-9"));
        check(&"x".repeat(32), Some(&"x".repeat(32)));
        for bad in [
            "",
            "ab",
            "a b",
            "abc\0",
            "abc\n",
            "naruto🍥",
            "abc'--",
            "a@b.id",
            " abc",
        ] {
            check(bad, None);
        }
        check(&"x".repeat(33), None);
    }
}
