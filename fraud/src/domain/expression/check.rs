//! Checks the types of an expression, and builds its tree.

use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, SourceInfo, operators};

use super::node::{Binary, Node};
use super::{NODES_MAX, Problem};

/// What kind of value a part of an expression is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// A whole number.
    Int,
    /// A number with decimals, an amount of rupiah among them.
    Number,
    /// Text.
    Text,
    /// True or false.
    Flag,
}

impl Type {
    /// CEL's name of it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Int => "int",
            Self::Number => "double",
            Self::Text => "string",
            Self::Flag => "bool",
        }
    }
}

pub(super) struct Checker<'a> {
    text: &'a str,
    facts: &'a [(&'a str, Type)],
    source: &'a SourceInfo,
    nodes: usize,
}

type Checked = Result<(Node, Type), Problem>;

impl<'a> Checker<'a> {
    pub(super) const fn new(text: &'a str, facts: &'a [(&'a str, Type)], source: &'a SourceInfo) -> Self {
        Self {
            text,
            facts,
            source,
            nodes: 0,
        }
    }

    pub(super) fn whole(mut self, expression: &IdedExpr) -> Result<Node, Problem> {
        match self.check(expression)? {
            (node, Type::Flag) => Ok(node),
            (_, other) => Err(Problem::new(
                format!("a rule is true or false; this is of type {}", other.as_str()),
                None,
            )),
        }
    }

    fn check(&mut self, expression: &IdedExpr) -> Checked {
        self.nodes += 1;
        if self.nodes > NODES_MAX {
            let problem = format!("an expression has at most {NODES_MAX} operators, facts and literals");
            return Err(self.problem(expression, problem));
        }
        match &expression.expr {
            Expr::Ident(name) => self.fact(expression, name),
            Expr::Literal(literal) => self.literal(expression, literal),
            Expr::Call(call) => self.call(expression, call),
            Expr::Select(select) => {
                let problem = format!("`.{}`: facts have no fields; they have plain names", select.field);
                Err(self.problem(expression, problem))
            }
            Expr::List(_) => Err(self.problem(expression, "a list can only stand behind `in`")),
            Expr::Comprehension(_) => Err(self.problem(expression, "macros that loop are not part of rules")),
            Expr::Map(_) | Expr::Struct(_) | Expr::Unspecified => {
                Err(self.problem(expression, "maps and messages are not part of rules"))
            }
        }
    }

    fn fact(&self, at: &IdedExpr, name: &str) -> Checked {
        let found = self.facts.iter().position(|(fact, _)| *fact == name);
        match found {
            Some(index) => Ok((Node::Fact(index), self.facts[index].1)),
            None => Err(self.problem(at, format!("there is no fact `{name}`{}", self.nearest(name)))),
        }
    }

    fn nearest(&self, name: &str) -> String {
        let close = self
            .facts
            .iter()
            .map(|(fact, _)| (distance(fact, name), *fact))
            .filter(|(distance, _)| *distance <= 3)
            .min();
        close.map_or_else(String::new, |(_, fact)| format!("; is `{fact}` meant?"))
    }

    fn literal(&self, at: &IdedExpr, literal: &LiteralValue) -> Checked {
        Ok(match literal {
            LiteralValue::Boolean(value) => (Node::Flag(*value.inner()), Type::Flag),
            LiteralValue::Double(value) => (Node::Number(*value.inner()), Type::Number),
            LiteralValue::Int(value) => (Node::Int(*value.inner()), Type::Int),
            LiteralValue::String(value) => (Node::Text(value.inner().into()), Type::Text),
            LiteralValue::Bytes(_) | LiteralValue::Null | LiteralValue::UInt(_) => {
                return Err(self.problem(at, "a rule knows numbers, text, true and false"));
            }
        })
    }

    fn call(&mut self, at: &IdedExpr, call: &CallExpr) -> Checked {
        let name = call.func_name.as_str();
        if let Some(target) = &call.target {
            return self.method(at, name, target, &call.args);
        }
        match (name, call.args.as_slice()) {
            (operators::LOGICAL_NOT, [inner]) => {
                let node = self.expect(inner, Type::Flag, "`!`")?;
                Ok((Node::Not(Box::new(node)), Type::Flag))
            }
            (operators::NEGATE, [inner]) => match self.check(inner)? {
                (node, kind @ (Type::Int | Type::Number)) => Ok((Node::Negate(Box::new(node)), kind)),
                (_, kind) => Err(self.problem(inner, format!("`-` needs a number, not {}", kind.as_str()))),
            },
            (operators::LOGICAL_AND, [left, right]) => {
                let (left, right) = (
                    self.expect(left, Type::Flag, "`&&`")?,
                    self.expect(right, Type::Flag, "`&&`")?,
                );
                Ok((Node::Both(Box::new(left), Box::new(right)), Type::Flag))
            }
            (operators::LOGICAL_OR, [left, right]) => {
                let (left, right) = (
                    self.expect(left, Type::Flag, "`||`")?,
                    self.expect(right, Type::Flag, "`||`")?,
                );
                Ok((Node::Either(Box::new(left), Box::new(right)), Type::Flag))
            }
            (operators::CONDITIONAL, [condition, then, otherwise]) => {
                let condition = self.expect(condition, Type::Flag, "`?`")?;
                let ((then, kind), (otherwise_node, other)) = (self.check(then)?, self.check(otherwise)?);
                if kind != other {
                    return Err(self.differ(otherwise, "`? :`", kind, other));
                }
                Ok((Node::Choice(Box::new([condition, then, otherwise_node])), kind))
            }
            (operators::IN, [element, list]) => self.is_in(element, list),
            ("size", [inner]) => {
                let node = self.expect(inner, Type::Text, "`size`")?;
                Ok((Node::Size(Box::new(node)), Type::Int))
            }
            ("double", [inner]) => Ok((Node::ToNumber(Box::new(self.number(inner, "`double`")?)), Type::Number)),
            ("int", [inner]) => Ok((Node::ToInt(Box::new(self.number(inner, "`int`")?)), Type::Int)),
            (_, [left, right]) => match binary(name) {
                Some((operator, sign)) => self.binary(at, (operator, sign), left, right),
                None => Err(self.unknown(at, name)),
            },
            _ => Err(self.unknown(at, name)),
        }
    }

    fn method(&mut self, at: &IdedExpr, name: &str, target: &IdedExpr, args: &[IdedExpr]) -> Checked {
        let operator = match name {
            "startsWith" => Binary::StartsWith,
            "endsWith" => Binary::EndsWith,
            "contains" => Binary::Contains,
            "size" if args.is_empty() => {
                let node = self.expect(target, Type::Text, "`size`")?;
                return Ok((Node::Size(Box::new(node)), Type::Int));
            }
            _ => return Err(self.unknown(at, name)),
        };
        let [argument] = args else {
            return Err(self.problem(at, format!("`{name}` takes one argument")));
        };
        let what = format!("`{name}`");
        let (text, part) = (
            self.expect(target, Type::Text, &what)?,
            self.expect(argument, Type::Text, &what)?,
        );
        Ok((Node::binary(operator, text, part), Type::Flag))
    }

    fn binary(
        &mut self,
        at: &IdedExpr,
        (operator, sign): (Binary, &str),
        left: &IdedExpr,
        right: &IdedExpr,
    ) -> Checked {
        let ((left_node, left_type), (right_node, right_type)) = (self.check(left)?, self.check(right)?);
        let is_number = |kind| matches!(kind, Type::Int | Type::Number);
        let kind = match operator {
            Binary::Equal
            | Binary::NotEqual
            | Binary::Less
            | Binary::LessOrEqual
            | Binary::Greater
            | Binary::GreaterOrEqual
                if left_type == right_type || (is_number(left_type) && is_number(right_type)) =>
            {
                Type::Flag
            }
            Binary::Add | Binary::Subtract | Binary::Multiply | Binary::Divide
                if left_type == right_type && is_number(left_type) =>
            {
                left_type
            }
            Binary::Remainder if left_type == Type::Int && right_type == Type::Int => Type::Int,
            _ => return Err(self.differ(at, &format!("`{sign}`"), left_type, right_type)),
        };
        Ok((Node::binary(operator, left_node, right_node), kind))
    }

    fn is_in(&mut self, element: &IdedExpr, list: &IdedExpr) -> Checked {
        let (node, kind) = self.check(element)?;
        let Expr::List(list) = &list.expr else {
            return Err(self.problem(list, "behind `in` stands a list, such as [\"PAYMENT\", \"TRANSFER\"]"));
        };
        let mut elements = Vec::with_capacity(list.elements.len());
        for element in &list.elements {
            let (node, other) = self.check(element)?;
            if other != kind {
                return Err(self.differ(element, "`in`", kind, other));
            }
            elements.push(node);
        }
        Ok((Node::In(Box::new(node), elements.into()), Type::Flag))
    }

    fn number(&mut self, inner: &IdedExpr, what: &str) -> Result<Node, Problem> {
        match self.check(inner)? {
            (node, Type::Int | Type::Number) => Ok(node),
            (_, kind) => Err(self.problem(inner, format!("{what} needs a number, not {}", kind.as_str()))),
        }
    }

    fn expect(&mut self, inner: &IdedExpr, wanted: Type, what: &str) -> Result<Node, Problem> {
        match self.check(inner)? {
            (node, kind) if kind == wanted => Ok(node),
            (_, kind) => {
                let problem = format!("{what} needs {}, not {}", wanted.as_str(), kind.as_str());
                Err(self.problem(inner, problem))
            }
        }
    }

    fn differ(&self, at: &IdedExpr, what: &str, left: Type, right: Type) -> Problem {
        let hint = match (left, right) {
            (Type::Int, Type::Number) | (Type::Number, Type::Int) => {
                " (5.0 is a double, 5 an int; or write `double(…)`)"
            }
            _ => "",
        };
        let problem = format!("{what} does not take {} and {}{hint}", left.as_str(), right.as_str());
        self.problem(at, problem)
    }

    fn unknown(&self, at: &IdedExpr, name: &str) -> Problem {
        self.problem(at, format!("`{name}` is no function of rules"))
    }

    fn problem(&self, at: &IdedExpr, message: impl Into<String>) -> Problem {
        let start = self.source.offset_for(at.id).map(|(start, _)| start as usize);
        Problem::new(message, start.map(|start| column(self.text, start)))
    }
}

/// The parser counts bytes.
fn column(text: &str, byte: usize) -> usize {
    text.char_indices().take_while(|(index, _)| *index < byte).count() + 1
}

fn binary(name: &str) -> Option<(Binary, &'static str)> {
    Some(match name {
        operators::ADD => (Binary::Add, "+"),
        operators::SUBSTRACT => (Binary::Subtract, "-"),
        operators::MULTIPLY => (Binary::Multiply, "*"),
        operators::DIVIDE => (Binary::Divide, "/"),
        operators::MODULO => (Binary::Remainder, "%"),
        operators::EQUALS => (Binary::Equal, "=="),
        operators::NOT_EQUALS => (Binary::NotEqual, "!="),
        operators::LESS => (Binary::Less, "<"),
        operators::LESS_EQUALS => (Binary::LessOrEqual, "<="),
        operators::GREATER => (Binary::Greater, ">"),
        operators::GREATER_EQUALS => (Binary::GreaterOrEqual, ">="),
        _ => return None,
    })
}

/// How many letters must change to make one word the other (Levenshtein).
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, letter) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for column in 0..right.len() {
            let changed = diagonal + usize::from(letter != right[column]);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}
