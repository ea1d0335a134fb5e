//! One sheet of paper. Places are told in points from the left and from the top, as people read.

use pdf_writer::{Content, Str};

use super::font::{Font, encode};

/// A4.
pub(super) const PAPER_WIDTH: f32 = 595.28;
pub(super) const HEIGHT: f32 = 841.89;
/// The margins.
pub(super) const LEFT: f32 = 40.0;
pub(super) const RIGHT: f32 = PAPER_WIDTH - LEFT;
pub(super) const WIDTH: f32 = RIGHT - LEFT;

/// Red, green and blue, from 0 to 1. All of them can be read in black and white.
type Colour = [f32; 3];
pub(super) const INK: Colour = [0.09, 0.13, 0.1];
pub(super) const SOFT: Colour = [0.35, 0.4, 0.37];
pub(super) const ACCENT: Colour = [0.09, 0.376, 0.231];
/// For lines between rows.
pub(super) const FAINT: Colour = [0.8, 0.84, 0.81];
const TINT: Colour = [0.925, 0.955, 0.933];

/// How a text looks.
#[derive(Clone, Copy)]
pub(super) struct Style {
    font: Font,
    size: f32,
    colour: Colour,
}

impl Style {
    pub(super) const fn new(font: Font, size: f32, colour: Colour) -> Self {
        Self { font, size, colour }
    }
}

/// What is drawn on a sheet.
pub(super) struct Sheet(Content);

impl Sheet {
    pub(super) fn new() -> Self {
        Self(Content::new())
    }

    /// A text whose base line is there.
    pub(super) fn text(&mut self, left: f32, line: f32, style: Style, text: &str) {
        self.show(left, line, style, &encode(text));
    }

    /// A text that ends there.
    pub(super) fn text_right(&mut self, right: f32, line: f32, style: Style, text: &str) {
        let bytes = encode(text);
        self.show(right - style.font.width(&bytes, style.size), line, style, &bytes);
    }

    /// A text that is cut where it would be wider.
    pub(super) fn text_within(&mut self, left: f32, line: f32, width: f32, style: Style, text: &str) {
        self.show(left, line, style, &style.font.cut(text, style.size, width));
    }

    /// A thin line across.
    pub(super) fn rule(&mut self, left: f32, right: f32, top: f32, width: f32, colour: Colour) {
        let [red, green, blue] = colour;
        let content = self.0.set_stroke_rgb(red, green, blue).set_line_width(width);
        content
            .move_to(left, HEIGHT - top)
            .line_to(right, HEIGHT - top)
            .stroke();
    }

    /// A tinted ground.
    pub(super) fn band(&mut self, left: f32, top: f32, width: f32, height: f32) {
        let [red, green, blue] = TINT;
        let content = self.0.set_fill_rgb(red, green, blue);
        content.rect(left, HEIGHT - top - height, width, height).fill_nonzero();
    }

    pub(super) fn finish(self) -> Content {
        self.0
    }

    fn show(&mut self, left: f32, line: f32, style: Style, text: &[u8]) {
        if text.is_empty() {
            return;
        }
        let [red, green, blue] = style.colour;
        self.0
            .set_fill_rgb(red, green, blue)
            .begin_text()
            .set_font(style.font.resource(), style.size)
            .next_line(left, HEIGHT - line)
            .show(Str(text))
            .end_text();
    }
}
