//! Turns the platform that `MINPLAT_PLATFORM` names (and `MINPLAT_SET`, lines of `key=value`) into constants: embedding and
//! compiler read one description. Refuses Cargo features that are not the platform's.
use std::fmt::Write as _;
use std::path::PathBuf;

use minplat_platform::Platform;
use minplat_platform::settings::RustLiteral as _;

const NAME: &str = "MINPLAT_PLATFORM";
const SETS: &str = "MINPLAT_SET";

fn main() {
    for variable in [NAME, SETS] {
        println!("cargo::rerun-if-env-changed={variable}");
    }
    if let Err(error) = constants() {
        for line in error.lines() {
            println!("cargo::error={line}");
        }
    }
}

/// The Cargo features that a platform decides, as in `Cargo.toml`. What is logged is the program's to say.
const FEATURES: &[&str] = &[
    "virtual-memory",
    "traps",
    "multi-thread",
    "pulley",
    "gc-drc",
    "gc-copying",
    "gc-null",
    "component-model",
    "async",
    "custom-fiber",
    "debug",
    "platform-checks",
    "unpack",
];

/// Writes `platform.rs` into `OUT_DIR`.
fn constants() -> Result<(), String> {
    let platform = load()?;
    features(&platform)?;
    // Shipped platforms are part of the build script itself.
    if !Platform::shipped().any(|shipped| platform.name() == shipped) {
        for file in platform.files() {
            println!("cargo::rerun-if-changed={}", file.display());
        }
    }

    let mut text = String::new();
    let mut settings = String::new();
    platform.settings().literal(&mut settings).expect("a String takes any text");
    writeln!(
        text,
        "/// The platform that this library was built for.\n\
         pub const PLATFORM: PlatformInfo = PlatformInfo {{ name: {:?}, fingerprint: {:?}, base: {:?}, settings: {settings} }};",
        platform.name(),
        platform.fingerprint(),
        platform.base_fingerprint(),
    )
    .expect("a String takes any text");
    write("platform.rs", &text)?;
    // Reaches the build script of `minplat-capi`, which depends on this crate, as DEP_MINPLAT_IDENTITY.
    println!("cargo::metadata=identity={}", write("identity", &identity(&platform))?.display());
    Ok(())
}

/// Holds the Cargo features that are on against those that the platform needs.
fn features(platform: &Platform) -> Result<(), String> {
    let needed = platform.program_features();
    let is_on = |feature: &str| {
        let variable = format!("CARGO_FEATURE_{}", feature.to_uppercase().replace('-', "_"));
        std::env::var_os(variable).is_some()
    };
    let names = |which: &dyn Fn(&str) -> bool| -> Vec<&str> { FEATURES.iter().copied().filter(|f| which(f)).collect() };
    let lacking = names(&|f| needed.contains(&f) && !is_on(f));
    let superfluous = names(&|f| !needed.contains(&f) && is_on(f));
    let mut what = Vec::new();
    if !lacking.is_empty() {
        what.push(format!("add {}", lacking.join(", ")));
    }
    if !superfluous.is_empty() {
        what.push(format!("take out {}", superfluous.join(", ")));
    }
    if what.is_empty() {
        return Ok(());
    }
    Err(format!(
        "the Cargo features of crate minplat are not those of the platform {}: {}; whoever depends on it says \
         features = {needed:?} (`minplat-build --print cargo-config PLATFORM` prints the line), or change the platform file.",
        platform.name(),
        what.join(" and "),
    ))
}

/// What a library says of itself in its section `.minplat.platform`: lines of `name=value`, a blank one, and behind it
/// every setting that must agree.
fn identity(platform: &Platform) -> String {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let (fingerprint, base) = (hex(&platform.fingerprint()), hex(&platform.base_fingerprint()));
    let mut text = format!(
        "minplat={}\nplatform={}\nfingerprint={fingerprint}\nbase={base}\nwasmtime={}\n\n",
        env!("CARGO_PKG_VERSION"),
        platform.name(),
        minplat_platform::WASMTIME_MAJOR,
    );
    for setting in platform.agreement() {
        writeln!(text, "{}={}", setting.name, setting.value).expect("a String takes any text");
    }
    text
}

fn write(name: &str, text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(std::env::var_os("OUT_DIR").expect("Cargo sets OUT_DIR")).join(name);
    std::fs::write(&path, text).map_err(|e| format!("cannot write {}: {e}", path.display()))?;
    Ok(path)
}

fn load() -> Result<Platform, String> {
    let name = std::env::var(NAME).map_err(|_| {
        format!(
            "the embedding is built for one platform, and {NAME} names none.\n\
             For C: `minplat-build PLATFORM` builds the library. For Rust: set {NAME} to a shipped platform's name or to the \
             absolute path of a platform file, as in {NAME}={}; `minplat-build --print cargo-config PLATFORM` prints a Cargo \
             configuration that does, and the features to give (docs/rust.md).",
            minplat_platform::DEFAULT
        )
    })?;
    let sets: Vec<String> = std::env::var(SETS)
        .unwrap_or_default()
        .lines()
        .map(|line| line.trim().to_string())
        .filter(|line| !line.is_empty())
        .collect();
    Platform::load(&name, &sets).map_err(|problems| {
        let mut text = problems.to_string();
        let path = std::path::Path::new(&name);
        if !path.is_absolute() && name.contains(['/', '.']) && !path.exists() {
            // Cargo runs this in the folder of crate minplat, not in the program's.
            text += &format!(
                "\nin {NAME} a relative path means nothing to Cargo's build scripts: give an absolute one, or in \
                 .cargo/config.toml [env] {NAME} = {{ value = {name:?}, relative = true }}"
            );
        }
        text
    })
}
