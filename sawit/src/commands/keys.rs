//! `sawit keys`.

use std::process::ExitCode;

use anyhow::Result;
use auth::keys;
use service::Settings;

use super::say;
use crate::cli::KeysCommand;
use crate::provider::make_keys;

pub async fn keys(settings: &Settings, command: KeysCommand) -> Result<ExitCode> {
    let dir = settings.keys_dir.clone();
    let folder = dir.display().to_string();
    match command {
        KeysCommand::Generate => {
            let made = make_keys(&dir).await?;
            match made.auth.signing_key {
                Some(kid) => say(format_args!("made the signing key {kid} in {folder}/")),
                None => say(format_args!("the signing key in {folder}/ stays as it is")),
            }
            if !made.auth.clients.is_empty() {
                say(format_args!("made secrets for {}", made.auth.clients.join(", ")));
            }
            if let Some(kid) = made.history_key {
                say(format_args!("made the history's key {kid}"));
            }
        }
        KeysCommand::Rotate => {
            let rotated = tokio::task::spawn_blocking(move || keys::rotate(&dir)).await??;
            say(format_args!(
                "{} signs from now on; tokens signed before stay good until they end",
                rotated.kid
            ));
            for kid in rotated.removed {
                say(format_args!("removed {kid}, which signed nothing that is still good"));
            }
        }
        KeysCommand::Show => {
            let shown = tokio::task::spawn_blocking(move || -> Result<_> {
                Ok((keys::show(&dir)?, history::keys::show(&dir)?))
            });
            let (report, of_history) = shown.await??;
            for key in report.keys {
                let state = match (key.signs, key.replaced_at) {
                    (true, _) => "signs".to_owned(),
                    (false, Some(instant)) => format!("replaced {instant}, still checks"),
                    (false, None) => "checks".to_owned(),
                };
                say(format_args!("{}  {state}", key.kid));
            }
            say(format_args!("secrets of {}", report.clients.join(", ")));
            for key in of_history {
                let state = if key.signs {
                    "signs the history"
                } else {
                    "verifies what it signed"
                };
                say(format_args!("{}  {state}: {}", key.kid, key.public));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
