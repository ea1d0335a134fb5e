//! `sawit receipt`: needs no settings, no keys folder and no network, because whoever verifies has none of ours.

use std::io::Read as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};
use history::evidence::{VerifierKey, is_receipt_code, verify_receipt};
use money::{Currency, Money};
use service::Timestamp;

use super::say;
use crate::cli::ReceiptCommand;

/// Far more than a receipt has.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

pub fn receipt(command: &ReceiptCommand) -> Result<ExitCode> {
    let ReceiptCommand::Verify { receipt, key } = command;
    let key = public_key(key)?;
    let text = if is_receipt_code(receipt) {
        receipt.clone()
    } else {
        read(Path::new(receipt))?
    };
    let verified = match verify_receipt(&text, &key) {
        Ok(verified) => verified,
        Err(error) => {
            say(format_args!("WRONG: {error}"));
            return Ok(ExitCode::FAILURE);
        }
    };
    let (entry, checkpoint) = (&verified.entry, &verified.checkpoint);
    let amount = entry
        .currency
        .parse::<Currency>()
        .and_then(|currency| Money::new(entry.amount, currency));
    let amount = amount.map_or_else(|_| format!("{} minor units", entry.amount), |money| money.to_string());
    say(format_args!(
        "{} {} of {}: {amount} {} {}, {}",
        entry.kind,
        entry.transaction_id,
        entry.user_id,
        entry.direction,
        entry.status,
        Timestamp::from_micros(entry.occurred_at)
    ));
    say(format_args!(
        "entry {} of the history, signed for by key {} at {} with {} entries",
        verified.sequence,
        key.id(),
        checkpoint.time,
        checkpoint.size
    ));
    say("the receipt holds");
    Ok(ExitCode::SUCCESS)
}

/// A key as it is published, or the file it stands in.
pub(super) fn public_key(text: &str) -> Result<VerifierKey> {
    if let Ok(key) = VerifierKey::parse(text) {
        return Ok(key);
    }
    let path = Path::new(text);
    let content =
        std::fs::read_to_string(path).with_context(|| format!("{text} is neither a public key nor a file"))?;
    VerifierKey::parse(&content).with_context(|| format!("{text} holds no public key"))
}

/// A small file, or standard input.
pub(super) fn read(path: &Path) -> Result<String> {
    let mut text = String::new();
    let read = if path == Path::new("-") {
        std::io::stdin().take(FILE_BYTES_MAX).read_to_string(&mut text)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(FILE_BYTES_MAX).read_to_string(&mut text))
    };
    read.with_context(|| format!("{} cannot be read", path.display()))?;
    Ok(text)
}
