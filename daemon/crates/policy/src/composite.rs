//! Combines the risks of several rules.

use crate::model::{BasisPoints, WHOLE_BP};

/// A rule that applies, with what the composite needs of it.
#[derive(Clone, Copy)]
pub(super) struct WeightedRisk {
    pub(super) weight: u32,
    pub(super) gate: bool,
    pub(super) risk_bp: BasisPoints,
}

/// The greater of the weighted mean and the gate factor times the worst gate; `None` when no rule applies.
pub(super) fn composite(parts: impl Iterator<Item = WeightedRisk>, gate_factor_bp: BasisPoints) -> Option<BasisPoints> {
    let (mut weight, mut weighted, mut worst_gate_bp) = (0, 0, 0);
    for part in parts {
        weight += u64::from(part.weight);
        weighted += u64::from(part.weight) * u64::from(part.risk_bp);
        worst_gate_bp = if part.gate { part.risk_bp.max(worst_gate_bp) } else { worst_gate_bp };
    }
    let floor_bp = half_up(u64::from(worst_gate_bp) * u64::from(gate_factor_bp), u64::from(WHOLE_BP));
    // Rounding keeps the order, so the greater of the two rounded values is the rounded greater one: it is rounded once.
    (weight > 0).then(|| half_up(weighted, weight).max(floor_bp))
}

/// `numerator / denominator` rounded half up; 0 over nothing. The quotients here are at most the whole.
pub(super) fn half_up(numerator: u64, denominator: u64) -> BasisPoints {
    (2 * numerator + denominator).checked_div(2 * denominator).map_or(0, narrow)
}

pub(super) fn narrow(basis_points: u64) -> BasisPoints {
    BasisPoints::try_from(basis_points).unwrap_or(WHOLE_BP)
}
