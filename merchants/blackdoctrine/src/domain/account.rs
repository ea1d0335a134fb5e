//! Who can have an account.

use crate::error::Error;

/// A registered buyer.
#[derive(Debug, Clone)]
pub(crate) struct User {
    pub(crate) id: i64,
    pub(crate) nama: String,
    pub(crate) email: String,
    pub(crate) role: String,
    pub(crate) is_active: bool,
}

impl User {
    /// The state of the account, in words for a page.
    pub(crate) const fn status_label(&self) -> &'static str {
        if self.is_active { "Aktif" } else { "Nonaktif" }
    }
}

/// A registration whose fields are fit to store.
#[derive(Debug)]
pub(crate) struct Registration {
    pub(crate) nama: String,
    pub(crate) email: String,
    pub(crate) password: String,
}

impl Registration {
    pub(crate) fn parse(nama: &str, email: &str, password: String) -> Result<Self, Error> {
        let nama = nama.trim();
        if !(1..=100).contains(&nama.chars().count()) || nama.chars().any(char::is_control) {
            return Err(Error::bad_input("nama", "1 to 100 characters"));
        }
        let email = normalise_email(email);
        if !looks_like_email(&email) {
            return Err(Error::bad_input("email", "not an e-mail address"));
        }
        if !(8..=128).contains(&password.chars().count()) {
            return Err(Error::bad_input("password", "8 to 128 characters"));
        }
        Ok(Self {
            nama: nama.to_owned(),
            email,
            password,
        })
    }
}

/// One person has one account, however the address is typed.
pub(crate) fn normalise_email(email: &str) -> String {
    email.trim().to_lowercase()
}

/// Whether mail could be sent there is known only by sending it; this catches slips.
fn looks_like_email(email: &str) -> bool {
    let Some((local, domain)) = email.split_once('@') else {
        return false;
    };
    email.len() <= 254
        && !local.is_empty()
        && !domain.contains('@')
        && domain.contains('.')
        && domain.split('.').all(|label| !label.is_empty())
        && !email.chars().any(|c| c.is_whitespace() || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(nama: &str, email: &str, password: &str, expect: Result<&str, &str>) {
        let parsed = Registration::parse(nama, email, password.to_owned());
        match (parsed, expect) {
            (Ok(registration), Ok(email)) => assert_eq!(registration.email, email),
            (Err(error), Err(field)) => assert!(error.to_string().starts_with(field), "{error}"),
            (parsed, expect) => panic!("{parsed:?}, expected {expect:?}"),
        }
    }

    #[test]
    fn registrations_are_checked() {
        check("Naruto", "naruto@gmail.com", "password123", Ok("naruto@gmail.com"));
        check("Naruto", "  Naruto@Gmail.COM ", "password123", Ok("naruto@gmail.com"));
        check(" ", "naruto@gmail.com", "password123", Err("nama"));
        check("a\nb", "naruto@gmail.com", "password123", Err("nama"));
        check(&"n".repeat(101), "naruto@gmail.com", "password123", Err("nama"));
        for email in [
            "",
            "naruto",
            "@gmail.com",
            "naruto@",
            "naruto@gmail",
            "a@b@c.d",
            "a b@c.d",
            "a@c..d",
            "a@.d",
        ] {
            check("Naruto", email, "password123", Err("email"));
        }
        check("Naruto", "naruto@gmail.com", "short", Err("password"));
        check("Naruto", "naruto@gmail.com", &"p".repeat(129), Err("password"));
    }
}
