//! What is known about a document once it was seen: parsed, validated and routed.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use apollo_compiler::Name;
use apollo_compiler::Node;
use apollo_compiler::ast::{self, Definition, OperationDefinition, OperationType, VariableDefinition};
use bytes::Bytes;
use metrics::counter;
use moka::sync::Cache;
use service::error::ErrorCode;

use super::parse::{parse, refuse};
use super::read::Envelope;
use super::route::{RootFields, Route, route};
use super::shape::Refusal;
use super::validate::validate;
use crate::Limits;
use crate::schema::PublicSchema;

/// Refusals are cheap to lose, and a client with a bug should not push out everybody's plans.
const REFUSAL_CACHE_BYTES: u64 = 2 * 1024 * 1024;

/// How an operation of a valid document is carried out.
pub(super) struct Plan {
    pub(super) kind: OperationType,
    /// Variables that must be given.
    pub(super) required: Vec<Name>,
    pub(super) declared: Vec<Node<VariableDefinition>>,
    /// Whether all variables are checked here, before the first of several things is done.
    pub(super) checks_types: bool,
    pub(super) route: Route,
}

/// Documents seen before, bounded by memory.
///
/// The key is a keyed hash of document and operation name, so that looking one up copies neither; the text beside the
/// plan is compared, so that a collision is a miss and never another document's plan.
pub(crate) struct PlanCache {
    plans: Cache<u64, Arc<Seen<Plan>>>,
    refusals: Cache<u64, Arc<Seen<Bytes>>>,
    hasher: RandomState,
}

struct Seen<T> {
    document: Box<str>,
    operation_name: Option<Box<str>>,
    result: Arc<T>,
    weight: usize,
}

impl<T> Seen<T> {
    fn is_for(&self, envelope: &Envelope<'_>) -> bool {
        *self.document == *envelope.query && self.operation_name.as_deref() == envelope.operation_name.as_deref()
    }

    fn of(envelope: &Envelope<'_>, result: Arc<T>, weight: usize) -> Arc<Self> {
        Arc::new(Self {
            document: envelope.query.as_ref().into(),
            operation_name: envelope.operation_name.as_deref().map(Into::into),
            result,
            weight: weight + envelope.query.len() + 256,
        })
    }
}

impl PlanCache {
    pub(crate) fn new(bytes: u64) -> Self {
        Self {
            plans: bounded(bytes),
            refusals: bounded(REFUSAL_CACHE_BYTES),
            hasher: RandomState::new(),
        }
    }

    /// The plan of a request's operation, or the answer to a document that has none.
    pub(super) fn plan(
        &self,
        envelope: &Envelope<'_>,
        schema: &PublicSchema,
        limits: &Limits,
        introspection: bool,
    ) -> Result<Arc<Plan>, Refusal> {
        let key = self
            .hasher
            .hash_one((envelope.query.as_ref(), envelope.operation_name.as_deref()));
        if let Some(seen) = self.plans.get(&key).filter(|seen| seen.is_for(envelope)) {
            counter!("sawit_gateway_plan_cache_hits_total").increment(1);
            return Ok(seen.result.clone());
        }
        if let Some(seen) = self.refusals.get(&key).filter(|seen| seen.is_for(envelope)) {
            counter!("sawit_gateway_plan_cache_hits_total").increment(1);
            return Err(Refusal::Document(seen.result.as_ref().clone()));
        }
        counter!("sawit_gateway_plan_cache_misses_total").increment(1);
        match make(envelope, schema, limits, introspection) {
            Ok(plan) => {
                let plan = Arc::new(plan);
                self.plans
                    .insert(key, Seen::of(envelope, plan.clone(), plan.weight(envelope.query.len())));
                Ok(plan)
            }
            Err(body) => {
                self.refusals
                    .insert(key, Seen::of(envelope, Arc::new(body.clone()), body.len()));
                Err(Refusal::Document(body))
            }
        }
    }
}

fn bounded<T: Send + Sync + 'static>(bytes: u64) -> Cache<u64, Arc<Seen<T>>> {
    Cache::builder()
        .max_capacity(bytes)
        .weigher(|_, seen: &Arc<Seen<T>>| u32::try_from(seen.weight).unwrap_or(u32::MAX))
        .build()
}

fn make(envelope: &Envelope<'_>, schema: &PublicSchema, limits: &Limits, introspection: bool) -> Result<Plan, Bytes> {
    let document = parse(&envelope.query, limits)?;
    validate(&document, schema, introspection)?;
    let operation = choose(&document, envelope.operation_name.as_deref())
        .map_err(|message| refuse(ErrorCode::BadUserInput, message))?;
    let route = route(&document, operation.clone(), schema);
    let several_mutations = matches!(&route, Route::Forward(_, RootFields::Known(fields)) if fields.len() > 1)
        && operation.operation_type == OperationType::Mutation;
    let must_be_given =
        |variable: &&Node<VariableDefinition>| variable.ty.is_non_null() && variable.default_value.is_none();
    Ok(Plan {
        kind: operation.operation_type,
        required: operation
            .variables
            .iter()
            .filter(must_be_given)
            .map(|variable| variable.name.clone())
            .collect(),
        declared: operation.variables.clone(),
        checks_types: several_mutations || !matches!(route, Route::Forward(_, RootFields::Known(_))),
        route,
    })
}

/// The operation to run (`GetOperation` of the specification).
fn choose<'a>(document: &'a ast::Document, name: Option<&str>) -> Result<&'a Node<OperationDefinition>, &'static str> {
    let mut operations = document
        .definitions
        .iter()
        .filter_map(Definition::as_operation_definition);
    match name {
        Some(name) => operations
            .find(|operation| operation.name.as_ref().is_some_and(|known| known == name))
            .ok_or("the document has no operation of the name in `operationName`"),
        None => match (operations.next(), operations.next()) {
            (Some(only), None) => Ok(only),
            (None, _) => Err("the document has no operation"),
            _ => Err("the document has several operations: name one in `operationName`"),
        },
    }
}

impl Plan {
    /// Memory that this takes, roughly. Syntax trees take some sixteen times the text they were read from.
    fn weight(&self, document_len: usize) -> usize {
        let variables = self.declared.len() * 256;
        let route = match &self.route {
            Route::Forward(_, RootFields::Known(fields)) => fields.len() * 128 + document_len * 16,
            Route::Forward(_, RootFields::Conditional(_)) | Route::Conditional(_) => document_len * 16,
            Route::Split(split) => split.weight() + document_len,
        };
        variables + route
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use service::ServiceName;

    fn envelope<'a>(query: &'a str, operation_name: Option<&'a str>) -> Envelope<'a> {
        Envelope {
            query: query.into(),
            operation_name: operation_name.map(Into::into),
            variables: None,
        }
    }

    fn schema() -> PublicSchema {
        let sdl = "type Query { a: Int b: Int } type Mutation { c: Int }";
        PublicSchema::merge(&[(ServiceName::Auth, sdl)]).unwrap()
    }

    #[test]
    fn a_document_seen_before_is_neither_parsed_nor_validated_again() {
        let (schema, cache, limits) = (schema(), PlanCache::new(1 << 20), Limits::default());
        let plan = |query, name| cache.plan(&envelope(query, name), &schema, &limits, true);
        let first = plan("query A { a } mutation C { c }", Some("A")).unwrap();
        assert!(Arc::ptr_eq(
            &first,
            &plan("query A { a } mutation C { c }", Some("A")).unwrap()
        ));
        let other = plan("query A { a } mutation C { c }", Some("C")).unwrap();
        assert_eq!(
            (first.kind, other.kind),
            (OperationType::Query, OperationType::Mutation)
        );

        // With other limits the same text would pass, so a second refusal shows that it was remembered.
        assert!(
            cache
                .plan(
                    &envelope("{ a b }", None),
                    &schema,
                    &Limits {
                        root_fields: 1,
                        ..limits
                    },
                    true
                )
                .is_err()
        );
        assert!(plan("{ a b }", None).is_err());
    }

    #[test]
    fn the_cache_is_bounded_by_memory() {
        let (schema, cache, limits) = (schema(), PlanCache::new(64 * 1024), Limits::default());
        for n in 0..500 {
            cache
                .plan(
                    &envelope(&format!("query Q{n} {{ a b }}"), None),
                    &schema,
                    &limits,
                    true,
                )
                .unwrap();
            let refused = cache.plan(
                &envelope(&format!("query Q{n} {{ x }} # {}", "x".repeat(9000)), None),
                &schema,
                &limits,
                true,
            );
            assert!(refused.is_err());
        }
        cache.plans.run_pending_tasks();
        cache.refusals.run_pending_tasks();
        assert!(cache.plans.weighted_size() <= 64 * 1024 && cache.plans.entry_count() > 10);
        assert!(cache.refusals.weighted_size() <= REFUSAL_CACHE_BYTES && cache.refusals.entry_count() > 10);
    }
}
