//! `minplat-qemu PORT build`.

use serde_json::json;

use crate::args::Build;
use crate::report::{self, Failure};
use crate::setup::Setup;

pub(crate) fn build(port: &str, args: &Build) -> Result<u8, Failure> {
    let setup = Setup::new(port, &args.common)?;
    if args.lint {
        return lint(&setup, args.common.output.json);
    }
    let elf = setup.build(&[])?.display().to_string();
    let text = if args.common.output.json {
        json!({ "port": setup.port.name, "platform": setup.platform.name(), "firmware": elf }).to_string()
    } else {
        elf
    };
    report::print(&format!("{text}\n"))?;
    Ok(0)
}

fn lint(setup: &Setup<'_>, is_json: bool) -> Result<u8, Failure> {
    setup.lint()?;
    if is_json {
        let text = json!({ "port": setup.port.name, "platform": setup.platform.name(), "clean": true });
        report::print(&format!("{text}\n"))?;
    }
    Ok(0)
}
