//! Tasks: a few, each with a stack of its own, that a timer takes the core from in turn.
//!
//! The firmware itself is the first task; it waits while others run. A task is what its registers were when it was interrupted:
//! the vectors save all of them, so changing to another task is changing what they restore.

use core::cell::RefCell;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use aarch64_cpu::asm::wfi;
use aarch64_cpu::registers::{CNTFRQ_EL0, CNTP_CTL_EL0, CNTP_TVAL_EL0, DAIF, Readable as _, SPSR_EL1, Writeable as _};
use arm_gic::gicv2::GicV2;
use arm_gic::{IntId, InterruptGroup};
use critical_section::Mutex;
use minplat_frames::{PAGE, Protection};

use crate::memory::{MEMORY, set_masks};
use crate::stacks::TASK as STACK;
use crate::traps::Frame;

minplat_port::export_locks!(give_way);

/// Tasks at once, with the firmware itself.
const TASKS: usize = 5;

/// How often in a second the core is given to the next task.
const TURNS: u64 = 2000;

/// The registers of the interrupt controller, a GICv2.
pub(crate) const CONTROLLER: core::ops::Range<usize> = 0x800_0000..0x802_0000;
const INTERFACE: usize = 0x801_0000;

/// The physical timer's interrupt.
const TIMER: IntId = IntId::ppi(14);

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

/// A task that is interrupted, or runs.
struct Task {
    state: State,
    frame: Frame,
    /// The lowest address of its stack; 0: it has none of its own.
    stack: usize,
}

/// All of them.
struct Tasks {
    tasks: [Task; TASKS],
    controller: Option<GicV2<'static>>,
    /// How often one was taken the core from.
    turns: u64,
}

impl Task {
    const NONE: Self = Self { state: State::None, frame: Frame::ZERO, stack: 0 };
}

static ALL: Mutex<RefCell<Tasks>> =
    Mutex::new(RefCell::new(Tasks { tasks: [Task::NONE; TASKS], controller: None, turns: 0 }));

/// Which one runs.
static CURRENT: AtomicUsize = AtomicUsize::new(0);

/// The thread-local slots of each.
static SLOTS: [[AtomicUsize; 2]; TASKS] = [const { [const { AtomicUsize::new(0) }; 2] }; TASKS];

/// Uses all of them, uninterrupted.
fn with<T>(job: impl FnOnce(&mut Tasks) -> T) -> T {
    critical_section::with(|section| job(&mut ALL.borrow_ref_mut(section)))
}

/// Calls `job` with 0 to `count - 1`, each on a task of its own, at the same time, and returns when all have. False, and nothing
/// was done, if there is no room for so many, or a task asks.
pub(crate) fn run(count: usize, job: Job<'_>) -> bool {
    if count >= TASKS || CURRENT.load(Relaxed) != 0 || with(|all| all.tasks[0].state != State::None) {
        return false;
    }
    let mut stacks = [0; TASKS];
    for number in 1..=count {
        match MEMORY.with(|memory| memory.map(STACK, Protection::ReadWrite)) {
            Ok(stack) => stacks[number] = stack,
            Err(_) => {
                give_back(&stacks);
                return false;
            }
        }
    }
    with(|all| {
        all.tasks[0].state = State::Waits;
        for (number, stack) in stacks.into_iter().enumerate().skip(1).take(count) {
            let task = &mut all.tasks[number];
            task.frame = Frame::ZERO;
            task.frame.x[0] = (&raw const job).expose_provenance() as u64;
            task.frame.x[1] = number as u64 - 1;
            task.frame.sp = (stack + STACK) as u64;
            task.frame.elr = begin as *const () as u64;
            // As the firmware runs: this exception level with its own stack pointer, interrupts on.
            task.frame.spsr = SPSR_EL1::M::EL1t.value | SPSR_EL1::D::Masked.value | SPSR_EL1::A::Masked.value;
            task.stack = stack;
            task.state = State::Ready;
            SLOTS[number].iter().for_each(|slot| slot.store(0, Relaxed));
        }
        let controller = all.controller.get_or_insert_with(|| {
            let distributor = core::ptr::with_exposed_provenance_mut(CONTROLLER.start);
            let interface = core::ptr::with_exposed_provenance_mut(INTERFACE);
            // SAFETY: the controller's registers are there, mapped as a device's, and nobody else has them.
            let mut controller = unsafe { GicV2::new(distributor, interface) };
            controller.setup();
            controller
        });
        // The timer of a core can be enabled on every controller.
        _ = controller.enable_interrupt(TIMER, true);
    });
    arm();
    let before = DAIF.get();
    set_masks((DAIF::D::Masked + DAIF::A::Masked + DAIF::I::Unmasked + DAIF::F::Masked).value);
    while with(|all| all.tasks[0].state == State::Waits) {
        wfi();
    }
    set_masks(before);
    CNTP_CTL_EL0.write(CNTP_CTL_EL0::ENABLE::CLEAR);
    with(|all| {
        all.tasks[0].state = State::None;
        all.tasks.iter_mut().for_each(|task| task.stack = 0);
    });
    give_back(&stacks);
    true
}

fn give_back(stacks: &[usize; TASKS]) {
    for stack in stacks.iter().filter(|stack| **stack != 0) {
        // Exactly what was mapped: it cannot fail.
        _ = MEMORY.with(|memory| memory.unmap(*stack, STACK));
    }
}

/// Where a task begins.
extern "C" fn begin(job: *const Job<'static>, number: usize) -> ! {
    // SAFETY: `run` gave its job's address, and waits for this task.
    unsafe { (*job)(number) };
    with(|all| {
        all.tasks[CURRENT.load(Relaxed)].state = State::None;
        if all.tasks[1..].iter().all(|task| task.state == State::None) {
            all.tasks[0].state = State::Ready;
        }
    });
    // It is not given the core again.
    loop {
        give_way();
    }
}

/// The timer comes again after a turn.
fn arm() {
    CNTP_TVAL_EL0.set(CNTFRQ_EL0.get() / TURNS);
    CNTP_CTL_EL0.write(CNTP_CTL_EL0::ENABLE::SET + CNTP_CTL_EL0::IMASK::CLEAR);
}

/// Gives the core to the next task, if there is one.
pub(crate) fn give_way() {
    // SAFETY: the vectors save everything, and take it as a wish to give way.
    unsafe { core::arch::asm!("svc #0") };
}

/// An interrupt: the timer's, or one that nobody asked for. What the vectors saved of the task at hand, and restore then of the next.
pub(crate) fn interrupted(frame: &mut Frame) {
    let mut is_timer = false;
    with(|all| {
        if let Some(controller) = &mut all.controller {
            controller.handle_interrupt(InterruptGroup::Group0, |number| is_timer = number == TIMER);
        }
        if is_timer {
            all.turns += 1;
        }
    });
    if is_timer {
        arm();
        change(frame);
    }
}

/// Goes on with the next task that can.
pub(crate) fn change(frame: &mut Frame) {
    with(|all| {
        let current = CURRENT.load(Relaxed);
        let next =
            (1..=TASKS).map(|after| (current + after) % TASKS).find(|next| all.tasks[*next].state == State::Ready);
        if let Some(next) = next.filter(|next| *next != current) {
            all.tasks[current].frame = *frame;
            *frame = all.tasks[next].frame;
            CURRENT.store(next, Relaxed);
        }
    });
}

/// Whether an address lies in the page below a task's stack.
pub(crate) fn is_guard(at: usize) -> bool {
    with(|all| all.tasks.iter().any(|task| task.stack != 0 && (task.stack - PAGE..task.stack).contains(&at)))
}

/// How often a task was taken the core from.
pub(crate) fn turns() -> u64 {
    with(|all| all.turns)
}

/// See `wasmtime-platform.h`.
#[unsafe(no_mangle)]
extern "C" fn wasmtime_tls_get(slot: usize) -> *mut u8 {
    match SLOTS[CURRENT.load(Relaxed)].get(slot) {
        Some(slot) => core::ptr::with_exposed_provenance_mut(slot.load(Relaxed)),
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
