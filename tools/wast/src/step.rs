//! A script as this program runs it: every directive a step, every module compiled.

use crate::pattern::Pattern;
use crate::value::Arg;

/// A script that is ready to run.
pub(crate) struct Prepared {
    pub(crate) steps: Vec<Step>,
    /// What passes the host's things as `anyref`, where the script has such: see `host_ref.rs`.
    pub(crate) converter: Option<Built>,
}

impl Prepared {
    /// About how many bytes it is as steps and modules of a bundle.
    pub(crate) fn size(&self) -> usize {
        let of = |built: &Built| match built {
            Built::Artifact(artifact) => artifact.len() + 4096,
            _ => 0,
        };
        let step = |step: &Step| {
            256 + match &step.what {
                What::Module { module, .. }
                | What::Definition { module, .. }
                | What::Refused { module, .. }
                | What::Unlinkable(module, _) => of(module),
                What::Trap(Action::Instantiate(module), _)
                | What::Exhaustion(Action::Instantiate(module), _)
                | What::Return(Action::Instantiate(module), _)
                | What::Action(Action::Instantiate(module))
                | What::Exception(Action::Instantiate(module)) => of(module),
                _ => 0,
            }
        };
        self.steps.iter().map(step).sum()
    }
}

/// One directive.
pub(crate) struct Step {
    /// Its line, from 1.
    pub(crate) line: usize,
    /// Its beginning, as the script has it.
    pub(crate) text: String,
    pub(crate) what: What,
}

/// What a module came to at the compiler.
pub(crate) enum Built {
    /// An artifact.
    Artifact(Vec<u8>),
    /// It cannot even be read: the parser's message.
    Malformed(String),
    /// The compiler refused it.
    Refused(minplat_compiler::Refusal),
}

/// A directive's meaning. Names of modules are without their `$`.
pub(crate) enum What {
    /// A module, to be instantiated at once.
    Module {
        name: Option<String>,
        module: Built,
    },
    /// A module, to be instantiated by name.
    Definition {
        name: Option<String>,
        module: Built,
    },
    /// An instance of a definition; the latest one if it has no name.
    Instance {
        name: Option<String>,
        definition: Option<String>,
    },
    /// Makes what an instance exports importable.
    Register {
        name: String,
        instance: Option<String>,
    },
    /// An action whose results are of no interest.
    Action(Action),
    Return(Action, Vec<Pattern>),
    Trap(Action, String),
    Exhaustion(Action, String),
    Exception(Action),
    /// A module that the compiler must refuse; whether it is the text or the bytes that must be unreadable.
    Refused {
        module: Built,
        is_malformed: bool,
    },
    Unlinkable(Built, String),
    /// A directive that no platform can do: its name, and why.
    Beyond(&'static str),
}

/// Something that a script does with an instance; the latest one if it has no name.
pub(crate) enum Action {
    Invoke {
        instance: Option<String>,
        function: String,
        args: Vec<Arg>,
    },
    Get {
        instance: Option<String>,
        global: String,
    },
    /// Instantiates a module, as for a start function that traps.
    Instantiate(Built),
    /// An argument has a form that is not known.
    Beyond(String),
}
