//! The audit takes time in proportion to what is in the files: no rule goes through a table once for each row of another. Nothing
//! is timed for that; it is read from the plans that the engine makes for the rules.

use std::path::Path;

use rusqlite::Connection;

use super::books;

/// Columns of which few rows of a table have the same value, however many rows there are. (An account, a merchant and a state
/// have any number.)
const OF_FEW_ROWS: [&str; 10] = [
    "rowid",
    "transaction_id",
    "transfer_id",
    "operation_id",
    "hold_id",
    "payout_id",
    "return_transfer_id",
    "session_id",
    "ordering_key",
    "entry_key",
];

/// A step of a plan; `parent` is the step that it belongs to.
struct Step {
    id: i64,
    parent: i64,
    what: String,
}

/// The files as the services make them, empty, and open as the audit opens them.
fn empty_files() -> (tempfile::TempDir, Connection) {
    let folder = tempfile::tempdir().unwrap();
    for (name, parts) in [
        ("wallets", &["wallet", "crates/outbox"][..]),
        ("transactions", &["transactions", "crates/outbox"]),
        ("history", &["history"]),
    ] {
        let file = Connection::open(folder.path().join(format!("{name}.db"))).unwrap();
        file.pragma_update(None, "foreign_keys", "OFF").unwrap();
        for part in parts {
            migrate(&file, part);
        }
    }
    let connection = books::open(folder.path()).unwrap();
    (folder, connection)
}

fn migrate(file: &Connection, part: &str) {
    let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../{part}/migrations"));
    let files = std::fs::read_dir(migrations).unwrap();
    let mut paths: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        let sql = std::fs::read_to_string(path).unwrap();
        file.execute_batch(&store::dialect::sqlite_definitions(&sql)).unwrap();
    }
}

fn plan(connection: &Connection, sql: &str) -> Vec<Step> {
    let mut query = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let steps = query.query_map([], |row| {
        Ok(Step {
            id: row.get(0)?,
            parent: row.get(1)?,
            what: row.get(3)?,
        })
    });
    steps.unwrap().map(Result::unwrap).collect()
}

/// What a plan does once for each row of something, and in time that grows with a table.
fn repeated_scans(connection: &Connection, sql: &str) -> Vec<String> {
    let steps = plan(connection, sql);
    let mut found = Vec::new();
    look_at(connection, &steps, 0, false, &mut found);
    found
}

/// Looks at the steps below one. They are loops, each inside the one before, and what the loops need.
fn look_at(connection: &Connection, steps: &[Step], parent: i64, is_repeated: bool, found: &mut Vec<String>) {
    let mut is_inside = is_repeated;
    for step in steps.iter().filter(|step| step.parent == parent) {
        let what = step.what.as_str();
        let (is_loop, is_repeated_below) = match what.split(' ').next().unwrap_or_default() {
            _ if what.contains("CONSTANT ROW") => (false, is_repeated),
            "SCAN" | "SEARCH" => (true, is_inside),
            // One loop, in several ways.
            "MULTI-INDEX" => (true, is_inside),
            "CORRELATED" => (false, true),
            // Done once, wherever it stands.
            "SCALAR" | "LIST" => (false, false),
            // Done as often as what it stands in.
            "MATERIALIZE" | "CO-ROUTINE" | "COMPOUND" | "LEFT-MOST" | "UNION" | "MERGE" | "LEFT" | "RIGHT"
            | "INDEX" => (false, is_repeated),
            "BLOOM" | "CREATE" | "USE" | "REUSE" => (false, is_repeated),
            _ => panic!("a step of a new kind: {what}"),
        };
        let is_searching = what.starts_with("SCAN") || what.starts_with("SEARCH");
        if is_searching && is_inside && !finds_few(connection, steps, step, is_repeated) {
            found.push(what.to_owned());
        }
        look_at(connection, steps, step.id, is_repeated_below, found);
        is_inside |= is_loop;
    }
}

/// Whether a loop comes by few rows, however many there are.
fn finds_few(connection: &Connection, steps: &[Step], step: &Step, is_repeated: bool) -> bool {
    let mut words = step.what.split(' ').skip(1);
    let name = words.next().unwrap_or_default();
    let is_put_together = |kind: &str| {
        let mut beside = steps.iter().filter(|other| other.parent == step.parent);
        beside.any(|other| other.what == format!("{kind} {name}"))
    };
    if step.what.starts_with("SCAN") {
        // What was put together anew, each time, from few rows (or else that was found).
        return is_repeated && (is_put_together("CO-ROUTINE") || is_put_together("MATERIALIZE"));
    }
    let (_, compared) = step.what.split_once('(').expect("a search says by what");
    let (compared, _) = compared.rsplit_once(')').expect("and that is in parentheses");
    let equal: Vec<&str> = compared
        .split(" AND ")
        .filter_map(|one| one.strip_suffix("=?"))
        .collect();
    if equal.iter().any(|column| OF_FEW_ROWS.contains(column)) {
        return true;
    }
    // A rule groups what it puts together by what it then looks for.
    if is_put_together("MATERIALIZE") {
        return equal.contains(&"account_id");
    }
    // What the engine made an index for itself is unique.
    let index = words.find(|word| word.starts_with("sqlite_autoindex_"));
    index.is_some_and(|index| columns_of(connection, index) as usize == equal.len())
}

fn columns_of(connection: &Connection, index: &str) -> u32 {
    let columns = |file: &str| -> u32 {
        let sql = "SELECT COUNT(*) FROM pragma_index_info(?1, ?2)";
        connection.query_row(sql, [index, file], |row| row.get(0)).unwrap()
    };
    ["wallets", "transactions", "history"].map(columns).into_iter().sum()
}

#[test]
fn no_rule_goes_through_a_table_for_each_row_of_another() {
    let (_folder, connection) = empty_files();
    let slow: Vec<_> = books::rules()
        .map(|(what, sql)| (what, repeated_scans(&connection, sql)))
        .filter(|(_, found)| !found.is_empty())
        .collect();
    assert!(slow.is_empty(), "{slow:#?}");
}

/// A detector that finds nothing would prove nothing.
#[test]
fn a_rule_that_takes_the_square_of_the_time_is_found() {
    let (_folder, connection) = empty_files();
    let check = |sql: &str, expect: &[&str]| assert_eq!(repeated_scans(&connection, sql), expect, "{sql}");
    let each = |condition: &str| format!("SELECT COUNT(*) FROM transactions.transactions t WHERE {condition}");

    // All of the history, for each transaction.
    check(
        &each("NOT EXISTS (SELECT 1 FROM history.entries h WHERE h.transaction_id = t.transaction_id)"),
        &["SCAN h"],
    );
    check(
        &each(
            "1 <> (SELECT COUNT(*) FROM (SELECT entry_key FROM history.entries h WHERE h.transaction_id = t.transaction_id
             UNION SELECT ordering_key FROM transactions.outbox q WHERE q.lane = 'history' AND q.ordering_key = t.transaction_id))",
        ),
        &["SCAN h USING INDEX sqlite_autoindex_entries_2"],
    );
    // A condition that no index answers, in a join.
    check(
        "SELECT COUNT(*) FROM wallets.transfers x LEFT JOIN transactions.payouts o ON 'xfr' || SUBSTR(o.payout_id, 4) = x.transfer_id",
        &["SCAN o USING COVERING INDEX sqlite_autoindex_payouts_1 LEFT-JOIN"],
    );
    // Indexes of what any number of rows have.
    check(
        &each("EXISTS (SELECT 1 FROM transactions.outbox q WHERE q.lane = 'history' AND q.payload = t.transaction_id)"),
        &["SEARCH q EXISTS USING INDEX outbox_due (lane=?)"],
    );
    check(
        &each(
            "t.fee_minor <> (SELECT SUM(amount_minor) FROM wallets.postings WHERE account_id = 'fees:' || t.currency)",
        ),
        &["SEARCH wallets.postings USING COVERING INDEX postings_by_account (account_id=?)"],
    );
    check(
        "SELECT COUNT(*) FROM wallets.transfers x LEFT JOIN transactions.payment_operations o ON o.kind = x.kind",
        &["SEARCH o USING AUTOMATIC COVERING INDEX (kind=?) LEFT-JOIN"],
    );

    // Once through a table, and what belongs to each row by its id.
    check(&each("t.amount_minor < 0"), &[]);
    check(
        &each("t.wallet_id NOT IN (SELECT account_id FROM wallets.postings WHERE amount_minor < 0)"),
        &[],
    );
    check(
        &each("EXISTS (SELECT 1 FROM wallets.transfers x WHERE x.transfer_id = 'xfr' || SUBSTR(t.transaction_id, 4))"),
        &[],
    );
    check(
        "SELECT COUNT(*) FROM transactions.transactions t LEFT JOIN (SELECT transaction_id, COUNT(*) AS entries
         FROM history.entries GROUP BY transaction_id) h USING (transaction_id) WHERE h.entries > 1",
        &[],
    );
}
