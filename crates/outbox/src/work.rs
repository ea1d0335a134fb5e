//! What one lane is at: what it has taken, what is under way, and to whom.

use std::collections::{HashMap, HashSet, VecDeque};

use tokio::task::{JoinError, JoinSet};
use tokio::time::Instant;

use crate::message::{Lane, Message, Outcome};
use crate::store::{Found, Look};

/// Messages that are taken and wait for a delivery to begin, so that one look at the table serves many.
pub(crate) const TAKEN_MAX: usize = 256;

pub(crate) type Outcomes = Vec<(Message, Outcome)>;

pub(crate) struct Work {
    /// Taken from the table, not handed over yet.
    queue: VecDeque<Message>,
    /// Handed over, not noted yet.
    pub done: Outcomes,
    pub delivering: JoinSet<Outcomes>,
    /// At most one at a time; what ends meanwhile gathers for the next.
    pub noting: JoinSet<Vec<i64>>,
    /// All of the above with their receivers, so that nothing is taken twice.
    in_flight: HashMap<i64, String>,
    /// Deliveries under way, by receiver.
    busy: HashMap<String, usize>,
    /// Receivers whose last delivery failed.
    failing: HashSet<String>,
    /// Behind whom the next look begins.
    behind: String,
    /// Whether the table may hold something new.
    pub look: bool,
    pub may_look_at: Instant,
}

impl Default for Work {
    fn default() -> Self {
        Self {
            queue: VecDeque::new(),
            done: Vec::new(),
            delivering: JoinSet::new(),
            noting: JoinSet::new(),
            in_flight: HashMap::new(),
            busy: HashMap::new(),
            failing: HashSet::new(),
            behind: String::new(),
            look: true,
            may_look_at: Instant::now(),
        }
    }
}

impl Work {
    /// Whether a delivery could begin if there were a message for it.
    pub fn has_room(&self, lane: &Lane) -> bool {
        self.delivering.len() < lane.concurrency
            && self.queue.len() < TAKEN_MAX
            && !self.queue.iter().any(|message| self.may_call(lane, &message.receiver))
    }

    /// Messages for the next delivery, for which a place is taken.
    pub fn next_batch(&mut self, lane: &Lane) -> Option<Vec<Message>> {
        if self.delivering.len() >= lane.concurrency {
            return None;
        }
        let first = self
            .queue
            .iter()
            .position(|message| self.may_call(lane, &message.receiver))?;
        let receiver = self.queue[first].receiver.clone();
        let mut batch = Vec::new();
        let mut index = first;
        while index < self.queue.len() && batch.len() < lane.batch_max {
            if lane.receiver_concurrency.is_none() || self.queue[index].receiver == receiver {
                batch.extend(self.queue.remove(index));
            } else {
                index += 1;
            }
        }
        *self.busy.entry(receiver).or_default() += 1;
        Some(batch)
    }

    /// What to look for in the table.
    pub fn next_look(&self, lane: &Lane) -> Look {
        let mut look = Look {
            room: TAKEN_MAX - self.queue.len().min(TAKEN_MAX),
            room_of_each: lane
                .receiver_concurrency
                .map_or(TAKEN_MAX, |calls| calls.saturating_mul(lane.batch_max)),
            behind: self.behind.clone(),
            ..Look::default()
        };
        for (message_id, receiver) in &self.in_flight {
            look.in_flight.entry(receiver.clone()).or_default().insert(*message_id);
        }
        if lane.receiver_concurrency.is_some() {
            for receiver in self.failing.iter().chain(look.in_flight.keys()) {
                let most = self.calls_max(lane, receiver).saturating_mul(lane.batch_max);
                let taken = look.in_flight.get(receiver).map_or(0, HashSet::len);
                look.rooms.insert(receiver.clone(), most.saturating_sub(taken));
            }
        }
        look
    }

    /// Takes what a look has found.
    pub fn found(&mut self, found: Found) {
        self.behind = found.last;
        self.look = found.is_full;
        for message in &found.messages {
            self.in_flight.insert(message.message_id, message.receiver.clone());
        }
        self.queue.extend(found.messages);
    }

    pub fn delivered(&mut self, outcomes: Result<Outcomes, JoinError>) {
        self.one_delivered(outcomes);
        while let Some(more) = self.delivering.try_join_next() {
            self.one_delivered(more);
        }
    }

    fn one_delivered(&mut self, outcomes: Result<Outcomes, JoinError>) {
        let outcomes = match outcomes {
            Ok(outcomes) => outcomes,
            Err(error) => return self.lost(&error),
        };
        if let Some((message, _)) = outcomes.first() {
            let receiver = &message.receiver;
            if let Some(calls) = self.busy.get_mut(receiver) {
                *calls = calls.saturating_sub(1);
            }
            self.busy.retain(|_, calls| *calls > 0);
            if outcomes.iter().any(|(_, outcome)| *outcome == Outcome::Delivered) {
                self.failing.remove(receiver);
            } else if outcomes.iter().any(|(_, outcome)| outcome.is_failure()) {
                self.failing.insert(receiver.clone());
            }
        }
        self.done.extend(outcomes);
    }

    pub fn noted(&mut self, ids: Result<Vec<i64>, JoinError>) {
        match ids {
            Ok(ids) => ids.iter().for_each(|id| {
                self.in_flight.remove(id);
            }),
            Err(error) => self.lost(&error),
        }
        // What waited behind these for its turn may go now.
        self.look = true;
    }

    fn may_call(&self, lane: &Lane, receiver: &str) -> bool {
        self.busy.get(receiver).copied().unwrap_or_default() < self.calls_max(lane, receiver)
    }

    fn calls_max(&self, lane: &Lane, receiver: &str) -> usize {
        match lane.receiver_concurrency {
            None => usize::MAX,
            // One call is enough to see whether it is back.
            Some(most) if self.failing.contains(receiver) => most.min(1),
            Some(most) => most,
        }
    }

    /// Only our own code can panic here. The messages are still in the table; forgetting what is in flight lets them be
    /// taken again, at worst twice.
    fn lost(&mut self, error: &JoinError) {
        tracing::error!(%error, "a delivery panicked");
        self.in_flight.clear();
        self.busy.clear();
        self.look = true;
    }
}
