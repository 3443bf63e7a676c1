//! What the tests share: every port of the checkout, and bundles that run on it.
#![allow(dead_code, reason = "each test uses a part of it")]

/// What stacks are, from the ports themselves.
#[path = "../../../../ports/aarch64-virt/src/stacks.rs"]
pub(crate) mod aarch64_virt;
#[path = "../../../../ports/cortex-m4/src/stacks.rs"]
pub(crate) mod cortex_m4;
pub(crate) mod debugger;
#[path = "../../../../ports/riscv32-virt/src/stacks.rs"]
pub(crate) mod riscv32_virt;
pub(crate) mod sizes;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Once;
use std::time::{Duration, Instant};

use minplat_builder::interrupt;
use minplat_builder::progress::Detail;
use minplat_builder::source::Source;
use minplat_bundle::{Pattern, Value, Writer, value::kind};
use minplat_compiler::{Compiler, Options};
use minplat_platform::Platform;
use minplat_qemu::firmware::{self, Order};
use minplat_qemu::machine::{self, Said};
use minplat_qemu::port::Port;
use minplat_qemu::record::Record;

/// Whether machines are to be started: CI says so, and does so in a step of its own.
pub(crate) fn wanted(test: &str) -> bool {
    if std::env::var_os("MINPLAT_TEST_PORTS").is_some_and(|ports| ports == "none") {
        return false;
    }
    let wanted = std::env::var_os("MINPLAT_TEST_DEVICE").is_some_and(|value| !value.is_empty());
    if !wanted {
        eprintln!("{test}: skipped; set up QEMU with ./build.sh qemu, and run the test with MINPLAT_TEST_DEVICE=1");
    }
    static WATCH: Once = Once::new();
    // Machines end with this program.
    WATCH.call_once(|| interrupt::watch().unwrap());
    wanted
}

/// How long a machine may take for one test.
pub(crate) fn limit() -> machine::Options<'static> {
    machine::Options { time_out: Some(Duration::from_secs(300)), ..machine::Options::default() }
}

pub(crate) fn checkout() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Where libraries are, for this process and for those that it starts.
pub(crate) fn artifacts() -> PathBuf {
    let given = std::env::var_os("MINPLAT_ARTIFACTS").filter(|dir| !dir.is_empty());
    given.map_or_else(|| checkout().join("artifacts"), PathBuf::from)
}

/// Asks again and again until there is an answer.
#[track_caller]
pub(crate) fn wait_for<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        match ask() {
            Some(answer) => return answer,
            None if begin.elapsed() > Duration::from_secs(60) => panic!("waited a minute for {what}"),
            None => std::thread::sleep(Duration::from_millis(50)),
        }
    }
}

/// Runs the tool in the checkout.
pub(crate) fn tool(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_minplat-qemu"));
    command.args(args).current_dir(checkout()).env("MINPLAT_ARTIFACTS", artifacts()).output().unwrap()
}

/// What it printed, if all was well.
#[track_caller]
pub(crate) fn printed(args: &[&str]) -> String {
    let output = tool(args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Every port, or those that $MINPLAT_TEST_PORTS names, with commas between; `none` is no name.
pub(crate) fn ports() -> Vec<Port> {
    let mut ports = Port::all(&Source::find(Some(&checkout())).unwrap()).unwrap();
    assert!(ports.len() >= 2, "{ports:?}");
    if let Some(named) = std::env::var("MINPLAT_TEST_PORTS").ok().filter(|named| named != "none") {
        let named: Vec<_> = named.split(',').collect();
        let unknown = named.iter().find(|name| !ports.iter().any(|port| port.name == **name));
        assert_eq!(unknown, None, "MINPLAT_TEST_PORTS: there is no such port");
        ports.retain(|port| named.contains(&port.name.as_str()));
    }
    ports
}

/// Whether no port was left out.
pub(crate) fn are_all() -> bool {
    std::env::var_os("MINPLAT_TEST_PORTS").is_none()
}

/// The shipped platform of x86_64 that counts fuel.
pub(crate) const METERED: &str = "x86_64-minplat-metered";

/// Of a port that delivers traps the platform with everything that is tried on it besides: platform checks, threads where the port has
/// them, and fuel where no shipped platform of the machine counts it. `setup/jobs.sh` has its library built.
pub(crate) fn everything(port: &Port) -> Option<String> {
    let platforms: Vec<_> = port.about.platforms.iter().map(|name| Bench::of(port, name).platform).collect();
    let traps = platforms.iter().find(|platform| platform.settings().traps)?;
    let threads = platforms.iter().any(|platform| platform.settings().multi_thread);
    let threads = if threads { "+offers.multi-thread=true" } else { "" };
    let fuel = if port.platform(Some(METERED)).is_ok() { "" } else { "+wasm.interruption=fuel" };
    Some(format!("{}{threads}+build.platform-checks=true{fuel}", traps.name()))
}

/// Bytes of the Cortex-M4's stacks and guard.
pub(crate) const CORTEX_M4_STACKS: u64 = cortex_m4::MAIN + cortex_m4::PROCESS + cortex_m4::GUARD;

/// A guest that adds.
pub(crate) const ADD: &str =
    "(module (func (export \"add\") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))";

/// An i32, as an argument.
pub(crate) fn number(bits: u128) -> Value {
    Value { kind: kind::I32, bits }
}

/// An i32, as what a result must be.
pub(crate) fn is(bits: u128) -> Pattern {
    Pattern::Bits { kind: kind::I32, mask: u128::MAX, bits }
}

/// How many steps passed, in all stores.
pub(crate) fn passed(said: &[Said]) -> u64 {
    let counts = said.iter().filter_map(|said| match said {
        Said::Record(Record::Passed(passed)) => Some(passed),
        _ => None,
    });
    counts.sum()
}

/// A guest's artifact for a platform.
pub(crate) fn compile(platform: &Platform, text: &str) -> Vec<u8> {
    let input = minplat_compiler::input::from_bytes("test", None, text.as_bytes().to_vec()).unwrap();
    let compiler = Compiler::new(platform, Options::default()).unwrap();
    compiler.compile("test", &input.wasm).unwrap().artifact
}

/// A port that can run bundles.
pub(crate) struct Bench {
    pub(crate) port: Port,
    pub(crate) platform: Platform,
    source: Source,
}

impl Bench {
    pub(crate) fn new(port: &Port) -> Self {
        Self::of(port, &port.about.platforms[0])
    }

    /// With another of its platforms.
    pub(crate) fn of(port: &Port, platform: &str) -> Self {
        let platform = port.platform(Some(platform)).unwrap();
        Self { port: port.clone(), platform, source: Source::find(Some(&checkout())).unwrap() }
    }

    pub(crate) fn compile(&self, text: &str) -> Vec<u8> {
        compile(&self.platform, text)
    }

    pub(crate) fn is_metered(&self) -> bool {
        self.platform.settings().interruption == minplat_platform::settings::Interruption::Fuel
    }

    /// The firmware's file, with modules linked in.
    pub(crate) fn firmware(&self, linked: &[Vec<u8>]) -> PathBuf {
        self.build(linked, false)
    }

    /// The firmware's file, whole or lean.
    pub(crate) fn build(&self, linked: &[Vec<u8>], lean: bool) -> PathBuf {
        let called = self.platform.name();
        let order = Order {
            source: &self.source,
            port: &self.port,
            platform: &self.platform,
            called,
            linked,
            lean,
            detail: Detail::Quiet,
        };
        firmware::build(&order).unwrap()
    }

    /// Runs a bundle; gives what the machine said, and the firmware's code.
    #[track_caller]
    pub(crate) fn run(&self, firmware: &Path, bundle: Writer) -> (Vec<Said>, u8) {
        self.start(firmware, &bundle.finish())
    }

    /// The same with any bytes in the place of a bundle.
    #[track_caller]
    pub(crate) fn start(&self, firmware: &Path, bundle: &[u8]) -> (Vec<Said>, u8) {
        let mut said = Vec::new();
        let code = machine::run(&self.port, firmware, bundle, limit(), |word| said.push(word)).unwrap();
        (said, code)
    }
}
