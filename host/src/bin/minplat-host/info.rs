//! `minplat-host info`.

use std::process::ExitCode;

use minplat_host::library::platform_file;
use minplat_host::{Device, find_library};
use minplat_platform::DEFAULT;
use serde_json::json;

use crate::args::Info;
use crate::{cpu, out};

pub(crate) fn info(args: &Info) -> ExitCode {
    match describe(args) {
        Ok(text) => match out::print(&text) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                out::lost(&error);
                ExitCode::FAILURE
            }
        },
        Err(error) => {
            out::failed(args.json, &error);
            ExitCode::FAILURE
        }
    }
}

fn describe(args: &Info) -> anyhow::Result<String> {
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
        return Ok(format!("{info}\n"));
    }
    let described = file.as_deref().unwrap_or("no platform file beside the library");
    let page_size = if device.page_size() == 0 { "none".into() } else { device.page_size().to_string() };
    let threads = if device.multi_thread() { "several at once" } else { "one at a time" };
    Ok(format!(
        "library      {}\n\
         minplat      {}\n\
         wasmtime     {}\n\
         platform     {}\n\
         fingerprint  {fingerprint}\n\
         described in {described}\n\
         page size    {page_size}\n\
         threads      {threads}\n\
         asks for     {}\n\
         host CPU     {}\n",
        path.display(),
        device.version(),
        device.wasmtime_major(),
        device.platform_name(),
        device.symbols().join("\n             "),
        cpu::features().join(" "),
    ))
}
