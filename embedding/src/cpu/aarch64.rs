//! The ID registers: readable in a kernel (EL1 and up), and in a process of a kernel that emulates them, as Linux does. The
//! fields are those of the Arm Architecture Reference Manual, D19.2.

use core::arch::asm;

use super::Lack;

macro_rules! id_register {
    ($name:literal) => {{
        let value: u64;
        // SAFETY: reading an ID register changes nothing.
        unsafe { asm!(concat!("mrs {}, ", $name), out(reg) value, options(nomem, nostack, preserves_flags)) };
        value
    }};
}

/// The four-bit field that starts at a bit.
fn field(register: u64, start: u32) -> u64 {
    register >> start & 0xf
}

pub(super) fn detect(name: &str) -> Option<bool> {
    Some(match name {
        "lse" => field(id_register!("ID_AA64ISAR0_EL1"), 20) >= 2,
        "dotprod" => field(id_register!("ID_AA64ISAR0_EL1"), 44) >= 1,
        "i8mm" => field(id_register!("ID_AA64ISAR1_EL1"), 52) >= 1,
        // 0 is without half precision, 15 is without floats.
        "fp16" => matches!(field(id_register!("ID_AA64PFR0_EL1"), 16), 1..=14),
        "paca" => {
            let (first, second) = (id_register!("ID_AA64ISAR1_EL1"), id_register!("S3_0_C0_C6_2"));
            // APA and API of ISAR1, APA3 of ISAR2: three algorithms, of which a CPU has one.
            field(first, 4) != 0 || field(first, 8) != 0 || field(second, 12) != 0
        }
        _ => return None,
    })
}

/// Vector state is on: this library's own code holds floats in the same registers, so it would not have come here.
pub(super) fn lack(features: &[&'static str]) -> Option<Lack> {
    features.iter().find(|feature| detect(feature) != Some(true)).map(|feature| Lack::Feature(feature))
}
