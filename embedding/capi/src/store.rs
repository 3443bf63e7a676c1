//! Stores: everything that instances have at run time, with fuel, deadline and limits.

use core::ffi::c_void;
use core::mem::{replace, transmute};
use core::ptr;

use minplat::PLATFORM;
use minplat::wasmtime::{Error, Store, StoreContextMut};
use minplat_platform::settings::Interruption;

use crate::args::{boxed, delete, out, place, required};
use crate::engine::minplat_engine_t;
use crate::error::{Failure, minplat_error_code_t as code, minplat_error_t, report};
use crate::host_func::minplat_finalizer_t;
use crate::image::{Image, Images};
use crate::limits::Limits;
use crate::purpose::{Purpose, Scope, scope};
use crate::stats::minplat_store_stats_t;

/// What a store keeps for us and for the program.
pub(crate) struct Data {
    user: User,
    pub(crate) limits: Limits,
    /// The images that instances of the store keep.
    pub(crate) images: Images,
    #[cfg(feature = "pulley")]
    pub(crate) nesting: crate::nesting::Nesting,
    /// The first word of every handle of this store; 0 until the first handle was given out.
    id: u64,
}

impl Data {
    /// The first word of every handle of this store; 0 until the first handle was given out.
    pub(crate) fn id(&self) -> u64 {
        self.id
    }
}

// SAFETY: the program's pointer is handed back as it came; what it points to is the program's business.
unsafe impl Send for Data {}

/// The program's pointer, and what ends it.
struct User {
    data: *mut c_void,
    finalizer: minplat_finalizer_t,
}

impl Drop for User {
    fn drop(&mut self) {
        if let Some(finalizer) = self.finalizer {
            // SAFETY: the program gave the two together.
            crate::turn::lend(|| unsafe { finalizer(self.data) });
        }
    }
}

/// A store. One thread at a time; it must outlive every handle from it.
pub struct minplat_store_t {
    pub(crate) store: Store<Data>,
}

/// A store as functions use it: from `minplat_store_context`, or in a host function from `minplat_caller_context`.
pub struct minplat_context_t {
    _opaque: [u8; 0],
}

pub(crate) type Context<'a> = StoreContextMut<'a, Data>;

/// The store behind the pointer.
///
/// # Safety
/// `context` is NULL or came from [`context_pointer`], and nobody else uses that store for as long as `'a` lasts.
pub(crate) unsafe fn context<'a>(context: *const minplat_context_t) -> Result<Context<'a>, Failure> {
    // SAFETY: `StoreContextMut` is a transparent wrapper of a reference, so NULL is `None`.
    unsafe { transmute::<*const minplat_context_t, Option<Context<'a>>>(context) }.ok_or_else(Failure::null)
}

/// The pointer that stands for a store in C.
pub(crate) fn context_pointer(context: Context<'_>) -> *mut minplat_context_t {
    // SAFETY: `StoreContextMut` is a transparent wrapper of a reference.
    unsafe { transmute::<Context<'_>, *mut minplat_context_t>(context) }
}

/// Notes the store's number, which is in the first handle that is given out: always of something that is the store's own.
pub(crate) fn give(context: &mut Context<'_>, id: u64) {
    let own = &mut context.data_mut().id;
    if *own == 0 {
        *own = id;
    }
}

/// Whether a handle is this store's, by its number without the mark: Wasmtime stops the program for any other.
pub(crate) fn owns(context: &Context<'_>, id: u64) -> Result<(), Failure> {
    if id != 0 && id == context.data().id { Ok(()) } else { Err(foreign()) }
}

#[cold]
pub(crate) fn foreign() -> Failure {
    Failure::new(
        code::MINPLAT_ERROR_ARGUMENT,
        "a handle is empty, of another store, or of another kind: see minplat_extern_t",
    )
}

/// An instance that is being made: what is allocated is for it, and if there will be none, what it took does not count.
pub(crate) struct Making {
    had: minplat_store_stats_t,
    images: usize,
    _scope: Scope,
}

impl Making {
    /// Before an instance of the module with this image is made.
    pub(crate) fn new(context: &mut Context<'_>, image: &Image) -> Result<Self, Failure> {
        let data = context.data_mut();
        let images = data.images.len();
        data.images.keep(image)?;
        Ok(Self { had: data.limits.stats(), images, _scope: scope(Purpose::Instances) })
    }

    /// After it, with the failure if there was one; `has_run`: code of the guest, or a host function for it, had run. An
    /// instance whose start function failed stays until the store is deleted; one that could not be made is gone. Of that
    /// Wasmtime keeps the module nevertheless, unless the imports did not fit.
    pub(crate) fn done(self, context: &mut Context<'_>, has_run: bool, failure: Option<&Failure>) {
        let data = context.data_mut();
        match failure {
            Some(failure) if !has_run => {
                data.limits.undo(self.had);
                if failure.code() == code::MINPLAT_ERROR_LINK {
                    data.images.forget(self.images);
                }
            }
            _ => data.limits.add_instance(),
        }
    }
}

/// Makes a memory or table; if that fails, what it took does not count.
pub(crate) fn attempt<T>(
    context: &mut Context<'_>,
    make: impl FnOnce(&mut Context<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    let had = context.data().limits.stats();
    // Ends what the limiter expects, too.
    let _scope = scope(Purpose::Other);
    let made = make(context);
    if made.is_err() {
        context.data_mut().limits.undo(had);
    }
    made
}

/// Takes no memory: an interrupt asks too.
pub(crate) fn needs_epochs() -> Result<(), Failure> {
    if PLATFORM.settings.interruption == Interruption::Epoch { Ok(()) } else { Err(Failure::NO_EPOCHS) }
}

fn needs_fuel() -> Result<(), Failure> {
    if PLATFORM.settings.interruption == Interruption::Fuel {
        return Ok(());
    }
    Err(Failure::new(
        code::MINPLAT_ERROR_UNSUPPORTED,
        "this platform has no fuel: set wasm.interruption = \"fuel\" in the platform file",
    ))
}

/// Ticks that no clock reaches. `u64::MAX` would wrap when Wasmtime adds the current epoch.
const NEVER: u64 = u64::MAX / 2;

/// Makes a store without limits: all the fuel that there can be, a deadline that never comes. Owned by the caller.
///
/// `data` is what `minplat_context_data` gives back. `finalizer`, unless NULL, is called with it once: by
/// `minplat_store_delete`, when nothing of the store is left, or at once if this fails. Stack: 6 KiB. Tasks: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_store_new(
    engine: *const minplat_engine_t,
    data: *mut c_void,
    finalizer: minplat_finalizer_t,
    store: *mut *mut minplat_store_t,
) -> *mut minplat_error_t {
    report(|| {
        // Made first, so that `data` is ended whatever fails.
        let user = User { data, finalizer };
        // SAFETY: NULL, or an engine of this library.
        let (engine, place) = (unsafe { required(engine) }?, place(store)?);
        let data = Data {
            user,
            limits: Limits::NONE,
            images: Images::new(),
            #[cfg(feature = "pulley")]
            nesting: crate::nesting::Nesting::new(engine.native_stack),
            id: 0,
        };
        let mut new = Store::try_new(&engine.engine, data)?;
        new.limiter(|data| &mut data.limits);
        #[cfg(feature = "pulley")]
        new.call_hook(crate::nesting::hook);
        match PLATFORM.settings.interruption {
            Interruption::None => {}
            Interruption::Fuel => new.set_fuel(u64::MAX)?,
            Interruption::Epoch => deadline(&mut new, NEVER),
        }
        // SAFETY: the place has room for a pointer.
        unsafe { place.write(boxed(minplat_store_t { store: new })?) };
        Ok(())
    })
}

fn deadline(store: &mut Store<Data>, ticks: u64) {
    #[cfg(target_has_atomic = "64")]
    store.set_epoch_deadline(ticks);
    let _ = (store, ticks);
}

/// Frees a store and everything in it: finalizers of what is in it first, then the store's own. NULL is fine. Stack: 2 KiB.
/// Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_store_delete(store: *mut minplat_store_t) {
    // Wasmtime would end it before what the store holds, whose finalizers may need what it points to.
    // SAFETY: NULL, or it came from `minplat_store_new`, and its owner gives it back.
    let user = unsafe { store.as_mut() }.map(|store| {
        let nothing = User { data: ptr::null_mut(), finalizer: None };
        replace(&mut store.store.data_mut().user, nothing)
    });
    // SAFETY: as above.
    unsafe { delete(store) }
    drop(user);
}

/// The store as other functions take it; valid as long as the store. NULL for NULL. Stack: 1 KiB. Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_store_context(store: *mut minplat_store_t) -> *mut minplat_context_t {
    let _turn = crate::turn::take();
    use minplat::wasmtime::AsContextMut as _;
    // SAFETY: NULL, or a store of this library.
    unsafe { store.as_mut() }.map_or(ptr::null_mut(), |store| context_pointer(store.store.as_context_mut()))
}

/// What was given to `minplat_store_new`; NULL for NULL. Stack: 1 KiB. Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_context_data(context: *const minplat_context_t) -> *mut c_void {
    let _turn = crate::turn::take();
    // SAFETY: NULL, or a store of this library.
    unsafe { self::context(context) }.map_or(ptr::null_mut(), |context| context.data().user.data)
}

/// Sets the fuel that is left; one unit is about one instruction. MINPLAT_ERROR_UNSUPPORTED where the platform's
/// `wasm.interruption` is not "fuel". Stack: 3 KiB. Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_context_set_fuel(context: *mut minplat_context_t, fuel: u64) -> *mut minplat_error_t {
    report(|| {
        needs_fuel()?;
        // SAFETY: NULL, or a store of this library.
        Ok(unsafe { self::context(context) }?.set_fuel(fuel)?)
    })
}

/// The fuel that is left. MINPLAT_ERROR_UNSUPPORTED as above. Stack: 1 KiB. Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_context_get_fuel(
    context: *const minplat_context_t,
    fuel: *mut u64,
) -> *mut minplat_error_t {
    report(|| {
        needs_fuel()?;
        // SAFETY: NULL, or a store of this library and room for a number.
        unsafe { out(fuel, self::context(context)?.get_fuel()?) }
    })
}

/// Lets guests run until the engine's epoch was incremented so often from now. MINPLAT_ERROR_UNSUPPORTED where the
/// platform's `wasm.interruption` is not "epoch". Stack: 3 KiB. Tasks: the store's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn minplat_context_set_epoch_deadline(
    context: *mut minplat_context_t,
    ticks_beyond_current: u64,
) -> *mut minplat_error_t {
    report(|| {
        needs_epochs()?;
        // SAFETY: NULL, or a store of this library.
        let context = unsafe { self::context(context) }?;
        #[cfg(target_has_atomic = "64")]
        {
            let mut context = context;
            context.set_epoch_deadline(ticks_beyond_current.min(NEVER));
        }
        #[cfg(not(target_has_atomic = "64"))]
        let _ = (context, ticks_beyond_current);
        Ok(())
    })
}
