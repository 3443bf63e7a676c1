//! A linker's map, as LLD writes it: which part of which file lies where.

use anyhow::{Result, bail};

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

/// Reads a map of a program.
///
/// # Errors
/// It is no map of LLD's.
pub(crate) fn parse(text: &str) -> Result<Vec<Part>> {
    let mut lines = text.lines();
    let head = lines.next().unwrap_or_default();
    if head.split_whitespace().collect::<Vec<_>>() != ["VMA", "LMA", "Size", "Align", "Out", "In", "Symbol"] {
        bail!(
            "it is no map that LLD wrote (its first line names VMA, LMA, Size, Align, Out, In, Symbol); link with ld.lld -Map=FILE"
        );
    }
    let mut parts = Vec::new();
    let mut output = "";
    for line in lines {
        // Columns: four numbers, then a name indented by what it is: output section, part, symbol.
        let mut rest = line.trim_start();
        let mut numbers = [0u64; 4];
        let mut good = true;
        for (nth, number) in numbers.iter_mut().enumerate() {
            let (word, after) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
            let radix = if nth == 3 { 10 } else { 16 };
            good &= u64::from_str_radix(word, radix).map(|value| *number = value).is_ok();
            rest = if nth == 3 { after } else { after.trim_start() };
        }
        let indent = rest.len() - rest.trim_start().len();
        if good && indent == 0 {
            output = rest.trim();
        }
        let Some((file, section)) = rest.trim().rsplit_once(":(").filter(|_| good && indent == 8) else { continue };
        let section = section.strip_suffix(')').unwrap_or(section);
        let (file, section, output) = (file.into(), section.into(), output.into());
        parts.push(Part { start: numbers[0], size: numbers[2], file, section, output });
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_read_and_sections_and_symbols_are_not() {
        let text = "             VMA              LMA     Size Align Out     In      Symbol
          201234           201234       80    16 .text
          201234           201234       33     4         lib.a(m.o):(.text._R1f)
          201234           201234       33     1                 a::f::<x:(y)>
          201270           201270       10    16         <internal>:(.rodata.cst16)
          201280           201280        4     4 . = ALIGN ( 16 )
";
        let part = |start, size, file: &str, section: &str| Part {
            start,
            size,
            file: file.into(),
            section: section.into(),
            output: ".text".into(),
        };
        let wanted =
            [part(0x201234, 0x33, "lib.a(m.o)", ".text._R1f"), part(0x201270, 0x10, "<internal>", ".rodata.cst16")];
        assert_eq!(parse(text).unwrap(), wanted);
        assert!(parse("Archive member included\n").is_err());
    }
}
