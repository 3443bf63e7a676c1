//! `minplat-host run`.

use std::io::Read as _;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use minplat_host::library::platform_file;
use minplat_host::platform::Failing;
use minplat_host::{Artifact, find_library, guest_thread, platform};
use minplat_platform::Platform;

use crate::args::Run;
use crate::crash;
use crate::guest_run::{self, Modules};
use crate::report::{Failure, Report, Voice};
use crate::watch;

/// What wasm may use of the stack where no platform file lies beside the library: more than any platform of ours.
const NATIVE_STACK: u64 = 8 << 20;

pub(crate) fn run(args: &Run) -> ExitCode {
    let voice = Voice(args.output);
    let mut report = Report {
        voice,
        file: shown(&args.file),
        platform: None,
        library: None,
        function: None,
        results: Vec::new(),
        failure: None,
        stats: None,
    };
    if let Err(failure) = prepare_and_run(args, &mut report) {
        report.failure = Some(failure);
    }
    ExitCode::from(report.print())
}

fn prepare_and_run(args: &Run, report: &mut Report) -> Result<(), Failure> {
    let main = if args.file.as_os_str() == "-" { from_stdin()? } else { Artifact::read(&args.file)? };
    report.platform = Some(main.platform().to_owned());
    let preload = args.preload.iter().map(|(name, file)| {
        let artifact = Artifact::read(file)?;
        Ok((name.clone(), file.display().to_string(), artifact))
    });
    let modules = Modules { preload: preload.collect::<Result<_, Failure>>()?, main };
    let library = match &args.library {
        Some(library) => library.clone(),
        None => find_library(modules.main.platform(), None)?,
    };
    report.library = Some(library.display().to_string());

    platform::set_memory_limit(args.memory_limit);
    platform::set_trace(args.trace);
    if args.fail.iter().any(|fault| fault.what == Failing::Heap) {
        platform::heap::lend();
    }
    platform::set_faults(args.fail.clone());
    watch::deadline(args.deadline.map(Duration::from_millis), report.clone(), args.stats);
    if args.output.json {
        crash::prepare(report);
    }

    let stack = native_stack(&library)?;
    let (done, outcome) = guest_thread::run(stack, || {
        let mut report = report.clone();
        let outcome = guest_run::guest_run(args, &library, &modules, &mut report);
        (report, outcome)
    })
    .map_err(|error| Failure::plain(format!("no thread with {stack} bytes of stack for the guest: {error}")))?;
    *report = done;
    outcome
}

/// What a file is called in what is printed.
fn shown(file: &Path) -> String {
    if file.as_os_str() == "-" { "standard input".into() } else { file.display().to_string() }
}

fn from_stdin() -> anyhow::Result<Artifact> {
    let mut contents = Vec::new();
    std::io::stdin().lock().read_to_end(&mut contents).context("cannot read standard input")?;
    Artifact::parse("standard input", &contents)
}

/// Bytes of stack that the library's platform promises to wasm: from the platform file beside it, if there is one.
fn native_stack(library: &Path) -> Result<usize, Failure> {
    let promised = match platform_file(library) {
        Some(file) => {
            let name = file.display().to_string();
            let platform = Platform::load(&name, &[]).map_err(|error| Failure::plain(error.to_string()))?;
            platform.settings().native_stack.max(NATIVE_STACK)
        }
        None => NATIVE_STACK,
    };
    usize::try_from(promised).map_err(|_| Failure::plain(format!("this machine has no stack of {promised} bytes")))
}
