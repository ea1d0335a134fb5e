//! What a password must be.

use std::collections::HashSet;
use std::sync::LazyLock;

use service::Secret;

use super::InvalidField;

const CHARACTERS: std::ops::RangeInclusive<usize> = 8..=128;
/// What is left of a password without its decoration says something only when it is a word.
const STEM_MIN: usize = 6;

/// A password that somebody chooses: of the right length, and typable.
#[derive(Clone, Debug)]
pub(crate) struct NewPassword(Secret);

/// Why a password would be guessed at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weakness {
    /// It is the username or the e-mail address.
    IsTheAccount,
    /// It is among the most common, however decorated.
    Common,
}

impl NewPassword {
    pub(crate) fn parse(field: &'static str, text: &str) -> Result<Self, InvalidField> {
        let (min, max) = (CHARACTERS.start(), CHARACTERS.end());
        if !CHARACTERS.contains(&text.chars().count()) {
            let problem = format!("a password has {min} to {max} characters");
            return Err(InvalidField::new(field, problem));
        }
        if text.chars().any(char::is_control) {
            return Err(InvalidField::new(field, "a password has no control characters"));
        }
        Ok(Self(Secret::new(text)))
    }

    pub(crate) fn secret(&self) -> &Secret {
        &self.0
    }

    pub(crate) fn expose(&self) -> &str {
        self.0.expose()
    }
}

/// What makes a password weak for this account, if anything.
pub(crate) fn weakness(password: &NewPassword, username_key: &str, email_key: &str) -> Option<Weakness> {
    let lower = password.expose().to_lowercase();
    let mailbox = email_key.split('@').next().unwrap_or_default();
    if [username_key, email_key, mailbox].contains(&lower.as_str()) {
        return Some(Weakness::IsTheAccount);
    }
    static COMMON: LazyLock<HashSet<String>> = LazyLock::new(|| {
        include_str!("common_passwords.txt")
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .flat_map(spellings)
            .collect()
    });
    spellings(password.expose())
        .iter()
        .any(|spelling| COMMON.contains(spelling))
        .then_some(Weakness::Common)
}

/// The ways to see one password: in lower case, without digits and signs around it, with look-alikes read as letters.
fn spellings(password: &str) -> Vec<String> {
    let lower = password.to_lowercase();
    let bare = lower.trim_matches(|character: char| !character.is_alphabetic());
    let mut spellings = vec![lower.clone()];
    for one in ['i', 'l'] {
        let read = read_look_alikes(&lower, one);
        let read_bare = read_look_alikes(lower.trim_end_matches(|c: char| !c.is_alphabetic()), one);
        spellings.extend([read, read_bare, read_look_alikes(bare, one)]);
    }
    spellings.push(bare.to_owned());
    spellings.retain(|spelling| *spelling == lower || spelling.chars().count() >= STEM_MIN);
    spellings
}

fn read_look_alikes(text: &str, one: char) -> String {
    text.chars()
        .map(|character| match character {
            '@' | '4' => 'a',
            '8' => 'b',
            '3' => 'e',
            '6' | '9' => 'g',
            '1' | '!' | '|' => one,
            '0' => 'o',
            '5' | '$' => 's',
            '7' | '+' => 't',
            '2' => 'z',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_is_counted_in_characters() {
        #[track_caller]
        fn check(text: &str, good: bool) {
            assert_eq!(NewPassword::parse("password", text).is_ok(), good, "{text:?}");
        }
        check("1234567", false);
        check("12345678", true);
        check("pässwör", false);
        check("🍥🍥🍥🍥🍥🍥🍥🍥", true);
        check(&"x".repeat(128), true);
        check(&"x".repeat(129), false);
        check("good\0password", false);
        check("good\npassword", false);
        check("correct horse battery staple", true);
    }

    #[test]
    fn common_passwords_are_seen_through_their_decoration() {
        #[track_caller]
        fn check(text: &str, expect: Option<Weakness>) {
            let password = NewPassword::parse("password", text).unwrap();
            assert_eq!(
                weakness(&password, "narto_u7", "n.uzumaki@gmail.com"),
                expect,
                "{text:?}"
            );
        }
        let common = Some(Weakness::Common);
        for text in [
            "password",
            "password123",
            "PassWord!",
            "P@ssw0rd",
            "p4$$w0rd2026!!",
            "12345678",
            "!password",
            "1234567890",
            "qwertyuiop",
            "iloveyou99",
            "Indonesia2026",
            "sayangku1",
            "1qaz2wsx",
            "footba11",
        ] {
            check(text, common);
        }
        check("Narto_U7", Some(Weakness::IsTheAccount));
        check("n.uzumaki", Some(Weakness::IsTheAccount));
        check("N.Uzumaki@Gmail.com", Some(Weakness::IsTheAccount));
        for text in [
            "correct horse battery staple",
            "a9$%83#8201!!",
            "kopi-tubruk-senja-41",
            "xkcd936xkcd936q",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn the_list_is_long_and_only_of_what_could_be_chosen() {
        let list: Vec<&str> = include_str!("common_passwords.txt")
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .collect();
        assert!(list.len() >= 300, "{}", list.len());
        let distinct: HashSet<_> = list.iter().collect();
        assert_eq!(distinct.len(), list.len(), "an entry stands twice");
        for entry in list {
            assert!(
                NewPassword::parse("password", entry).is_ok(),
                "{entry:?} is too short anyway"
            );
        }
    }
}
