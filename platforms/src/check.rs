//! Combinations that cannot work, refused before anything is built: what Wasmtime would refuse (or abort on) later, on a
//! device, one at a time.

use std::format;
use std::string::String;
use std::vec::Vec;

use crate::features::{BUILDS_ON, FEATURES};
use crate::keys;
use crate::settings::{Architecture, Code, Interruption, NATIVE_STACK, Settings};
use crate::target::is_64_bit;

/// A combination that cannot work: the key at fault, what is wrong, what to do.
pub(crate) type Finding = (&'static str, String, &'static str);

/// Every combination of these settings that cannot work.
pub(crate) fn findings(s: &Settings) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut refuse = |when: bool, key, what: &str, remedy| {
        if when {
            found.push((key, String::from(what), remedy));
        }
    };
    let native = s.code == Code::Native;
    let wide = is_64_bit(s.architecture);

    // Code
    refuse(native && !wide, "target.code", "Cranelift has no 32-bit back end", "set target.code = \"pulley32\"");
    refuse(s.code == Code::Pulley32 && wide, "target.code", "the machine has 64-bit pointers", "use \"pulley64\"");
    refuse(s.code == Code::Pulley64 && !wide, "target.code", "the machine has 32-bit pointers", "use \"pulley32\"");
    refuse(!native && s.cpu.0 != 0, "target.cpu", "bytecode uses no CPU features", "leave target.cpu out");
    for (feature, needs) in [
        ("ssse3", "sse3"),
        ("sse4.1", "ssse3"),
        ("sse4.2", "sse4.1"),
        ("avx", "sse4.2"),
        ("avx2", "avx"),
        ("fma", "sse3"),
        ("avx512f", "avx2"),
    ] {
        if s.cpu.contains(feature) && !s.cpu.contains(needs) {
            found.push(("target.cpu", format!("{feature} comes only with {needs}"), "add the earlier feature too"));
        }
    }
    let mut refuse = |when: bool, key, what: &str, remedy| {
        if when {
            found.push((key, String::from(what), remedy));
        }
    };
    let x86 = native && s.architecture == Architecture::X86_64;
    let float_in_line = s.cpu.contains("sse4.1") && s.cpu.contains("fma");
    refuse(
        x86 && s.soft_float && !float_in_line,
        "target.cpu",
        "without sse4.1 and fma, rounding and fused operators call library functions with floats in vector registers, and this Rust target passes them in general ones",
        "add \"sse3\", \"ssse3\", \"sse4.1\", \"sse4.2\", \"fma\", or use a Rust target with hard floats",
    );
    let simd = s.features.contains("simd");
    refuse(
        x86 && simd && !(s.cpu.contains("ssse3") && s.cpu.contains("sse4.1")),
        "wasm.simd",
        "on x86_64 vectors need ssse3 and sse4.1",
        "add them to target.cpu, or set wasm.simd and wasm.relaxed-simd to false",
    );
    refuse(
        native && s.architecture == Architecture::Riscv64 && simd && !s.cpu.contains("v"),
        "wasm.simd",
        "on riscv64 vectors need the extension V",
        "add \"v\" to target.cpu, or set wasm.simd and wasm.relaxed-simd to false",
    );
    refuse(
        native && s.architecture == Architecture::Riscv64 && !["m", "a", "f", "d"].iter().all(|x| s.cpu.contains(x)),
        "target.cpu",
        "Wasmtime's code for riscv64 needs the extensions m, a, f and d",
        "start the list with \"rv64gc\"",
    );

    refuse(
        native && s.soft_float && matches!(s.architecture, Architecture::Aarch64 | Architecture::Riscv64),
        "target.rust",
        "Wasmtime's code for aarch64 and riscv64 passes floats in floating-point registers, and this Rust target passes them in general ones",
        "set target.code = \"pulley64\", or name a target with hard floats: aarch64-unknown-none, riscv64gc-unknown-none-elf, or a JSON file with \"llvm-abiname\": \"lp64d\" (riscv64) or without \"-neon\" (aarch64)",
    );

    // Offers
    refuse(s.traps && !native, "offers.traps", "Pulley makes no machine traps", "leave offers.traps out");
    refuse(
        s.traps && !s.virtual_memory,
        "offers.traps",
        "guard pages need virtual memory",
        "set offers.virtual-memory = true, or leave offers.traps out",
    );
    refuse(
        native && !s.virtual_memory,
        "target.code",
        "native code needs pages that can be made executable",
        "set offers.virtual-memory = true, or use Pulley",
    );
    let page_ok = s.page_size.is_power_of_two() && (4096..=65536).contains(&s.page_size);
    refuse(
        s.virtual_memory && !page_ok,
        "offers.page-size",
        "a page is a power of two from 4 KiB to 64 KiB",
        "give the machine's page size",
    );
    // `wasmtime_environ::Compiler::page_size_align`.
    refuse(
        native
            && page_ok
            && s.page_size > 4096
            && matches!(s.architecture, Architecture::X86_64 | Architecture::Riscv64),
        "offers.page-size",
        "Wasmtime aligns the code in a module to 4 KiB on x86_64 and riscv64, and a larger page of it cannot be made executable",
        "set it to \"4 KiB\", or set target.code = \"pulley64\"",
    );
    refuse(
        !s.virtual_memory && s.page_size != 0,
        "offers.page-size",
        "there are no pages without virtual memory",
        "leave it out",
    );

    // Memory
    refuse(
        !s.traps && s.memory_guard != 0,
        "memory.guard",
        "without traps nothing notices a guard page",
        "set it to 0, or set offers.traps = true",
    );
    refuse(
        !s.traps && s.guard_before,
        "memory.guard-before",
        "without traps nothing notices a guard page",
        "set it to false, or set offers.traps = true",
    );
    refuse(!s.traps && s.gc_guard != 0, "gc.guard", "without traps nothing notices a guard page", "set it to 0");
    refuse(
        !s.virtual_memory && s.memory_reservation != 0,
        "memory.reservation",
        "address space cannot be reserved without virtual memory",
        "set it to 0",
    );
    refuse(
        !s.virtual_memory && s.gc_reservation != 0,
        "gc.reservation",
        "address space cannot be reserved without virtual memory",
        "set it to 0",
    );
    refuse(
        !s.virtual_memory && s.images,
        "memory.images",
        "copy-on-write images need virtual memory",
        "set it to false",
    );
    refuse(
        !s.memory_may_move && s.memory_reservation == 0,
        "memory.may-move",
        "a memory without a reservation can grow only by moving",
        "set memory.reservation to the largest size that a memory may have, or leave memory.may-move on",
    );
    for (key, bytes) in [
        ("memory.reservation", s.memory_reservation),
        ("memory.guard", s.memory_guard),
        ("gc.reservation", s.gc_reservation),
        ("gc.guard", s.gc_guard),
        ("gc.initial-size", s.gc_initial_size),
    ] {
        if bytes % 65536 != 0 {
            found.push((key, format!("{bytes} is no multiple of a wasm page"), "give a multiple of 64 KiB"));
        } else if !wide && bytes > u64::from(u32::MAX / 2) {
            found.push((key, format!("{bytes} bytes do not fit a 32-bit machine"), "give less"));
        } else if bytes > 1 << 44 {
            found.push((key, format!("{bytes} bytes are more than a process can address"), "give at most 16 TiB"));
        }
    }
    let mut refuse = |when: bool, key, what: &str, remedy| {
        if when {
            found.push((key, String::from(what), remedy));
        }
    };
    refuse(
        (4 << 30) < s.gc_initial_size && s.gc_initial_size <= 1 << 44,
        "gc.initial-size",
        "references into a heap have 32 bits, so no heap is larger than 4 GiB",
        "give at most \"4 GiB\"",
    );
    refuse(
        !s.gc_may_move && s.gc_initial_size > s.gc_reservation,
        "gc.initial-size",
        "it is more than gc.reservation, and a heap that may not move never gets more",
        "give at most gc.reservation, or set gc.may-move = true",
    );
    refuse(
        !NATIVE_STACK.contains(&s.native_stack),
        "memory.native-stack",
        "wasm needs at least 4 KiB of stack, and more than 1 MiB is more than a caller can promise",
        "give a size from 4 KiB to 1 MiB",
    );

    // Runtime
    refuse(
        s.debug && s.traps,
        "runtime.debug",
        "Wasmtime debugs only guests whose checks are in their code, not in guard pages",
        "set it to false, or set offers.traps = false",
    );
    refuse(
        s.debug && !s.async_calls,
        "runtime.async",
        "Wasmtime's `debug` feature has `async` in it",
        "set it to true, or set runtime.debug = false",
    );
    refuse(
        s.async_calls && s.async_stack < s.native_stack,
        "runtime.async-stack",
        "it is less than wasm may use of it (memory.native-stack), and nothing is left for host functions",
        "leave it out, or give memory.native-stack and what your host functions need",
    );
    refuse(
        s.async_stack > 16 << 20,
        "runtime.async-stack",
        "more than 16 MiB for each call is more than a heap can promise",
        "give at most 16 MiB",
    );

    // Wasm
    refuse(
        s.interruption == Interruption::Epoch && !wide,
        "wasm.interruption",
        "epochs need 64-bit atomics",
        "use \"fuel\"",
    );
    for feature in FEATURES.iter().filter(|f| f.needs_gc && s.features.contains(f.key) && !s.gc) {
        let key = if feature.key == "gc" { "wasm.gc" } else { "wasm.exceptions" };
        found.push((key, "the runtime has no garbage collector".into(), "set runtime.gc = true too"));
    }
    for (feature, other) in BUILDS_ON {
        if s.features.contains(feature) && !s.features.contains(other) {
            let key = keys::find(&format!("wasm.{feature}")).map_or("wasm", |k| k.path.as_str());
            found.push((key, format!("it builds on wasm.{other}, which is off"), "switch both on or both off"));
        }
    }

    // Compile
    if s.spectre && !s.traps {
        found.push((
            "compile.spectre",
            "its checks fault on purpose, and without traps nobody catches that".into(),
            "set it to false, or set offers.traps = true",
        ));
    }
    found
}
