//! What can be said of a document before it is parsed.

/// Brackets inside brackets: more than any document of ours needs, few enough for a recursive parser's stack.
const NESTING_MAX: usize = 100;

/// Refuses a document of more than `tokens_max` tokens, or with brackets nested too deep, without parsing it: parsers take
/// memory for each token, and stack for each bracket.
pub fn check_text(document: &str, tokens_max: usize) -> Result<(), String> {
    let bytes = document.as_bytes();
    let (mut at, mut tokens, mut nesting) = (0, 0_usize, 0_usize);
    while let Some(&byte) = bytes.get(at) {
        let rest = &bytes[at..];
        at += match byte {
            b' ' | b'\t' | b'\n' | b'\r' | b',' => 1,
            b'#' => run_length(rest, |byte| byte != b'\n' && byte != b'\r'),
            _ => {
                tokens += 1;
                match byte {
                    b'{' | b'[' | b'(' => nesting += 1,
                    b'}' | b']' | b')' => nesting = nesting.saturating_sub(1),
                    _ => {}
                }
                token_length(rest)
            }
        };
        if tokens > tokens_max {
            return Err(format!("the document has more than {tokens_max} tokens"));
        }
        if nesting > NESTING_MAX {
            return Err(format!("the document has brackets nested deeper than {NESTING_MAX}"));
        }
    }
    Ok(())
}

/// How long the token at the start of `text` is. Need not be exact for what is no GraphQL: the parser refuses that.
fn token_length(text: &[u8]) -> usize {
    match text {
        [b'"', b'"', b'"', block @ ..] => {
            let mut end = 0;
            while end < block.len() && !block[end..].starts_with(b"\"\"\"") {
                end += if block[end..].starts_with(b"\\\"\"\"") { 4 } else { 1 };
            }
            end + 6
        }
        [b'"', string @ ..] => {
            let mut end = 0;
            while end < string.len() && !matches!(string[end], b'"' | b'\n' | b'\r') {
                end += if string[end] == b'\\' { 2 } else { 1 };
            }
            end + 2
        }
        [b'.', b'.', b'.', ..] => 3,
        [first, ..] if first.is_ascii_alphanumeric() || matches!(first, b'_' | b'-') => {
            run_length(&text[1..], |byte| {
                byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'+' | b'-')
            }) + 1
        }
        _ => 1,
    }
}

fn run_length(text: &[u8], matches: impl Fn(u8) -> bool) -> usize {
    text.iter().take_while(|byte| matches(**byte)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_counted_like_the_grammar_does() {
        #[track_caller]
        fn check(document: &str, tokens: usize) {
            assert!(check_text(document, tokens).is_ok(), "{document}");
            assert!(check_text(document, tokens - 1).is_err(), "{document}");
        }
        check("{a}", 3);
        check(
            "query Q($a: [Int!] = [1, -2.5e+3]) { f(x: $a) @skip(if: true) { ...F } }",
            36,
        );
        check("{ a # { } a b c\n b }", 4);
        check(r#"{ a(x: "} \" {", y: """ " \""" } """) }"#, 11);
        check("{ a,,,b }", 4);
    }

    #[test]
    fn deep_brackets_are_refused() {
        let nested = |levels| format!("{{ a(x: {}{}) }}", "[".repeat(levels), "]".repeat(levels));
        assert!(check_text(&nested(90), usize::MAX).is_ok());
        assert!(check_text(&nested(200), usize::MAX).is_err());
    }
}
