//! QR codes, as a drawing in the page.

use maud::{Markup, html};
use qrcode::bits::Bits;
use qrcode::types::QrResult;
use qrcode::{Color, EcLevel, QrCode, Version};

/// Cameras need so many points of white around a code.
const QUIET: usize = 4;

/// The largest code.
const VERSION_MAX: i16 = 40;

/// Draws a code of which some points may be lost, or, where there is too much to say, one of which fewer may. `None` when
/// there is too much to say for any. Black on white in both colour schemes, as cameras want it.
pub(crate) fn qr(text: &str, label: &str) -> Option<Markup> {
    let code = [EcLevel::M, EcLevel::L]
        .into_iter()
        .find_map(|level| smallest(text, level))?;
    let whole = code.width() + 2 * QUIET;
    Some(html! {
        svg.qr role="img" aria-label=(label) viewBox={ "0 0 " (whole) " " (whole) } shape-rendering="crispEdges" {
            rect width=(whole) height=(whole) fill="#fff" {}
            path fill="#000" d=(points(&code)) {}
        }
    })
}

/// The smallest code that holds the text, in two stretches: what needs eight bits for each letter, and from there to the end
/// what needs five and a half. (The library's own way of cutting it up takes a digit or two for a stretch of their own,
/// and then finds that one stretch of eight bits is better than so many.)
fn smallest(text: &str, level: EcLevel) -> Option<QrCode> {
    let is_short = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_uppercase() || b" $%*+-./:".contains(&byte);
    let long = text.bytes().rposition(|byte| !is_short(byte)).map_or(0, |at| at + 1);
    let (long, short) = text.as_bytes().split_at(long);
    let encode = |version| -> QrResult<QrCode> {
        let mut bits = Bits::new(version);
        if !long.is_empty() {
            bits.push_byte_data(long)?;
        }
        if !short.is_empty() {
            bits.push_alphanumeric_data(short)?;
        }
        bits.push_terminator(level)?;
        QrCode::with_bits(bits, level)
    };
    (1..=VERSION_MAX).find_map(|version| encode(Version::Normal(version)).ok())
}

/// The dark points, each stretch of a row as one rectangle.
fn points(code: &QrCode) -> String {
    use std::fmt::Write as _;
    let mut drawn = String::new();
    let colors = code.to_colors();
    for (y, row) in colors.chunks(code.width()).enumerate() {
        let mut x = 0;
        for stretch in row.chunk_by(|left, right| left == right) {
            if stretch[0] == Color::Dark {
                let length = stretch.len();
                // Writing to a String cannot fail.
                let _ = write!(drawn, "M{} {}h{length}v1h-{length}z", x + QUIET, y + QUIET);
            }
            x += stretch.len();
        }
    }
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_drawn_is_the_code() {
        let text = "otpauth://totp/Sawit:naruto?secret=JBSWY3DPEHPK3PXP&issuer=Sawit";
        let drawn = qr(text, "a <b>").unwrap().into_string();
        assert!(drawn.contains("aria-label=\"a &lt;b&gt;\""), "{drawn}");
        let code = smallest(text, EcLevel::M).unwrap();
        let dark = code.to_colors().iter().filter(|color| **color == Color::Dark).count();
        let lengths = points(&code)
            .split('h')
            .skip(1)
            .step_by(2)
            .map(|rest| rest.split('v').next().unwrap().parse::<usize>().unwrap())
            .sum::<usize>();
        assert_eq!(lengths, dark);
    }

    /// A link in letters of any kind, then as many as possible that take 5½ bits each.
    #[test]
    fn a_long_code_takes_few_points() {
        #[track_caller]
        fn check(letters: usize, width: Option<usize>) {
            let text = format!("https://pay.example/verify#SRC1:{}", "A:7".repeat(letters / 3));
            let drawn = qr(&text, "").map(|drawn| drawn.into_string());
            let found = drawn.map(|drawn| drawn.split('"').nth(7).map(str::to_owned));
            let expect = width.map(|width| Some(format!("0 0 {0} {0}", width + 2 * QUIET)));
            assert_eq!(found, expect, "{letters}");
        }
        // Of a history of a thousand, a million and ten million entries, and the longest code there is.
        check(1_110, Some(109));
        check(1_590, Some(129));
        check(1_782, Some(133));
        check(3_072, Some(173));
        check(4_200, Some(177));
        check(4_400, None);
    }
}
