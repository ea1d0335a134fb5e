//! The canonical bytes of an entry: what is hashed, signed for and handed out as evidence.
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

use super::entry::Entry;

/// The version of entries that are added now.
pub const VERSION: i64 = 1;

/// An entry as it is hashed, borrowed from wherever it stands. Texts are bytes, because what somebody damaged may be no
/// UTF-8 and is to be hashed all the same.
#[derive(Clone, Copy, Debug)]
pub struct RawEntry<'a> {
    /// See [`Entry`], also for the rest.
    pub history_id: &'a [u8],
    /// What it is the entry of.
    pub entry_key: &'a [u8],
    /// The transaction.
    pub transaction_id: &'a [u8],
    /// In whose list it stands.
    pub user_id: &'a [u8],
    /// The amount in minor units.
    pub amount: i64,
    /// The currency's code.
    pub currency: &'a [u8],
    /// Its type.
    pub kind: &'a [u8],
    /// What became of it.
    pub status: &'a [u8],
    /// The bill that was paid.
    pub va_number: Option<&'a [u8]>,
    /// IN or OUT.
    pub direction: &'a [u8],
    /// The user's wallet.
    pub wallet_id: Option<&'a [u8]>,
    /// Who was on the other side.
    pub counterparty: Option<&'a [u8]>,
    /// Why it failed.
    pub failure_code: Option<&'a [u8]>,
    /// When it happened.
    pub occurred_at: i64,
    /// When it was added to the trail.
    pub recorded_at: i64,
}

impl Entry {
    /// The entry as it is hashed.
    pub fn as_raw(&self) -> RawEntry<'_> {
        RawEntry {
            history_id: self.history_id.as_bytes(),
            entry_key: self.entry_key.as_bytes(),
            transaction_id: self.transaction_id.as_bytes(),
            user_id: self.user_id.as_bytes(),
            amount: self.amount,
            currency: self.currency.as_bytes(),
            kind: self.kind.as_bytes(),
            status: self.status.as_bytes(),
            va_number: self.va_number.as_deref().map(str::as_bytes),
            direction: self.direction.as_bytes(),
            wallet_id: self.wallet_id.as_deref().map(str::as_bytes),
            counterparty: self.counterparty.as_deref().map(str::as_bytes),
            failure_code: self.failure_code.as_deref().map(str::as_bytes),
            occurred_at: self.occurred_at,
            recorded_at: self.recorded_at,
        }
    }
}

/// Writes the canonical bytes of the entry of this number behind what `bytes` holds.
pub fn write(sequence: i64, entry: &RawEntry<'_>, bytes: &mut Vec<u8>) {
    bytes.push(VERSION as u8);
    write_integer(sequence, bytes);
    write_text(entry.history_id, bytes);
    write_text(entry.entry_key, bytes);
    write_text(entry.transaction_id, bytes);
    write_text(entry.user_id, bytes);
    write_integer(entry.amount, bytes);
    write_text(entry.currency, bytes);
    write_text(entry.kind, bytes);
    write_text(entry.status, bytes);
    write_optional(entry.va_number, bytes);
    write_text(entry.direction, bytes);
    write_optional(entry.wallet_id, bytes);
    write_optional(entry.counterparty, bytes);
    write_optional(entry.failure_code, bytes);
    write_integer(entry.occurred_at, bytes);
    write_integer(entry.recorded_at, bytes);
}

/// Reads an entry and its number back; `None` when these are not the canonical bytes of any entry.
pub fn read(bytes: &[u8]) -> Option<(i64, Entry)> {
    let (version, rest) = bytes.split_first()?;
    if i64::from(*version) != VERSION {
        return None;
    }
    let mut reader = Reader { rest };
    let sequence = reader.integer()?;
    let entry = Entry {
        history_id: reader.text()?,
        entry_key: reader.text()?,
        transaction_id: reader.text()?,
        user_id: reader.text()?,
        amount: reader.integer()?,
        currency: reader.text()?,
        kind: reader.text()?,
        status: reader.text()?,
        va_number: reader.optional()?,
        direction: reader.text()?,
        wallet_id: reader.optional()?,
        counterparty: reader.optional()?,
        failure_code: reader.optional()?,
        occurred_at: reader.integer()?,
        recorded_at: reader.integer()?,
    };
    reader.rest.is_empty().then_some((sequence, entry))
}

fn write_integer(value: i64, bytes: &mut Vec<u8>) {
    bytes.extend_from_slice(&value.to_be_bytes());
}

fn write_text(text: &[u8], bytes: &mut Vec<u8>) {
    // Inputs are far shorter; a stored text of 4 GiB would not have been read.
    bytes.extend_from_slice(&(text.len() as u32).to_be_bytes());
    bytes.extend_from_slice(text);
}

fn write_optional(text: Option<&[u8]>, bytes: &mut Vec<u8>) {
    match text {
        None => bytes.push(0),
        Some(text) => {
            bytes.push(1);
            write_text(text, bytes);
        }
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    fn integer(&mut self) -> Option<i64> {
        let (bytes, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(i64::from_be_bytes(*bytes))
    }

    fn text(&mut self) -> Option<String> {
        let (length, rest) = self.rest.split_first_chunk()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (text, rest) = rest.split_at_checked(length)?;
        self.rest = rest;
        String::from_utf8(text.to_vec()).ok()
    }

    fn optional(&mut self) -> Option<Option<String>> {
        let (flag, rest) = self.rest.split_first()?;
        self.rest = rest;
        match flag {
            0 => Some(None),
            1 => self.text().map(Some),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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
                write(1, &entry.as_raw(), &mut bytes);
                bytes
            };
            let entry = entry_of(&left);
            prop_assert_eq!(read(&bytes(&entry)), Some((1, entry.clone())));
            prop_assert_eq!(read(&bytes(&entry)[1..]), None);
            prop_assert_eq!(read(&[bytes(&entry), vec![0]].concat()), None);
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
