//! `minplat-compile --unpack`.

use minplat_compiler::{input, output, packing};

use crate::args::Args;
use crate::run::Stop;

/// Expands the one input into the file that was named.
pub(crate) fn unpack(args: &Args) -> Result<(), Stop> {
    let ([packed], Some(to)) = (&args.inputs[..], &args.output) else {
        return Err(Stop::Usage("--unpack takes one packed artifact, and -o FILE for what comes out".into()));
    };
    let (name, packed) = input::file(packed)?;
    output::write(to, &packing::unpack(&name, &packed)?)?;
    Ok(())
}
