//! Rounding, as one does it on paper: half up, on the digits that are written.

/// `number` divided by `by`, rounded half up; `by` is positive.
pub(super) fn rounded(number: i64, by: i64) -> Option<i64> {
    let twice = i128::from(number) * 2 + i128::from(by);
    i64::try_from(twice.checked_div_euclid(i128::from(by) * 2)?).ok()
}

/// `decimal` times `by`, rounded half up. The decimal is what is written, not the nearest binary fraction: 100 times 0.285 is 29,
/// though a computer has it a little below.
pub(super) fn scaled(decimal: f64, by: i64) -> Option<i64> {
    // The shortest digits that mean this number, as `2.85e-1`.
    let written = format!("{decimal:e}");
    let (digits, exponent) = written.split_once('e').unwrap_or((&written, "0"));
    let fraction_digits = digits.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let whole: Option<i128> = digits.replace('.', "").parse().ok();
    let exponent: Option<i64> = exponent.parse().ok();
    let (whole, exponent) = whole.zip(exponent)?;
    // At most 17 digits times 19.
    let product = whole * i128::from(by);
    let shift = exponent - i64::try_from(fraction_digits).unwrap_or(0);
    let power = u32::try_from(shift.unsigned_abs()).ok().and_then(|power| 10_i128.checked_pow(power));
    let rounded = match (shift < 0, power) {
        (false, Some(power)) => product.checked_mul(power),
        (false, None) if product == 0 => Some(0),
        (false, None) => None,
        (true, Some(power)) => Some((product + power / 2).div_euclid(power)),
        // Less than a half, by far.
        (true, None) => Some(0),
    };
    rounded.and_then(|rounded| i64::try_from(rounded).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_half_is_rounded_up() {
        for (number, by, expected) in [(5, 2, 3), (4, 2, 2), (-5, 2, -2), (1, 3, 0), (2, 3, 1), (0, 7, 0)] {
            assert_eq!(rounded(number, by), Some(expected), "{number} / {by}");
        }
    }

    #[test]
    fn a_decimal_is_the_number_that_is_written() {
        for (decimal, by, expected) in [
            (0.285, 100, 29),
            (0.285, 10_000, 2_850),
            (1.005, 100, 101),
            (-0.285, 100, -28),
            (0.5, 1, 1),
            (-0.5, 1, 0),
            (-0.51, 1, -1),
            (0.1, 3, 0),
            (0.17, 3, 1),
            (2.0, 10, 20),
            (1e3, 7, 7_000),
            (0.0, 10_000, 0),
            (-0.0, 10_000, 0),
            (1e-300, i64::MAX, 0),
            (1e300, 0, 0),
            (1e-15, i64::MAX, 9_223),
            (0.123_456_789_012_345_68, 10_000_000_000_000_000, 1_234_567_890_123_457),
        ] {
            assert_eq!(scaled(decimal, by), Some(expected), "{decimal} times {by}");
        }
    }

    #[test]
    fn what_is_too_large_is_no_number() {
        assert_eq!(scaled(1e19, 1), None);
        assert_eq!(rounded(i64::MAX, 1), Some(i64::MAX));
    }
}
