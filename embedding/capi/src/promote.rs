//! Shorter floats made longer, on cores that have no long ones: what comes with the compiler leaves a signalling NaN
//! signalling, and `f64.promote_f32` makes it quiet.

/// Digits of an `f64` that an `f32` has not.
const MORE: u32 = f64::MANTISSA_DIGITS - f32::MANTISSA_DIGITS;
/// What the exponents are apart.
const BIAS: u64 = (f64::MAX_EXP - f32::MAX_EXP) as u64;
/// Where an `f64` has its exponent.
const EXPONENT: u32 = f64::MANTISSA_DIGITS - 1;

/// The `f64` that `x` is; a NaN comes out quiet, with the digits that it had.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub(crate) extern "C" fn __extendsfdf2(x: f32) -> f64 {
    let short = x.to_bits();
    let (sign, size) = (u64::from(short >> 31) << 63, short << 1 >> 1);
    // In place: what is left of the leading digit is the exponent.
    let long = u64::from(size) << MORE;
    f64::from_bits(
        sign | match x.classify() {
            core::num::FpCategory::Zero => 0,
            core::num::FpCategory::Normal => long + (BIAS << EXPONENT),
            core::num::FpCategory::Infinite => long | 0x7ff << EXPONENT,
            core::num::FpCategory::Nan => long | 0xfff << (EXPONENT - 1),
            core::num::FpCategory::Subnormal => {
                // The leading digit goes where normal numbers have theirs unseen: it counts one exponent too much.
                let moved = size.leading_zeros() - 8;
                (u64::from(size) << (MORE + moved)) + ((BIAS - u64::from(moved)) << EXPONENT)
            }
        },
    )
}

/// The same, as Arm's run-time ABI calls it.
#[cfg(target_arch = "arm")]
#[unsafe(no_mangle)]
extern "aapcs" fn __aeabi_f2d(x: f32) -> f64 {
    __extendsfdf2(x)
}
