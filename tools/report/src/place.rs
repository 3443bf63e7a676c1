//! The place of a document that a program writes, between two lines.

use std::ops::Range;

use anyhow::{Context, Result, ensure};

/// The lines around it, without their ends.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// The line before it.
    pub begin: &'static str,
    /// The line behind it.
    pub end: &'static str,
}

impl Place {
    /// What stands there.
    ///
    /// # Errors
    /// The document has no such place.
    pub fn read(self, document: &str) -> Result<&str> {
        Ok(&document[self.find(document)?])
    }

    /// The document with another text there, which ends with a line.
    ///
    /// # Errors
    /// The document has no such place.
    pub fn put(self, document: &str, text: &str) -> Result<String> {
        let place = self.find(document)?;
        Ok(format!("{}{text}{}", &document[..place.start], &document[place.end..]))
    }

    fn find(self, document: &str) -> Result<Range<usize>> {
        let find = |line: &str| {
            let found = document.match_indices(line).find(|(at, _)| {
                let is_begin = *at == 0 || document[..*at].ends_with('\n');
                is_begin && document[at + line.len()..].starts_with('\n')
            });
            Ok::<_, anyhow::Error>(found.with_context(|| format!("the document has no line {line}"))?.0)
        };
        let (begin, end) = (find(self.begin)? + self.begin.len() + 1, find(self.end)?);
        ensure!(begin <= end, "the document's lines {} and {} are the wrong way round", self.begin, self.end);
        Ok(begin..end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Place = Place { begin: "<!-- b -->", end: "<!-- e -->" };

    #[test]
    fn a_place_is_read_and_written() {
        let document = "x\n<!-- b -->\nold\n<!-- e -->\ny\n";
        assert_eq!(PLACE.read(document).unwrap(), "old\n");
        assert_eq!(PLACE.put(document, "new\n").unwrap(), "x\n<!-- b -->\nnew\n<!-- e -->\ny\n");
        assert_eq!(PLACE.read("<!-- b -->\n<!-- e -->\n").unwrap(), "");
    }

    #[test]
    fn a_document_without_it_is_refused() {
        for document in ["", "<!-- b -->\n", "<!-- b --> <!-- e -->\n", "<!-- e -->\n<!-- b -->\n"] {
            assert!(PLACE.read(document).is_err(), "{document:?}");
        }
    }
}
