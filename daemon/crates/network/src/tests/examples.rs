//! The worked examples of the supply network, and facts that no example shows.

use super::{need, organisation, profile, source};
use crate::{
    Network, StatedRequirement, Statement,
    model::{
        BasisPoints, Facts,
        claims::{Class, ClearanceLevel},
        facts::Loss,
    },
};
use std::sync::Arc;

fn network(said: &[(&str, Vec<Statement>)]) -> Network {
    let mut network = Network::default();
    for (subject, statements) in said {
        network.set(&organisation(subject), statements.clone());
    }
    network.settle();
    network
}

fn facts(network: &Network, name: &str) -> Arc<Facts> {
    network.facts(&organisation(name))
}

/// Checks whose single point of failure each organisation is: `name: programmes / hidden among them, tier`.
fn check_impact(network: &Network, expected: &[&str]) {
    for line in expected {
        let (name, _) = line.split_once(':').expect("a name");
        let impact = &facts(network, name).impact;
        let join = |counts: fn(&&Loss) -> bool| {
            let losses = impact.single_point_of.iter().filter(counts);
            losses
                .map(|loss| loss.programme.as_str().split_once(':').map_or("", |(_, id)| id))
                .collect::<Vec<_>>()
                .join(" ")
        };
        let (single, hidden) = (join(|_| true), join(|loss| loss.hidden));
        let tier = impact.tier.map_or("none".to_owned(), |tier| tier.to_string());
        assert_eq!(format!("{name}: {single} / {hidden}, tier {tier}, buyers {}", impact.buyers), *line);
    }
}

fn example_1() -> Vec<(&'static str, Vec<Statement>)> {
    vec![
        ("P", vec![source("A", "P", "X", 10_000)]),
        ("A", vec![source("B", "A", "Y", 5000), source("C", "A", "Y", 5000)]),
        ("D", vec![source("D", "B", "Z", 10_000), source("D", "C", "Z", 10_000)]),
    ]
}

#[test]
fn example_1_finds_the_hidden_single_point() {
    let network = network(&example_1());
    check_impact(
        &network,
        &[
            "A: P / , tier 1, buyers 1",
            "B:  / , tier 2, buyers 1",
            "C:  / , tier 2, buyers 1",
            "D: P / P, tier 3, buyers 2",
            "P:  / , tier none, buyers 0",
        ],
    );
    let shared = |name: &str| facts(&network, name).needs.first().and_then(|need| need.shared_upstream.clone());
    assert_eq!(shared("A"), Some(organisation("D")));
    assert_eq!(shared("P"), Some(organisation("D")), "A is the only source, D stands behind it");
    assert_eq!(shared("B"), None, "D is the only source");
}

#[test]
fn example_2_ends_on_a_cycle() {
    let network = network(&[
        ("A", vec![source("B", "A", "X", 10_000)]),
        ("B", vec![source("A", "B", "Y", 10_000)]),
        ("P", vec![source("A", "P", "X", 10_000)]),
        ("P2", vec![source("B", "P2", "Y", 10_000)]),
    ]);
    check_impact(&network, &["A: P P2 / P2, tier 1, buyers 2", "B: P P2 / P, tier 1, buyers 2"]);
}

#[test]
fn example_3_counts_shares() {
    let sources =
        |shares: &[(&str, BasisPoints)]| shares.iter().map(|(name, share)| source(name, "P", "X", *share)).collect();
    let mut said: Vec<Statement> = sources(&[("A", 5000), ("B", 3000), ("C", 2000)]);
    said.push(need("P", "X", Some(6000), 0));
    let network = network(&[("P", said)]);
    check_impact(&network, &["A: P / , tier 1, buyers 1", "B:  / , tier 1, buyers 1", "C:  / , tier 1, buyers 1"]);
}

#[test]
fn an_idle_source_counts_if_it_is_on_before_the_stock_runs_out() {
    let check = |buffer_days, expected: &[&str]| {
        let sources = [source("A", "P", "X", 10_000), source("B", "P", "X", 0), need("P", "X", None, buffer_days)];
        check_impact(&network(&[("P", sources.to_vec())]), expected);
    };
    check(39, &["A: P / , tier 1, buyers 1", "B:  / , tier 1, buyers 0"]);
    check(40, &["A:  / , tier 1, buyers 1", "B:  / , tier 1, buyers 0"]);
}

#[test]
fn what_is_not_known_never_fails() {
    let check = |shares: &[(&str, BasisPoints)], required, expected: &[&str]| {
        let mut said: Vec<Statement> = shares.iter().map(|(name, share)| source(name, "P", "X", *share)).collect();
        said.push(need("P", "X", Some(required), 0));
        check_impact(&network(&[("P", said)]), expected);
    };
    // The other 5000 are up without A, and are too little.
    check(&[("A", 5000)], 6000, &["A: P / , tier 1, buyers 1"]);
    check(&[("A", 3000), ("B", 2000)], 6000, &["A:  / , tier 1, buyers 1", "B:  / , tier 1, buyers 1"]);
    check(&[("A", 0)], 6000, &["A:  / , tier 1, buyers 0"]);
}

#[test]
fn concentration_is_by_ultimate_parent() {
    let parent = |name: &str| profile(None, Some(organisation(name)));
    let check = |shares: &[(&str, BasisPoints)], hhi_bp| {
        let mut said: Vec<_> = vec![("A", vec![parent("G")]), ("B", vec![parent("H")]), ("H", vec![parent("G")])];
        said.extend([("E", vec![parent("F")]), ("F", vec![parent("E")])]);
        said.push(("P", shares.iter().map(|(name, share)| source(name, "P", "X", *share)).collect()));
        let facts = facts(&network(&said), "P");
        assert_eq!(facts.needs[0].hhi_bp, hhi_bp, "{shares:?}");
        assert_eq!(facts.needs[0].share_total_bp, shares.iter().map(|(_, share)| share).sum::<u32>());
    };
    check(&[("C", 10_000)], 10_000);
    check(&[("C", 5000), ("D", 5000)], 5000);
    check(&[("A", 5000), ("B", 5000)], 10_000);
    check(&[("E", 5000), ("F", 5000)], 10_000);
    check(&[("C", 9900)], 9802);
    check(&[("C", 10_000), ("D", 10_000)], 10_000);
    check(&[("C", 0)], 10_000);
}

#[test]
fn requirements_flow_down_unless_another_is_stated() {
    let asked = |programme: &str, cyber_level, clearance_level, headcount| {
        Statement::Requirement(StatedRequirement {
            programme: organisation(programme),
            criticality: 3,
            cyber_level,
            cmmc_level: None,
            clearance_level,
            headcount,
            flow_tiers: None,
        })
    };
    let network = network(&[
        ("P", vec![source("A", "P", "X", 10_000), asked("P", Some(2), Some(ClearanceLevel::GbSc), 20)]),
        ("P2", vec![source("B", "P2", "X", 10_000), asked("P2", Some(1), Some(ClearanceLevel::GbDv), 2)]),
        ("P3", vec![source("B", "P3", "X", 10_000), asked("P3", None, Some(ClearanceLevel::UsSecret), 1)]),
        ("A", vec![source("C", "A", "Y", 10_000)]),
        ("B", vec![source("C", "B", "Y", 10_000), asked("P2", Some(0), None, 0)]),
        ("D", vec![asked("P", Some(3), None, 0)]),
    ]);
    let check = |name: &str, expected: &str| {
        let asked = facts(&network, name).requirement.clone();
        let clearances: Vec<_> = asked.clearances.iter().map(|asked| (asked.level, asked.headcount)).collect();
        assert_eq!(format!("{:?} {clearances:?} {}", asked.cyber_level, asked.programmes.len()), expected, "{name}");
    };
    check("A", "Some(2) [(GbSc, 20)] 1");
    check("B", "Some(0) [(UsSecret, 1)] 2");
    check("C", "Some(2) [(GbDv, 2), (UsSecret, 1)] 3");
    check("D", "Some(3) [] 0");
    check("P", "None [] 0");
    check("Q", "None [] 0");
}

#[test]
fn requirements_flow_down_as_many_tiers_as_they_say() {
    let check = |flow_tiers, expected: [Option<u8>; 5]| {
        let asked = Statement::Requirement(StatedRequirement {
            programme: organisation("P"),
            criticality: 4,
            cyber_level: Some(2),
            cmmc_level: None,
            clearance_level: None,
            headcount: 0,
            flow_tiers,
        });
        // A is of tier 1, B of tier 2 and of tier 3 by another way, C of tier 3; D stands by for C.
        let network = network(&[
            ("P", vec![source("A", "P", "X", 10_000), asked]),
            ("A", vec![source("B", "A", "Y", 5000), source("E", "A", "Y", 5000)]),
            ("E", vec![source("B", "E", "Y", 10_000)]),
            ("B", vec![source("C", "B", "Z", 10_000), source("D", "B", "Z", 0)]),
        ]);
        let asked = ["A", "B", "C", "D", "E"].map(|name| facts(&network, name).requirement.cyber_level);
        assert_eq!(asked, expected, "{flow_tiers:?}");
        // It stays part of the programme: only the requirement ends.
        let far = facts(&network, "C").requirement.clone();
        assert_eq!((far.criticality, far.programmes), (Some(4), vec![organisation("P")]));
    };
    let asked = Some(2);
    check(None, [asked; 5]);
    check(Some(9), [asked; 5]);
    check(Some(3), [asked; 5]);
    check(Some(2), [asked, asked, None, None, asked]);
    check(Some(1), [asked, None, None, None, None]);
    check(Some(0), [None; 5]);
}

#[test]
fn the_buyer_is_believed_before_the_supplier() {
    let check = |said: &[(&str, BasisPoints)], expected| {
        let said: Vec<_> =
            said.iter().map(|(speaker, share)| (*speaker, vec![source("S", "B", "X", *share)])).collect();
        for said in [said.clone(), said.into_iter().rev().collect()] {
            let facts = facts(&network(&said), "B");
            assert_eq!(facts.needs[0].sources[0].share_bp, expected, "{said:?}");
            assert_eq!(facts.needs[0].class, Class::Critical);
        }
    };
    check(&[("B", 1), ("S", 2), ("A", 3)], 1);
    check(&[("S", 2), ("A", 3)], 2);
    check(&[("C", 4), ("A", 3)], 3);
}

#[test]
fn a_single_point_is_told_with_its_tier_and_its_day() {
    let mut said = example_1();
    said[0].1.push(need("P", "X", None, 10));
    said[1].1.push(need("A", "Y", None, 5));
    said.push(("B", vec![need("B", "Z", None, 20)]));
    said.push(("C", vec![need("C", "Z", None, 7)]));
    let network = network(&said);
    let points = network.single_points(&organisation("P"));
    let shown: Vec<String> = points
        .iter()
        .map(|point| format!("{} {} {} {}", point.organisation, point.is_hidden, point.tier, point.survives_days))
        .collect();
    assert_eq!(shown, ["T:A false 1 10", "T:D true 3 35"]);
    assert_eq!(network.programmes(), [organisation("P")]);
}

#[test]
fn an_organisation_draws_the_same_in_every_network() {
    let other = network(&[("E", vec![source("D", "E", "Y", 1)]), ("P", vec![source("E", "P", "X", 1)])]);
    let risky = organisation("D");
    let hazard = |network: &Network| {
        let hazards = network.hazards(|name| if *name == risky { 0.5 } else { 0.0 });
        let node = network.node(&risky).expect("known");
        assert_eq!(hazards.own.iter().filter(|hazard| hazard.probability > 0.0).count(), 1);
        hazards.own[node as usize]
    };
    assert_eq!(hazard(&network(&example_1())), hazard(&other));
}
