//! `sawit health`: a health check for images that have no curl.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;

use super::say;

pub async fn health(url: &str) -> Result<ExitCode> {
    let client = reqwest::Client::builder()
        .timeout(Duration::from_secs(3))
        .no_proxy()
        .build()?;
    match client.get(url).send().await {
        Ok(response) if response.status().is_success() => Ok(ExitCode::SUCCESS),
        Ok(response) => {
            say(response.status());
            Ok(ExitCode::FAILURE)
        }
        Err(_) => {
            say("no answer");
            Ok(ExitCode::FAILURE)
        }
    }
}
