//! What a receipt says, for people.

use maud::{Markup, html};
use money::Money;
use service::Timestamp;

use crate::api::{Receipt, ReceiptVerification};
use crate::format::rupiah;
use crate::pages::notice::{Tone, notice};
use crate::pages::words;
use crate::text::{Text, app, common, receipts};
use crate::visit::Visit;

/// Of the record, its place and its signature what a page shows.
pub(super) struct Facts {
    pub(super) transaction_id: String,
    pub(super) user_id: String,
    pub(super) kind: String,
    pub(super) status: String,
    pub(super) wallet_id: Option<String>,
    pub(super) counterparty: Option<String>,
    is_in: bool,
    amount: Money,
    va_number: Option<String>,
    failure_code: Option<String>,
    occurred_at: Timestamp,
    sequence: i64,
    tree_size: i64,
    signed_at: Timestamp,
    key_id: String,
}

/// What is not in a receipt and is known all the same, to the one whose receipt it is.
#[derive(Default)]
pub(super) struct Names {
    pub(super) holder: Option<String>,
    pub(super) wallet: Option<String>,
    pub(super) counterparty: Option<String>,
    pub(super) order: Option<String>,
    pub(super) description: Option<String>,
}

/// One line of the list. The script of the page that verifies fills them by their names.
pub(super) struct Row {
    name: &'static str,
    label: Text,
    value: String,
    /// An id that stands for what the value names.
    id: String,
}

impl Facts {
    pub(super) fn of_receipt(receipt: Receipt) -> Option<Self> {
        let signed_at = receipt.signed_at()?;
        let (amount, entry) = (receipt.entry.amount(), receipt.entry);
        Some(Self {
            transaction_id: entry.transaction_id,
            user_id: entry.user_id,
            kind: entry.kind,
            status: entry.status,
            wallet_id: entry.wallet_id,
            counterparty: entry.counterparty,
            is_in: entry.direction == "IN",
            amount: amount?,
            va_number: entry.va_number,
            failure_code: entry.failure_code,
            occurred_at: entry.occurred_at,
            sequence: entry.sequence,
            tree_size: receipt.tree_size,
            signed_at,
            key_id: receipt.key_id,
        })
    }

    /// `None` when the receipt does not hold.
    pub(super) fn of_verification(told: ReceiptVerification) -> Option<Self> {
        let entry = told.entry.filter(|_| told.holds)?;
        let key = told.public_key?;
        Some(Self {
            amount: entry.record.amount(),
            user_id: entry.user_id,
            transaction_id: entry.record.transaction_id,
            kind: entry.record.kind,
            status: entry.record.status,
            wallet_id: entry.record.wallet_id,
            counterparty: entry.record.counterparty,
            is_in: entry.record.direction == "IN",
            va_number: entry.record.va_number,
            failure_code: entry.record.failure_code,
            occurred_at: entry.record.created_at,
            sequence: told.sequence?,
            tree_size: told.tree_size?,
            signed_at: told.signed_at?,
            key_id: key.split('+').nth(1)?.to_owned(),
        })
    }

    pub(super) fn is_done(&self) -> bool {
        self.status == "SUCCESS"
    }

    pub(super) fn amount(&self) -> String {
        let sign = if self.is_in { "+" } else { "−" };
        format!("{sign}{}", rupiah(self.amount))
    }

    /// The words for a status.
    pub(super) fn status<'a>(&'a self, visit: &Visit) -> &'a str {
        words::or_code(visit, words::status(&self.status), &self.status)
    }

    pub(super) fn rows(&self, visit: &Visit, names: Names) -> Vec<Row> {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let other_side = |is_here: bool, name: &'static str, label| {
            let id = if is_here {
                text(&self.counterparty)
            } else {
                String::new()
            };
            named(name, label, names.counterparty.clone().filter(|_| is_here), id)
        };
        let failure = self.failure_code.as_deref();
        let failure = failure.map(|code| format!("{} ({code})", visit.say(words::failure(code).0)));
        let kind = words::or_code(visit, words::kind(&self.kind), &self.kind);
        let signed = visit.fill(
            receipts::SIGNED_WHEN,
            &[&words::instant(visit, self.signed_at), &self.tree_size.to_string()],
        );
        vec![
            row("kind", app::COLUMN_TYPE, kind.to_owned()),
            row("status", app::COLUMN_STATUS, self.status(visit).to_owned()),
            row("failure", app::COLUMN_FAILURE, failure.unwrap_or_default()),
            other_side(!self.is_in, "to", receipts::TO),
            other_side(self.is_in, "from", receipts::FROM),
            row("order", receipts::ORDER, names.order.unwrap_or_default()),
            row("note", common::NOTE, names.description.unwrap_or_default()),
            row("va", app::COLUMN_VA, text(&self.va_number)),
            named("wallet", app::COLUMN_WALLET, names.wallet, text(&self.wallet_id)),
            named("user", receipts::HOLDER, names.holder, self.user_id.clone()),
            row("time", common::TIME, words::instant(visit, self.occurred_at)),
            named(
                "transaction",
                app::COLUMN_TRANSACTION,
                None,
                self.transaction_id.clone(),
            ),
            row("sequence", receipts::SEQUENCE, self.sequence.to_string()),
            row("signed", receipts::SIGNED, signed),
            row("key", receipts::KEY_ID, self.key_id.clone()),
        ]
    }
}

/// The lines with nothing in them.
pub(super) fn empty_rows() -> Vec<Row> {
    let empty = |(name, label)| row(name, label, String::new());
    let rows = [
        ("kind", app::COLUMN_TYPE),
        ("status", app::COLUMN_STATUS),
        ("failure", app::COLUMN_FAILURE),
        ("to", receipts::TO),
        ("from", receipts::FROM),
        ("va", app::COLUMN_VA),
        ("wallet", app::COLUMN_WALLET),
        ("user", receipts::HOLDER),
        ("time", common::TIME),
        ("transaction", app::COLUMN_TRANSACTION),
        ("sequence", receipts::SEQUENCE),
        ("signed", receipts::SIGNED),
        ("key", receipts::KEY_ID),
    ];
    rows.map(empty).into()
}

fn row(name: &'static str, label: Text, value: String) -> Row {
    let id = String::new();
    Row { name, label, value, id }
}

fn named(name: &'static str, label: Text, value: Option<String>, id: String) -> Row {
    let value = value.unwrap_or_default();
    Row { name, label, value, id }
}

/// The list. A line with nothing to say is hidden, and there to be filled.
pub(super) fn list(visit: &Visit, rows: &[Row]) -> Markup {
    html! {
        dl.facts.proven {
            @for row in rows {
                div data-fact=(row.name) hidden[row.value.is_empty() && row.id.is_empty()] {
                    dt { (visit.say(row.label)) }
                    dd {
                        (row.value)
                        @if !row.id.is_empty() { span.code { (row.id) } }
                    }
                }
            }
        }
    }
}

/// What must not be overlooked: that the record is genuine and nothing was paid.
pub(super) fn not_paid(visit: &Visit, status: &str) -> Markup {
    notice(
        Tone::Bad,
        visit.say(receipts::NOT_PAID),
        &visit.fill(receipts::NOT_PAID_TEXT, &[status]),
    )
}
