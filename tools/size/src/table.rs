//! Tables as text: columns as wide as they must be, numbers to the right.

/// A table under way; the last column is text and as wide as it is.
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
    /// Columns of text; the others are numbers.
    text: Vec<usize>,
}

impl Table {
    /// With a head; `text` names the columns that are no numbers.
    pub(crate) fn new(head: &[&str], text: &[usize]) -> Self {
        Self { rows: vec![head.iter().map(ToString::to_string).collect()], text: text.to_vec() }
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// The lines, without spaces at their ends.
    pub(crate) fn text(&self) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width =
            |column: usize| self.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
        let widths: Vec<_> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
        let mut out = String::new();
        for row in &self.rows {
            let mut line = String::new();
            for (column, cell) in row.iter().enumerate() {
                let gap = if column == 0 { "" } else { "  " };
                let width = widths[column];
                line += &match self.text.contains(&column) {
                    true => format!("{gap}{cell:<width$}"),
                    false => format!("{gap}{cell:>width$}"),
                };
            }
            out += line.trim_end();
            out.push('\n');
        }
        out
    }
}

/// A part of a whole in hundredths.
pub(crate) fn percent(part: u64, whole: u64) -> String {
    if whole == 0 { String::new() } else { format!("{:.1}", 100.0 * part as f64 / whole as f64) }
}
