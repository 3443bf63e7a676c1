//! Tasks: a few, each with a stack of its own, that a timer takes the core from in turn.
//!
//! The firmware itself is the first task; it waits while others run. The core saves half of a task's registers on the task's stack when
//! an exception comes, and [`PendSV`] the other half: so a task is where its stack ends.

use core::arch::naked_asm;
use core::cell::{RefCell, UnsafeCell};
use core::ptr::{null_mut, with_exposed_provenance_mut};
use core::sync::atomic::{AtomicU32, AtomicUsize, Ordering::Relaxed};

use cortex_m::interrupt::{Mutex, free};
use cortex_m::peripheral::{Peripherals, SCB};
use cortex_m_rt::exception;

use crate::{count, memory};

minplat_port::export_locks!(give_way);

/// Tasks at once, with the firmware itself.
const TASKS: usize = 4;

/// Bytes of a task's stack, the guard below it included.
const STACK: usize = 20 << 10;

/// Ticks of the core's clock until the next task has its turn: a millisecond.
const TURN: u32 = 25_000;

/// Words that are saved of a task: eight by the core, eight by [`PendSV`].
const SAVED: usize = 16;

/// What a task is called with.
type Job<'a> = &'a (dyn Fn(usize) + Sync);

/// How far a task is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// There is none, or it has ended.
    None,
    /// It can go on.
    Ready,
    /// The firmware waits for all others.
    Waits,
}

/// A task: how far it is, and where its stack ends while it does not run.
#[derive(Clone, Copy)]
struct Task {
    state: State,
    top: usize,
}

static ALL: Mutex<RefCell<[Task; TASKS]>> =
    Mutex::new(RefCell::new([const { Task { state: State::None, top: 0 } }; TASKS]));

/// Which one runs.
static CURRENT: AtomicUsize = AtomicUsize::new(0);

/// How often one was taken the core from.
static TURNS: AtomicU32 = AtomicU32::new(0);

/// The thread-local slots of each.
static SLOTS: [[AtomicUsize; 2]; TASKS] = [const { [const { AtomicUsize::new(0) }; 2] }; TASKS];

/// The stack of a task, on a boundary that its guard can have.
#[repr(C, align(4096))]
struct Stack(UnsafeCell<[u8; STACK]>);

// SAFETY: each is used by its task alone, and by `run` before there is one.
unsafe impl Sync for Stack {}

static STACKS: [Stack; TASKS - 1] = [const { Stack(UnsafeCell::new([0; STACK])) }; TASKS - 1];

/// Uses all of them, uninterrupted.
fn with<T>(job: impl FnOnce(&mut [Task; TASKS]) -> T) -> T {
    free(|section| job(&mut ALL.borrow(section).borrow_mut()))
}

/// Calls `job` with 0 to `count - 1`, each on a task of its own, at the same time, and returns when all have. False, and nothing
/// was done, if there is no room for so many, or a task asks.
pub(crate) fn run(count: usize, job: Job<'_>) -> bool {
    if count >= TASKS || CURRENT.load(Relaxed) != 0 || with(|all| all[0].state != State::None) {
        return false;
    }
    for (number, stack) in STACKS.iter().enumerate().take(count) {
        let lowest = stack.0.get().cast::<u8>();
        memory::guard(number + 1, lowest as usize);
        let mut saved = [0; SAVED];
        // What the core restores: two arguments, where to go on, and that it is Thumb. An address to go on at is even, other than
        // one to call.
        saved[8] = (&raw const job).expose_provenance();
        saved[9] = number;
        saved[14] = begin as *const () as usize & !1;
        saved[15] = 1 << 24;
        let top = lowest.wrapping_add(STACK - size_of_val(&saved)).cast::<[usize; SAVED]>();
        // SAFETY: nobody uses the stack yet, and there is room at its end.
        unsafe { top.write(saved) };
        SLOTS[number + 1].iter().for_each(|slot| slot.store(0, Relaxed));
        with(|all| all[number + 1] = Task { state: State::Ready, top: top as usize });
    }
    with(|all| all[0].state = State::Waits);
    count::end();
    // SAFETY: nobody else uses the timer any more.
    let mut timer = unsafe { Peripherals::steal() }.SYST;
    timer.set_reload(TURN);
    timer.clear_current();
    timer.enable_interrupt();
    while with(|all| all[0].state == State::Waits) {
        give_way();
    }
    timer.disable_interrupt();
    with(|all| all[0].state = State::None);
    true
}

/// Where a task begins.
extern "C" fn begin(job: *const Job<'static>, number: usize) -> ! {
    // SAFETY: `run` gave its job's address, and waits for this task.
    unsafe { (*job)(number) };
    with(|all| {
        all[CURRENT.load(Relaxed)].state = State::None;
        if all[1..].iter().all(|task| task.state == State::None) {
            all[0].state = State::Ready;
        }
    });
    // It is not given the core again.
    loop {
        give_way();
    }
}

/// Gives the core to the next task, if there is one.
pub(crate) fn give_way() {
    SCB::set_pendsv();
    cortex_m::asm::dsb();
    cortex_m::asm::isb();
}

#[exception]
fn SysTick() {
    TURNS.fetch_add(1, Relaxed);
    SCB::set_pendsv();
}

/// Saves what the core has not, and goes on with the next task.
///
/// # Safety
/// The core alone enters it, as an exception of a task.
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn PendSV() {
    naked_asm!(
        "mrs r0, psp",
        "stmdb r0!, {{r4-r11}}",
        "push {{r3, lr}}",
        "bl {change}",
        "pop {{r3, lr}}",
        "ldmia r0!, {{r4-r11}}",
        "msr psp, r0",
        "bx lr",
        change = sym change,
    )
}

/// Notes where the stack of the task at hand ends, and gives that of the next.
extern "C" fn change(top: usize) -> usize {
    with(|all| {
        let current = CURRENT.load(Relaxed);
        all[current].top = top;
        let mut others = (1..=TASKS).map(|after| (current + after) % TASKS);
        let next = others.find(|next| all[*next].state == State::Ready).unwrap_or(current);
        CURRENT.store(next, Relaxed);
        all[next].top
    })
}

/// Where the guards of the stacks begin.
pub(crate) fn guards() -> impl Iterator<Item = usize> {
    STACKS.iter().map(|stack| stack.0.get() as usize)
}

/// How often a task was taken the core from.
pub(crate) fn turns() -> u32 {
    TURNS.load(Relaxed)
}

/// See `wasmtime-platform.h`.
#[unsafe(no_mangle)]
extern "C" fn wasmtime_tls_get(slot: usize) -> *mut u8 {
    match SLOTS[CURRENT.load(Relaxed)].get(slot) {
        Some(slot) => with_exposed_provenance_mut(slot.load(Relaxed)),
        None => null_mut(),
    }
}

/// See `wasmtime-platform.h`.
#[unsafe(no_mangle)]
extern "C" fn wasmtime_tls_set(slot: usize, value: *mut u8) {
    if let Some(slot) = SLOTS[CURRENT.load(Relaxed)].get(slot) {
        slot.store(value.expose_provenance(), Relaxed);
    }
}
