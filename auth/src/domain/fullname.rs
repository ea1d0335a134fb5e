//! Full names.

use super::InvalidField;

const CHARACTERS_MAX: usize = 100;

/// A person's name as they write it, in any script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fullname(String);

impl Fullname {
    pub(crate) fn parse(text: &str) -> Result<Self, InvalidField> {
        let name = text.trim();
        let length = name.chars().count();
        if !(1..=CHARACTERS_MAX).contains(&length) || !name.chars().all(is_printable) {
            return Err(InvalidField::new(
                "fullname",
                format!("a full name has 1 to {CHARACTERS_MAX} printable characters"),
            ));
        }
        Ok(Self(name.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Controls, line separators and marks that turn the direction of the text around them have no place in a name that
/// others are shown when they pay. Joiners stay: several scripts need them.
fn is_printable(character: char) -> bool {
    !character.is_control()
        && !matches!(
            character,
            '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}'
                | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_every_script_pass_and_tricks_do_not() {
        #[track_caller]
        fn check(text: &str, expect: Option<&str>) {
            assert_eq!(
                Fullname::parse(text).ok().as_ref().map(Fullname::as_str),
                expect,
                "{text:?}"
            );
        }
        check("Naruto Uzumaki", Some("Naruto Uzumaki"));
        check("  うずまき ナルト ", Some("うずまき ナルト"));
        check("O'Neil; DROP TABLE users;--", Some("O'Neil; DROP TABLE users;--"));
        check("🍥", Some("🍥"));
        check(&"é".repeat(100), Some(&"é".repeat(100)));
        for bad in [
            "",
            "   ",
            "a\0b",
            "a\nb",
            "a\u{202E}b",
            "a\u{200B}b",
            "a\u{85}b",
            "a\u{2028}b",
        ] {
            check(bad, None);
        }
        check(&"x".repeat(101), None);
    }
}
