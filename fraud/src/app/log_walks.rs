//! Several walks along indexes, merged by time.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, VecDeque};

use store::{Snapshot, StoreError};

use crate::store::log_index::{self, LogKey, Source, Stretch, Way};

/// So many are read of an index at a time.
pub(super) const CHUNK_MAX: usize = 2_048;

/// Several walks through time as one.
pub(super) struct Merged {
    streams: Vec<Stream>,
    heads: BinaryHeap<Head>,
}

struct Stream {
    source: Source,
    stretch: Stretch,
    chunk: usize,
    read: VecDeque<LogKey>,
    has_more: bool,
}

struct Head {
    key: LogKey,
    way: Way,
    stream: usize,
}

impl Merged {
    /// Begins all walks at the same place, to find about `limit` logs.
    pub(super) fn start(
        snapshot: &Snapshot<'_>,
        sources: Vec<Source>,
        stretch: &Stretch,
        limit: usize,
    ) -> Result<Self, StoreError> {
        let chunk = (limit / sources.len().max(1) + 1).clamp(4, CHUNK_MAX);
        let mut merged = Self {
            streams: Vec::with_capacity(sources.len()),
            heads: BinaryHeap::new(),
        };
        for source in sources {
            merged.streams.push(Stream {
                source,
                stretch: stretch.clone(),
                chunk,
                read: VecDeque::new(),
                has_more: true,
            });
            merged.bring_up(snapshot, merged.streams.len() - 1)?;
        }
        Ok(merged)
    }

    /// The next log of all.
    pub(super) fn next(&mut self, snapshot: &Snapshot<'_>) -> Result<Option<LogKey>, StoreError> {
        let Some(head) = self.heads.pop() else {
            return Ok(None);
        };
        self.bring_up(snapshot, head.stream)?;
        Ok(Some(head.key))
    }

    /// Puts the next log of a stream among the heads.
    fn bring_up(&mut self, snapshot: &Snapshot<'_>, index: usize) -> Result<(), StoreError> {
        let Some(stream) = self.streams.get_mut(index) else {
            return Ok(());
        };
        if stream.read.is_empty() && stream.has_more {
            let keys = log_index::walk(snapshot, &stream.source, &stream.stretch, length(stream.chunk))?;
            stream.has_more = keys.len() == stream.chunk;
            stream.chunk = (stream.chunk * 2).min(CHUNK_MAX);
            if let Some(last) = keys.last() {
                stream.stretch.go_behind(last);
            }
            stream.read = keys.into();
        }
        if let Some(key) = stream.read.pop_front() {
            self.heads.push(Head {
                key,
                way: stream.stretch.way,
                stream: index,
            });
        }
        Ok(())
    }
}

impl Ord for Head {
    /// The greatest is the next.
    fn cmp(&self, other: &Self) -> Ordering {
        let order = (self.key.created_at, self.key.number).cmp(&(other.key.created_at, other.key.number));
        match self.way {
            Way::Back => order,
            Way::Forth => order.reverse(),
        }
    }
}

impl PartialOrd for Head {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Head {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Head {}

impl Stretch {
    /// Goes on behind a log.
    pub(super) fn go_behind(&mut self, key: &LogKey) {
        self.at = key.created_at;
        self.number = key.number;
    }
}

/// A count as the database takes it.
pub(super) fn length(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
