//! `docs/rights.md` shows the table that is tested. `UPDATE_RIGHTS=1` writes it anew.

use std::fmt::Write as _;
use std::path::Path;

use super::table::table;
use super::{Operation, name_of};

const BEGIN: &str = "<!-- the table: written by UPDATE_RIGHTS=1 cargo test -p sawit --test e2e rights -->\n";
const END: &str = "<!-- end of the table -->\n";
const HEAD: &str = "\
| operation | no token | customer: own | another's | merchant: own | another's | Support | FraudAnalyst | Admin | Service |
|---|---|---|---|---|---|---|---|---|---|
";

#[test]
fn the_table_of_rights_in_the_docs_is_the_one_that_is_tested() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/rights.md");
    let page = std::fs::read_to_string(&path).expect("docs/rights.md is there");
    let (before, rest) = page.split_once(BEGIN).expect("the table has a beginning");
    let (_, after) = rest.split_once(END).expect("the table has an end");
    let expected = format!("{before}{BEGIN}{}{END}{after}", shown());
    if std::env::var_os("UPDATE_RIGHTS").is_some_and(|value| value == "1") {
        std::fs::write(&path, &expected).expect("docs/rights.md can be written");
        return;
    }
    assert!(
        page == expected,
        "docs/rights.md is out of date: UPDATE_RIGHTS=1 writes it"
    );
}

fn shown() -> String {
    let mut rows: Vec<Operation> = table();
    // Queries first, then by name.
    rows.sort_by_key(|(kind, field, ..)| (*kind != "query", name_of(field)));
    let mut text = String::new();
    for kind in ["query", "mutation"] {
        let title = if kind == "query" { "Queries" } else { "Mutations" };
        write!(text, "\n### {title}\n\n{HEAD}").expect("a String takes everything");
        for (_, field, _, expected) in rows.iter().filter(|row| row.0 == kind) {
            let cells = expected.map(mark).join(" | ");
            writeln!(text, "| `{}` | {cells} |", name_of(field)).expect("a String takes everything");
        }
    }
    text.push('\n');
    text
}

fn mark(answer: &str) -> &'static str {
    match answer {
        "OK" => "yes",
        "NULL" | "NOT_FOUND" => "hidden",
        "UNAUTHENTICATED" | "FORBIDDEN" => "–",
        with_a_star if with_a_star.ends_with('*') => "yes",
        other => panic!("{other} is neither a yes nor a no"),
    }
}
