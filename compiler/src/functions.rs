//! Which functions the code of an artifact consists of, and where each lies.

use serde::{Deserialize, Serialize};
use wasmtime_environ::{BuiltinFunctionIndex, FilePos, FuncKeyKind};

/// Why a function is in the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A function of the module.
    Wasm,
    /// The way from the host into an exported function.
    FromHost,
    /// The way from wasm to a host function, one for each type.
    ToHost,
    /// The way from wasm to a function of Wasmtime's runtime.
    ToRuntime,
    /// What runs at instantiation: tables, globals, the start function.
    Startup,
    /// What a component does between its modules and the host.
    Component,
    /// Anything else.
    Other,
}

/// A function of the code.
#[derive(Debug, Clone, Serialize)]
pub struct Function {
    /// In a component: the module among those that it is made of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub module: Option<u32>,
    /// The index in the module's function index space, for functions of the module and the ways into them.
    pub index: Option<u32>,
    /// The name: the module's own where it has one.
    pub name: Option<String>,
    /// Why it is there.
    pub kind: Kind,
    /// Where it starts in `.text`, bytes.
    pub start: u32,
    /// Its size in bytes.
    pub size: u32,
    /// Where its body starts in the wasm file, where recorded.
    pub wasm_offset: Option<u32>,
}

impl Function {
    /// A label that is the same everywhere: name and index as far as they are known.
    pub fn label(&self) -> String {
        let known = match (&self.name, self.index) {
            (Some(name), Some(index)) => format!("{} [{index}]", demangle(name)),
            (Some(name), None) => name.clone(),
            (None, Some(index)) => format!("function {index}"),
            (None, None) => String::new(),
        };
        let known = match self.module {
            Some(module) if known.is_empty() => format!("module {module}"),
            Some(module) => format!("module {module}, {known}"),
            None => known,
        };
        match self.kind {
            Kind::Wasm => known,
            Kind::FromHost => format!("entry from the host: {known}"),
            Kind::ToHost => format!("call of the host: {known}"),
            Kind::ToRuntime => format!("call of the runtime: {known}"),
            Kind::Startup if self.module.is_some() => format!("start-up of an instance: {known}"),
            Kind::Startup => "start-up of an instance".into(),
            Kind::Component => "glue of the component".into(),
            Kind::Other => format!("other: {known}"),
        }
    }
}

/// A mangled Rust or C++ name as its author wrote it; any other name as it is.
pub fn demangle(name: &str) -> String {
    let mut out = String::new();
    let _ = wasmtime_environ::demangle_function_name(&mut out, name);
    out
}

const COMPONENT: [FuncKeyKind; 3] =
    [FuncKeyKind::ComponentTrampoline, FuncKeyKind::ResourceDropTrampoline, FuncKeyKind::UnsafeIntrinsic];

/// The layout of `wasmtime_environ::CompiledFunctionsTable`, whose fields are private and whose look-ups need to know
/// the key. The test below compares every entry with Wasmtime's own answer.
#[derive(Deserialize)]
pub(crate) struct Table {
    namespaces: Vec<u32>,
    func_loc_starts: Vec<u32>,
    sparse_starts: Vec<u32>,
    src_loc_starts: Vec<u32>,
    sparse_indices: Vec<u32>,
    func_locs: Vec<(u32, u32)>,
    src_locs: Vec<FilePos>,
}

impl Table {
    /// Every function that has code, by its place; `imported` is the number of functions that a module imports, `name` tells
    /// a module's name of a function, `ty` the text of a function type.
    pub(crate) fn functions(
        &self,
        imported: impl Fn(u32) -> u32,
        name: impl Fn(u32, u32) -> Option<String>,
        ty: impl Fn(u32) -> Option<String>,
    ) -> Vec<Function> {
        let mut all = Vec::new();
        for (i, namespace) in self.namespaces.iter().enumerate() {
            // The kind is in the four highest bits.
            let kind = namespace & 0xf000_0000;
            // Behind it the module, for kinds that belong to one.
            let module = namespace & 0x0fff_ffff;
            let (Some(start), Some(sparse), Some(src)) = (
                self.func_loc_starts.get(i).map(|n| *n as usize),
                self.sparse_starts.get(i).map(|n| *n as usize),
                self.src_loc_starts.get(i).map(|n| *n as usize),
            ) else {
                break;
            };
            let end = self.func_loc_starts.get(i + 1).map_or(self.func_locs.len(), |n| *n as usize);
            let locations = self.func_locs.get(start..end).unwrap_or_default();
            for (nth, &(start, size)) in locations.iter().enumerate().filter(|(_, (_, size))| *size != 0) {
                let dense = nth as u32;
                let listed = self.sparse_indices.get(sparse + nth).copied();
                let mut function = Function {
                    module: None,
                    index: None,
                    name: None,
                    kind: Kind::Other,
                    start,
                    size,
                    wasm_offset: None,
                };
                if kind == FuncKeyKind::DefinedWasmFunction.into_raw() {
                    function.kind = Kind::Wasm;
                    function.module = Some(module);
                    function.index = imported(module).checked_add(dense);
                    function.wasm_offset = self.src_locs.get(src + nth).and_then(|at| at.file_offset());
                } else if kind == FuncKeyKind::ArrayToWasmTrampoline.into_raw() {
                    function.kind = Kind::FromHost;
                    function.module = Some(module);
                    function.index = listed.and_then(|n| imported(module).checked_add(n));
                } else if kind == FuncKeyKind::WasmToArrayTrampoline.into_raw() {
                    function.kind = Kind::ToHost;
                    function.name = ty(dense);
                } else if kind == FuncKeyKind::WasmToBuiltinTrampoline.into_raw() {
                    function.kind = Kind::ToRuntime;
                    function.name = listed.and_then(builtin);
                } else if kind == FuncKeyKind::PulleyHostCall.into_raw() {
                    function.kind = Kind::ToRuntime;
                    function.name = dense.checked_sub(1).and_then(builtin).or(Some("host function".into()));
                } else if kind == FuncKeyKind::ModuleStartup.into_raw() {
                    function.kind = Kind::Startup;
                    function.module = Some(module);
                } else if COMPONENT.iter().any(|of_components| kind == of_components.into_raw()) {
                    function.kind = Kind::Component;
                }
                if let (Some(module), Some(index)) = (function.module, function.index) {
                    function.name = name(module, index);
                }
                all.push(function);
            }
        }
        all.sort_by_key(|f| f.start);
        all
    }
}

fn builtin(index: u32) -> Option<String> {
    (index < BuiltinFunctionIndex::len()).then(|| BuiltinFunctionIndex::from_u32(index).name().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasmtime_environ::{
        CompiledFunctionsTableBuilder, DefinedFuncIndex, EntityRef, FuncKey, FunctionLoc, ModuleInternedTypeIndex,
        StaticModuleIndex,
    };

    #[test]
    fn the_mirror_reads_what_wasmtime_writes() {
        let module = StaticModuleIndex::new(0);
        let at = |start, length| FunctionLoc { start, length };
        let mut builder = CompiledFunctionsTableBuilder::new();
        for (i, start) in [(0u32, 0u32), (1, 16), (3, 64)] {
            let key = FuncKey::DefinedWasmFunction(module, DefinedFuncIndex::from_u32(i));
            builder.push_func(key, at(start, 10 + i), FilePos::new(100 + i));
        }
        for (i, start) in [(1u32, 80u32), (3, 96)] {
            let key = FuncKey::ArrayToWasmTrampoline(module, DefinedFuncIndex::from_u32(i));
            builder.push_func(key, at(start, 7), FilePos::none());
        }
        builder.push_func(FuncKey::WasmToArrayTrampoline(ModuleInternedTypeIndex::new(2)), at(112, 9), FilePos::none());
        let key = FuncKey::WasmToBuiltinTrampoline(BuiltinFunctionIndex::memory_grow());
        builder.push_func(key, at(128, 4), FilePos::none());
        let theirs = postcard::to_allocvec(&builder.finish()).unwrap();

        let ours: Table = postcard::from_bytes(&theirs).unwrap();
        let functions = ours.functions(|_| 2, |_, n| Some(format!("f{n}")), |t| Some(format!("type {t}")));
        let seen: Vec<_> = functions
            .iter()
            .map(|f| (f.kind, f.index, f.name.as_deref().unwrap_or(""), f.start, f.size, f.wasm_offset))
            .collect();
        assert_eq!(
            seen,
            [
                (Kind::Wasm, Some(2), "f2", 0, 10, Some(100)),
                (Kind::Wasm, Some(3), "f3", 16, 11, Some(101)),
                (Kind::Wasm, Some(5), "f5", 64, 13, Some(103)),
                (Kind::FromHost, Some(3), "f3", 80, 7, None),
                (Kind::FromHost, Some(5), "f5", 96, 7, None),
                (Kind::ToHost, None, "type 2", 112, 9, None),
                (Kind::ToRuntime, None, "memory_grow", 128, 4, None),
            ]
        );
    }
}
