//! E-mail addresses.

use super::InvalidField;

const LENGTH_MAX: usize = 254;
const LOCAL_MAX: usize = 64;
const LABEL_MAX: usize = 63;

/// An address as it was typed, and the key that makes it unique whatever its case.
///
/// ASCII only: two addresses that look the same must not be two accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Email {
    shown: String,
    key: String,
}

impl Email {
    pub(crate) fn parse(text: &str) -> Result<Self, InvalidField> {
        let shown = text.trim();
        if !is_address(shown) {
            return Err(InvalidField::new(
                "email",
                format!("an e-mail address such as name@example.com is expected, of at most {LENGTH_MAX} characters"),
            ));
        }
        Ok(Self {
            shown: shown.to_owned(),
            key: Self::fold(shown),
        })
    }

    /// The key of an address that may be none: what somebody types into a login form.
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

/// The dot-atom form of RFC 5322, which is what mail providers give out; no quoted names, no address literals.
fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    text.len() <= LENGTH_MAX
        && local.len() <= LOCAL_MAX
        && local
            .split('.')
            .all(|atom| !atom.is_empty() && atom.bytes().all(is_atom_byte))
        && domain.split('.').all(is_label)
}

fn is_atom_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte)
}

fn is_label(label: &str) -> bool {
    (1..=LABEL_MAX).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_what_is_none() {
        #[track_caller]
        fn check(text: &str, key: Option<&str>) {
            assert_eq!(Email::parse(text).ok().as_ref().map(Email::key), key, "{text:?}");
        }
        check("naruto@gmail.com", Some("naruto@gmail.com"));
        check(" Naruto.U+x@Gmail.COM ", Some("naruto.u+x@gmail.com"));
        check("o'neil@a-b.example", Some("o'neil@a-b.example"));
        check("admin@localhost", Some("admin@localhost"));
        check(
            &format!("{}@x.id", "a".repeat(64)),
            Some(&format!("{}@x.id", "a".repeat(64))),
        );
        for bad in [
            "",
            "@",
            "a@",
            "@b.id",
            "a.b.id",
            "a@b@c.id",
            "a..b@c.id",
            ".a@c.id",
            "a@-c.id",
            "a@c-.id",
            "a@c..id",
            "a b@c.id",
            "a@c.id\0",
            "a\n@c.id",
            "ä@c.id",
            "a@ç.id",
            "\"a\"@c.id",
            "a@[127.0.0.1]",
            "<a@c.id>",
        ] {
            check(bad, None);
        }
        check(&format!("{}@x.id", "a".repeat(65)), None);
        check(&format!("a@{}id", "abc.".repeat(64)), None);
    }
}
