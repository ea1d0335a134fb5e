//! The lists of whom to let through and whom to refuse.

use ids::ListEntryId;
use service::page::page_size;
use service::{ApiError, ErrorCode, Timestamp};

use super::App;
use crate::domain::{FraudList, ListKind};
use crate::store::lists::{self, EntryRow};

/// An entry to be added.
#[derive(Clone, Debug)]
pub struct AddListEntry {
    /// To which list.
    pub list: FraudList,
    /// What it is.
    pub kind: ListKind,
    /// Which one, as it was written.
    pub value: String,
    /// Why.
    pub reason: String,
    /// When it ends, if it does.
    pub expires_at: Option<Timestamp>,
    /// Who adds it.
    pub author: String,
}

/// Which entries to show.
#[derive(Clone, Debug, Default)]
pub struct ListEntries {
    /// Of this list.
    pub list: Option<FraudList>,
    /// Of this kind.
    pub kind: Option<ListKind>,
    /// How many.
    pub first: Option<i32>,
    /// Those after this one: the id of the last one seen.
    pub after: Option<String>,
}

impl App {
    /// One page of the entries that hold now, newest first.
    pub async fn list_entries(&self, asked: ListEntries) -> Result<Vec<EntryRow>, ApiError> {
        let limit = page_size(asked.first)?;
        let after = asked
            .after
            .map(|text| ListEntryId::parse(&text).map_err(|_| ApiError::bad_input("`after` is no list entry's id")))
            .transpose()?;
        let now = self.clock.now();
        let found = self
            .database
            .read(move |snapshot| lists::list(snapshot, asked.list, asked.kind, after, now, limit))
            .await;
        found.map_err(ApiError::from)
    }

    /// Adds an entry; checks from the next commit on heed it.
    pub async fn add_list_entry(&self, asked: AddListEntry) -> Result<EntryRow, ApiError> {
        let bad =
            |field: &str, problem: &str| ApiError::bad_input(format!("`{field}`: {problem}")).with("field", field);
        let value = asked
            .kind
            .parse_value(&asked.value)
            .map_err(|problem| bad("value", problem))?;
        let now = self.clock.now();
        if asked.expires_at.is_some_and(|at| at <= now) {
            return Err(bad("expiresAt", "is over already"));
        }
        let entry = EntryRow {
            entry_id: ListEntryId::generate(),
            list: asked.list,
            kind: asked.kind,
            value,
            reason: actions::required_reason(asked.reason)?,
            author: asked.author,
            created_at: now,
            expires_at: asked.expires_at,
        };
        self.database
            .write(move |tx| -> Result<EntryRow, ApiError> {
                if let Some(same) = lists::find_same(tx, entry.list, entry.kind, &entry.value)? {
                    if same.expires_at.is_none_or(|at| at > now) {
                        let problem = "this stands on the list already";
                        return Err(ApiError::new(ErrorCode::Conflict, problem).with("entryId", same.entry_id.as_str()));
                    }
                    lists::delete(tx, same.entry_id)?;
                }
                lists::insert(tx, &entry)?;
                record(tx, "addFraudListEntry", &entry, &entry.author, &entry.reason, now)?;
                Ok(entry.clone())
            })
            .await
    }

    /// Takes an entry off its list, and answers what it was.
    pub async fn remove_list_entry(&self, entry_id: &str, reason: String, by: String) -> Result<EntryRow, ApiError> {
        let missing = || ApiError::not_found("list entry");
        let entry_id = ListEntryId::parse(entry_id).map_err(|_| missing())?;
        let reason = actions::required_reason(reason)?;
        let now = self.clock.now();
        self.database
            .write(move |tx| -> Result<EntryRow, ApiError> {
                let entry = lists::find(tx, entry_id)?.ok_or_else(missing)?;
                lists::delete(tx, entry_id)?;
                record(tx, "removeFraudListEntry", &entry, &by, &reason, now)?;
                Ok(entry)
            })
            .await
    }
}

fn record(
    tx: &mut store::Tx<'_>,
    action: &str,
    entry: &EntryRow,
    actor: &str,
    reason: &str,
    now: Timestamp,
) -> Result<(), ApiError> {
    let (list, kind, value) = (entry.list.as_str(), entry.kind.as_str(), &entry.value);
    let until = entry.expires_at.map_or(String::new(), |at| format!(", until {at}"));
    let detail = format!("{list} {kind} {value}{until}");
    let action = actions::NewAction {
        actor,
        action,
        object: entry.entry_id.as_str(),
        reason: Some(reason),
        detail: Some(&detail),
    };
    actions::record(tx, &action, now)?;
    Ok(())
}
