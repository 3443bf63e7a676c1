//! How many bytes an object takes on the device, by section.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use object::{Object, ObjectSection, SectionFlags, elf};
use serde::{Deserialize, Serialize};

/// Bytes of what is loaded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sizes {
    /// Code and constants: what can stay in flash.
    pub text: u64,
    /// Variables with a value.
    pub data: u64,
    /// Variables that begin as zero: memory, but no bytes of a file.
    pub bss: u64,
    /// All three.
    pub total: u64,
    /// By section; sections of one function each count for the section that they will be in.
    pub sections: BTreeMap<String, u64>,
}

impl Sizes {
    /// Those of an object, a shared object or a program. Alignment between sections is not counted, as `size` does.
    ///
    /// # Errors
    /// It is no ELF file.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        let object = object::File::parse(bytes).context("the sections cannot be read")?;
        let mut sizes = Self::default();
        for section in object.sections() {
            let SectionFlags::Elf { sh_flags } = section.flags() else { continue };
            if sh_flags & u64::from(elf::SHF_ALLOC) == 0 {
                continue;
            }
            let size = section.size();
            if section.kind().is_bss() {
                sizes.bss += size;
            } else if sh_flags & u64::from(elf::SHF_WRITE) != 0 {
                sizes.data += size;
            } else {
                sizes.text += size;
            }
            sizes.total += size;
            let name = output_section(section.name().unwrap_or_default());
            *sizes.sections.entry(name.to_string()).or_default() += size;
        }
        Ok(sizes)
    }

    /// What must be stored: code, constants, and the first values of variables.
    pub fn flash(&self) -> u64 {
        self.text + self.data
    }

    /// What is variables.
    pub fn ram(&self) -> u64 {
        self.data + self.bss
    }

    /// For people: `304090 bytes (text 290000, data 7000, bss 7090)`.
    pub fn summary(&self) -> String {
        format!("{} bytes (text {}, data {}, bss {})", self.total, self.text, self.data, self.bss)
    }
}

/// The section that a linker puts `.text.some_function` and its like into.
fn output_section(name: &str) -> &str {
    let outputs = [
        ".text",
        ".rodata",
        ".data.rel.ro",
        ".data",
        ".bss",
        ".ARM.exidx",
        ".ARM.extab",
        ".srodata",
        ".sdata",
        ".sbss",
    ];
    let of = |out: &&str| name.strip_prefix(*out).is_some_and(|rest| rest.starts_with('.'));
    outputs.into_iter().find(of).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::output_section;

    #[test]
    fn sections_of_functions_count_for_their_output_section() {
        assert_eq!(output_section(".text.unlikely.foo"), ".text");
        assert_eq!(output_section(".data.rel.ro..Lanon.1"), ".data.rel.ro");
        assert_eq!(output_section(".data.foo"), ".data");
        assert_eq!(output_section(".eh_frame"), ".eh_frame");
    }
}
