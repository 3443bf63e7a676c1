//! From offsets to lines, in one pass over the text.

/// Where the lines of a text begin.
pub(crate) struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

/// The most of a directive that reports show, characters.
const SHOWN: usize = 100;

impl<'a> Lines<'a> {
    pub(crate) fn of(text: &'a str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { text, starts }
    }

    /// The line that an offset is in, from 1.
    pub(crate) fn number(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset)
    }

    /// The text from an offset to the end of its line, without a comment, and cut where it is long.
    pub(crate) fn shown(&self, offset: usize) -> String {
        let rest = self.text.get(offset..).unwrap_or_default();
        let line = rest.lines().next().unwrap_or_default();
        let line = line.split(" ;;").next().unwrap_or_default().trim();
        // The parenthesis before it is not part of it.
        let extra = line.matches(')').count() > line.matches('(').count();
        let line = if extra { line.strip_suffix(')').unwrap_or(line) } else { line };
        match line.char_indices().nth(SHOWN) {
            Some((end, _)) => format!("{}…", &line[..end]),
            None => line.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_has_its_line_and_its_text() {
        let text = "a\n(bc (d)) ;; e\n\nf";
        let lines = Lines::of(text);
        assert_eq!([0, 1, 2, 3, 16, 17].map(|offset| lines.number(offset)), [1, 1, 2, 2, 3, 4]);
        assert_eq!(lines.shown(3), "bc (d)");
        assert_eq!(lines.shown(99), "");
    }
}
