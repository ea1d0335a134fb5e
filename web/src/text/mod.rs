//! Every sentence that people read, in Indonesian and English side by side: a `Text` without one of them does not compile.

pub(crate) mod app;
pub(crate) mod checkout;
pub(crate) mod common;
pub(crate) mod failures;
pub(crate) mod receipts;
pub(crate) mod statements;

use http::{HeaderMap, header};

/// A language of the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lang {
    /// Indonesian.
    Id,
    /// English.
    En,
}

/// One text in both languages. `{}` stands for what is filled in, in the same order in both.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text {
    pub(crate) id: &'static str,
    pub(crate) en: &'static str,
}

impl Lang {
    /// The code of the language, as in `<html lang>`.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::En => "en",
        }
    }

    pub(crate) fn from_code(code: &str) -> Option<Self> {
        match code {
            "id" => Some(Self::Id),
            "en" => Some(Self::En),
            _ => None,
        }
    }

    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Id => Self::En,
            Self::En => Self::Id,
        }
    }

    /// What the browser prefers of the two; Indonesian when it says nothing of either.
    pub(crate) fn preferred(headers: &HeaderMap) -> Self {
        let lines = headers.get_all(header::ACCEPT_LANGUAGE).iter();
        let ranges = lines
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(','));
        let mut best = (Self::Id, 0);
        for range in ranges {
            let mut parts = range.trim().split(';');
            let tag = parts.next().unwrap_or_default().to_ascii_lowercase();
            let weight = parts.find_map(|part| part.trim().strip_prefix("q="));
            let weight = weight.map_or(1_000, thousandths);
            let primary = tag.split('-').next().unwrap_or_default();
            // `in` is what old systems call Indonesian; a reader of Malay gets along with it.
            let lang = match primary {
                "id" | "in" | "ms" => Self::Id,
                "en" => Self::En,
                _ => continue,
            };
            if weight > best.1 {
                best = (lang, weight);
            }
        }
        best.0
    }

    pub(crate) const fn say(self, text: Text) -> &'static str {
        match self {
            Self::Id => text.id,
            Self::En => text.en,
        }
    }

    /// The text with its places filled in.
    pub(crate) fn fill(self, text: Text, values: &[&str]) -> String {
        let mut parts = self.say(text).split("{}");
        let mut filled = parts.next().unwrap_or_default().to_owned();
        for (part, value) in parts.zip(values) {
            filled.push_str(value);
            filled.push_str(part);
        }
        filled
    }
}

/// `0.8` is 800; what is no weight counts as none.
fn thousandths(text: &str) -> u32 {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let digits = format!("{whole}{decimals:0<3}");
    digits
        .get(..whole.len() + 3)
        .and_then(|digits| digits.parse().ok())
        .unwrap_or(0)
        .min(1_000)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn the_language_is_what_the_browser_prefers() {
        #[track_caller]
        fn check(line: &'static str, expect: Lang) {
            let headers = HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, HeaderValue::from_static(line))]);
            assert_eq!(Lang::preferred(&headers), expect, "{line}");
        }
        check("", Lang::Id);
        check("id-ID,id;q=0.9,en-US;q=0.8,en;q=0.7", Lang::Id);
        check("en-US,en;q=0.9,id;q=0.8", Lang::En);
        check("de,en;q=0.5", Lang::En);
        check("de", Lang::Id);
        check("en;q=0.2, id;q=0.75", Lang::Id);
        check("en;q=0, de", Lang::Id);
        check("EN-gb", Lang::En);
        check("en;q=x,id;q=0.001", Lang::Id);
    }

    #[test]
    fn both_languages_have_the_same_places() {
        let sources = [
            include_str!("app.rs"),
            include_str!("checkout.rs"),
            include_str!("common.rs"),
            include_str!("failures.rs"),
            include_str!("receipts.rs"),
            include_str!("statements.rs"),
        ];
        let mut texts = 0;
        for source in sources {
            for entry in source.split("pub(crate) const ").skip(1) {
                let (id, en) = entry.split_once("en: ").expect("a text has both languages");
                assert_eq!(id.matches("{}").count(), en.matches("{}").count(), "{entry}");
                texts += 1;
            }
        }
        assert!(texts > 150, "the texts were found");
        let text = Text {
            id: "a{}b{}c",
            en: "{}",
        };
        assert_eq!(Lang::Id.fill(text, &["1", "2"]), "a1b2c");
        assert_eq!(Lang::En.fill(text, &["{}"]), "{}");
    }
}
