//! Turns the platform that `MINPLAT_PLATFORM` names (and `MINPLAT_SET`, lines of `key=value`) into constants: embedding and
//! compiler read one description.
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

/// Writes `platform.rs` into `OUT_DIR`.
fn constants() -> Result<(), String> {
    let platform = load()?;
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
         pub const PLATFORM: PlatformInfo = PlatformInfo {{ name: {:?}, fingerprint: {:?}, settings: {settings} }};",
        platform.name(),
        platform.fingerprint(),
    )
    .expect("a String takes any text");
    write("platform.rs", &text)?;
    // Reaches the build script of `minplat-capi`, which depends on this crate, as DEP_MINPLAT_IDENTITY.
    println!("cargo::metadata=identity={}", write("identity", &identity(&platform))?.display());
    Ok(())
}

/// What a library says of itself in its section `.minplat.platform`: lines of `name=value`, a blank one, and behind it
/// every setting that must agree.
fn identity(platform: &Platform) -> String {
    let fingerprint: String = platform.fingerprint().iter().map(|byte| format!("{byte:02x}")).collect();
    let mut text = format!(
        "minplat={}\nplatform={}\nfingerprint={fingerprint}\nwasmtime={}\n\n",
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
             Build with `minplat-build PLATFORM`, or set {NAME} to a shipped platform's name or to the path of a platform \
             file, as in {NAME}={}, and give Cargo the platform's features.",
            minplat_platform::DEFAULT
        )
    })?;
    let sets: Vec<String> = std::env::var(SETS)
        .unwrap_or_default()
        .lines()
        .map(|line| line.trim().to_string())
        .filter(|line| !line.is_empty())
        .collect();
    Platform::load(&name, &sets).map_err(|problems| problems.to_string())
}
