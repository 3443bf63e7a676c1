//! What an exception carries that no guest caught.

use minplat_sys::{linked as api, minplat_ref_t};

use crate::Board;
use crate::library::{Error, Store};
use crate::values::{self, NOTHING};

/// Takes it out of its store, and tells its values one by one.
///
/// # Errors
/// There is none, or no memory for a value.
pub fn tell(board: &dyn Board, store: &Store) -> Result<(), Error> {
    let (mut exception, mut len) = (minplat_ref_t::default(), 0);
    // SAFETY: the store is alive, and there is room for the answers.
    unsafe {
        Error::check(api::context_take_exception(store.context(), &mut exception))?;
        Error::check(api::exception_len(store.context(), &exception, &mut len))?;
    }
    for index in 0..len {
        let mut value = NOTHING;
        // SAFETY: the exception is the store's, and there is room for the answer.
        Error::check(unsafe { api::exception_get(store.context(), &exception, index, &mut value) })?;
        values::tell(board, "thrown", &value);
    }
    Ok(())
}
