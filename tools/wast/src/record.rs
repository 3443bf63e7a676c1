//! A script as steps of a bundle, for firmware to replay: what [`crate::session`] does at once is written down here.

use std::collections::HashMap;

use minplat_bundle::{Value, Writer};
use minplat_compiler::{Reason, Refusal};
use minplat_host::ErrorCode;
use minplat_qemu::module::Module;

use crate::language::Language;
use crate::outcome::Outcome;
use crate::pattern::{self, Pattern};
use crate::session::refused;
use crate::step::{Action, Built, Prepared, Step, What};
use crate::stop::{Stop, after, done, failed};
use crate::trap;
use crate::value::Arg;

/// Where the latest instance is kept.
const LATEST: u8 = 0;
/// Where an instance is kept that no later step asks for.
const PASSING: u8 = 63;
/// How many instances with names a script can have.
const NAMED: u8 = 62;

/// What came of a directive while it was written down.
pub(crate) enum Noted {
    /// It is known without the machine.
    Known(Outcome),
    /// The machine is asked; what is expected of it, in words.
    Asked(String),
}

/// A script that is being written down.
pub(crate) struct Recorder<'a> {
    bundle: &'a mut Writer,
    language: Language,
    align: usize,
    /// Instances by name: their slots. The latest one has no name.
    latest: Result<(), Stop>,
    named: HashMap<String, Result<u8, Stop>>,
    definitions: HashMap<Option<String>, Result<u32, Stop>>,
    /// What modules of the bundle import from.
    imports: HashMap<u32, Vec<String>>,
    /// Names to import from that stand for instances that the platform could not make, and what those need.
    absent: HashMap<String, String>,
}

/// Writes a script into a bundle; for each directive what is known of it.
pub(crate) fn record(
    bundle: &mut Writer,
    (language, align): (Language, usize),
    script: &Prepared,
    (name, fuel): (&str, Option<u64>),
) -> Vec<Noted> {
    bundle.begin(u32::MAX, name, fuel, true).success();
    let mut recorder = Recorder {
        bundle,
        language,
        align,
        latest: Err(Stop::Wrong("there is no module before it".into())),
        named: HashMap::new(),
        definitions: HashMap::new(),
        imports: HashMap::new(),
        absent: HashMap::new(),
    };
    (0u32..).zip(&script.steps).map(|(number, step)| recorder.step(number, step)).collect()
}

impl Recorder<'_> {
    fn step(&mut self, number: u32, step: &Step) -> Noted {
        match &step.what {
            What::Module { name, module } => {
                let made = self.module(module);
                self.instance(number, step.line, name, made)
            }
            What::Definition { name, module } => {
                let made = self.module(module);
                let outcome = done(&made, "a module");
                let made = after(made, step.line);
                self.definitions.insert(None, made.clone());
                self.definitions.insert(name.clone(), made);
                Noted::Known(outcome)
            }
            What::Instance { name, definition } => {
                let none = || Err(Stop::Wrong("there is no module definition of this name".into()));
                let made = self.definitions.get(definition).cloned().unwrap_or_else(none);
                self.instance(number, step.line, name, made)
            }
            What::Register { name, instance } => {
                let slot = self.slot(instance);
                self.absent.remove(name);
                match slot {
                    Ok(slot) => {
                        self.bundle.register(number, slot, name).success();
                        Noted::Asked("an instance".into())
                    }
                    Err(stop) => {
                        if let Stop::NotSupported(needs) = &stop {
                            self.absent.insert(name.clone(), needs.clone());
                        }
                        Noted::Known(stop.outcome("an instance".into()))
                    }
                }
            }
            What::Action(action) => self.act(number, action, &Wanted::Success),
            What::Return(action, patterns) => self.act(number, action, &Wanted::Values(patterns)),
            What::Trap(action, message) | What::Exhaustion(action, message) => {
                self.act(number, action, &Wanted::Trap(message))
            }
            What::Exception(action) => self.act(number, action, &Wanted::Exception),
            What::Refused { module, is_malformed } => Noted::Known(refused(self.language, module, *is_malformed)),
            What::Unlinkable(module, message) => match self.module(module) {
                Ok(module) => {
                    let code = ErrorCode::LINK.0 as u8;
                    self.bundle.instance(number, PASSING, module, false).failure(code, 0, message);
                    Noted::Asked(format!("a refusal by the linker: {message}"))
                }
                Err(stop) => Noted::Known(stop.outcome(format!("a refusal by the linker: {message}"))),
            },
            What::Beyond(what) => Noted::Known(failed("a directive that can be run".into(), (*what).into())),
        }
    }

    /// An instance that later steps may ask for.
    fn instance(&mut self, number: u32, line: usize, name: &Option<String>, made: Result<u32, Stop>) -> Noted {
        let made = made.and_then(|module| self.linked(module));
        let noted = match &made {
            Ok(module) => {
                self.bundle.instance(number, LATEST, *module, false).success();
                Noted::Asked("an instance".into())
            }
            Err(stop) => Noted::Known(stop.clone().outcome("an instance".into())),
        };
        let made = after(made.map(|_| ()), line);
        if let Some(name) = name {
            let next = u8::try_from(self.named.len() + 1).ok().filter(|slot| *slot <= NAMED);
            let known = self.named.get(name).and_then(|slot| slot.as_ref().ok().copied());
            let slot = made.clone().and_then(|()| {
                let slot = known.or(next);
                let slot = slot.ok_or_else(|| Stop::Wrong("firmware keeps 62 instances with names".into()))?;
                self.bundle.copy(number, LATEST, slot).success();
                Ok(slot)
            });
            self.named.insert(name.clone(), slot);
        }
        self.latest = made;
        noted
    }

    /// A module of the bundle.
    fn module(&mut self, module: &Built) -> Result<u32, Stop> {
        let artifact = match module {
            Built::Artifact(artifact) => artifact,
            Built::Malformed(why) => return Err(Stop::Wrong(format!("the module cannot be read: {why}"))),
            Built::Refused(refusal) => return Err(self.not_compiled(refusal)),
        };
        let looked = Module::of("the module", artifact.clone()).map_err(|error| Stop::Wrong(format!("{error:#}")))?;
        let number = self.bundle.module(looked.artifact, self.align);
        self.imports.insert(number, looked.imports.into_iter().map(|import| import.module).collect());
        self.linked(number)
    }

    /// The module, unless it imports from what the platform could not make.
    fn linked(&self, module: u32) -> Result<u32, Stop> {
        let imports = self.imports.get(&module);
        let absent = imports.into_iter().flatten().find_map(|from| self.absent.get(from));
        absent.map_or(Ok(module), |needs| Err(Stop::NotSupported(needs.clone())))
    }

    fn not_compiled(&self, refusal: &Refusal) -> Stop {
        match &refusal.reason {
            Reason::Needs(keys) if self.language == Language::All || keys.iter().all(|key| self.language.has(key)) => {
                Stop::NotSupported(keys.join(", "))
            }
            _ => Stop::Wrong(format!("the compiler refused the module, which {}", refusal.problem)),
        }
    }

    fn slot(&self, name: &Option<String>) -> Result<u8, Stop> {
        match name {
            None => self.latest.clone().map(|()| LATEST),
            Some(name) => {
                self.named.get(name).cloned().unwrap_or_else(|| Err(Stop::Wrong(format!("there is no module ${name}"))))
            }
        }
    }

    fn act(&mut self, number: u32, action: &Action, wanted: &Wanted<'_>) -> Noted {
        let words = wanted.to_string();
        match self.try_act(number, action, wanted) {
            Ok(()) => Noted::Asked(words),
            Err(stop) => Noted::Known(stop.outcome(words)),
        }
    }

    fn try_act(&mut self, number: u32, action: &Action, wanted: &Wanted<'_>) -> Result<(), Stop> {
        // What the platform does not have is said before anything else.
        let slot = match action {
            Action::Invoke { instance, .. } | Action::Get { instance, .. } => self.slot(instance)?,
            Action::Instantiate(_) | Action::Beyond(_) => PASSING,
        };
        let patterns = match wanted {
            Wanted::Values(patterns) => patterns
                .iter()
                .map(|pattern| pattern.in_bundle().ok_or_else(no_form))
                .collect::<Result<Vec<_>, Stop>>()?,
            _ => Vec::new(),
        };
        let step = match action {
            Action::Invoke { function, args, .. } => {
                let args = args.iter().map(argument).collect::<Result<Vec<_>, Stop>>()?;
                self.bundle.call(number, slot, function, &args)
            }
            Action::Get { global, .. } => self.bundle.get(number, slot, global),
            Action::Instantiate(module) => {
                let module = self.module(module)?;
                self.bundle.instance(number, slot, module, false)
            }
            Action::Beyond(what) => return Err(Stop::Wrong(what.clone())),
        };
        match wanted {
            Wanted::Success => step.success(),
            Wanted::Values(_) => step.values(&patterns),
            Wanted::Exception => step.failure(ErrorCode::EXCEPTION.0 as u8, 0, ""),
            Wanted::Trap(message) => match trap::codes(message) {
                // A trap that has no number in the table has the script's words.
                0 => step.failure(0, u32::MAX, message),
                codes => step.failure(0, codes, ""),
            },
        }
        Ok(())
    }
}

/// What is expected of an action.
enum Wanted<'a> {
    Success,
    Values(&'a [Pattern]),
    Trap(&'a str),
    Exception,
}

impl std::fmt::Display for Wanted<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Wanted::Success => f.write_str("an end without a trap"),
            Wanted::Values(patterns) => write!(f, "({})", pattern::list(patterns, ", ")),
            Wanted::Trap(message) => write!(f, "the trap \"{message}\""),
            Wanted::Exception => f.write_str("an exception that is not caught"),
        }
    }
}

fn argument(arg: &Arg) -> Result<Value, Stop> {
    match arg {
        Arg::Value(value) => Ok(minplat_qemu::value::number(value)),
        Arg::Null(Some(kind)) => Ok(Value { kind: kind.number(), bits: 0 }),
        Arg::Null(None) | Arg::Extern(_) | Arg::Host(_) => Err(no_form()),
    }
}

fn no_form() -> Stop {
    Stop::Wrong("a value that firmware has no form for: a reference to the host's things, or a choice".into())
}
