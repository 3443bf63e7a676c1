//! From the command line to jobs: which input becomes which files. Everything that can be refused before a module is
//! read is refused here.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use minplat_compiler::emit::identifier;
use minplat_compiler::{input, output};

use crate::args::{Args, Emit};
use crate::run::Stop;

/// One module to compile.
#[derive(Debug)]
pub(crate) struct Job {
    /// The input; `-` for standard input.
    pub(crate) input: PathBuf,
    /// The file to write; `-` for standard output.
    pub(crate) output: PathBuf,
    /// The debug file to write.
    pub(crate) debug_file: Option<PathBuf>,
    /// The C header to write.
    pub(crate) header: Option<PathBuf>,
    /// The output's stem, for symbols and names.
    pub(crate) stem: String,
}

impl Job {
    /// The artifact beside a Rust file.
    pub(crate) fn artifact_beside(&self) -> PathBuf {
        self.output.with_extension("cwasm")
    }
}

/// Plans the jobs, in the order in which they are reported.
pub(crate) fn plan(args: &Args) -> Result<Vec<Job>, Stop> {
    let usage = |what: String| Err(Stop::Usage(what));
    if args.inputs.is_empty() {
        return usage("no input: name a .wat or .wasm file, - for standard input, or --list-platforms".into());
    }
    // Each input with its place below the directory that was named.
    let mut inputs: Vec<(PathBuf, PathBuf)> = Vec::new();
    for named in &args.inputs {
        if args.recursive && named.is_dir() {
            let found = input::below(named).map_err(|e| Stop::Failed(e.into()))?;
            if found.is_empty() {
                return Err(Stop::Failed(anyhow::anyhow!("{}: holds no .wat or .wasm file", named.display())));
            }
            inputs.extend(found.into_iter().map(|path| {
                let below = path.strip_prefix(named).unwrap_or(&path).to_owned();
                (path, below)
            }));
        } else {
            input::refuse_directory(named).map_err(|e| Stop::Failed(e.into()))?;
            let below = named.file_name().map_or_else(|| named.clone(), PathBuf::from);
            inputs.push((named.clone(), below));
        }
    }
    if inputs.iter().filter(|(path, _)| path.as_os_str() == "-").count() > 1 {
        return usage("standard input (-) can be read once only".into());
    }

    let several = inputs.len() > 1 || args.recursive;
    let to_stdout = args.output.as_deref().is_some_and(|o| o.as_os_str() == "-");
    if several && to_stdout {
        return usage("several modules cannot go to standard output: name a directory with -o".into());
    }
    if to_stdout && (args.emit == Emit::Rust || args.json) {
        return usage("-o - gives standard output to one artifact: it goes with neither --emit rust nor --json".into());
    }
    let for_obj = args.section.is_some() || args.symbol.is_some() || args.copied || args.header.is_some();
    if args.emit != Emit::Obj && for_obj {
        return usage("--section, --symbol, --copied and --header belong to --emit obj".into());
    }
    if several && args.symbol.is_some() {
        return usage("--symbol names the symbols of one module; compile each by itself".into());
    }
    if args.pack && !(args.emit == Emit::Cwasm || args.emit == Emit::Obj && args.copied) {
        return usage(
            "a packed module is not used where it lies: --pack goes with --emit cwasm, or with --emit obj --copied"
                .into(),
        );
    }
    for (option, name) in [("--section", &args.section), ("--symbol", &args.symbol)] {
        if name.as_ref().is_some_and(|name| name.is_empty() || name.contains('\0')) {
            return usage(format!("{option} needs a name"));
        }
    }
    if let Some(symbol) = args.symbol.as_ref().filter(|symbol| *symbol != &identifier(symbol)) {
        return usage(format!(
            "--symbol {symbol:?} is no C identifier, so no program could name the symbols: give letters, digits and \
             underscores, no digit first, as in {}",
            identifier(symbol)
        ));
    }

    let is_directory = |path: &Path| several || path.is_dir() || ends_with_slash(path);
    let mut jobs = Vec::new();
    for (path, below) in inputs {
        let from_stdin = path.as_os_str() == "-";
        let with_extension = |dir: &Path, extension: &str| {
            let below = if from_stdin { Path::new("stdin") } else { &below };
            dir.join(below).with_extension(extension)
        };
        let output = match &args.output {
            Some(to) if is_directory(to) && !to_stdout => with_extension(to, args.emit.extension()),
            Some(to) => to.clone(),
            None if args.check => PathBuf::from("-"),
            None if from_stdin => {
                return usage("standard input has no name to derive an output from: give -o FILE, or -o -".into());
            }
            None => path.with_extension(args.emit.extension()),
        };
        let debug_file = args.debug_file.as_ref().map(|to| match is_directory(to) {
            true => with_extension(to, "debug"),
            false => to.clone(),
        });
        let header = args.header.as_ref().map(|to| match is_directory(to) {
            true => with_extension(to, "h"),
            false => to.clone(),
        });
        let named = if output.as_os_str() == "-" { &path } else { &output };
        let stem = named.file_stem().map_or_else(|| "module".into(), |stem| stem.to_string_lossy().into_owned());
        let stem = if stem == "-" { "stdin".into() } else { stem };
        jobs.push(Job { input: path, output, debug_file, header, stem });
    }
    if !args.check {
        refuse_collisions(args, &jobs)?;
        make_directories(args, &jobs)?;
    }
    Ok(jobs)
}

/// Two outputs in one place, or an output in the place of an input, would lose something.
fn refuse_collisions(args: &Args, jobs: &[Job]) -> Result<(), Stop> {
    let mut taken: BTreeMap<PathBuf, String> = BTreeMap::new();
    for job in jobs.iter().filter(|job| job.input.as_os_str() != "-") {
        taken.insert(absolute(&job.input), format!("the input {}", job.input.display()));
    }
    let mut take = |path: &Path, what: String| {
        if path.as_os_str() == "-" || output::is_special(path) {
            return Ok(());
        }
        match taken.insert(absolute(path), what.clone()) {
            None => Ok(()),
            Some(before) => Err(Stop::Usage(format!(
                "{what} would be written over {before}: {}; give -o another place",
                path.display()
            ))),
        }
    };
    for job in jobs {
        take(&job.output, format!("the output of {}", job.input.display()))?;
        if args.emit == Emit::Rust {
            take(&job.artifact_beside(), format!("the artifact of {}", job.input.display()))?;
        }
        if let Some(path) = &job.debug_file {
            take(path, format!("the debug file of {}", job.input.display()))?;
        }
        if let Some(path) = &job.header {
            take(path, format!("the header of {}", job.input.display()))?;
        }
    }
    match &args.depfile {
        Some(path) => take(path, "the depfile".into()),
        None => Ok(()),
    }
}

/// The directories that the user named as such; a missing directory of a named file is an error later.
fn make_directories(args: &Args, jobs: &[Job]) -> Result<(), Stop> {
    let several = jobs.len() > 1 || args.recursive;
    let make = |named: &Option<PathBuf>, file: &Path| match named {
        Some(to) if to.as_os_str() != "-" && (several || ends_with_slash(to)) => {
            let directory = file.parent().unwrap_or_else(|| Path::new(""));
            output::make_directory(directory).map_err(|e| Stop::Failed(e.into()))
        }
        _ => Ok(()),
    };
    for job in jobs {
        make(&args.output, &job.output)?;
        if let Some(path) = &job.debug_file {
            make(&args.debug_file, path)?;
        }
        if let Some(path) = &job.header {
            make(&args.header, path)?;
        }
    }
    Ok(())
}

fn ends_with_slash(path: &Path) -> bool {
    path.as_os_str().to_string_lossy().ends_with('/')
}

fn absolute(path: &Path) -> PathBuf {
    path.canonicalize().or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.to_owned())
}
