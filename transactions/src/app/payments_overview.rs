//! How payments go, from what was counted when each ended.

use std::collections::BTreeMap;
use std::time::Duration;

use money::{Currency, MAX_MINOR, Money};
use outbox::history;
use service::token::Caller;
use service::{ApiError, Timestamp};

use super::App;
use crate::clients::fraud::FRAUD_LANE;
use crate::clients::merchant::NOTIFY_LANE;
use crate::store::events::WEBHOOK_LANE;
use crate::store::outbox_messages::{self, QueueRow};
use crate::store::payment_minutes::{self, MINUTE_MICROS, MinuteRow};
use crate::store::{reviews, sagas};

/// The service's lanes.
pub(super) const LANES: [&str; 4] = [history::LANE, FRAUD_LANE, NOTIFY_LANE, WEBHOOK_LANE];
/// A day.
const MINUTES_MAX: i32 = 1_440;

/// A minute.
#[derive(Clone, Copy, Debug)]
pub struct Minute {
    /// Its beginning.
    pub at: Timestamp,
    /// How many transactions succeeded, or were authorized.
    pub succeeded: i64,
    /// How many failed.
    pub failed: i64,
    /// How many began to wait for a person.
    pub review: i64,
    /// How much succeeded.
    pub volume: Money,
}

/// How payments go.
#[derive(Clone, Debug)]
pub struct Overview {
    /// Each minute, the oldest first.
    pub minutes: Vec<Minute>,
    /// Why transactions failed, the commonest cause first.
    pub refusals: Vec<(String, i64)>,
    /// How full the lanes are.
    pub queues: Vec<QueueRow>,
    /// How many wait for a person.
    pub in_review: i64,
    /// How many are under way.
    pub pending: i64,
    /// When this was so.
    pub now: Timestamp,
}

impl Minute {
    const fn empty(at: Timestamp) -> Self {
        Self {
            at,
            succeeded: 0,
            failed: 0,
            review: 0,
            volume: Money::zero(Currency::Idr),
        }
    }
}

impl App {
    /// How payments went in the last minutes, this one included.
    pub async fn payments_overview(&self, caller: &Caller, minutes: i32) -> Result<Overview, ApiError> {
        caller.staff()?;
        if !(1..=MINUTES_MAX).contains(&minutes) {
            return Err(ApiError::bad_input(format!(
                "`minutes` must be between 1 and {MINUTES_MAX}"
            )));
        }
        let now = self.clock.now();
        let back = u64::try_from(minutes - 1).unwrap_or(0) * 60;
        let first = payment_minutes::minute_of(now.before(Duration::from_secs(back)));
        let found = self.database.read(move |snapshot| {
            let queues = LANES.iter().map(|lane| outbox_messages::depth(snapshot, lane));
            Ok::<_, ApiError>((
                payment_minutes::since(snapshot, first)?,
                queues.collect::<Result<Vec<_>, _>>()?,
                reviews::count_open(snapshot)?,
                sagas::count(snapshot)?.0,
            ))
        });
        let (rows, queues, in_review, pending) = found.await?;
        let all = (0..i64::from(minutes))
            .map(|number| Minute::empty(Timestamp::from_micros(first.micros() + number * MINUTE_MICROS)));
        let (minutes, refusals) = sum(all.collect(), &rows);
        Ok(Overview {
            minutes,
            refusals,
            queues,
            in_review,
            pending,
            now,
        })
    }
}

fn sum(mut minutes: Vec<Minute>, rows: &[MinuteRow]) -> (Vec<Minute>, Vec<(String, i64)>) {
    let mut refusals: BTreeMap<&str, i64> = BTreeMap::new();
    for row in rows {
        let Ok(index) = minutes.binary_search_by_key(&row.minute_at, |minute| minute.at) else {
            continue;
        };
        let minute = &mut minutes[index];
        match row.outcome.as_str() {
            "SUCCESS" | "AUTHORIZED" => {
                minute.succeeded += row.count;
                minute.volume = plus(minute.volume, row.volume_minor);
            }
            "REVIEW" => minute.review += row.count,
            code => {
                minute.failed += row.count;
                *refusals.entry(code).or_default() += row.count;
            }
        }
    }
    let mut refusals: Vec<(String, i64)> = refusals
        .into_iter()
        .map(|(code, count)| (code.to_owned(), count))
        .collect();
    refusals.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    (minutes, refusals)
}

/// A sum for people: beyond the largest amount there is, it stays there.
pub fn plus(sum: Money, minor: i64) -> Money {
    let minor = sum.minor().saturating_add(minor).clamp(0, MAX_MINOR);
    Money::new(minor, sum.currency()).unwrap_or(sum)
}
