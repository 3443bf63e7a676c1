//! `minplat-qemu PORT platform` and `check-platform`: the firmware tells what it is linked with, and tries the machine out.

use minplat_bundle::Writer;
use minplat_qemu::machine::Said;
use minplat_qemu::record::Record;
use serde_json::{Value, json};

use crate::args::{Check, Common};
use crate::report::{self, Failure, Problem};
use crate::setup::Setup;

pub(crate) fn platform(port: &str, args: &Common) -> Result<u8, Failure> {
    let setup = Setup::new(port, args)?;
    let mut told = None;
    let code = setup.start(&[], &Writer::default().finish(), |said| {
        if let Said::Record(Record::Platform { name, version, wasmtime, page_size, fingerprint }) = said {
            told = Some((name, version, wasmtime, page_size, fingerprint));
        }
    })?;
    let (name, version, wasmtime, page_size, fingerprint) =
        told.ok_or_else(|| anyhow::anyhow!("{} did not say what it is linked with", setup.port.name))?;
    let text = if args.output.json {
        let port = &setup.port;
        json!({
            "port": port.name, "summary": port.about.summary, "platform": name, "fingerprint": fingerprint,
            "minplat": version, "wasmtime": wasmtime, "page_size": page_size,
        })
        .to_string()
    } else {
        format!(
            "{}: {}\n{name}, fingerprint {fingerprint}\nminplat {version}, Wasmtime {wasmtime}, {}",
            setup.port.name,
            setup.port.about.summary,
            if page_size == 0 { "no pages".into() } else { format!("pages of {page_size} bytes") }
        )
    };
    report::print(&format!("{text}\n"))?;
    Ok(code)
}

pub(crate) fn check(port: &str, args: &Check) -> Result<u8, Failure> {
    if args.common.lean {
        return Err(Failure::Usage("--lean builds firmware without the checks: check-platform goes without it".into()));
    }
    let setup = Setup::new(port, &args.common)?;
    let mut bundle = Writer::default();
    bundle.check(args.only.as_deref().unwrap_or_default());
    let json = args.common.output.json;
    let mut counts = [0; 3];
    let mut rows: Vec<Value> = Vec::new();
    let mut problem = None;
    let code = setup.start(&[], &bundle.finish(), |said| match said {
        Said::Record(Record::Check { outcome, name, meaning, remedy, detail }) => {
            let (index, shown) = match outcome.as_str() {
                "passed" => (0, "passed"),
                "failed" => (1, "FAILED"),
                "unknown" => (2, "not checkable here"),
                _ => return,
            };
            counts[index] += 1;
            if json {
                rows.push(
                    json!({ "name": name, "outcome": outcome, "meaning": meaning, "remedy": remedy, "detail": detail }),
                );
                return;
            }
            let detail = if detail.is_empty() || index == 0 { String::new() } else { format!(": {detail}") };
            let more = if index == 1 { format!("\n  {meaning}\n  {remedy}") } else { String::new() };
            // What is lost here is found out below.
            _ = report::print(&format!("{name:<18}{shown}{detail}{more}\n"));
        }
        Said::Record(Record::Error(told)) => problem = Some(Problem::new(told)),
        Said::Record(Record::Failed { what, text, .. }) => {
            report::say(format_args!("error: the firmware: {what} {text}"));
        }
        Said::Line(line) => report::say(format_args!("{line}")),
        Said::Record(_) => {}
    })?;
    if let Some(problem) = problem {
        return Err(Failure::Host(anyhow::anyhow!("{problem}")));
    }
    let [passed, failed, unknown] = counts;
    let text = if json {
        json!({ "port": setup.port.name, "platform": setup.platform.name(), "checks": rows }).to_string()
    } else {
        format!("{passed} passed, {failed} failed, {unknown} not checkable here")
    };
    report::print(&format!("{text}\n"))?;
    Ok(code)
}
