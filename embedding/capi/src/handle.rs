//! Handles: what stands in C for Wasmtime's small copyable types. Behind the store's number they are `MaybeUninit`: there
//! Wasmtime's types have pointers and padding, and neither is a number.

/// Ties a C struct, whose first field is `store`, to the Wasmtime type that it stands for. Those types are laid out for C
/// and start with the number of their store, which is never 0.
macro_rules! handle {
    ($name:ident, $wasmtime:ty) => {
        const _: () = assert!(size_of::<$wasmtime>() == size_of::<$name>());
        const _: () = assert!(align_of::<$wasmtime>() <= align_of::<$name>());

        impl $name {
            /// The handle of something that this store gave.
            pub(crate) fn new(context: &mut $crate::store::Context<'_>, value: $wasmtime) -> Self {
                let mut handle = core::mem::MaybeUninit::<Self>::zeroed();
                // SAFETY: size and alignment fit; the store's number is at the front, and the rest may be anything.
                let handle = unsafe {
                    handle.as_mut_ptr().cast::<$wasmtime>().write(value);
                    handle.assume_init()
                };
                $crate::store::give(context, handle.store);
                handle
            }

            /// What the handle stands for, if the store owns it.
            pub(crate) fn get(
                &self,
                context: &$crate::store::Context<'_>,
            ) -> Result<$wasmtime, $crate::error::Failure> {
                $crate::store::owns(context, self.store)?;
                // SAFETY: a handle that a store owns was made by `new`.
                Ok(unsafe { (&raw const *self).cast::<$wasmtime>().read() })
            }
        }
    };
}
pub(crate) use handle;
