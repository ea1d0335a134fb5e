//! `sawit keys`.

use std::process::ExitCode;

use anyhow::Result;
use auth::keys;
use service::Settings;

use super::say;
use crate::cli::KeysCommand;

pub async fn keys(settings: &Settings, command: KeysCommand) -> Result<ExitCode> {
    let dir = settings.keys_dir.clone();
    let folder = dir.display().to_string();
    match command {
        KeysCommand::Generate => {
            let made = tokio::task::spawn_blocking(move || keys::generate_if_missing(&dir)).await??;
            match made.signing_key {
                Some(kid) => say(format_args!("made the signing key {kid} in {folder}/")),
                None => say(format_args!("the signing key in {folder}/ stays as it is")),
            }
            if !made.clients.is_empty() {
                say(format_args!("made secrets for {}", made.clients.join(", ")));
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
            let report = tokio::task::spawn_blocking(move || keys::show(&dir)).await??;
            for key in report.keys {
                let state = match (key.signs, key.replaced_at) {
                    (true, _) => "signs".to_owned(),
                    (false, Some(instant)) => format!("replaced {instant}, still checks"),
                    (false, None) => "checks".to_owned(),
                };
                say(format_args!("{}  {state}", key.kid));
            }
            say(format_args!("secrets of {}", report.clients.join(", ")));
        }
    }
    Ok(ExitCode::SUCCESS)
}
