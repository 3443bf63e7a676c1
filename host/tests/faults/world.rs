//! A device, and everything that is done with it again and again while something fails.

use std::path::Path;

use minplat_host::{
    Artifact, Device, Engine, Error, ErrorCode, Extern, FuncType, Global, Instance, Kind, LimitsType, Linker, Memory,
    Module, Store, Table, Value,
};

use crate::common::Guests;
use crate::common::taken::Taken;

/// What is done with a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scenario {
    /// `guest.wat`, loaded into memory of the device; packed, where the library takes that.
    Copied,
    /// `guest.wat`, where it lies.
    InPlace,
    /// `big.wat`.
    Big,
}

impl Scenario {
    pub(crate) const ALL: [Scenario; 3] = [Scenario::Copied, Scenario::InPlace, Scenario::Big];
}

/// A device with an engine.
pub(crate) struct World {
    engine: Engine,
    copied: &'static [u8],
    guest: &'static [u8],
    big: &'static [u8],
}

impl World {
    pub(crate) fn new(library: &Path, platform: &str, guests: &Guests) -> Self {
        let compile = |name, wat| Artifact::read(&guests.compile(name, wat, &["-p", platform])).unwrap().bytes();
        let guest = compile("guest", include_str!("guest.wat"));
        let big = compile("big", include_str!("big.wat"));
        let copied = if platform.contains("build.unpack=true") {
            std::fs::read(guests.compile("packed", include_str!("guest.wat"), &["-p", platform, "--pack"]))
                .unwrap()
                .leak()
        } else {
            guest
        };
        Self { engine: Engine::new(&Device::open(library).unwrap()).unwrap(), copied, guest, big }
    }

    /// What is taken now.
    pub(crate) fn taken(&self) -> Taken {
        Taken::now(self.engine.device())
    }

    /// Does it all once; the answer is what went wrong. What can go on goes on.
    pub(crate) fn run(&self, scenario: Scenario) -> Vec<Error> {
        let mut wrong = Vec::new();
        if let Err(error) = self.all(scenario, &mut wrong) {
            wrong.push(error);
        }
        wrong
    }

    fn all(&self, scenario: Scenario, wrong: &mut Vec<Error>) -> Result<(), Error> {
        let mut store = Store::new(&self.engine)?;
        // Whichever the platform has; the other is an error.
        let _ = (store.set_fuel(1 << 40), store.set_epoch_deadline(1 << 40));
        let module = match scenario {
            Scenario::Copied => Module::load(&self.engine, self.copied)?,
            Scenario::InPlace => Module::load_in_place(&self.engine, self.guest)?,
            Scenario::Big => Module::load(&self.engine, self.big)?,
        };
        note(module.imports(), wrong);
        note(module.exports(), wrong);
        let linker = self.linker(&mut store)?;
        let instance = linker.instantiate(&mut store, &module)?;
        let mut calls = Calls { store: &mut store, instance, wrong };
        match scenario {
            Scenario::Copied | Scenario::InPlace => calls.guest(),
            Scenario::Big => calls.big(),
        }
        // A second instance of the same module, beside the first.
        linker.instantiate(&mut store, &module)?;
        Ok(())
    }

    fn linker(&self, store: &mut Store) -> Result<Linker, Error> {
        let mut linker = Linker::new(&self.engine)?;
        let ty = FuncType { params: vec![Kind::I32], results: vec![Kind::I32] };
        linker.define_func("host", "twice", &ty, |_, args, results| {
            let Value::I32(number) = args[0] else { panic!("the type says i32") };
            results[0] = Value::I32(number.wrapping_mul(2));
            Ok(())
        })?;
        let limits = LimitsType { minimum: 2, maximum: 8, page_size_log2: 0, is_64: false, is_shared: false };
        let table = Table::new(store, Kind::FuncRef, &limits, Value::FuncRef(None))?;
        linker.define(store, "host", "table", Extern::Table(table))?;
        let offset = Global::new(store, false, Value::I32(1))?;
        linker.define(store, "host", "offset", Extern::Global(offset))?;
        let limits = LimitsType { minimum: 1, maximum: 4, page_size_log2: 16, is_64: false, is_shared: false };
        let memory = Memory::new(store, &limits)?;
        linker.define(store, "host", "memory", Extern::Memory(memory))?;
        Ok(linker)
    }
}

fn note<T>(done: Result<T, Error>, wrong: &mut Vec<Error>) {
    if let Err(error) = done {
        wrong.push(error);
    }
}

/// Calls into an instance, all of them whatever comes of the ones before.
struct Calls<'a> {
    store: &'a mut Store,
    instance: Instance,
    wrong: &'a mut Vec<Error>,
}

impl Calls<'_> {
    fn guest(&mut self) {
        self.answers("call", 21, &[42]);
        self.answers("copy", 9, &[i32::from(b'm')]);
        self.traps("trap", 0, 7, 3);
        self.traps("far", i32::MAX - 7, 1, 4);
        self.traps("deep", 0, 0, 5);
        self.answers("grow", 3, &[1]);
        self.grow_memory(4);
        self.answers("grow_table", 8, &[4]);
        self.grow_table();
        self.reads("count", Value::I64(7));
        // A trap leaves everything as it was.
        self.answers("call", -3, &[-6]);
    }

    fn big(&mut self) {
        self.answers("read", 70000, &[i32::from(b'f')]);
        self.answers("read", 4_194_300, &[i32::from(b'e')]);
        self.answers("write", 9, &[9]);
        self.answers("grow", 16, &[64]);
        self.answers("grow_table", 5000, &[10]);
        self.answers("read", 4_194_302, &[i32::from(b'd')]);
        self.answers("call", 4, &[8]);
    }

    fn call(&mut self, name: &str, argument: i32) -> Result<Value, Error> {
        let missing = || Error::new(ErrorCode::OUT_OF_MEMORY, format!("no room to look for {name}"));
        let function = self.instance.func(self.store, name).ok_or_else(missing)?;
        let mut results = [Value::I32(0)];
        function.call_into(self.store, &[Value::I32(argument)], &mut results)?;
        Ok(results[0])
    }

    /// A call that gives this; -1 of a growth stands for a failure.
    fn answers(&mut self, name: &str, argument: i32, expected: &[i32]) {
        match self.call(name, argument) {
            Ok(Value::I32(-1)) if name.starts_with("grow") => self.wrong.push(Error::new(ErrorCode::LIMIT, "-1")),
            Ok(value) => assert!(
                expected.iter().any(|expected| value == Value::I32(*expected)),
                "{name}({argument}) = {value:?}, not {expected:?}"
            ),
            Err(error) => self.wrong.push(error),
        }
    }

    /// A call that traps so, with the function of this index innermost.
    fn traps(&mut self, name: &str, argument: i32, code: u32, index: u32) {
        match self.call(name, argument) {
            Err(error) if error.trap.is_none() => self.wrong.push(error),
            Err(error) => {
                assert_eq!(error.trap.map(|trap| trap.code), Some(code), "{name}");
                match error.frames.first() {
                    Some(innermost) => assert_eq!(innermost.function_index, index, "{name}"),
                    None => self.wrong.push(Error::new(ErrorCode::OUT_OF_MEMORY, "no room for the backtrace")),
                }
            }
            Ok(value) => panic!("{name}({argument}) = {value:?}, and no trap"),
        }
    }

    fn grow_memory(&mut self, before: u64) {
        let Some(memory) = self.instance.memory(self.store, "memory") else { return };
        let had = memory.size(self.store).unwrap();
        match memory.grow(self.store, 2) {
            // A growth of the guest's before may have failed.
            Ok(was) => assert!(was == had && had <= before),
            Err(error) => {
                assert_eq!(memory.size(self.store).unwrap(), had, "nothing has changed");
                self.wrong.push(error);
            }
        }
    }

    fn grow_table(&mut self) {
        let Some(table) = self.instance.table(self.store, "table") else { return };
        note(table.grow(self.store, 3, Value::FuncRef(None)), self.wrong);
    }

    fn reads(&mut self, name: &str, expected: Value) {
        let Some(global) = self.instance.global(self.store, name) else { return };
        match global.get(self.store) {
            Ok(value) => assert_eq!(value, expected),
            Err(error) => self.wrong.push(error),
        }
    }
}
