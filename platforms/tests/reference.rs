//! The reference page is made from the keys; this proves that the checked-in one is fresh. `BLESS=1` rewrites it.

#[test]
fn the_reference_page_is_fresh() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/platform-keys.md");
    let page = minplat_platform::reference::page();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, &page).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), page, "run with BLESS=1");
}
