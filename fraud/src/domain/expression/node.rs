//! The tree of an expression, and how it is walked.

use std::cmp::Ordering;

/// A value while an expression is walked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in super::super) enum Value<'a> {
    /// A whole number.
    Int(i64),
    /// A number with decimals.
    Number(f64),
    /// Text.
    Text(&'a str),
    /// True or false.
    Flag(bool),
}

/// What combines two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Binary {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    StartsWith,
    EndsWith,
    Contains,
}

/// A part of an expression. Its types were checked.
#[derive(Debug)]
pub(super) enum Node {
    Fact(usize),
    Int(i64),
    Number(f64),
    Text(Box<str>),
    Flag(bool),
    Not(Box<Node>),
    Negate(Box<Node>),
    Size(Box<Node>),
    ToNumber(Box<Node>),
    ToInt(Box<Node>),
    Both(Box<Node>, Box<Node>),
    Either(Box<Node>, Box<Node>),
    Choice(Box<[Node; 3]>),
    In(Box<Node>, Box<[Node]>),
    Binary(Binary, Box<Node>, Box<Node>),
    /// A test of a fact against an int, a number or another fact: what rules are mostly made of, in one place of memory.
    AgainstInt(Binary, usize, i64),
    AgainstNumber(Binary, usize, f64),
    AgainstFact(Binary, usize, usize),
}

impl Node {
    pub(super) fn binary(operator: Binary, left: Self, right: Self) -> Self {
        match (left, right) {
            (Self::Fact(fact), Self::Int(value)) if operator.is_test() => Self::AgainstInt(operator, fact, value),
            (Self::Fact(fact), Self::Number(value)) if operator.is_test() => Self::AgainstNumber(operator, fact, value),
            (Self::Fact(fact), Self::Fact(other)) if operator.is_test() => Self::AgainstFact(operator, fact, other),
            (left, right) => Self::Binary(operator, Box::new(left), Box::new(right)),
        }
    }

    pub(super) fn value<'a>(&'a self, facts: &[Value<'a>]) -> Option<Value<'a>> {
        Some(match self {
            Self::Fact(index) => *facts.get(*index)?,
            Self::Int(value) => Value::Int(*value),
            Self::Number(value) => Value::Number(*value),
            Self::Text(text) => Value::Text(text),
            Self::Flag(flag) => Value::Flag(*flag),
            Self::Negate(node) => match node.value(facts)? {
                Value::Int(value) => Value::Int(value.checked_neg()?),
                Value::Number(value) => Value::Number(-value),
                Value::Text(_) | Value::Flag(_) => return None,
            },
            Self::Size(node) => match node.value(facts)? {
                Value::Text(text) => Value::Int(i64::try_from(text.chars().count()).ok()?),
                _ => return None,
            },
            Self::ToNumber(node) => Value::Number(node.value(facts)?.number()?),
            Self::ToInt(node) => match node.value(facts)? {
                Value::Int(value) => Value::Int(value),
                // Towards zero, as CEL has it; what does not fit is no number.
                Value::Number(value) if value.is_finite() && value.abs() < 9.2e18 => Value::Int(value as i64),
                _ => return None,
            },
            Self::Choice(nodes) => {
                let [condition, then, otherwise] = &**nodes;
                if condition.flag(facts)? { then } else { otherwise }.value(facts)?
            }
            Self::Binary(operator, left, right) if !operator.is_test() => {
                operator.compute(left.operand(facts)?, right.operand(facts)?)?
            }
            Self::Not(_)
            | Self::Both(..)
            | Self::Either(..)
            | Self::In(..)
            | Self::Binary(..)
            | Self::AgainstInt(..)
            | Self::AgainstNumber(..)
            | Self::AgainstFact(..) => Value::Flag(self.flag(facts)?),
        })
    }

    /// The same as [`value`](Self::value), without a call for what most comparisons are between.
    #[inline]
    fn operand<'a>(&'a self, facts: &[Value<'a>]) -> Option<Value<'a>> {
        match self {
            Self::Fact(index) => facts.get(*index).copied(),
            Self::Int(value) => Some(Value::Int(*value)),
            Self::Number(value) => Some(Value::Number(*value)),
            Self::Text(text) => Some(Value::Text(text)),
            _ => self.value(facts),
        }
    }

    /// Whether a part that is true or false is true: most parts are, and an answer of this kind needs no memory.
    pub(super) fn flag(&self, facts: &[Value<'_>]) -> Option<bool> {
        match self {
            Self::Not(node) => node.flag(facts).map(|flag| !flag),
            Self::Both(left, right) => unless(false, left, right, facts),
            Self::Either(left, right) => unless(true, left, right, facts),
            Self::In(node, list) => {
                let wanted = node.operand(facts)?;
                let mut is_in = false;
                for element in list {
                    is_in |= wanted.compare(element.operand(facts)?)? == Ordering::Equal;
                }
                Some(is_in)
            }
            Self::Binary(operator, left, right) if operator.is_test() => {
                operator.test(left.operand(facts)?, right.operand(facts)?)
            }
            Self::AgainstInt(operator, fact, value) => operator.test(*facts.get(*fact)?, Value::Int(*value)),
            Self::AgainstNumber(operator, fact, value) => operator.test(*facts.get(*fact)?, Value::Number(*value)),
            Self::AgainstFact(operator, fact, other) => operator.test(*facts.get(*fact)?, *facts.get(*other)?),
            _ => match self.value(facts)? {
                Value::Flag(flag) => Some(flag),
                Value::Int(_) | Value::Number(_) | Value::Text(_) => None,
            },
        }
    }
}

/// `&&` (whose decisive answer is false) and `||` (true): one side that decides is enough, whatever became of the other.
fn unless(decisive: bool, left: &Node, right: &Node, facts: &[Value<'_>]) -> Option<bool> {
    let left = left.flag(facts);
    if left == Some(decisive) {
        return left;
    }
    let right = right.flag(facts);
    if right == Some(decisive) {
        return right;
    }
    left.and(right)
}

impl<'a> Value<'a> {
    fn text(self) -> Option<&'a str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Int(_) | Self::Number(_) | Self::Flag(_) => None,
        }
    }

    fn number(self) -> Option<f64> {
        match self {
            Self::Int(value) => Some(value as f64),
            Self::Number(value) => Some(value),
            Self::Text(_) | Self::Flag(_) => None,
        }
    }

    #[inline]
    fn compare(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Int(left), Self::Int(right)) => Some(left.cmp(&right)),
            (Self::Number(left), Self::Number(right)) => left.partial_cmp(&right),
            (Self::Text(left), Self::Text(right)) => Some(left.cmp(right)),
            (Self::Flag(left), Self::Flag(right)) => Some(left.cmp(&right)),
            (left, right) => left.number()?.partial_cmp(&right.number()?),
        }
    }
}

impl Binary {
    /// Whether it answers true or false.
    const fn is_test(self) -> bool {
        !matches!(
            self,
            Self::Add | Self::Subtract | Self::Multiply | Self::Divide | Self::Remainder
        )
    }

    #[inline]
    fn test(self, left: Value<'_>, right: Value<'_>) -> Option<bool> {
        Some(match self {
            Self::Equal => left.compare(right)? == Ordering::Equal,
            Self::NotEqual => left.compare(right)? != Ordering::Equal,
            Self::Less => left.compare(right)? == Ordering::Less,
            Self::LessOrEqual => left.compare(right)? != Ordering::Greater,
            Self::Greater => left.compare(right)? == Ordering::Greater,
            Self::GreaterOrEqual => left.compare(right)? != Ordering::Less,
            Self::StartsWith => left.text()?.starts_with(right.text()?),
            Self::EndsWith => left.text()?.ends_with(right.text()?),
            Self::Contains => left.text()?.contains(right.text()?),
            Self::Add | Self::Subtract | Self::Multiply | Self::Divide | Self::Remainder => return None,
        })
    }

    fn compute<'a>(self, left: Value<'a>, right: Value<'a>) -> Option<Value<'a>> {
        Some(match (self, left, right) {
            (Self::Add, Value::Int(left), Value::Int(right)) => Value::Int(left.checked_add(right)?),
            (Self::Subtract, Value::Int(left), Value::Int(right)) => Value::Int(left.checked_sub(right)?),
            (Self::Multiply, Value::Int(left), Value::Int(right)) => Value::Int(left.checked_mul(right)?),
            (Self::Divide, Value::Int(left), Value::Int(right)) => Value::Int(left.checked_div(right)?),
            (Self::Remainder, Value::Int(left), Value::Int(right)) => Value::Int(left.checked_rem(right)?),
            (Self::Add, Value::Number(left), Value::Number(right)) => finite(left + right)?,
            (Self::Subtract, Value::Number(left), Value::Number(right)) => finite(left - right)?,
            (Self::Multiply, Value::Number(left), Value::Number(right)) => finite(left * right)?,
            (Self::Divide, Value::Number(left), Value::Number(right)) => finite(left / right)?,
            _ => return None,
        })
    }
}

fn finite<'a>(value: f64) -> Option<Value<'a>> {
    value.is_finite().then_some(Value::Number(value))
}
