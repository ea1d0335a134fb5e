//! A line in words: what it was, with whom, and for which bill.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::json;

use crate::api::{Failure, StatementLine, documents};
use crate::pages::words;
use crate::text::{Lang, statements};
use crate::visit::Visit;

const PAGE: usize = 500;
/// The history has the months of all wallets of its owner, and refusals besides.
const PAGES_MAX: usize = 40;
/// A transaction is in the history a moment after its money has moved; after a crash, when it is taken up again.
const LATE_MAX: Duration = Duration::from_secs(24 * 60 * 60);
/// Ledger and history tell the time by two clocks.
const EARLY_MAX: Duration = Duration::from_secs(60 * 60);

/// What is known besides the ledger's own words.
#[derive(Debug, Default)]
pub(crate) struct Details {
    /// The reader's own wallets by their ids.
    pub(crate) own_wallets: HashMap<String, String>,
    /// Whether the reader's history is that of the wallet's owner.
    pub(crate) has_history: bool,
}

/// A line in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Description {
    /// `Payment to Toko Budi`.
    pub(super) words: String,
    /// The wallet on the other side, where nobody may know more of it.
    pub(super) unnamed: Option<String>,
    /// The number of the bill that was paid.
    pub(super) bill: Option<String>,
}

/// Numbers of bills by what their transfers and transactions have in common.
pub(super) struct Bills(HashMap<String, String>);

impl Details {
    /// The bills that were paid in this month, from the owner's history.
    pub(super) async fn bills(&self, visit: &Visit, lines: &[StatementLine]) -> Result<Bills, Failure> {
        let mut bills = HashMap::new();
        let paid = |line: &StatementLine| line.kind == "PAYMENT";
        let (Some(first), Some(last), true) = (
            lines.iter().find(|line| paid(line)),
            lines.iter().rfind(|line| paid(line)),
            self.has_history,
        ) else {
            return Ok(Bills(bills));
        };
        let from = first.created_at.before(EARLY_MAX).to_string();
        let to = last.created_at.after(LATE_MAX).to_string();
        let mut after: Option<String> = None;
        for _ in 0..PAGES_MAX {
            let variables = json!({
                "first": PAGE, "after": after, "type": "PAYMENT", "status": "SUCCESS", "from": from, "to": to,
            });
            let entries = visit.ask(&documents::MY_HISTORY, variables).await?;
            let is_last = entries.len() < PAGE;
            after = entries.last().map(|entry| entry.history_id.clone());
            for entry in entries {
                if let Some(number) = entry.va_number {
                    bills.insert(without_prefix(&entry.transaction_id).to_owned(), number);
                }
            }
            if is_last {
                break;
            }
        }
        Ok(Bills(bills))
    }

    pub(super) fn describe(&self, lang: Lang, line: &StatementLine, bills: &Bills) -> Description {
        let kind = words::kind(&line.kind).map_or(line.kind.as_str(), |text| lang.say(text));
        let fill = |other: &str| {
            let pattern = if line.amount.is_negative() {
                statements::TO
            } else {
                statements::FROM
            };
            lang.fill(pattern, &[kind, other])
        };
        // That it is the bank says the kind.
        let account = line
            .counterparty
            .as_deref()
            .filter(|account| account.starts_with("wal_"));
        let named = account.and_then(|account| {
            let own = self.own_wallets.get(account).map(String::as_str);
            own.or(line.counterparty_name.as_deref())
        });
        Description {
            words: match (named, account) {
                (Some(name), _) => fill(name),
                (None, Some(_)) => fill(lang.say(statements::OTHER_WALLET)),
                (None, None) => kind.to_owned(),
            },
            unnamed: account.filter(|_| named.is_none()).map(str::to_owned),
            bill: bills.0.get(without_prefix(&line.transfer_id)).cloned(),
        }
    }
}

/// `trx_X` is posted as `xfr_X`.
fn without_prefix(id: &str) -> &str {
    id.split_once('_').map_or(id, |(_, rest)| rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(kind: &str, amount: i64, counterparty: Option<&str>, name: Option<&str>) -> StatementLine {
        let text = json!({
            "postingId": "xfr_01:0", "transferId": "xfr_01", "kind": kind, "amount": amount, "balanceAfter": 0,
            "counterparty": counterparty, "counterpartyName": name, "createdAt": "2026-11-25T00:00:00Z",
        });
        serde_json::from_value(text).unwrap()
    }

    #[test]
    fn lines_say_what_with_whom_and_for_what() {
        let details = Details {
            own_wallets: HashMap::from([("wal_own".to_owned(), "Tabungan".to_owned())]),
            has_history: true,
        };
        let paid = Bills(HashMap::from([("01".to_owned(), "DS-88001".to_owned())]));
        let unpaid = Bills(HashMap::from([("02".to_owned(), "DS-88002".to_owned())]));
        #[track_caller]
        fn check(
            (details, bills): (&Details, &Bills),
            line: &StatementLine,
            words: [&str; 2],
            unnamed: Option<&str>,
            bill: Option<&str>,
        ) {
            for (lang, words) in [Lang::Id, Lang::En].into_iter().zip(words) {
                let expect = Description {
                    words: words.to_owned(),
                    unnamed: unnamed.map(str::to_owned),
                    bill: bill.map(str::to_owned),
                };
                assert_eq!(details.describe(lang, line, bills), expect);
            }
        }
        let payment = line("PAYMENT", -5, Some("wal_shop"), Some("Toko Budi"));
        let words = ["Pembayaran ke Toko Budi", "Payment to Toko Budi"];
        check((&details, &paid), &payment, words, None, Some("DS-88001"));
        check((&details, &unpaid), &payment, words, None, None);
        let split = line("PAYMENT", -5, None, None);
        check(
            (&details, &paid),
            &split,
            ["Pembayaran", "Payment"],
            None,
            Some("DS-88001"),
        );
        let own = line("TRANSFER", 5, Some("wal_own"), None);
        let words = ["Transfer dari Tabungan", "Transfer from Tabungan"];
        check((&details, &unpaid), &own, words, None, None);
        let other = line("TRANSFER", -5, Some("wal_other"), None);
        let words = ["Transfer ke dompet lain", "Transfer to another wallet"];
        check((&details, &unpaid), &other, words, Some("wal_other"), None);
        let deposit = line("DEPOSIT", 5, Some("bank_clearing:IDR"), None);
        check((&details, &unpaid), &deposit, ["Isi saldo", "Top-up"], None, None);
        let refund = line("REFUND", 5, Some("wal_shop"), Some("Toko Budi"));
        let words = ["Pengembalian dana dari Toko Budi", "Refund from Toko Budi"];
        check((&details, &unpaid), &refund, words, None, None);
        let new = line("NEW_KIND", 5, None, None);
        check((&details, &unpaid), &new, ["NEW_KIND", "NEW_KIND"], None, None);
    }
}
