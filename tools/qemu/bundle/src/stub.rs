//! A function that takes the place of a missing one.

use core::slice;

use crate::Problem;
use crate::cursor::Cursor;

/// What the function is called, takes and gives.
#[derive(Clone, Copy, Debug)]
pub struct Stub<'a> {
    /// The module to import it from.
    pub module: &'a str,
    /// Its name there.
    pub name: &'a str,
    /// The kinds that it takes, as `minplat_kind_t` numbers them.
    pub params: &'a [u8],
    /// The kinds that it gives.
    pub results: &'a [u8],
    /// All of that as it lies in the bundle, with its length before it.
    whole: &'a [u8],
}

impl<'a> Stub<'a> {
    pub(crate) fn read(from: &mut Cursor<'a>) -> Result<Self, Problem> {
        let before = from.0;
        let mut parts = Cursor(from.block()?);
        let (module, name, params, results) = (parts.text()?, parts.text()?, parts.block()?, parts.block()?);
        let (whole, _) = before.split_at_checked(before.len() - from.0.len()).ok_or(Problem::Cut)?;
        Ok(Self { module, name, params, results, whole })
    }

    /// Where it lies. That is one word, as a host function's environment is.
    pub fn address(self) -> *const u8 {
        self.whole.as_ptr()
    }

    /// The one that lies there.
    ///
    /// # Errors
    /// None lies there.
    ///
    /// # Safety
    /// The address is one that [`Stub::address`] gave, in a bundle that is still there and as it was.
    pub unsafe fn at(address: *const u8) -> Result<Self, Problem> {
        // SAFETY: what was read there had its length before it, and as many bytes behind that.
        let whole = unsafe {
            let len = u32::from_le_bytes(address.cast::<[u8; 4]>().read());
            slice::from_raw_parts(address, 4 + len as usize)
        };
        Self::read(&mut Cursor(whole))
    }
}
