//! The header that is checked in is the one that the source makes.

use std::path::Path;

#[test]
fn the_header_is_fresh() {
    let capi = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let header = minplat_header::generate(&capi).expect("the source of minplat-capi makes a header");
    snapbox::assert_data_eq!(header, snapbox::file!["../../include/minplat.h"].raw());
}
