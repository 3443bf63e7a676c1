//! Accesses that may fault, and the trap handler that takes the fault.
//!
//! An access is a few instructions of assembly that save what a function must keep, note the frame and the address of the one
//! instruction that may fault, and execute it. The handler finds the access by these, notes what it was told, and
//! continues behind the access, as Wasmtime's handler continues behind a call into wasm. All state is in a [`Slot`]: several
//! threads, and an access inside the handler, do not disturb each other.

#[cfg_attr(target_arch = "x86_64", path = "x86_64.rs")]
#[cfg_attr(target_arch = "aarch64", path = "aarch64.rs")]
#[cfg_attr(all(target_arch = "riscv64", target_feature = "d"), path = "riscv64.rs")]
#[cfg_attr(
    not(any(target_arch = "x86_64", target_arch = "aarch64", all(target_arch = "riscv64", target_feature = "d"))),
    path = "other.rs"
)]
mod machine;

use core::ptr;
use core::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering::SeqCst};

pub(crate) use machine::{can_forbid_execution, code};

/// Whether accesses can be guarded on this architecture, and code written for it.
pub(crate) const SUPPORTED: bool =
    cfg!(any(target_arch = "x86_64", target_arch = "aarch64", all(target_arch = "riscv64", target_feature = "d")));

/// What is tried.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Reads a byte.
    Load,
    /// Writes this byte.
    Store(u8),
    /// Calls what lies there.
    Call,
    /// Executes an illegal instruction; the address is of no meaning.
    Illegal,
    /// Divides by zero, where the machine traps that.
    #[cfg(target_arch = "x86_64")]
    Divide,
}

/// What the handler was told, and what it should have been told.
#[derive(Clone, Copy)]
pub(crate) struct Fault {
    pub(crate) ip: usize,
    pub(crate) right_ip: usize,
    pub(crate) fp: usize,
    pub(crate) right_fp: usize,
    pub(crate) address: Option<usize>,
}

/// What came of an access.
pub(crate) enum Tried {
    /// It was done; the byte that was read, or what the code returned.
    Done(usize),
    Faulted(Fault),
}

/// An access under way. The assembly writes the first three.
#[repr(C)]
struct Slot {
    frame: AtomicUsize,
    right_ip: AtomicUsize,
    value: AtomicUsize,
    /// The address that is accessed; 0 for an instruction that faults by itself.
    target: AtomicUsize,
    /// What the handler was told.
    ip: AtomicUsize,
    fp: AtomicUsize,
    has_address: AtomicBool,
    address: AtomicUsize,
    /// What the handler does before it continues: points to a `&dyn Fn()`, or NULL.
    inside: AtomicPtr<&'static dyn Fn()>,
    is_taken: AtomicBool,
}

/// Threads that check at once, and an access in the handler of one.
static SLOTS: [Slot; 8] = [const { Slot::new() }; 8];

impl Slot {
    const fn new() -> Self {
        Self {
            frame: AtomicUsize::new(0),
            right_ip: AtomicUsize::new(0),
            value: AtomicUsize::new(0),
            target: AtomicUsize::new(0),
            ip: AtomicUsize::new(0),
            fp: AtomicUsize::new(0),
            has_address: AtomicBool::new(false),
            address: AtomicUsize::new(0),
            inside: AtomicPtr::new(ptr::null_mut()),
            is_taken: AtomicBool::new(false),
        }
    }

    /// How well a fault fits this access; 0: not at all.
    fn fit(&self, ip: usize, fp: usize, address: Option<usize>) -> u32 {
        let frame = self.frame.load(SeqCst);
        if !self.is_taken.load(SeqCst) || frame == 0 {
            return 0;
        }
        let target = self.target.load(SeqCst);
        u32::from(fp == frame) * 4
            + u32::from(address == Some(target) && target != 0) * 2
            + u32::from(ip == self.right_ip.load(SeqCst))
    }
}

/// The handler of the checks. Some of what it is told may be wrong; what is right leads it to the access.
pub(crate) extern "C" fn on_trap(ip: usize, fp: usize, has_faulting_addr: bool, faulting_addr: usize) {
    let address = has_faulting_addr.then_some(faulting_addr);
    let best = SLOTS.iter().max_by_key(|slot| slot.fit(ip, fp, address));
    let Some(slot) = best.filter(|slot| slot.fit(ip, fp, address) > 0) else { return };
    slot.ip.store(ip, SeqCst);
    slot.fp.store(fp, SeqCst);
    slot.has_address.store(has_faulting_addr, SeqCst);
    slot.address.store(faulting_addr, SeqCst);
    let inside = slot.inside.swap(ptr::null_mut(), SeqCst);
    if !inside.is_null() {
        // SAFETY: `attempt` put it there, and waits below.
        unsafe { (*inside)() };
    }
    // SAFETY: the access is this thread's, since it faulted and did not go on. The frames in between have nothing to clean up.
    unsafe { machine::resume(slot.frame.load(SeqCst)) };
}

/// Tries an access. `None` if too many are under way.
///
/// # Safety
/// The handler is in place, or the access does not fault. Where it does not fault, it is the caller's to make: a byte of its own,
/// a function without parameters.
pub(crate) unsafe fn attempt(access: Access, address: usize, inside: Option<&dyn Fn()>) -> Option<Tried> {
    let slot = SLOTS.iter().find(|slot| !slot.is_taken.swap(true, SeqCst))?;
    slot.frame.store(0, SeqCst);
    slot.target
        .store(if matches!(access, Access::Load | Access::Store(_) | Access::Call) { address } else { 0 }, SeqCst);
    let inside: *const &dyn Fn() = inside.as_ref().map_or(ptr::null(), |job| job);
    slot.inside.store(inside.cast_mut().cast(), SeqCst);
    let (routine, value): (unsafe extern "C" fn(*const Slot, usize, usize) -> usize, u8) = match access {
        Access::Load => (machine::load, 0),
        Access::Store(value) => (machine::store, value),
        Access::Call => (machine::call, 0),
        Access::Illegal => (machine::illegal, 0),
        #[cfg(target_arch = "x86_64")]
        Access::Divide => (machine::divide, 0),
    };
    // SAFETY: the slot is armed; the access is the caller's.
    let faulted = unsafe { routine(slot, address, usize::from(value)) } != 0;
    slot.inside.store(ptr::null_mut(), SeqCst);
    let tried = if faulted {
        Tried::Faulted(Fault {
            ip: slot.ip.load(SeqCst),
            right_ip: slot.right_ip.load(SeqCst),
            fp: slot.fp.load(SeqCst),
            right_fp: slot.frame.load(SeqCst),
            address: slot.has_address.load(SeqCst).then(|| slot.address.load(SeqCst)),
        })
    } else {
        Tried::Done(slot.value.load(SeqCst))
    };
    slot.frame.store(0, SeqCst);
    slot.is_taken.store(false, SeqCst);
    Some(tried)
}
