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

/// Translates table definitions, which are written for PostgreSQL, to SQLite's STRICT tables.
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
        translated.push_str(if line == ");" { ") STRICT;" } else { &line });
        translated.push('\n');
    }
    translated
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
    }
}
