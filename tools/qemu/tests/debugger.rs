//! Machines with a debugger at them: one that waits, and one whose stack runs over. With MINPLAT_TEST_DEVICE=1: it takes built
//! libraries, and builds firmware.

mod common;

use std::process::{Command, Stdio};
use std::time::Duration;

use common::debugger::{Debugger, free_address};
use common::{Bench, are_all, artifacts, checkout, ports, printed, wanted};
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
        other => panic!(
            "nothing is known of the registers of {other}: add an arm to `core` with the bytes of one, and the numbers that gdb has for its \
             stack pointer and program counter; then look at the other matches of this file"
        ),
    }
}

/// The address of a symbol of the firmware.
fn symbol(elf: &object::File<'_>, name: &str) -> u64 {
    let symbol = elf.symbols().find(|symbol| symbol.name() == Ok(name));
    symbol.unwrap_or_else(|| panic!("the firmware has no {name}")).address()
}

/// The address of a function with these parts in its mangled name.
fn symbol_of(elf: &object::File<'_>, parts: &[&str]) -> u64 {
    let is = |name: &str| parts.iter().all(|part| name.contains(part));
    let symbol = elf.symbols().find(|symbol| symbol.name().is_ok_and(is));
    symbol.unwrap_or_else(|| panic!("the firmware has no {parts:?}")).address()
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

/// What machines run here.
struct Guest<'a> {
    bench: &'a Bench,
    /// On a task of its own.
    on_task: bool,
}

impl Guest<'_> {
    fn bundle(&self) -> Vec<u8> {
        let mut bundle = Writer::default();
        let module = bundle.module(self.bench.compile("(module (func (export \"run\")))"), 4096);
        if self.on_task {
            bundle.together(0, 1);
        }
        bundle.begin(1, "a guest", None, false).success();
        bundle.instance(2, 0, module, false).success();
        bundle.call(3, 0, "run", &[]).success();
        bundle.finish()
    }

    /// Starts the machine, has the debugger run it to where the library makes an instance and do harm there, and lets it go on; gives
    /// the error.
    #[track_caller]
    fn harm(&self, harm: impl FnOnce(&mut Debugger, &object::File<'_>)) -> String {
        self.debug(|debugger, elf| {
            debugger.run_to(code(&self.bench.port, symbol(elf, "minplat_linker_instantiate")));
            harm(debugger, elf);
        })
    }

    /// Starts the machine with a debugger at it, and lets it go on after that; gives the error.
    #[track_caller]
    fn debug(&self, debug: impl FnOnce(&mut Debugger, &object::File<'_>)) -> String {
        let (port, bundle, firmware) = (&self.bench.port, self.bundle(), self.bench.firmware(&[]));
        let bytes = std::fs::read(&firmware).unwrap();
        let elf = object::File::parse(&*bytes).unwrap();
        let address = free_address();
        let ended = std::thread::scope(|scope| {
            let machine = scope.spawn(|| {
                // Not for as long as others: a debugger that fails leaves a machine that waits.
                let options =
                    Options { debugger: Some(&address), time_out: Some(Duration::from_secs(60)), counts: false };
                machine::run(port, &firmware, &bundle, options, |_| ())
            });
            let mut debugger = Debugger::new(&address);
            debug(&mut debugger, &elf);
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
}

/// Where a function's first instruction is: the lowest bit of its address may say that it is Thumb's.
fn code(port: &Port, function: u64) -> u64 {
    if port.name == "cortex-m4" { function & !1 } else { function }
}

/// On the firmware's own stack, and the port's first platform.
fn guest(bench: &Bench) -> Guest<'_> {
    Guest { bench, on_task: false }
}

#[test]
fn a_stack_of_the_firmware_that_runs_over_is_told() {
    if !wanted("the stack") {
        return;
    }
    for port in ports() {
        let (size, sp, _) = core(&port.name);
        let error = guest(&Bench::new(&port)).harm(|debugger, elf| {
            let lowest = match port.name.as_str() {
                "cortex-m4" => symbol(elf, "_stack_start") - common::CORTEX_M4_STACKS + common::cortex_m4::GUARD,
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
fn a_stack_of_a_task_that_runs_over_is_told() {
    if !wanted("a task's stack") {
        return;
    }
    let mut tried = 0;
    for port in ports() {
        let benches = port.about.platforms.iter().map(|platform| Bench::of(&port, platform));
        for bench in benches.filter(|bench| bench.platform.settings().multi_thread) {
            let (size, sp, _) = core(&port.name);
            let error = Guest { bench: &bench, on_task: true }.debug(|debugger, elf| {
                // The first instruction of a task has all of its stack.
                debugger.run_to(code(&port, symbol_of(elf, &["5tasks", "5begin"])));
                let top = debugger.register(sp, size);
                let lowest = match port.name.as_str() {
                    "cortex-m4" => symbol_of(elf, &["5tasks", "6STACKS"]) + common::cortex_m4::GUARD,
                    "aarch64-virt" => top - common::aarch64_virt::TASK as u64,
                    other => panic!(
                        "nothing is known of the stacks of tasks of {other}: add an arm with the first one's end"
                    ),
                };
                debugger.run_to(code(&port, symbol(elf, "minplat_linker_instantiate")));
                let now = debugger.register(sp, size);
                assert!((lowest..top).contains(&now), "{}: {now:#x} is not on the task's stack", port.name);
                debugger.set_register(sp, size, lowest + 64 + now % 16);
            });
            assert!(error.contains("\n  fault: the stack ran over"), "{error}");
            tried += 1;
        }
    }
    assert!(tried >= 2 || !are_all(), "{tried} ports have tasks");
}

#[test]
fn code_of_the_firmware_cannot_be_written() {
    if !wanted("a store") {
        return;
    }
    for port in ports() {
        let (size, _, pc) = core(&port.name);
        // The registers of the first three arguments, and what is told of a store to a page that is there and cannot be written.
        let (arguments, told) = match port.name.as_str() {
            "aarch64-virt" => ([0, 1, 2], "fault: syndrome 0x9600004"),
            "riscv64-virt" => ([10, 11, 12], "fault: cause 15, value "),
            "x86_64-qemu" => ([5, 4, 3], "fault: exception 14, code 0x3, address "),
            // Without page tables, code is where the board has it: in flash, which these emulators let be written.
            _ => continue,
        };
        let mut target = 0;
        let error = guest(&Bench::new(&port)).harm(|debugger, elf| {
            target = symbol(elf, "minplat_linker_instantiate") & !15;
            for (register, value) in arguments.into_iter().zip([target, 0, 16]) {
                debugger.set_register(register, size, value);
            }
            debugger.set_register(pc, size, symbol(elf, "memset"));
        });
        assert!(error.contains(&format!("\n  {told}")) && error.contains(&format!("{target:#x}")), "{error}");
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
        let error = guest(&Bench::new(&port)).harm(|debugger, _| {
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
