//! From the start to the end: takes the bundle, goes through its steps, tells what came of them.

use core::cell::OnceCell;
use core::ffi::{CStr, c_char, c_void};
use core::ptr;

use minplat_bundle::{Bundle, Command, Expected, Problem, Step};
use minplat_sys::{linked as api, minplat_config_t, minplat_panic_t, minplat_pool_t};

use crate::library::{self, Engine, Error};
use crate::record::Record;
use crate::session::{Modules, NO_INSTANCE, Results, Session, Stop};
use crate::{Board, Linked, stats, values};

/// The code of a machine that ends where it should not.
pub const CRASHED: u8 = 101;

/// What is called of a module that is linked in, where nothing was given at boot.
const USUAL: [&str; 3] = ["_start", "main", "run"];

/// Runs what was given at boot, or else every module that is linked in, and ends the machine: with 0 if everything came out
/// well, with 1 if not.
pub fn run(board: &dyn Board, linked: &[Linked]) -> ! {
    let (lowest, _) = board.stack();
    // SAFETY: the board says that this is the lowest address of the stack that this runs on.
    unsafe { api::stack_paint(lowest) };
    let bundle = match board.boot_input().map_or(Err(Problem::None), Bundle::read) {
        Ok(bundle) => Some(bundle),
        Err(Problem::None) => None,
        Err(problem) => {
            let about = Record::new(board, "error").field("reading what was given at boot");
            about.field("255").field("-").field("").field("0").with(format_args!("{problem}")).end();
            end(board, false)
        }
    };
    let engine = OnceCell::new();
    #[cfg(feature = "script")]
    let fold = crate::fold::Fold::new();
    let modules = Modules {
        bundle,
        linked,
        #[cfg(feature = "script")]
        fold: &fold,
    };
    let done = prepare(&board, bundle).map(|()| {
        let mut run = Run::new(&board, &engine, modules);
        match bundle {
            Some(bundle) => run.all(bundle.steps()),
            None => (0..linked.len()).for_each(|number| run.linked(number)),
        }
        run.finish()
    });
    match done {
        Ok(is_well) => end(board, is_well),
        Err(error) => {
            tell_error(board, format_args!("preparing the library"), &error);
            end(board, false)
        }
    }
}

fn end(board: &dyn Board, is_well: bool) -> ! {
    let code = u8::from(!is_well);
    Record::new(board, "end").number(code.into()).end();
    board.exit(code)
}

/// Gives the library its memory, and tells which one it is.
fn prepare(board: &&dyn Board, bundle: Option<Bundle<'_>>) -> Result<(), Error> {
    let limit = bundle.and_then(|bundle| bundle.memory_limit());
    let pools;
    let mut config = minplat_config_t {
        pools: ptr::null(),
        pools_len: 0,
        alloc: None,
        realloc: None,
        free: None,
        alloc_env: ptr::null_mut(),
        panic: Some(panicked),
        panic_env: ptr::from_ref(board).cast_mut().cast(),
        log: None,
        log_env: ptr::null_mut(),
        current_task: None,
        current_task_env: ptr::null_mut(),
    };
    let board = *board;
    if let Some((start, size)) = board.pool() {
        let pool = minplat_pool_t { start, size: limit.map_or(size, |limit| limit.min(size)) };
        // Whoever asks for less memory asks for less than the fast one.
        let slow = board.slow_pool().filter(|_| limit.is_none());
        config.pools_len = 1 + usize::from(slow.is_some());
        let (start, size) = slow.unwrap_or((ptr::null_mut(), 0));
        pools = [pool, minplat_pool_t { start, size }];
        config.pools = pools.as_ptr();
    } else if let Some(limit) = limit {
        board.limit_memory(limit);
    }
    // SAFETY: the pools are nobody else's, as the board promised; the hook takes the board.
    Error::check(unsafe { api::init(&config) })?;
    // SAFETY: no conditions; the texts are static.
    unsafe {
        let record = Record::new(board, "platform").bytes(text(api::platform_name())).bytes(text(api::version()));
        let mut record = record.number(api::wasmtime_major().into()).number(api::page_size() as u64).field("");
        for byte in library::bytes(api::platform_fingerprint(), 32) {
            _ = core::fmt::Write::write_fmt(&mut record, format_args!("{byte:02x}"));
        }
        record.end();
    }
    Ok(())
}

/// A static text of the library.
///
/// # Safety
/// It is one.
unsafe fn text<'a>(text: *const c_char) -> &'a [u8] {
    // SAFETY: the caller's.
    unsafe { CStr::from_ptr(text) }.to_bytes()
}

unsafe extern "C" fn panicked(env: *mut c_void, info: *const minplat_panic_t) {
    // SAFETY: `env` is what `prepare` gave, and the texts are valid during the call.
    unsafe {
        let board = *env.cast::<&dyn Board>();
        let info = &*info;
        Record::new(board, "panic").bytes(library::bytes(info.message, info.message_len)).end();
        board.exit(CRASHED)
    }
}

/// The steps on their way.
pub(crate) struct Run<'a> {
    board: &'a &'a dyn Board,
    /// Made with the first store: the platform is checked before there is one.
    engine: &'a OnceCell<Engine>,
    modules: Modules<'a>,
    session: Option<Session<'a>>,
    name: &'a str,
    passed: u32,
    is_well: bool,
}

impl<'a> Run<'a> {
    pub(crate) fn new(board: &'a &'a dyn Board, engine: &'a OnceCell<Engine>, modules: Modules<'a>) -> Self {
        Self { board, engine, modules, session: None, name: "", passed: 0, is_well: true }
    }

    /// All of them, some at the same time.
    fn all(&mut self, mut steps: impl Iterator<Item = Result<Step<'a>, Problem>> + Clone) {
        while let Some(step) = steps.next() {
            match step {
                Ok(Step { line, command: Command::Together { count }, .. }) => {
                    self.leave();
                    if let Err(why) = self.together(count.into(), &mut steps) {
                        self.is_well = false;
                        failed(*self.board, line, format_args!("{why}"));
                    }
                }
                step => self.step(step),
            }
        }
    }

    #[cfg(feature = "script")]
    fn together(
        &mut self,
        count: usize,
        steps: &mut (impl Iterator<Item = Result<Step<'a>, Problem>> + Clone),
    ) -> Result<(), &'static str> {
        if let Err(error) = self.engine() {
            tell_error(*self.board, format_args!("running tasks"), &error);
            return Err("there is no engine");
        }
        self.is_well &= crate::together::run(*self.board, self.engine, self.modules, count, steps)?;
        Ok(())
    }

    #[cfg(not(feature = "script"))]
    fn together<I>(&mut self, _count: usize, _steps: &mut I) -> Result<(), &'static str> {
        Err("the firmware was built without what tasks need")
    }

    /// Gives back what is left; whether everything came out well.
    pub(crate) fn finish(mut self) -> bool {
        self.leave();
        self.is_well
    }

    /// One module of the firmware's own: in place, and what is usual called.
    fn linked(&mut self, number: usize) {
        let number = number as u32;
        let told = |command| Ok(Step { line: number, command, expected: Expected::Told });
        self.step(told(Command::Begin { name: "a module that is linked in", fuel: None, spectest: false }));
        self.step(told(Command::Instance { slot: 0, module: number, in_place: true }));
        let usual = self.session.as_ref().and_then(|session| session.usual(0, &USUAL));
        if let Some(function) = usual {
            self.step(told(Command::Call { slot: 0, function, args: minplat_bundle::value::Values::none() }));
        }
    }

    pub(crate) fn step(&mut self, step: Result<Step<'a>, Problem>) {
        let board = *self.board;
        let step = match step {
            Ok(step) => step,
            Err(problem) => {
                self.is_well = false;
                return failed(board, 0, format_args!("{problem}"));
            }
        };
        match step.command {
            Command::Begin { name, fuel, spectest } => {
                self.leave();
                self.name = name;
                Record::new(board, "begin").field(name).end();
                match self.begin(fuel, spectest) {
                    Ok(session) => self.session = Some(session),
                    Err(error) => self.stopped(&step, &Stop::Library(error)),
                }
            }
            Command::Stats => stats::tell(board, self.session.as_ref().map(Session::store)),
            #[cfg(feature = "script")]
            Command::Check { only } => self.is_well &= crate::check::check(board, only),
            _ => {
                let outcome = match &mut self.session {
                    Some(session) => act(board, session, &step),
                    None => Err(Stop::Firmware(NO_INSTANCE)),
                };
                match outcome {
                    Ok(results) => self.came(&step, results.values()),
                    Err(stop) => self.stopped(&step, &stop),
                }
            }
        }
    }

    /// The engine, made when it is needed first.
    fn engine(&self) -> Result<&'a Engine, Error> {
        if let Some(engine) = self.engine.get() {
            return Ok(engine);
        }
        let engine = Engine::new()?;
        Ok(self.engine.get_or_init(|| engine))
    }

    fn begin(&self, fuel: Option<u64>, spectest: bool) -> Result<Session<'a>, Error> {
        let engine = self.engine()?;
        Session::new(self.board, engine, self.modules, fuel, spectest)
    }

    /// A step did what it says.
    fn came(&mut self, step: &Step<'_>, results: &[minplat_sys::minplat_value_t]) {
        let board = *self.board;
        if matches!(step.command, Command::Fuel { .. } | Command::Copy { .. }) {
            return;
        }
        let is_right = match step.expected {
            Expected::Told => {
                tell_results(board, results);
                true
            }
            Expected::Success => true,
            Expected::Kept(place) => {
                self.session.as_mut().is_some_and(|session| session.keep_result(place, results).is_ok())
            }
            Expected::Values(patterns) => {
                let mut left = results.iter();
                let all = patterns.into_iter().all(|pattern| {
                    left.next().is_some_and(|value| pattern.is_ok_and(|pattern| values::matches(value, pattern)))
                });
                all && left.next().is_none()
            }
            Expected::Text(text) => self.points_to(step, results, text),
            Expected::Failure { .. } => false,
        };
        self.count(is_right);
        if !is_right {
            tell_results(board, results);
            failed(board, step.line, format_args!("success, with the results before this"));
        }
    }

    /// Whether the result of a call points to a text.
    #[cfg(feature = "script")]
    fn points_to(&self, step: &Step<'_>, results: &[minplat_sys::minplat_value_t], text: &[u8]) -> bool {
        match (&self.session, step.command, results) {
            (Some(session), Command::Call { slot, .. }, [result]) => session.points_to(slot, result, text),
            _ => false,
        }
    }

    #[cfg(not(feature = "script"))]
    fn points_to(&self, _step: &Step<'_>, _results: &[minplat_sys::minplat_value_t], _text: &[u8]) -> bool {
        false
    }

    /// A step did not.
    fn stopped(&mut self, step: &Step<'_>, stop: &Stop) {
        let board = *self.board;
        match (stop, step.expected) {
            // Told once, when the instance failed.
            (Stop::Firmware(NO_INSTANCE), Expected::Told) => self.count(false),
            (Stop::Library(error) | Stop::Module(error), Expected::Failure { code, traps, text })
                if is(error, code, traps, text) =>
            {
                self.count(true);
            }
            (Stop::Library(error) | Stop::Module(error), Expected::Told) => {
                self.count(false);
                match (step.command, stop) {
                    (Command::Call { function, .. }, _) => tell_error(board, format_args!("{function}"), error),
                    (Command::Instance { .. }, Stop::Library(_)) => {
                        tell_error(board, format_args!("making an instance of {}", self.name), error);
                    }
                    _ => tell_error(board, format_args!("{}", self.name), error),
                }
                self.tell_exception(error);
            }
            (Stop::Library(error) | Stop::Module(error), _) => {
                self.count(false);
                Record::new(board, "failed")
                    .number(step.line.into())
                    .with(format_args!("error {}", error.code()))
                    .bytes(error.text())
                    .end();
            }
            (Stop::Firmware(why), _) => {
                self.count(false);
                failed(board, step.line, format_args!("{why}"));
            }
        }
    }

    /// Tells what an exception carries, where one is behind the error.
    #[cfg(feature = "script")]
    fn tell_exception(&self, error: &Error) {
        if error.trap().is_none()
            && let Some(session) = &self.session
        {
            // Mostly there is none. What cannot be told of one is missing: the error is told all the same.
            _ = crate::exception::tell(*self.board, session.store());
        }
    }

    #[cfg(not(feature = "script"))]
    fn tell_exception(&self, _error: &Error) {}

    fn count(&mut self, is_right: bool) {
        self.is_well &= is_right;
        self.passed += u32::from(is_right);
    }

    /// Gives the store back.
    fn leave(&mut self) {
        if self.session.take().is_some() {
            Record::new(*self.board, "passed").number(self.passed.into()).end();
        }
        self.passed = 0;
    }
}

/// Takes a step in its store. A call whose results are to be told is told before it begins.
fn act(board: &dyn Board, session: &mut Session<'_>, step: &Step<'_>) -> Result<Results, Stop> {
    if let (Command::Call { slot, function, .. }, Expected::Told) = (step.command, step.expected)
        && session.has_instance(slot)
    {
        Record::new(board, "calling").field(function).end();
    }
    session.act(&step.command)
}

fn tell_results(board: &dyn Board, results: &[minplat_sys::minplat_value_t]) {
    results.iter().for_each(|value| values::tell(board, "result", value));
}

/// Whether an error is one that was expected.
fn is(error: &Error, code: u8, traps: u32, text: &str) -> bool {
    let is_trap = |trap: u32| trap < 32 && traps & 1 << trap != 0;
    (code == 0 || error.code() == code.into())
        && (traps == 0 || error.trap().is_some_and(is_trap))
        && (has(error.text(), text) || error.trap().is_some_and(|trap| has(in_words(trap), text)))
}

fn has(whole: &[u8], part: &str) -> bool {
    part.is_empty() || whole.windows(part.len()).any(|some| some == part.as_bytes())
}

/// A trap in a few words.
fn in_words<'a>(trap: u32) -> &'a [u8] {
    // SAFETY: any number is a fair question, and the text is static.
    unsafe { text(api::trap_text(trap)) }
}

fn failed(board: &dyn Board, line: u32, what: core::fmt::Arguments<'_>) {
    Record::new(board, "failed").number(line.into()).with(what).field("").end();
}

/// Tells an error, and the functions that were running.
pub(crate) fn tell_error(board: &dyn Board, doing: core::fmt::Arguments<'_>, error: &Error) {
    let record = Record::new(board, "error").with(doing).number(error.code().into());
    let record = match error.trap() {
        Some(trap) => record.number(trap.into()).bytes(in_words(trap)),
        None => record.field("-").field(""),
    };
    record.number(error.is_truncated().into()).bytes(error.text()).end();
    for frame in error.frames() {
        let record = Record::new(board, "frame").number(frame.function_index.into());
        let record = offset(offset(record, frame.module_offset), frame.text_offset);
        // SAFETY: the names are valid as long as the error.
        unsafe {
            record
                .bytes(library::bytes(frame.function_name, frame.function_name_len))
                .bytes(library::bytes(frame.module_name, frame.module_name_len))
                .end();
        }
    }
}

/// Adds an offset, where it is known.
fn offset(record: Record<'_>, offset: u32) -> Record<'_> {
    match offset {
        u32::MAX => record.field("-"),
        offset => record.with(format_args!("{offset:x}")),
    }
}
