//! QR codes, as a drawing in the page.

use maud::{Markup, html};
use qrcode::{Color, EcLevel, QrCode};

/// Cameras need so many points of white around a code.
const QUIET: usize = 4;

/// Draws a code of which some points may be lost, or, where there is too much to say, one of which fewer may. `None` when
/// there is too much to say for any. Black on white in both colour schemes, as cameras want it.
pub(crate) fn qr(text: &str, label: &str) -> Option<Markup> {
    let code = [EcLevel::M, EcLevel::L]
        .into_iter()
        .find_map(|level| QrCode::with_error_correction_level(text, level).ok())?;
    let whole = code.width() + 2 * QUIET;
    Some(html! {
        svg.qr role="img" aria-label=(label) viewBox={ "0 0 " (whole) " " (whole) } shape-rendering="crispEdges" {
            rect width=(whole) height=(whole) fill="#fff" {}
            path fill="#000" d=(points(&code)) {}
        }
    })
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
        let code = QrCode::with_error_correction_level(text, EcLevel::M).unwrap();
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
        check(1_149, Some(109));
        check(1_629, Some(129));
        check(1_821, Some(137));
        check(3_072, Some(173));
        check(4_200, Some(177));
        check(4_400, None);
    }
}
