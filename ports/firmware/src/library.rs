//! The C API, with owners for what it makes.

use core::ptr;
use core::slice;

use minplat_sys::{
    linked as api, minplat_context_t, minplat_engine_t, minplat_error_t, minplat_extern_t, minplat_externtype_t,
    minplat_frame_t, minplat_instance_t, minplat_linker_t, minplat_module_t, minplat_store_t,
};

/// An error of the library.
pub struct Error(*mut minplat_error_t);

impl Error {
    /// What a call returned: null is success.
    ///
    /// # Errors
    /// It was no success.
    pub fn check(error: *mut minplat_error_t) -> Result<(), Self> {
        if error.is_null() { Ok(()) } else { Err(Self(error)) }
    }

    /// Its code, `minplat_error_code_t`.
    pub fn code(&self) -> u32 {
        // SAFETY: it is alive.
        unsafe { api::error_code(self.0) }
    }

    /// Which trap it is.
    pub fn trap(&self) -> Option<u32> {
        let mut code = 0;
        // SAFETY: it is alive, and there is room for the answer.
        unsafe { api::error_trap_code(self.0, &mut code) }.then_some(code)
    }

    /// The whole text.
    pub fn text(&self) -> &[u8] {
        let mut len = 0;
        // SAFETY: it is alive, and so is its text as long as it.
        unsafe { bytes(api::error_message(self.0, &mut len), len) }
    }

    /// Whether more functions were running than there are frames.
    pub fn is_truncated(&self) -> bool {
        // SAFETY: it is alive.
        unsafe { api::error_frames_truncated(self.0) }
    }

    /// The functions that were running, innermost first. Names are valid as long as the error.
    pub fn frames(&self) -> impl Iterator<Item = minplat_frame_t> {
        // SAFETY: it is alive.
        let count = unsafe { api::error_frame_count(self.0) };
        (0..count).filter_map(|index| {
            let mut frame = minplat_frame_t {
                function_index: 0,
                module_offset: u32::MAX,
                text_offset: u32::MAX,
                function_name: ptr::null(),
                function_name_len: 0,
                module_name: ptr::null(),
                module_name_len: 0,
            };
            // SAFETY: it is alive, and there is room for the answer.
            unsafe { api::error_frame(self.0, index, &mut frame) }.then_some(frame)
        })
    }
}

impl Drop for Error {
    fn drop(&mut self) {
        // SAFETY: it is ours.
        unsafe { api::error_delete(self.0) }
    }
}

/// What the library says with a pointer and a length; nothing for null.
///
/// # Safety
/// Null, or valid for as long as the caller says.
pub unsafe fn bytes<'a>(at: *const u8, len: usize) -> &'a [u8] {
    // SAFETY: the caller's.
    if at.is_null() { &[] } else { unsafe { slice::from_raw_parts(at, len) } }
}

macro_rules! owners {
    ($($(#[$doc:meta])* $name:ident($raw:ty) $delete:ident;)*) => { $(
        $(#[$doc])*
        pub struct $name(*mut $raw);

        impl Drop for $name {
            fn drop(&mut self) {
                // SAFETY: it is ours.
                unsafe { api::$delete(self.0) }
            }
        }

        impl $name {
            /// As functions of the C API take it.
            pub fn raw(&self) -> *mut $raw {
                self.0
            }
        }
    )* };
}
owners! {
    /// An engine.
    Engine(minplat_engine_t) engine_delete;
    /// A store; the handles from it are good as long as it.
    Store(minplat_store_t) store_delete;
    /// A linker.
    Linker(minplat_linker_t) linker_delete;
    /// A module.
    Module(minplat_module_t) module_delete;
    /// A type.
    Type(minplat_externtype_t) externtype_delete;
}

impl Engine {
    /// Makes one.
    ///
    /// # Errors
    /// No memory.
    pub fn new() -> Result<Self, Error> {
        let mut engine = ptr::null_mut();
        // SAFETY: there is room for the answer.
        Error::check(unsafe { api::engine_new(&mut engine) })?;
        Ok(Self(engine))
    }
}

impl Store {
    /// Makes one in which host functions find the data; that outlives it.
    ///
    /// # Errors
    /// No memory.
    pub fn new<T>(engine: &Engine, data: &T) -> Result<Self, Error> {
        let mut store = ptr::null_mut();
        let data = ptr::from_ref(data).cast_mut().cast();
        // SAFETY: there is room for the answer; the library does nothing with the data.
        Error::check(unsafe { api::store_new(engine.0, data, None, &mut store) })?;
        Ok(Self(store))
    }

    /// As functions of the C API take it.
    pub fn context(&self) -> *mut minplat_context_t {
        // SAFETY: it is alive.
        unsafe { api::store_context(self.0) }
    }
}

impl Linker {
    /// Makes one in which a definition takes the place of an earlier one.
    ///
    /// # Errors
    /// No memory.
    pub fn new(engine: &Engine) -> Result<Self, Error> {
        let mut linker = ptr::null_mut();
        // SAFETY: there is room for the answer.
        unsafe {
            Error::check(api::linker_new(engine.0, &mut linker))?;
            api::linker_allow_shadowing(linker, true);
        }
        Ok(Self(linker))
    }

    /// Makes an instance and runs its start function.
    ///
    /// # Errors
    /// An import is missing, there is no memory, or the guest trapped.
    pub fn instantiate(&self, store: &Store, module: &Module) -> Result<minplat_instance_t, Error> {
        let mut instance = minplat_instance_t::default();
        // SAFETY: all are alive and of one engine.
        Error::check(unsafe { api::linker_instantiate(self.0, store.context(), module.0, &mut instance) })?;
        Ok(instance)
    }
}

impl Module {
    /// Loads an artifact: copies it, or uses it where it lies.
    ///
    /// # Safety
    /// In place it must stay as it is for as long as a store has an instance of it. It is trusted, as `docs/trust.md` has it.
    ///
    /// # Errors
    /// It is damaged, or for another platform; no memory.
    pub unsafe fn load(engine: &Engine, artifact: &[u8], in_place: bool) -> Result<Self, Error> {
        let load = if in_place { api::module_load_in_place } else { api::module_load };
        let mut module = ptr::null_mut();
        // SAFETY: the caller's; there is room for the answer.
        Error::check(unsafe { load(engine.0, artifact.as_ptr(), artifact.len(), &mut module) })?;
        Ok(Self(module))
    }
}

/// What an instance exports under a name.
pub fn export(store: &Store, instance: &minplat_instance_t, name: &str) -> Option<minplat_extern_t> {
    let mut found = minplat_extern_t::default();
    // SAFETY: the instance is of the store, and there is room for the answer.
    unsafe { api::instance_export(store.context(), instance, name.as_ptr(), name.len(), &mut found) }.then_some(found)
}

/// The type of a function.
///
/// # Errors
/// No memory.
pub fn func_type(store: &Store, func: &minplat_sys::minplat_func_t) -> Result<Type, Error> {
    let mut ty = ptr::null_mut();
    // SAFETY: the function is of the store, and there is room for the answer.
    Error::check(unsafe { api::func_type(store.context(), func, &mut ty) })?;
    Ok(Type(ty))
}
