//! Why a gateway cannot be built.

use service::ServiceName;

/// Why a gateway cannot be built. Each names what to look at.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// A service's SDL does not parse.
    #[error("the SDL of {service} cannot be read: {message}")]
    Sdl {
        /// Whose SDL.
        service: ServiceName,
        /// What the parser says.
        message: String,
    },
    /// Something in a service's SDL that cannot be merged.
    #[error("the SDL of {service} has {what}, which the gateway cannot merge")]
    Unsupported {
        /// Whose SDL.
        service: ServiceName,
        /// What stands there.
        what: String,
    },
    /// Two services define one type in two ways.
    #[error("{first} and {second} define {name} differently")]
    TypeConflict {
        /// The type or directive.
        name: String,
        /// Who defined it first.
        first: ServiceName,
        /// Who defined it otherwise.
        second: ServiceName,
    },
    /// Two services offer the same operation.
    #[error("{first} and {second} both have the {root} field {name}")]
    FieldConflict {
        /// `Query` or `Mutation`.
        root: &'static str,
        /// The field.
        name: String,
        /// Who has it first.
        first: ServiceName,
        /// Who has it too.
        second: ServiceName,
    },
    /// The merged schema breaks a rule of GraphQL.
    #[error("the merged schema is invalid: {0}")]
    Merged(String),
    /// The schema has fields of a service that no upstream leads to.
    #[error("there is no upstream for {0}, which owns a part of the schema")]
    NoUpstream(ServiceName),
}
