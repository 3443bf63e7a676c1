//! From the text of a script to its steps, with every module compiled.

use minplat_compiler::Compiler;
use wast::lexer::Lexer;
use wast::parser::{self, ParseBuffer};
use wast::token::Id;
use wast::{QuoteWat, Wast, WastArg, WastDirective, WastExecute, WastInvoke, WastRet, Wat};

use crate::host_ref::CONVERTER;
use crate::lines::Lines;
use crate::outcome::Failure;
use crate::pattern::Pattern;
use crate::source::Script;
use crate::step::{Action, Built, Prepared, Step, What};
use crate::value::Arg;

/// A script that is none: where, and why.
pub(crate) struct Unreadable {
    pub(crate) line: usize,
    pub(crate) why: String,
}

impl Unreadable {
    /// As a failure of the script.
    pub(crate) fn failure(self) -> Failure {
        Failure {
            line: self.line,
            directive: "the script".into(),
            expected: "a script that can be read".into(),
            actual: self.why,
        }
    }
}

/// Reads a script and compiles its modules.
///
/// # Errors
/// The script is none. A module that is none is a step.
pub(crate) fn prepare(script: &Script, compiler: &Compiler) -> Result<Prepared, Unreadable> {
    let lines = Lines::of(&script.text);
    let unreadable =
        |error: wast::Error| Unreadable { line: lines.number(error.span().offset()), why: error.message() };
    let mut lexer = Lexer::new(&script.text);
    // Names that look like others are tested too.
    lexer.allow_confusing_unicode(true);
    let buffer = ParseBuffer::new_with_lexer(lexer).map_err(unreadable)?;
    let wast: Wast<'_> = parser::parse(&buffer).map_err(unreadable)?;
    let steps = wast.directives.into_iter().map(|directive| {
        let offset = directive.span().offset();
        let line = lines.number(offset);
        let what = Preparing { compiler, name: format!("{}:{line}", script.name) }.what(directive);
        Step { line, text: lines.shown(offset), what }
    });
    let steps = steps.collect();
    let converter = script.text.contains("ref.host").then(|| {
        let wasm = ParseBuffer::new(CONVERTER).and_then(|buffer| parser::parse::<Wat<'_>>(&buffer)?.encode());
        compile(compiler, "the converter of ref.host", wasm)
    });
    Ok(Prepared { steps, converter })
}

/// One directive on its way.
struct Preparing<'a> {
    compiler: &'a Compiler,
    /// File and line, for messages of the compiler.
    name: String,
}

fn name(id: Option<Id<'_>>) -> Option<String> {
    id.map(|id| id.name().to_string())
}

fn compile(compiler: &Compiler, name: &str, wasm: Result<Vec<u8>, wast::Error>) -> Built {
    match wasm {
        Err(error) => Built::Malformed(error.message()),
        Ok(wasm) => match compiler.compile(name, &wasm) {
            Ok(compiled) => Built::Artifact(compiled.artifact),
            Err(refusal) => Built::Refused(refusal),
        },
    }
}

impl Preparing<'_> {
    fn what(&self, directive: WastDirective<'_>) -> What {
        match directive {
            WastDirective::Module(module) => What::Module { name: name(module.name()), module: self.quoted(module) },
            WastDirective::ModuleDefinition(module) => {
                What::Definition { name: name(module.name()), module: self.quoted(module) }
            }
            WastDirective::ModuleInstance { instance, module, .. } => {
                What::Instance { name: name(instance), definition: name(module) }
            }
            WastDirective::Register { name: as_name, module, .. } => {
                What::Register { name: as_name.to_string(), instance: name(module) }
            }
            WastDirective::Invoke(invoke) => What::Action(self.invoke(&invoke)),
            WastDirective::AssertReturn { exec, results, .. } => {
                What::Return(self.action(exec), results.iter().map(expected).collect())
            }
            WastDirective::AssertTrap { exec, message, .. } => What::Trap(self.action(exec), message.to_string()),
            WastDirective::AssertExhaustion { call, message, .. } => {
                What::Exhaustion(self.invoke(&call), message.to_string())
            }
            WastDirective::AssertException { exec, .. } => What::Exception(self.action(exec)),
            WastDirective::AssertMalformed { module, .. } | WastDirective::AssertMalformedCustom { module, .. } => {
                What::Refused { module: self.quoted(module), is_malformed: true }
            }
            WastDirective::AssertInvalid { module, .. } | WastDirective::AssertInvalidCustom { module, .. } => {
                What::Refused { module: self.quoted(module), is_malformed: false }
            }
            WastDirective::AssertUnlinkable { module, message, .. } => {
                What::Unlinkable(self.module(module), message.to_string())
            }
            WastDirective::AssertSuspension { .. } => {
                What::Beyond("assert_suspension: no platform has stack switching")
            }
            WastDirective::Thread(_) => What::Beyond("thread: no platform has shared memories, which need std"),
            WastDirective::Wait { .. } => What::Beyond("wait: no platform has shared memories, which need std"),
        }
    }

    fn quoted(&self, mut module: QuoteWat<'_>) -> Built {
        compile(self.compiler, &self.name, module.encode())
    }

    fn module(&self, mut module: Wat<'_>) -> Built {
        compile(self.compiler, &self.name, module.encode())
    }

    fn action(&self, exec: WastExecute<'_>) -> Action {
        match exec {
            WastExecute::Invoke(invoke) => self.invoke(&invoke),
            WastExecute::Wat(module) => Action::Instantiate(self.module(module)),
            WastExecute::Get { module, global, .. } => {
                Action::Get { instance: name(module), global: global.to_string() }
            }
        }
    }

    fn invoke(&self, invoke: &WastInvoke<'_>) -> Action {
        let args = invoke.args.iter().map(|arg| match arg {
            WastArg::Core(arg) => Ok(Arg::of(arg)),
            other => Err(format!("{other:?}")),
        });
        match args.collect() {
            Ok(args) => Action::Invoke { instance: name(invoke.module), function: invoke.name.to_string(), args },
            Err(what) => Action::Beyond(format!("an argument that core modules do not take: {what}")),
        }
    }
}

fn expected(result: &WastRet<'_>) -> Pattern {
    match result {
        WastRet::Core(result) => Pattern::of(result),
        other => Pattern::Beyond(format!("{other:?}")),
    }
}
