//! The rules: listed, written, changed, switched on and off. Each change is a new version, and noted as an action.

use service::{ApiError, ErrorCode, Timestamp};
use store::{StoreError, Tx};

use super::App;
use crate::domain::{LeftOut, Problem, Rule, RuleAction, RuleBook, RuleState, check_expression};
use crate::store::rules;

/// More rules than this cost more time than a check has.
const RULES_MAX: i64 = 200;
pub(super) const NAME_CHARS_MAX: usize = 64;
const DESCRIPTION_CHARS_MAX: usize = 300;
const VERSIONS_MAX: i64 = 500;

/// A rule to be written.
#[derive(Clone, Debug)]
pub struct NewRule {
    /// Its name, for ever.
    pub name: String,
    /// Why it fires, for people.
    pub description: String,
    /// When it fires.
    pub expression: String,
    /// What it adds to the score.
    pub score: u32,
    /// What it does beside.
    pub action: RuleAction,
    /// Whether it counts.
    pub state: RuleState,
    /// Why it is written.
    pub reason: String,
    /// By whom.
    pub author: String,
}

/// What is to be different in the next version of a rule; what is left out stays.
#[derive(Clone, Debug, Default)]
pub struct RuleChange {
    /// Which rule.
    pub name: String,
    /// The version that it takes the place of.
    pub expected_version: u32,
    /// Why it fires, for people.
    pub description: Option<String>,
    /// When it fires.
    pub expression: Option<String>,
    /// What it adds to the score.
    pub score: Option<u32>,
    /// What it does beside.
    pub action: Option<RuleAction>,
    /// Whether it counts.
    pub state: Option<RuleState>,
    /// Why it is changed.
    pub reason: String,
    /// By whom.
    pub author: String,
    /// The operation, for the log of actions.
    pub operation: &'static str,
}

impl App {
    /// All rules as they are, in the order in which they were made.
    pub async fn rules(&self, state: Option<RuleState>) -> Result<Vec<Rule>, ApiError> {
        let found = self.database.read(|snapshot| rules::as_of(snapshot, i64::MAX)).await;
        let mut found = found.map_err(ApiError::from)?;
        found.retain(|rule| state.is_none_or(|state| rule.state == state));
        Ok(found)
    }

    /// The versions of a rule, the newest first.
    pub async fn rule_versions(&self, name: String) -> Result<Vec<Rule>, ApiError> {
        let found = self
            .database
            .read(move |snapshot| rules::versions(snapshot, &name, VERSIONS_MAX))
            .await
            .map_err(ApiError::from)?;
        if found.is_empty() {
            return Err(ApiError::not_found("fraud rule"));
        }
        Ok(found)
    }

    /// Writes a rule.
    pub async fn create_rule(&self, asked: NewRule) -> Result<Rule, ApiError> {
        let rule = Rule {
            revision: 0,
            name: rule_name(&asked.name)?,
            version: 1,
            description: asked.description,
            expression: asked.expression,
            score: asked.score,
            action: asked.action,
            state: asked.state,
            author: asked.author,
            reason: actions::required_reason(asked.reason)?,
            created_at: self.clock.now(),
        };
        let rule = checked(rule)?;
        let written = self
            .database
            .write(move |tx| -> Result<Rule, ApiError> {
                if rules::exists(tx, &rule.name)? {
                    let problem = "there is a rule of this name";
                    return Err(ApiError::new(ErrorCode::Conflict, problem).with("field", "name"));
                }
                if rules::count_and_revision(tx)?.0 >= RULES_MAX {
                    return Err(ApiError::bad_input(format!("there are {RULES_MAX} rules already")));
                }
                write(tx, rule.clone(), "createFraudRule")
            })
            .await?;
        self.load_rules().await?;
        Ok(written)
    }

    /// Writes the next version of a rule.
    pub async fn change_rule(&self, asked: RuleChange) -> Result<Rule, ApiError> {
        let reason = actions::required_reason(asked.reason.clone())?;
        let now = self.clock.now();
        let written = self
            .database
            .write(move |tx| -> Result<Rule, ApiError> {
                let Some(current) = rules::current(tx, &asked.name)? else {
                    return Err(ApiError::not_found("fraud rule"));
                };
                if current.version != asked.expected_version {
                    let problem = "the rule has been changed meanwhile";
                    return Err(ApiError::new(ErrorCode::Conflict, problem).with("version", current.version));
                }
                // Switching off must go through also for an expression that cannot be read any more.
                let stays_and_rests = asked.expression.is_none() && asked.state == Some(RuleState::Off);
                let next = next_version(current, &asked, &reason, now);
                let next = if stays_and_rests { next } else { checked(next)? };
                write(tx, next, asked.operation)
            })
            .await?;
        self.load_rules().await?;
        Ok(written)
    }

    /// Puts the rules of the database in force.
    pub(super) async fn load_rules(&self) -> Result<(), ApiError> {
        let book = load(&self.database).await?;
        let mut in_force = self.book.write().unwrap_or_else(|poisoned| poisoned.into_inner());
        // Two changes at once: the newer book stays.
        if book.revision() >= in_force.revision() {
            *in_force = std::sync::Arc::new(book);
        }
        Ok(())
    }

    /// How often a rule could not say whether it fires, since the rules in force were last put together.
    pub fn times_it_could_not_say(&self, name: &str) -> u64 {
        self.book().times_it_could_not_say(name)
    }

    pub(super) fn book(&self) -> std::sync::Arc<RuleBook> {
        let in_force = self.book.read().unwrap_or_else(|poisoned| poisoned.into_inner());
        std::sync::Arc::clone(&in_force)
    }
}

/// The book of the newest version of each rule. What had to be left out of it is told: staff should change or switch it off.
pub(super) async fn load(database: &store::Database) -> Result<RuleBook, StoreError> {
    let rules = database.read(|snapshot| rules::as_of(snapshot, i64::MAX)).await?;
    let book = RuleBook::new(rules);
    for LeftOut { rule, version, problem } in book.left_out() {
        let problem = &problem.message;
        tracing::error!(%rule, version, %problem, "a fraud rule is not asked, because this version of the program cannot read it");
    }
    let left_out = u32::try_from(book.left_out().len()).unwrap_or(u32::MAX);
    metrics::gauge!("sawit_fraud_rules_left_out").set(f64::from(left_out));
    Ok(book)
}

fn next_version(current: Rule, asked: &RuleChange, reason: &str, now: Timestamp) -> Rule {
    Rule {
        version: current.version.saturating_add(1),
        description: asked.description.clone().unwrap_or(current.description),
        expression: asked.expression.clone().unwrap_or(current.expression),
        score: asked.score.unwrap_or(current.score),
        action: asked.action.unwrap_or(current.action),
        state: asked.state.unwrap_or(current.state),
        author: asked.author.clone(),
        reason: reason.to_owned(),
        created_at: now,
        ..current
    }
}

fn write(tx: &mut Tx<'_>, rule: Rule, operation: &str) -> Result<Rule, ApiError> {
    let (_, newest) = rules::count_and_revision(tx)?;
    let rule = Rule {
        revision: newest.saturating_add(1),
        ..rule
    };
    rules::insert(tx, &rule)?;
    let detail = format!(
        "version {}, {}, score {}, {}: {}",
        rule.version,
        rule.state.as_str(),
        rule.score,
        rule.action.as_str(),
        rule.expression
    );
    let action = actions::NewAction {
        actor: &rule.author,
        action: operation,
        object: &rule.name,
        reason: Some(&rule.reason),
        detail: Some(&detail),
    };
    actions::record(tx, &action, rule.created_at)?;
    Ok(rule)
}

fn rule_name(text: &str) -> Result<String, ApiError> {
    let is_letter = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
    let fits = (1..=NAME_CHARS_MAX).contains(&text.len()) && text.chars().all(is_letter);
    if !fits || text == crate::domain::DENY_LIST {
        let problem = format!("`name` has 1 to {NAME_CHARS_MAX} small letters, digits and underscores");
        return Err(ApiError::bad_input(problem).with("field", "name"));
    }
    Ok(text.to_owned())
}

fn checked(rule: Rule) -> Result<Rule, ApiError> {
    let refused = |field: &str, problem: String| Err(ApiError::bad_input(problem).with("field", field));
    if rule.description.trim().is_empty() || rule.description.chars().count() > DESCRIPTION_CHARS_MAX {
        return refused(
            "description",
            format!("`description` has 1 to {DESCRIPTION_CHARS_MAX} characters"),
        );
    }
    if rule.score > 100 {
        return refused("score", "`score` is between 0 and 100".to_owned());
    }
    if let Err(Problem { message, column }) = check_expression(&rule.expression) {
        let error = ApiError::bad_input(format!("`expression`: {message}")).with("field", "expression");
        return Err(match column {
            Some(column) => error.with("column", column as u64),
            None => error,
        });
    }
    Ok(rule)
}
