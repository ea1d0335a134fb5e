//! Merging the services' SDL into one, syntax tree by syntax tree.

use std::collections::{BTreeMap, HashMap};

use apollo_compiler::ast::{self, Definition, FieldDefinition, ObjectTypeDefinition, OperationType};
use apollo_compiler::{Name, Node};
use service::ServiceName;

use crate::GatewayError;

/// What GraphQL itself defines; services repeat some of these in their SDL.
const BUILT_IN_DIRECTIVES: [&str; 4] = ["skip", "include", "deprecated", "specifiedBy"];

const DESCRIPTION: &str = "\
The operations of all services at one endpoint.

Every root field is nullable: a service that is down answers `null` for its fields, with an error of code
`SERVICE_UNAVAILABLE`, and leaves the others' alone.";

#[derive(Default)]
pub(super) struct Merger {
    query: Root,
    mutation: Root,
    /// By name, so that the merged SDL does not depend on the order of the services.
    definitions: BTreeMap<String, (ServiceName, Definition)>,
}

#[derive(Default)]
struct Root {
    fields: Vec<Node<FieldDefinition>>,
    owners: HashMap<Name, ServiceName>,
}

pub(super) struct Merged {
    pub(super) sdl: String,
    pub(super) query_owners: HashMap<Name, ServiceName>,
    pub(super) mutation_owners: HashMap<Name, ServiceName>,
}

impl Merger {
    pub(super) fn add(&mut self, service: ServiceName, sdl: &str) -> Result<(), GatewayError> {
        let document =
            ast::Document::parse(sdl, format!("{service}.graphql")).map_err(|invalid| GatewayError::Sdl {
                service,
                message: invalid.errors.to_string(),
            })?;
        for definition in document.definitions {
            self.add_definition(service, definition)?;
        }
        Ok(())
    }

    fn add_definition(&mut self, service: ServiceName, definition: Definition) -> Result<(), GatewayError> {
        match definition {
            Definition::SchemaDefinition(schema) => check_root_names(service, &schema.root_operations),
            Definition::ObjectTypeDefinition(object) if object.name == "Query" => {
                self.query.add("Query", service, object.fields.iter())
            }
            Definition::ObjectTypeExtension(object) if object.name == "Query" => {
                self.query.add("Query", service, object.fields.iter())
            }
            Definition::ObjectTypeDefinition(object) if object.name == "Mutation" => {
                self.mutation.add("Mutation", service, object.fields.iter())
            }
            Definition::ObjectTypeExtension(object) if object.name == "Mutation" => {
                self.mutation.add("Mutation", service, object.fields.iter())
            }
            Definition::DirectiveDefinition(directive) if BUILT_IN_DIRECTIVES.contains(&directive.name.as_str()) => {
                Ok(())
            }
            other if other.is_extension_definition() || other.is_executable_definition() => {
                let what = format!("an extension or operation {}", other.name().map_or("", Name::as_str));
                Err(GatewayError::Unsupported { service, what })
            }
            other => self.add_shared(service, other),
        }
    }

    fn add_shared(&mut self, service: ServiceName, definition: Definition) -> Result<(), GatewayError> {
        let name = definition.name().map(ToString::to_string).unwrap_or_default();
        // Directives and types live in different name spaces.
        let is_directive = matches!(definition, Definition::DirectiveDefinition(_));
        let key = if is_directive { format!("@{name}") } else { name };
        match self.definitions.get_mut(&key) {
            None => {
                self.definitions.insert(key, (service, definition));
                Ok(())
            }
            Some((_, known)) if *known == definition => Ok(()),
            // A scalar is its name; not every service need describe it.
            Some((_, Definition::ScalarTypeDefinition(known)))
                if let Definition::ScalarTypeDefinition(scalar) = &definition =>
            {
                if known.description.is_none() {
                    known.make_mut().description = scalar.description.clone();
                }
                Ok(())
            }
            Some((first, _)) => Err(GatewayError::TypeConflict {
                name: key,
                first: *first,
                second: service,
            }),
        }
    }

    pub(super) fn finish(self) -> Merged {
        let mut document = ast::Document::new();
        let roots = [
            (OperationType::Query, &self.query),
            (OperationType::Mutation, &self.mutation),
        ];
        let present = roots.iter().filter(|(_, root)| !root.fields.is_empty());
        let root_operations = present.map(|(kind, _)| Node::new((*kind, root_name(*kind)))).collect();
        document
            .definitions
            .push(Definition::SchemaDefinition(Node::new(ast::SchemaDefinition {
                description: Some(DESCRIPTION.into()),
                directives: ast::DirectiveList::new(),
                root_operations,
            })));
        for (kind, root) in roots.iter().filter(|(_, root)| !root.fields.is_empty()) {
            document
                .definitions
                .push(Definition::ObjectTypeDefinition(Node::new(ObjectTypeDefinition {
                    description: None,
                    name: root_name(*kind),
                    implements_interfaces: Vec::new(),
                    directives: ast::DirectiveList::new(),
                    fields: root.fields.clone(),
                })));
        }
        document
            .definitions
            .extend(self.definitions.into_values().map(|(_, definition)| definition));
        Merged {
            sdl: document.to_string(),
            query_owners: self.query.owners,
            mutation_owners: self.mutation.owners,
        }
    }
}

impl Root {
    fn add<'a>(
        &mut self,
        root: &'static str,
        service: ServiceName,
        fields: impl Iterator<Item = &'a Node<FieldDefinition>>,
    ) -> Result<(), GatewayError> {
        for field in fields {
            if let Some(first) = self.owners.insert(field.name.clone(), service) {
                let name = field.name.to_string();
                return Err(GatewayError::FieldConflict {
                    root,
                    name,
                    first,
                    second: service,
                });
            }
            let mut field = field.clone();
            let definition = field.make_mut();
            definition.ty = definition.ty.clone().nullable();
            self.fields.push(field);
        }
        Ok(())
    }
}

/// Documents are forwarded as they came, so `... on Query` must mean the same everywhere.
fn check_root_names(service: ServiceName, roots: &[Node<(OperationType, Name)>]) -> Result<(), GatewayError> {
    match roots
        .iter()
        .find(|root| root.0 == OperationType::Subscription || root.1 != root_name(root.0))
    {
        None => Ok(()),
        Some(root) => Err(GatewayError::Unsupported {
            service,
            what: format!("the root {}: {}", root.0.name(), root.1),
        }),
    }
}

fn root_name(kind: OperationType) -> Name {
    match kind {
        OperationType::Query => apollo_compiler::name!("Query"),
        OperationType::Mutation => apollo_compiler::name!("Mutation"),
        OperationType::Subscription => apollo_compiler::name!("Subscription"),
    }
}
