//! docs/platform-checks.md.

use std::fmt::Write as _;

const HEAD: &str = "\
# Platform checks

What `wasmtime-platform.h` asks for, tried out on the machine itself. A port that passes them is one on which the library's own
assumptions hold; what a check cannot see, it says. They cost nothing where they are not built in.

On Linux, for what `minplat-host` offers to device libraries:

```sh
minplat-host check-platform                                  # by the program itself: everything that it offers
minplat-build --set build.platform-checks=true x86_64-minplat
minplat-host check-platform x86_64-minplat+build.platform-checks=true     # by that library
```

On a device, in C, with a library that was built with `build.platform-checks = true`, before the first engine is made:

```c
static void told(void *env, const minplat_check_t *check)
{
    if (check->outcome == MINPLAT_CHECK_FAILED)
        print(check->name, check->name_len), print(check->detail, check->detail_len);
}

minplat_check_config_t config = { .hook = told };
size_t failed;
minplat_error_t *error = minplat_check_platform(&config, &failed);
```

In Rust, with the feature `platform-checks` of crate `minplat` and the same setting, as `examples/rust-kernel` does:

```rust
let platform = minplat::platform_functions();
let mut tell = |check: &minplat::checks::Check, outcome: Outcome<'_>| {
    if let Outcome::Failed(seen) = outcome {
        say!(\"{}: {seen}; {}\", check.name, check.remedy);
    }
};
// SAFETY: no engine was made yet, and nobody else uses the platform.
let checked = unsafe { minplat::check_platform(&platform, None, &mut tell) };
let tally = checked.map_err(|error| format_err!(\"{error}\"))?;
```

- **Outcomes.** Passed; failed, with what was seen; not checkable here, with the reason.
- **A check that does not come back.** The hook hears of each check before it begins: if the machine stops or hangs, that one is
  the reason.
- **Faults.** What must fault is tried where the platform delivers traps (`offers.traps`), since the check takes the fault itself.
  Elsewhere it is not checkable, and what must *not* fault is tried all the same.
- **Threads.** What holds between threads needs some: give `run_threads` (C) or `threads` (Rust), which runs a job on so many
  threads at once.
- **Caches.** No emulator that is in wide use has them; say `is_emulated`, and `code-coherent` is left to the real machine.

The checks, in the order in which they run. `minplat-host check-platform --list` writes this page.

| check | passes where | if it fails |
| --- | --- | --- |
";

/// The page, made from the checks themselves.
pub fn reference() -> String {
    let mut page = HEAD.to_owned();
    for check in minplat_checks::checks() {
        // A bar would end the cell.
        let cell = |text: &str| text.replace('|', "\\|");
        writeln!(page, "| `{}` | {} | {} |", check.name, cell(check.meaning), cell(check.remedy))
            .expect("a String takes any text");
    }
    page
}
