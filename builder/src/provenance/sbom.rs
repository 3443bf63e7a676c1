//! The bill of materials: CycloneDX 1.5, JSON. It tells no time, and its number comes from its contents: the same library has
//! the same file.

use anyhow::{Context, Result, anyhow};
use cyclonedx_bom::models::bom::{Bom, SpecVersion, UrnUuid};
use cyclonedx_bom::models::component::{Classification, Component, Components};
use cyclonedx_bom::models::dependency::{Dependencies, Dependency};
use cyclonedx_bom::models::hash::{Hash, HashAlgorithm, HashValue, Hashes};
use cyclonedx_bom::models::license::{LicenseChoice, Licenses};
use cyclonedx_bom::models::metadata::Metadata;
use cyclonedx_bom::models::property::{Properties, Property};
use cyclonedx_bom::models::tool::{Tool, Tools};
use cyclonedx_bom::prelude::{Purl, SpdxExpression};
use minplat_platform::Platform;

use super::parts::{Origin, Part};
use crate::inputs::Digest;
use crate::manifest::hex;
use crate::toolchain::Toolchain;

/// The file's contents.
///
/// # Errors
/// A licence is no SPDX expression, or a name makes no package URL.
pub fn json(platform: &Platform, parts: &[Part], toolchain: &Toolchain) -> Result<Vec<u8>> {
    let components = parts.iter().map(|part| component(part, toolchain)).collect::<Result<Vec<_>>>()?;
    let root =
        parts.iter().find(|part| part.name == "minplat-capi").context("the library has no package minplat-capi")?;
    let mut whole = Component::new(Classification::Library, "libminplat", &root.version, Some("libminplat".into()));
    whole.licenses = Some(licenses(root)?);
    whole.properties = Some(Properties(vec![
        Property::new("minplat:platform", platform.name()),
        Property::new("minplat:fingerprint", &hex(&platform.fingerprint())),
        Property::new("minplat:target", platform.rust_target().triple()),
    ]));
    let tools = [("minplat", "minplat-build", env!("CARGO_PKG_VERSION")), ("Rust", "rustc", &toolchain.release)];
    let mut dependencies =
        vec![Dependency { dependency_ref: "libminplat".into(), dependencies: vec![reference(root)] }];
    for part in parts {
        let known = |(name, version): &(String, String)| {
            parts.iter().find(|other| other.name == *name && other.version == *version).map(reference)
        };
        let on = part.depends.iter().filter_map(known).collect();
        dependencies.push(Dependency { dependency_ref: reference(part), dependencies: on });
    }
    let mut bom = Bom {
        serial_number: None,
        spec_version: SpecVersion::V1_5,
        metadata: Some(Metadata {
            tools: Some(Tools::List(tools.map(|(vendor, name, version)| Tool::new(vendor, name, version)).to_vec())),
            component: Some(whole),
            ..Metadata::default()
        }),
        components: Some(Components(components)),
        dependencies: Some(Dependencies(dependencies)),
        ..Bom::default()
    };
    let number = Digest::of(&written(bom.clone())?);
    bom.serial_number = Some(UrnUuid::new(urn(&number.hex())).map_err(|_| anyhow!("a digest makes no number"))?);
    written(bom)
}

fn written(bom: Bom) -> Result<Vec<u8>> {
    let mut text = Vec::new();
    bom.output_as_json_v1_5(&mut text).context("cannot write the bill of materials")?;
    text.push(b'\n');
    Ok(text)
}

/// A UUID of version 8, made of the first 16 bytes of a digest in hexadecimal.
fn urn(digest: &str) -> String {
    let part = |from: usize, to: usize| &digest[from..to];
    format!("urn:uuid:{}-{}-8{}-8{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}

/// What a part is called in the file.
fn reference(part: &Part) -> String {
    format!("{}@{}", part.name, part.version)
}

fn component(part: &Part, toolchain: &Toolchain) -> Result<Component> {
    let mut component = Component::new(Classification::Library, &part.name, &part.version, Some(reference(part)));
    let (kind, name) = match part.origin {
        Origin::Registry(_) => ("cargo", part.name.clone()),
        Origin::Checkout => ("generic", part.name.clone()),
        Origin::Toolchain => ("generic", format!("rust-{}", part.name)),
    };
    let purl = Purl::new(kind, &name, &part.version);
    component.purl = Some(purl.with_context(|| format!("{} cannot be named by a package URL", part.name))?);
    component.licenses = Some(licenses(part)?);
    let mut properties: Vec<_> =
        part.features.iter().map(|feature| Property::new("minplat:cargo-feature", feature)).collect();
    match &part.origin {
        Origin::Registry(checksum) => {
            let hash = Hash { alg: HashAlgorithm::SHA_256, content: HashValue(checksum.clone()) };
            component.hashes = Some(Hashes(vec![hash]));
        }
        Origin::Toolchain => properties.push(Property::new("minplat:rustc-commit", &toolchain.commit)),
        Origin::Checkout => {}
    }
    component.properties = (!properties.is_empty()).then_some(Properties(properties));
    Ok(component)
}

fn licenses(part: &Part) -> Result<Licenses> {
    let expression = SpdxExpression::try_from(part.license.clone())
        .with_context(|| format!("the licence of {}, {:?}, is no SPDX expression", part.name, part.license))?;
    Ok(Licenses(vec![LicenseChoice::Expression(expression)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_makes_a_number() {
        let number = urn(&Digest::of(b"").hex());
        assert_eq!(number, "urn:uuid:e3b0c442-98fc-8c14-8afb-f4c8996fb924");
        UrnUuid::new(number).unwrap();
    }
}
