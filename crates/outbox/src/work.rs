//! What one lane is at: what it has taken, what is under way, and to whom.

use std::collections::{HashMap, HashSet, VecDeque};

use tokio::task::{JoinError, JoinSet};
use tokio::time::Instant;

use crate::message::{Lane, Message, Outcome};
use crate::store::{Found, Look};

/// Messages that are taken and wait for a delivery to begin, so that one look at the table serves many. Room for what
/// [`OF_EACH`] says of more receivers than can be called side by side.
pub(crate) const TAKEN_MAX: usize = 1_024;
/// So many of one receiver where receivers share a lane.
const OF_EACH: usize = 64;

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
    /// Receivers whose last delivery did not, since this process started.
    proven: HashSet<String>,
    /// Behind whom the next look begins.
    behind: String,
    /// Whether the table may hold something new.
    pub look: bool,
    pub may_look_at: Instant,
    /// A note is a commit: what ends meanwhile gathers for the next.
    pub may_note_at: Instant,
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
            proven: HashSet::new(),
            behind: String::new(),
            look: true,
            may_look_at: Instant::now(),
            may_note_at: Instant::now(),
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
        let most = self.batch_max(lane, &receiver);
        let mut batch = Vec::new();
        let mut index = first;
        while index < self.queue.len() && batch.len() < most {
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
            room_of_each: taken_max(lane),
            behind: self.behind.clone(),
            ..Look::default()
        };
        for (message_id, receiver) in &self.in_flight {
            look.in_flight.entry(receiver.clone()).or_default().insert(*message_id);
        }
        if lane.receiver_concurrency.is_some() {
            for receiver in self.failing.iter().chain(look.in_flight.keys()) {
                let taken = look.in_flight.get(receiver).map_or(0, HashSet::len);
                let room = if self.failing.contains(receiver) {
                    self.batch_max(lane, receiver).saturating_sub(taken)
                } else if taken <= taken_max(lane) / 2 {
                    taken_max(lane) - taken
                } else {
                    // Half a store is worth a look; a place or two are not.
                    0
                };
                look.rooms.insert(receiver.clone(), room);
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
                self.proven.insert(receiver.clone());
            } else if outcomes.iter().any(|(_, outcome)| outcome.is_failure()) {
                self.failing.insert(receiver.clone());
                self.proven.remove(receiver);
            }
            if outcomes.iter().any(|(_, outcome)| *outcome != Outcome::Delivered) {
                self.put_back(receiver);
            }
        }
        self.done.extend(outcomes);
    }

    /// What was taken for a receiver that just failed, rests or is gone stays in the table, and is looked at anew once that
    /// is noted there.
    fn put_back(&mut self, receiver: &str) {
        let in_flight = &mut self.in_flight;
        self.queue.retain(|message| {
            let stays = message.receiver != receiver;
            if !stays {
                in_flight.remove(&message.message_id);
            }
            stays
        });
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

    /// Where receivers share a lane, one message is enough to see whether one that failed is back.
    fn batch_max(&self, lane: &Lane, receiver: &str) -> usize {
        match lane.receiver_concurrency {
            Some(_) if self.failing.contains(receiver) => 1,
            _ => lane.batch_max,
        }
    }

    fn calls_max(&self, lane: &Lane, receiver: &str) -> usize {
        match lane.receiver_concurrency {
            None => usize::MAX,
            Some(most) if self.failing.contains(receiver) => most.min(1),
            // Half of the lane serves whoever is quick and has much to get; the other half is nobody's but by turns, so that
            // even those who hang all at once leave it free.
            Some(most) if self.delivering.len() < lane.concurrency / 2 && self.proven.contains(receiver) => {
                most.max(lane.concurrency / 4)
            }
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

/// How many messages of one receiver are taken at most.
fn taken_max(lane: &Lane) -> usize {
    lane.receiver_concurrency
        .map_or(TAKEN_MAX, |calls| calls.saturating_mul(lane.batch_max).max(OF_EACH))
}
