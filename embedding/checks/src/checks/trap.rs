//! Traps: faults reach the handler, with what it needs, again and again.

use core::cell::Cell;

use super::check;
use super::thread::many;
use crate::check::Check;
use crate::finding::{Finding, Found};
use crate::machine::{Machine, Pages, READ_WRITE};
use crate::platform::READ;
use crate::probe::{Access, Fault, Tried, attempt};

pub(super) static CHECKS: &[Check] = &[
    Check {
        name: "trap-delivered",
        meaning: "wasmtime_init_traps takes the handler, and an illegal instruction reaches it.",
        remedy: "Install a handler for illegal instructions, bad accesses and, where the machine traps it, integer division, and call \
                 the library's handler from it.",
        decides_traps: true,
        run: delivered,
    },
    Check {
        name: "trap-repeats",
        meaning: "The same fault reaches the handler again and again, though the handler never returns from it.",
        remedy: "Leave nothing masked that was masked when the fault was taken: SA_NODEFER with POSIX; on a bare machine end the \
                 exception (mask, in-service bit, nesting count) before the handler is called.",
        decides_traps: true,
        run: repeats,
    },
    check(
        "trap-instruction",
        instruction,
        "The handler is told the address of the instruction that faulted.",
        "Pass the program counter of the faulting instruction itself, not of the next one (x86_64: rip, aarch64: ELR_EL1, riscv64: \
         sepc).",
    ),
    check(
        "trap-frame",
        frame,
        "The handler is told the frame pointer of the code that faulted.",
        "Pass the register as it was at the fault (x86_64: rbp, aarch64: x29, riscv64: s0), from what the exception entry saved, not \
         the handler's own.",
    ),
    check(
        "trap-address",
        address,
        "For an access to memory the handler is told so, and the exact address: reads, writes, first and last bytes of pages.",
        "Pass true and the address that was accessed, not rounded to a page (x86_64: cr2, aarch64: FAR_EL1, riscv64: stval).",
    ),
    check(
        "trap-no-address",
        no_address,
        "For an illegal instruction the handler is told that there is no address.",
        "Pass false for faults that are no access to memory; what an address register still holds is of another fault.",
    ),
    check(
        "trap-division",
        division,
        "An integer division by zero reaches the handler, where the machine traps it.",
        "Deliver this exception too (POSIX: SIGFPE, x86_64: vector 0).",
    ),
    check(
        "trap-maps",
        maps,
        "The handler may map, protect and unmap memory: the library allocates in it.",
        "Take no lock in the memory functions that the faulting code may hold, and let them run in the exception's context.",
    ),
    check(
        "trap-nested",
        nested,
        "A fault inside the handler is delivered too.",
        "Let exceptions nest: a stack that has room for two (64 KiB is ample), and state that is kept by level, not in one place.",
    ),
    check(
        "trap-threads",
        threads,
        "A fault of another thread reaches the handler, on that thread.",
        "Install the handler for all threads, and give each a stack for it, where it has one of its own.",
    ),
];

fn illegal(m: &Machine<'_>) -> Result<Fault, Finding> {
    m.faults(Access::Illegal, 0, format_args!("an illegal instruction"))
}

/// A page, and the fault of reading it, if access to it can be taken away at all.
fn without_access<'m, 'a>(m: &'m Machine<'a>) -> Result<Pages<'m, 'a>, Finding> {
    let page = m.map(1, 0)?;
    match m.attempt(Access::Load, page.start, None)? {
        Tried::Faulted(_) => Ok(page),
        Tried::Done(_) => not_checkable!(m, "no page can be made that faults: see protect-forbids"),
    }
}

fn delivered(m: &Machine<'_>) -> Found {
    if m.platform.init_traps.is_some() {
        ensure!(m, m.init_traps == 0, "wasmtime_init_traps failed with code {}", m.init_traps);
    }
    m.needs_traps()?;
    illegal(m).map(|_| ())
}

fn repeats(m: &Machine<'_>) -> Found {
    m.needs_traps()?;
    for _ in 0..3 {
        illegal(m)?;
    }
    let page = without_access(m)?;
    for _ in 0..100 {
        m.faults(Access::Load, page.start, format_args!("reading a page without access"))?;
        illegal(m)?;
    }
    Ok(())
}

fn instruction(m: &Machine<'_>) -> Found {
    m.needs_traps()?;
    let right = |what: &str, fault: Fault| {
        ensure!(m, fault.ip == fault.right_ip, "{what} at {:#x}: it was told {:#x}", fault.right_ip, fault.ip);
        Ok(())
    };
    right("an illegal instruction", illegal(m)?)?;
    let page = without_access(m)?;
    let at = |access| m.faults(access, page.start, format_args!("an access to a page without access"));
    right("a read", at(Access::Load)?)?;
    right("a write", at(Access::Store(1))?)?;
    right("a call", at(Access::Call)?)
}

fn frame(m: &Machine<'_>) -> Found {
    m.needs_traps()?;
    let right = |what: &str, fault: Fault| {
        ensure!(m, fault.fp == fault.right_fp, "{what} in frame {:#x}: it was told {:#x}", fault.right_fp, fault.fp);
        Ok(())
    };
    right("an illegal instruction", illegal(m)?)?;
    let page = without_access(m)?;
    right("a read", m.faults(Access::Load, page.start, format_args!("reading a page without access"))?)
}

fn address(m: &Machine<'_>) -> Found {
    m.needs_traps()?;
    let size = m.page()?;
    let page = without_access(m)?;
    for (what, access) in [("read", Access::Load), ("write", Access::Store(1))] {
        for offset in [0, 1, size / 2 + 3, size - 1] {
            let at = page.start + offset;
            let fault = m.faults(access, at, format_args!("an access to a page without access"))?;
            match fault.address {
                Some(told) => ensure!(m, told == at, "a {what} at {at:#x}: it was told {told:#x}"),
                None => fail!(m, "a {what} at {at:#x}: it was told that there is no address"),
            }
        }
    }
    page.protect(0, size, READ)?;
    match m.attempt(Access::Store(1), page.start + 5, None)? {
        Tried::Faulted(Fault { address: Some(told), .. }) => {
            ensure!(
                m,
                told == page.start + 5,
                "a write to a page with READ, at {:#x}: it was told {told:#x}",
                page.start + 5
            );
        }
        Tried::Faulted(_) => fail!(m, "a write to a page with READ: it was told that there is no address"),
        // `protect-forbids` tells.
        Tried::Done(_) => {}
    }
    Ok(())
}

fn no_address(m: &Machine<'_>) -> Found {
    m.needs_traps()?;
    match illegal(m)?.address {
        None => Ok(()),
        Some(told) => fail!(m, "an illegal instruction: it was told that address {told:#x} was accessed"),
    }
}

#[cfg(target_arch = "x86_64")]
fn division(m: &Machine<'_>) -> Found {
    m.needs_traps()?;
    let fault = m.faults(Access::Divide, 0, format_args!("a division by zero"))?;
    ensure!(m, fault.address.is_none(), "it was told that an address was accessed");
    Ok(())
}

#[cfg(not(target_arch = "x86_64"))]
fn division(m: &Machine<'_>) -> Found {
    not_checkable!(m, "this architecture does not trap divisions; compiled code tests for zero itself")
}

fn maps(m: &Machine<'_>) -> Found {
    m.needs_traps()?;
    let (memory, size) = (m.memory()?, m.page()?);
    let page = without_access(m)?;
    let codes = Cell::new([-1; 4]);
    let job = || {
        let mut new = core::ptr::null_mut();
        // SAFETY: the page is this check's, and the new one goes back at once.
        let map = unsafe { (memory.mmap_new)(2 * size, READ_WRITE, &raw mut new) };
        let unmap = if map == 0 {
            // SAFETY: as above; it can be written.
            unsafe {
                new.write_volatile(1);
                (memory.munmap)(new, 2 * size)
            }
        } else {
            0
        };
        // SAFETY: as above.
        let protect = unsafe { (memory.mprotect)(page.pointer, size, READ_WRITE) };
        codes.set([0, map, unmap, protect]);
    };
    match m.attempt(Access::Load, page.start, Some(&job))? {
        Tried::Faulted(_) => {}
        Tried::Done(_) => fail!(m, "reading a page without access did not fault the second time"),
    }
    let [done, map, unmap, protect] = codes.get();
    ensure!(m, done == 0, "the handler did not come to its end");
    ensure!(m, map == 0, "wasmtime_mmap_new in the handler failed with code {map}");
    ensure!(m, unmap == 0, "wasmtime_munmap in the handler failed with code {unmap}");
    ensure!(m, protect == 0, "wasmtime_mprotect in the handler failed with code {protect}");
    let byte = m.done(Access::Load, page.start, format_args!("reading a page that the handler gave READ|WRITE"))?;
    ensure!(m, byte == 0, "a page that the handler gave READ|WRITE reads {byte}, not 0");
    page.write(size - 1, 7)
}

fn nested(m: &Machine<'_>) -> Found {
    m.needs_traps()?;
    let page = without_access(m)?;
    let at = page.start;
    let inner = Cell::new(false);
    let job = || {
        // SAFETY: the handler is in place, and the page is this check's.
        inner.set(matches!(unsafe { attempt(Access::Load, at + 8, None) }, Some(Tried::Faulted(_))));
    };
    for _ in 0..3 {
        inner.set(false);
        let outer = m.attempt(Access::Load, at, Some(&job))?;
        ensure!(
            m,
            matches!(outer, Tried::Faulted(_)) && inner.get(),
            "an access in the handler did not come back as a fault"
        );
    }
    illegal(m).map(|_| ())
}

fn threads(m: &Machine<'_>) -> Found {
    m.needs_traps()?;
    let fault = illegal(m)?;
    if fault.ip != fault.right_ip || fault.fp != fault.right_fp {
        not_checkable!(
            m,
            "threads cannot be told apart by what the handler is told: see trap-instruction and trap-frame"
        );
    }
    let page = without_access(m)?;
    let at = page.start;
    let lost = core::sync::atomic::AtomicUsize::new(0);
    many(m, 3, &|meeting, _| {
        meeting.meet();
        for _ in 0..50 {
            for access in [Access::Load, Access::Illegal] {
                // SAFETY: the handler is in place, and the page is this check's.
                let tried = unsafe { attempt(access, at, None) };
                if !matches!(tried, Some(Tried::Faulted(fault)) if fault.ip == fault.right_ip && fault.fp == fault.right_fp)
                {
                    lost.fetch_add(1, core::sync::atomic::Ordering::SeqCst);
                }
            }
        }
    })?;
    let lost = lost.into_inner();
    ensure!(m, lost == 0, "{lost} of 300 faults on three threads at once came wrong, or not at all");
    Ok(())
}
