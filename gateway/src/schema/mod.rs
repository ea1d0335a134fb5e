//! What clients see: one schema, and who owns each of its root fields.

mod merge;

use std::collections::HashMap;

use apollo_compiler::ast::OperationType;
use apollo_compiler::collections::HashMap as ApolloMap;
use apollo_compiler::schema::Implementers;
use apollo_compiler::validation::Valid;
use apollo_compiler::{Name, Schema};
use service::ServiceName;

use crate::GatewayError;

/// The SDL of the five services, as checked in.
const BUILT_IN: [(ServiceName, &str); 5] = [
    (ServiceName::Auth, include_str!("../../../schemas/auth.graphql")),
    (ServiceName::Wallet, include_str!("../../../schemas/wallet.graphql")),
    (
        ServiceName::Transactions,
        include_str!("../../../schemas/transactions.graphql"),
    ),
    (ServiceName::Fraud, include_str!("../../../schemas/fraud.graphql")),
    (ServiceName::History, include_str!("../../../schemas/history.graphql")),
];

/// The merged schema and the owner of each root field.
///
/// Root fields are nullable: when one fails or its service is down, `null` can then stand for it alone, where GraphQL
/// would otherwise take the whole answer away. The services' own schemas have it so, too (a test sees to it).
pub struct PublicSchema {
    sdl: String,
    valid: Valid<Schema>,
    implementers: ApolloMap<Name, Implementers>,
    query_owners: HashMap<Name, ServiceName>,
    mutation_owners: HashMap<Name, ServiceName>,
}

impl PublicSchema {
    /// The schema of the product.
    pub fn built_in() -> Result<Self, GatewayError> {
        Self::merge(&BUILT_IN)
    }

    /// Merges the SDL of several services.
    ///
    /// Types that are the same everywhere become one; one that differs, or a root field that two services have, is
    /// an error that names both, because any choice between them would be wrong for somebody.
    pub fn merge(sdls: &[(ServiceName, &str)]) -> Result<Self, GatewayError> {
        let mut merger = merge::Merger::default();
        for (service, sdl) in sdls {
            merger.add(*service, sdl)?;
        }
        let merged = merger.finish();
        let valid = Schema::parse_and_validate(merged.sdl.as_str(), "gateway.graphql")
            .map_err(|invalid| GatewayError::Merged(invalid.errors.to_string()))?;
        let implementers = valid.implementers_map();
        let (query_owners, mutation_owners) = (merged.query_owners, merged.mutation_owners);
        Ok(Self {
            sdl: merged.sdl,
            valid,
            implementers,
            query_owners,
            mutation_owners,
        })
    }

    /// The merged schema as text, in a stable order.
    pub fn sdl(&self) -> &str {
        &self.sdl
    }

    /// Who answers this root field; none for `__typename` and the like.
    pub fn owner(&self, operation: OperationType, field: &str) -> Option<ServiceName> {
        match operation {
            OperationType::Query => self.query_owners.get(field).copied(),
            OperationType::Mutation => self.mutation_owners.get(field).copied(),
            OperationType::Subscription => None,
        }
    }

    /// All services that own something.
    pub fn services(&self) -> impl Iterator<Item = ServiceName> {
        let owners = move |service: &ServiceName| {
            self.query_owners
                .values()
                .chain(self.mutation_owners.values())
                .any(|owner| owner == service)
        };
        ServiceName::ALL.into_iter().filter(owners)
    }

    pub(crate) fn valid(&self) -> &Valid<Schema> {
        &self.valid
    }

    pub(crate) fn implementers(&self) -> &ApolloMap<Name, Implementers> {
        &self.implementers
    }
}
