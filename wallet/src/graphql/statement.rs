//! A wallet's statement as clients see it.

use async_graphql::SimpleObject;
use money::{Decimal, Money};
use service::{ApiError, DateTime};

use super::staff::Posting;
use crate::app::make_statement::Statement;
use crate::domain::{Month, NoMonth};

/// A month of a wallet: `openingBalance` + `cameIn` − `wentOut` = `closingBalance`, always. Lines are only ever added at
/// the end: the first `lineCount` of them are those that the sums are of, also when they are fetched in several pages.
#[derive(SimpleObject)]
pub struct WalletStatement {
    /// Of which wallet.
    wallet_id: String,
    /// What its owner calls it now.
    wallet_name: String,
    /// ISO 4217 code.
    currency: String,
    /// The month, such as `2026-11`.
    month: String,
    /// When it begins.
    from: DateTime,
    /// When it ends: the beginning of the next one, which is no part of it.
    to: DateTime,
    /// False while something can still be added to it: until five minutes after its end.
    is_complete: bool,
    /// What was in the wallet when the month began; zero if it was opened later.
    opening_balance: Decimal,
    /// What was in it when the month ended; while that is still to come, what is in it now.
    closing_balance: Decimal,
    /// The sum of all that came in.
    came_in: Decimal,
    /// The sum of all that went out.
    went_out: Decimal,
    /// How many lines there are in all.
    line_count: i64,
    /// The lines, or those of the page that was asked for, the oldest first.
    lines: Vec<Posting>,
}

impl TryFrom<Statement> for WalletStatement {
    type Error = ApiError;

    fn try_from(statement: Statement) -> Result<Self, ApiError> {
        let Statement { wallet, month, .. } = statement;
        let amount = |minor: i64| Money::new(minor, wallet.currency).map(Decimal::from);
        let lines = statement.lines.into_iter().map(|line| Posting::of(&wallet, line));
        Ok(Self {
            lines: lines.collect::<Result<_, ApiError>>()?,
            is_complete: statement.is_complete,
            opening_balance: amount(statement.opening_minor)?,
            closing_balance: amount(statement.closing_minor)?,
            came_in: amount(statement.moved.came_in_minor)?,
            went_out: amount(statement.moved.went_out_minor)?,
            line_count: statement.moved.lines,
            month: month.as_text(),
            from: month.from().into(),
            to: month.to().into(),
            wallet_id: wallet.account_id.to_string(),
            currency: wallet.currency.code().to_owned(),
            wallet_name: wallet.name,
        })
    }
}

/// The month that a client means.
pub(super) fn read_month(text: &str, utc_offset_minutes: Option<i32>) -> Result<Month, ApiError> {
    Month::parse(text, utc_offset_minutes).map_err(|error| {
        let field = match error {
            NoMonth::Text => "month",
            NoMonth::Offset => "utcOffsetMinutes",
        };
        ApiError::bad_input(error.to_string()).with("field", field)
    })
}
