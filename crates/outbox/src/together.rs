//! Messages that are sent in one call of a peer, and what becomes of them when it does not take them.

use peer::PeerError;
use service::ErrorCode;

use crate::message::{Message, Outcome, Receiver};

/// What becomes of messages that were sent together and not taken. One that is refused, or breaks what takes it, must not
/// hold up the others, so each is then sent alone.
///
/// Only a refusal of a message itself, by one of `final_codes`, is final. What the peer says of anything else (our rights, a
/// schema older than ours during an upgrade) passes, and nothing may be missing then.
pub async fn not_taken<R: Receiver>(
    receiver: &R,
    messages: &[Message],
    error: PeerError,
    final_codes: &[ErrorCode],
) -> Vec<Outcome> {
    match error {
        PeerError::Refused { .. } | PeerError::Malformed { .. } if messages.len() > 1 => {
            let mut outcomes = Vec::with_capacity(messages.len());
            for message in messages {
                outcomes.extend(receiver.deliver(std::slice::from_ref(message)).await);
            }
            outcomes
        }
        PeerError::Refused { ref code, .. } if final_codes.iter().any(|known| known.as_str() == code) => {
            vec![Outcome::Park {
                reason: error.to_string(),
            }]
        }
        error => messages
            .iter()
            .map(|_| Outcome::Retry {
                reason: error.to_string(),
                after: None,
            })
            .collect(),
    }
}

/// What becomes of a message that was taken with the others, if it could be read; one that could not was never sent.
pub fn taken_if_read<T>(read: &Option<T>, otherwise: &str) -> Outcome {
    match read {
        Some(_) => Outcome::Delivered,
        None => Outcome::Park {
            reason: otherwise.to_owned(),
        },
    }
}
