//! Lists of whom to let through and whom to refuse, and rules put to sleep.

use async_graphql::{Context, Enum, InputObject, Object, SimpleObject};
use service::DateTime;
use service::page::page_cost;
use service::token::caller;

use crate::app::{AddListEntry, App, ListEntries, SnoozeRule, reference};
use crate::domain::{FraudList as Listed, ListKind};
use crate::store::lists::EntryRow;
use crate::store::snoozes::SnoozeRow;

/// Which list.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "Listed")]
pub enum FraudList {
    /// No rule holds or refuses a payment of whoever is on it.
    Allow,
    /// A payment of whoever is on it is refused. It wins over the other list.
    Deny,
}

/// What stands on a list.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "ListKind")]
pub enum FraudListKind {
    /// Somebody who pays.
    User,
    /// A merchant that is paid.
    Merchant,
    /// The IP address that a payment comes from.
    Address,
    /// What stands behind the @ of the payer's e-mail.
    EmailDomain,
}

/// An entry of a list.
#[derive(SimpleObject)]
pub struct FraudListEntry {
    /// The entry's id, also the cursor for `after`.
    entry_id: String,
    /// On which list.
    list: FraudList,
    /// What it is.
    kind: FraudListKind,
    /// Which one.
    value: String,
    /// Why it stands there.
    reason: String,
    /// The user who put it there.
    author: String,
    /// When.
    created_at: DateTime,
    /// When it ends, if it does.
    expires_at: Option<DateTime>,
}

/// An entry to be added.
#[derive(InputObject)]
pub struct FraudListEntryInput {
    /// To which list.
    list: FraudList,
    /// What it is.
    kind: FraudListKind,
    /// Which one: a user's or merchant's id, an IP address, a domain.
    value: String,
    /// Why, for the record.
    reason: String,
    /// When it ends; left out it stands until it is removed.
    expires_at: Option<DateTime>,
}

/// A rule that sleeps for a user.
#[derive(SimpleObject)]
pub struct RuleSnooze {
    /// The snooze's id, also the cursor for `after`.
    snooze_id: String,
    /// The rule's name.
    rule: String,
    /// For whom it sleeps.
    user_id: String,
    /// Until when.
    until: DateTime,
    /// Why.
    reason: String,
    /// The user who put it to sleep.
    author: String,
    /// When.
    created_at: DateTime,
}

/// Queries about lists and snoozes.
#[derive(Default)]
pub struct ListQuery;

#[Object]
impl ListQuery {
    /// Entries that hold now, newest first. For staff.
    #[graphql(complexity = "page_cost(first, child_complexity)")]
    async fn fraud_list_entries(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only of this list.")] list: Option<FraudList>,
        #[graphql(desc = "Only of this kind.")] kind: Option<FraudListKind>,
        #[graphql(desc = "How many, 1 to 500; 100 when left out.")] first: Option<i32>,
        #[graphql(desc = "Only those after this entry in the list.")] after: Option<String>,
    ) -> async_graphql::Result<Option<Vec<FraudListEntry>>> {
        caller(context).staff()?;
        let asked = ListEntries {
            list: list.map(Listed::from),
            kind: kind.map(ListKind::from),
            first,
            after,
        };
        let rows = context.data::<App>()?.list_entries(asked).await?;
        Ok(Some(rows.into_iter().map(FraudListEntry::from).collect()))
    }

    /// Rules that sleep now, newest snooze first. For staff.
    #[graphql(complexity = "page_cost(first, child_complexity)")]
    async fn rule_snoozes(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only for this user.")] user_id: Option<String>,
        #[graphql(desc = "How many, 1 to 500; 100 when left out.")] first: Option<i32>,
        #[graphql(desc = "Only those after this snooze in the list.")] after: Option<String>,
    ) -> async_graphql::Result<Option<Vec<RuleSnooze>>> {
        caller(context).staff()?;
        let user_id = user_id.map(|text| reference("userId", text)).transpose()?;
        let rows = context.data::<App>()?.list_snoozes(user_id, first, after).await?;
        Ok(Some(rows.into_iter().map(RuleSnooze::from).collect()))
    }
}

/// Mutations of lists and snoozes.
#[derive(Default)]
pub struct ListMutation;

#[Object]
impl ListMutation {
    /// Puts a user, merchant, address or e-mail domain on a list. The next check heeds it. For the fraud desk.
    async fn add_fraud_list_entry(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to put on which list.")] input: FraudListEntryInput,
    ) -> async_graphql::Result<Option<FraudListEntry>> {
        let author = caller(context).fraud_desk()?.sub.clone();
        let asked = AddListEntry {
            list: input.list.into(),
            kind: input.kind.into(),
            value: input.value,
            reason: input.reason,
            expires_at: input.expires_at.map(|time| time.0),
            author,
        };
        Ok(Some(context.data::<App>()?.add_list_entry(asked).await?.into()))
    }

    /// Takes an entry off its list, and answers what it was. For the fraud desk.
    async fn remove_fraud_list_entry(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The entry.")] entry_id: String,
        #[graphql(desc = "Why, for the record.")] reason: String,
    ) -> async_graphql::Result<Option<FraudListEntry>> {
        let by = caller(context).fraud_desk()?.sub.clone();
        let removed = context.data::<App>()?.remove_list_entry(&entry_id, reason, by).await?;
        Ok(Some(removed.into()))
    }

    /// Puts a rule to sleep for a user, for at most 30 days. An earlier snooze of the same ends by it. For the fraud desk.
    async fn snooze_rule(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The rule's name.")] rule: String,
        #[graphql(desc = "For whom.")] user_id: String,
        #[graphql(desc = "Until when.")] until: DateTime,
        #[graphql(desc = "Why, for the record.")] reason: String,
    ) -> async_graphql::Result<Option<RuleSnooze>> {
        let author = caller(context).fraud_desk()?.sub.clone();
        let asked = SnoozeRule {
            rule,
            user_id: reference("userId", user_id)?,
            until: until.0,
            reason,
            author,
        };
        Ok(Some(context.data::<App>()?.snooze_rule(asked).await?.into()))
    }

    /// Wakes a rule before its time, and answers which. For the fraud desk.
    async fn end_snooze(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The snooze.")] snooze_id: String,
        #[graphql(desc = "Why, for the record.")] reason: String,
    ) -> async_graphql::Result<Option<RuleSnooze>> {
        let by = caller(context).fraud_desk()?.sub.clone();
        let ended = context.data::<App>()?.end_snooze(&snooze_id, reason, by).await?;
        Ok(Some(ended.into()))
    }
}

impl From<EntryRow> for FraudListEntry {
    fn from(row: EntryRow) -> Self {
        Self {
            entry_id: row.entry_id.to_string(),
            list: row.list.into(),
            kind: row.kind.into(),
            value: row.value,
            reason: row.reason,
            author: row.author,
            created_at: row.created_at.into(),
            expires_at: row.expires_at.map(DateTime::from),
        }
    }
}

impl From<SnoozeRow> for RuleSnooze {
    fn from(row: SnoozeRow) -> Self {
        Self {
            snooze_id: row.snooze_id.to_string(),
            rule: row.rule,
            user_id: row.user_id,
            until: row.until.into(),
            reason: row.reason,
            author: row.author,
            created_at: row.created_at.into(),
        }
    }
}
