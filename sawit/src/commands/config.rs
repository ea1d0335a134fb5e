//! `sawit config`: every setting, its value, and where that comes from.

use std::process::ExitCode;

use anyhow::Result;
use service::Settings;
use service::settings::{SETTINGS, Sources, toml_key};

use super::say;

pub fn config(sources: &Sources) -> Result<ExitCode> {
    for setting in SETTINGS {
        let (value, source) = sources.value(setting.env);
        let shown = match value {
            Some(_) if setting.secret => "(secret)".to_owned(),
            Some(value) => value,
            None => "(unset)".to_owned(),
        };
        say(format_args!("{} = {shown}   [{source}]", setting.env));
        say(format_args!(
            "    {}; in sawit.toml: {}",
            setting.about,
            toml_key(setting)
        ));
    }
    match Settings::load(sources) {
        Ok(_) => Ok(ExitCode::SUCCESS),
        Err(errors) => {
            say("\nThese cannot be used:");
            errors.iter().for_each(|error| say(format_args!("  {error}")));
            Ok(ExitCode::FAILURE)
        }
    }
}
