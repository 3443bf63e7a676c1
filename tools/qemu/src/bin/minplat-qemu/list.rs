//! `minplat-qemu list`.

use minplat_builder::source::Source;
use minplat_qemu::port::Port;
use serde_json::json;

use crate::args::List;
use crate::report::{self, Failure};

pub(crate) fn list(args: &List) -> Result<u8, Failure> {
    let ports = Port::all(&Source::find(None)?)?;
    let text = if args.json {
        let ports: Vec<_> = ports
            .iter()
            .map(|port| json!({ "port": port.name, "summary": port.about.summary, "platforms": port.about.platforms }))
            .collect();
        format!("{}\n", json!({ "ports": ports }))
    } else {
        ports
            .iter()
            .map(|port| format!("{:<16}{}: {}\n", port.name, port.about.summary, port.about.platforms.join(", ")))
            .collect()
    };
    report::print(&text)?;
    Ok(0)
}
