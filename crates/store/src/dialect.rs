//! What must differ between engines, in one place.

/// Numbers parameters as SQLite does: it takes `$1` for a *named* parameter and numbers names by first appearance, so
/// `$n` becomes `?n`. Text in quotes is left alone.
pub fn sqlite_parameters(sql: &str) -> String {
    let mut translated = String::with_capacity(sql.len());
    let mut quote: Option<char> = None;
    let mut rest = sql.chars().peekable();
    while let Some(character) = rest.next() {
        match (quote, character) {
            (None, '\'' | '"') => quote = Some(character),
            (Some(open), close) if open == close => quote = None,
            (None, '$') if rest.peek().is_some_and(char::is_ascii_digit) => {
                translated.push('?');
                continue;
            }
            _ => {}
        }
        translated.push(character);
    }
    translated
}

/// Translates table definitions, which are written for PostgreSQL, to SQLite's STRICT tables. Rows of a table that ends in
/// `); -- clustered` lie in the order of its primary key, without an index beside them: for small rows that are found by it.
pub fn sqlite_definitions(sql: &str) -> String {
    let mut translated = String::with_capacity(sql.len());
    for line in sql.lines() {
        let line = line
            .replace(
                "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
                "INTEGER PRIMARY KEY AUTOINCREMENT",
            )
            .replace("BIGINT", "INTEGER")
            .replace("BYTEA", "BLOB");
        // A closing parenthesis at the start of a line ends a CREATE TABLE in our migrations.
        translated.push_str(match line.as_str() {
            ");" => ") STRICT;",
            "); -- clustered" => ") STRICT, WITHOUT ROWID;",
            _ => &line,
        });
        translated.push('\n');
    }
    translated
}

/// A table definition whose `column IN ('a', 'b')` are written out: `(column = 'a' OR column = 'b')`. For `IN` SQLite makes
/// and drops a table of the values at each row that is written, which costs more than keeping an index does.
pub fn sqlite_plain_checks(definition: &str) -> String {
    let mut plain = String::with_capacity(definition.len() * 2);
    let mut rest = definition;
    while let Some(place) = rest.find(" IN (") {
        let (before, list) = (&rest[..place], &rest[place + " IN (".len()..]);
        let column_at = before.rfind(|character: char| character != '_' && !character.is_ascii_alphanumeric());
        let column_at = column_at.map_or(0, |before_column| before_column + 1);
        let column = &before[column_at..];
        let written_out = list.split_once(')').and_then(|(values, behind)| {
            let values: Option<Vec<&str>> = values.split(',').map(|value| quoted_word(value.trim())).collect();
            Some((values?, behind)).filter(|_| !column.is_empty())
        });
        let Some((values, behind)) = written_out else {
            plain.push_str(before);
            plain.push_str(" IN (");
            rest = list;
            continue;
        };
        plain.push_str(&before[..column_at]);
        let equals: Vec<String> = values.iter().map(|value| format!("{column} = {value}")).collect();
        plain.push_str(&format!("({})", equals.join(" OR ")));
        rest = behind;
    }
    plain.push_str(rest);
    plain
}

/// A text in single quotes that is one word.
fn quoted_word(text: &str) -> Option<&str> {
    let word = text.strip_prefix('\'')?.strip_suffix('\'')?;
    let is_word = word
        .chars()
        .all(|character| character == '_' || character.is_ascii_alphanumeric());
    is_word.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_numbered_and_quoted_text_is_not_touched() {
        #[track_caller]
        fn check(sql: &str, expect: &str) {
            assert_eq!(sqlite_parameters(sql), expect);
        }
        check("SELECT $2, $1", "SELECT ?2, ?1");
        check("SELECT '$1', \"$2\", $10", "SELECT '$1', \"$2\", ?10");
        check("SELECT 'it''s $1' || $1", "SELECT 'it''s $1' || ?1");
        check("SELECT $", "SELECT $");
    }

    #[test]
    fn tables_become_strict() {
        let sql = "CREATE TABLE a (\n    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,\n    n BIGINT NOT NULL,\n    h BYTEA\n);";
        let expect = "CREATE TABLE a (\n    id INTEGER PRIMARY KEY AUTOINCREMENT,\n    n INTEGER NOT NULL,\n    h BLOB\n) STRICT;\n";
        assert_eq!(sqlite_definitions(sql), expect);
        let expect = "CREATE TABLE a (\n    id TEXT PRIMARY KEY\n) STRICT, WITHOUT ROWID;\n";
        assert_eq!(
            sqlite_definitions("CREATE TABLE a (\n    id TEXT PRIMARY KEY\n); -- clustered"),
            expect
        );
    }

    #[test]
    fn lists_of_words_in_checks_are_written_out() {
        #[track_caller]
        fn check(definition: &str, expect: &str) {
            assert_eq!(sqlite_plain_checks(definition), expect);
            assert_eq!(sqlite_plain_checks(expect), expect, "again");
        }
        check(
            "CREATE TABLE a (s TEXT NOT NULL CHECK (s IN ('A', 'B_2','c')), t TEXT CHECK (t IN ('D')))",
            "CREATE TABLE a (s TEXT NOT NULL CHECK ((s = 'A' OR s = 'B_2' OR s = 'c')), t TEXT CHECK ((t = 'D')))",
        );
        check(
            "CREATE TABLE a (n INTEGER CHECK (n BETWEEN 1 AND 2))",
            "CREATE TABLE a (n INTEGER CHECK (n BETWEEN 1 AND 2))",
        );
        for other in [
            "CHECK (s IN (1, 2))",
            "CHECK (s IN ('it''s', 'b'))",
            "CHECK (s IN ('a), b'))",
            "CHECK (s IN (SELECT s FROM b))",
            "CHECK (lower(s) IN ('a'))",
            "CHECK (s IN ('a'",
        ] {
            check(other, other);
        }
    }
}
