//! The tree of an expression, and how it is walked.

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
}

impl Node {
    pub(super) fn value<'a>(&'a self, facts: &[Value<'a>]) -> Option<Value<'a>> {
        Some(match self {
            Self::Fact(index) => *facts.get(*index)?,
            Self::Int(value) => Value::Int(*value),
            Self::Number(value) => Value::Number(*value),
            Self::Text(text) => Value::Text(text),
            Self::Flag(flag) => Value::Flag(*flag),
            Self::Not(node) => Value::Flag(!node.flag(facts)?),
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
            Self::Both(left, right) => Value::Flag(unless(false, left, right, facts)?),
            Self::Either(left, right) => Value::Flag(unless(true, left, right, facts)?),
            Self::Choice(nodes) => {
                let [condition, then, otherwise] = &**nodes;
                if condition.flag(facts)? { then } else { otherwise }.value(facts)?
            }
            Self::In(node, list) => {
                let wanted = node.value(facts)?;
                let mut is_in = false;
                for element in list {
                    is_in |= wanted.compare(element.value(facts)?)? == std::cmp::Ordering::Equal;
                }
                Value::Flag(is_in)
            }
            Self::Binary(operator, left, right) => operator.apply(left.operand(facts)?, right.operand(facts)?)?,
        })
    }

    /// The same as [`value`](Self::value), without a call for what most comparisons are between.
    #[inline]
    fn operand<'a>(&'a self, facts: &[Value<'a>]) -> Option<Value<'a>> {
        match self {
            Self::Fact(index) => facts.get(*index).copied(),
            Self::Int(value) => Some(Value::Int(*value)),
            Self::Number(value) => Some(Value::Number(*value)),
            _ => self.value(facts),
        }
    }

    fn flag(&self, facts: &[Value<'_>]) -> Option<bool> {
        match self.value(facts)? {
            Value::Flag(flag) => Some(flag),
            _ => None,
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

impl Value<'_> {
    fn number(self) -> Option<f64> {
        match self {
            Self::Int(value) => Some(value as f64),
            Self::Number(value) => Some(value),
            Self::Text(_) | Self::Flag(_) => None,
        }
    }

    fn compare(self, other: Self) -> Option<std::cmp::Ordering> {
        match (self, other) {
            (Self::Int(left), Self::Int(right)) => Some(left.cmp(&right)),
            (Self::Text(left), Self::Text(right)) => Some(left.cmp(right)),
            (Self::Flag(left), Self::Flag(right)) => Some(left.cmp(&right)),
            (left, right) => left.number()?.partial_cmp(&right.number()?),
        }
    }
}

impl Binary {
    fn apply<'a>(self, left: Value<'a>, right: Value<'a>) -> Option<Value<'a>> {
        use std::cmp::Ordering::{Equal, Greater, Less};
        Some(match (self, left, right) {
            (Self::Equal, ..) => Value::Flag(left.compare(right)? == Equal),
            (Self::NotEqual, ..) => Value::Flag(left.compare(right)? != Equal),
            (Self::Less, ..) => Value::Flag(left.compare(right)? == Less),
            (Self::LessOrEqual, ..) => Value::Flag(left.compare(right)? != Greater),
            (Self::Greater, ..) => Value::Flag(left.compare(right)? == Greater),
            (Self::GreaterOrEqual, ..) => Value::Flag(left.compare(right)? != Less),
            (Self::StartsWith, Value::Text(text), Value::Text(part)) => Value::Flag(text.starts_with(part)),
            (Self::EndsWith, Value::Text(text), Value::Text(part)) => Value::Flag(text.ends_with(part)),
            (Self::Contains, Value::Text(text), Value::Text(part)) => Value::Flag(text.contains(part)),
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
