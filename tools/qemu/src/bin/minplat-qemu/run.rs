//! `minplat-qemu PORT run`.

use minplat_bundle::{Value as Argument, Writer};
use minplat_host::entry::{self, Arg};
use minplat_qemu::machine::Said;
use minplat_qemu::module::Module;
use minplat_qemu::record::Record;
use minplat_qemu::value;

use crate::args::{Common, Run};
use crate::report::{self, Failure, Problem, Report};
use crate::setup::Setup;

pub(crate) fn run(port: &str, args: &Run) -> Result<u8, Failure> {
    let setup = Setup::new(port, &args.common)?;
    let module = Module::read(&args.file, &setup.platform)?;
    nothing_is_missing(&module)?;
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
    bundle.instance(0, 0, number, args.linked || args.in_place).told();
    let mut report = Report {
        file: module.name.clone(),
        port: setup.port.name.clone(),
        platform: setup.platform.name().to_owned(),
        ..Report::default()
    };
    match &entry {
        Some(entry) => {
            let given: Result<Vec<_>, Failure> = entry.args.iter().map(argument).collect();
            bundle.call(0, 0, &entry.name, &given?).told();
            report.function = Some(entry.name.clone());
        }
        None if args.common.output.quiet => {}
        None => report::say(format_args!("nothing to call; --invoke calls one of:{}", entry::listed(&module.exports))),
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
        Record::Result { kind, text } => report.results.push((kind, text)),
        Record::Error(told) => report.problem = Some(Problem { told, frames: Vec::new() }),
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

/// Refuses a module whose imports the firmware does not have, as the host does.
fn nothing_is_missing(module: &Module) -> Result<(), Failure> {
    let missing: String = module
        .imports
        .iter()
        .filter(|(module, name, kind)| (module.as_str(), name.as_str(), kind.as_str()) != ("host", "log", "func"))
        .map(|(module, name, kind)| format!("\n  {module} {name} {kind}"))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(Failure::Host(anyhow::anyhow!(
        "{} has imports and nothing gives them:{missing}\nthe firmware has host.log(i32, i32) alone; minplat-host can stand in \
         for others, with --stub-imports",
        module.name
    )))
}

fn argument(arg: &Arg) -> Result<Argument, Failure> {
    let Arg::Value(value) = arg else {
        return Err(Failure::Usage("extern:TEXT is for minplat-host: the firmware has no texts".into()));
    };
    Ok(value::number(value))
}
