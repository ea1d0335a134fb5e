//! The id type itself.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

const PREFIX_LEN: usize = 3;
const ULID_START: usize = PREFIX_LEN + 1;

/// The length of every id in bytes, all of them ASCII.
pub const TEXT_LEN: usize = ULID_START + ulid::ULID_LEN;

/// What an id names.
pub trait Kind: 'static + Send + Sync {
    /// Three lower-case letters, unique in the registry.
    const PREFIX: &'static str;
}

/// An id of one kind, kept inline as its canonical text. Ids are names, never secrets: ids that [`Id::generate`] makes in
/// the same millisecond follow each other.
pub struct Id<K: Kind> {
    text: [u8; TEXT_LEN],
    // `fn() -> K` keeps the id Send, Sync and Copy whatever K is.
    kind: PhantomData<fn() -> K>,
}

/// Why a text is not an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Not as long as an id.
    #[error("an id has exactly {TEXT_LEN} characters")]
    Length,
    /// The id of something else, or of nothing.
    #[error("this id has to start with `{expected}_`")]
    Prefix {
        /// The prefix asked for.
        expected: &'static str,
    },
    /// The part after the prefix is not a ULID in its canonical spelling.
    #[error("the part after the prefix is not an upper-case ULID")]
    Ulid,
}

impl<K: Kind> Id<K> {
    const HEAD: [u8; ULID_START] = {
        let prefix = K::PREFIX.as_bytes();
        assert!(prefix.len() == PREFIX_LEN, "an id prefix has three letters");
        [prefix[0], prefix[1], prefix[2], b'_']
    };

    /// A new id that sorts after every id this process has generated before.
    #[must_use]
    pub fn generate() -> Self {
        static GENERATOR: Mutex<ulid::Generator> = Mutex::new(ulid::Generator::new());
        let ulid = {
            // The generator is one plain value: a panic elsewhere cannot leave it half written.
            let mut generator = GENERATOR.lock().unwrap_or_else(PoisonError::into_inner);
            generator
                .generate()
                .unwrap_or_else(|overflow| overflow.commit_overflow_increment())
        };
        let mut digits = [0; ulid::ULID_LEN];
        ulid.array_to_str(&mut digits);
        Self::from_digits(&digits)
    }

    /// A new id with 80 fresh random bits behind its time: whoever has one cannot guess another. For what is shown to
    /// whoever has its id. Ids of one millisecond are in no order.
    #[must_use]
    pub fn generate_random() -> Self {
        let mut digits = [0; ulid::ULID_LEN];
        ulid::Ulid::generate().array_to_str(&mut digits);
        Self::from_digits(&digits)
    }

    /// Reads the canonical text and nothing else: no lower case, no look-alike letters, no other kind.
    ///
    /// # Errors
    /// Says which part is wrong.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let bytes: &[u8; TEXT_LEN] = text.as_bytes().try_into().map_err(|_| IdError::Length)?;
        if bytes[..ULID_START] != Self::HEAD {
            return Err(IdError::Prefix { expected: K::PREFIX });
        }
        let digits = &bytes[ULID_START..];
        // 26 digits of 5 bits are 130 bits; a first digit above 7 would not fit into 128.
        if digits[0] > b'7' || !digits.iter().all(|&digit| is_crockford(digit)) {
            return Err(IdError::Ulid);
        }
        Ok(Self {
            text: *bytes,
            kind: PhantomData,
        })
    }

    /// The canonical text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.text).expect("an id is built from ASCII only")
    }

    /// The same ULID under another kind's prefix. A transfer's id comes from its transaction's id this way, so that
    /// doing the transfer again names the same transfer.
    #[must_use]
    pub fn retag<B: Kind>(&self) -> Id<B> {
        let mut digits = [0; ulid::ULID_LEN];
        digits.copy_from_slice(&self.text[ULID_START..]);
        Id::from_digits(&digits)
    }

    fn from_digits(digits: &[u8; ulid::ULID_LEN]) -> Self {
        let mut text = [0; TEXT_LEN];
        text[..ULID_START].copy_from_slice(&Self::HEAD);
        text[ULID_START..].copy_from_slice(digits);
        Self {
            text,
            kind: PhantomData,
        }
    }
}

/// Crockford's base 32 leaves out I, L, O and U.
const fn is_crockford(digit: u8) -> bool {
    matches!(digit, b'0'..=b'9' | b'A'..=b'H' | b'J' | b'K' | b'M' | b'N' | b'P'..=b'T' | b'V'..=b'Z')
}

// Written out because derives would ask the same traits of K, which is only a tag.
impl<K: Kind> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K: Kind> Copy for Id<K> {}

impl<K: Kind> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl<K: Kind> Eq for Id<K> {}

impl<K: Kind> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<K: Kind> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.text.cmp(&other.text)
    }
}

impl<K: Kind> Hash for Id<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl<K: Kind> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl<K: Kind> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl<K: Kind> AsRef<str> for Id<K> {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl<K: Kind> From<Id<K>> for String {
    fn from(id: Id<K>) -> Self {
        id.as_str().to_owned()
    }
}

impl<K: Kind> FromStr for Id<K> {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        Self::parse(text)
    }
}

impl<K: Kind> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de, K: Kind> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor<K>(PhantomData<K>);

        impl<K: Kind> de::Visitor<'_> for Visitor<K> {
            type Value = Id<K>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "an id that starts with `{}_`", K::PREFIX)
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Id<K>, E> {
                Id::parse(text).map_err(E::custom)
            }
        }

        deserializer.deserialize_str(Visitor(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{PREFIXES, TransactionId, Transfer, TransferId, UserId, WalletId};

    #[track_caller]
    fn check(text: &str, expect: Result<(), IdError>) {
        let parsed = TransactionId::parse(text);
        assert_eq!(parsed.map(|_| ()), expect, "{text:?}");
        if let Ok(id) = parsed {
            assert_eq!(id.as_str(), text);
            assert_eq!(id.to_string().parse(), Ok(id));
            assert_eq!(
                serde_json::from_str::<TransactionId>(&serde_json::to_string(&id).unwrap()).unwrap(),
                id
            );
        }
        let json = serde_json::Value::from(text);
        assert_eq!(serde_json::from_value::<TransactionId>(json).is_ok(), expect.is_ok());
    }

    #[test]
    fn only_the_canonical_spelling_is_an_id() {
        let prefix = Err(IdError::Prefix { expected: "trx" });
        check("trx_01JD2Q3V4W5X6Y7Z8A9BCDEFGH", Ok(()));
        check("trx_00000000000000000000000000", Ok(()));
        check("trx_7ZZZZZZZZZZZZZZZZZZZZZZZZZ", Ok(()));
        check("trx_8ZZZZZZZZZZZZZZZZZZZZZZZZZ", Err(IdError::Ulid));
        check("trx_ZZZZZZZZZZZZZZZZZZZZZZZZZZ", Err(IdError::Ulid));
        check("trx_01jd2q3v4w5x6y7z8a9bcdefgh", Err(IdError::Ulid));
        check("trx_01JD2Q3V4W5X6Y7Z8A9BCDEFGI", Err(IdError::Ulid));
        check("trx_01JD2Q3V4W5X6Y7Z8A9BCDEFGL", Err(IdError::Ulid));
        check("trx_01JD2Q3V4W5X6Y7Z8A9BCDEFGO", Err(IdError::Ulid));
        check("trx_01JD2Q3V4W5X6Y7Z8A9BCDEFGU", Err(IdError::Ulid));
        check("trx_01JD2Q3V4W5X6Y7Z8A9BCDEFG-", Err(IdError::Ulid));
        check("trx_01JD2Q3V4W5X6Y7Z8A9BCDEFé", Err(IdError::Ulid));
        check("TRX_01JD2Q3V4W5X6Y7Z8A9BCDEFGH", prefix);
        check("usr_01JD2Q3V4W5X6Y7Z8A9BCDEFGH", prefix);
        check("trx-01JD2Q3V4W5X6Y7Z8A9BCDEFGH", prefix);
        check(" trx_01JD2Q3V4W5X6Y7Z8A9BCDEFG", prefix);
        check("trx_01JD2Q3V4W5X6Y7Z8A9BCDEFG", Err(IdError::Length));
        check("trx_01JD2Q3V4W5X6Y7Z8A9BCDEFGHH", Err(IdError::Length));
        check("trx_01JD2Q3V4W5X6Y7Z8A9BCDEFGH ", Err(IdError::Length));
        check("", Err(IdError::Length));
    }

    #[test]
    fn generated_ids_are_canonical_unique_and_sorted_across_threads() {
        let ids: Vec<Vec<WalletId>> = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| (0..2_000).map(|_| WalletId::generate()).collect()))
                .collect();
            workers.into_iter().map(|worker| worker.join().unwrap()).collect()
        });
        let mut all = BTreeSet::new();
        for of_one_thread in ids {
            assert!(of_one_thread.is_sorted());
            for id in of_one_thread {
                assert_eq!(WalletId::parse(id.as_str()), Ok(id));
                assert!(all.insert(id), "{id} came twice");
            }
        }
        assert_eq!(all.len(), 8_000);
    }

    #[test]
    fn a_random_id_does_not_tell_the_next_one() {
        let ids: Vec<WalletId> = (0..2_000).map(|_| WalletId::generate_random()).collect();
        for id in &ids {
            assert_eq!(WalletId::parse(id.as_str()), Ok(*id));
        }
        // The first half of what is random: as a counter it would stay the same, at random it never does.
        let halves: BTreeSet<&str> = ids.iter().map(|id| &id.as_str()[14..22]).collect();
        assert_eq!(halves.len(), ids.len());
        assert!(!ids.is_sorted(), "within a millisecond they are in no order");
    }

    #[test]
    fn retagging_keeps_the_ulid_and_is_reversible() {
        let transaction = TransactionId::generate();
        let transfer: TransferId = transaction.retag::<Transfer>();
        assert_eq!(transfer.as_str()[4..], transaction.as_str()[4..]);
        assert!(transfer.as_str().starts_with("xfr_"));
        assert_eq!(transfer.retag(), transaction);
    }

    #[test]
    fn prefixes_are_three_letters_and_distinct() {
        let distinct: BTreeSet<_> = PREFIXES.iter().collect();
        assert_eq!(distinct.len(), PREFIXES.len());
        assert!(
            PREFIXES
                .iter()
                .all(|prefix| prefix.len() == 3 && prefix.bytes().all(|b| b.is_ascii_lowercase()))
        );
    }

    #[test]
    fn an_id_formats_like_its_text() {
        let id = UserId::generate();
        assert_eq!(format!("{id}"), id.as_str());
        assert_eq!(format!("{id:?}"), id.as_str());
        assert_eq!(format!("{id:>32}"), format!("  {id}"));
    }
}
