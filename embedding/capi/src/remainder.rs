//! The remainder of floats, small: Wasmtime's only use of it is to tell odd numbers from even ones (`nearest`), and what comes
//! with the compiler, made for speed, takes four times as many bytes.

/// C's `fmod`: what is left of `x` when `y` was taken from it as often as it fits, with the sign of `x`; exact. NaN where
/// there is no such number.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub(crate) extern "C" fn fmod(x: f64, y: f64) -> f64 {
    let (mut left, part) = (x.abs(), y.abs());
    if !(left < f64::INFINITY && part > 0.0) {
        return f64::NAN;
    }
    // The largest part, doubled so often, that fits. A difference that is less than what was taken is exact, and one that is
    // not does not get there by rounding.
    let mut taken = part;
    while left - taken >= taken {
        taken += taken;
    }
    loop {
        if left >= taken {
            left -= taken;
        }
        if taken == part {
            return left.copysign(x);
        }
        taken *= 0.5;
    }
}

/// C's `fmodf`: the same of shorter numbers.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub(crate) extern "C" fn fmodf(x: f32, y: f32) -> f32 {
    // What is left has no more digits than the shorter of the two.
    fmod(x.into(), y.into()) as f32
}
