//! Where settings come from, and a reader that collects what is wrong with them.

use std::collections::BTreeMap;
use std::path::Path;
use std::str::FromStr;

use super::table::{SETTINGS, toml_key};

/// One setting that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{variable}: {problem}")]
pub struct SettingError {
    /// Its environment variable (or the file).
    pub variable: String,
    /// What is wrong.
    pub problem: String,
}

/// All values that somebody set, by environment variable, and where each was set.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    values: BTreeMap<String, (String, &'static str)>,
}

impl Sources {
    /// The process's environment, and below it the file, if there is one.
    pub fn from_environment(file: &Path) -> Result<Self, SettingError> {
        let mut sources = Self::default();
        if file.exists() {
            sources.read_file(file)?;
        }
        for setting in SETTINGS {
            if let Ok(value) = std::env::var(setting.env)
                && !value.is_empty()
            {
                sources.values.insert(setting.env.to_owned(), (value, "environment"));
            }
        }
        Ok(sources)
    }

    /// Values given by the caller, for tests and tools.
    pub fn from_pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        Self {
            values: pairs
                .into_iter()
                .map(|(name, value)| (name, (value, "caller")))
                .collect(),
        }
    }

    /// The value of a setting and where it comes from, for the listing.
    pub fn value(&self, variable: &str) -> (Option<String>, &'static str) {
        if let Some((value, source)) = self.values.get(variable) {
            return (Some(value.clone()), source);
        }
        let default = SETTINGS
            .iter()
            .find(|setting| setting.env == variable)
            .map_or("", |setting| setting.default);
        ((!default.is_empty()).then(|| default.to_owned()), "default")
    }

    fn read_file(&mut self, file: &Path) -> Result<(), SettingError> {
        let failed = |problem: String| SettingError {
            variable: file.display().to_string(),
            problem,
        };
        let text = std::fs::read_to_string(file).map_err(|error| failed(error.to_string()))?;
        let table: toml::Table = text
            .parse()
            .map_err(|error: toml::de::Error| failed(error.message().to_owned()))?;
        for (key, value) in table {
            let Some(setting) = SETTINGS.iter().find(|setting| toml_key(setting) == key) else {
                return Err(failed(format!(
                    "there is no setting {key:?}; `sawit config` lists them"
                )));
            };
            let value = match value {
                toml::Value::String(text) => text,
                toml::Value::Integer(number) => number.to_string(),
                toml::Value::Boolean(switch) => if switch { "on" } else { "off" }.to_owned(),
                _ => return Err(failed(format!("{key}: text, a whole number or true/false is expected"))),
            };
            self.values.insert(setting.env.to_owned(), (value, "sawit.toml"));
        }
        Ok(())
    }

    pub(super) fn reader(&self) -> Reader<'_> {
        Reader {
            sources: self,
            errors: Vec::new(),
        }
    }
}

/// Reads values one by one and remembers what was wrong.
pub(super) struct Reader<'a> {
    sources: &'a Sources,
    errors: Vec<SettingError>,
}

impl Reader<'_> {
    pub fn text(&self, variable: &str) -> Option<String> {
        self.sources.value(variable).0
    }

    pub fn refuse(&mut self, variable: &str, problem: &str) {
        self.errors.push(SettingError {
            variable: variable.to_owned(),
            problem: problem.to_owned(),
        });
    }

    pub fn parse<T: FromStr>(&mut self, variable: &str, expected: &str) -> Option<T> {
        let parsed = self.parse_opt(variable, expected);
        if parsed.is_none() && self.text(variable).is_none() {
            self.refuse(variable, &format!("{expected} is expected"));
        }
        parsed
    }

    pub fn parse_opt<T: FromStr>(&mut self, variable: &str, expected: &str) -> Option<T> {
        let text = self.text(variable)?;
        let parsed = text.parse().ok();
        if parsed.is_none() {
            self.refuse(variable, &format!("{text:?} was given, {expected} is expected"));
        }
        parsed
    }

    pub fn one_of<T: Copy>(&mut self, variable: &str, choices: &[(&str, T)]) -> Option<T> {
        let text = self.text(variable).unwrap_or_default();
        let chosen = choices.iter().find(|(name, _)| *name == text).map(|(_, value)| *value);
        if chosen.is_none() {
            let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
            self.refuse(
                variable,
                &format!("{text:?} was given, {} is expected", names.join(" or ")),
            );
        }
        chosen
    }

    pub fn finish(self) -> Result<(), Vec<SettingError>> {
        if self.errors.is_empty() {
            Ok(())
        } else {
            Err(self.errors)
        }
    }
}
