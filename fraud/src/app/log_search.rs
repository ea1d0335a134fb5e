//! Finds logs by any filter in any order, and never looks at more than a bounded number of them.
//!
//! A list that stands in an index in its order is walked along it; what the index knows and the other filters do not
//! want is passed over. A list that stands in none is gathered whole from the index of one of its filters, and sorted, as
//! long as that is not too much. What neither serves is refused, with what to narrow.

use std::cmp::Ordering;
use std::collections::HashSet;

use service::{ApiError, Timestamp};
use store::{Snapshot, StoreError};

use super::log_walks::{CHUNK_MAX, Merged, length};
use crate::domain::Outcome;
use crate::store::deletions;
use crate::store::log_index::{self, LogKey, Source, Stretch, Way};

/// So many are gathered and sorted for one page where nothing else serves.
const GATHERED_MAX: i64 = 50_000;
/// So many where a longer walk would serve as well.
const GATHERED_INSTEAD_MAX: i64 = 20_000;
/// So many are looked at along an index before anything else is tried: of what is not rare, that is enough for a page.
const FIRST_LOOKS: usize = 10_000;
/// So many are looked at along an index for one page.
const LOOKS_MAX: usize = 100_000;
/// Hidden logs that are kept at hand; of more, each is asked for alone.
const HIDDEN_AT_HAND: i64 = 1_000;

/// The order of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogSort {
    /// Newest first.
    #[default]
    Newest,
    /// Oldest first.
    Oldest,
    /// Highest score first, newest first among those of one score.
    HighestScore,
    /// Largest amount first, newest first among those of one amount.
    LargestAmount,
}

/// Which logs, and in which order.
#[derive(Clone, Debug)]
pub struct LogSearch {
    /// Of this outcome.
    pub outcome: Option<Outcome>,
    /// Of this user.
    pub user_id: Option<String>,
    /// In which this rule fired.
    pub rule: Option<String>,
    /// From this time
    pub from: Timestamp,
    /// to before this one.
    pub to: Timestamp,
    /// Scores from and to.
    pub scores: (u32, u32),
    /// Amounts from and to, in minor units.
    pub amounts: (i64, i64),
    /// In this order.
    pub sort: LogSort,
}

/// Every score there is.
pub const SCORES_ALL: (u32, u32) = (0, 100);
/// Every amount there is.
pub const AMOUNTS_ALL: (i64, i64) = (i64::MIN, i64::MAX);

/// The index along which a list stands in its order.
enum Walk {
    /// Along these, merged by time.
    Time(Way, Vec<Source>),
    /// Score by score from the highest, along these.
    Scores(Vec<(Outcome, u32)>),
    /// Along the amounts.
    Amounts,
}

/// The index from which a list is gathered whole, to be sorted.
enum Gather {
    /// From these.
    Sources(Vec<Source>),
    /// From the amounts.
    Amounts,
}

impl LogSearch {
    /// The next logs behind `after`.
    pub fn page(&self, snapshot: &Snapshot<'_>, after: Option<LogKey>, limit: usize) -> Result<Vec<LogKey>, ApiError> {
        if self.is_empty() {
            return Ok(Vec::new());
        }
        let Some(walk) = self.walk(snapshot)? else {
            let gathered = self.gather(snapshot, GATHERED_MAX)?.ok_or_else(too_many)?;
            return self.sort_and_take(gathered, after, &mut Taken::new(self, snapshot, limit)?);
        };
        let mut taken = Taken::new(self, snapshot, limit)?;
        taken.looks_max = FIRST_LOOKS;
        self.take_along(&walk, after, &mut taken)?;
        if !taken.is_worn_out {
            return Ok(taken.keys);
        }
        if let Some(gathered) = self.gather(snapshot, GATHERED_INSTEAD_MAX)? {
            return self.sort_and_take(gathered, after, &mut Taken::new(self, snapshot, limit)?);
        }
        let mut taken = Taken::new(self, snapshot, limit)?;
        self.take_along(&walk, after, &mut taken)?;
        if taken.is_worn_out {
            Err(too_many())
        } else {
            Ok(taken.keys)
        }
    }

    /// How many there are, and whether that is all: counting ends at `bound`.
    pub fn count(&self, snapshot: &Snapshot<'_>, bound: usize) -> Result<(usize, bool), ApiError> {
        if self.is_empty() {
            return Ok((0, true));
        }
        let mut search = self.clone();
        // The order is free: along the amounts nothing is passed over for its amount.
        search.sort = match search.own() {
            None if search.amounts != AMOUNTS_ALL => LogSort::LargestAmount,
            _ => LogSort::Newest,
        };
        let mut taken = Taken::new(&search, snapshot, bound + 1)?;
        if let Some(gathered) = search.gather(snapshot, GATHERED_INSTEAD_MAX)? {
            search.take_from(&gathered, &mut taken)?;
        } else if let Some(walk) = search.walk(snapshot)? {
            search.take_along(&walk, None, &mut taken)?;
        }
        let found = taken.keys.len();
        Ok((found.min(bound), found <= bound && !taken.is_worn_out))
    }

    fn is_empty(&self) -> bool {
        self.from >= self.to || self.scores.0 > self.scores.1 || self.amounts.0 > self.amounts.1
    }

    /// The index along which the list stands in its order, if there is one.
    fn walk(&self, snapshot: &Snapshot<'_>) -> Result<Option<Walk>, StoreError> {
        let way = match self.sort {
            LogSort::Newest => Way::Back,
            LogSort::Oldest => Way::Forth,
            // Of a user or rule there is none by score or amount.
            LogSort::HighestScore | LogSort::LargestAmount if self.own().is_some() => return Ok(None),
            LogSort::HighestScore => return Ok(Some(Walk::Scores(self.scored(snapshot)?))),
            LogSort::LargestAmount => return Ok(Some(Walk::Amounts)),
        };
        let along = match self.own() {
            Some(own) => vec![own],
            None if self.is_by_score() => sources(&self.scored(snapshot)?),
            None => vec![Source::All],
        };
        Ok(Some(Walk::Time(way, along)))
    }

    /// All logs of the narrowest of the indexes that the filters name, unless it has more than `bound`.
    fn gather(&self, snapshot: &Snapshot<'_>, bound: i64) -> Result<Option<Vec<LogKey>>, StoreError> {
        let Some(gather) = self.narrow(snapshot, bound)? else {
            return Ok(None);
        };
        let along = match gather {
            Gather::Amounts => return Ok(Some(log_index::walk_amounts(snapshot, self.amounts, None, bound)?)),
            Gather::Sources(along) => along,
        };
        let stretch = self.stretch(Way::Back, None);
        let mut gathered = Vec::new();
        for source in &along {
            gathered.extend(log_index::walk(snapshot, source, &stretch, bound)?);
        }
        Ok(Some(gathered))
    }

    fn narrow(&self, snapshot: &Snapshot<'_>, bound: i64) -> Result<Option<Gather>, StoreError> {
        let fits = |along: Vec<Source>| -> Result<Option<Gather>, StoreError> {
            let count = self.count_in(snapshot, &along, bound)?;
            Ok((count <= bound).then_some(Gather::Sources(along)))
        };
        if let Some(own) = self.own() {
            return fits(vec![own]);
        }
        if self.amounts != AMOUNTS_ALL && log_index::count_amounts(snapshot, self.amounts, bound + 1)? <= bound {
            return Ok(Some(Gather::Amounts));
        }
        if self.is_by_score() {
            return fits(sources(&self.scored(snapshot)?));
        }
        fits(vec![Source::All])
    }

    /// The user or else the rule that is asked for.
    fn own(&self) -> Option<Source> {
        match (&self.user_id, &self.rule) {
            (Some(user_id), _) => Some(Source::User(user_id.clone())),
            (None, Some(rule)) => Some(Source::Rule(rule.clone())),
            (None, None) => None,
        }
    }

    fn is_by_score(&self) -> bool {
        self.outcome.is_some() || self.scores != SCORES_ALL
    }

    /// The pairs of outcome and score that the filters leave, highest score first.
    fn scored(&self, snapshot: &Snapshot<'_>) -> Result<Vec<(Outcome, u32)>, StoreError> {
        let (min, max) = self.scores;
        let mut scored = Vec::new();
        for outcome in [Outcome::Safe, Outcome::Suspicious, Outcome::Fraud] {
            if self.outcome.is_none_or(|wanted| wanted == outcome) {
                let scores = log_index::scores(snapshot, outcome, min, max)?;
                scored.extend(scores.into_iter().map(|score| (outcome, score)));
            }
        }
        scored.sort_by_key(|(_, score)| std::cmp::Reverse(*score));
        Ok(scored)
    }

    /// How many stand in these sources in the time asked for, up to one more than `bound`.
    fn count_in(&self, snapshot: &Snapshot<'_>, along: &[Source], bound: i64) -> Result<i64, StoreError> {
        let mut total = 0;
        for source in along {
            total += log_index::count(snapshot, source, (self.from, self.to), bound + 1 - total)?;
            if total > bound {
                break;
            }
        }
        Ok(total)
    }

    fn fits(&self, key: &LogKey) -> bool {
        self.outcome.is_none_or(|wanted| wanted == key.outcome)
            && (self.scores.0..=self.scores.1).contains(&key.score)
            && (self.amounts.0..=self.amounts.1).contains(&key.amount)
            && (self.from..self.to).contains(&key.created_at)
    }

    fn stretch(&self, way: Way, after: Option<LogKey>) -> Stretch {
        let (start, end) = match way {
            Way::Back => (self.to, self.from),
            Way::Forth => (self.from, self.to),
        };
        let mut stretch = Stretch {
            way,
            at: start,
            number: 0,
            end,
        };
        // A page may be asked for behind a log that is not in the list.
        if let Some(after) = after {
            let is_within = match way {
                Way::Back => after.created_at < start,
                Way::Forth => after.created_at >= start,
            };
            if is_within {
                stretch.go_behind(&after);
            }
        }
        stretch
    }

    fn take_along(&self, walk: &Walk, after: Option<LogKey>, taken: &mut Taken<'_>) -> Result<(), ApiError> {
        match walk {
            Walk::Time(way, along) => self.walk_time(*way, along.clone(), after, taken),
            Walk::Scores(scored) => self.walk_scores(scored, after, taken),
            Walk::Amounts => self.walk_amounts(after, taken),
        }
    }

    fn walk_time(
        &self,
        way: Way,
        sources: Vec<Source>,
        after: Option<LogKey>,
        taken: &mut Taken<'_>,
    ) -> Result<(), ApiError> {
        let stretch = self.stretch(way, after);
        let mut merged = Merged::start(taken.snapshot, sources, &stretch, taken.limit)?;
        while !taken.is_full() {
            let Some(key) = merged.next(taken.snapshot)? else {
                break;
            };
            if !taken.look(&key)? {
                break;
            }
        }
        Ok(())
    }

    fn walk_scores(
        &self,
        scored: &[(Outcome, u32)],
        after: Option<LogKey>,
        taken: &mut Taken<'_>,
    ) -> Result<(), ApiError> {
        for of_one_score in scored.chunk_by(|one, other| one.1 == other.1) {
            let score = of_one_score.first().map_or(0, |(_, score)| *score);
            if taken.is_full() || taken.is_worn_out || after.is_some_and(|after| score > after.score) {
                continue;
            }
            let behind = after.filter(|after| after.score == score);
            self.walk_time(Way::Back, sources(of_one_score), behind, taken)?;
        }
        Ok(())
    }

    fn walk_amounts(&self, after: Option<LogKey>, taken: &mut Taken<'_>) -> Result<(), ApiError> {
        let mut behind = after;
        let mut chunk = taken.limit.clamp(16, CHUNK_MAX);
        while !taken.is_full() {
            let keys = log_index::walk_amounts(taken.snapshot, self.amounts, behind.as_ref(), length(chunk))?;
            for key in &keys {
                if taken.is_full() || !taken.look(key)? {
                    return Ok(());
                }
            }
            if keys.len() < chunk {
                break;
            }
            behind = keys.last().copied();
            chunk = (chunk * 2).min(CHUNK_MAX);
        }
        Ok(())
    }

    fn sort_and_take(
        &self,
        mut gathered: Vec<LogKey>,
        after: Option<LogKey>,
        taken: &mut Taken<'_>,
    ) -> Result<Vec<LogKey>, ApiError> {
        gathered.retain(|key| {
            self.fits(key) && after.is_none_or(|after| self.sort.compare(key, &after) == Ordering::Greater)
        });
        gathered.sort_unstable_by(|one, other| self.sort.compare(one, other));
        self.take_from(&gathered, taken)?;
        Ok(std::mem::take(&mut taken.keys))
    }

    fn take_from(&self, gathered: &[LogKey], taken: &mut Taken<'_>) -> Result<(), ApiError> {
        for key in gathered {
            if taken.is_full() || !taken.look(key)? {
                break;
            }
        }
        Ok(())
    }
}

impl LogSort {
    /// The order of two logs in the list.
    fn compare(self, one: &LogKey, other: &LogKey) -> Ordering {
        let by_time = |key: &LogKey| (key.created_at, key.number);
        match self {
            Self::Newest => by_time(other).cmp(&by_time(one)),
            Self::Oldest => by_time(one).cmp(&by_time(other)),
            Self::HighestScore => (other.score, by_time(other)).cmp(&(one.score, by_time(one))),
            Self::LargestAmount => (other.amount, by_time(other)).cmp(&(one.amount, by_time(one))),
        }
    }
}

/// What a walk has found so far.
struct Taken<'a> {
    search: &'a LogSearch,
    snapshot: &'a Snapshot<'a>,
    limit: usize,
    keys: Vec<LogKey>,
    looks: usize,
    /// The hidden ones, if they are few.
    hidden: Option<HashSet<i64>>,
    looks_max: usize,
    /// Whether the looks were not enough.
    is_worn_out: bool,
}

impl<'a> Taken<'a> {
    fn new(search: &'a LogSearch, snapshot: &'a Snapshot<'a>, limit: usize) -> Result<Self, StoreError> {
        let hidden = deletions::first(snapshot, HIDDEN_AT_HAND)?;
        Ok(Self {
            search,
            snapshot,
            limit,
            keys: Vec::new(),
            looks: 0,
            hidden: (length(hidden.len()) < HIDDEN_AT_HAND).then(|| hidden.into_iter().collect()),
            looks_max: LOOKS_MAX,
            is_worn_out: false,
        })
    }

    fn is_full(&self) -> bool {
        self.keys.len() >= self.limit
    }

    /// Takes a log if it is one of those asked for. `false` when there have been too many looks.
    fn look(&mut self, key: &LogKey) -> Result<bool, ApiError> {
        if self.looks >= self.looks_max {
            self.is_worn_out = true;
            return Ok(false);
        }
        self.looks += 1;
        if self.search.fits(key) && self.has_rules(key)? && !self.is_hidden(key)? {
            self.keys.push(*key);
        }
        Ok(true)
    }

    /// What is walked along a rule has it.
    fn has_rules(&self, key: &LogKey) -> Result<bool, StoreError> {
        match (&self.search.user_id, &self.search.rule) {
            (Some(_), Some(rule)) => log_index::has_rule(self.snapshot, key, rule),
            _ => Ok(true),
        }
    }

    fn is_hidden(&self, key: &LogKey) -> Result<bool, StoreError> {
        match &self.hidden {
            Some(hidden) => Ok(hidden.contains(&key.number)),
            None => deletions::is_hidden(self.snapshot, key.number),
        }
    }
}

fn sources(scored: &[(Outcome, u32)]) -> Vec<Source> {
    scored
        .iter()
        .map(|(outcome, score)| Source::Scored(*outcome, *score))
        .collect()
}

fn too_many() -> ApiError {
    ApiError::bad_input(
        "too many checks would have to be looked at for this: narrow `from` and `to`, or ask for another order",
    )
    .with("looksMax", LOOKS_MAX)
}
