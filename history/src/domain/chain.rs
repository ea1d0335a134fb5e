//! The chain: what makes a change of any entry visible.
//!
//! Entries are numbered from 1 without a gap. The hash of entry *n* is
//!
//! ```text
//! SHA-256( hash of entry n-1  ‖  canonical bytes of entry n )
//! ```
//!
//! where the hash before entry 1 is 32 zero bytes. The canonical bytes, version 1, are
//!
//! ```text
//! version        1 byte, 0x01
//! sequence       integer
//! history_id     text        entry_key      text        transaction_id  text
//! user_id        text        amount         integer     currency        text
//! kind           text        status         text        va_number       optional text
//! direction      text        wallet_id      optional    counterparty    optional text
//! failure_code   optional    occurred_at    integer     recorded_at     integer
//! ```
//!
//! in this order and with nothing between. An integer is 8 bytes, big-endian, two's complement. A text is its length in
//! bytes (4 bytes, big-endian) and its UTF-8. An optional text is 0x00, or 0x01 and the text. So two different entries
//! never have the same bytes, and the bytes of an entry say where they end.
//!
//! What is hashed never changes. Should entries come to hold more, that is version 2, and both are verified.

use sha2::{Digest, Sha256};

use super::entry::Entry;

/// The version of entries that are added now.
pub const VERSION: i64 = 1;

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
    pub fn extend(&self, entry: &Entry, buffer: &mut Vec<u8>) -> Self {
        let sequence = self.sequence + 1;
        buffer.clear();
        write_canonical(sequence, entry, buffer);
        let mut hasher = Sha256::new();
        hasher.update(self.hash);
        hasher.update(buffer.as_slice());
        Self {
            sequence,
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

fn write_canonical(sequence: i64, entry: &Entry, bytes: &mut Vec<u8>) {
    bytes.push(VERSION as u8);
    write_integer(sequence, bytes);
    write_text(&entry.history_id, bytes);
    write_text(&entry.entry_key, bytes);
    write_text(&entry.transaction_id, bytes);
    write_text(&entry.user_id, bytes);
    write_integer(entry.amount, bytes);
    write_text(&entry.currency, bytes);
    write_text(&entry.kind, bytes);
    write_text(&entry.status, bytes);
    write_optional(entry.va_number.as_deref(), bytes);
    write_text(&entry.direction, bytes);
    write_optional(entry.wallet_id.as_deref(), bytes);
    write_optional(entry.counterparty.as_deref(), bytes);
    write_optional(entry.failure_code.as_deref(), bytes);
    write_integer(entry.occurred_at, bytes);
    write_integer(entry.recorded_at, bytes);
}

fn write_integer(value: i64, bytes: &mut Vec<u8>) {
    bytes.extend_from_slice(&value.to_be_bytes());
}

fn write_text(text: &str, bytes: &mut Vec<u8>) {
    // Inputs are far shorter; a stored text of 4 GiB would not have been read.
    bytes.extend_from_slice(&(text.len() as u32).to_be_bytes());
    bytes.extend_from_slice(text.as_bytes());
}

fn write_optional(text: Option<&str>, bytes: &mut Vec<u8>) {
    match text {
        None => bytes.push(0),
        Some(text) => {
            bytes.push(1);
            write_text(text, bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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

    /// Texts short and of few letters, so that equal bytes from different entries would be found if there were any.
    fn texts() -> impl Strategy<Value = (Vec<String>, Vec<Option<String>>, i64)> {
        (
            prop::collection::vec("[a\0\u{1}]{0,3}", 8),
            prop::collection::vec(prop::option::of("[a\0\u{1}]{0,3}"), 4),
            0..3_i64,
        )
    }

    fn entry_of((texts, optional, number): &(Vec<String>, Vec<Option<String>>, i64)) -> Entry {
        Entry {
            history_id: texts[0].clone(),
            entry_key: texts[1].clone(),
            transaction_id: texts[2].clone(),
            user_id: texts[3].clone(),
            amount: *number,
            currency: texts[4].clone(),
            kind: texts[5].clone(),
            status: texts[6].clone(),
            va_number: optional[0].clone(),
            direction: texts[7].clone(),
            wallet_id: optional[1].clone(),
            counterparty: optional[2].clone(),
            failure_code: optional[3].clone(),
            occurred_at: *number,
            recorded_at: *number,
        }
    }

    proptest! {
        #[test]
        fn different_entries_have_different_bytes(left in texts(), right in texts(), moved in 0..7_usize) {
            let bytes = |entry: &Entry| {
                let mut bytes = Vec::new();
                write_canonical(1, entry, &mut bytes);
                bytes
            };
            let entry = entry_of(&left);
            prop_assert_eq!(bytes(&entry) == bytes(&entry_of(&right)), left == right);
            // The same letters cut at another place.
            let mut cut = left.clone();
            if let Some(letter) = cut.0[moved].pop() {
                cut.0[moved + 1].insert(0, letter);
                prop_assert_ne!(bytes(&entry), bytes(&entry_of(&cut)));
            }
        }
    }
}
