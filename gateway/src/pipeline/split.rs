//! Splitting an operation by owner: one document per service, with its root fields, and of everything else in the
//! document only what those fields use.

use std::collections::HashSet;

use apollo_compiler::ast::{self, Definition, DirectiveList, OperationDefinition, OperationType, Selection, Value};
use apollo_compiler::{Name, Node};
use service::ServiceName;

use super::local::Introspection;
use super::read::push_json_string;
use super::route::{Owner, RootField, Source};
use crate::schema::PublicSchema;

/// An operation in parts.
pub(super) struct Split {
    /// In the order of the answer.
    pub(super) fields: Vec<RootField>,
    /// Queries: one per service. Mutations: one per run of fields of one service, to be sent in this order.
    pub(super) steps: Vec<Step>,
    pub(super) introspection: Option<Introspection>,
}

/// What one service is asked.
pub(super) struct Step {
    pub(super) service: ServiceName,
    /// `{"query":"…"`: the beginning of the body; variables and the closing brace follow.
    pub(super) body_start: String,
    /// The variables that its document declares.
    pub(super) variables: Vec<Name>,
    /// Which of the operation's root fields it answers.
    pub(super) fields: Vec<usize>,
}

impl Split {
    pub(super) fn new(source: &Source, fields: Vec<RootField>, schema: &PublicSchema) -> Self {
        let steps = group(&fields, source.operation.operation_type)
            .into_iter()
            .map(|(service, indexes)| {
                let own: Vec<&RootField> = indexes.iter().map(|index| &fields[*index]).collect();
                let (document, variables) = part(source, &own);
                let mut body_start = String::from("{\"query\":");
                push_json_string(&mut body_start, &document.serialize().no_indent().to_string());
                Step {
                    service,
                    body_start,
                    variables,
                    fields: indexes,
                }
            })
            .collect();
        let asked: Vec<&RootField> = fields
            .iter()
            .filter(|field| field.owner == Owner::Introspection)
            .collect();
        let introspection = (!asked.is_empty()).then(|| {
            let (document, variables) = part(source, &asked);
            Introspection::new(&document, !variables.is_empty(), schema)
        });
        Self {
            fields,
            steps,
            introspection,
        }
    }

    /// Which of the root fields the gateway answers by introspection.
    pub(super) fn introspected(&self) -> impl Iterator<Item = usize> {
        let fields = self.fields.iter().enumerate();
        fields
            .filter(|(_, field)| field.owner == Owner::Introspection)
            .map(|(index, _)| index)
    }

    /// Memory that this takes, roughly.
    pub(super) fn weight(&self) -> usize {
        let steps = self.steps.iter().map(|step| step.body_start.len() + 128).sum::<usize>();
        // A field keeps its syntax tree, which the text of its step mirrors at a fraction of the size.
        steps * 16 + self.fields.len() * 128 + self.introspection.as_ref().map_or(0, Introspection::weight)
    }
}

/// Which fields are asked together.
fn group(fields: &[RootField], kind: OperationType) -> Vec<(ServiceName, Vec<usize>)> {
    let mut groups: Vec<(ServiceName, Vec<usize>)> = Vec::new();
    for (index, field) in fields.iter().enumerate() {
        let Owner::Service(service) = field.owner else { continue };
        let known = match kind {
            // Each mutation must see what the one before it did, so only neighbours may go together.
            OperationType::Mutation => groups.last_mut().filter(|(owner, _)| *owner == service),
            _ => groups.iter_mut().find(|(owner, _)| *owner == service),
        };
        match known {
            Some((_, indexes)) => indexes.push(index),
            None => groups.push((service, vec![index])),
        }
    }
    groups
}

/// A document of these root fields alone, and the variables that it declares.
fn part(source: &Source, fields: &[&RootField]) -> (ast::Document, Vec<Name>) {
    let selection_set: Vec<Selection> = fields
        .iter()
        .map(|field| Selection::Field(field.selection.clone()))
        .collect();
    let mut used = Used {
        source,
        fragments: HashSet::new(),
        variables: HashSet::new(),
    };
    used.selections(&selection_set);

    let operation = &source.operation;
    let declared = operation
        .variables
        .iter()
        .filter(|variable| used.variables.contains(&variable.name));
    let variables: Vec<_> = declared.cloned().collect();
    let names = variables.iter().map(|variable| variable.name.clone()).collect();
    let mut document = ast::Document::new();
    document
        .definitions
        .push(Definition::OperationDefinition(Node::new(OperationDefinition {
            operation_type: operation.operation_type,
            name: operation.name.clone(),
            variables,
            directives: DirectiveList::new(),
            selection_set,
        })));
    let fragments = source
        .fragments
        .iter()
        .filter(|fragment| used.fragments.contains(&fragment.name));
    document
        .definitions
        .extend(fragments.cloned().map(Definition::FragmentDefinition));
    (document, names)
}

/// Finds the fragments and variables that selections use.
struct Used<'a> {
    source: &'a Source,
    fragments: HashSet<Name>,
    variables: HashSet<Name>,
}

impl Used<'_> {
    fn selections(&mut self, selections: &[Selection]) {
        for selection in selections {
            match selection {
                Selection::Field(field) => {
                    field.arguments.iter().for_each(|argument| self.value(&argument.value));
                    self.directives(&field.directives);
                    self.selections(&field.selection_set);
                }
                Selection::InlineFragment(inline) => {
                    self.directives(&inline.directives);
                    self.selections(&inline.selection_set);
                }
                Selection::FragmentSpread(spread) => {
                    self.directives(&spread.directives);
                    self.fragment(&spread.fragment_name);
                }
            }
        }
    }

    fn fragment(&mut self, name: &Name) {
        if !self.fragments.insert(name.clone()) {
            return;
        }
        let source = self.source;
        if let Some(fragment) = source.fragments.iter().find(|fragment| fragment.name == *name) {
            self.directives(&fragment.directives);
            self.selections(&fragment.selection_set);
        }
    }

    fn directives(&mut self, directives: &DirectiveList) {
        for directive in directives.iter() {
            directive
                .arguments
                .iter()
                .for_each(|argument| self.value(&argument.value));
        }
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Variable(name) => {
                self.variables.insert(name.clone());
            }
            Value::List(items) => items.iter().for_each(|item| self.value(item)),
            Value::Object(fields) => fields.iter().for_each(|(_, value)| self.value(value)),
            _ => {}
        }
    }
}
