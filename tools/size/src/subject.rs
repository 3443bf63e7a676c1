//! From what the user named to a report: a platform, a program, a library, a compiled module, a saved report.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use anyhow::{Context, Result, bail};
use minplat_compiler::input;
use minplat_compiler::sniff::{self, Kind};
use minplat_platform::Platform;
use object::ObjectKind;
use object::read::archive::ArchiveFile;

use crate::layout::{self, Layout};
use crate::map::{self, Part};
use crate::model::{By, FORMAT, Report, Row, Section};
use crate::{cwasm, dwarf, measure, method, near, owners};

/// What is to be looked at.
pub(crate) struct Subject<'a> {
    /// As the user called it.
    pub(crate) called: &'a str,
    /// Changes to a platform.
    pub(crate) sets: &'a [String],
    /// The linker's map of a program.
    pub(crate) map: Option<&'a Path>,
    /// Whose the bytes are to be.
    pub(crate) by: By,
}

impl Subject<'_> {
    /// Looks at it.
    ///
    /// # Errors
    /// It is nothing that can be read, or a library that cannot be built.
    pub(crate) fn report(&self) -> Result<Report> {
        if self.is_platform() {
            return self.platform().with_context(|| self.called.to_string());
        }
        if !self.sets.is_empty() {
            bail!("{}: --set changes a platform, and this is a file; leave it out", self.called);
        }
        let (_, bytes) = input::file(Path::new(self.called))?;
        self.file(&bytes).with_context(|| self.called.to_string())
    }

    /// A shipped name wins over a file; what is no file is a platform, or nothing.
    pub(crate) fn is_platform(&self) -> bool {
        let path = Path::new(self.called);
        Platform::shipped().any(|name| name == self.called)
            || path.extension().is_some_and(|extension| extension == "toml")
            || (self.called != "-" && !path.exists())
    }

    fn platform(&self) -> Result<Report> {
        let plain = Platform::load(self.called, self.sets)?;
        if self.map.is_some() {
            bail!("--map is for a program; the map of a platform's library is found");
        }
        let platform = match self.by {
            By::Symbol => plain.clone(),
            By::Crate => {
                let (platform, sets) = measure::with_debugging(self.called, self.sets)?;
                measure::build(self.called, &sets)?;
                platform
            }
        };
        let measured = measure::measure(&platform)?;
        let what = "the size probe with what it reaches of the library, unused sections collected";
        let mut report = self.program(&measured.elf, measured.layout, what)?;
        report.name = plain.name().to_string();
        report.beside = measured.beside;
        report.method.insert(0, method::measured(&measured.how, plain.name() != platform.name()));
        Ok(report)
    }

    fn file(&self, bytes: &[u8]) -> Result<Report> {
        if bytes.starts_with(b"{") {
            return saved(bytes);
        }
        if bytes.starts_with(b"!<arch>\n") {
            return self.archive(bytes);
        }
        match sniff::kind(bytes) {
            Kind::Cwasm => cwasm::report(self.called, bytes),
            Kind::Module | Kind::Wat => {
                bail!("it is WebAssembly that is not compiled; run minplat-compile on it first")
            }
            Kind::Component => {
                bail!("it is a WebAssembly component that is not compiled; run minplat-compile on it first")
            }
            Kind::Packed => bail!("it is packed; run minplat-compile --unpack on it first"),
            Kind::Empty => bail!("it is empty"),
            Kind::Other(what) if !bytes.starts_with(b"\x7fELF") => {
                bail!("it is {what}; name a platform, an ELF file, a .a, a .cwasm or a saved report (--json)")
            }
            Kind::Other(_) => {
                let file = object::File::parse(bytes).context("its headers cannot be read")?;
                let mut layout = Layout::read(bytes)?;
                layout.origins = self.origins()?;
                if layout::is_object(&file) {
                    layout.origins.extend(self.origins_given(&layout.parts)?);
                    return self.program(bytes, layout, "an object, all of it");
                }
                let debug = near::complete(&mut layout, &file, Path::new(self.called), self.map)?;
                let what =
                    if object::Object::kind(&file) == ObjectKind::Dynamic { "a shared object" } else { "a program" };
                self.program(debug.as_deref().unwrap_or(bytes), layout, what)
            }
        }
    }

    /// What the library that a file is of tells of its parts; nothing of a file that is in none.
    fn origins(&self) -> Result<HashMap<String, String>> {
        near::prefix(Path::new(self.called)).map_or_else(|| Ok(HashMap::new()), measure::origins)
    }

    /// The same by the map that the user named, of what is not linked yet.
    fn origins_given(&self, parts: &[Part]) -> Result<HashMap<String, String>> {
        let Some(path) = self.map else { return Ok(HashMap::new()) };
        let map = map::read(path)?;
        let known: HashSet<_> = map.parts.iter().map(|part| (&part.section, part.size)).collect();
        if !parts.iter().any(|part| known.contains(&(&part.section, part.size))) {
            bail!(
                "{} is the map of something else: no section of this is in it; give the map of the link",
                path.display()
            );
        }
        Ok(measure::origins_of(&map.parts))
    }

    fn program(&self, bytes: &[u8], mut layout: Layout, what: &str) -> Result<Report> {
        let file = object::File::parse(bytes)?;
        let linked = object::Object::kind(&file) != ObjectKind::Relocatable;
        let known = if linked { dwarf::read(&file)? } else { None };
        // What a symbol does not say, as where a function in C is from.
        for function in known.iter().flat_map(|known| &known.functions) {
            layout.origins.entry(function.name.full.clone()).or_insert_with(|| function.owner.clone());
        }
        let inlined = known.filter(|_| self.by == By::Crate);
        let rows = owners::rows(&layout, inlined.as_ref());
        let mut report = self.put_together(&layout, rows, what);
        report.by = if inlined.is_some() { By::Crate } else { By::Symbol };
        report.method = method::of_program(&layout, self.by, inlined.is_some(), &report);
        Ok(report)
    }

    /// All members, each an object.
    fn archive(&self, bytes: &[u8]) -> Result<Report> {
        let archive = ArchiveFile::parse(bytes).context("the archive's headers cannot be read")?;
        let mut whole = Layout::default();
        let mut rows: Vec<Row> = Vec::new();
        let mut origins = self.origins()?;
        let mut members = Vec::new();
        for member in archive.members() {
            let member = member.context("a member of the archive is damaged")?;
            let data = member.data(bytes).context("a member of the archive is cut off")?;
            // What is no object, or has nothing that is loaded: metadata of rustc.
            if object::File::parse(data).map_or(true, |file| layout::is_empty(&file)) {
                continue;
            }
            let name = String::from_utf8_lossy(member.name()).into_owned();
            let layout = Layout::read(data).with_context(|| name.clone())?;
            whole.parts.extend(layout.parts.iter().cloned());
            members.push(layout);
        }
        if members.is_empty() {
            bail!("no member of the archive is an ELF object with something that is loaded");
        }
        origins.extend(self.origins_given(&whole.parts)?);
        for mut layout in members {
            layout.origins.clone_from(&origins);
            rows.extend(owners::rows(&layout, None));
            whole.places.extend(layout.places);
            whole.references.extend(layout.references);
        }
        let mut report = self.put_together(&whole, rows, "a library, all of it, not linked yet");
        report.by = By::Symbol;
        report.method = method::of_program(&whole, By::Symbol, false, &report);
        Ok(report)
    }

    fn put_together(&self, layout: &Layout, mut rows: Vec<Row>, what: &str) -> Report {
        let mut sections: Vec<Section> = Vec::new();
        for place in &layout.places {
            let stored = place.class != crate::model::Class::Zero;
            let flash = if stored { place.size } else { 0 };
            let ram = if place.writable { place.size } else { 0 };
            match sections.iter_mut().find(|section| section.name == place.name && section.class == place.class) {
                Some(section) => {
                    section.bytes += place.size;
                    section.flash += flash;
                    section.ram += ram;
                }
                None => {
                    let name = place.name.clone();
                    sections.push(Section { name, class: place.class, bytes: place.size, flash, ram });
                }
            }
        }
        rows.sort_by_key(|row| std::cmp::Reverse(row.bytes));
        let sum = |of: fn(&Section) -> u64| sections.iter().map(of).sum();
        Report {
            format: FORMAT,
            name: self.called.to_string(),
            what: what.into(),
            by: self.by,
            owner: "crate".into(),
            total: sum(|section| section.bytes),
            beside: Vec::new(),
            flash: sum(|section| section.flash),
            ram: sum(|section| section.ram),
            sections,
            rows,
            method: Vec::new(),
        }
    }
}

/// A report that was saved before.
fn saved(bytes: &[u8]) -> Result<Report> {
    let report: Report = serde_json::from_slice(bytes)
        .context("it is JSON, but no saved report; save one: minplat-size report … --json")?;
    if report.format != FORMAT {
        bail!("it was saved in format {}, and this program reads {FORMAT}; make it again", report.format);
    }
    Ok(report)
}
