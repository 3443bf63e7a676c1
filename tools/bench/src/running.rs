//! An engine that runs: a process with a module, which answers commands.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, anyhow, bail, ensure};

use crate::given::Given;
use crate::peer::Peer;

/// An engine with a module.
pub(crate) struct Running {
    name: String,
    how: How,
}

enum How {
    Process(Box<Process>),
    /// Started anew for every run.
    Given(Given, PathBuf),
}

impl Running {
    /// Starts an engine with a kernel of the folder `kernels`; what is compiled is kept in the folder `compiled`.
    ///
    /// # Errors
    /// It cannot be started, or does not take the module.
    pub(crate) fn start(peer: &Peer, kernels: &Path, kernel: &str, compiled: &Path) -> Result<Self> {
        let module = kernels.join(format!("{kernel}.wasm"));
        let how = match peer {
            Peer::Given(given) => {
                How::Given(given.clone(), given.prepare(&module, &compiled.join(format!("{kernel}.{}", given.name())))?)
            }
            _ => How::Process(Box::new(Process::start(&mut command(peer, kernels, kernel, compiled)?)?)),
        };
        Ok(Self { name: peer.name(), how })
    }

    /// Works so many units, at least two; nanoseconds and checksum.
    ///
    /// # Errors
    /// The engine failed.
    pub(crate) fn run(&mut self, units: i32) -> Result<(f64, i32)> {
        match &mut self.how {
            How::Given(given, module) => {
                let (time, result) = given.run(module, units)?;
                Ok((time.as_nanos() as f64, result))
            }
            How::Process(_) => {
                let [time, result] = self.ask(&format!("run {units}"))?;
                Ok((time, result as i32))
            }
        }
    }

    /// The checksum of so many units, which brings what they need into caches.
    ///
    /// # Errors
    /// The engine failed.
    pub(crate) fn result(&mut self, units: i32) -> Result<i32> {
        match &self.how {
            How::Given(given, module) => given.result(module, units),
            How::Process(_) => Ok(self.run(units)?.1),
        }
    }

    /// Whether it goes on between runs: short ones can be timed, and what one brings in is there for the next.
    pub(crate) fn stays(&self) -> bool {
        matches!(self.how, How::Process(_))
    }

    /// Asks for so many numbers.
    ///
    /// # Errors
    /// The engine failed, or says something else.
    pub(crate) fn ask<const N: usize>(&mut self, question: &str) -> Result<[f64; N]> {
        let How::Process(process) = &mut self.how else { bail!("{} can only run", self.name) };
        let answer = process.ask(question).with_context(|| format!("{} was asked to {question}", self.name))?;
        let numbers: Result<Vec<f64>, _> = answer.split(' ').map(str::parse).collect();
        numbers.ok().and_then(|all| all.try_into().ok()).with_context(|| format!("{} answers {answer:?}", self.name))
    }
}

/// The command that starts an engine.
pub(crate) fn command(peer: &Peer, kernels: &Path, kernel: &str, compiled: &Path) -> Result<Command> {
    if let Some(program) = peer.program(kernels, kernel) {
        // By its name alone: what could not be measured stands in documents.
        let name = program.file_name().unwrap_or_default();
        ensure!(program.is_file(), "{} was not built; tools/bench/kernels/build.sh says why", name.display());
        return Ok(Command::new(program));
    }
    let mut command = Command::new(std::env::current_exe().context("this program has no path")?);
    command.args(["engine", &peer.name()]).arg(kernels.join(format!("{kernel}.wasm")));
    // A platform may be the path of a file.
    command.arg(compiled.join(format!("{kernel}.{}", peer.name().replace('/', "_"))));
    Ok(command)
}

struct Process {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Process {
    fn start(command: &mut Command) -> Result<Self> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", command.get_program().display()))?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else { bail!("no pipes") };
        let mut process = Self { child, input, output: BufReader::new(output) };
        let word = process.line()?;
        ensure!(word == "ready", "it begins with {word:?}");
        Ok(process)
    }

    fn ask(&mut self, question: &str) -> Result<String> {
        // Where it has ended, what it said at last is the reason.
        if writeln!(self.input, "{question}").and_then(|()| self.input.flush()).is_err() {
            return Err(self.last_words());
        }
        self.line()
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        if self.output.read_line(&mut line).context("its answer cannot be read")? == 0 {
            return Err(self.last_words());
        }
        Ok(line.trim_end().to_string())
    }

    fn last_words(&mut self) -> anyhow::Error {
        let mut words = String::new();
        if let Some(mut errors) = self.child.stderr.take() {
            // What cannot be read is not told.
            _ = errors.read_to_string(&mut words);
        }
        let status = self.child.wait().map_or_else(|error| error.to_string(), |status| status.to_string());
        match words.trim().strip_prefix("error: ").unwrap_or(words.trim()) {
            "" => anyhow!("it ended: {status}"),
            words => anyhow!("{words}"),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}
