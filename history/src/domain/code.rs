//! `sawit-receipt-code/1`: a receipt as a text short enough for a QR code, and as good as the JSON. `docs/receipts.md`
//! describes it for those who read it elsewhere.
//!
//! What can be computed is left out. The root follows from the entry and its path, the leaf from the entry's number, and
//! with them and three numbers the signed text of the checkpoint can be written again: if anything of it is not as it was,
//! the signature does not hold.

use service::Timestamp;

use super::bytes;
use super::checkpoint::{self, Checkpoint, SignedBytes};
use super::merkle::{self, Hash};
use super::receipt::{Proof, ReceiptError, leaf_of, malformed};

/// What every code begins with.
const PREFIX: &str = "SRC1:";
/// More do not fit into the largest QR code that may lose some of its points, next to an address of 200 letters.
const BYTES_MAX: usize = 2_048;
/// No tree is higher: there is no more than one hash for each bit of a leaf's number.
const PATH_MAX: usize = 64;
/// Of those that QR codes write in 5½ bits, the ones that stand for themselves in the fragment of an address. No text ends
/// with one of the last two, which programs that look for addresses in a text would cut off.
const DIGITS: &[u8; 41] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-/+.:";

/// Whether a text is meant as a code, and not as the name of a file.
pub fn is_code(text: &str) -> bool {
    text.rsplit_once('#').map_or(text, |(_, code)| code).starts_with(PREFIX)
}

impl Proof {
    /// The code. `None` when it would be too long, or would not say the same.
    pub fn to_code(&self) -> Option<String> {
        let checkpoint = checkpoint::read(&self.note)?;
        let mut bytes = Vec::with_capacity(1_024);
        bytes.extend_from_slice(&checkpoint::parts(&self.note)?);
        bytes.extend_from_slice(&self.size.to_be_bytes());
        bytes.extend_from_slice(&checkpoint.time.micros().to_be_bytes());
        bytes.push(u8::try_from(self.path.len()).ok()?);
        for hash in &self.path {
            bytes.extend_from_slice(hash);
        }
        bytes.extend_from_slice(&self.entry);
        if bytes.len() > BYTES_MAX {
            return None;
        }
        let code = format!("{PREFIX}{}", encode(&bytes));
        // A note that somebody else has signed, too, cannot be written again.
        (Self::from_code(&code).as_ref() == Ok(self)).then_some(code)
    }

    /// Reads a code, also in its link or broken into lines. Nothing of it is proven.
    pub fn from_code(text: &str) -> Result<Self, ReceiptError> {
        let text: String = text.split_ascii_whitespace().collect();
        let code = text.rsplit_once('#').map_or(text.as_str(), |(_, code)| code);
        let digits = code.strip_prefix(PREFIX);
        let digits = digits.ok_or_else(|| malformed("neither the JSON nor the code of one"))?;
        let bytes = decode(digits).ok_or_else(|| malformed("the code is not complete, or a letter of it is wrong"))?;
        let parts = Parts::read(&bytes).ok_or_else(|| malformed("the code says something else"))?;
        let leaf = bytes::read(&parts.entry).and_then(|(sequence, _)| leaf_of(sequence));
        let leaf = leaf.ok_or_else(|| malformed("the entry's bytes"))?;
        let hash = merkle::leaf_hash(&parts.entry);
        let root = merkle::inclusion_root(hash, leaf, parts.size, &parts.path).ok_or(ReceiptError::NotIncluded)?;
        let checkpoint = Checkpoint {
            size: parts.size,
            root,
            time: parts.time,
        };
        Ok(Self {
            entry: parts.entry,
            leaf,
            size: parts.size,
            path: parts.path,
            note: checkpoint.with_parts(&parts.signed),
        })
    }
}

/// What a code holds, in its order.
struct Parts {
    signed: SignedBytes,
    size: u64,
    time: Timestamp,
    path: Vec<Hash>,
    entry: Vec<u8>,
}

impl Parts {
    fn read(bytes: &[u8]) -> Option<Self> {
        let (signed, rest) = bytes.split_first_chunk()?;
        let (size, rest) = rest.split_first_chunk()?;
        let (time, rest) = rest.split_first_chunk()?;
        let (hashes, rest) = rest.split_first()?;
        let hashes = usize::from(*hashes);
        let (path, entry) = rest.split_at_checked(hashes * size_of::<Hash>())?;
        let path = path.chunks_exact(size_of::<Hash>()).map(|hash| hash.try_into().ok());
        (hashes <= PATH_MAX).then_some(Self {
            signed: *signed,
            size: u64::from_be_bytes(*size),
            time: Timestamp::from_micros(i64::from_be_bytes(*time)),
            path: path.collect::<Option<_>>()?,
            entry: entry.to_vec(),
        })
    }
}

/// Two bytes are three digits to the base of 41, and a last one is two; the lowest digit stands first.
fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(2) * 3);
    for pair in bytes.chunks(2) {
        let mut number = pair.iter().fold(0, |number, byte| number << 8 | usize::from(*byte));
        for _ in 0..=pair.len() {
            text.push(char::from(DIGITS[number % DIGITS.len()]));
            number /= DIGITS.len();
        }
    }
    text
}

/// Reads what [`encode`] wrote, and nothing else.
fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 3 * 2 + 1);
    for digits in text.as_bytes().chunks(3) {
        let mut number = 0_u32;
        for digit in digits.iter().rev() {
            let value = DIGITS.iter().position(|known| known == digit)?;
            number = number * DIGITS.len() as u32 + u32::try_from(value).ok()?;
        }
        match digits.len() {
            3 => bytes.extend_from_slice(&u16::try_from(number).ok()?.to_be_bytes()),
            2 => bytes.push(u8::try_from(number).ok()?),
            _ => return None,
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests;
