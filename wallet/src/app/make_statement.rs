//! `walletStatement`: a month of a wallet, with what it had before and after.

use std::time::Duration;

use ids::WalletId;
use service::page::page_size;
use service::token::Claims;
use service::{ApiError, ErrorCode, Timestamp};
use store::Snapshot;

use super::App;
use super::list_postings::{find_visible, place_of, transfer_of_posting};
use crate::domain::{Account, AccountId, Month};
use crate::store::postings::{self, Moved, Place, PostingLine, Standing};

/// A posting is dated when it is asked for and is on disk a moment later: so long after its end a month may still get one.
const SETTLES_WITHIN: Duration = Duration::from_secs(5 * 60);

/// Which statement somebody wants to see, and which of its lines.
pub struct AskedStatement {
    /// Of which wallet.
    pub wallet_id: WalletId,
    /// Of which month.
    pub month: Month,
    /// How many lines.
    pub first: Option<i32>,
    /// Those after this posting.
    pub after: Option<String>,
}

/// A month of a wallet. What it had, and what came in less what went out, is what it has.
#[derive(Clone, Debug)]
pub struct Statement {
    /// The wallet as it is now.
    pub wallet: Account,
    /// The month.
    pub month: Month,
    /// Whether nothing can be added to the month any more.
    pub is_complete: bool,
    /// What the wallet had when the month began, in minor units.
    pub opening_minor: i64,
    /// What it had when the month ended, or has now.
    pub closing_minor: i64,
    /// What moved in between.
    pub moved: Moved,
    /// A page of it, the oldest first.
    pub lines: Vec<PostingLine>,
}

impl App {
    /// The statement of a month that has begun, of a wallet that was there before it ended. All of it is read at one moment.
    pub async fn make_statement(&self, caller: &Claims, asked: AskedStatement) -> Result<Statement, ApiError> {
        let limit = page_size(asked.first)?;
        let after = asked.after.as_deref().map(transfer_of_posting).transpose()?;
        let (now, month, wallet_id, caller) = (self.clock.now(), asked.month, asked.wallet_id, caller.clone());
        self.database
            .read(move |snapshot| {
                let wallet = find_visible(snapshot, &caller, wallet_id)?;
                check_month(&month, &wallet, now)?;
                let account_id = &wallet.account_id;
                let place = match after {
                    None => Place::before(month.from()),
                    Some(transfer_id) => place_of(snapshot, account_id, transfer_id)?.max(Place::before(month.from())),
                };
                let lines = postings::oldest_first(snapshot, account_id, place, month.to(), limit)?;
                let (opening, closing, moved) = sums(snapshot, account_id, &month)?;
                let statement = Statement {
                    month,
                    is_complete: now >= month.to().after(SETTLES_WITHIN),
                    opening_minor: opening.balance_minor,
                    closing_minor: closing.balance_minor,
                    moved,
                    lines,
                    wallet,
                };
                check_it_adds_up(&statement, opening, closing)?;
                Ok(statement)
            })
            .await
    }
}

fn sums(
    snapshot: &Snapshot<'_>,
    account_id: &AccountId,
    month: &Month,
) -> Result<(Standing, Standing, Moved), ApiError> {
    let (from, to) = (month.from(), month.to());
    Ok((
        postings::standing_at(snapshot, account_id, from)?,
        postings::standing_at(snapshot, account_id, to)?,
        postings::moved(snapshot, account_id, from, to)?,
    ))
}

/// A statement of a time in which there was nothing to tell is more likely a slip than a question.
fn check_month(month: &Month, wallet: &Account, now: Timestamp) -> Result<(), ApiError> {
    let problem = if month.from() > now {
        "the month has not begun yet"
    } else if month.to() <= wallet.created_at {
        "the wallet was opened after that month"
    } else {
        return Ok(());
    };
    Err(ApiError::bad_input(problem).with("field", "month"))
}

/// The last look before it goes out: balances, sums and lines come from different rows, and say the same.
fn check_it_adds_up(statement: &Statement, opening: Standing, closing: Standing) -> Result<(), ApiError> {
    let Moved {
        came_in_minor,
        went_out_minor,
        lines,
    } = statement.moved;
    let adds_up = opening.balance_minor.checked_add(came_in_minor) == closing.balance_minor.checked_add(went_out_minor)
        && opening.account_sequence + lines == closing.account_sequence
        && statement.lines.windows(2).all(|pair| {
            pair[0].balance_after_minor.checked_add(pair[1].amount_minor) == Some(pair[1].balance_after_minor)
        });
    if adds_up {
        return Ok(());
    }
    tracing::error!(
        wallet_id = %statement.wallet.account_id,
        month = statement.month.as_text(),
        ?opening,
        ?closing,
        moved = ?statement.moved,
        "a statement does not add up: the ledger is damaged"
    );
    Err(ApiError::new(ErrorCode::Internal, "something went wrong on our side"))
}
