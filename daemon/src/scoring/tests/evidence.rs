//! More evidence never raises a risk by being there: of whom nothing is asked there is no score, and what reassures never
//! makes one rise.
//!
//! This covers whatever a rule takes for reassuring, with three exceptions: an answered questionnaire without any certificate
//! (worse than no cyber evidence), a facility's clearance without any cleared people, and needs that a supplier states about
//! itself.

use super::{ISSUERS, PLUGINS, POLICY, attestation, instant, organisation, scored, scored_by, standings};
use crate::{
    attest::{Ledger, Remit},
    model::Attestation,
    policy::{Policy, Standing, UNRATED},
    scoring::{fleet::Fleet, scorer::Scorer},
};
use proptest::{prelude::*, sample::select, sample::subsequence};
use serde_json::{Value, json};
use std::sync::{Arc, LazyLock};

const SUBJECT: &str = "GB-COH:00000001";
const NOW: &str = "2026-11-29T12:00:00Z";

static SHIPPED: LazyLock<[Scorer; 3]> = LazyLock::new(|| {
    let us = include_str!("../../../../rules/us-dod.toml");
    let midlands = include_str!("../../../../rules/midlands-cluster.toml");
    [POLICY, us, midlands].map(|text| {
        let policy = Policy::parse("shipped.toml", text).expect("a policy");
        Scorer::new(policy, &PLUGINS, None).expect("a scorer")
    })
});

/// An attestation of the register, of today.
fn said(subject: &str, kind: &str, claims: &Value) -> Arc<Attestation> {
    Arc::new(attestation(subject, ISSUERS[0], kind, claims, instant(NOW).midnight()))
}

fn of_subject(kind: &str, claims: &Value) -> Arc<Attestation> {
    said(SUBJECT, kind, claims)
}

fn source(buyer: &str, supplier: &str) -> Arc<Attestation> {
    let claims = json!({"supplier": supplier, "buyer": buyer, "item": "forging", "share_bp": 5000, "qualified": true});
    said(buyer, "supply.source", &claims)
}

/// Who depends on the subject, and what is asked of it.
#[derive(Clone, Copy, Debug)]
enum Link {
    Nobody,
    Buyer,
    Programme,
    CyberLevel(u8),
    Cleared,
}

impl Link {
    fn evidence(self) -> Vec<Arc<Attestation>> {
        let asked = match self {
            Self::Nobody => return Vec::new(),
            Self::Buyer => return vec![source("GB-COH:00000002", SUBJECT)],
            Self::Programme => json!({"programme": "PROGRAMME:P", "criticality": 3}),
            Self::CyberLevel(level) => json!({"programme": "PROGRAMME:P", "criticality": 3, "cyber_level": level}),
            Self::Cleared => json!({"programme": "PROGRAMME:P", "criticality": 3, "cyber_level": 2,
                "clearance_level": "GB:SC", "headcount": 4}),
        };
        vec![source("PROGRAMME:P", SUBJECT), said("PROGRAMME:P", "programme.requirement", &asked)]
    }
}

/// Evidence that reassures: each is given as a whole, or not at all.
const REASSURING: [&str; 11] = [
    "active",
    "planned",
    "one-site",
    "by-motorway",
    "owned-at-home",
    "owned-abroad",
    "certified",
    "certified-plus",
    "cleared",
    "registered",
    "capable",
];

fn reassuring(what: &str, home: &str) -> Vec<Arc<Attestation>> {
    let held = |country: &str| json!({"owner": "The founders", "owner_country": country, "percent": 100.0});
    let certificate = json!({"certificate": "C-1", "whole_organisation": true});
    let (kind, claims) = match what {
        "active" => ("entity.status", json!({"status": "active"})),
        "planned" => ("continuity.recovery", json!({"recover_days": 0, "tested_on": "2026-11-01"})),
        "one-site" => ("site", json!({"region": "North", "share_bp": 10_000})),
        "by-motorway" => ("site", json!({"region": "North", "share_bp": 10_000, "corridors": ["M6"]})),
        "owned-at-home" => ("ownership.holding", held(home)),
        "owned-abroad" => ("ownership.holding", held("FR")),
        "certified" => ("cyber.ce", certificate),
        "certified-plus" => ("cyber.ceplus", certificate),
        "registered" => ("entity.profile", json!({"name": "A firm", "country": "GB", "sme": false})),
        "capable" => ("supply.capability", json!({"items": ["forging"]})),
        "cleared" => {
            let people = json!([{"level": "GB:SC", "count": 9, "granted_on": "2026-11-01"}]);
            let facility = json!({"nation": "GB", "level": "secret", "status": "full"});
            return vec![of_subject("clearance.facility", &facility), of_subject("clearance.personnel", &people)];
        }
        other => panic!("`{other}` is not in the list"),
    };
    vec![of_subject(kind, &claims)]
}

/// What else has happened to it.
const TROUBLES: [&str; 4] = ["dissolved", "incident", "four-sites", "late"];

fn trouble(what: &str) -> Vec<Arc<Attestation>> {
    let site = |region: &str| of_subject("site", &json!({"region": region, "share_bp": 2500}));
    match what {
        // By another issuer, with less trust than the register.
        "dissolved" => vec![Arc::new(attestation(
            SUBJECT,
            ISSUERS[1],
            "entity.status",
            &json!({"status": "dissolved"}),
            instant(NOW).midnight(),
        ))],
        "incident" => {
            let claims = json!({"severity": 2, "opened_on": "2026-11-20", "reported_at": "2026-11-21"});
            vec![of_subject("incident", &claims)]
        }
        "four-sites" => ["N", "S", "W", "E"].map(site).into(),
        "late" => vec![of_subject("continuity.recovery", &json!({"item": "forging", "recover_days": 90}))],
        other => panic!("`{other}` is not in the list"),
    }
}

fn standing(scorer: &Scorer, evidence: &[Arc<Attestation>]) -> Option<Standing> {
    let mut fleet = Fleet::new(Ledger::new(instant(NOW)));
    evidence.iter().for_each(|one| fleet.insert(Arc::clone(one), &Remit::unlimited("", false)));
    scored_by(scorer, &mut fleet, instant(NOW));
    standings(&fleet).remove(&organisation(SUBJECT))
}

/// Whether what is added says something else than what is there, rather than more.
fn contradicts(added: &str, before: &[&str]) -> bool {
    let alike = |words: &[&str]| words.contains(&added) && before.iter().any(|one| words.contains(one));
    alike(&["one-site", "by-motorway", "four-sites"]) || alike(&["owned-at-home", "owned-abroad"])
}

fn link() -> impl Strategy<Value = Link> {
    use Link::{Buyer, Cleared, CyberLevel, Nobody, Programme};
    select(vec![Nobody, Buyer, Programme, CyberLevel(0), CyberLevel(1), CyberLevel(2), Cleared])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_reassures_never_raises_a_risk(
        policy in 0_usize..3,
        link in link(),
        known in subsequence(REASSURING.to_vec(), 0..6),
        troubles in subsequence(TROUBLES.to_vec(), 0..3),
        added in select(&REASSURING[..]),
    ) {
        let (scorer, home) = (&SHIPPED[policy], if policy == 1 { "US" } else { "GB" });
        let before: Vec<&str> = known.iter().chain(&troubles).copied().collect();
        prop_assume!(!before.contains(&added) && !contradicts(added, &before));
        // Ownership matters where somebody must be cleared, and the motorway matters to this cluster.
        prop_assume!(!(added == "owned-abroad" && matches!(link, Link::Cleared)));
        prop_assume!(!(added == "by-motorway" && policy == 2));
        let mut evidence = link.evidence();
        evidence.extend(known.iter().flat_map(|one| reassuring(one, home)));
        evidence.extend(troubles.iter().flat_map(|one| trouble(one)));
        let risk = |evidence: &[Arc<Attestation>]| standing(scorer, evidence).and_then(|one| one.level.risk_bp);
        let was = risk(&evidence);
        evidence.extend(reassuring(added, home));
        let is = risk(&evidence);
        prop_assert!(is.unwrap_or(0) <= was.unwrap_or(0), "{:?} → {:?}", was, is);
        prop_assert!(!matches!(link, Link::Nobody) || is.is_none(), "{:?}", is);
    }
}

#[test]
fn of_whom_nothing_is_asked_there_is_no_score() {
    for what in REASSURING.into_iter().chain(TROUBLES) {
        let evidence = if TROUBLES.contains(&what) { trouble(what) } else { reassuring(what, "GB") };
        let standing = standing(&SHIPPED[0], &evidence).expect("it is known");
        assert_eq!((standing.level.risk_bp, &*standing.level.band), (None, UNRATED), "{what}");
        assert_eq!(standing.level.coverage_bp, 0, "{what}");
    }
    // The findings stay readable, and a dissolved company delivers to nobody.
    let mut fleet = Fleet::new(Ledger::new(instant(NOW)));
    trouble("dissolved").into_iter().for_each(|one| fleet.insert(one, &Remit::unlimited("", false)));
    let score = scored(&mut fleet, instant(NOW)).remove(0).score;
    let part = score.contributions.iter().find(|part| &*part.rule == "adverse-events").expect("it was asked");
    assert_eq!((part.outcome.as_str(), part.risk_bp), ("not-applicable", None));
    assert_eq!(part.findings[0].reason.message.code, "DISSOLVED");
    assert_eq!(score.certain, ["adverse-events:DISSOLVED"]);

    // It has a score as soon as somebody depends on it, or something is asked of it alone.
    let asked = json!({"programme": "PROGRAMME:P", "criticality": 1, "cyber_level": 1});
    for (more, risk_bp) in
        [(source("GB-COH:00000002", SUBJECT), 10_000), (of_subject("programme.requirement", &asked), 9000)]
    {
        fleet.insert(more, &Remit::unlimited("", false));
        let scores = scored(&mut fleet, instant(NOW));
        let score = &scores.iter().find(|one| one.score.organisation == organisation(SUBJECT)).expect("anew").score;
        assert_eq!(score.risk_bp, Some(risk_bp));
    }
}

#[test]
fn a_dissolved_sole_source_brings_its_programme_down() {
    let need = json!({"buyer": "PROGRAMME:P", "item": "forging", "class": "sole-critical"});
    let programme = organisation("PROGRAMME:P");
    let check = |status: &str, is_down: bool| {
        let mut fleet = Fleet::new(Ledger::new(instant(NOW)));
        let evidence = [
            source("PROGRAMME:P", SUBJECT),
            said("PROGRAMME:P", "supply.need", &need),
            of_subject("entity.status", &json!({"status": status})),
        ];
        evidence.into_iter().for_each(|one| fleet.insert(one, &Remit::unlimited("", false)));
        scored(&mut fleet, instant(NOW));
        let exposure = fleet.exposures().of(&programme).expect("it has one").probability;
        let node = fleet.network().node(&programme).expect("it is there");
        let exact = crate::network::exact::exact(
            fleet.network().graph(),
            node,
            fleet.exposures().hazards(),
            crate::network::exact::Budget::default(),
        );
        let exact = exact.expect("it is small").probability;
        assert_eq!((exposure >= 1.0, exact >= 1.0), (is_down, is_down), "{status}: {exposure} {exact}");
        let cost = fleet.take_costs().cost(&organisation(SUBJECT));
        assert!(!is_down || (cost - 3.0).abs() < 1e-9, "all of a programme whose criticality nobody says: {cost}");
    };
    for status in ["dissolved", "liquidation", "administration"] {
        check(status, true);
    }
    for status in ["active", "voluntary arrangement"] {
        check(status, false);
    }
}
