//! Packing an artifact.

use std::fmt;
use std::vec::Vec;

use lzma_rust2::filter::bcj::BcjWriter;
use lzma_rust2::{LzmaOptions, LzmaWriter, Write};

use crate::error::FormatError;
use crate::packed::{LC, LP, MAGIC, Machine, PB, WINDOW_MAX, WINDOW_MIN};

/// Why an artifact is not packed.
#[derive(Debug)]
pub enum PackError {
    /// It is no artifact.
    Format(FormatError),
    /// It has 4 GiB or more, before or after: lengths are kept in 32 bits.
    TooLarge,
    /// The encoder gave up.
    Encoder(lzma_rust2::Error),
}

impl fmt::Display for PackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Format(error) => error.fmt(f),
            Self::TooLarge => {
                f.write_str("it is too large: what has 4 GiB or more is not packed; compile without --pack")
            }
            Self::Encoder(error) => write!(f, "the encoder failed: {error:?}; compile without --pack"),
        }
    }
}

impl core::error::Error for PackError {}

impl From<FormatError> for PackError {
    fn from(error: FormatError) -> Self {
        Self::Format(error)
    }
}

/// Packs an artifact for transport: see [`crate::packed`].
///
/// # Errors
/// It is no artifact, too large, or more than the encoder can do.
pub fn pack(artifact: &[u8], machine: Machine) -> Result<Vec<u8>, PackError> {
    let length = crate::read(artifact)?.length;
    let artifact = &artifact[..length];
    // The last byte sees the dictionary still, where that is not too much to keep.
    let window = (artifact.len() + machine.dictionary().len()).next_power_of_two().trailing_zeros();
    let window = u8::try_from(window).unwrap_or(WINDOW_MAX).clamp(WINDOW_MIN, WINDOW_MAX);
    let mut options = LzmaOptions::with_preset(9);
    (options.lc, options.lp, options.pb) = (LC, LP, PB);
    options.dict_size = 1 << window;
    options.nice_len = 273;
    options.preset_dict = Some(machine.dictionary().to_vec());
    let stream = encoded(artifact, machine, &options).map_err(PackError::Encoder)?;

    let mut out = Vec::from(MAGIC);
    out.extend([machine as u8, window, 0, 0]);
    for length in [stream.len(), artifact.len()] {
        out.extend(u32::try_from(length).map_err(|_| PackError::TooLarge)?.to_le_bytes());
    }
    out.extend(stream);
    Ok(out)
}

fn encoded(artifact: &[u8], machine: Machine, options: &LzmaOptions) -> lzma_rust2::Result<Vec<u8>> {
    let writer = LzmaWriter::new_no_header(Vec::new(), options, false)?;
    let filtered = match machine {
        Machine::X86_64 => BcjWriter::new_x86(writer, 0),
        Machine::Aarch64 => BcjWriter::new_arm64(writer, 0),
        Machine::Riscv64 => BcjWriter::new_riscv(writer, 0),
        Machine::Bytecode => {
            let mut writer = writer;
            writer.write_all(artifact)?;
            return writer.finish();
        }
    };
    let mut filtered = filtered;
    filtered.write_all(artifact)?;
    filtered.finish()?.finish()
}
