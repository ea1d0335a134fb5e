//! Lists of whom to let through and whom to refuse.

use std::net::IpAddr;

use service::Reference;

/// Which list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FraudList {
    /// Whoever is on it is neither held nor refused by a rule.
    Allow,
    /// Whoever is on it is refused.
    Deny,
}

impl FraudList {
    /// The name as stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "ALLOW",
            Self::Deny => "DENY",
        }
    }

    /// Reads a stored name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Allow, Self::Deny].into_iter().find(|list| list.as_str() == text)
    }
}

/// What stands on a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListKind {
    /// Somebody who pays.
    User,
    /// Somebody who is paid.
    Merchant,
    /// The address that a payer's device has.
    Address,
    /// What stands behind the @ of a payer's e-mail.
    EmailDomain,
}

impl ListKind {
    const ALL: [Self; 4] = [Self::User, Self::Merchant, Self::Address, Self::EmailDomain];

    /// The name as stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "USER",
            Self::Merchant => "MERCHANT",
            Self::Address => "ADDRESS",
            Self::EmailDomain => "EMAIL_DOMAIN",
        }
    }

    /// For people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Merchant => "merchant",
            Self::Address => "address",
            Self::EmailDomain => "e-mail domain",
        }
    }

    /// Reads a stored name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// A value in the one spelling in which it is compared, or what is wrong with it.
    pub fn parse_value(self, text: &str) -> Result<String, &'static str> {
        let text = text.trim();
        match self {
            Self::User | Self::Merchant => Reference::parse(text.to_owned())
                .map(|id| id.as_str().to_owned())
                .map_err(|_| "an id has 1 to 64 visible ASCII characters"),
            Self::Address => address(text).ok_or("an IP address is expected, such as 203.0.113.7"),
            Self::EmailDomain => {
                let domain = text.trim_start_matches('@').to_ascii_lowercase();
                if is_domain(&domain) {
                    Ok(domain)
                } else {
                    Err("a domain is expected, such as example.com")
                }
            }
        }
    }
}

/// The one spelling of an address: an IPv4 address that came as IPv6 is the IPv4 address.
pub fn address(text: &str) -> Option<String> {
    text.parse::<IpAddr>()
        .ok()
        .map(|address| address.to_canonical().to_string())
}

fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    text.len() <= 253 && text.contains('.') && text.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_has_one_spelling() {
        #[track_caller]
        fn check(kind: ListKind, text: &str, expect: Option<&str>) {
            assert_eq!(kind.parse_value(text).ok().as_deref(), expect, "{text:?}");
        }
        check(ListKind::User, " usr_1 ", Some("usr_1"));
        check(ListKind::User, "", None);
        check(ListKind::Merchant, "two words", None);
        check(ListKind::Address, "203.0.113.7", Some("203.0.113.7"));
        check(ListKind::Address, "::ffff:203.0.113.7", Some("203.0.113.7"));
        check(ListKind::Address, "2001:DB8:0::1", Some("2001:db8::1"));
        check(ListKind::Address, "203.0.113.0/24", None);
        check(ListKind::EmailDomain, "@Mail.Example", Some("mail.example"));
        check(ListKind::EmailDomain, "localhost", None);
        check(ListKind::EmailDomain, "a..b", None);
        check(ListKind::EmailDomain, "-a.b", None);
        check(ListKind::EmailDomain, "a@b.c", None);
    }
}
