//! Handles: what stands in C for Wasmtime's small copyable types.

/// Ties a C struct, whose first field is `store`, to the Wasmtime type that it stands for. Those types are laid out for C
/// and start with the number of their store, which is never 0.
macro_rules! handle {
    ($name:ident, $wasmtime:ty) => {
        const _: () = assert!(size_of::<$wasmtime>() == size_of::<$name>());
        const _: () = assert!(align_of::<$wasmtime>() <= align_of::<$name>());

        impl $name {
            /// The handle of something that this store gave.
            pub(crate) fn new(context: &mut $crate::store::Context<'_>, value: $wasmtime) -> Self {
                // SAFETY: the words of a handle may be zero.
                let mut handle: Self = unsafe { core::mem::zeroed() };
                // SAFETY: size and alignment fit; padding that this leaves unwritten is copied and never looked at.
                unsafe { (&raw mut handle).cast::<$wasmtime>().write(value) };
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
