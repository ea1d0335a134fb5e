//! A statement as a table: the opening balance, a row for each line, the closing balance. The opening balance and all that
//! came in, less all that went out, is the closing balance, which anybody's spreadsheet can check.

use money::Money;

use super::{Description, Statement};
use crate::csv::Table;
use crate::format::sortable;
use crate::text::statements;

const COLUMNS: usize = 8;

pub(super) fn write(statement: &Statement) -> String {
    let heads = [
        statements::TIME_WIB,
        statements::DESCRIPTION,
        statements::CAME_IN,
        statements::WENT_OUT,
        statements::BALANCE,
        statements::TYPE,
        statements::OTHER_SIDE,
        statements::REFERENCE,
    ];
    let head = &statement.head;
    let say = |text| statement.lang.say(text).to_owned();
    let mut table = Table::new(&heads.map(|text| statement.lang.say(text)));
    table.push(&balance(
        sortable(head.from),
        say(statements::OPENING),
        head.opening_balance,
    ));
    for (line, description) in &statement.lines {
        let amount = line.amount;
        let [came_in, went_out] = if amount.is_negative() {
            [String::new(), magnitude(amount)]
        } else {
            [amount.to_string(), String::new()]
        };
        table.push(&[
            sortable(line.created_at),
            in_full(description),
            came_in,
            went_out,
            line.balance_after.to_string(),
            line.kind.clone(),
            line.counterparty.clone().unwrap_or_default(),
            line.transfer_id.clone(),
        ]);
    }
    let until = if head.is_complete {
        head.to
    } else {
        head.to.min(statement.now)
    };
    table.push(&balance(
        sortable(until),
        say(statements::CLOSING),
        head.closing_balance,
    ));
    table.finish()
}

fn balance(time: String, words: String, balance: Money) -> [String; COLUMNS] {
    let empty = String::new;
    [
        time,
        words,
        empty(),
        empty(),
        balance.to_string(),
        empty(),
        empty(),
        empty(),
    ]
}

/// `Payment to Toko Budi, DS-88001`: the account on the other side has a column of its own.
fn in_full(description: &Description) -> String {
    let Description { words, bill, .. } = description;
    bill.as_ref()
        .map_or_else(|| words.clone(), |bill| format!("{words}, {bill}"))
}

/// An amount without its sign: the column says which way it went.
fn magnitude(amount: Money) -> String {
    amount.checked_neg().unwrap_or(amount).to_string()
}
