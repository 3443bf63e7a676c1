//! Code as text: machine code through Capstone, bytecode through Pulley's own disassembler.

use anyhow::{Context, bail};
use capstone::arch::{BuildsCapstone, BuildsCapstoneExtraMode, arm64, riscv, x86};
use capstone::{Capstone, CsResult};
use wasmtime_environ::obj::{EF_WASMTIME_PULLEY32, EF_WASMTIME_PULLEY64, ELF_WASMTIME_ADDRMAP, ELF_WASMTIME_TRAPS};
use wasmtime_environ::{iterate_address_map, iterate_traps};

use crate::functions::{Function, Kind};
use crate::guard::guard;
use crate::image::Image;

/// One instruction.
#[derive(Debug)]
struct Instruction {
    /// Its offset in `.text`.
    address: u32,
    bytes: Vec<u8>,
    text: String,
}

/// The code of the functions that `select` names (an index, a name, or a part of a name; all without it), with the
/// wasm offset that instructions come from and the traps that they can raise, where the artifact records them.
///
/// # Errors
/// No function has that name, or the machine is none that minplat compiles for.
pub fn disassemble(image: &Image<'_>, select: Option<&str>) -> anyhow::Result<String> {
    let contents = image.contents()?;
    let text = image.text().context("it has no code")?;
    let chosen = choose(&contents.functions, select)?;
    // Both come from the file, and Wasmtime's iterators trust it.
    let map = guard(|| {
        let entries = iterate_address_map(image.elf.data(ELF_WASMTIME_ADDRMAP))?;
        Some(entries.filter_map(|(at, position)| Some((at, position.file_offset()?))).collect::<Vec<_>>())
    })?;
    let traps = guard(|| Some(iterate_traps(image.elf.data(ELF_WASMTIME_TRAPS))?.collect::<Vec<_>>()))?;
    let (map, traps) = (sorted(map), sorted(traps));

    let mut out = String::new();
    for function in chosen {
        let range = function.start as usize..function.start as usize + function.size as usize;
        let code = text.data.get(range).context("a function lies outside of the code: the file is damaged")?;
        out += &format!("{:08x} {}: {} bytes\n", function.start, function.label(), function.size);
        for instruction in decode(image, code, function.start)? {
            let end = instruction.address + instruction.bytes.len() as u32;
            for (_, offset) in within(&map, instruction.address, end) {
                out += &format!("          ; wasm {offset:#x}\n");
            }
            let bytes: Vec<_> = instruction.bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            out += &format!("{:8x}: {:<24} {}\n", instruction.address, bytes.join(" "), instruction.text);
            for (_, trap) in within(&traps, instruction.address, end) {
                out += &format!("          ; can trap: {trap:?}\n");
            }
        }
        out.push('\n');
    }
    Ok(out)
}

fn sorted<T>(entries: Option<Vec<(u32, T)>>) -> Vec<(u32, T)> {
    let mut entries = entries.unwrap_or_default();
    entries.sort_by_key(|(at, _)| *at);
    entries
}

fn within<T>(entries: &[(u32, T)], start: u32, end: u32) -> &[(u32, T)] {
    let from = entries.partition_point(|(at, _)| *at < start);
    let to = entries.partition_point(|(at, _)| *at < end);
    &entries[from..to]
}

fn choose<'a>(all: &'a [Function], select: Option<&str>) -> anyhow::Result<Vec<&'a Function>> {
    let Some(select) = select else { return Ok(all.iter().collect()) };
    let exact = |f: &&Function| {
        f.kind == Kind::Wasm
            && (f.name.as_deref() == Some(select) || f.index.is_some_and(|index| index.to_string() == select))
    };
    let part = |f: &&Function| f.label().contains(select);
    let mut chosen: Vec<_> = all.iter().filter(exact).collect();
    if chosen.is_empty() {
        chosen = all.iter().filter(part).collect();
    }
    if chosen.is_empty() {
        let known: Vec<_> = all.iter().filter(|f| f.kind == Kind::Wasm).take(8).map(Function::label).collect();
        bail!("no function is called {select:?} or has that index; there are {}", known.join(", "));
    }
    Ok(chosen)
}

fn decode(image: &Image<'_>, code: &[u8], start: u32) -> anyhow::Result<Vec<Instruction>> {
    if image.elf.flags & (EF_WASMTIME_PULLEY32 | EF_WASMTIME_PULLEY64) != 0 {
        return pulley(code, start);
    }
    let capstone = native(image.elf.machine)?.map_err(|e| anyhow::anyhow!("the disassembler failed: {e}"))?;
    let instructions =
        capstone.disasm_all(code, u64::from(start)).map_err(|e| anyhow::anyhow!("the disassembler failed: {e}"))?;
    Ok(instructions
        .iter()
        .map(|instruction| Instruction {
            address: instruction.address() as u32,
            bytes: instruction.bytes().to_vec(),
            text: format!("{} {}", instruction.mnemonic().unwrap_or("(bad)"), instruction.op_str().unwrap_or_default())
                .trim_end()
                .to_string(),
        })
        .collect())
}

fn native(machine: u16) -> anyhow::Result<CsResult<Capstone>> {
    let mut capstone = match machine {
        object::elf::EM_X86_64 => Capstone::new().x86().mode(x86::ArchMode::Mode64).build(),
        object::elf::EM_AARCH64 => Capstone::new().arm64().mode(arm64::ArchMode::Arm).build(),
        object::elf::EM_RISCV => {
            let compressed = std::iter::once(riscv::ArchExtraMode::RiscVC);
            Capstone::new().riscv().mode(riscv::ArchMode::RiscV64).extra_mode(compressed).build()
        }
        other => bail!("machine {other} is none that minplat compiles for"),
    };
    if let Ok(capstone) = &mut capstone {
        // Constants between functions' instructions are shown as data instead of ending the listing.
        let _ = capstone.set_skipdata(true);
    }
    Ok(capstone)
}

/// Whether the branch table whose length, in entries of four bytes, starts `rest` is in it.
fn table_fits(rest: &[u8]) -> bool {
    rest.split_first_chunk().is_some_and(|(length, entries)| u32::from_le_bytes(*length) as usize <= entries.len() / 4)
}

fn pulley(code: &[u8], start: u32) -> anyhow::Result<Vec<Instruction>> {
    use pulley_interpreter::decode::{Decoder, OpVisitor};
    use pulley_interpreter::disas::Disassembler;
    use pulley_interpreter::opcode::Opcode;

    let mut disassembler = Disassembler::new(code);
    disassembler.start_offset(start as usize).hexdump(false).offsets(true);
    // What cannot be decoded ends the listing with a line that says so.
    let mut decoder = Decoder::new();
    let mut result = Ok(());
    while result.is_ok() {
        let rest = disassembler.bytecode().as_slice();
        // The disassembler counts through a branch table however little of it is there: opcode, register, length.
        result = match rest {
            [] => break,
            [opcode, _, length @ ..] if *opcode == Opcode::BrTable32 as u8 && !table_fits(length) => {
                Err("a branch table is longer than the function".to_string())
            }
            _ => decoder.decode_one(&mut disassembler).map_err(|error| error.to_string()),
        };
    }
    let mut instructions: Vec<Instruction> = Vec::new();
    for line in disassembler.disas().lines() {
        let Some((address, text)) = line.trim_start().split_once(": ") else { continue };
        let Ok(address) = u32::from_str_radix(address.trim(), 16) else { continue };
        instructions.push(Instruction { address, bytes: Vec::new(), text: text.trim().to_string() });
    }
    let end = start + code.len() as u32;
    let mut next = end;
    for instruction in instructions.iter_mut().rev() {
        let from = (instruction.address.max(start) - start) as usize;
        let to = (next.max(start) - start) as usize;
        instruction.bytes = code.get(from..to).unwrap_or_default().to_vec();
        next = instruction.address;
    }
    if let Err(error) = result {
        instructions.push(Instruction { address: end, bytes: Vec::new(), text: format!("(not bytecode: {error})") });
    }
    Ok(instructions)
}
