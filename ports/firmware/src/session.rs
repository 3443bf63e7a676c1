//! A store with the instances in it, and what steps do there.

use core::ffi::c_void;
use core::fmt::{self, Write as _};
use core::ptr;

use minplat_bundle::value::kind::KEPT as KEPT_KIND;
use minplat_bundle::{Bundle, Command, Module as Source, Problem};
use minplat_sys::{
    MINPLAT_EXTERN_FUNC, MINPLAT_EXTERN_MEMORY, MINPLAT_I32, linked as api, minplat_caller_t, minplat_error_t,
    minplat_extern_t, minplat_instance_t, minplat_raw_t, minplat_value_t,
};

use crate::library::{self, Engine, Error, Linker, Module, Store};
use crate::record::guest_line;
use crate::values::{NOTHING, argument};
use crate::{Board, Linked};

/// How many instances can be kept.
pub const SLOTS: usize = 64;

/// How many arguments, and how many results, a call can have.
pub const VALUES: usize = 40;

/// How many results can be kept for later arguments.
pub const KEPT: usize = 4;

/// Why a step did not do what it says.
pub enum Stop {
    /// The library says so.
    Library(Error),
    /// The library says so of the module, before an instance is made.
    Module(Error),
    /// The firmware does.
    Firmware(&'static str),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Stop::Library(error)
    }
}

impl From<Problem> for Stop {
    fn from(_: Problem) -> Self {
        Stop::Firmware("the bundle is damaged")
    }
}

/// Results of a step.
pub struct Results {
    values: [minplat_value_t; VALUES],
    len: usize,
}

impl Results {
    const NONE: Self = Self { values: [NOTHING; VALUES], len: 0 };

    /// The values.
    pub fn values(&self) -> &[minplat_value_t] {
        &self.values[..self.len]
    }
}

/// Where modules come from.
#[derive(Clone, Copy)]
pub struct Modules<'a> {
    /// What was given at boot.
    pub bundle: Option<Bundle<'a>>,
    /// What is linked in.
    pub linked: &'a [Linked],
    /// What the host function of [`Command::Fold`] folds.
    #[cfg(feature = "script")]
    pub fold: &'a crate::fold::Fold,
}

impl<'a> Modules<'a> {
    fn get(self, number: u32) -> Result<&'a [u8], Stop> {
        let source = self.bundle.map_or(Ok(Source::Linked(number)), |bundle| bundle.module(number))?;
        match source {
            Source::Bytes(bytes) => Ok(bytes),
            Source::Linked(number) => self
                .linked
                .get(number as usize)
                .map(|linked| linked.bytes())
                .ok_or(Stop::Firmware("the firmware has no module of this number linked in")),
        }
    }
}

/// A store on its way.
pub struct Session<'a> {
    engine: &'a Engine,
    modules: Modules<'a>,
    linker: Linker,
    store: Store,
    fuel: Option<u64>,
    /// Without a store's number: none.
    instances: [minplat_instance_t; SLOTS],
    /// Results that later arguments may be.
    kept: [u32; KEPT],
}

impl<'a> Session<'a> {
    /// Takes a store, with `spectest` or with `host.log`. The board is borrowed for as long as guests can call.
    ///
    /// # Errors
    /// No memory.
    pub fn new(
        board: &'a &'a dyn Board,
        engine: &'a Engine,
        modules: Modules<'a>,
        fuel: Option<u64>,
        spectest: bool,
    ) -> Result<Self, Error> {
        let store = Store::new(engine, board)?;
        let linker = Linker::new(engine)?;
        #[cfg(feature = "script")]
        if spectest {
            crate::spectest::define(&linker, &store)?;
        }
        if !spectest {
            define_log(&linker)?;
        }
        Ok(Self {
            engine,
            modules,
            linker,
            store,
            fuel,
            instances: [minplat_instance_t::default(); SLOTS],
            kept: [0; KEPT],
        })
    }

    /// Keeps a result for later arguments.
    ///
    /// # Errors
    /// It is no i32, or there is no such place.
    pub fn keep_result(&mut self, place: u8, results: &[minplat_value_t]) -> Result<(), Stop> {
        let none = Stop::Firmware("there is no i32 to keep, or no place for it");
        match (self.kept.get_mut(usize::from(place)), results.first()) {
            (Some(kept), Some(value)) if value.kind == MINPLAT_I32 => {
                // SAFETY: the kind says what it is.
                *kept = unsafe { value.of.i32 }.cast_unsigned();
                Ok(())
            }
            _ => Err(none),
        }
    }

    /// Whether a value points to this text in an instance's memory.
    #[cfg(feature = "script")]
    pub fn points_to(&self, slot: u8, value: &minplat_value_t, text: &[u8]) -> bool {
        let Ok(found) = self.export(slot, "memory", MINPLAT_EXTERN_MEMORY) else { return false };
        let packed = crate::values::bits(value) as u64;
        let (at, len) = (packed >> 32, packed & u64::from(u32::MAX));
        if value.kind != minplat_sys::MINPLAT_I64 || len != text.len() as u64 {
            return false;
        }
        // SAFETY: the kind says that it is a memory, of this store; nobody else has a pointer into it, and no guest runs.
        unsafe {
            let there = api::memory_range(self.store.context(), &found.of.memory, at, len);
            !there.is_null() && library::bytes(there, text.len()) == text
        }
    }

    /// The store, for its statistics.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Does what a step says.
    ///
    /// # Errors
    /// It failed; what was there before is still there.
    pub fn act(&mut self, command: &Command<'_>) -> Result<Results, Stop> {
        match *command {
            Command::Instance { slot, module, in_place } => {
                // A failure must not leave an instance of before under the name of this one.
                self.keep(slot, minplat_instance_t::default())?;
                let artifact = self.modules.get(module)?;
                // SAFETY: a bundle and what is linked in stay as they are; whoever made the firmware trusts both.
                let module = unsafe { Module::load(self.engine, artifact, in_place) }.map_err(Stop::Module)?;
                self.allow()?;
                let instance = self.linker.instantiate(&self.store, &module)?;
                self.keep(slot, instance)?;
                Ok(Results::NONE)
            }
            Command::Copy { from, to } => {
                let instance = *self.instance(from)?;
                self.keep(to, instance)?;
                Ok(Results::NONE)
            }
            #[cfg(feature = "script")]
            Command::Register { slot, name } => {
                let instance = self.instance(slot)?;
                // SAFETY: all are alive, the instance is the store's.
                Error::check(unsafe {
                    api::linker_define_instance(
                        self.linker.raw(),
                        self.store.context(),
                        name.as_ptr(),
                        name.len(),
                        instance,
                    )
                })?;
                Ok(Results::NONE)
            }
            Command::Call { slot, function, args } => self.call(slot, function, args),
            #[cfg(feature = "script")]
            Command::Stub(stub) => {
                crate::stub::define(&self.linker, stub)?;
                Ok(Results::NONE)
            }
            #[cfg(feature = "script")]
            Command::Fold { module, name, params } => {
                crate::fold::define(&self.linker, self.modules.fold, (module, name), params)?;
                Ok(Results::NONE)
            }
            #[cfg(feature = "script")]
            Command::Folded => {
                let mut results = Results { len: 2, ..Results::NONE };
                let (digest, calls) = self.modules.fold.take();
                results.values[0] =
                    argument(minplat_bundle::Value { kind: minplat_sys::MINPLAT_I64, bits: digest.into() });
                results.values[1] = argument(minplat_bundle::Value { kind: MINPLAT_I32, bits: calls.into() });
                Ok(results)
            }
            #[cfg(feature = "script")]
            Command::Write { slot, memory, kept, bytes } => {
                let found = self.export(slot, memory, MINPLAT_EXTERN_MEMORY)?;
                let address =
                    self.kept.get(usize::from(kept)).copied().ok_or(Stop::Firmware("nothing was kept there"))?;
                // SAFETY: the kind says that it is a memory, of this store; nobody else has a pointer into it.
                unsafe {
                    let context = self.store.context();
                    let room = api::memory_range(context, &found.of.memory, address.into(), bytes.len() as u64);
                    if room.is_null() {
                        return Err(Stop::Firmware("what is to be written is not all in the memory"));
                    }
                    room.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
                }
                Ok(Results::NONE)
            }
            #[cfg(feature = "script")]
            Command::Get { slot, global } => {
                let found = self.export(slot, global, minplat_sys::MINPLAT_EXTERN_GLOBAL)?;
                let mut results = Results { len: 1, ..Results::NONE };
                // SAFETY: the kind says that it is a global; it is the store's, and there is room for the answer.
                Error::check(unsafe {
                    api::global_get(self.store.context(), &found.of.global, &mut results.values[0])
                })?;
                Ok(results)
            }
            Command::Fuel { amount } => {
                self.fuel = Some(amount);
                Ok(Results::NONE)
            }
            Command::Begin { .. } | Command::Stats => Ok(Results::NONE),
            Command::Together { .. } => Err(Stop::Firmware("this firmware, or this task of it, runs no others")),
            #[cfg(feature = "script")]
            Command::Check { .. } => Ok(Results::NONE),
            #[cfg(not(feature = "script"))]
            Command::Register { .. }
            | Command::Get { .. }
            | Command::Check { .. }
            | Command::Stub(_)
            | Command::Fold { .. }
            | Command::Folded
            | Command::Write { .. } => {
                Err(Stop::Firmware("the firmware was built without what scripts and checks need"))
            }
        }
    }

    fn call(&mut self, slot: u8, function: &str, args: minplat_bundle::value::Values<'_>) -> Result<Results, Stop> {
        let found = self.export(slot, function, MINPLAT_EXTERN_FUNC)?;
        // SAFETY: the kind says that it is a function.
        let func = unsafe { found.of.func };
        let mut given = Results::NONE;
        for arg in args {
            let mut arg = arg?;
            if arg.kind == KEPT_KIND {
                let place = usize::try_from(arg.bits).unwrap_or(KEPT);
                let bits = self.kept.get(place).copied().ok_or(Stop::Firmware("nothing was kept there"))?;
                arg = minplat_bundle::Value { kind: MINPLAT_I32, bits: bits.into() };
            }
            *given.values.get_mut(given.len).ok_or(TOO_MANY)? = argument(arg);
            given.len += 1;
        }
        let ty = library::func_type(&self.store, &func)?;
        // SAFETY: the type is alive.
        let len = unsafe { api::externtype_result_count(ty.raw()) };
        drop(ty);
        let mut results = Results { len, ..Results::NONE };
        if len > VALUES {
            return Err(TOO_MANY);
        }
        self.allow()?;
        // SAFETY: the function is the store's; arguments and places for results are as many as is said.
        Error::check(unsafe {
            api::func_call(
                self.store.context(),
                &func,
                given.values.as_ptr(),
                given.len,
                results.values.as_mut_ptr(),
                len,
            )
        })?;
        Ok(results)
    }

    /// The first of these functions that is exported and takes nothing.
    pub fn usual<'n>(&self, slot: u8, names: &[&'n str]) -> Option<&'n str> {
        names.iter().copied().find(|name| {
            let Ok(found) = self.export(slot, name, MINPLAT_EXTERN_FUNC) else { return false };
            // SAFETY: the kind says that it is a function.
            let ty = library::func_type(&self.store, unsafe { &found.of.func });
            // SAFETY: the type is alive.
            ty.is_ok_and(|ty| unsafe { api::externtype_param_count(ty.raw()) } == 0)
        })
    }

    /// Lets a guest run, where the platform would stop it.
    fn allow(&self) -> Result<(), Error> {
        // SAFETY: the store is alive.
        self.fuel.map_or(Ok(()), |fuel| Error::check(unsafe { api::context_set_fuel(self.store.context(), fuel) }))
    }

    fn keep(&mut self, slot: u8, instance: minplat_instance_t) -> Result<(), Stop> {
        *self.instances.get_mut(usize::from(slot)).ok_or(NO_SLOT)? = instance;
        Ok(())
    }

    /// Whether an instance is kept there.
    pub fn has_instance(&self, slot: u8) -> bool {
        self.instance(slot).is_ok()
    }

    fn instance(&self, slot: u8) -> Result<&minplat_instance_t, Stop> {
        let instance = self.instances.get(usize::from(slot)).ok_or(NO_SLOT)?;
        if instance.store == 0 { Err(Stop::Firmware(NO_INSTANCE)) } else { Ok(instance) }
    }

    fn export(&self, slot: u8, name: &str, kind: u8) -> Result<minplat_extern_t, Stop> {
        let found = library::export(&self.store, self.instance(slot)?, name);
        found
            .filter(|found| found.kind == kind)
            .ok_or(Stop::Firmware("the instance exports nothing of this name and kind"))
    }
}

const NO_SLOT: Stop = Stop::Firmware("the firmware keeps fewer instances at once");
const TOO_MANY: Stop = Stop::Firmware("the firmware has room for fewer arguments and results");

/// What a step finds instead of an instance that failed.
pub const NO_INSTANCE: &str = "the instance was not made";

/// The board of a store that a guest calls from.
///
/// # Safety
/// The caller is valid, and its store one of [`Session::new`].
pub unsafe fn board_of<'a>(caller: *mut minplat_caller_t) -> &'a dyn Board {
    // SAFETY: the caller's contract; the session borrows its board for as long as guests can call.
    unsafe { *api::context_data(api::caller_context(caller)).cast::<&dyn Board>() }
}

/// `host.log(i32, i32)`: prints the text at that address, of that length, in the caller's memory.
fn define_log(linker: &Linker) -> Result<(), Error> {
    let (module, name, params) = ("host", "log", [MINPLAT_I32, MINPLAT_I32]);
    // SAFETY: names and kinds are valid for the call; the function needs no environment.
    Error::check(unsafe {
        api::linker_define_func_raw(
            linker.raw(),
            module.as_ptr(),
            module.len(),
            name.as_ptr(),
            name.len(),
            params.as_ptr(),
            params.len(),
            ptr::null(),
            0,
            Some(log),
            ptr::null_mut(),
            None,
        )
    })
}

unsafe extern "C" fn log(
    _env: *mut c_void,
    caller: *mut minplat_caller_t,
    values: *mut minplat_raw_t,
    _len: usize,
) -> *mut minplat_error_t {
    // SAFETY: the caller is valid during the call, and its store has its board.
    let board = unsafe { board_of(caller) };
    // SAFETY: the function's type has two 32-bit integers.
    let (address, len) = unsafe { ((*values).i32.cast_unsigned(), (*values.add(1)).i32.cast_unsigned()) };
    let mut memory = minplat_extern_t::default();
    // SAFETY: the caller is valid during the call, and there is room for the answer.
    let found = unsafe { api::caller_export(caller, "memory".as_ptr(), "memory".len(), &mut memory) };
    if !found || memory.kind != MINPLAT_EXTERN_MEMORY {
        return refuse(format_args!("the caller exports no memory named \"memory\""));
    }
    // SAFETY: the kind says that it is a memory, of the caller's store.
    unsafe {
        let context = api::caller_context(caller);
        let text = api::memory_range(context, &memory.of.memory, address.into(), len.into());
        if text.is_null() {
            let mut size = 0;
            api::memory_data(context, &memory.of.memory, &mut size);
            return refuse(format_args!("{len} bytes at address {address} are not all in its memory of {size} bytes"));
        }
        guest_line(board, library::bytes(text, len as usize));
    }
    ptr::null_mut()
}

/// An error of `host.log`.
fn refuse(why: fmt::Arguments<'_>) -> *mut minplat_error_t {
    struct Text([u8; 128], usize);
    impl fmt::Write for Text {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            let room = self.0.get_mut(self.1..self.1 + text.len()).ok_or(fmt::Error)?;
            room.copy_from_slice(text.as_bytes());
            self.1 += text.len();
            Ok(())
        }
    }
    let mut text = Text([0; 128], 0);
    // What does not fit is left out.
    _ = write!(text, "host.log: {why}");
    // SAFETY: the text is copied.
    unsafe { api::error_new(text.0.as_ptr(), text.1) }
}
