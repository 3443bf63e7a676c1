//! A linker's map, as LLD writes it: which part of which file lies where.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

/// A part of an input file, where it ended up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// Its address.
    pub(crate) start: u64,
    /// Its bytes.
    pub(crate) size: u64,
    /// The file that it is from, and for an archive the member: `rust.a(core-1.o)`; `<internal>` is the linker itself.
    pub(crate) file: String,
    /// Its section in that file.
    pub(crate) section: String,
    /// The section that it was put into.
    pub(crate) output: String,
}

impl Part {
    /// The crate that its file is named for: `rust.a(core-1.core.2-cgu.0.rcgu.o)` is of `core`.
    pub(crate) fn krate(&self) -> Option<&str> {
        let name = self.file.rsplit(['/', '(']).next()?;
        let (krate, rest) = name.split_once(['-', '.'])?;
        rest.trim_end_matches(')').ends_with(".rcgu.o").then_some(krate)
    }
}

/// Where a section of the program lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Output {
    /// Its name.
    pub(crate) name: String,
    /// Its address.
    pub(crate) start: u64,
    /// Its bytes.
    pub(crate) size: u64,
}

/// What a map tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Map {
    /// The sections of the program.
    pub(crate) outputs: Vec<Output>,
    /// What they were put together from.
    pub(crate) parts: Vec<Part>,
    /// The symbols that the linker's script defines: they lie in no part, even where one begins.
    pub(crate) assigned: HashSet<String>,
}

/// Reads a file.
///
/// # Errors
/// It cannot be read, or is no map of LLD's.
pub(crate) fn read(path: &Path) -> Result<Map> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read the map {}", path.display()))?;
    parse(&text).with_context(|| path.display().to_string())
}

/// Reads the text of a map.
///
/// # Errors
/// It is no map of LLD's.
pub(crate) fn parse(text: &str) -> Result<Map> {
    let mut lines = text.lines();
    let head = lines.next().unwrap_or_default();
    if head.split_whitespace().collect::<Vec<_>>() != ["VMA", "LMA", "Size", "Align", "Out", "In", "Symbol"] {
        bail!(
            "it is no map that LLD wrote (its first line names VMA, LMA, Size, Align, Out, In, Symbol); link with ld.lld -Map=FILE"
        );
    }
    let mut map = Map::default();
    for line in lines {
        let Some((numbers, rest)) = columns(line) else { continue };
        let indent = rest.len() - rest.trim_start().len();
        let name = rest.trim();
        if let Some(symbol) = assigned(name).filter(|_| indent <= 8) {
            map.assigned.insert(symbol.into());
        } else if indent == 0 {
            map.outputs.push(Output { name: name.into(), start: numbers[0], size: numbers[2] });
        } else if let Some((file, section)) = name.rsplit_once(":(").filter(|_| indent == 8) {
            let section = section.strip_suffix(')').unwrap_or(section);
            let output = map.outputs.last().map(|output| output.name.clone()).unwrap_or_default();
            let (file, section) = (file.into(), section.into());
            map.parts.push(Part { start: numbers[0], size: numbers[2], file, section, output });
        }
    }
    Ok(map)
}

/// The four numbers of a line, and what follows: a name, indented by what it is: output section, part, symbol.
fn columns(line: &str) -> Option<([u64; 4], &str)> {
    let mut rest = line.trim_start();
    let mut numbers = [0u64; 4];
    for (nth, number) in numbers.iter_mut().enumerate() {
        let (word, after) = rest.split_once(char::is_whitespace)?;
        *number = u64::from_str_radix(word, if nth == 3 { 10 } else { 16 }).ok()?;
        rest = if nth == 3 { after } else { after.trim_start() };
    }
    Some((numbers, rest))
}

/// What an assignment of the script defines: `end` of `PROVIDE ( end = . )`, and `.` of one that moves on.
fn assigned(text: &str) -> Option<&str> {
    let (left, _) = text.split_once(" = ").or_else(|| text.split_once(" += "))?;
    let name = left.rsplit(['(', ' ']).next()?;
    (!left.contains(":(")).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_rustc_tells_its_crate() {
        let part =
            |file: &str| Part { start: 0, size: 0, file: file.into(), section: String::new(), output: String::new() };
        assert_eq!(part("rust.a(core-1.core.2-cgu.0.rcgu.o)").krate(), Some("core"));
        assert_eq!(part("/a-b/libhelper.rlib(helper.helper.3-cgu.0.rcgu.o)").krate(), Some("helper"));
        assert_eq!(part("/a-b/my_port-1.my_port.2-cgu.0.rcgu.o").krate(), Some("my_port"));
        assert_eq!(part("/a-b/libminplat.a(minplat.o)").krate(), None);
    }

    #[test]
    fn parts_are_read_and_symbols_are_not() {
        let text = "             VMA              LMA     Size Align Out     In      Symbol
          201234           201234       80    16 .text
          201234           201234       33     4         lib.a(m.o):(.text._R1f)
          201234           201234       33     1                 a::f::<x:(y)>
          201234           201234       33     1                 <dyn Fn(u8, Output = x)>::f
          201270           201270       10    16         <internal>:(.rodata.cst16)
          201280           201280        4     4 . = ALIGN ( 16 )
          201280           201280        0     1         PROVIDE ( end = . )
          201280           201280     1000     1         . += 4K
          201280           201280        0     1         top = .
";
        let part = |start, size, file: &str, section: &str| Part {
            start,
            size,
            file: file.into(),
            section: section.into(),
            output: ".text".into(),
        };
        let map = parse(text).unwrap();
        let parts =
            [part(0x201234, 0x33, "lib.a(m.o)", ".text._R1f"), part(0x201270, 0x10, "<internal>", ".rodata.cst16")];
        assert_eq!(map.parts, parts);
        assert_eq!(map.outputs, [Output { name: ".text".into(), start: 0x201234, size: 0x80 }]);
        assert_eq!(map.assigned, HashSet::from([".", "end", "top"].map(String::from)));
        assert!(parse("Archive member included\n").is_err());
    }
}
