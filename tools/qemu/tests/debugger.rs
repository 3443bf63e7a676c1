//! Machines with a debugger at them: one that waits, and one whose stack runs over. With MINPLAT_TEST_DEVICE=1: it takes built
//! libraries, and builds firmware.

mod common;

use std::process::{Command, Stdio};
use std::time::Duration;

use common::debugger::{Debugger, free_address};
use common::{Bench, artifacts, checkout, ports, printed, wanted};
use minplat_bundle::Writer;
use minplat_qemu::machine::{self, Options};
use minplat_qemu::port::Port;
use object::{Object as _, ObjectSymbol as _};

/// What a core has: bytes of a register, and which ones are the stack pointer and the program counter.
fn core(port: &str) -> (usize, usize, usize) {
    match port {
        "cortex-m4" => (4, 13, 15),
        "riscv32-virt" => (4, 2, 32),
        "riscv64-virt" => (8, 2, 32),
        "aarch64-virt" => (8, 31, 32),
        "x86_64-qemu" => (8, 7, 16),
        other => panic!("what are the registers of {other}?"),
    }
}

/// The address of a symbol of the firmware.
fn symbol(elf: &object::File<'_>, name: &str) -> u64 {
    let symbol = elf.symbols().find(|symbol| symbol.name() == Ok(name));
    symbol.unwrap_or_else(|| panic!("the firmware has no {name}")).address()
}

#[test]
fn a_machine_waits_for_its_debugger_and_runs_then() {
    if !wanted("a debugger") {
        return;
    }
    for port in ports() {
        let (size, _, pc) = core(&port.name);
        let firmware = printed(&[&port.name, "build"]);
        let elf = std::fs::read(firmware.trim()).unwrap();
        let entry = object::File::parse(&*elf).unwrap().entry();
        let address = free_address();
        let mut tool = Command::new(env!("CARGO_BIN_EXE_minplat-qemu"))
            .args([&port.name, "run", &format!("--gdb={address}"), "examples/add.wat", "--invoke", "add", "2", "3"])
            .current_dir(checkout())
            .env("MINPLAT_ARTIFACTS", artifacts())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut debugger = Debugger::new(&address);
        let state = debugger.ask("?");
        assert!(state.starts_with("T05") || state.starts_with("S05"), "{}: {state}", port.name);
        // Before the first instruction: where the core begins, which on some is a few instructions of QEMU's own.
        let begins = match port.name.as_str() {
            "riscv32-virt" | "riscv64-virt" => 0x1000,
            "x86_64-qemu" => 0xfff0,
            "cortex-m4" => entry & !1,
            _ => entry,
        };
        assert_eq!(debugger.register(pc, size), begins, "{}", port.name);
        assert!(tool.try_wait().unwrap().is_none(), "{} has not waited", port.name);
        debugger.send("c");
        let output = tool.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(
            (String::from_utf8_lossy(&output.stdout).as_ref(), output.status.code()),
            ("5\n", Some(0)),
            "{said}"
        );
        assert!(said.contains(&format!("target remote {address}")), "{said}");
    }
}

/// Runs a machine to where the library makes an instance, has the debugger do harm there, and lets it go on; gives the error.
#[track_caller]
fn harm(port: &Port, harm: impl FnOnce(&mut Debugger, &object::File<'_>)) -> String {
    let bench = Bench::new(port);
    let mut bundle = Writer::default();
    let module = bundle.module(bench.compile("(module (func (export \"run\")))"), 4096);
    bundle.begin(1, "a guest", None, false).success();
    bundle.instance(2, 0, module, false).success();
    bundle.call(3, 0, "run", &[]).success();
    let (bundle, firmware) = (bundle.finish(), bench.firmware(&[]));
    let bytes = std::fs::read(&firmware).unwrap();
    let elf = object::File::parse(&*bytes).unwrap();
    let address = free_address();
    let ended = std::thread::scope(|scope| {
        let machine = scope.spawn(|| {
            // Not for as long as others: a debugger that fails leaves a machine that waits.
            let options = Options { debugger: Some(&address), time_out: Some(Duration::from_secs(60)), counts: false };
            machine::run(port, &firmware, &bundle, options, |_| ())
        });
        let mut debugger = Debugger::new(&address);
        let function = symbol(&elf, "minplat_linker_instantiate");
        // The lowest bit of an address says that it is Thumb's.
        debugger.run_to(if port.name == "cortex-m4" { function & !1 } else { function });
        harm(&mut debugger, &elf);
        debugger.send("c");
        machine.join().unwrap()
    });
    let error = ended.expect_err(&port.name).to_string();
    // The device that ends this machine doubles the code.
    let code = if port.name == "x86_64-qemu" { 203 } else { 101 };
    let begin = format!("{} crashed: QEMU ended with exit status: {code}", port.name);
    assert!(error.starts_with(&begin), "{error}");
    error
}

#[test]
fn a_stack_of_the_firmware_that_runs_over_is_told() {
    if !wanted("the stack") {
        return;
    }
    for port in ports() {
        let (size, sp, _) = core(&port.name);
        let error = harm(&port, |debugger, elf| {
            let lowest = match port.name.as_str() {
                "cortex-m4" => symbol(elf, "_stack_start") - common::cortex_m4::STACKS + common::cortex_m4::GUARD,
                "riscv32-virt" => symbol(elf, "_stack_start") - common::riscv32_virt::STACK,
                _ => symbol(elf, "stack_bottom"),
            };
            let now = debugger.register(sp, size);
            assert!((lowest..lowest + (1 << 20)).contains(&now), "{}: {now:#x} is not on its stack", port.name);
            // As if the calls before had left 64 bytes, aligned as it is.
            debugger.set_register(sp, size, lowest + 64 + now % 16);
        });
        assert!(error.contains("\n  fault: the stack ran over"), "{error}");
    }
}

#[test]
fn firmware_that_goes_astray_is_told() {
    if !wanted("a jump") {
        return;
    }
    for port in ports() {
        let (size, sp, pc) = core(&port.name);
        // To data, where pages say that it is no code; else to where there is nothing.
        let nowhere = |debugger: &mut Debugger| match port.name.as_str() {
            "cortex-m4" => 0xf000_0000,
            "riscv32-virt" => 0x7000_0000,
            _ => debugger.register(sp, size) & !15,
        };
        let error = harm(&port, |debugger, _| {
            let to = nowhere(debugger);
            debugger.set_register(pc, size, to);
        });
        let told = match port.name.as_str() {
            // IACCVIOL: code is not fetched from there.
            "cortex-m4" => "fault: status 0x1 at 0xf0000000",
            // Nobody answers: that reads as ones, which are no instruction.
            "riscv32-virt" => "fault: cause 2 at 0x70000000, address 0xffffffff",
            "riscv64-virt" => "fault: cause 12, value 0x",
            "aarch64-virt" => "fault: syndrome 0x8600000f, address 0x",
            _ => "fault: exception 14, code 0x11, address 0x",
        };
        assert!(error.contains(&format!("\n  begin\ta guest\n  {told}")), "{error}");
    }
}
