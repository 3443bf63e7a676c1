//! Lets the first, the second … time fail, until there is no such time.

use minplat_host::platform::{self, Failing, Fault};
use minplat_host::{Error, ErrorCode};

use crate::world::{Scenario, World};

/// What came of a sweep.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Outcome {
    /// How many times something failed.
    pub(crate) faults: usize,
    /// How many of those the run ended with an error, or a growth with -1.
    pub(crate) noticed: usize,
}

/// Runs a scenario with each time failing, and with no fault after each. Panics with the fault that it did not stand.
pub(crate) fn sweep(world: &World, scenario: Scenario, what: Failing, lasts: bool) -> Outcome {
    // Wasmtime's registries keep some memory from the first run on.
    for _ in 0..2 {
        assert_fine(&world.run(scenario), "without a fault");
    }
    let before = world.taken();
    // An allocation of ours that is not given back shows at once; a page of the heap's may be the last of that kind.
    let rounds = if what == Failing::Heap { 1 } else { 3 };
    let mut outcome = Outcome::default();
    loop {
        let nth = outcome.faults as u64 + 1;
        // If this is the end of it, here is with what.
        eprintln!("{scenario:?}, {what}: {nth}{}", if lasts { " and all behind it" } else { "" });
        let mut taken = None;
        for round in 1..=rounds {
            let fault = Fault { what, nth: what.count() + nth, lasts };
            platform::set_faults(vec![fault]);
            let errors = world.run(scenario);
            let came = what.count() >= fault.nth;
            platform::set_faults(Vec::new());
            if !came {
                assert_fine(&errors, "a fault that did not come");
                return outcome;
            }
            if round == 1 {
                outcome.faults += 1;
                outcome.noticed += usize::from(!errors.is_empty());
            }
            for error in &errors {
                let is_known = [ErrorCode::OUT_OF_MEMORY, ErrorCode::LIMIT].contains(&error.code);
                assert!(is_known && !error.message.is_empty(), "{scenario:?}, {fault}: {:?}: {error}", error.code);
            }
            assert_fine(&world.run(scenario), &format!("{scenario:?}, after {fault}"));
            // The heap may lie in one piece more, which it keeps; all else is as before, and another time takes nothing.
            let now = world.taken();
            assert_eq!(now.but_for_the_heaps_pages(), before.but_for_the_heaps_pages(), "{scenario:?}, after {fault}");
            assert!(round < 3 || taken == Some(now), "{scenario:?}, {fault}, again: {now:?}, not {taken:?}");
            taken = Some(now);
        }
    }
}

fn assert_fine(errors: &[Error], when: &str) {
    assert!(errors.is_empty(), "{when}: {errors:?}");
}
