//! The signature of the URL by which the provider sends a buyer back.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// What a return URL says, as it came.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Returned<'a> {
    pub(crate) session_id: &'a str,
    /// Empty when the provider knows none.
    pub(crate) order_id: &'a str,
    pub(crate) status: &'a str,
    /// Lower-case hexadecimal.
    pub(crate) signature: &'a str,
}

/// Checks what return URLs say.
pub(crate) struct ReturnKey {
    secret: Vec<u8>,
}

impl ReturnKey {
    pub(crate) fn new(secret: Vec<u8>) -> Self {
        Self { secret }
    }

    /// Whether the provider signed this.
    pub(crate) fn has_signed(&self, returned: Returned<'_>) -> bool {
        let Returned {
            session_id,
            order_id,
            status,
            signature,
        } = returned;
        let (Some(tag), Ok(mut mac)) = (decode_hex(signature), Hmac::<Sha256>::new_from_slice(&self.secret)) else {
            return false;
        };
        mac.update(format!("{session_id}.{order_id}.{status}").as_bytes());
        mac.verify_slice(&tag).is_ok()
    }
}

fn decode_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs
        .iter()
        .map(|&[high, low]| Some(digit(high)? << 4 | digit(low)?))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    // printf %s 'cks_1.42.PAID' | openssl dgst -sha256 -hmac '0123456789abcdefghijklmn'
    const SIGNATURE: &str = "e7e15b4801c05bd94477681ce3dbebcde672d07b36b918e8494ba4737ace6d72";

    #[test]
    fn only_what_was_signed_is_believed() {
        let key = ReturnKey::new(b"0123456789abcdefghijklmn".to_vec());
        let good = Returned {
            session_id: "cks_1",
            order_id: "42",
            status: "PAID",
            signature: SIGNATURE,
        };
        assert!(key.has_signed(good));
        let upper = SIGNATURE.to_uppercase();
        for bad in [
            Returned { status: "OPEN", ..good },
            Returned { order_id: "43", ..good },
            Returned { order_id: "", ..good },
            Returned {
                session_id: "cks_2",
                ..good
            },
            Returned { signature: "", ..good },
            Returned {
                signature: &SIGNATURE[2..],
                ..good
            },
            Returned {
                signature: &SIGNATURE[1..],
                ..good
            },
            Returned {
                signature: &upper,
                ..good
            },
            Returned {
                signature: "é", ..good
            },
        ] {
            assert!(!key.has_signed(bad), "{bad:?}");
        }
        assert!(!ReturnKey::new(vec![0; 24]).has_signed(good));
    }
}
