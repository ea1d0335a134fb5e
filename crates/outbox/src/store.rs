//! The tables `outbox` and `outbox_pauses`.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use service::Timestamp;
use store::{Migration, Snapshot, StoreError, Tx};

use crate::message::{Message, NewMessage, receiver_of};
use crate::schedule::rest_after;

/// The outbox's tables, to be applied behind a service's own migrations.
pub const MIGRATIONS: &[Migration] = store::migrations!["outbox_0001.sql", "outbox_0002.sql"];

/// Adds a message to the transaction that it tells of.
pub fn enqueue(tx: &mut Tx<'_>, message: &NewMessage, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO outbox (lane, ordering_key, receiver, payload, state, attempts, next_attempt_at, created_at)
         VALUES ($1, $2, $3, $4, 'WAITING', 0, $5, $5)",
        &[
            &message.lane,
            &message.ordering_key,
            &receiver_of(&message.ordering_key),
            &message.payload,
            &now,
        ],
    )?;
    Ok(())
}

/// Has a message go out now, with all its attempts before it: one that waits or is parked is taken up again, in its old
/// place; one that was delivered is added once more.
pub fn requeue(tx: &mut Tx<'_>, message: &NewMessage, now: Timestamp) -> Result<(), StoreError> {
    let found = tx.execute(
        "UPDATE outbox SET state = 'WAITING', attempts = 0, next_attempt_at = $4, last_error = NULL
         WHERE lane = $1 AND ordering_key = $2 AND payload = $3",
        &[&message.lane, &message.ordering_key, &message.payload, &now],
    )?;
    if found == 0 {
        enqueue(tx, message, now)?;
    }
    Ok(())
}

/// Parks all that waits for a receiver, and answers how much that was.
pub fn park_waiting(
    tx: &mut Tx<'_>,
    lane: &str,
    receiver: &str,
    reason: &str,
    now: Timestamp,
) -> Result<u64, StoreError> {
    tx.execute(
        "UPDATE outbox SET state = 'PARKED', next_attempt_at = $3, last_error = $4
         WHERE lane = $1 AND state = 'WAITING' AND receiver = $2",
        &[&lane, &receiver, &now, &reason],
    )
}

/// Takes away all that waits or is parked for a receiver that is there no more, and answers with the payloads.
pub fn drop_all(tx: &mut Tx<'_>, lane: &str, receiver: &str) -> Result<Vec<String>, StoreError> {
    let dropped = tx.query(
        "SELECT payload FROM outbox WHERE lane = $1 AND state IN ('WAITING', 'PARKED') AND receiver = $2 ORDER BY message_id",
        &[&lane, &receiver],
        |row| row.get(0),
    )?;
    tx.execute(
        "DELETE FROM outbox WHERE lane = $1 AND state IN ('WAITING', 'PARKED') AND receiver = $2",
        &[&lane, &receiver],
    )?;
    resume(tx, lane, receiver)?;
    Ok(dropped)
}

/// Ends a receiver's rest.
pub fn resume(tx: &mut Tx<'_>, lane: &str, receiver: &str) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM outbox_pauses WHERE lane = $1 AND receiver = $2",
        &[&lane, &receiver],
    )?;
    Ok(())
}

/// How many messages of a service wait, and how many are parked.
pub fn waiting_count(snapshot: &Snapshot<'_>) -> Result<(i64, i64), StoreError> {
    snapshot.query_one(
        "SELECT COUNT(*) FILTER (WHERE state = 'WAITING'), COUNT(*) FILTER (WHERE state = 'PARKED') FROM outbox",
        &[],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// What a look at the table is for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Look {
    /// No more messages than this.
    pub room: usize,
    /// Nor of one receiver, unless `rooms` says otherwise.
    pub room_of_each: usize,
    /// Receivers with less room.
    pub rooms: HashMap<String, usize>,
    /// What was taken before and is under way, by receiver.
    pub in_flight: HashMap<String, HashSet<i64>>,
    /// The look begins behind this receiver, so that all have their turn.
    pub behind: String,
}

/// What a look found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub messages: Vec<Message>,
    /// Behind whom the next look begins.
    pub last: String,
    /// Whether it ended for want of room.
    pub is_full: bool,
}

/// Messages that are due and whose predecessors with the same key have all been delivered (or parked), of every receiver
/// that does not rest.
pub(crate) fn due(snapshot: &Snapshot<'_>, lane: &str, now: Timestamp, look: &Look) -> Result<Found, StoreError> {
    let resting: HashSet<String> = snapshot
        .query(
            "SELECT receiver FROM outbox_pauses WHERE lane = $1 AND paused_until > $2",
            &[&lane, &now],
            |row| row.get(0),
        )?
        .into_iter()
        .collect();
    let mut found = Found {
        last: look.behind.clone(),
        ..Found::default()
    };
    let behind = look.behind.as_str();
    let whole_circle = [(Some(behind), None), (None, Some(behind))];
    let walks = if behind.is_empty() {
        &[(None, None)][..]
    } else {
        &whole_circle[..]
    };
    for (from, to) in walks {
        let mut from = from.map(str::to_owned);
        // One index entry per receiver is read, however many messages each has.
        while let Some(receiver) = next_receiver(snapshot, lane, from.as_deref(), *to)? {
            if found.messages.len() >= look.room {
                found.is_full = true;
                return Ok(found);
            }
            let room = look.rooms.get(&receiver).copied().unwrap_or(look.room_of_each);
            let room = room.min(look.room - found.messages.len());
            if room > 0 && !resting.contains(&receiver) {
                due_of(snapshot, (lane, &receiver), now, look, room, &mut found)?;
            }
            found.last.clone_from(&receiver);
            from = Some(receiver);
        }
    }
    Ok(found)
}

/// The next receiver that something waits for: behind `from`, and not behind `to`.
fn next_receiver(
    snapshot: &Snapshot<'_>,
    lane: &str,
    from: Option<&str>,
    to: Option<&str>,
) -> Result<Option<String>, StoreError> {
    let next: Option<String> = match from {
        None => snapshot.query_opt(
            "SELECT receiver FROM outbox WHERE lane = $1 AND state = 'WAITING' ORDER BY receiver LIMIT 1",
            &[&lane],
            |row| row.get(0),
        )?,
        Some(from) => snapshot.query_opt(
            "SELECT receiver FROM outbox WHERE lane = $1 AND state = 'WAITING' AND receiver > $2 ORDER BY receiver LIMIT 1",
            &[&lane, &from],
            |row| row.get(0),
        )?,
    };
    Ok(next.filter(|next| to.is_none_or(|to| next.as_str() <= to)))
}

fn due_of(
    snapshot: &Snapshot<'_>,
    (lane, receiver): (&str, &str),
    now: Timestamp,
    look: &Look,
    room: usize,
    found: &mut Found,
) -> Result<(), StoreError> {
    let in_flight = look.in_flight.get(receiver);
    let limit = room + in_flight.map_or(0, HashSet::len);
    let due = snapshot.query(
        "SELECT message_id, ordering_key, receiver, payload, attempts, created_at FROM outbox AS due
         WHERE lane = $1 AND state = 'WAITING' AND receiver = $2 AND next_attempt_at <= $3
           AND NOT EXISTS (
               SELECT 1 FROM outbox AS earlier
               WHERE earlier.lane = due.lane AND earlier.ordering_key = due.ordering_key
                 AND earlier.message_id < due.message_id AND earlier.state = 'WAITING')
         ORDER BY next_attempt_at, message_id LIMIT $4",
        &[&lane, &receiver, &now, &i64::try_from(limit).unwrap_or(i64::MAX)],
        |row| {
            Ok(Message {
                message_id: row.get(0)?,
                ordering_key: row.get(1)?,
                receiver: row.get(2)?,
                payload: row.get(3)?,
                attempts: row.get(4)?,
                created_at: row.get(5)?,
            })
        },
    )?;
    let is_new = |message: &Message| in_flight.is_none_or(|known| !known.contains(&message.message_id));
    found.messages.extend(due.into_iter().filter(is_new).take(room));
    Ok(())
}

pub(crate) fn delete(tx: &mut Tx<'_>, message_id: i64) -> Result<(), StoreError> {
    tx.execute("DELETE FROM outbox WHERE message_id = $1", &[&message_id])?;
    Ok(())
}

/// Notes a failed attempt; without a pause the message is parked. What was parked while it was under way stays so.
pub(crate) fn note_failure(
    tx: &mut Tx<'_>,
    message_id: i64,
    reason: &str,
    pause: Option<Duration>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (state, next) = match pause {
        Some(pause) => ("WAITING", now.after(pause)),
        None => ("PARKED", now),
    };
    tx.execute(
        "UPDATE outbox SET attempts = attempts + 1, state = $2, next_attempt_at = $3, last_error = $4
         WHERE message_id = $1 AND state = 'WAITING'",
        &[&message_id, &state, &next, &reason],
    )?;
    Ok(())
}

/// Puts a message off; that was no attempt.
pub(crate) fn postpone(
    tx: &mut Tx<'_>,
    message_id: i64,
    reason: &str,
    pause: Duration,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE outbox SET next_attempt_at = $2, last_error = $3 WHERE message_id = $1 AND state = 'WAITING'",
        &[&message_id, &now.after(pause), &reason],
    )?;
    Ok(())
}

/// Lets a receiver rest, longer each time it asks. Answers that came side by side are one.
pub(crate) fn rest(
    tx: &mut Tx<'_>,
    lane: &str,
    receiver: &str,
    asked: Option<Duration>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let earlier: Option<(u32, Timestamp)> = tx.query_opt(
        "SELECT strikes, paused_until FROM outbox_pauses WHERE lane = $1 AND receiver = $2",
        &[&lane, &receiver],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let asked_until = now.after(asked.unwrap_or_default());
    let (strikes, until) = match earlier {
        Some((strikes, until)) if until > now => (strikes, until.max(asked_until)),
        earlier => {
            let strikes = earlier.map_or(0, |(strikes, _)| strikes).saturating_add(1);
            (strikes, now.after(rest_after(strikes)).max(asked_until))
        }
    };
    tx.execute(
        "INSERT INTO outbox_pauses (lane, receiver, strikes, paused_until) VALUES ($1, $2, $3, $4)
         ON CONFLICT (lane, receiver) DO UPDATE SET strikes = excluded.strikes, paused_until = excluded.paused_until",
        &[&lane, &receiver, &i64::from(strikes), &until],
    )?;
    Ok(())
}
