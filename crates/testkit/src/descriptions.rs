//! Everything a client sees in a schema is described there.

use serde_json::Value;

/// What to ask a schema for [`undescribed`].
pub const INTROSPECTION: &str = "{ __schema { types { name description
    fields { name description args { name description } }
    inputFields { name description } enumValues { name description } } } }";

/// Types, fields, arguments and values without a description, in the answer to [`INTROSPECTION`]. GraphQL's own
/// scalars and the root types need none.
pub fn undescribed(answer: &Value) -> Vec<String> {
    let types = answer["__schema"]["types"].as_array().expect("the answer lists types");
    let mut missing = Vec::new();
    for kind in types {
        let name = name_of(kind);
        let built_in = ["Boolean", "Float", "ID", "Int", "String"].contains(&name);
        if built_in || name.starts_with("__") {
            continue;
        }
        if kind["description"].is_null() && !["Mutation", "Query", "Subscription"].contains(&name) {
            missing.push(name.to_owned());
        }
        for member in ["fields", "inputFields", "enumValues"]
            .iter()
            .filter_map(|list| kind[list].as_array())
            .flatten()
        {
            let member_name = format!("{name}.{}", name_of(member));
            let arguments = member["args"].as_array().into_iter().flatten();
            missing.extend(
                arguments
                    .filter(|argument| argument["description"].is_null())
                    .map(|argument| format!("{member_name}({})", name_of(argument))),
            );
            if member["description"].is_null() {
                missing.push(member_name);
            }
        }
    }
    missing
}

fn name_of(member: &Value) -> &str {
    member["name"].as_str().expect("whatever is listed has a name")
}
