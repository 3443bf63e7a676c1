//! What modules import: modules before them, what the host has, and stand-ins.

use std::collections::HashSet;

use minplat_host::{
    AsContext, Caller, Error, ErrorCode, Extern, ExternKind, ExternType, FuncType, Global, Instance, Kind, Linker,
    Memory, Module, Store, Table, Value, text,
};

use crate::report::{Failure, Voice};

/// A linker that knows what is in it.
pub(crate) struct Imports {
    linker: Linker,
    defined: HashSet<(String, String)>,
    voice: Voice,
    stub: bool,
}

impl Imports {
    pub(crate) fn new(linker: Linker, voice: Voice, stub: bool) -> Self {
        Self { linker, defined: HashSet::new(), voice, stub }
    }

    /// Gives what an instance exports to modules after it.
    pub(crate) fn add(
        &mut self,
        store: &mut Store,
        name: &str,
        module: &Module,
        instance: &Instance,
    ) -> Result<(), Error> {
        self.linker.define_instance(store, name, instance)?;
        self.defined.extend(module.exports()?.into_iter().map(|export| (name.to_owned(), export.name)));
        Ok(())
    }

    /// Makes an instance, with stand-ins for what is missing, if they are asked for.
    pub(crate) fn instantiate(&mut self, store: &mut Store, module: &Module, file: &str) -> Result<Instance, Failure> {
        let mut missing = Vec::new();
        for import in module.imports()? {
            let key = (import.module.clone(), import.name.clone());
            if self.defined.contains(&key) {
                continue;
            }
            if self.built_in(&import)? || (self.stub && self.stand_in(store, &import)?) {
                self.defined.insert(key);
            } else {
                missing.push(format!("\n  {} {} {}", import.module, import.name, import.kind));
            }
        }
        if !missing.is_empty() {
            let why = if self.stub { "no stand-in can be made for them" } else { "nothing gives them" };
            let remedy = if self.stub {
                ""
            } else {
                "\ngive a module that exports them with --preload, or see the calls with --stub-imports"
            };
            return Err(Failure::plain(format!("{file} has imports and {why}:{}{remedy}", missing.concat())));
        }
        Ok(self.linker.instantiate(store, module)?)
    }

    /// `host.log`, the one function that this host has for guests.
    fn built_in(&mut self, import: &ExternType) -> Result<bool, Error> {
        match &import.kind {
            ExternKind::Func(ty)
                if import.module == "host"
                    && import.name == "log"
                    && ty.params == [Kind::I32, Kind::I32]
                    && ty.results.is_empty() =>
            {
                let voice = self.voice;
                self.linker.define_func("host", "log", ty, move |caller, args, _| log(voice, caller, args))?;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// Something of the right type that does nothing; false where there is no such thing.
    fn stand_in(&mut self, store: &mut Store, import: &ExternType) -> Result<bool, Error> {
        let item = match &import.kind {
            // The C API has no types for these references, so it can make nothing that takes or holds them.
            ExternKind::Func(ty) if ty.params.iter().chain(&ty.results).any(|kind| *kind == Kind::OtherRef) => {
                return Ok(false);
            }
            ExternKind::Table(Kind::OtherRef, _) | ExternKind::Global(Kind::OtherRef, _) => return Ok(false),
            ExternKind::Func(ty) => {
                self.stub_function(import, ty)?;
                return Ok(true);
            }
            ExternKind::Memory(ty) => Extern::Memory(Memory::new(store, ty)?),
            ExternKind::Table(kind, ty) => Extern::Table(Table::new(store, *kind, ty, Value::zero(*kind))?),
            ExternKind::Global(kind, mutable) => Extern::Global(Global::new(store, *mutable, Value::zero(*kind))?),
            ExternKind::Tag => return Ok(false),
        };
        self.voice.note(format_args!("stub: {}.{} is a new {}", import.module, import.name, import.kind));
        self.linker.define(store, &import.module, &import.name, item)?;
        Ok(true)
    }

    fn stub_function(&mut self, import: &ExternType, ty: &FuncType) -> Result<(), Error> {
        let name = format!("{}.{}", import.module, import.name);
        let voice = self.voice;
        self.linker.define_func(&import.module, &import.name, ty, move |_, args, results| {
            let answer = if results.is_empty() { String::new() } else { format!(" -> {}", text::list(results)) };
            voice.note(format_args!("stub: {name}({}){answer}", text::list(args)));
            Ok(())
        })
    }
}

fn log(voice: Voice, caller: &mut Caller<'_>, args: &[Value]) -> Result<(), Error> {
    let refuse = |what: String| Error::new(ErrorCode::HOST, format!("host.log: {what}"));
    let &[Value::I32(address), Value::I32(length)] = args else { return Err(refuse("not two integers".into())) };
    let (start, length) = (address as u32 as usize, length as u32 as usize);
    let Some(memory) = caller.export("memory").and_then(Extern::memory) else {
        return Err(refuse("the caller exports no memory named \"memory\"".into()));
    };
    let mut context = caller.context();
    let data = memory.data(&mut context)?;
    let text = data.get(start..start.saturating_add(length)).ok_or_else(|| {
        refuse(format!("{length} bytes at address {start} are not all in its memory of {} bytes", data.len()))
    })?;
    voice
        .guest(&String::from_utf8_lossy(text))
        .map_err(|error| refuse(format!("cannot write to standard output: {error}")))
}
