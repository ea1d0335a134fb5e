//! Stage 6, routing: which services an operation needs, decided once per document.
//!
//! An operation whose document speaks to one service alone is forwarded as it came. Any other is split; where
//! variables decide which root fields it has, that waits for the variables.

use std::collections::{HashMap, HashSet};

use apollo_compiler::ast::{self, Definition, DirectiveList, OperationDefinition, OperationType, Selection, Value};
use apollo_compiler::parser::{LineColumn, SourceMap};
use apollo_compiler::{Name, Node};
use service::ServiceName;

use super::split::Split;
use super::variables::has_boolean_default;
use crate::schema::PublicSchema;

/// Where an operation goes.
pub(super) enum Route {
    /// To one service, unchanged. The fields are for the answer in case that the service is down.
    Forward(ServiceName, RootFields),
    /// To several, or partly answered here.
    Split(Split),
    /// To be split when the variables say which root fields there are.
    Conditional(Source),
}

/// The root fields of an operation.
pub(super) enum RootFields {
    Known(Vec<RootField>),
    /// Variables decide.
    Conditional(Source),
}

/// Who answers a root field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    Service(ServiceName),
    /// `__typename`.
    Typename,
    /// `__schema` and `__type`.
    Introspection,
}

/// One response key at the root.
#[derive(Clone)]
pub(super) struct RootField {
    pub(super) key: Name,
    pub(super) owner: Owner,
    pub(super) location: Option<LineColumn>,
    /// Without the directives that decided whether it is here. A key that occurs several times is one field with all
    /// that is selected of it: executors exist that would otherwise carry out a mutation once per occurrence.
    pub(super) selection: Node<ast::Field>,
    /// Whether the key occurs several times.
    pub(super) is_merged: bool,
}

/// An operation with the fragments around it.
#[derive(Clone)]
pub(super) struct Source {
    pub(super) operation: Node<OperationDefinition>,
    /// In document order.
    pub(super) fragments: Vec<Node<ast::FragmentDefinition>>,
    sources: SourceMap,
}

/// A variable decides whether a field is there, and its value is not known.
#[derive(Debug)]
pub(super) struct Undecided(pub(super) Name);

/// Decides the route of an operation of a valid document.
pub(super) fn route(document: &ast::Document, operation: Node<OperationDefinition>, schema: &PublicSchema) -> Route {
    let is_mutation = operation.operation_type == OperationType::Mutation;
    let has_defaults = operation.variables.iter().any(|variable| has_boolean_default(variable));
    let source = Source::new(document, operation);
    let fields = source.root_fields(schema, &|_| None);
    // Where a service's own reading of the document might do a mutation twice, or one that was to be skipped, it gets
    // a document of ours.
    let is_plain = fields
        .as_ref()
        .is_ok_and(|fields| fields.iter().all(|field| !field.is_merged));
    let needs_rewriting = has_defaults || (is_mutation && !is_plain);
    let sole_owner = if needs_rewriting {
        None
    } else {
        sole_owner(document, schema)
    };
    match (sole_owner, fields) {
        (Some(service), Ok(fields)) => Route::Forward(service, RootFields::Known(fields)),
        (Some(service), Err(Undecided(_))) => Route::Forward(service, RootFields::Conditional(source)),
        (None, Ok(fields)) => Route::Split(Split::new(&source, fields, schema)),
        (None, Err(Undecided(_))) => Route::Conditional(source),
    }
}

/// The service that owns every root field of every operation: only to such a service the whole document is valid.
fn sole_owner(document: &ast::Document, schema: &PublicSchema) -> Option<ServiceName> {
    let mut owner = None;
    for definition in &document.definitions {
        let (kind, selections) = match definition {
            Definition::OperationDefinition(operation) => (operation.operation_type, &operation.selection_set),
            Definition::FragmentDefinition(fragment) if fragment.type_condition == "Query" => {
                (OperationType::Query, &fragment.selection_set)
            }
            Definition::FragmentDefinition(fragment) if fragment.type_condition == "Mutation" => {
                (OperationType::Mutation, &fragment.selection_set)
            }
            _ => continue,
        };
        if !agree_on_owner(selections, kind, schema, &mut owner) {
            return None;
        }
    }
    owner
}

fn agree_on_owner(
    selections: &[Selection],
    kind: OperationType,
    schema: &PublicSchema,
    owner: &mut Option<ServiceName>,
) -> bool {
    selections.iter().all(|selection| match selection {
        Selection::Field(field) => match schema.owner(kind, &field.name) {
            Some(service) => *owner.get_or_insert(service) == service,
            None => false,
        },
        Selection::InlineFragment(inline) => agree_on_owner(&inline.selection_set, kind, schema, owner),
        Selection::FragmentSpread(_) => true,
    })
}

impl Source {
    fn new(document: &ast::Document, operation: Node<OperationDefinition>) -> Self {
        let fragments = document
            .definitions
            .iter()
            .filter_map(Definition::as_fragment_definition)
            .cloned()
            .collect();
        Self {
            operation,
            fragments,
            sources: document.sources.clone(),
        }
    }

    /// The root fields in the order of the answer (`CollectFields` of the specification).
    pub(super) fn root_fields(
        &self,
        schema: &PublicSchema,
        variable: &dyn Fn(&Name) -> Option<bool>,
    ) -> Result<Vec<RootField>, Undecided> {
        let fragments = self
            .fragments
            .iter()
            .map(|fragment| (&fragment.name, fragment.selection_set.as_slice()));
        let mut collector = Collector {
            source: self,
            schema,
            variable,
            fragments: fragments.collect(),
            visited: HashSet::new(),
            fields: Vec::new(),
        };
        collector.collect(&self.operation.selection_set)?;
        Ok(collector.fields)
    }
}

struct Collector<'a> {
    source: &'a Source,
    schema: &'a PublicSchema,
    variable: &'a dyn Fn(&Name) -> Option<bool>,
    fragments: HashMap<&'a Name, &'a [Selection]>,
    visited: HashSet<&'a Name>,
    fields: Vec<RootField>,
}

impl<'a> Collector<'a> {
    fn collect(&mut self, selections: &'a [Selection]) -> Result<(), Undecided> {
        for selection in selections {
            match selection {
                Selection::Field(field) if self.is_included(&field.directives)? => self.add(field),
                Selection::InlineFragment(inline) if self.is_included(&inline.directives)? => {
                    self.collect(&inline.selection_set)?;
                }
                Selection::FragmentSpread(spread) if self.is_included(&spread.directives)? => {
                    let selections = self.fragments.get(&spread.fragment_name).copied().unwrap_or_default();
                    if self.visited.insert(&spread.fragment_name) {
                        self.collect(selections)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn add(&mut self, field: &Node<ast::Field>) {
        let mut selection = field.clone();
        if !field.directives.is_empty() {
            selection
                .make_mut()
                .directives
                .retain(|directive| !is_condition(&directive.name));
        }
        let key = field.response_name();
        if let Some(known) = self.fields.iter_mut().find(|known| known.key == *key) {
            known
                .selection
                .make_mut()
                .selection_set
                .extend_from_slice(&field.selection_set);
            known.is_merged = true;
            return;
        }
        let owner = match field.name.as_str() {
            "__typename" => Owner::Typename,
            name => match self.schema.owner(self.source.operation.operation_type, name) {
                Some(service) => Owner::Service(service),
                None => Owner::Introspection,
            },
        };
        let location = field.location().and_then(|span| span.line_column(&self.source.sources));
        self.fields.push(RootField {
            key: key.clone(),
            owner,
            location,
            selection,
            is_merged: false,
        });
    }

    fn is_included(&self, directives: &DirectiveList) -> Result<bool, Undecided> {
        let mut undecided = None;
        for directive in directives.iter().filter(|directive| is_condition(&directive.name)) {
            let wanted = directive.name == "include";
            let condition = match directive.specified_argument_by_name("if").map(AsRef::as_ref) {
                Some(Value::Boolean(value)) => Some(*value),
                Some(Value::Variable(name)) => (self.variable)(name).or_else(|| {
                    undecided = Some(name.clone());
                    None
                }),
                _ => None,
            };
            // One condition that says no is enough, whatever the other would have said.
            if condition.is_some_and(|condition| condition != wanted) {
                return Ok(false);
            }
        }
        undecided.map_or(Ok(true), |name| Err(Undecided(name)))
    }
}

fn is_condition(directive: &Name) -> bool {
    directive == "skip" || directive == "include"
}
