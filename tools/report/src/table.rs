//! Tables: as text, columns as wide as they must be, numbers to the right; and in Markdown.

/// A table under way.
pub struct Table {
    rows: Vec<Vec<String>>,
    /// Columns of text; the others are numbers.
    text: Vec<usize>,
}

impl Table {
    /// With a head; `text` names the columns that are no numbers.
    pub fn new(head: &[&str], text: &[usize]) -> Self {
        Self { rows: vec![head.iter().map(ToString::to_string).collect()], text: text.to_vec() }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// The lines, without spaces at their ends.
    pub fn text(&self) -> String {
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

    /// The same as a table of Markdown.
    pub fn markdown(&self) -> String {
        let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
        let [head, rows @ ..] = &self.rows[..] else { return String::new() };
        let rule = |column| if self.text.contains(&column) { "---" } else { "---:" };
        let rules: Vec<_> = (0..head.len()).map(|column| rule(column).to_string()).collect();
        let mut out = line(head) + &line(&rules);
        rows.iter().for_each(|row| out += &line(row));
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_markdown_have_the_same_cells() {
        let mut table = Table::new(&["what", "bytes"], &[0]);
        table.row(vec!["a".into(), "1,000".into()]);
        table.row(vec!["longer".into(), "5".into()]);
        assert_eq!(table.text(), "what    bytes\na       1,000\nlonger      5\n");
        assert_eq!(table.markdown(), "| what | bytes |\n| --- | ---: |\n| a | 1,000 |\n| longer | 5 |\n");
    }
}
