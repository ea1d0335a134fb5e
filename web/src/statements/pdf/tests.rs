//! The file as a reader sees it: whole, and with everything in its place.

use serde_json::json;
use service::Timestamp;

use super::*;
use crate::statements::Month;
use crate::text::Lang;

/// A wallet that had 1,000 rupiah and got ten rupiah so many times.
fn statement(count: i64, describe: impl Fn(i64) -> String) -> Statement {
    let head = json!({
        "walletId": "wal_01M7YA8DWM618HY59GXD4SY2PR", "walletName": "Tabungan (Utama) \\ 💰",
        "from": "2026-10-31T17:00:00Z", "to": "2026-11-30T17:00:00Z", "isComplete": true,
        "openingBalance": 1_000, "closingBalance": 1_000 + 10 * count, "cameIn": 10 * count, "wentOut": 0,
        "lineCount": count, "lines": [],
    });
    let line = |number: i64| {
        json!({
            "postingId": format!("xfr_{number:026}:1"), "transferId": format!("xfr_{number:026}"), "kind": "DEPOSIT",
            "amount": 10, "balanceAfter": 1_000 + 10 * number, "counterparty": "bank_clearing:IDR",
            "counterpartyName": null, "createdAt": "2026-11-25T13:15:00Z",
        })
    };
    let lines = (1..=count).map(|number| {
        let description = Description {
            words: describe(number),
            ..Description::default()
        };
        (serde_json::from_value(line(number)).unwrap(), description)
    });
    Statement {
        month: Month::parse("2026-11").unwrap(),
        holder: "Naruto Uzumaki".to_owned(),
        lang: Lang::Id,
        now: Timestamp::parse("2026-12-25T00:00:00Z").unwrap(),
        lines: lines.collect(),
        head: serde_json::from_value(head).unwrap(),
    }
}

/// A text on a page: its left edge and base line, its font and size, and what it says in Windows-1252.
#[derive(Debug)]
struct Shown {
    left: f32,
    line: f32,
    font: Font,
    size: f32,
    text: Vec<u8>,
}

impl Shown {
    fn right(&self) -> f32 {
        self.left + self.font.width(&self.text, self.size)
    }
}

/// Reads a file as far as this writer goes: by its table of objects, its tree of pages and their contents.
struct Reader<'a> {
    file: &'a [u8],
    objects: Vec<&'a [u8]>,
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}

/// What stands between two words.
fn between<'a>(text: &'a [u8], before: &[u8], after: &[u8]) -> &'a [u8] {
    let from = find(text, before).expect("it begins") + before.len();
    let length = find(&text[from..], after).expect("it ends");
    &text[from..from + length]
}

fn number(text: &[u8]) -> usize {
    let text = std::str::from_utf8(text).unwrap().trim();
    text.parse().unwrap_or_else(|_| panic!("{text} is no number"))
}

impl<'a> Reader<'a> {
    fn open(file: &'a [u8]) -> Self {
        assert!(file.starts_with(b"%PDF-1.7\n"));
        assert!(file.ends_with(b"%%EOF"));
        let last = file.windows(9).rposition(|window| window == b"startxref").unwrap();
        let table = number(between(&file[last..], b"startxref", b"%%EOF"));
        let table = &file[table..];
        assert!(table.starts_with(b"xref\n0 "));
        let count = number(between(table, b"xref\n0 ", b"\n"));
        let begin = find(&table[5..], b"\n").unwrap() + 6;
        // Entry 0 is that of free objects; an entry has 20 bytes.
        let objects = (1..count).map(|id| {
            let entry = &table[begin + id * 20..begin + (id + 1) * 20];
            assert_eq!(&entry[10..18], b" 00000 n");
            let object = &file[number(&entry[..10])..];
            let head = format!("{id} 0 obj\n");
            assert!(
                object.starts_with(head.as_bytes()),
                "object {id} is where the table says"
            );
            let end = find(object, b"\nendobj").unwrap();
            &object[head.len()..end]
        });
        Self {
            objects: objects.collect(),
            file,
        }
    }

    fn pages(&self) -> Vec<Vec<Shown>> {
        let tree = self
            .objects
            .iter()
            .find(|object| find(object, b"/Kids").is_some())
            .unwrap();
        let kids = std::str::from_utf8(between(tree, b"/Kids [", b"]")).unwrap();
        let ids: Vec<&str> = kids.split(" 0 R").map(str::trim).filter(|id| !id.is_empty()).collect();
        assert_eq!(number(between(tree, b"/Count", b"\n")), ids.len());
        ids.into_iter().map(|id| self.page(number(id.as_bytes()))).collect()
    }

    fn page(&self, id: usize) -> Vec<Shown> {
        let contents = number(between(self.objects[id - 1], b"/Contents", b" 0 R"));
        let stream = self.objects[contents - 1];
        let data = &stream[find(stream, b"stream\n").unwrap() + 7..];
        let data = &data[..number(between(stream, b"/Length", b"\n"))];
        texts(data)
    }
}

fn texts(mut data: &[u8]) -> Vec<Shown> {
    let mut found = Vec::new();
    while let Some(begin) = find(data, b"BT\n") {
        data = &data[begin + 3..];
        let mut words = data.split(|byte| byte.is_ascii_whitespace());
        let mut word = || std::str::from_utf8(words.next().unwrap()).unwrap();
        let font = if word() == "/R" { Font::Regular } else { Font::Bold };
        let size = word().parse().unwrap();
        assert_eq!(word(), "Tf");
        let (left, line): (f32, f32) = (word().parse().unwrap(), word().parse().unwrap());
        let show = &data[find(data, b"Td\n").unwrap() + 3..];
        let text = string(show);
        found.push(Shown {
            left,
            line: HEIGHT - line,
            font,
            size,
            text,
        });
    }
    found
}

/// A string in brackets with its escapes, or in hexadecimal.
fn string(data: &[u8]) -> Vec<u8> {
    if data[0] == b'<' {
        let digits = between(data, b"<", b">");
        let pairs = digits.chunks(2);
        return pairs
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect();
    }
    assert_eq!(data[0], b'(');
    let (mut text, mut at, mut depth) = (Vec::new(), 1, 1);
    loop {
        match data[at] {
            b'\\' => {
                at += 1;
                text.push(data[at]);
            }
            b')' if depth == 1 => return text,
            byte => {
                match byte {
                    b'(' => depth += 1,
                    b')' => depth -= 1,
                    _ => {}
                }
                text.push(byte);
            }
        }
        at += 1;
    }
}

fn says(page: &[Shown], text: &str) -> bool {
    let text = font::encode(text);
    page.iter().any(|shown| shown.text == text)
}

#[test]
fn a_statement_says_all_there_is_to_say() {
    let file = write(&statement(2, |number| format!("Isi saldo {number}")));
    let pages = Reader::open(&file).pages();
    assert_eq!(pages.len(), 1);
    for text in [
        "Sawit",
        "Laporan dompet",
        "Naruto Uzumaki",
        "Tabungan (Utama) \\ ? (wal_01M7YA8DWM618HY59GXD4SY2PR)",
        "1–30 November 2026",
        "Rp 1.000",
        "+ Rp 20",
        "- Rp 0",
        "= Rp 1.020",
        "Isi saldo 1",
        "Isi saldo 2",
        "25 Nov 2026 20.15",
        "1 Des 2026 00.00",
        "1.010",
        "1.020",
        "2 baris",
        "xfr_00000000000000000000000002",
        "Halaman 1 dari 1",
    ] {
        assert!(says(&pages[0], text), "{text:?} is not on {:#?}", pages[0]);
    }
    assert_eq!(
        file,
        write(&statement(2, |number| format!("Isi saldo {number}"))),
        "the same bytes again"
    );
    let month_to_come = pages[0].iter().any(|shown| shown.text.starts_with(b"Bulan ini belum"));
    assert!(!month_to_come, "the month is over");
}

#[test]
fn bills_and_wallets_without_a_name_stand_in_full_below() {
    let mut paid = statement(1, |_| {
        "Pembayaran ke Toko Yang Namanya Panjang Sekali Sampai Tidak Muat".to_owned()
    });
    paid.lines[0].1.bill = Some("DS-8800012345678901".to_owned());
    paid.lines[0].1.unnamed = Some("wal_01M7YA8DWM618HY59GXD4SY2PT".to_owned());
    let pages = Reader::open(&write(&paid)).pages();
    let all = "xfr_00000000000000000000000001, DS-8800012345678901, wal_01M7YA8DWM618HY59GXD4SY2PT";
    assert!(says(&pages[0], all), "{:#?}", pages[0]);
    let cut = pages[0]
        .iter()
        .find(|shown| shown.text.starts_with(b"Pembayaran ke Toko"));
    assert!(cut.unwrap().text.ends_with(b"\x85"));
}

#[test]
fn a_month_that_is_not_over_says_so() {
    let mut unfinished = statement(1, |_| "Isi saldo".to_owned());
    unfinished.head.is_complete = false;
    unfinished.lang = Lang::En;
    unfinished.now = Timestamp::parse("2026-11-26T03:15:00Z").unwrap();
    let pages = Reader::open(&write(&unfinished)).pages();
    assert!(says(
        &pages[0],
        "The month is not over yet. As of 26 Nov 2026, 10:15 WIB."
    ));
    assert!(
        says(&pages[0], "26 Nov 2026 10:15"),
        "the closing balance is of that time"
    );
}

#[test]
fn ten_thousand_lines_are_hundreds_of_pages_with_every_line_once_and_nothing_beyond_its_column() {
    let wide = "WWWW ".repeat(30);
    let file = write(&statement(10_000, |number| format!("{number} {wide}")));
    let reader = Reader::open(&file);
    assert!(reader.file.len() < 12_000_000, "{} bytes", reader.file.len());
    let pages = reader.pages();
    assert_eq!(
        pages.len(),
        1 + (10_002 - rows_below(TABLE_FIRST)).div_ceil(rows_below(TABLE_NEXT))
    );
    let mut seen = 0;
    for (position, page) in pages.iter().enumerate() {
        assert!(says(page, &format!("Halaman {} dari {}", position + 1, pages.len())));
        assert!(says(page, "Keterangan"), "the head of the table is on every page");
        for shown in page {
            assert!(shown.left >= LEFT - 0.01 && shown.right() <= RIGHT + 0.01, "{shown:?}");
            assert!(shown.line <= FOOT, "{shown:?}");
            if (shown.left - WHAT).abs() < 0.01 && shown.size > SMALL {
                assert!(shown.right() <= WHAT + WHAT_WIDTH + 0.01, "{shown:?}");
            }
            if shown.text.starts_with(b"xfr_") {
                seen += 1;
                assert_eq!(shown.text, format!("xfr_{seen:026}").into_bytes(), "in order");
            }
        }
        let columns = |edge: f32| page.iter().filter(move |shown| (shown.right() - edge).abs() < 0.02);
        assert!(columns(BALANCE).count() >= 2, "balances end at one edge");
    }
    assert_eq!(seen, 10_000);
}

#[test]
fn the_largest_amounts_fit_their_columns() {
    let mut rich = statement(1, |_| "x".to_owned());
    let most = Money::new(money::MAX_MINOR, crate::format::IDR).unwrap();
    rich.head.came_in = most;
    rich.head.went_out = most;
    rich.head.closing_balance = most;
    rich.lines[0].0.amount = most;
    rich.lines[0].0.balance_after = most;
    let pages = Reader::open(&write(&rich)).pages();
    let mut lines: Vec<(u32, Vec<&Shown>)> = Vec::new();
    for shown in &pages[0] {
        let line = (shown.line * 10.0).round() as u32;
        match lines.iter_mut().find(|(known, _)| *known == line) {
            Some((_, texts)) => texts.push(shown),
            None => lines.push((line, vec![shown])),
        }
    }
    for (_, mut texts) in lines {
        texts.sort_by(|one, other| one.left.total_cmp(&other.left));
        for pair in texts.windows(2) {
            assert!(pair[0].right() < pair[1].left, "{pair:#?} overlap");
        }
    }
}

#[test]
fn names_cannot_write_into_the_file() {
    let mut hostile = statement(1, |_| ") Tj ET (\u{1f4b0}\\".to_owned());
    hostile.holder = "(((".to_owned();
    let pages = Reader::open(&write(&hostile)).pages();
    assert!(says(&pages[0], "((("));
    assert!(says(&pages[0], ") Tj ET (?\\"));
}
