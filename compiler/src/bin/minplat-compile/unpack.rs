//! `minplat-compile --unpack`.

use std::io::Read as _;
use std::path::Path;

use minplat_compiler::{Refusal, output, packing};

use crate::args::Args;
use crate::run::Stop;

/// Expands the one input into the file that was named.
pub(crate) fn unpack(args: &Args) -> Result<(), Stop> {
    let ([input], Some(to)) = (&args.inputs[..], &args.output) else {
        return Err(Stop::Usage("--unpack takes one packed artifact, and -o FILE for what comes out".into()));
    };
    let (name, packed) = read(input)?;
    output::write(to, &packing::unpack(&name, &packed)?)?;
    Ok(())
}

/// The file's name for messages, and its bytes; `-` is standard input.
fn read(path: &Path) -> Result<(String, Vec<u8>), Refusal> {
    if path.as_os_str() != "-" {
        let bytes = std::fs::read(path).map_err(|error| Refusal::io("read", path, &error))?;
        return Ok((path.display().to_string(), bytes));
    }
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes).map_err(|error| Refusal::io("read", path, &error))?;
    Ok(("<stdin>".into(), bytes))
}
