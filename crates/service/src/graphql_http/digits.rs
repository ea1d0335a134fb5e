//! Numbers that would lose digits.
//!
//! Whoever reads JSON or a GraphQL document makes a double of `999999999999.999999`, which is 1000000000000 before
//! anybody can see that it had six decimals. So such numbers are found in the text, where all of their digits still stand.

/// A double keeps every decimal of so many significant digits.
const EXACT_DIGITS_MAX: usize = 15;

/// Whether a text (JSON, or a GraphQL document) has a number with a fraction or an exponent, outside of strings and
/// comments, that a double cannot hold with all its digits. Whole numbers are read as integers and keep theirs.
pub(super) fn has_inexact_number(text: &[u8]) -> bool {
    let mut rest = text;
    while let Some(&first) = rest.first() {
        rest = match first {
            b'"' => after_string(rest),
            b'#' => after(rest, |byte| byte != b'\n' && byte != b'\r'),
            b'_' | b'a'..=b'z' | b'A'..=b'Z' => after(rest, |byte| byte == b'_' || byte.is_ascii_alphanumeric()),
            b'0'..=b'9' => {
                let behind = after(rest, |byte| {
                    matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-')
                });
                if is_inexact(&rest[..rest.len() - behind.len()]) {
                    return true;
                }
                behind
            }
            _ => &rest[1..],
        };
    }
    false
}

fn after(text: &[u8], belongs: impl Fn(u8) -> bool) -> &[u8] {
    let end = text.iter().position(|byte| !belongs(*byte));
    end.map_or(&[], |end| &text[end..])
}

/// Behind a string that begins here: `"…"`, or a document's `"""…"""`.
fn after_string(text: &[u8]) -> &[u8] {
    let quotes: &[u8] = if text.starts_with(b"\"\"\"") { b"\"\"\"" } else { b"\"" };
    let mut rest = &text[quotes.len()..];
    loop {
        rest = after(rest, |byte| byte != b'"' && byte != b'\\');
        if rest.is_empty() {
            return rest;
        }
        if rest.starts_with(quotes) {
            return &rest[quotes.len()..];
        }
        // In a block string a backslash escapes all three quotes, elsewhere the next byte.
        let step = match rest {
            [b'\\', escaped @ ..] if escaped.starts_with(quotes) => 1 + quotes.len(),
            [b'\\', _, ..] if quotes.len() == 1 => 2,
            _ => 1,
        };
        rest = &rest[step..];
    }
}

fn is_inexact(number: &[u8]) -> bool {
    let mantissa_end = number.iter().position(|byte| matches!(byte, b'e' | b'E'));
    let mantissa = &number[..mantissa_end.unwrap_or(number.len())];
    if mantissa_end.is_none() && !mantissa.contains(&b'.') {
        return false;
    }
    // Zeros at both ends are no significant digits.
    let digits = mantissa.iter().filter(|byte| byte.is_ascii_digit());
    let significant = digits
        .enumerate()
        .filter(|(_, digit)| **digit != b'0')
        .map(|(place, _)| place);
    let (first, last) = (significant.clone().min(), significant.max());
    first
        .zip(last)
        .is_some_and(|(first, last)| last - first >= EXACT_DIGITS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: bool) {
        assert_eq!(has_inexact_number(text.as_bytes()), expect, "{text}");
    }

    #[test]
    fn numbers_are_judged_by_their_significant_digits() {
        for exact in [
            "0",
            "-1",
            "20000.50",
            "9999999999999.99",
            "123456789012345.0",
            "0.000000000000000000001",
            "1e300",
            "1.5E-7",
        ] {
            check(exact, false);
        }
        for exact in [
            "20000.00000000000000000000",
            "000.10",
            "9223372036854775807",
            "99999999999999999999999",
        ] {
            check(exact, false);
        }
        for inexact in [
            "999999999999.999999",
            "20000.0000000000000001",
            "1234567890123456e0",
            "-1000000000000000.1",
            "1.234567890123456e9",
        ] {
            check(inexact, true);
        }
    }

    #[test]
    fn only_numbers_count() {
        check(r#"{"a": "999999999999.999999", "b": [1, 2.5]}"#, false);
        check(r#"{"a": "x\"", "b": 999999999999.999999}"#, true);
        check(r#"{"a": "\\", "b": 999999999999.999999}"#, true);
        check(r#"{"a": "\\\" 999999999999.999999"}"#, false);
        check("query q1234567890123456e7 { a1 } # 999999999999.999999\n{ b }", false);
        check("{ a(x: 999999999999.999999) }", true);
        check("{ a(x:-999999999999.999999,) }", true);
        check(
            r#"{ a(x: """ 999999999999.999999 \""" 999999999999.999999 """) }"#,
            false,
        );
        check(r#"{ a(x: """ \""" """ y: 999999999999.999999) }"#, true);
        check(r#"{ a(x: "", y: 999999999999.999999) }"#, true);
        check(r#""no end 999999999999.999999"#, false);
    }
}
