//! The wasm frames of a failure, for people and as JSON.

use std::fmt;

use serde_json::json;

use crate::device::Frame;

/// A line for each frame, but one for all in a row that are the same: a recursion without end is twenty of them. Each line begins
/// with a line end.
///
/// # Errors
/// The formatter's.
pub fn write(f: &mut fmt::Formatter<'_>, frames: &[Frame], truncated: bool) -> fmt::Result {
    if frames.is_empty() {
        return Ok(());
    }
    write!(f, "\nwasm backtrace, innermost first:")?;
    let mut number = 0;
    for same in frames.chunk_by(|a, b| a == b) {
        write!(f, "\n  {number}: {}", Line(&same[0]))?;
        number += same.len();
        if same.len() > 1 {
            write!(f, " (and {} more times)", same.len() - 1)?;
        }
    }
    if truncated {
        write!(f, "\n  and more functions outside of these: a device keeps {number} frames")?;
    }
    let mut offsets: Vec<_> = frames.iter().filter_map(|frame| frame.text_offset).collect();
    offsets.dedup();
    if !offsets.is_empty() {
        let offsets: String = offsets.iter().map(|offset| format!(" {offset:#x}")).collect();
        write!(f, "\nto see it in the source: minplat-inspect FILE.cwasm --symbolize FILE.debug{offsets}")?;
    }
    Ok(())
}

struct Line<'a>(&'a Frame);

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let frame = self.0;
        write!(f, "function {}", frame.function_index)?;
        if let Some(name) = &frame.function_name {
            write!(f, " {name}")?;
        }
        if let Some(module) = &frame.module_name {
            write!(f, " of {module}")?;
        }
        if let Some(offset) = frame.module_offset {
            write!(f, ", wasm offset {offset:#x}")?;
        }
        if let Some(offset) = frame.text_offset {
            write!(f, ", text offset {offset:#x}")?;
        }
        Ok(())
    }
}

/// A frame as it is in --json.
#[must_use]
pub fn json(frame: &Frame) -> serde_json::Value {
    json!({
        "function_index": frame.function_index,
        "function": frame.function_name,
        "module": frame.module_name,
        "wasm_offset": frame.module_offset,
        "text_offset": frame.text_offset,
    })
}
