//! Instances, and what they export.

use super::ffi;
use super::func::Func;
use super::global::Global;
use super::memory::Memory;
use super::store::{AsContext, StoreId};
use super::table::Table;

/// An instance of a store.
#[derive(Clone, Copy, Debug)]
pub struct Instance {
    pub(super) raw: ffi::minplat_instance_t,
    pub(super) store: StoreId,
}

/// Something that is exported, or given to a linker.
#[derive(Clone, Copy, Debug)]
pub enum Extern {
    /// A function.
    Func(Func),
    /// A table.
    Table(Table),
    /// A linear memory.
    Memory(Memory),
    /// A global.
    Global(Global),
}

impl Instance {
    /// What it exports under a name; `None` too for an instance of another store, and for tags.
    pub fn export(&self, cx: &mut impl AsContext, name: &str) -> Option<Extern> {
        let cx = cx.context();
        cx.owns(self.store, "instance").ok()?;
        let mut item = Extern::blank();
        // SAFETY: the instance is the store's; the name is valid, and there is a place for the result.
        let found = unsafe { cx.api.instance_export(cx.raw, &self.raw, name.as_ptr(), name.len(), &mut item) };
        // SAFETY: the library has filled it.
        found.then(|| unsafe { Extern::from_raw(&item, cx.id) }).flatten()
    }

    /// The function that it exports under a name.
    pub fn func(&self, cx: &mut impl AsContext, name: &str) -> Option<Func> {
        self.export(cx, name)?.func()
    }

    /// The memory that it exports under a name.
    pub fn memory(&self, cx: &mut impl AsContext, name: &str) -> Option<Memory> {
        self.export(cx, name)?.memory()
    }

    /// The global that it exports under a name.
    pub fn global(&self, cx: &mut impl AsContext, name: &str) -> Option<Global> {
        match self.export(cx, name)? {
            Extern::Global(global) => Some(global),
            _ => None,
        }
    }

    /// The table that it exports under a name.
    pub fn table(&self, cx: &mut impl AsContext, name: &str) -> Option<Table> {
        match self.export(cx, name)? {
            Extern::Table(table) => Some(table),
            _ => None,
        }
    }
}

impl Extern {
    /// The function, if it is one.
    pub fn func(self) -> Option<Func> {
        match self {
            Extern::Func(func) => Some(func),
            _ => None,
        }
    }

    /// The memory, if it is one.
    pub fn memory(self) -> Option<Memory> {
        match self {
            Extern::Memory(memory) => Some(memory),
            _ => None,
        }
    }

    /// A place for the library to fill.
    pub(super) fn blank() -> ffi::minplat_extern_t {
        ffi::minplat_extern_t::default()
    }

    /// # Safety
    /// The library filled `raw`: the field that its kind names is valid.
    pub(super) unsafe fn from_raw(raw: &ffi::minplat_extern_t, store: StoreId) -> Option<Self> {
        // SAFETY: the caller's.
        unsafe {
            match raw.kind {
                ffi::MINPLAT_EXTERN_FUNC => Some(Extern::Func(Func { raw: raw.of.func, store })),
                ffi::MINPLAT_EXTERN_TABLE => Some(Extern::Table(Table { raw: raw.of.table, store })),
                ffi::MINPLAT_EXTERN_MEMORY => Some(Extern::Memory(Memory { raw: raw.of.memory, store })),
                ffi::MINPLAT_EXTERN_GLOBAL => Some(Extern::Global(Global { raw: raw.of.global, store })),
                _ => None,
            }
        }
    }

    /// As C has it, and the store that it belongs to.
    pub(super) fn to_raw(self) -> (ffi::minplat_extern_t, StoreId) {
        let mut raw = Self::blank();
        let store = match self {
            Extern::Func(item) => {
                (raw.kind, raw.of.func) = (ffi::MINPLAT_EXTERN_FUNC, item.raw);
                item.store
            }
            Extern::Table(item) => {
                (raw.kind, raw.of.table) = (ffi::MINPLAT_EXTERN_TABLE, item.raw);
                item.store
            }
            Extern::Memory(item) => {
                (raw.kind, raw.of.memory) = (ffi::MINPLAT_EXTERN_MEMORY, item.raw);
                item.store
            }
            Extern::Global(item) => {
                (raw.kind, raw.of.global) = (ffi::MINPLAT_EXTERN_GLOBAL, item.raw);
                item.store
            }
        };
        (raw, store)
    }
}
