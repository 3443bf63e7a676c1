//! What there is to do.

use crate::cursor::Cursor;
use crate::value::{Patterns, Values};
use crate::{Problem, Stub};

/// One step: a line of a script, or a part of what a command line asks for.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    /// Where it comes from: a line of the script, from 1.
    pub line: u32,
    /// What to do.
    pub command: Command<'a>,
    /// What must come of it.
    pub expected: Expected<'a>,
}

/// What to do.
#[derive(Clone, Copy, Debug)]
pub enum Command<'a> {
    /// Takes a new store and a new linker; what was there before is deleted.
    Begin {
        /// What it is for, to be told with what fails: the name of a script or a module.
        name: &'a str,
        /// Fuel for each call and each instance; `None` where the platform has no fuel.
        fuel: Option<u64>,
        /// Whether to define the module `spectest` of the specification's scripts.
        spectest: bool,
    },
    /// Loads a module and makes an instance of it.
    Instance {
        /// Where to keep it; what was there is forgotten.
        slot: u8,
        /// Which module of the bundle.
        module: u32,
        /// Whether to use the module where it lies.
        in_place: bool,
    },
    /// Another name for an instance.
    Copy {
        /// Where it is.
        from: u8,
        /// Where to keep it too.
        to: u8,
    },
    /// Gives what an instance exports to modules after it.
    Register {
        /// Which instance.
        slot: u8,
        /// The name to import it from.
        name: &'a str,
    },
    /// Calls an exported function.
    Call {
        /// Of which instance.
        slot: u8,
        /// Its name.
        function: &'a str,
        /// The arguments.
        args: Values<'a>,
    },
    /// Defines a host function that tells what it is called with, and gives zeros and nulls.
    Stub(Stub<'a>),
    /// Defines a host function that takes so many 32-bit integers, gives nothing, and folds what it is called with
    /// ([`crate::fold`]).
    Fold {
        /// The module to import it from.
        module: &'a str,
        /// Its name there.
        name: &'a str,
        /// How many integers it takes.
        params: u8,
    },
    /// Gives what was folded since the last time, an i64, and how many calls that were, an i32; and begins anew.
    Folded,
    /// Writes bytes into an exported memory, at an address that was kept.
    Write {
        /// Of which instance.
        slot: u8,
        /// The memory's name.
        memory: &'a str,
        /// Where the address was kept.
        kept: u8,
        /// What to write.
        bytes: &'a [u8],
    },
    /// Lets each call and each instance have so much fuel from now on, in place of what the store began with.
    Fuel {
        /// How much.
        amount: u64,
    },
    /// Reads an exported global.
    Get {
        /// Of which instance.
        slot: u8,
        /// Its name.
        global: &'a str,
    },
    /// Runs the next groups of steps at the same time, a task for each. A group begins with a `Begin` and goes on to the next one,
    /// or to `Stats`, `Check` or another of this. For a library whose platform offers multi-thread, on a board with tasks.
    Together {
        /// How many groups.
        count: u8,
    },
    /// Tells what the library and the board have and had.
    Stats,
    /// Checks the platform.
    Check {
        /// The one check to run; empty: all.
        only: &'a str,
    },
}

/// What must come of a step.
#[derive(Clone, Copy, Debug)]
pub enum Expected<'a> {
    /// Anything: it is told.
    Told,
    /// Success.
    Success,
    /// These results.
    Values(Patterns<'a>),
    /// Success; the first result, an i32, is kept here for later arguments.
    Kept(u8),
    /// Success; the one result, an i64, points to this text in the memory that the called instance exports as `memory`: the address in
    /// its upper half, the length in its lower.
    Text(&'a [u8]),
    /// An error.
    Failure {
        /// Its code, as `minplat_error_code_t` numbers it; 0: any.
        code: u8,
        /// Bit N: trap N is right. 0: it need be no trap.
        traps: u32,
        /// What its text must have in it.
        text: &'a str,
    },
}

/// Numbers of the commands.
pub(crate) mod op {
    pub(crate) const BEGIN: u8 = 1;
    pub(crate) const INSTANCE: u8 = 2;
    pub(crate) const REGISTER: u8 = 3;
    pub(crate) const CALL: u8 = 4;
    pub(crate) const GET: u8 = 5;
    pub(crate) const STATS: u8 = 6;
    pub(crate) const CHECK: u8 = 7;
    pub(crate) const COPY: u8 = 8;
    pub(crate) const FUEL: u8 = 9;
    pub(crate) const TOGETHER: u8 = 10;
    pub(crate) const FOLD: u8 = 11;
    pub(crate) const FOLDED: u8 = 12;
    pub(crate) const WRITE: u8 = 13;
    pub(crate) const STUB: u8 = 14;
    pub(crate) const TOLD: u8 = 0;
    pub(crate) const SUCCESS: u8 = 1;
    pub(crate) const VALUES: u8 = 2;
    pub(crate) const FAILURE: u8 = 3;
    pub(crate) const KEPT: u8 = 4;
    pub(crate) const TEXT: u8 = 5;
}

/// Reads step after step; ends with the first that makes no sense.
#[derive(Clone)]
pub(crate) struct Steps<'a>(pub(crate) Cursor<'a>);

impl<'a> Iterator for Steps<'a> {
    type Item = Result<Step<'a>, Problem>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let step = step(&mut self.0);
        if step.is_err() {
            self.0 = Cursor(&[]);
        }
        Some(step)
    }
}

fn step<'a>(from: &mut Cursor<'a>) -> Result<Step<'a>, Problem> {
    let (kind, line) = (from.u8()?, from.u32()?);
    let command = match kind {
        op::BEGIN => {
            let (flags, fuel) = (from.u8()?, from.u64()?);
            Command::Begin { name: from.text()?, fuel: (flags & 1 != 0).then_some(fuel), spectest: flags & 2 != 0 }
        }
        op::INSTANCE => Command::Instance { slot: from.u8()?, in_place: from.u8()? != 0, module: from.u32()? },
        op::COPY => Command::Copy { from: from.u8()?, to: from.u8()? },
        op::REGISTER => Command::Register { slot: from.u8()?, name: from.text()? },
        op::CALL => Command::Call { slot: from.u8()?, function: from.text()?, args: Values(Cursor(from.block()?)) },
        op::GET => Command::Get { slot: from.u8()?, global: from.text()? },
        op::STUB => Command::Stub(Stub::read(from)?),
        op::FOLD => Command::Fold { module: from.text()?, name: from.text()?, params: from.u8()? },
        op::FOLDED => Command::Folded,
        op::WRITE => Command::Write { slot: from.u8()?, memory: from.text()?, kept: from.u8()?, bytes: from.block()? },
        op::FUEL => Command::Fuel { amount: from.u64()? },
        op::TOGETHER => Command::Together { count: from.u8()? },
        op::STATS => Command::Stats,
        op::CHECK => Command::Check { only: from.text()? },
        _ => return Err(Problem::Damaged),
    };
    let expected = match from.u8()? {
        op::TOLD => Expected::Told,
        op::SUCCESS => Expected::Success,
        op::VALUES => Expected::Values(Patterns(Cursor(from.block()?))),
        op::KEPT => Expected::Kept(from.u8()?),
        op::TEXT => Expected::Text(from.block()?),
        op::FAILURE => Expected::Failure { code: from.u8()?, traps: from.u32()?, text: from.text()? },
        _ => return Err(Problem::Damaged),
    };
    Ok(Step { line, command, expected })
}
