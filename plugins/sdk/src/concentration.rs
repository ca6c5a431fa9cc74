//! The risk of a concentration, the same in every rule that measures one.

use crate::assessment::WHOLE_BP;

/// Units of [`concentration`] in a basis point of risk: 800 and 8 200, the denominators of its slopes, divide 32 800, and an
/// index is a square of basis points over 10 000.
pub const CONCENTRATION_UNITS: u64 = 32_800 * WHOLE_BP as u64;

/// S(HHI) of `squares` = Σ share_bp²: 10.00 below an index of 1000, from there straight to 40.00 at 1800, from there
/// straight to 100.00 at 10 000. In [`CONCENTRATION_UNITS`], so that nothing is rounded before the end.
///
/// 1000 and 1800 are where concentration begins and where it is high in merger control (the United States' guidelines of 1982;
/// 1800 again in those of 2023); the risks are Tierwatch's own.
#[must_use]
pub fn concentration(squares: u64) -> u64 {
    const MODERATE: u64 = 1_000 * WHOLE_BP as u64;
    const HIGH: u64 = 1_800 * WHOLE_BP as u64;
    match squares.min(u64::from(WHOLE_BP).pow(2)) {
        ..MODERATE => 1_000 * CONCENTRATION_UNITS,
        squares @ MODERATE..=HIGH => 1_000 * CONCENTRATION_UNITS + 3_000 * (squares - MODERATE) * (32_800 / 800),
        squares => 4_000 * CONCENTRATION_UNITS + 6_000 * (squares - HIGH) * (32_800 / 8_200),
    }
}
