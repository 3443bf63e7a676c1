//! Groups of steps that run at the same time, each on a task of the board.

use core::cell::{Cell, OnceCell};
use core::ffi::c_void;
use core::hint::spin_loop;
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Acquire, Ordering::Relaxed, Ordering::Release};

use minplat_bundle::{Command, Problem, Step};

use crate::Board;
use crate::fold::Fold;
use crate::library::Engine;
use crate::record::Record;
use crate::run::Run;
use crate::session::Modules;

/// Tasks at once.
const MOST: usize = 4;

/// Runs the next groups of steps, a task for each, and leaves the steps behind them. Whether all came out well. The engine is there.
///
/// Whoever made the bundle has seen to it that the platform of the library offers multi-thread.
///
/// # Errors
/// The board has not so many tasks, or the bundle not so many groups.
pub(crate) fn run<'a>(
    board: &dyn Board,
    engine: &OnceCell<Engine>,
    modules: Modules<'a>,
    count: usize,
    steps: &mut (impl Iterator<Item = Result<Step<'a>, Problem>> + Clone),
) -> Result<bool, &'static str> {
    if engine.get().is_none() {
        return Err("there is no engine");
    }
    if count > MOST {
        return Err("the firmware runs fewer groups of steps at the same time");
    }
    let mut groups = [const { None }; MOST];
    for group in &mut groups[..count] {
        let all = steps.clone();
        let len = len(all.clone()).ok_or("there are fewer groups of steps than are to run at the same time")?;
        *group = Some(all.take(len));
        _ = steps.nth(len - 1);
    }
    let shared = Shared((board, engine, modules, groups));
    let (speaker, last, is_well) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicBool::new(true));
    let job = |number: usize| {
        let (board, engine, modules, groups) = shared.get();
        let lines = Lines { board: *board, number, speaker: &speaker, last: &last, speaks: Cell::new(false) };
        let board: &dyn Board = &lines;
        let fold = Fold::new();
        let mut run = Run::new(&board, engine, Modules { fold: &fold, ..*modules });
        if let Some(Some(group)) = groups.get(number) {
            group.clone().for_each(|step| run.step(step));
        }
        if !run.finish() {
            is_well.store(false, Relaxed);
        }
    };
    if !board.run_tasks(count, &job) {
        return Err("the board has no tasks, or fewer");
    }
    Record::new(board, "task").field("-").end();
    Ok(is_well.into_inner())
}

/// How many steps the group has that begins here; `None` if none does.
fn len<'a>(mut steps: impl Iterator<Item = Result<Step<'a>, Problem>>) -> Option<usize> {
    let begins = |step: &Result<Step<'_>, Problem>| matches!(step, Ok(Step { command: Command::Begin { .. }, .. }));
    if !steps.next().is_some_and(|step| begins(&step)) {
        return None;
    }
    let goes_on = |step: &Result<Step<'_>, Problem>| {
        let Ok(step) = step else { return false };
        !matches!(
            step.command,
            Command::Begin { .. } | Command::Together { .. } | Command::Stats | Command::Check { .. }
        )
    };
    Some(1 + steps.take_while(goes_on).count())
}

/// What all tasks use.
struct Shared<T>(T);

// SAFETY: the engine is there, so its cell is only read, and an engine is everybody's where the platform offers multi-thread; the
// board is written to by one task at a time, as `Lines` sees to; the rest is read.
unsafe impl<T> Sync for Shared<T> {}

impl<T> Shared<T> {
    /// As a whole: a part by itself would not be shared.
    fn get(&self) -> &T {
        &self.0
    }
}

/// The console of a task: lines come whole, and a record `task` says whose those after it are.
struct Lines<'a> {
    board: &'a dyn Board,
    number: usize,
    /// The task that is in a line, and 1; 0: none.
    speaker: &'a AtomicUsize,
    /// The one that was last.
    last: &'a AtomicUsize,
    /// Whether it is this one that is in a line.
    speaks: Cell<bool>,
}

impl Board for Lines<'_> {
    fn write(&self, bytes: &[u8]) {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            if !self.speaks.replace(true) {
                while self.speaker.compare_exchange(0, self.number + 1, Acquire, Relaxed).is_err() {
                    spin_loop();
                }
                if self.last.swap(self.number + 1, Relaxed) != self.number + 1 {
                    Record::new(self.board, "task").number(self.number as u64).end();
                }
            }
            self.board.write(part);
            if part.ends_with(b"\n") {
                self.speaks.set(false);
                self.speaker.store(0, Release);
            }
        }
    }

    fn exit(&self, code: u8) -> ! {
        self.board.exit(code)
    }

    fn stack(&self) -> (*mut c_void, usize) {
        self.board.stack()
    }

    fn is_emulated(&self) -> bool {
        self.board.is_emulated()
    }
}
