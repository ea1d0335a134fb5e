//! Verifies a receipt for whoever cannot do it themselves.

use super::App;
use crate::domain::checkpoint::{NoteError, VerifierKey};
use crate::domain::receipt::{self, ReceiptError, Verified};

impl App {
    /// Verifies with a key that the asker knows, or with each that has ever signed here; also says which it was.
    pub fn verify_receipt(
        &self,
        text: &str,
        key: Option<VerifierKey>,
    ) -> Result<(Verified, VerifierKey), ReceiptError> {
        let keys = key.as_ref().map_or(self.public_keys(), std::slice::from_ref);
        for key in keys {
            match receipt::verify(text, key) {
                // Another one may have signed it.
                Err(ReceiptError::Note(NoteError::UnknownKey)) => {}
                Err(error) => return Err(error),
                Ok(verified) => return Ok((verified, key.clone())),
            }
        }
        Err(NoteError::UnknownKey.into())
    }
}
