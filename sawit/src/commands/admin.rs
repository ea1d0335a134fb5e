//! `sawit admin`.

use std::process::ExitCode;

use anyhow::{Result, bail};
use service::{ServiceName, Settings};

use super::say;
use crate::cli::AdminCommand;

pub async fn admin(settings: &Settings, command: AdminCommand) -> Result<ExitCode> {
    let AdminCommand::ResetTotp { email } = command;
    let database = settings.data_dir.join(ServiceName::Auth.database_file());
    if !database.exists() {
        bail!("{} is not there", database.display());
    }
    match auth::reset_totp_in(&database, &email).await? {
        None => bail!("nobody has the e-mail {email}"),
        Some(false) => say(format_args!("{email} has no second factor")),
        Some(true) => say(format_args!(
            "{email} logs in with the password alone, and can begin a new second factor"
        )),
    }
    Ok(ExitCode::SUCCESS)
}
