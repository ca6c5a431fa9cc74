//! The fleet with the real rules: whatever happens in whatever order, the scores are those of a start from nothing.

mod evidence;

use super::{
    components::Component,
    dry_run::dry_run,
    evaluation::Scored,
    fleet::Fleet,
    rule_set::{self, Loaded},
    scorer::Scorer,
};
use crate::{
    attest::{Ledger, Remit},
    config::Tolerance,
    model::{Attestation, Claims, Date, Digest, Identifiers, Instant, Kind, Organisation, Trust},
    policy::{Change, Policy, Standing},
    rules::{self, Host, Limits},
};
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    convert::Infallible,
    mem,
    sync::{Arc, LazyLock},
};

mod support;

static PLUGINS: LazyLock<Vec<Loaded>> = LazyLock::new(|| {
    let built_in = |rule: &rules::BuiltIn| Component { origin: rule.name.to_owned(), bytes: rule.component.into() };
    let components: Vec<Component> = rules::built_in().iter().map(built_in).collect();
    let (loaded, refused) = rule_set::compile(&Host::new(Limits::default()).expect("a host"), components, &[]);
    assert_eq!(refused, []);
    loaded
});

fn scorer(policy: &str) -> Scorer {
    let policy = Policy::parse("uk-mod.toml", policy).expect("a policy");
    Scorer::new(policy, &PLUGINS, None).expect("a scorer")
}

const POLICY: &str = include_str!("../../../rules/uk-mod.toml");

/// The shipped policy, and the same with another parameter, another weight and one rule fewer.
static SCORERS: LazyLock<[Scorer; 2]> = LazyLock::new(|| {
    let other = POLICY
        .replace("[rules.cyber-posture]\nweight = 3", "[rules.cyber-posture]\nparameters = { nothing_bp = 10000 }")
        .replace("[rules.foci]\n", "[rules.foci]\nenabled = false\n");
    assert_ne!(other, POLICY);
    [scorer(POLICY), scorer(&other)]
});

const ORGANISATIONS: [&str; 6] =
    ["GB-COH:00000001", "GB-COH:00000002", "GB-COH:00000003", "GB-COH:00000004", "CAGE:1AAA1", "PROGRAMME:P"];
const ISSUERS: [(&str, Trust); 3] =
    [("register", Trust::Authority), ("prime", Trust::ThirdParty), ("itself", Trust::Own)];
const START: &str = "2026-01-15T10:00:00Z";

fn instant(text: &str) -> Instant {
    text.parse().expect("an instant")
}

fn organisation(name: &str) -> Organisation {
    Identifiers::default().parse(name).expect("an organisation")
}

fn attestation(subject: &str, issuer: (&str, Trust), kind: &str, claims: &Value, issued_at: Instant) -> Attestation {
    let claims = Claims::parse(&Kind::named(kind), &claims.to_string()).expect("claims");
    let mut attestation = Attestation {
        digest: Digest::of(b""),
        subject: organisation(subject),
        issuer: issuer.0.into(),
        issued_at,
        valid_from: issued_at,
        valid_until: None,
        trust: issuer.1,
        scope: None,
        claims,
        evidence: Vec::new(),
        supersedes: Vec::new(),
        handling: None,
    };
    attestation.digest = Digest::of(&serde_json::to_vec(&attestation).expect("JSON"));
    attestation
}

/// One thing that happens.
#[derive(Clone, Debug)]
enum Step {
    /// An attestation arrives; `lasts` is its life in hours, `wait` how long after its issue it starts.
    Arrive { subject: &'static str, issuer: (&'static str, Trust), what: What, age: i64, wait: i64, lasts: Option<i64> },
    /// The `nth` attestation so far is revoked by its issuer.
    Revoke { nth: usize },
    /// Hours pass.
    Pass { hours: i64 },
    /// The other scorer takes over.
    Adopt,
}

#[derive(Clone, Debug)]
enum What {
    Ce,
    CePlus,
    Dcc(u8),
    Facility,
    Personnel(u32),
    Need(&'static str),
    Source {
        supplier: &'static str,
        item: &'static str,
        share_bp: u32,
    },
    /// A statement that another organisation buys from the subject.
    Hearsay {
        buyer: &'static str,
        item: &'static str,
    },
    Requirement(u8),
    Profile {
        alias: Option<&'static str>,
        parent: Option<&'static str>,
    },
    Site(&'static str),
    Plan(u32),
    Holding(&'static str),
}

impl What {
    fn claims(&self, subject: &str, on: Date) -> (&'static str, Value) {
        match self {
            Self::Ce => ("cyber.ce", json!({"certificate": "C", "whole_organisation": true})),
            Self::CePlus => ("cyber.ceplus", json!({"certificate": "P", "whole_organisation": true})),
            Self::Dcc(level) => ("cyber.dcc", json!({"level": level, "attested_on": on.to_string()})),
            Self::Facility => ("clearance.facility", json!({"nation": "GB", "level": "secret", "status": "full"})),
            Self::Personnel(count) => {
                ("clearance.personnel", json!([{"level": "GB:SC", "count": count, "granted_on": on.to_string()}]))
            }
            Self::Need(item) => {
                ("supply.need", json!({"buyer": subject, "item": item, "class": "critical", "buffer_days": 10}))
            }
            Self::Source { supplier, item, share_bp } => {
                let claims = json!({"supplier": supplier, "buyer": subject, "item": item, "share_bp": share_bp, "qualified": true});
                ("supply.source", claims)
            }
            Self::Hearsay { buyer, item } => {
                let claims =
                    json!({"supplier": subject, "buyer": buyer, "item": item, "share_bp": 5000, "qualified": true});
                ("supply.source", claims)
            }
            Self::Requirement(level) => {
                let claims = json!({"programme": "PROGRAMME:P", "criticality": 3, "cyber_level": level, "clearance_level": "GB:SC", "headcount": 4});
                ("programme.requirement", claims)
            }
            Self::Profile { alias, parent } => {
                let aliases: Vec<&str> = alias.iter().copied().collect();
                ("entity.profile", json!({"name": subject, "country": "GB", "aliases": aliases, "parent": parent}))
            }
            Self::Site(region) => ("site", json!({"region": region, "share_bp": 10_000, "corridors": ["M6"]})),
            Self::Plan(recover_days) => ("continuity.recovery", json!({"recover_days": recover_days})),
            Self::Holding(owner) => {
                ("ownership.holding", json!({"owner": owner, "owner_country": "FR", "percent": 60.0}))
            }
        }
    }
}

fn what() -> impl Strategy<Value = What> {
    let organisations = || select(&ORGANISATIONS[..5]);
    let items = || select(&["forging", "casting"][..]);
    prop_oneof![
        Just(What::Ce),
        Just(What::CePlus),
        (0_u8..=3).prop_map(What::Dcc),
        Just(What::Facility),
        (0_u32..8).prop_map(What::Personnel),
        items().prop_map(What::Need),
        (organisations(), items(), select(&[0_u32, 3000, 5000, 10_000][..]))
            .prop_map(|(supplier, item, share_bp)| What::Source { supplier, item, share_bp }),
        (select(&ORGANISATIONS[..]), items()).prop_map(|(buyer, item)| What::Hearsay { buyer, item }),
        (0_u8..=3).prop_map(What::Requirement),
        (prop::option::of(organisations()), prop::option::of(organisations()))
            .prop_map(|(alias, parent)| What::Profile { alias, parent }),
        select(&["North", "South"][..]).prop_map(What::Site),
        (0_u32..60).prop_map(What::Plan),
        organisations().prop_map(What::Holding),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let arrive = (
        select(&ORGANISATIONS[..]),
        select(&ISSUERS[..]),
        what(),
        0_i64..9000,
        0_i64..48,
        prop::option::of(1_i64..9000),
    );
    prop_oneof![
        8 => arrive.prop_map(|(subject, issuer, what, age, wait, lasts)| Step::Arrive { subject, issuer, what, age, wait, lasts }),
        1 => (0_usize..40).prop_map(|nth| Step::Revoke { nth }),
        3 => (1_i64..400).prop_map(|hours| Step::Pass { hours }),
        1 => Just(Step::Adopt),
    ]
}

fn scored(fleet: &mut Fleet, now: Instant) -> Vec<Scored> {
    scored_by(&SCORERS[0], fleet, now)
}

fn scored_by(scorer: &Scorer, fleet: &mut Fleet, now: Instant) -> Vec<Scored> {
    let mut all = Vec::new();
    let done: Result<(), Infallible> = fleet.evaluate(scorer, now, &|_, _| None, |evaluation| {
        all.extend(evaluation.scored);
        Ok(())
    });
    done.expect("nothing fails here");
    all
}

fn standings(fleet: &Fleet) -> BTreeMap<Organisation, Standing> {
    fleet.standings().map(|(name, standing)| (name.clone(), standing.clone())).collect()
}

/// Tries the other scorer and adopts it: whoever the trial says will move must then move.
fn adopt(fleet: &mut Fleet, before: &Scorer, after: &Scorer, now: Instant) {
    let dry_run = dry_run(fleet, before, after, now, usize::MAX);
    assert!(dry_run.failing.is_empty());
    fleet.adopt(Tolerance::default(), before, after, dry_run.tried);
    let moves = |change: &Change| {
        let level = change.before.as_ref().expect("it had a score");
        (level.risk_bp != change.after.risk_bp || level.band != change.after.band)
            .then(|| (change.organisation.clone(), change.after.clone()))
    };
    let scored = scored_by(after, fleet, now);
    let moved: BTreeMap<_, _> = scored.iter().filter_map(|one| one.change.as_ref().and_then(moves)).collect();
    assert_eq!(dry_run.moved.iter().filter_map(moves).collect::<BTreeMap<_, _>>(), moved);
}

/// Takes the steps one by one, evaluating after each; gives what arrived, where it ended, and which scorer is in force.
fn walk(steps: &[Step]) -> (Fleet, Vec<Arc<Attestation>>, Instant, &'static Scorer) {
    let mut now = instant(START);
    let [mut scorer, mut other] = SCORERS.each_ref();
    let mut fleet = Fleet::new(Ledger::new(now));
    let mut arrived: Vec<Arc<Attestation>> = Vec::new();
    for step in steps {
        let new = match step {
            Step::Pass { hours } => {
                now = now.plus_seconds(hours * 3600);
                None
            }
            Step::Adopt => {
                adopt(&mut fleet, scorer, other, now);
                mem::swap(&mut scorer, &mut other);
                None
            }
            Step::Arrive { subject, issuer, what, age, wait, lasts } => {
                let issued_at = now.plus_seconds(-age * 3600);
                let (kind, claims) = what.claims(subject, issued_at.date());
                let mut new = attestation(subject, *issuer, kind, &claims, issued_at);
                new.valid_from = issued_at.plus_seconds(wait * 3600);
                new.valid_until = lasts.map(|hours| new.valid_from.plus_seconds(hours * 3600));
                new.digest = Digest::of(&serde_json::to_vec(&new).expect("JSON"));
                Some(new)
            }
            Step::Revoke { nth } => arrived.get(*nth).map(|target| {
                let issuer = ISSUERS.into_iter().find(|(name, _)| *name == &*target.issuer).expect("a known issuer");
                let claims = json!({"digest": target.digest, "reason": "withdrawn"});
                attestation(target.subject.as_str(), issuer, "revocation", &claims, now)
            }),
        };
        if let Some(new) = new.map(Arc::new) {
            fleet.insert(Arc::clone(&new), &Remit::unlimited("", false));
            arrived.push(new);
        }
        scored_by(scorer, &mut fleet, now);
    }
    (fleet, arrived, now, scorer)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn an_incremental_state_equals_one_from_scratch(steps in vec(step(), 1..40), backwards in any::<bool>()) {
        let (fleet, mut arrived, now, scorer) = walk(&steps);
        if backwards {
            arrived.reverse();
        }
        let mut fresh = Fleet::new(Ledger::new(now));
        for attestation in arrived {
            fresh.insert(attestation, &Remit::unlimited("", false));
        }
        scored_by(scorer, &mut fresh, now);
        prop_assert_eq!(standings(&fleet), standings(&fresh));
    }

    #[test]
    fn a_second_look_changes_nothing(steps in vec(step(), 1..20)) {
        let (mut fleet, _, now, scorer) = walk(&steps);
        fleet.forget_answers();
        prop_assert!(scored_by(scorer, &mut fleet, now).iter().all(|one| !one.moved));
    }
}

fn risk_of(fleet: &mut Fleet, rule: &str, now: &str) -> Option<u32> {
    scored(fleet, instant(now));
    let standing = standings(fleet).remove(&organisation("GB-COH:00000001")).expect("a score");
    standing.rules.iter().find(|(name, _)| **name == *rule).and_then(|(_, standing)| standing.risk_bp)
}

/// A supplier that must meet cyber level 1 and holds Cyber Essentials from `issued`.
fn with_certificate(issued: &str, valid_until: Option<&str>) -> Fleet {
    let authority = ISSUERS[0];
    let issued_at = Instant::parse_start(issued).expect("a date");
    let mut fleet = Fleet::new(Ledger::new(issued_at));
    let requirement = What::Requirement(1).claims("", issued_at.date()).1;
    let source = What::Source { supplier: "GB-COH:00000001", item: "forging", share_bp: 10_000 };
    let mut certificate =
        attestation("GB-COH:00000001", authority, "cyber.ce", &What::Ce.claims("", issued_at.date()).1, issued_at);
    certificate.valid_until = valid_until.map(|until| Instant::parse_end(until).expect("a date"));
    let mut insert = |attestation| fleet.insert(Arc::new(attestation), &Remit::unlimited("", false));
    insert(certificate);
    insert(attestation("PROGRAMME:P", authority, "programme.requirement", &requirement, issued_at));
    let source = source.claims("PROGRAMME:P", issued_at.date()).1;
    insert(attestation("PROGRAMME:P", authority, "supply.source", &source, issued_at));
    fleet
}

#[test]
fn a_certificate_is_walked_across_its_last_second() {
    let mut fleet = with_certificate("2025-05-10", None);
    let mut check =
        |now: &str, expected| assert_eq!(risk_of(&mut fleet, "cyber-posture", now), Some(expected), "at {now}");
    check("2025-05-10T00:00:00Z", 6000);
    check("2026-05-09T23:59:59Z", 6000);
    check("2026-05-10T00:00:00Z", 8000);
    check("2026-06-08T23:59:59Z", 8000);
    check("2026-06-09T00:00:00Z", 9000);
}

#[test]
fn a_certificate_of_a_leap_day_lapses_with_february() {
    let mut fleet = with_certificate("2024-02-29", None);
    let mut check =
        |now: &str, expected| assert_eq!(risk_of(&mut fleet, "cyber-posture", now), Some(expected), "at {now}");
    check("2025-02-27T23:59:59Z", 6000);
    check("2025-02-28T00:00:00Z", 8000);
}

#[test]
fn an_earlier_end_that_the_certificate_names_counts() {
    let mut fleet = with_certificate("2025-05-10", Some("2025-12-31"));
    let mut check =
        |now: &str, expected| assert_eq!(risk_of(&mut fleet, "cyber-posture", now), Some(expected), "at {now}");
    check("2025-12-31T23:59:59Z", 6000);
    check("2026-01-01T00:00:00Z", 8000);
    assert_eq!(fleet.next_wake(instant("2026-01-01T00:00:00Z")), instant("2026-01-02T00:00:00Z"));
}

fn refused(policy: &str, plugins: &[Loaded]) -> String {
    let policy = Policy::parse("uk-mod.toml", policy).expect("a policy");
    Scorer::new(policy, plugins, None).map(|_| ()).expect_err("it is refused").to_string()
}

#[test]
fn a_policy_says_which_plugin_it_means() {
    let wanting = |line: &str| POLICY.replace("[rules.clearance]\n", &format!("[rules.clearance]\n{line}\n"));
    assert_eq!(
        refused(&wanting("version = \"9.0.0\""), &PLUGINS),
        "the policy `uk-mod` wants version 9.0.0 of the rule `clearance`, which no plugin is (there are: 1.0.0): add its \
         component to plugins.folder, or name another version"
    );
    let built_in = PLUGINS.iter().find(|one| &*one.plugin.manifest().name == "clearance").expect("it is built in");
    // The same with a section that means nothing, and the very same.
    let copy = |more: &[u8], origin: &str| Component {
        origin: origin.to_owned(),
        bytes: [&*built_in.component.bytes, more].concat().into(),
    };
    let components = vec![copy(&[0, 2, 1, b'x'], "other.wasm"), copy(&[], "same.wasm")];
    let (copies, _) = rule_set::compile(&Host::new(Limits::default()).expect("a host"), components, &[]);
    let with = |copy: &Loaded| PLUGINS.iter().chain([copy]).cloned().collect::<Vec<_>>();
    assert_eq!(
        refused(POLICY, &with(&copies[0])),
        "the rule `clearance` is in both 1.0.0 (clearance) and 1.0.0 (other.wasm): remove one of them"
    );
    let policy = Policy::parse("uk-mod.toml", POLICY).expect("a policy");
    assert!(Scorer::new(policy, &with(&copies[1]), None).is_ok(), "a copy is no other");
}
