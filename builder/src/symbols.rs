//! The library's symbols against the platform's.

use anyhow::{Context, Result, bail};
use minplat_platform::Platform;
use object::{Object, ObjectSymbol};
use serde::{Deserialize, Serialize};

use crate::prelink::PREFIX;

/// The global symbols of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Symbols {
    /// What it offers, sorted.
    pub defined: Vec<String>,
    /// What it asks for, sorted.
    pub undefined: Vec<String>,
}

impl Symbols {
    /// Those of an object or, where it has a dynamic table, of a shared object.
    ///
    /// # Errors
    /// It is no object.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        let object = object::File::parse(bytes).context("the symbols cannot be read")?;
        let mut symbols = Self::default();
        let mut add = |symbol: object::Symbol<'_, '_>| {
            let Ok(name) = symbol.name() else { return };
            if symbol.is_undefined() && !name.is_empty() {
                symbols.undefined.push(name.to_string());
            } else if symbol.is_definition() && symbol.is_global() {
                symbols.defined.push(name.to_string());
            }
        };
        if object.dynamic_symbols().next().is_some() {
            object.dynamic_symbols().for_each(&mut add);
        } else {
            object.symbols().for_each(&mut add);
        }
        for names in [&mut symbols.defined, &mut symbols.undefined] {
            names.sort_unstable();
            names.dedup();
        }
        Ok(symbols)
    }

    /// Holds them against the platform: it defines nothing but our API and asks for exactly what the platform offers.
    ///
    /// # Errors
    /// Every symbol that is outside, and what to do.
    pub fn check(&self, platform: &Platform) -> Result<()> {
        self.check_against(platform.name(), &platform.symbols())
    }

    fn check_against(&self, platform: &str, offered: &[&str]) -> Result<()> {
        let mut wrong = Vec::new();
        for name in self.undefined.iter().filter(|name| !offered.contains(&name.as_str())) {
            wrong.push(format!(
                "it asks for {name}, which {platform} does not offer: define it inside the library, or choose a platform \
                 that offers it (its [offers] table)"
            ));
        }
        for name in offered.iter().filter(|offered| self.undefined.iter().all(|name| name != *offered)) {
            wrong.push(format!(
                "it does not ask for {name}, which {platform} offers: Cargo features and platform disagree, so correct \
                 `symbols` in crate minplat-platform"
            ));
        }
        for name in self.defined.iter().filter(|name| !name.starts_with(PREFIX)) {
            wrong.push(format!("it defines the global symbol {name}: rename it to {PREFIX}…, or keep it local"));
        }
        if !wrong.is_empty() {
            bail!("the library's symbols are not those of {platform}:\n  {}", wrong.join("\n  "));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn symbols(defined: &[&str], undefined: &[&str]) -> Symbols {
        let own = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        Symbols { defined: own(defined), undefined: own(undefined) }
    }

    #[test]
    fn exactly_the_platforms_symbols_pass() {
        symbols(&["minplat_init"], &["wasmtime_munmap"]).check_against("p", &["wasmtime_munmap"]).unwrap();
    }

    #[test]
    fn each_symbol_outside_is_told() {
        let error = symbols(&["minplat_init", "memcpy"], &["fmod"]).check_against("p", &["wasmtime_munmap"]);
        let text = error.unwrap_err().to_string();
        for part in ["asks for fmod", "does not ask for wasmtime_munmap", "global symbol memcpy"] {
            assert!(text.contains(part), "{part} is not in: {text}");
        }
    }
}
