//! Thread-local slots.

use core::ptr::without_provenance_mut;
use core::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use super::check;
use super::thread::many;
use crate::check::Check;
use crate::finding::{Finding, Found};
use crate::machine::Machine;
use crate::platform::Tls;

pub(super) static CHECKS: &[Check] = &[
    check(
        "tls-slots",
        slots,
        "Each of the two slots keeps what was written to it, and not what was written to the other.",
        "Keep an array of two pointers for each thread, and use the argument as its index.",
    ),
    check(
        "tls-threads",
        threads,
        "Each thread has slots of its own, and NULL in them at first.",
        "Keep the slots with the thread (a register, a field of the task), and clear them when a thread begins.",
    ),
];

fn tls<'a>(m: &Machine<'a>) -> Result<&'a Tls, Finding> {
    match &m.platform.tls {
        Some(tls) => Ok(tls),
        None => not_checkable!(m, "the platform offers no thread-local slots: the library keeps them itself"),
    }
}

fn slots(m: &Machine<'_>) -> Found {
    let tls = tls(m)?;
    // SAFETY: the slots are read and written, and in the end they are as before.
    let get = |slot| unsafe { (tls.get)(slot) };
    // SAFETY: as above.
    let set = |slot, pointer| unsafe { (tls.set)(slot, pointer) };
    let before = [get(0), get(1)];
    let mut wrong = None;
    for round in 0..4 {
        let wanted: [*mut u8; 2] = [without_provenance_mut(0x1000 + round), without_provenance_mut(0x2000 + round)];
        // In either order.
        let order = if round % 2 == 0 { [0, 1] } else { [1, 0] };
        order.iter().for_each(|slot| set(*slot, wanted[*slot]));
        for slot in [0, 1] {
            if get(slot) != wanted[slot] {
                wrong = Some((slot, wanted[slot], get(slot)));
            }
        }
    }
    set(0, before[0]);
    set(1, before[1]);
    if let Some((slot, wanted, got)) = wrong {
        fail!(m, "slot {slot} was given {wanted:p} and returns {got:p}");
    }
    ensure!(m, [get(0), get(1)] == before, "the slots do not return what they held before");
    Ok(())
}

fn threads(m: &Machine<'_>) -> Found {
    const COUNT: usize = 3;
    let tls = tls(m)?;
    // SAFETY: threads that the program lends have nothing in their slots; in the end they have nothing again.
    let get = |slot| unsafe { (tls.get)(slot) };
    // SAFETY: as above.
    let set = |slot, pointer| unsafe { (tls.set)(slot, pointer) };
    let before = [get(0), get(1)];
    let (not_null, lost) = (AtomicUsize::new(0), AtomicUsize::new(0));
    many(m, COUNT, &|meeting, number| {
        for slot in [0, 1] {
            if !get(slot).is_null() {
                not_null.fetch_add(1, SeqCst);
            }
        }
        meeting.meet();
        for round in 0..1000 {
            let own = |slot: usize| without_provenance_mut::<u8>((number + 1) << 20 | round << 4 | slot);
            for slot in [0, 1] {
                set(slot, own(slot));
            }
            if round == 0 {
                meeting.meet();
            }
            for slot in [0, 1] {
                if get(slot) != own(slot) {
                    lost.fetch_add(1, SeqCst);
                }
            }
        }
        meeting.meet();
        for slot in [0, 1] {
            set(slot, core::ptr::null_mut());
        }
    })?;
    let (not_null, lost) = (not_null.into_inner(), lost.into_inner());
    let after = [get(0), get(1)];
    set(0, before[0]);
    set(1, before[1]);
    ensure!(m, lost == 0, "{lost} times a thread did not find in its slot what it had put there");
    ensure!(m, after == before, "other threads changed the slots of this one");
    ensure!(m, not_null == 0, "{not_null} slots of new threads were not NULL");
    Ok(())
}
