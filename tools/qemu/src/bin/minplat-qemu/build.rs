//! `minplat-qemu PORT build`.

use serde_json::json;

use crate::args::Common;
use crate::report::{self, Failure};
use crate::setup::Setup;

pub(crate) fn build(port: &str, args: &Common) -> Result<u8, Failure> {
    let setup = Setup::new(port, args)?;
    let elf = setup.build(&[])?.display().to_string();
    let text = if args.output.json {
        json!({ "port": setup.port.name, "platform": setup.platform.name(), "firmware": elf }).to_string()
    } else {
        elf
    };
    report::print(&format!("{text}\n"))?;
    Ok(0)
}
