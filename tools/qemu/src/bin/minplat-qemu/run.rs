//! `minplat-qemu PORT run`.

use minplat_bundle::{Value as Argument, Writer};
use minplat_host::entry::{self, Arg};
use minplat_host::{FuncType, Kind};
use minplat_qemu::machine::Said;
use minplat_qemu::module::Module;
use minplat_qemu::record::{Record, list};
use minplat_qemu::value;

use crate::args::{Common, Run};
use crate::imports;
use crate::report::{self, Failure, Problem, Report};
use crate::setup::Setup;

pub(crate) fn run(port: &str, args: &Run) -> Result<u8, Failure> {
    let setup = Setup::new(port, &args.common)?;
    let module = Module::read(&args.file, &setup.platform)?;
    let stubs = imports::missing(&module, args.stub_imports)?;
    if args.common.lean && !stubs.is_empty() {
        return Err(Failure::Usage("--lean builds firmware without stand-ins: --stub-imports goes without it".into()));
    }
    let entry = entry::choose(&module.exports, args.invoke.as_deref(), &args.args).map_err(Failure::Usage)?;

    let mut bundle = Writer::default();
    let (number, linked) = if args.linked {
        (bundle.linked(0), vec![module.artifact.clone()])
    } else {
        let align = usize::try_from(setup.platform.in_place_alignment()).map_err(anyhow::Error::new)?;
        (bundle.module(module.artifact.clone(), align), Vec::new())
    };
    if let Some(limit) = args.memory_limit {
        let limit = u32::try_from(limit).map_err(|_| Failure::Usage("--memory-limit is 4 GiB or more".into()))?;
        bundle.limit_memory(limit);
    }
    bundle.begin(0, &module.name, args.fuel, false).told();
    for (import, FuncType { params, results }) in stubs {
        let numbers = |kinds: &[Kind]| kinds.iter().map(|kind| kind.number()).collect::<Vec<_>>();
        bundle.stub(0, (&import.module, &import.name), &numbers(params), &numbers(results)).told();
    }
    bundle.instance(0, 0, number, args.linked || args.in_place).told();
    let mut report = Report {
        file: module.name.clone(),
        port: setup.port.name.clone(),
        platform: setup.platform.name().to_owned(),
        ..Report::default()
    };
    if let Some(entry) = &entry {
        let given: Result<Vec<_>, Failure> = entry.args.iter().map(argument).collect();
        bundle.call(0, 0, &entry.name, &given?).told();
    }
    if args.stats {
        bundle.stats();
    }

    let mut lost = Ok(());
    let code = setup.start(&linked, &bundle.finish(), |said| match said {
        Said::Line(line) if args.common.output.json => report::say(format_args!("{line}")),
        Said::Line(line) => {
            if let Err(error) = report::print(&format!("{line}\n")) {
                lost = Err(error);
            }
        }
        Said::Record(record) => hear(&mut report, record, &args.common),
    })?;
    if entry.is_none() && report.problem.is_none() && !args.common.output.quiet {
        report::say(format_args!("nothing to call; --invoke calls one of:{}", entry::listed(&module.exports)));
    }
    report.print(args.common.output.json)?;
    lost?;
    Ok(code)
}

/// Notes what the firmware tells.
fn hear(report: &mut Report, record: Record, args: &Common) {
    match record {
        Record::Platform { name, version, wasmtime, .. } if args.output.verbose => {
            report::say(format_args!("{name}: minplat {version}, Wasmtime {wasmtime}"));
        }
        Record::Calling(function) => report.function = Some(function),
        Record::Result(value) => report.results.push(value),
        Record::Stub { module, name, args: given, results } if !args.output.quiet => {
            let answer = if results.is_empty() { String::new() } else { format!(" -> {}", list(&results)) };
            report::say(format_args!("stub: {module}.{name}({}){answer}", list(&given)));
        }
        Record::Error(told) => report.problem = Some(Problem::new(told)),
        Record::Thrown(value) => {
            if let Some(problem) = &mut report.problem {
                problem.exception.push(value);
            }
        }
        Record::Frame(frame) => {
            if let Some(problem) = &mut report.problem {
                problem.frames.push(frame);
            }
        }
        // Without a count it is the emulator's own time.
        Record::Stat(name, _) if name == "instructions" && !args.icount => {}
        Record::Stat(name, number) => report.stats.push((name, number)),
        Record::Failed { what, text, .. } => report::say(format_args!("error: the firmware: {what} {text}")),
        Record::Panic(text) => report::say(format_args!("error: the device library stops: {text}")),
        Record::Unknown(line) => report::say(format_args!("error: the firmware says what is no record: {line}")),
        _ => {}
    }
}

fn argument(arg: &Arg) -> Result<Argument, Failure> {
    let Arg::Value(value) = arg else {
        return Err(Failure::Usage("extern:TEXT is for minplat-host: the firmware has no texts".into()));
    };
    Ok(value::number(value))
}
