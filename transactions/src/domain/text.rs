//! Text that strangers wrote and people read.

use service::ApiError;

/// A text of 1 to `chars_max` characters, without the white space around it, and without characters that cannot be seen
/// or that turn around what stands beside them.
pub fn visible_text(what: &str, text: &str, chars_max: usize) -> Result<String, ApiError> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > chars_max {
        return Err(ApiError::bad_input(format!("{what} has 1 to {chars_max} characters")));
    }
    if text.chars().any(is_hidden) {
        return Err(ApiError::bad_input(format!(
            "{what} has characters that cannot be seen"
        )));
    }
    Ok(text.to_owned())
}

fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{00ad}' | '\u{061c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{feff}'
        )
        || matches!(character, '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_can_be_seen() {
        #[track_caller]
        fn check(text: &str, expect: Option<&str>) {
            assert_eq!(visible_text("a name", text, 10).ok().as_deref(), expect, "{text:?}");
        }
        check("Toko Ibu", Some("Toko Ibu"));
        check("  Toko  ", Some("Toko"));
        check("店舗 ☕", Some("店舗 ☕"));
        check("1234567890", Some("1234567890"));
        for bad in [
            "",
            "   ",
            "12345678901",
            "a\nb",
            "a\u{0}b",
            "a\u{202e}b",
            "a\u{200b}b",
            "a\u{feff}b",
            "\u{2066}ab",
        ] {
            check(bad, None);
        }
    }
}
