//! Where memory is, as the machine's device tree says.

use core::ops::Range;

use dtoolkit::Node as _;
use dtoolkit::fdt::Fdt;

/// The first range of memory.
///
/// # Errors
/// There is no device tree at this address, or it has no memory.
///
/// # Safety
/// So many bytes from the address on can be read.
pub unsafe fn memory(tree: usize, limit: usize) -> Result<Range<usize>, &'static str> {
    const NONE: &str = "there is no device tree that says where memory is; start the image with QEMU's -kernel";
    if tree == 0 || limit < 8 {
        return Err(NONE);
    }
    // SAFETY: the caller's contract.
    let bytes = unsafe { core::slice::from_raw_parts(core::ptr::with_exposed_provenance::<u8>(tree), limit) };
    let size = u32::from_be_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]);
    let tree = bytes.get(..size as usize).and_then(|bytes| Fdt::new(bytes).ok()).ok_or(NONE)?;
    let memory = tree.root().children().find(|node| node.name_without_address() == "memory").ok_or(NONE)?;
    let bank = memory.reg().ok().flatten().and_then(|mut banks| banks.next()).ok_or(NONE)?;
    let (Ok(start), Ok(size)) = (bank.address::<u64>(), bank.size::<u64>()) else { return Err(NONE) };
    Ok(start as usize..start.saturating_add(size) as usize)
}
