//! What the library does to panics of the program that uses it: nothing, on any thread. Alone in its program, because the
//! panic hook is one for all threads.

mod common;

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use minplat_compiler::disasm::disassemble;
use minplat_compiler::image::Image;

static HEARD: AtomicUsize = AtomicUsize::new(0);

#[test]
fn damaged_images_are_quiet_and_other_panics_are_heard() {
    // Before anything of the library runs: its own hook goes on top of this one, once, and hands on what is not its.
    std::panic::set_hook(Box::new(|_| {
        HEARD.fetch_add(1, SeqCst);
    }));
    let platform = minplat_platform::Platform::load("pulley32-thumbv7em", &[]).unwrap();
    let wasm = wat::parse_str(common::ALL_KINDS).unwrap();
    let compiled = minplat_compiler::compile(&platform, &wasm, Default::default()).unwrap();
    let image = &compiled.artifact[..compiled.image_len];

    // By the first read the hook has changed hands; what panics in that very moment is heard by Rust's own.
    Image::parse(image).and_then(|image| disassemble(&image, Some("fib"))).unwrap();
    let damaged = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let damaged = &damaged;
            scope.spawn(move || {
                for at in (thread..image.len()).step_by(4) {
                    for change in [1, 2, 4, 0x80] {
                        let mut bytes = image.to_vec();
                        bytes[at] ^= change;
                        let read = Image::parse(&bytes).and_then(|image| disassemble(&image, Some("fib")));
                        if read.is_err_and(|error| format!("{error:#}").contains("one of its tables is damaged")) {
                            damaged.fetch_add(1, SeqCst);
                        }
                    }
                }
            });
        }
        // Meanwhile this thread panics for reasons of its own.
        for _ in 0..100 {
            assert!(std::panic::catch_unwind(|| std::panic::panic_any("mine")).is_err());
            std::thread::yield_now();
        }
    });
    let _ = std::panic::catch_unwind(|| std::panic::panic_any("mine too"));
    let heard = HEARD.load(SeqCst);
    let _ = std::panic::take_hook();
    assert!(damaged.load(SeqCst) > 0, "no damage made anything panic: the test shows nothing");
    assert_eq!(heard, 101, "own panics are heard, and no other");
}
