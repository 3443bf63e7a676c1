//! Ticks from another thread.

mod common;

use common::{Guests, PLATFORMS, library, start};
use minplat_host::ErrorCode;
use minplat_platform::Platform;
use minplat_platform::settings::Interruption;

/// Where a tick would be an error, made on the library's heap by a thread that must keep off it, nobody can tick.
#[test]
fn there_are_ticks_only_where_the_platform_has_epochs() {
    let Some(guests) = Guests::new() else { return };
    let guest = r#"(module (func (export "forever") (loop $l (br $l))))"#;
    for platform in PLATFORMS {
        let Some(library) = library(platform) else { continue };
        let has_epochs = Platform::load(platform, &[]).unwrap().settings().interruption == Interruption::Epoch;
        let artifact = guests.compile(platform, guest, &["-p", platform]);
        let common::Running { engine, mut store, instance } = start(&library, &artifact);
        let interrupter = match (engine.interrupter(), has_epochs) {
            (Ok(interrupter), true) => interrupter,
            (Err(error), false) => {
                assert_eq!(error.code, ErrorCode::UNSUPPORTED, "{platform}: {error}");
                assert!(error.message.contains(platform) && error.message.contains("wasm.interruption"), "{error}");
                continue;
            }
            (answer, _) => panic!("{platform}: {:?}", answer.err()),
        };
        store.set_epoch_deadline(1).unwrap();
        let forever = instance.func(&mut store, "forever").unwrap();
        let error = std::thread::scope(|scope| {
            scope.spawn(|| {
                std::thread::sleep(std::time::Duration::from_millis(20));
                interrupter.increment_epoch().unwrap();
            });
            forever.call(&mut store, &[]).unwrap_err()
        });
        assert_eq!(error.code, ErrorCode::INTERRUPTED, "{platform}: {error}");
    }
}
