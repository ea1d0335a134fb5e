//! All of a statement, page by page.

use money::Money;
use serde_json::json;

use super::{LINES_MAX, Month, NoFile};
use crate::api::{Failure, StatementLine, WalletStatement, documents};
use crate::visit::Visit;

/// As many as a list of the gateway has at most.
const PAGE: usize = 500;

/// What the ledger says of a month, and every line of it. While the month lasts, lines may come in between two pages: they
/// come at the end, and the statement is of what there was when its first page was made.
pub(super) async fn all(
    visit: &Visit,
    wallet_id: &str,
    month: Month,
) -> Result<(WalletStatement, Vec<StatementLine>), NoFile> {
    let ask = async |after: Option<&str>| {
        let variables = json!({ "walletId": wallet_id, "month": month.code(), "first": PAGE, "after": after });
        let page = visit.ask(&documents::WALLET_STATEMENT, variables).await;
        page.map_err(NoFile::Failed)
    };
    let mut head = ask(None).await?;
    let mut lines = std::mem::take(&mut head.lines);
    let count = usize::try_from(head.line_count).unwrap_or(usize::MAX);
    if count > LINES_MAX {
        return Err(NoFile::TooLong(head.line_count));
    }
    while lines.len() < count {
        let after = lines.last().map(|line| line.posting_id.clone());
        let page = ask(after.as_deref()).await?;
        if page.lines.is_empty() {
            break;
        }
        lines.extend(page.lines);
    }
    lines.truncate(count);
    if !adds_up(&head, &lines) {
        tracing::error!(
            wallet_id,
            month = month.code(),
            "the pages of a statement do not add up to it"
        );
        return Err(NoFile::Failed(Failure::Unavailable));
    }
    Ok((head, lines))
}

/// Each balance follows from the one before it, and the sums are the sums.
fn adds_up(head: &WalletStatement, lines: &[StatementLine]) -> bool {
    let (mut balance, mut came_in, mut went_out) = (head.opening_balance.minor(), 0_i64, 0_i64);
    for line in lines {
        let amount = line.amount.minor();
        balance += amount;
        if amount > 0 {
            came_in += amount;
        } else {
            went_out -= amount;
        }
        if balance != line.balance_after.minor() {
            return false;
        }
    }
    let is = |money: Money, minor: i64| money.minor() == minor;
    i64::try_from(lines.len()) == Ok(head.line_count)
        && is(head.closing_balance, balance)
        && is(head.came_in, came_in)
        && is(head.went_out, went_out)
}
