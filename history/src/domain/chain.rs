//! The chain: what makes a change of any entry visible.
//!
//! Entries are numbered from 1 without a gap. The hash of entry *n* is
//!
//! ```text
//! SHA-256( hash of entry n-1  ‖  canonical bytes of entry n )
//! ```
//!
//! where the hash before entry 1 is 32 zero bytes, and the canonical bytes are those of [`super::bytes`].

use sha2::{Digest, Sha256};

use super::bytes::{self, VERSION};
use super::entry::Entry;

/// The end of the chain: the last entry's number and hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its number; 0 when there is none.
    pub sequence: i64,
    /// Its hash.
    pub hash: [u8; 32],
}

/// A row of the trail as it was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// Its number.
    pub sequence: i64,
    /// How it was hashed.
    pub version: i64,
    /// What it says; nothing when a column does not hold what it should.
    pub entry: Option<Entry>,
    /// The hash that stands beside it.
    pub hash: Option<[u8; 32]>,
}

/// The first place where the chain does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the audit trail is broken at entry {sequence}")]
pub struct Broken {
    /// The number of the entry that is changed or missing.
    pub sequence: i64,
}

impl Head {
    /// Before the first entry.
    pub const START: Self = Self {
        sequence: 0,
        hash: [0; 32],
    };

    /// The head once `entry` is added. `buffer` is scratch space, so that a batch allocates once.
    /// Afterwards it holds the entry's canonical bytes.
    pub fn extend(&self, entry: &Entry, buffer: &mut Vec<u8>) -> Self {
        buffer.clear();
        bytes::write(self.sequence + 1, &entry.as_raw(), buffer);
        self.extend_by(buffer)
    }

    /// The head once the entry with these canonical bytes is added.
    pub fn extend_by(&self, canonical: &[u8]) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(self.hash);
        hasher.update(canonical);
        Self {
            sequence: self.sequence + 1,
            hash: hasher.finalize().into(),
        }
    }
}

/// Checks that these rows follow `head`, one after the other, and answers the head they lead to.
pub fn verify(mut head: Head, rows: &[Found]) -> Result<Head, Broken> {
    let mut buffer = Vec::with_capacity(512);
    for row in rows {
        let broken = Broken {
            sequence: head.sequence + 1,
        };
        let entry = match &row.entry {
            Some(entry) if row.sequence == broken.sequence && row.version == VERSION => entry,
            _ => return Err(broken),
        };
        let next = head.extend(entry, &mut buffer);
        if row.hash != Some(next.hash) {
            return Err(broken);
        }
        head = next;
    }
    Ok(head)
}

/// Checks that the rows that were found up to `reached` are all that `noted`, the stored head, promises.
pub fn verify_end(reached: Head, noted: Head) -> Result<(), Broken> {
    if reached == noted {
        return Ok(());
    }
    // Entries beyond the noted head, entries missing before it, or another hash in the same place.
    let sequence = match reached.sequence.cmp(&noted.sequence) {
        std::cmp::Ordering::Less => reached.sequence + 1,
        std::cmp::Ordering::Greater => noted.sequence + 1,
        std::cmp::Ordering::Equal => noted.sequence,
    };
    Err(Broken { sequence })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(number: i64) -> Entry {
        Entry {
            history_id: format!("hst_{number}"),
            entry_key: format!("trx_{number}:SUCCESS:usr_1"),
            transaction_id: format!("trx_{number}"),
            user_id: "usr_1".into(),
            amount: 2_000_000,
            currency: "IDR".into(),
            kind: "PAYMENT".into(),
            status: "SUCCESS".into(),
            va_number: Some("DS-88001".into()),
            direction: "OUT".into(),
            wallet_id: None,
            counterparty: Some("BlackDoctrine".into()),
            failure_code: None,
            occurred_at: 1_795_079_200_000_000,
            recorded_at: 1_795_079_200_000_001,
        }
    }

    /// A good chain of this length and its head.
    fn chain(length: i64) -> (Vec<Found>, Head) {
        let mut head = Head::START;
        let mut buffer = Vec::new();
        let rows = (1..=length).map(|number| {
            let entry = entry(number);
            head = head.extend(&entry, &mut buffer);
            Found {
                sequence: head.sequence,
                version: VERSION,
                entry: Some(entry),
                hash: Some(head.hash),
            }
        });
        let rows = rows.collect();
        (rows, head)
    }

    /// Written down once: whoever changes the encoding of what is already stored breaks this.
    #[test]
    fn the_first_hash_is_what_it_always_was() {
        let head = Head::START.extend(&entry(1), &mut Vec::new());
        let hex: String = head.hash.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "0768bead30326149703168cb1f53a7cdd494aab9f771635f74bb81ded17fa8c0");
    }

    #[test]
    fn a_good_chain_verifies_whole_and_in_parts() {
        let (rows, head) = chain(10);
        assert_eq!(verify(Head::START, &rows), Ok(head));
        let middle = verify(Head::START, &rows[..4]).unwrap();
        assert_eq!(verify(middle, &rows[4..]), Ok(head));
        assert_eq!(verify(Head::START, &[]), Ok(Head::START));
        assert_eq!(verify_end(head, head), Ok(()));
    }

    #[test]
    fn a_changed_entry_is_named() {
        #[track_caller]
        fn check(change: impl Fn(&mut Vec<Found>), sequence: i64) {
            let (mut rows, _) = chain(10);
            change(&mut rows);
            assert_eq!(verify(Head::START, &rows), Err(Broken { sequence }));
        }
        let edit = |index: usize, change: fn(&mut Entry)| {
            move |rows: &mut Vec<Found>| change(rows[index].entry.as_mut().unwrap())
        };
        check(edit(3, |entry| entry.amount += 1), 4);
        check(edit(0, |entry| entry.va_number = None), 1);
        check(edit(0, |entry| entry.wallet_id = Some(String::new())), 1);
        check(edit(9, |entry| entry.recorded_at -= 1), 10);
        check(|rows| rows[3].entry = None, 4);
        check(|rows| rows[3].hash = None, 4);
        check(|rows| rows[3].hash.as_mut().unwrap()[31] ^= 1, 4);
        check(|rows| rows[3].version = 2, 4);
        check(|rows| rows[3].sequence = 40, 4);
        check(|rows| drop(rows.remove(3)), 4);
        check(|rows| rows.swap(3, 4), 4);
        check(|rows| rows.insert(3, rows[2].clone()), 4);
    }

    #[test]
    fn the_noted_head_must_be_reached_and_not_passed() {
        #[track_caller]
        fn check(reached: i64, noted: i64, expect: Result<(), i64>) {
            let verdict = verify_end(chain(reached).1, chain(noted).1);
            assert_eq!(verdict.map_err(|broken| broken.sequence), expect);
        }
        check(10, 10, Ok(()));
        check(9, 10, Err(10));
        check(5, 10, Err(6));
        check(10, 9, Err(10));
        let other = Head {
            hash: [7; 32],
            ..chain(10).1
        };
        assert_eq!(verify_end(chain(10).1, other), Err(Broken { sequence: 10 }));
    }
}
