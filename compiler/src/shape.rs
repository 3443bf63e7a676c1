//! What a module shows to the outside: imports, exports, memories, with their types as WebAssembly text has them.

use serde::Serialize;
use wasmtime_environ::{
    Atom, EngineOrModuleTypeIndex, EntityIndex, EntityRef, EntityType, Global, IndexType, Limits, Memory, Module,
    ModuleTypes, Table,
};

/// The outside of a module.
#[derive(Debug, Clone, Serialize)]
pub struct Shape {
    /// The module's name, if it has one.
    pub name: Option<String>,
    /// What it needs, in its order.
    pub imports: Vec<Import>,
    /// What it offers, in its order.
    pub exports: Vec<Export>,
    /// Its memories, imported ones first.
    pub memories: Vec<MemoryShape>,
    /// Whether instantiation runs code: a start function, or segments that need it.
    pub startup: bool,
    /// Whether a store that runs it needs a heap for garbage-collected objects.
    pub needs_gc_heap: bool,
    /// Bytes of data segments as the file holds them.
    pub data_bytes: u64,
}

/// One import.
#[derive(Debug, Clone, Serialize)]
pub struct Import {
    /// The module that it is imported from.
    pub module: String,
    /// Its name there.
    pub name: String,
    /// `func`, `table`, `memory`, `global` or `tag`.
    pub kind: &'static str,
    /// Its type, as `(func (param i32))`.
    pub r#type: String,
}

/// One export.
#[derive(Debug, Clone, Serialize)]
pub struct Export {
    /// Its name.
    pub name: String,
    /// `func`, `table`, `memory`, `global` or `tag`.
    pub kind: &'static str,
    /// Its type, as `(func (param i32))`.
    pub r#type: String,
}

/// One linear memory.
#[derive(Debug, Clone, Serialize)]
pub struct MemoryShape {
    /// Its index.
    pub index: u32,
    /// Whether it comes from outside.
    pub imported: bool,
    /// Bytes at the start; `None` past 2⁶⁴.
    pub minimum_bytes: Option<u64>,
    /// Bytes at most, where the module says.
    pub maximum_bytes: Option<u64>,
    /// Bytes of a page.
    pub page_size: u64,
    /// Whether addresses have 64 bits.
    pub is_64: bool,
    /// Whether threads may share it.
    pub shared: bool,
}

impl Shape {
    /// Reads the shape from what Wasmtime recorded. May panic where that is damaged: see [`crate::guard`].
    pub(crate) fn of(module: &Module, types: &ModuleTypes) -> Self {
        let import = |(module, name, ty): (&str, &str, EntityType)| {
            let (kind, r#type) = entity(&ty, types);
            Import { module: module.into(), name: name.into(), kind, r#type }
        };
        let export = |(name, index): (&Atom, &EntityIndex)| {
            let (kind, r#type) = entity(&module.type_of(*index), types);
            Export { name: module.strings[name].into(), kind, r#type }
        };
        let memory = |(index, memory): (wasmtime_environ::MemoryIndex, &Memory)| MemoryShape {
            index: index.as_u32(),
            imported: index.index() < module.num_imported_memories,
            minimum_bytes: memory.minimum_byte_size().ok(),
            maximum_bytes: memory.limits.max.and_then(|max| max.checked_mul(memory.page_size())),
            page_size: memory.page_size(),
            is_64: memory.idx_type == IndexType::I64,
            shared: memory.shared,
        };
        Self {
            name: module.name.map(|name| module.strings[name].into()),
            imports: module.imports().map(import).collect(),
            exports: module.exports.iter().map(export).collect(),
            memories: module.memories.iter().map(memory).collect(),
            startup: !module.startup.is_none(),
            needs_gc_heap: module.needs_gc_heap,
            data_bytes: module.runtime_data.values().map(|range| u64::from(range.end - range.start)).sum(),
        }
    }
}

/// The text of the function type with this index in the module.
pub(crate) fn function_type(types: &ModuleTypes, index: EngineOrModuleTypeIndex) -> String {
    let EngineOrModuleTypeIndex::Module(index) = index else { return "(func ...)".into() };
    types.get(index).map_or_else(|| "(func ...)".into(), |ty| ty.unwrap_func().to_string())
}

fn entity(ty: &EntityType, types: &ModuleTypes) -> (&'static str, String) {
    match ty {
        EntityType::Function(signature) => ("func", function_type(types, *signature)),
        EntityType::Tag(tag) => ("tag", function_type(types, tag.signature).replacen("(func", "(tag", 1)),
        EntityType::Memory(Memory { idx_type, limits, shared, page_size_log2 }) => {
            let mut text = format!("(memory{}", range(*idx_type, limits));
            if *shared {
                text += " shared";
            }
            if *page_size_log2 != Memory::DEFAULT_PAGE_SIZE_LOG2 {
                text += &format!(" (pagesize {})", 1u64 << page_size_log2);
            }
            ("memory", text + ")")
        }
        EntityType::Table(Table { idx_type, limits, ref_type }) => {
            ("table", format!("(table{} {ref_type})", range(*idx_type, limits)))
        }
        EntityType::Global(Global { wasm_ty, mutability: true }) => ("global", format!("(global (mut {wasm_ty}))")),
        EntityType::Global(Global { wasm_ty, mutability: false }) => ("global", format!("(global {wasm_ty})")),
    }
}

fn range(index: IndexType, limits: &Limits) -> String {
    let index = if index == IndexType::I64 { " i64" } else { "" };
    let max = limits.max.map_or_else(String::new, |max| format!(" {max}"));
    format!("{index} {}{max}", limits.min)
}
