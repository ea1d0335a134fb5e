//! `sawit audit`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use history::audit::{newest_checkpoint, verify as verify_file};
use history::evidence::VerifierKey;
use service::{ServiceName, Settings};

use super::receipt::{public_key, read};
use super::{print, say};
use crate::audit::books;
use crate::cli::AuditCommand;

pub async fn audit(settings: &Settings, command: AuditCommand) -> Result<ExitCode> {
    let history = settings.data_dir.join(ServiceName::History.database_file());
    match command {
        AuditCommand::Books => check_books(settings).await,
        AuditCommand::Verify { checkpoint, key, file } => {
            let keys = match key {
                Some(key) => vec![public_key(&key)?],
                None => published_keys(settings)?,
            };
            let kept = checkpoint.map(|path| read(&path)).transpose()?;
            verify(file.unwrap_or(history), keys, kept).await
        }
        AuditCommand::Checkpoint => {
            let found = tokio::task::spawn_blocking(move || newest_checkpoint(&history)).await??;
            print(found.context("nothing has been signed yet")?);
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn check_books(settings: &Settings) -> Result<ExitCode> {
    let data_dir = settings.data_dir.clone();
    let report = tokio::task::spawn_blocking(move || books::check(&data_dir)).await??;
    say(format_args!(
        "{} transfers, {} transactions ({} not finished), {} history entries, {} deliveries waiting, {} parked",
        report.transfers, report.transactions, report.unfinished, report.history_entries, report.waiting, report.parked
    ));
    if report.findings.is_empty() {
        say("the books balance: nothing was lost, made or moved twice");
        return Ok(ExitCode::SUCCESS);
    }
    for finding in &report.findings {
        say(format_args!("WRONG: {} ({} times)", finding.what, finding.count));
    }
    Ok(ExitCode::FAILURE)
}

async fn verify(file: PathBuf, keys: Vec<VerifierKey>, kept: Option<String>) -> Result<ExitCode> {
    let began = Instant::now();
    let name = file.display().to_string();
    let was_compared = kept.is_some();
    let report = tokio::task::spawn_blocking(move || verify_file(&file, &keys, kept.as_deref()))
        .await?
        .with_context(|| format!("{name} cannot be verified"))?;
    say(format_args!(
        "{} entries, {} checkpoints, verified in {} ms",
        report.entries,
        report.checkpoints,
        began.elapsed().as_millis()
    ));
    if let Some(root) = report.root {
        say(format_args!("root {}", BASE64.encode(root)));
        say(if was_compared {
            "the history holds, and it begins with what the checkpoint that was kept was signed for"
        } else {
            "the history holds: nothing was changed, removed or put in since it was signed for"
        });
        return Ok(ExitCode::SUCCESS);
    }
    for finding in &report.findings {
        say(format_args!("WRONG: entry {}: {}", finding.sequence, finding.what));
    }
    Ok(ExitCode::FAILURE)
}

fn published_keys(settings: &Settings) -> Result<Vec<VerifierKey>> {
    let keys = history::keys::show(&settings.keys_dir)?;
    anyhow::ensure!(
        !keys.is_empty(),
        "{} holds no history key; --key takes one",
        settings.keys_dir.display()
    );
    Ok(keys.into_iter().map(|key| key.public).collect())
}
