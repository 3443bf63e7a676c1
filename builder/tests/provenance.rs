//! Licences and bill of materials of every library, held against its manifest and `Cargo.lock`; and the citation file.

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::device;
use cyclonedx_bom::models::bom::{Bom, SpecVersion};
use cyclonedx_bom::models::license::LicenseChoice;
use cyclonedx_bom::validation::Validate;
use minplat_builder::provenance::{LICENCES, SBOM};
use saphyr::{LoadableYamlNode, Yaml};

/// What is linked of Rust's own library.
const STANDARD: [&str; 3] = ["alloc", "compiler_builtins", "core"];

fn checksums() -> BTreeMap<(String, String), String> {
    let lock = std::fs::read_to_string(common::checkout().join("Cargo.lock")).unwrap();
    let lock: toml::Table = lock.parse().unwrap();
    let text = |package: &toml::Value, key: &str| package.get(key).map(|value| value.as_str().unwrap().to_string());
    let packages = lock["package"].as_array().unwrap().iter();
    let all = packages.filter_map(|p| Some(((text(p, "name")?, text(p, "version")?), text(p, "checksum")?)));
    all.collect()
}

#[test]
fn the_bill_of_materials_is_valid_and_is_the_manifests_packages() {
    if !device::wanted("sbom") {
        return;
    }
    let checksums = checksums();
    for prefix in device::all() {
        let name = prefix.name();
        let bytes = prefix.read(SBOM);
        let bom = Bom::parse_from_json(&*bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(bom.spec_version, SpecVersion::V1_5, "{name}");
        let result = bom.validate();
        assert!(result.passed(), "{name}: {result:?}");

        let manifest = prefix.manifest();
        let rustc = manifest["toolchain"]["rustc"].as_str().unwrap();
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_string();
        let packages = manifest["packages"].as_array().unwrap().iter();
        let mut wanted: BTreeSet<_> = packages.map(|p| (text(&p["name"]), text(&p["version"]))).collect();
        wanted.extend(STANDARD.map(|part| (part.to_string(), rustc.to_string())));
        let components = &bom.components.as_ref().unwrap().0;
        let id = |c: &cyclonedx_bom::prelude::Component| (c.name.to_string(), c.version.as_ref().unwrap().to_string());
        let found: BTreeSet<_> = components.iter().map(id).collect();
        // Rust's shims of a line each may be there too.
        let missing: Vec<_> = wanted.difference(&found).collect();
        let extra: Vec<_> = found.difference(&wanted).filter(|(n, _)| !n.starts_with("rustc-std-workspace")).collect();
        assert!(missing.is_empty() && extra.is_empty(), "{name}: not in it {missing:?}, too many {extra:?}");

        for component in components {
            let (part, version) = id(component);
            let purl = component.purl.as_ref().unwrap().to_string();
            let hash = component.hashes.as_ref().map(|hashes| hashes.0[0].content.0.clone());
            assert_eq!(hash.as_ref(), checksums.get(&(part.clone(), version.clone())), "{name}: {part}");
            assert_eq!(purl.starts_with("pkg:cargo/"), hash.is_some(), "{name}: {purl}");
            let licenses = &component.licenses.as_ref().unwrap().0;
            assert!(matches!(&licenses[..], [LicenseChoice::Expression(_)]), "{name}: {part}");
        }
        reaches_all(name, &bom);
        let whole = bom.metadata.as_ref().unwrap();
        assert!(whole.timestamp.is_none() && bom.serial_number.is_some(), "{name}");
        assert!(String::from_utf8_lossy(&bytes).contains(manifest["fingerprint"].as_str().unwrap()), "{name}");
    }
}

/// Everything is in the graph, and nothing but the library stands at its top.
fn reaches_all(name: &str, bom: &Bom) {
    let edges = &bom.dependencies.as_ref().unwrap().0;
    let edges: BTreeMap<_, _> = edges.iter().map(|d| (&d.dependency_ref, &d.dependencies)).collect();
    let mut reached = BTreeSet::new();
    let mut next = vec![bom.metadata.as_ref().unwrap().component.as_ref().unwrap().bom_ref.as_ref().unwrap()];
    while let Some(part) = next.pop() {
        if reached.insert(part) {
            next.extend(edges[part].iter());
        }
    }
    let unreached: Vec<_> = bom.components.as_ref().unwrap().0.iter().filter_map(|c| c.bom_ref.as_ref()).collect();
    let unreached: Vec<_> = unreached.into_iter().filter(|part| !reached.contains(part)).collect();
    let shims = |part: &&&String| !part.starts_with("rustc-std-workspace");
    assert_eq!(unreached.iter().filter(shims).count(), 0, "{name}: {unreached:?}");
}

#[test]
fn every_package_has_its_licence_and_a_text() {
    if !device::wanted("licences") {
        return;
    }
    for prefix in device::all() {
        let name = prefix.name();
        let text = String::from_utf8(prefix.read(LICENCES)).unwrap();
        let manifest = prefix.manifest();
        let rustc = manifest["toolchain"]["rustc"].as_str().unwrap();
        let packages = manifest["packages"].as_array().unwrap().iter();
        let mut parts: Vec<_> =
            packages.map(|p| ["name", "version", "license"].map(|key| p[key].as_str().unwrap().to_string())).collect();
        parts.extend(STANDARD.map(|part| [part.to_string(), rustc.to_string(), String::new()]));
        for [part, version, license] in parts {
            let row = |line: &str| line.split_whitespace().take(2).eq([part.as_str(), version.as_str()]);
            let row = text.lines().find(|line| row(line)).unwrap_or_else(|| panic!("{name}: no row for {part}"));
            assert!(row.ends_with(&license.replace('/', " OR ")), "{name}: {row}");
            assert!(text.contains(&format!("\n{part} {version}: ")), "{name}: no text for {part}");
        }
        // Texts of the two kinds that there must be: Wasmtime's own, and one that SPDX had to give.
        assert!(text.contains("LLVM Exceptions to the Apache 2.0 License"), "{name}");
        assert!(text.contains(&format!("core {rustc}: MIT, the text of SPDX (the package has none)")), "{name}");
    }
}

#[test]
fn the_citation_names_this_version() {
    let text = std::fs::read_to_string(common::checkout().join("CITATION.cff")).unwrap();
    let documents = Yaml::load_from_str(&text).unwrap();
    let cff = &documents[0];
    let field = |key: &str| cff[key].as_str().unwrap_or_else(|| panic!("no {key}")).to_string();
    // What the format 1.2.0 requires.
    assert_eq!(field("cff-version"), "1.2.0");
    assert!(!field("message").is_empty() && !field("title").is_empty());
    assert!(cff["authors"].as_sequence().is_some_and(|authors| !authors.is_empty()));
    assert_eq!(field("version"), env!("CARGO_PKG_VERSION"));
    assert!(env!("CARGO_PKG_LICENSE").starts_with(&field("license")));
}
