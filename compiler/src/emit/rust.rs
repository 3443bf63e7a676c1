//! An artifact as Rust source.

use minplat_platform::Platform;

use super::identifier;

/// The text of a `.rs` file that embeds the artifact of `artifact_name`, which lies beside it, aligned so that a device
/// can use it in place. Use it as a module (`mod foo;`, then `foo::FOO`) or with `include!`. It needs no crate and no
/// `std`.
pub fn write(platform: &Platform, artifact_name: &str, stem: &str) -> String {
    let align = platform.in_place_alignment();
    let constant = identifier(stem).to_uppercase();
    let fingerprint = platform.fingerprint().map(|byte| format!("{byte:#04x}")).join(", ");
    let platform = platform.name();
    format!(
        r#"// Written by minplat-compile --emit rust. Written anew with the artifact beside it: do not edit.

/// Embeds a `.cwasm` for {platform:?}, named by a path from the calling file, aligned for use in place.
#[allow(unused_macros, reason = "the file that includes this one may embed one artifact or many")]
macro_rules! include_cwasm {{
    ($path:expr) => {{{{
        #[repr(C, align({align}))]
        struct Aligned<T: ?Sized>(T);
        static ARTIFACT: &Aligned<[u8]> = &Aligned(*include_bytes!($path));
        &ARTIFACT.0
    }}}};
}}
#[allow(unused_imports, reason = "as above")]
pub(crate) use include_cwasm;

/// The artifact `{artifact_name}`, for the platform {platform:?}.
#[allow(dead_code, reason = "as above")]
pub static {constant}: &[u8] = include_cwasm!({artifact_name:?});

/// The fingerprint of that platform, as `minplat_platform_fingerprint()` of its devices gives it.
#[allow(dead_code, reason = "as above")]
pub static {constant}_FINGERPRINT: [u8; 32] = [{fingerprint}];
"#
    )
}
