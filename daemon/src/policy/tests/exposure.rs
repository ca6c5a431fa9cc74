//! From a risk to a probability, and what strikes many.

use super::policy;
use crate::policy::{ExposurePolicy, Policy, ShockKind};

fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-12, "{found} is not {expected}");
}

#[test]
fn between_two_points_lies_a_straight_line_and_beyond_them_nothing_new() {
    let exposure = ExposurePolicy::default();
    for (risk_bp, probability) in [(0, 0.005), (2500, 0.02), (3750, 0.035), (5000, 0.05), (6250, 0.1), (10_000, 0.3)] {
        close(exposure.own_probability(Some(risk_bp)), probability);
    }
    close(exposure.own_probability(None), 0.05);
}

#[test]
fn a_policy_says_its_own_table_and_names_shocks() {
    let text = format!(
        "{}\n[exposure]\nhorizon_days = 90\nunrated_bp = 1000\ncorridor_bp = 20\n[[exposure.points]]\nrisk_bp = 2000\nprobability_bp = 100\n\
         [[exposure.points]]\nrisk_bp = 4000\nprobability_bp = 300\n[[exposure.shocks]]\nkind = 'corridor'\nname = 'M6'\nprobability_bp = 400\n",
        policy("clearance = {}").text()
    );
    let policy = Policy::parse("test.toml", &text).unwrap_or_else(|diagnostics| panic!("{diagnostics}"));
    let exposure = policy.exposure();
    assert_eq!(exposure.horizon_days, 90);
    for (risk_bp, probability) in [(0, 0.01), (2000, 0.01), (3000, 0.02), (4000, 0.03), (9000, 0.03)] {
        close(exposure.own_probability(Some(risk_bp)), probability);
    }
    close(exposure.own_probability(None), 0.1);
    close(exposure.shock_probability(ShockKind::Corridor, "M6"), 0.04);
    close(exposure.shock_probability(ShockKind::Corridor, "A1"), 0.002);
    close(exposure.shock_probability(ShockKind::Region, "M6"), 0.005);
}

/// A shock strikes what attestations name, however the policy writes it.
#[test]
fn a_shock_is_named_as_attestations_are_spelled() {
    let parse = |kind: &str, name: &str| {
        let shock = format!("[[exposure.shocks]]\nkind = '{kind}'\nname = '{name}'\nprobability_bp = 400\n");
        Policy::parse("test.toml", &format!("{}\n{shock}", policy("clearance = {}").text()))
    };
    for (kind, written, spelled) in [
        (ShockKind::Country, "China", "CN"),
        (ShockKind::Country, "uk", "GB"),
        (ShockKind::Parent, "gb-coh:6", "GB-COH:00000006"),
        (ShockKind::Parent, "NL-KVK:12345678", "NL-KVK:12345678"),
        (ShockKind::Parent, "The Smith family", "The Smith family"),
        (ShockKind::Region, "China", "China"),
    ] {
        let policy = parse(kind.as_str(), written).unwrap_or_else(|diagnostics| panic!("{diagnostics}"));
        close(policy.exposure().shock_probability(kind, spelled), 0.04);
    }
    for (kind, written) in [("country", "Atlantis"), ("parent", "GB-COH:QQ1"), ("parent", "GB-COH 6")] {
        let refused = parse(kind, written).expect_err(written).to_string();
        assert!(refused.contains("= help: "), "{refused}");
    }
}
