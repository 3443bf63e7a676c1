//! `minplat-host info`.

use std::process::ExitCode;

use minplat_host::library::platform_file;
use minplat_host::{Device, find_library};
use minplat_platform::DEFAULT;
use serde_json::json;

use crate::args::Info;
use crate::cpu;

pub(crate) fn info(args: &Info) -> ExitCode {
    match describe(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn describe(args: &Info) -> anyhow::Result<()> {
    let path = match &args.library {
        Some(path) => path.clone(),
        None => find_library(args.platform.as_deref().unwrap_or(DEFAULT), None)?,
    };
    let device = Device::open(&path)?;
    let fingerprint: String = device.fingerprint().iter().map(|byte| format!("{byte:02x}")).collect();
    let file = platform_file(&path).map(|file| file.display().to_string());
    if args.json {
        let info = json!({
            "library": path.display().to_string(),
            "version": device.version(),
            "wasmtime": device.wasmtime_major(),
            "platform": device.platform_name(),
            "fingerprint": fingerprint,
            "platform_file": file,
            "page_size": device.page_size(),
            "multi_thread": device.multi_thread(),
            "symbols": device.symbols(),
            "host_cpu": cpu::features(),
        });
        println!("{info}");
        return Ok(());
    }
    println!("library      {}", path.display());
    println!("minplat      {}", device.version());
    println!("wasmtime     {}", device.wasmtime_major());
    println!("platform     {}", device.platform_name());
    println!("fingerprint  {fingerprint}");
    println!("described in {}", file.as_deref().unwrap_or("no platform file beside the library"));
    println!("page size    {}", if device.page_size() == 0 { "none".into() } else { device.page_size().to_string() });
    println!("threads      {}", if device.multi_thread() { "several at once" } else { "one at a time" });
    println!("asks for     {}", device.symbols().join("\n             "));
    println!("host CPU     {}", cpu::features().join(" "));
    Ok(())
}
