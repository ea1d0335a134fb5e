//! How large a document is with its fragments written out, which is what executing it costs.

use std::collections::HashMap;

use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};

/// A few fragments that use each other twice can stand for millions of fields.
const SELECTIONS_MAX: usize = 5_000;
/// Fields at the root: each may cost a password's hash or a payment.
const ROOT_FIELDS_MAX: usize = 200;
/// Selections inside selections, fragments counted: as far as the library goes. A fragment inside itself ends here too.
const DEPTH_MAX: usize = 32;

/// Refuses a document that writes out too large. Each fragment is measured once, however often it is used.
pub(super) fn check_size(document: &ExecutableDocument) -> Result<(), String> {
    let mut meter = Meter {
        document,
        fragments: HashMap::new(),
    };
    for (_, operation) in document.operations.iter() {
        let size = meter.measure(&operation.node.selection_set.node, 0)?;
        if size.fields > ROOT_FIELDS_MAX {
            return Err(format!(
                "the document has more than {ROOT_FIELDS_MAX} fields at the root"
            ));
        }
    }
    Ok(())
}

/// What selections come to with their fragments written out.
#[derive(Clone, Copy, Default)]
struct Size {
    /// Everything, at every depth.
    selections: usize,
    /// Fields at this level.
    fields: usize,
}

struct Meter<'a> {
    document: &'a ExecutableDocument,
    fragments: HashMap<&'a str, Size>,
}

impl<'a> Meter<'a> {
    fn measure(&mut self, selections: &'a SelectionSet, depth: usize) -> Result<Size, String> {
        if depth > DEPTH_MAX {
            return Err(format!("the document is nested deeper than {DEPTH_MAX}"));
        }
        let mut total = Size::default();
        for selection in &selections.items {
            let size = match &selection.node {
                Selection::Field(field) => Size {
                    fields: 1,
                    ..self.measure(&field.node.selection_set.node, depth + 1)?
                },
                Selection::InlineFragment(inline) => self.measure(&inline.node.selection_set.node, depth + 1)?,
                Selection::FragmentSpread(spread) => {
                    self.measure_fragment(&spread.node.fragment_name.node, depth + 1)?
                }
            };
            total.selections += 1 + size.selections;
            total.fields += size.fields;
            if total.selections > SELECTIONS_MAX {
                return Err(format!(
                    "the document has more than {SELECTIONS_MAX} fields, fragments written out"
                ));
            }
        }
        Ok(total)
    }

    fn measure_fragment(&mut self, name: &'a str, depth: usize) -> Result<Size, String> {
        if let Some(&known) = self.fragments.get(name) {
            return Ok(known);
        }
        let Some(fragment) = self.document.fragments.get(name) else {
            // Validation says so.
            return Ok(Size::default());
        };
        let size = self.measure(&fragment.node.selection_set.node, depth)?;
        self.fragments.insert(name, size);
        Ok(size)
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    #[test]
    fn fragments_count_as_often_as_they_are_used() {
        #[track_caller]
        fn check(document: &str, expect: Option<&str>) {
            let refusal = check_size(&parse_query(document).unwrap()).err();
            assert_eq!(refusal.is_some(), expect.is_some(), "{refusal:?}");
            assert!(refusal.unwrap_or_default().contains(expect.unwrap_or_default()));
        }
        check("{ a { b } ...F ...F ...Missing } fragment F on Query { c { d } }", None);
        check("{ ...F } fragment F on Query { a ...F ...F }", Some("nested deeper"));
        check(
            "{ ...F } fragment F on Query { ...G } fragment G on Query { ...F }",
            Some("nested deeper"),
        );
        check(&format!("{{ a {{ {} }} }}", "b ".repeat(300)), None);
        check(&format!("{{ {} }}", "... { a } ".repeat(201)), Some("at the root"));
        let doubling = |links: usize| {
            let fragments: String = (0..links)
                .map(|n| format!("fragment F{n} on Query {{ ...F{0} ...F{0} }} ", n + 1))
                .collect();
            format!("{{ ...F0 }} {fragments} fragment F{links} on Query {{ a }}")
        };
        check(&doubling(7), None);
        check(&doubling(8), Some("more than 200 fields at the root"));
        check(&doubling(30), Some("more than 5000"));
    }
}
