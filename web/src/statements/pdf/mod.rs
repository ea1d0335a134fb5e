//! A statement on paper: A4, the head on the first page, a table whose head is on every page. The same statement is the
//! same bytes: nothing in it is drawn or dated by the writer.

mod font;
mod sheet;

use money::Money;
use pdf_writer::{Content, Name, Pdf, Rect, Ref, TextStr};

use super::{Description, Statement};
use crate::api::StatementLine;
use crate::format::{instant, rupiah, short_instant};
use crate::text::{Text, common, statements};
use font::Font;
use sheet::{ACCENT, FAINT, HEIGHT, INK, LEFT, RIGHT, SOFT, Sheet, Style, WIDTH};

/// Where the table begins, from the top: below the head of the document, and on the pages after the first.
const TABLE_FIRST: f32 = 262.0;
const TABLE_NEXT: f32 = 84.0;
/// Nothing of the table is below.
const TABLE_END: f32 = 784.0;
const HEAD_HEIGHT: f32 = 20.0;
const ROW_HEIGHT: f32 = 23.0;
const FOOT: f32 = 808.0;
const TEXT: f32 = 8.0;
const SMALL: f32 = 6.5;

/// Left edges, or right edges of what is set to the right. The widest amount there is fits.
const WHEN: f32 = LEFT + 4.0;
const WHAT: f32 = LEFT + 84.0;
const CAME_IN: f32 = LEFT + 344.0;
const WENT_OUT: f32 = LEFT + 426.0;
const BALANCE: f32 = RIGHT - 4.0;
const WHAT_WIDTH: f32 = 178.0;
/// The small print has its line to itself.
const REFERENCE_WIDTH: f32 = BALANCE - WHAT;

/// A row of the table.
struct Row {
    when: String,
    what: String,
    reference: String,
    came_in: String,
    went_out: String,
    balance: String,
    is_bold: bool,
}

pub(super) fn write(statement: &Statement) -> Vec<u8> {
    let rows = rows(statement);
    let pages = pages(&rows);
    let mut sheets = Vec::with_capacity(pages.len());
    for (position, rows) in pages.iter().enumerate() {
        let mut sheet = Sheet::new();
        let table = if position == 0 {
            document_head(&mut sheet, statement);
            TABLE_FIRST
        } else {
            page_head(&mut sheet, statement);
            TABLE_NEXT
        };
        table_head(&mut sheet, statement, table);
        for (row, place) in rows.iter().zip(0_u16..) {
            draw(&mut sheet, row, table + HEAD_HEIGHT + f32::from(place) * ROW_HEIGHT);
        }
        foot(&mut sheet, statement, position + 1, pages.len());
        sheets.push(sheet.finish());
    }
    assemble(statement, sheets)
}

/// The opening balance, every line, and the closing balance with the sums.
fn rows(statement: &Statement) -> Vec<Row> {
    let (head, lang) = (&statement.head, statement.lang);
    let mut rows = Vec::with_capacity(statement.lines.len() + 2);
    rows.push(Row {
        when: short_instant(head.from, lang),
        what: lang.say(statements::OPENING).to_owned(),
        reference: String::new(),
        came_in: String::new(),
        went_out: String::new(),
        balance: plain(head.opening_balance),
        is_bold: true,
    });
    for (line, description) in &statement.lines {
        let [came_in, went_out] = if line.amount.is_negative() {
            [String::new(), plain(line.amount.checked_neg().unwrap_or(line.amount))]
        } else {
            [plain(line.amount), String::new()]
        };
        rows.push(Row {
            when: short_instant(line.created_at, lang),
            what: description.words.clone(),
            reference: reference(line, description),
            came_in,
            went_out,
            balance: plain(line.balance_after),
            is_bold: false,
        });
    }
    let until = if head.is_complete {
        head.to
    } else {
        head.to.min(statement.now)
    };
    rows.push(Row {
        when: short_instant(until, lang),
        what: lang.say(statements::CLOSING).to_owned(),
        reference: lang.fill(statements::LINES, &[&head.line_count.to_string()]),
        came_in: plain(head.came_in),
        went_out: plain(head.went_out),
        balance: plain(head.closing_balance),
        is_bold: true,
    });
    rows
}

/// By what the line is found again, and whom and what it was for: the small print below the words.
fn reference(line: &StatementLine, description: &Description) -> String {
    let Description { bill, unnamed, .. } = description;
    let parts = [Some(&line.transfer_id), bill.as_ref(), unnamed.as_ref()];
    let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
    parts.join(", ")
}

/// The rows of each page. There are the two balances at least, so there is a first page.
fn pages(rows: &[Row]) -> Vec<&[Row]> {
    let first = rows_below(TABLE_FIRST).min(rows.len());
    let mut pages = vec![&rows[..first]];
    pages.extend(rows[first..].chunks(rows_below(TABLE_NEXT)));
    pages
}

fn rows_below(table: f32) -> usize {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a few dozen rows fit on a page"
    )]
    let rows = ((TABLE_END - table - HEAD_HEIGHT) / ROW_HEIGHT) as usize;
    rows
}

/// `59.000,50`: the head of the document says of what.
fn plain(amount: Money) -> String {
    rupiah(amount).replace("Rp ", "")
}

fn document_head(sheet: &mut Sheet, statement: &Statement) {
    let (head, lang) = (&statement.head, statement.lang);
    let say = |text: Text| lang.say(text);
    sheet.text(LEFT, 62.0, Style::new(Font::Bold, 22.0, ACCENT), say(common::BRAND));
    sheet.text_right(
        RIGHT,
        62.0,
        Style::new(Font::Bold, 14.0, INK),
        say(statements::DOCUMENT),
    );
    sheet.rule(LEFT, RIGHT, 74.0, 1.2, ACCENT);
    let mut at = 98.0;
    let wallet = format!("{} ({})", head.wallet_name, head.wallet_id);
    for (label, value, font) in [
        (statements::HOLDER, statement.holder.as_str(), Font::Bold),
        (statements::WALLET, wallet.as_str(), Font::Regular),
        (statements::PERIOD, &statement.month.period(lang), Font::Regular),
    ] {
        sheet.text(LEFT, at, Style::new(Font::Regular, 9.0, SOFT), say(label));
        sheet.text_within(LEFT + 70.0, at, WIDTH - 70.0, Style::new(font, 9.0, INK), value);
        at += 16.0;
    }
    if !head.is_complete {
        let as_of = instant(head.to.min(statement.now), lang);
        let text = lang.fill(statements::NOT_COMPLETE, &[&as_of]);
        sheet.text(LEFT + 70.0, at, Style::new(Font::Bold, 9.0, INK), &text);
    }
    let width = WIDTH / 4.0;
    sheet.band(LEFT, 172.0, WIDTH, 46.0);
    for ((label, sign, amount), place) in [
        (statements::OPENING, "", head.opening_balance),
        (statements::CAME_IN, "+ ", head.came_in),
        (statements::WENT_OUT, "− ", head.went_out),
        (statements::CLOSING, "= ", head.closing_balance),
    ]
    .into_iter()
    .zip(0_u8..)
    {
        let at = LEFT + f32::from(place) * width + 8.0;
        sheet.text(at, 188.0, Style::new(Font::Regular, 8.0, SOFT), say(label));
        let amount = format!("{sign}{}", rupiah(amount));
        sheet.text(at, 207.0, Style::new(Font::Bold, 9.5, INK), &amount);
    }
    sheet.text(
        LEFT,
        240.0,
        Style::new(Font::Regular, 8.0, SOFT),
        say(statements::CURRENCY),
    );
}

fn page_head(sheet: &mut Sheet, statement: &Statement) {
    sheet.text(
        LEFT,
        56.0,
        Style::new(Font::Bold, 12.0, ACCENT),
        statement.lang.say(common::BRAND),
    );
    let month = statement.month.name(statement.lang);
    let what = Font::Regular.width(&font::encode(&month), 9.0) + 12.0;
    sheet.text_right(RIGHT, 56.0, Style::new(Font::Regular, 9.0, INK), &month);
    sheet.text_within(
        LEFT + 60.0,
        56.0,
        WIDTH - 60.0 - what,
        Style::new(Font::Regular, 9.0, INK),
        &statement.head.wallet_name,
    );
    sheet.rule(LEFT, RIGHT, 66.0, 0.8, ACCENT);
}

fn table_head(sheet: &mut Sheet, statement: &Statement, top: f32) {
    let say = |text: Text| statement.lang.say(text);
    sheet.band(LEFT, top, WIDTH, HEAD_HEIGHT - 4.0);
    let line = top + 11.0;
    sheet.text(WHEN, line, Style::new(Font::Bold, TEXT, INK), say(statements::TIME));
    sheet.text(
        WHAT,
        line,
        Style::new(Font::Bold, TEXT, INK),
        say(statements::DESCRIPTION),
    );
    sheet.text_right(
        CAME_IN,
        line,
        Style::new(Font::Bold, TEXT, INK),
        say(statements::CAME_IN),
    );
    sheet.text_right(
        WENT_OUT,
        line,
        Style::new(Font::Bold, TEXT, INK),
        say(statements::WENT_OUT),
    );
    sheet.text_right(
        BALANCE,
        line,
        Style::new(Font::Bold, TEXT, INK),
        say(statements::BALANCE),
    );
}

fn draw(sheet: &mut Sheet, row: &Row, top: f32) {
    let font = if row.is_bold { Font::Bold } else { Font::Regular };
    let line = top + 8.0;
    sheet.text(WHEN, line, Style::new(font, TEXT, INK), &row.when);
    sheet.text_within(WHAT, line, WHAT_WIDTH, Style::new(font, TEXT, INK), &row.what);
    sheet.text_within(
        WHAT,
        line + 8.0,
        REFERENCE_WIDTH,
        Style::new(Font::Regular, SMALL, SOFT),
        &row.reference,
    );
    sheet.text_right(CAME_IN, line, Style::new(font, TEXT, INK), &row.came_in);
    sheet.text_right(WENT_OUT, line, Style::new(font, TEXT, INK), &row.went_out);
    sheet.text_right(BALANCE, line, Style::new(font, TEXT, INK), &row.balance);
    sheet.rule(LEFT, RIGHT, top + ROW_HEIGHT - 3.5, 0.4, FAINT);
}

fn foot(sheet: &mut Sheet, statement: &Statement, page: usize, pages: usize) {
    let numbers = [page.to_string(), pages.to_string()];
    let page_of = statement.lang.fill(statements::PAGE_OF, &[&numbers[0], &numbers[1]]);
    let wallet = format!("{} · {}", statement.head.wallet_id, statement.month.code());
    sheet.text(LEFT, FOOT, Style::new(Font::Regular, 7.5, SOFT), &wallet);
    sheet.text_right(RIGHT, FOOT, Style::new(Font::Regular, 7.5, SOFT), &page_of);
}

/// The file: what it is, its fonts, and for each sheet a page and what is drawn on it.
fn assemble(statement: &Statement, sheets: Vec<Content>) -> Vec<u8> {
    let mut next = 1;
    let mut fresh = || {
        let id = Ref::new(next);
        next += 1;
        id
    };
    let (catalog, tree, info) = (fresh(), fresh(), fresh());
    let fonts = Font::ALL.map(|font| (font, fresh()));
    let pages: Vec<(Ref, Ref)> = sheets.iter().map(|_| (fresh(), fresh())).collect();

    let mut pdf = Pdf::new();
    pdf.set_version(1, 7);
    let mut root = pdf.catalog(catalog);
    root.pages(tree);
    root.lang(TextStr(statement.lang.code()));
    root.viewer_preferences().display_doc_title(true);
    drop(root);
    let title = format!(
        "{} {} – {}",
        statement.lang.say(common::BRAND),
        statement.month.code(),
        statement.head.wallet_name
    );
    pdf.document_info(info)
        .title(TextStr(&title))
        .author(TextStr(statement.lang.say(common::BRAND)));
    let count = i32::try_from(pages.len()).unwrap_or(i32::MAX);
    pdf.pages(tree).kids(pages.iter().map(|(page, _)| *page)).count(count);
    for (font, id) in fonts {
        pdf.type1_font(id)
            .base_font(font.base())
            .encoding_predefined(Name(b"WinAnsiEncoding"));
    }
    for ((page, drawn), sheet) in pages.into_iter().zip(sheets) {
        let mut page = pdf.page(page);
        page.media_box(Rect::new(0.0, 0.0, sheet::PAPER_WIDTH, HEIGHT));
        page.parent(tree);
        page.contents(drawn);
        page.resources()
            .fonts()
            .pairs(fonts.iter().map(|(font, id)| (font.resource(), *id)));
        drop(page);
        pdf.stream(drawn, &sheet.finish());
    }
    pdf.finish()
}

#[cfg(test)]
mod tests;
