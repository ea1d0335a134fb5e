//! `sawit audit`.

use std::process::ExitCode;

use anyhow::Result;
use service::Settings;

use super::say;
use crate::audit::books;
use crate::cli::AuditCommand;

pub async fn audit(settings: &Settings, command: AuditCommand) -> Result<ExitCode> {
    let AuditCommand::Books = command;
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
