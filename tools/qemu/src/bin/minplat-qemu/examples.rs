//! `minplat-qemu PORT examples`.

use anyhow::{Context, Result};
use minplat_bundle::value::kind;
use minplat_bundle::{Pattern, Value, Writer};
use minplat_compiler::{Compiler, Options, input};
use minplat_host::{ExternKind, FuncType, text};
use minplat_platform::settings::Interruption;
use minplat_qemu::machine::Said;
use minplat_qemu::module::Module;
use minplat_qemu::record::Record;
use minplat_qemu::value;
use serde_json::json;

use crate::args::Common;
use crate::example::{Call, Table};
use crate::report::{self, Failure};
use crate::setup::Setup;

/// Enough for any example: what is not meant to run out does not.
const PLENTY: u64 = u64::MAX / 2;

/// What came of an example.
#[derive(Default)]
struct Row {
    name: String,
    asked: usize,
    passed: u64,
    wrong: Vec<String>,
}

pub(crate) fn examples(port: &str, args: &Common) -> Result<u8, Failure> {
    let setup = Setup::new(port, args)?;
    let root = setup.source.root.join("examples");
    let table = Table::read(&root)?;

    let compiler = Compiler::new(&setup.platform, Options::default())?;
    let align = usize::try_from(setup.platform.in_place_alignment()).map_err(anyhow::Error::new)?;
    let metered = setup.platform.settings().interruption == Interruption::Fuel;
    let mut bundle = Writer::default();
    let (mut rows, mut left_out) = (Vec::new(), Vec::new());
    for example in &table.example {
        let path = example.path(&root)?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let off = |key: &&String| setup.platform.value(key).is_none_or(|value| value != "true");
        if let Some(key) = example.needs.iter().find(off) {
            left_out.push(format!("{name}: {key} is off"));
            continue;
        }
        if let Some(driver) = &example.driver {
            left_out.push(format!("{name}: a program in Rust asks it, {driver}"));
            continue;
        }
        if !path.is_file() {
            left_out.push(format!("{name}: it is not built; examples/build-guests.sh does that"));
            continue;
        }
        let read = input::read(&path).map_err(anyhow::Error::new)?;
        let module = compiler.compile(&read.name, &read.wasm).map_err(anyhow::Error::new)?;
        let module = Module::of(&name, module.artifact)?;
        if let Some(import) = module.imports.first() {
            left_out.push(format!("{name}: it imports {}.{}", import.module, import.name));
            continue;
        }
        let line = u32::try_from(rows.len()).map_err(anyhow::Error::new)?;
        let number = bundle.module(module.artifact.clone(), align);
        bundle.begin(line, &name, metered.then_some(PLENTY), false).success();
        bundle.instance(line, 0, number, false).success();
        let mut row = Row { name: name.clone(), asked: 1, ..Row::default() };
        for (at, call) in example.call.iter().enumerate() {
            let lack = match call {
                Call { epoch: true, .. } => "the firmware has no epochs",
                Call { fuel: Some(_), .. } if !metered => "no interruption",
                _ => "",
            };
            if !lack.is_empty() {
                left_out.push(format!("{name}: {}: {lack}", call.invoke));
                continue;
            }
            let line = u32::try_from(at + 1).map_err(anyhow::Error::new)?;
            let text = call.given(&setup.source.root)?;
            let steps = step(&mut bundle, line, &module, (call, text.as_deref()), metered);
            row.asked += steps.with_context(|| format!("{name}: {}", call.invoke))?;
        }
        rows.push(row);
    }

    let mut current = None;
    let code = setup.start(&[], &bundle.finish(), |said| match said {
        Said::Record(Record::Begin(name)) => current = rows.iter().position(|row| row.name == name),
        Said::Record(Record::Passed(count)) => {
            if let Some(row) = current.and_then(|at: usize| rows.get_mut(at)) {
                row.passed = count;
            }
        }
        Said::Record(Record::Failed { line, what, text }) => {
            if let Some(row) = current.and_then(|at: usize| rows.get_mut(at)) {
                row.wrong.push(format!("call {line}: {what} {text}"));
            }
        }
        Said::Line(line) => report::say(format_args!("{line}")),
        Said::Record(_) => {}
    })?;
    print(&setup, &rows, &left_out, args)?;
    let all = rows.iter().all(|row| row.wrong.is_empty() && row.passed == row.asked as u64);
    Ok(if all { code } else { 1 })
}

/// A call, and what must come of it; how many steps that are. Text is put into the guest's memory before, as `minplat-tour` does it.
fn step(
    bundle: &mut Writer,
    line: u32,
    module: &Module,
    (call, text): (&Call, Option<&[u8]>),
    metered: bool,
) -> Result<usize> {
    let export = module.exports.iter().find(|export| export.name == call.invoke);
    let Some(ExternKind::Func(FuncType { params, results })) = export.map(|export| &export.kind) else {
        anyhow::bail!("it exports no such function");
    };
    let read = |texts: Vec<&str>, kinds: &[minplat_host::Kind]| -> Result<Vec<Value>> {
        anyhow::ensure!(texts.len() == kinds.len(), "{} values for {} places", texts.len(), kinds.len());
        let values = texts.iter().zip(kinds).map(|(text, kind)| text::parse(text, *kind).map_err(anyhow::Error::msg));
        values.map(|read| read.map(|read| value::number(&read))).collect()
    };
    if metered {
        bundle.fuel(line, call.fuel.unwrap_or(PLENTY));
    }
    let args = match text {
        Some(text) => {
            let len = Value { kind: kind::I32, bits: text.len() as u128 };
            bundle.call(line, 0, "allocate", &[len]).kept(0);
            bundle.write(line, (0, "memory"), 0, text).success();
            vec![Value { kind: kind::KEPT, bits: 0 }, len]
        }
        None => read(call.args.iter().map(String::as_str).collect(), params)?,
    };
    let step = bundle.call(line, 0, &call.invoke, &args);
    if let Some(trap) = &call.trap {
        step.failure(0, u32::MAX, trap);
    } else if let Some(text) = &call.returns {
        step.text(text.as_bytes());
    } else {
        let texts = call.result.as_deref().unwrap_or_default().split_whitespace().collect();
        let wanted = read(texts, results)?.into_iter();
        let patterns: Vec<_> =
            wanted.map(|Value { kind, bits }| Pattern::Bits { kind, mask: u128::MAX, bits }).collect();
        step.values(&patterns);
    }
    Ok(if text.is_some() { 3 } else { 1 })
}

fn print(setup: &Setup<'_>, rows: &[Row], left_out: &[String], args: &Common) -> Result<(), Failure> {
    if args.output.json {
        let rows: Vec<_> = rows
            .iter()
            .map(|row| json!({ "name": row.name, "asked": row.asked, "passed": row.passed, "wrong": row.wrong }))
            .collect();
        let (port, platform) = (&setup.port.name, setup.platform.name());
        let all = json!({ "port": port, "platform": platform, "examples": rows, "left_out": left_out });
        return report::print(&format!("{all}\n"));
    }
    let mut text = String::new();
    for row in rows {
        text += &format!("{:<16}{} of {}\n", row.name, row.passed, row.asked);
        for wrong in &row.wrong {
            text += &format!("  {wrong}\n");
        }
    }
    let (passed, asked) =
        (rows.iter().map(|row| row.passed).sum::<u64>(), rows.iter().map(|row| row.asked).sum::<usize>());
    text += &format!(
        "{} as {}: {} examples, {passed} of {asked} answers as they should be, {} left out\n",
        setup.port.name,
        setup.platform.name(),
        rows.len(),
        left_out.len()
    );
    report::print(&text)?;
    if !args.output.quiet {
        for why in left_out {
            report::say(format_args!("left out: {why}"));
        }
    }
    Ok(())
}
