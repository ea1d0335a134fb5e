//! The internal API: what the orchestrator delivers, many entries at once.

use async_graphql::{Context, InputObject, Object};
use money::MinorUnits;
use service::Micros;
use service::endpoint::require_service;

use crate::app::App;
use crate::domain::EntryInput;

/// An entry of the audit trail.
#[derive(InputObject)]
pub struct HistoryEntryInput {
    /// What it is the entry of, up to 200 visible ASCII characters: told again it is the same entry.
    /// `{transactionId}:{status}:{userId}` is also what `addHistory` uses.
    entry_key: String,
    /// The transaction.
    transaction_id: String,
    /// In whose list it stands.
    user_id: String,
    /// How much.
    amount_minor: MinorUnits,
    /// In which currency.
    currency: String,
    /// The transaction's type, 1 to 32 of A to Z and `_`.
    kind: String,
    /// What became of it, 1 to 32 of A to Z and `_`.
    status: String,
    /// The virtual account number that was paid.
    va_number: Option<String>,
    /// `IN` or `OUT`, seen from the user.
    direction: String,
    /// The user's wallet.
    wallet_id: Option<String>,
    /// Who is on the other side, up to 200 characters.
    counterparty: Option<String>,
    /// Why it failed.
    failure_code: Option<String>,
    /// When it happened.
    occurred_at: Micros,
}

impl From<HistoryEntryInput> for EntryInput {
    fn from(input: HistoryEntryInput) -> Self {
        Self {
            entry_key: input.entry_key,
            transaction_id: input.transaction_id,
            user_id: input.user_id,
            amount: input.amount_minor,
            currency: input.currency,
            kind: input.kind,
            status: input.status,
            va_number: input.va_number,
            direction: input.direction,
            wallet_id: input.wallet_id,
            counterparty: input.counterparty,
            failure_code: input.failure_code,
            occurred_at: input.occurred_at.0.micros(),
        }
    }
}

/// Queries between services.
pub struct Query;

#[Object]
impl Query {
    /// The id of the entry of a key, if there is one.
    async fn history_id(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The key.")] entry_key: String,
    ) -> async_graphql::Result<Option<String>> {
        require_service(context)?;
        Ok(context.data::<App>()?.find_entry(entry_key).await?)
    }
}

/// Mutations between services.
pub struct Mutation;

#[Object]
impl Mutation {
    /// Adds entries, in one commit and in their order; answers the id of each. At most 512. A key that has an entry
    /// keeps it.
    async fn append_entries(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The entries.")] inputs: Vec<HistoryEntryInput>,
    ) -> async_graphql::Result<Vec<String>> {
        require_service(context)?;
        let inputs = inputs.into_iter().map(EntryInput::from).collect();
        Ok(context.data::<App>()?.append(inputs).await?)
    }
}
