//! Checkpoints: how large the tree was at a time, with what root, signed.
//!
//! The format is that of the C2SP documents *tlog-checkpoint* and *signed-note*, so tools for those read it:
//!
//! ```text
//! sawit/history                                    the log's name
//! 1204                                             how many entries
//! 7VGQ…=                                           the root, base64
//! time 2026-11-25T13:10:00.000000Z                 when, RFC 3339 in UTC
//!                                                  an empty line; what is above, with its last newline, is signed
//! — sawit/history Rk1A…=                           base64 of 4 bytes that name the key and 64 of the Ed25519 signature
//! ```
//!
//! A public key is written as `<name>+<the 4 bytes in hexadecimal>+<base64 of 0x01 and the 32 bytes>`; the 4 bytes are the
//! first of SHA-256(name ‖ 0x0a ‖ 0x01 ‖ key).

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use service::Timestamp;
use sha2::{Digest, Sha256};

use super::merkle::Hash;

/// The log's name, in every checkpoint and public key.
pub const ORIGIN: &str = "sawit/history";

/// What the notes' format calls Ed25519.
const ED25519_TYPE: u8 = 1;
/// No good note comes near it.
const NOTE_BYTES_MAX: usize = 16 * 1024;

/// A key's id and its signature, as they stand in a note.
pub type SignedBytes = [u8; 68];

/// What is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// How many entries there were.
    pub size: u64,
    /// The root of their tree.
    pub root: Hash,
    /// When.
    pub time: Timestamp,
}

/// A public key that checkpoints are verified with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    id: [u8; 4],
    public: [u8; 32],
}

/// Why a note proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// It is not in the format.
    #[error("this is no checkpoint")]
    Malformed,
    /// None of the known keys is said to have signed it.
    #[error("no known key has signed this checkpoint")]
    UnknownKey,
    /// A known key is said to have signed it, and did not.
    #[error("the checkpoint's signature does not hold")]
    BadSignature,
}

/// Text that is no public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no public key: `name+id+base64` is expected")]
pub struct NoKey;

impl Checkpoint {
    /// The text that is signed.
    pub fn body(&self) -> String {
        format!(
            "{ORIGIN}\n{}\n{}\ntime {}\n",
            self.size,
            BASE64.encode(self.root),
            self.time
        )
    }

    /// Reads what [`Self::body`] wrote, and nothing else.
    fn parse(body: &str) -> Option<Self> {
        let mut lines = body.lines();
        let _origin = lines.next()?;
        let checkpoint = Self {
            size: lines.next()?.parse().ok()?,
            root: BASE64.decode(lines.next()?).ok()?.try_into().ok()?,
            time: Timestamp::parse(lines.next()?.strip_prefix("time ")?)?,
        };
        // One way to write it: so no byte of it can be changed and still be read as the same.
        (checkpoint.body() == body).then_some(checkpoint)
    }

    /// The whole note.
    pub fn with_signature(&self, key: &VerifierKey, signature: &[u8]) -> String {
        self.signed(&key.name, [key.id.as_slice(), signature].concat())
    }

    /// The note that has nothing in it but what its parts say: see [`parts`].
    pub fn with_parts(&self, signed: &SignedBytes) -> String {
        self.signed(ORIGIN, signed)
    }

    fn signed(&self, name: &str, signed: impl AsRef<[u8]>) -> String {
        format!("{}\n— {name} {}\n", self.body(), BASE64.encode(signed))
    }
}

impl VerifierKey {
    /// The key of the log with this name.
    pub fn new(public: [u8; 32]) -> Self {
        Self::named(ORIGIN, public)
    }

    fn named(name: &str, public: [u8; 32]) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(name);
        hasher.update([b'\n', ED25519_TYPE]);
        hasher.update(public);
        let hash: Hash = hasher.finalize().into();
        Self {
            name: name.to_owned(),
            id: [hash[0], hash[1], hash[2], hash[3]],
            public,
        }
    }

    /// Reads a key as it is published.
    pub fn parse(text: &str) -> Result<Self, NoKey> {
        let mut parts = text.trim().splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(NoKey);
        };
        let bytes = BASE64.decode(key).map_err(|_| NoKey)?;
        let public = match bytes.split_first() {
            Some((&ED25519_TYPE, public)) => public.try_into().map_err(|_| NoKey)?,
            _ => return Err(NoKey),
        };
        let key = Self::named(name, public);
        // A name and an id that do not belong to the key: a letter was lost on the way.
        if key.id() != id || name.is_empty() || name.contains(char::is_whitespace) {
            return Err(NoKey);
        }
        Ok(key)
    }

    /// Names the key in signatures, receipts and file names.
    pub fn id(&self) -> String {
        self.id.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Verifies a note and answers what it says.
    pub fn verify(&self, note: &str) -> Result<Checkpoint, NoteError> {
        verify(std::slice::from_ref(self), note)
    }
}

impl std::fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let key = [&[ED25519_TYPE], self.public.as_slice()].concat();
        write!(f, "{}+{}+{}", self.name, self.id(), BASE64.encode(key))
    }
}

/// Verifies a note that one of these keys signed, and answers what it says. Signatures of others (witnesses) may stand
/// beside ours and are not looked at.
pub fn verify(keys: &[VerifierKey], note: &str) -> Result<Checkpoint, NoteError> {
    if note.len() > NOTE_BYTES_MAX {
        return Err(NoteError::Malformed);
    }
    let (body, signatures) = split(note).ok_or(NoteError::Malformed)?;
    let checkpoint = Checkpoint::parse(body).ok_or(NoteError::Malformed)?;
    let mut known = false;
    for line in signatures.lines() {
        let (name, id, signature) = parse_signature(line).ok_or(NoteError::Malformed)?;
        let Some(key) = keys.iter().find(|key| key.name == name && key.id == id) else {
            continue;
        };
        known = true;
        UnparsedPublicKey::new(&ED25519, &key.public)
            .verify(body.as_bytes(), &signature)
            .map_err(|_| NoteError::BadSignature)?;
    }
    if known {
        Ok(checkpoint)
    } else {
        Err(NoteError::UnknownKey)
    }
}

/// The id of the key that a note of ours says it is signed with. Says nothing about whether it is.
pub fn key_id(note: &str) -> Option<String> {
    let (_, signatures) = split(note)?;
    let (_, id, _) = parse_signature(signatures.lines().next()?)?;
    Some(id.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// What the first line of the signatures holds. Says nothing about whether they are good.
pub fn parts(note: &str) -> Option<SignedBytes> {
    let (_, signatures) = split(note)?;
    let (_, id, signature) = parse_signature(signatures.lines().next()?)?;
    [id.as_slice(), &signature].concat().try_into().ok()
}

/// What a note of ours says, whether or not it is signed well.
pub fn read(note: &str) -> Option<Checkpoint> {
    Checkpoint::parse(split(note)?.0)
}

/// The signed text and the lines of the signatures.
fn split(note: &str) -> Option<(&str, &str)> {
    let at = note.find("\n\n")?;
    let (body, rest) = (&note[..=at], &note[at + 2..]);
    (rest.ends_with('\n') && !rest.contains("\n\n") && !rest.contains('\r')).then_some((body, rest))
}

fn parse_signature(line: &str) -> Option<(&str, [u8; 4], Vec<u8>)> {
    let (name, signed) = line.strip_prefix("— ")?.split_once(' ')?;
    let bytes = BASE64.decode(signed).ok()?;
    let (id, signature) = bytes.split_first_chunk()?;
    Some((name, *id, signature.to_vec()))
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};

    use super::*;

    fn pair() -> (Ed25519KeyPair, VerifierKey) {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
        let key = VerifierKey::new(pair.public_key().as_ref().try_into().unwrap());
        (pair, key)
    }

    fn checkpoint() -> Checkpoint {
        Checkpoint {
            size: 1204,
            root: [9; 32],
            time: Timestamp::from_micros(1_795_079_200_000_000),
        }
    }

    fn note() -> String {
        let (pair, key) = pair();
        checkpoint().with_signature(&key, pair.sign(checkpoint().body().as_bytes()).as_ref())
    }

    #[test]
    fn a_note_is_what_it_always_was() {
        let expect = "sawit/history\n1204\nCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=\n\
                      time 2026-11-19T09:06:40.000000Z\n\n— sawit/history ";
        assert!(note().starts_with(expect), "{}", note());
        assert_eq!(pair().1.verify(&note()), Ok(checkpoint()));
        assert_eq!(key_id(&note()), Some(pair().1.id()));
    }

    /// The example of the signed-note document: name, id and key belong together as others compute it.
    #[test]
    fn keys_are_read_as_others_write_them() {
        let text = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
        assert_eq!(VerifierKey::parse(text).unwrap().to_string(), text);
        let ours = pair().1;
        assert_eq!(VerifierKey::parse(&format!("{ours}\n")), Ok(ours));
        for bad in [
            "",
            "sawit/history",
            "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TX",
            "PeterNeumann+c74f20a3+Ahpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        ] {
            assert_eq!(VerifierKey::parse(bad), Err(NoKey), "{bad}");
        }
    }

    #[test]
    fn no_byte_of_a_note_can_be_changed() {
        let (note, key) = (note(), pair().1);
        for at in 0..note.len() {
            for bit in 0..8 {
                let mut bytes = note.clone().into_bytes();
                bytes[at] ^= 1 << bit;
                if let Ok(changed) = String::from_utf8(bytes) {
                    assert!(key.verify(&changed).is_err(), "byte {at}, bit {bit}: {changed}");
                }
            }
        }
        for changed in [note.trim_end(), &format!("{note}\n"), &note.replace("1204", "01204")] {
            assert!(key.verify(changed).is_err(), "{changed}");
        }
    }

    #[test]
    fn witnesses_may_sign_beside_us_and_strangers_alone_do_not_count() {
        let key = pair().1;
        let witness = format!("— witness.example {}\n", BASE64.encode([5; 68]));
        assert_eq!(key.verify(&format!("{}{witness}", note())), Ok(checkpoint()));
        let stranger = VerifierKey::new([3; 32]);
        assert_eq!(stranger.verify(&note()), Err(NoteError::UnknownKey));
        let forged = checkpoint().with_signature(&key, &[0; 64]);
        assert_eq!(key.verify(&forged), Err(NoteError::BadSignature));
    }
}
