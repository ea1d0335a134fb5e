//! Expressions of rules: the Common Expression Language (CEL), as far as it has types that are known beforehand and no
//! loops.
//!
//! CEL's own parser reads the text; here it is checked against the table of facts, so that an expression that is kept
//! is true or false for every payment, and turned into a tree that is walked in well under a microsecond. What is left
//! out is refused by name: macros and comprehensions (their cost is not bounded by their length), maps, messages,
//! timestamps, regular expressions.

mod check;
mod node;

use cel::Program;

pub use check::Type;
pub(super) use node::Value;

use node::Node;

/// An expression has at most so many characters,
pub const CHARS_MAX: usize = 1_000;
/// so many operators, facts and literals,
const NODES_MAX: usize = 200;
/// and parentheses and calls within one another.
const DEPTH_MAX: usize = 24;

/// What is wrong with an expression, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// For its author.
    pub message: String,
    /// The character at which it begins, counted from 1; nothing when it is the whole.
    pub column: Option<usize>,
}

impl Problem {
    fn new(message: impl Into<String>, column: Option<usize>) -> Self {
        Self {
            message: message.into(),
            column,
        }
    }
}

/// An expression that was checked: it is true or false for every payment.
#[derive(Debug)]
pub struct Expression {
    node: Node,
}

impl Expression {
    /// Checks an expression over facts of these names and types.
    pub fn compile(text: &str, facts: &[(&str, Type)]) -> Result<Self, Problem> {
        let chars = text.chars().count();
        if chars > CHARS_MAX {
            let problem = format!("an expression has at most {CHARS_MAX} characters, not {chars}");
            return Err(Problem::new(problem, Some(CHARS_MAX + 1)));
        }
        if let Some(column) = too_deep(text) {
            let problem = format!("more than {DEPTH_MAX} parentheses within one another");
            return Err(Problem::new(problem, Some(column)));
        }
        let program = Program::compile(text).map_err(|errors| syntax(text, &errors))?;
        let node = check::Checker::new(text, facts, program.source_info()).whole(program.expression())?;
        Ok(Self { node })
    }

    /// Whether it holds of these facts, in the order of the names it was compiled with. Nothing when it cannot be said:
    /// a sum that is too large, a division by zero.
    pub(super) fn holds(&self, facts: &[Value<'_>]) -> Option<bool> {
        self.node.flag(facts)
    }
}

/// The column of the parenthesis that is one too many.
fn too_deep(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (index, character) in text.chars().enumerate() {
        match character {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            // Signs pile up without parentheses.
            '!' | '-' | '?' => {
                depth += usize::from(
                    text.chars()
                        .skip(index + 1)
                        .take(DEPTH_MAX)
                        .all(|next| next == character),
                )
            }
            _ => {}
        }
        if depth > DEPTH_MAX {
            return Some(index + 1);
        }
    }
    None
}

fn syntax(text: &str, errors: &cel::ParseErrors) -> Problem {
    let Some(error) = errors.errors.first() else {
        return Problem::new("this is no expression", None);
    };
    let line = usize::try_from(error.pos.0).unwrap_or(1);
    let before: usize = text
        .split('\n')
        .take(line.saturating_sub(1))
        .map(|line| line.chars().count() + 1)
        .sum();
    let column = usize::try_from(error.pos.1).unwrap_or(1).max(1);
    Problem::new(error.msg.trim(), Some(before + column))
}

#[cfg(test)]
mod tests;
