//! One script in the device: a store with all its instances.

use std::collections::HashMap;
use std::rc::Rc;

use minplat_compiler::{Reason, Refusal};
use minplat_host::{Error, ErrorCode, Instance, Linker, Module, Store, Value, text};

use crate::host_ref::HostRefs;
use crate::language::Language;
use crate::machine::Machine;
use crate::named::Named;
use crate::outcome::{Outcome, REFUSAL};
use crate::pattern;
use crate::spectest;
use crate::step::{Action, Built, Prepared, Step, What};
use crate::stop::{Stop, after, done, failed};
use crate::trap;
use crate::value::Arg;

/// A script on its way.
pub(crate) struct Session<'a> {
    machine: &'a Machine,
    language: Language,
    store: Store,
    linker: Linker,
    host: HostRefs,
    instances: Named<Instance>,
    definitions: Named<Rc<Module>>,
    /// Modules stay alive as long as the script.
    modules: Vec<Rc<Module>>,
    /// Names to import from that stand for instances that the platform could not make, and what those need.
    absent: HashMap<String, String>,
}

impl<'a> Session<'a> {
    /// An empty store with `spectest`.
    ///
    /// # Errors
    /// No memory.
    pub(crate) fn new(machine: &'a Machine, language: Language, script: &Prepared) -> Result<Self, Error> {
        let mut store = Store::new(&machine.engine)?;
        let mut linker = Linker::new(&machine.engine)?;
        linker.allow_shadowing(true);
        spectest::define(&mut linker, &mut store, machine)?;
        let mut session = Self {
            machine,
            language,
            store,
            linker,
            host: HostRefs::default(),
            instances: Named::new(),
            definitions: Named::new(),
            modules: Vec::new(),
            absent: HashMap::new(),
        };
        let converter = script.converter.as_ref().and_then(|converter| session.instantiate(converter).ok());
        session.host = HostRefs::new(converter);
        Ok(session)
    }

    /// Does what a directive says, and compares.
    pub(crate) fn step(&mut self, step: &Step) -> Outcome {
        match &step.what {
            What::Module { name, module } => {
                let made = self.instantiate(module);
                let outcome = done(&made, "an instance");
                self.instances.add(name, after(made, step.line));
                outcome
            }
            What::Definition { name, module } => {
                let made = self.load(module);
                let outcome = done(&made, "a module");
                self.definitions.add(name, after(made, step.line));
                outcome
            }
            What::Instance { name, definition } => {
                let made = self.definitions.get(definition).and_then(|module| self.link(&module));
                let outcome = done(&made, "an instance");
                self.instances.add(name, after(made, step.line));
                outcome
            }
            What::Register { name, instance } => {
                let made = self.instances.get(instance).and_then(|instance| self.register(name, &instance));
                if let Err(Stop::NotSupported(needs)) = &made {
                    self.absent.insert(name.clone(), needs.clone());
                }
                done(&made, "an instance")
            }
            What::Action(action) => done(&self.act(action), "an end without a trap"),
            What::Return(action, patterns) => {
                let expected = format!("({})", pattern::list(patterns, ", "));
                match self.act(action) {
                    Ok(values) if self.all_match(&values, patterns) => Outcome::Passed,
                    Ok(values) => failed(expected, format!("({})", self.shown(&values))),
                    Err(stop) => stop.outcome(expected),
                }
            }
            What::Trap(action, message) | What::Exhaustion(action, message) => {
                let expected = format!("the trap \"{message}\"");
                self.must_fail(action, expected, |error| trap::is(message, error))
            }
            What::Exception(action) => self.must_fail(action, "an exception that is not caught".into(), |error| {
                error.code == ErrorCode::EXCEPTION
            }),
            What::Refused { module, is_malformed } => refused(self.language, module, *is_malformed),
            What::Unlinkable(module, message) => match self.instantiate(module) {
                Ok(_) => failed(format!("a refusal by the linker: {message}"), "an instance".into()),
                Err(Stop::Device(error)) if error.code == ErrorCode::LINK && error.message.contains(message) => {
                    Outcome::Passed
                }
                Err(stop) => stop.outcome(format!("a refusal by the linker: {message}")),
            },
            What::Beyond(what) => failed("a directive that can be run".into(), (*what).into()),
        }
    }

    fn must_fail(&mut self, action: &Action, expected: String, is_right: impl Fn(&Error) -> bool) -> Outcome {
        match self.act(action) {
            Ok(values) => failed(expected, format!("({})", self.shown(&values))),
            Err(Stop::Device(error)) if is_right(&error) => Outcome::Passed,
            Err(stop) => stop.outcome(expected),
        }
    }

    fn all_match(&mut self, values: &[Value], patterns: &[pattern::Pattern]) -> bool {
        values.len() == patterns.len()
            && patterns.iter().zip(values).all(|(pattern, value)| pattern.matches(value, &mut self.store, &self.host))
    }

    /// Values in words; of the host's things their numbers.
    fn shown(&mut self, values: &[Value]) -> String {
        let shown = |value: &Value| match value.text_behind(&mut self.store) {
            Some(number) => format!("externref:{number}"),
            None => text::list(std::slice::from_ref(value)),
        };
        values.iter().map(shown).collect::<Vec<_>>().join(", ")
    }

    fn act(&mut self, action: &Action) -> Result<Vec<Value>, Stop> {
        match action {
            Action::Invoke { instance, function, args } => {
                let instance = self.instances.get(instance)?;
                let func = instance.func(&mut self.store, function);
                let func =
                    func.ok_or_else(|| Stop::Wrong(format!("the instance exports no function \"{function}\"")))?;
                let params = if args.iter().any(|arg| matches!(arg, Arg::Null(None))) {
                    func.ty(&mut self.store)?.params
                } else {
                    Vec::new()
                };
                let args = args.iter().enumerate().map(|(at, arg)| match arg {
                    Arg::Value(value) => Ok(*value),
                    Arg::Null(Some(kind)) => Ok(Value::zero(*kind)),
                    Arg::Null(None) => params.get(at).map(|kind| Value::zero(*kind)).ok_or_else(too_many),
                    Arg::Extern(number) => Ok(Value::extern_text(&mut self.store, &number.to_string())?),
                    Arg::Host(number) => Ok(self.host.make(&mut self.store, *number)?),
                });
                let args = args.collect::<Result<Vec<_>, Stop>>()?;
                self.machine.allow(&mut self.store)?;
                Ok(func.call(&mut self.store, &args)?)
            }
            Action::Get { instance, global } => {
                let instance = self.instances.get(instance)?;
                let found = instance.global(&mut self.store, global);
                let found = found.ok_or_else(|| Stop::Wrong(format!("the instance exports no global \"{global}\"")))?;
                Ok(vec![found.get(&mut self.store)?])
            }
            Action::Instantiate(module) => self.instantiate(module).map(|_| Vec::new()),
            Action::Beyond(what) => Err(Stop::Wrong(what.clone())),
        }
    }

    fn instantiate(&mut self, module: &Built) -> Result<Instance, Stop> {
        let module = self.load(module)?;
        self.link(&module)
    }

    fn load(&mut self, module: &Built) -> Result<Rc<Module>, Stop> {
        let artifact = match module {
            Built::Artifact(artifact) => artifact,
            Built::Malformed(why) => return Err(Stop::Wrong(format!("the module cannot be read: {why}"))),
            Built::Refused(refusal) => return Err(self.not_compiled(refusal)),
        };
        let module = Rc::new(Module::load(&self.machine.engine, artifact)?);
        self.modules.push(module.clone());
        Ok(module)
    }

    /// What it needs is not supported if it is a part of the script's language: the platform has it off.
    fn not_compiled(&self, refusal: &Refusal) -> Stop {
        match &refusal.reason {
            Reason::Needs(keys) if self.language == Language::All || keys.iter().all(|key| self.language.has(key)) => {
                Stop::NotSupported(keys.join(", "))
            }
            _ => Stop::Wrong(format!("the compiler refused the module, which {}", refusal.problem)),
        }
    }

    fn link(&mut self, module: &Module) -> Result<Instance, Stop> {
        if !self.absent.is_empty() {
            for import in module.imports()? {
                if let Some(needs) = self.absent.get(&import.module) {
                    return Err(Stop::NotSupported(needs.clone()));
                }
            }
        }
        self.machine.allow(&mut self.store)?;
        Ok(self.linker.instantiate(&mut self.store, module)?)
    }

    fn register(&mut self, name: &str, instance: &Instance) -> Result<(), Stop> {
        self.absent.remove(name);
        Ok(self.linker.define_instance(&mut self.store, name, instance)?)
    }
}

/// Whether the compiler refused a module that it must refuse, and for the right kind of reason: it cannot be read or is
/// invalid in the script's language. Of bytes the validator does not say which of the two, so one that is to be malformed may be invalid.
pub(crate) fn refused(language: Language, module: &Built, is_malformed: bool) -> Outcome {
    let expected = || format!("{REFUSAL}{}", if is_malformed { "malformed" } else { "invalid" });
    let is_beyond = |key: &String| key == "runtime.component-model" || language != Language::All && !language.has(key);
    match module {
        Built::Malformed(_) if is_malformed => Outcome::Passed,
        // It says nothing of what was to be invalid: the script has a mistake.
        Built::Malformed(why) => failed(expected(), format!("a module that cannot be read: {why}")),
        Built::Artifact(_) => failed(expected(), "a compiled module".into()),
        Built::Refused(refusal) => match &refusal.reason {
            Reason::Invalid => Outcome::Passed,
            // What the version lacks is no module of it; a component never is one.
            Reason::Needs(keys) if keys.iter().any(is_beyond) => Outcome::Passed,
            Reason::Needs(keys) => Outcome::NotSupported(keys.join(", ")),
            Reason::Other => failed(expected(), refusal.problem.clone()),
        },
    }
}

fn too_many() -> Stop {
    Stop::Wrong("the function takes fewer arguments".into())
}
