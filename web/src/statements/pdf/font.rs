//! The two fonts that every reader of PDF has, and their encoding. Their widths are Adobe's, so that what is set to the right
//! ends at the right, and what is cut is cut where the column ends.

use pdf_writer::Name;

/// A font.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Font {
    Regular,
    Bold,
}

/// What stands for a character that the fonts do not have.
const UNKNOWN: u8 = b'?';
const ELLIPSIS: u8 = 0x85;
const FIRST: u8 = 32;

impl Font {
    pub(super) const ALL: [Self; 2] = [Self::Regular, Self::Bold];

    /// The name of the font in the pages' resources.
    pub(super) const fn resource(self) -> Name<'static> {
        match self {
            Self::Regular => Name(b"R"),
            Self::Bold => Name(b"B"),
        }
    }

    /// The name by which every reader knows it.
    pub(super) const fn base(self) -> Name<'static> {
        match self {
            Self::Regular => Name(b"Helvetica"),
            Self::Bold => Name(b"Helvetica-Bold"),
        }
    }

    /// How wide a text is, in points.
    pub(super) fn width(self, text: &[u8], size: f32) -> f32 {
        let units: u32 = text.iter().map(|byte| self.units(*byte)).sum();
        // A text of a page has few characters: this is exact.
        #[allow(clippy::cast_precision_loss)]
        let units = units as f32;
        units * size / 1_000.0
    }

    /// The text, cut to a width with an ellipsis at its end.
    pub(super) fn cut(self, text: &str, size: f32, width: f32) -> Vec<u8> {
        let mut bytes = encode(text);
        if self.width(&bytes, size) <= width {
            return bytes;
        }
        bytes.push(ELLIPSIS);
        while bytes.len() > 1 && self.width(&bytes, size) > width {
            // What stands before the ellipsis.
            bytes.remove(bytes.len() - 2);
        }
        while bytes.len() > 1 && bytes[bytes.len() - 2] == b' ' {
            bytes.remove(bytes.len() - 2);
        }
        bytes
    }

    fn units(self, byte: u8) -> u32 {
        let widths = match self {
            Self::Regular => &HELVETICA,
            Self::Bold => &HELVETICA_BOLD,
        };
        let place = usize::from(byte.saturating_sub(FIRST));
        u32::from(widths.get(place).copied().unwrap_or_default())
    }
}

/// A text in the encoding of the fonts (WinAnsi, which is Windows-1252). Names are anybody's to choose: what the fonts do not
/// have becomes a question mark, what has no width is left out.
pub(super) fn encode(text: &str) -> Vec<u8> {
    text.chars().filter_map(byte_of).collect()
}

fn byte_of(character: char) -> Option<u8> {
    let byte = match character {
        ' '..='~' | '\u{a0}'..='\u{ac}' | '\u{ae}'..='\u{ff}' => u8::try_from(u32::from(character)).unwrap_or(UNKNOWN),
        // Marks on the letter before, and characters without width.
        '\u{300}'..='\u{36f}'
        | '\u{ad}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2060}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' => {
            return None;
        }
        '\u{2010}' | '\u{2011}' | '\u{2212}' => b'-',
        '\u{2000}'..='\u{200a}' | '\u{202f}' => b' ',
        _ if character.is_control() => b' ',
        _ => {
            let place = UPPER_CONTROLS.chars().position(|known| known == character);
            place
                .and_then(|place| u8::try_from(0x80 + place).ok())
                .unwrap_or(UNKNOWN)
        }
    };
    Some(byte)
}

/// What Windows-1252 has at 0x80 to 0x9f, where Latin-1 has controls; a control where it has nothing.
const UPPER_CONTROLS: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ";

/// Widths of Helvetica from character 32 on, in thousandths of its size.
#[rustfmt::skip]
const HELVETICA: [u16; 224] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
    333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584, 350,
    556, 350, 222, 556, 333, 1000, 556, 556, 333, 1000, 667, 333, 1000, 350, 611, 350,
    350, 222, 222, 333, 333, 350, 556, 1000, 333, 1000, 500, 333, 944, 350, 500, 667,
    278, 333, 556, 556, 556, 556, 260, 556, 333, 737, 370, 556, 584, 333, 737, 333,
    400, 584, 333, 333, 333, 556, 537, 278, 333, 333, 365, 556, 834, 834, 834, 611,
    667, 667, 667, 667, 667, 667, 1000, 722, 667, 667, 667, 667, 278, 278, 278, 278,
    722, 722, 778, 778, 778, 778, 778, 584, 778, 722, 722, 722, 722, 667, 667, 611,
    556, 556, 556, 556, 556, 556, 889, 500, 556, 556, 556, 556, 278, 278, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 584, 611, 556, 556, 556, 556, 500, 556, 500,
];

/// The same of Helvetica-Bold.
#[rustfmt::skip]
const HELVETICA_BOLD: [u16; 224] = [
    278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 333, 333, 584, 584, 584, 611,
    975, 722, 722, 722, 722, 667, 611, 778, 722, 278, 556, 722, 611, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 333, 278, 333, 584, 556,
    333, 556, 611, 556, 611, 556, 333, 611, 611, 278, 278, 556, 278, 889, 611, 611,
    611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584, 350,
    556, 350, 278, 556, 500, 1000, 556, 556, 333, 1000, 667, 333, 1000, 350, 611, 350,
    350, 278, 278, 500, 500, 350, 556, 1000, 333, 1000, 556, 333, 944, 350, 500, 667,
    278, 333, 556, 556, 556, 556, 280, 556, 333, 737, 370, 556, 584, 333, 737, 333,
    400, 584, 333, 333, 333, 611, 556, 278, 333, 333, 365, 556, 834, 834, 834, 611,
    722, 722, 722, 722, 722, 722, 1000, 722, 667, 667, 667, 667, 278, 278, 278, 278,
    722, 722, 778, 778, 778, 778, 778, 584, 778, 722, 722, 722, 722, 667, 667, 611,
    556, 556, 556, 556, 556, 556, 889, 556, 556, 556, 556, 556, 278, 278, 278, 278,
    611, 611, 611, 611, 611, 611, 611, 584, 611, 611, 611, 611, 611, 556, 611, 556,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_encoded_as_the_fonts_have_them() {
        #[track_caller]
        fn check(text: &str, expect: &[u8]) {
            assert_eq!(encode(text), expect, "{text}");
        }
        check("Toko Budi & (Anak)", b"Toko Budi & (Anak)");
        check("Söhne", b"S\xf6hne");
        check("So\u{308}hne", b"Sohne");
        check("€ – … “a” Ž Ÿ", b"\x80 \x96 \x85 \x93a\x94 \x8e \x9f");
        check("−5", b"-5");
        check("a\nb\u{0}c", b"a b c");
        check("\u{81}\u{9d}", b"  ");
        check("Dompet 💰", b"Dompet ?");
        check("東京", b"??");
        check("a\u{200d}b\u{202e}c", b"ab?c");
    }

    #[test]
    fn widths_are_those_of_the_font() {
        assert_eq!(UPPER_CONTROLS.chars().count(), 32);
        // As the metrics of the font give them: "Hello" is 722 + 556 + 222 + 222 + 556.
        assert_eq!(Font::Regular.width(b"Hello", 10.0), 22.78);
        assert_eq!(Font::Bold.width(b"Hello", 10.0), 24.45);
        // Digits are all of one width, so that columns of amounts stand in line.
        for digit in b'0'..=b'9' {
            assert_eq!((Font::Regular.units(digit), Font::Bold.units(digit)), (556, 556));
        }
    }

    #[test]
    fn what_is_too_long_is_cut_to_the_width() {
        #[track_caller]
        fn check(text: &str, width: f32, expect: &[u8]) {
            let cut = Font::Regular.cut(text, 10.0, width);
            assert_eq!(cut, expect, "{text}");
            assert!(cut.len() == 1 || Font::Regular.width(&cut, 10.0) <= width);
        }
        check("Hello", 22.78, b"Hello");
        check("Hello", 22.77, b"H\x85");
        check("Hi there you", 30.0, b"Hi t\x85");
        check("Hi there", 23.0, b"Hi\x85");
        check("Hello", 1.0, b"\x85");
        check("", 1.0, b"");
    }
}
