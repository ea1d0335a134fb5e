//! Tables for spreadsheets and programs, as RFC 4180 has them.

/// By it spreadsheets know UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// A table under way.
pub(crate) struct Table(String);

impl Table {
    /// A table with these heads.
    pub(crate) fn new<const COLUMNS: usize>(heads: &[&str; COLUMNS]) -> Self {
        let mut table = Self(String::from(BYTE_ORDER_MARK));
        table.push(&heads.map(str::to_owned));
        table
    }

    /// One line.
    pub(crate) fn push<const COLUMNS: usize>(&mut self, cells: &[String; COLUMNS]) {
        for (position, cell) in cells.iter().enumerate() {
            if position > 0 {
                self.0.push(',');
            }
            push_cell(&mut self.0, cell);
        }
        self.0.push_str("\r\n");
    }

    /// The file.
    pub(crate) fn finish(self) -> String {
        self.0
    }
}

/// A spreadsheet takes a cell that begins with one of these for a formula, and runs it: the quote before it prevents that.
fn push_cell(file: &mut String, cell: &str) {
    let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    let text = if is_formula {
        format!("'{cell}")
    } else {
        cell.to_owned()
    };
    if text.contains(['"', ',', '\r', '\n']) {
        file.push('"');
        file.push_str(&text.replace('"', "\"\""));
        file.push('"');
    } else {
        file.push_str(&text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_or_breaks_its_line() {
        #[track_caller]
        fn check(cell: &str, expect: &str) {
            let mut file = String::new();
            push_cell(&mut file, cell);
            assert_eq!(file, expect);
        }
        check("", "");
        check("Toko Budi", "Toko Budi");
        check("59000.5", "59000.5");
        check("=1+1", "'=1+1");
        check("+62", "'+62");
        check("-5", "'-5");
        check("@SUM(A1)", "'@SUM(A1)");
        check("\t=1", "'\t=1");
        check("=HYPERLINK(\"x\",\"y\")", "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\"");
        check("a,b", "\"a,b\"");
        check("a\r\nb", "\"a\r\nb\"");
        check("say \"hi\"", "\"say \"\"hi\"\"\"");
    }
}
