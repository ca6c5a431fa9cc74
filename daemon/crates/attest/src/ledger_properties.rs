//! The ledger against an oracle that works everything out from scratch: random attestations in random order.

use super::{
    Conflict, Evidence, Ledger, Remit,
    ledger_tests::{attested, hour},
};
use crate::model::{Attestation, Claims, Digest, Instant, Kind, Organisation, Trust};
use proptest::prelude::*;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// An attestation and how far its signers may speak.
type Arrival = (Arc<Attestation>, Remit);

/// What the rules say, written down as they are read, over all that ever arrived.
struct Oracle<'a> {
    arrivals: &'a [Arrival],
}

fn start(attestation: &Attestation) -> Instant {
    attestation.issued_at.max(attestation.valid_from)
}

fn rank(attestation: &Attestation) -> (Instant, Digest) {
    (attestation.issued_at, attestation.digest)
}

impl Oracle<'_> {
    fn ended(&self, target: &Attestation, at: Instant) -> bool {
        self.arrivals.iter().any(|(other, remit)| {
            let own = remit.speaks_for(target);
            let revoked = matches!(&other.claims, Claims::Revocation(revocation) if revocation.digest == target.digest)
                && (own || (remit.may_revoke && other.subject == target.subject));
            let superseded = own && other.supersedes.contains(&target.digest);
            (revoked || superseded) && start(other) <= at && target.kind() != Kind::Revocation
        })
    }

    fn suspended(&self, target: &Attestation, at: Instant) -> bool {
        let suspensions = || {
            self.arrivals
                .iter()
                .filter(|(other, _)| matches!(&other.claims, Claims::Suspension(of) if of.digest == target.digest))
        };
        !matches!(target.kind(), Kind::Revocation | Kind::Suspension)
            && suspensions().any(|(suspension, remit)| {
                let may = remit.speaks_for(target) || (remit.may_revoke && suspension.subject == target.subject);
                let replaced = suspensions().any(|(later, as_far)| {
                    later.issuer == suspension.issuer
                        && as_far == remit
                        && later.subject == suspension.subject
                        && rank(later) > rank(suspension)
                        && start(later) <= at
                });
                let holds = start(suspension) <= at && suspension.is_valid_at(at) && !self.ended(suspension, at);
                may && holds && !replaced
            })
    }

    /// The aliases of `subject`, with whether they are believed alone.
    fn aliases(&self, subject: &Organisation) -> Vec<(Organisation, bool)> {
        let profiles = || {
            self.arrivals
                .iter()
                .filter(|(profile, _)| profile.kind() == Kind::EntityProfile && profile.subject == *subject)
        };
        let latest = profiles().filter(|(profile, _)| {
            !profiles().any(|(other, _)| other.issuer == profile.issuer && rank(other) > rank(profile))
                && !self.ended(profile, Instant::MAX)
        });
        latest
            .flat_map(|(profile, remit)| match &profile.claims {
                Claims::EntityProfile(claims) => {
                    let believed = profile.trust >= Trust::ThirdParty;
                    let alone = |alias: &Organisation| believed && remit.vouches_for(alias);
                    claims.aliases.iter().map(|alias| (alias.clone(), alone(alias))).collect()
                }
                _ => Vec::new(),
            })
            .collect()
    }

    fn class(&self, name: &Organisation) -> BTreeSet<Organisation> {
        let named = |(other, _): &Arrival| {
            self.aliases(&other.subject).into_iter().map(|(alias, _)| alias).chain([other.subject.clone()])
        };
        let names: BTreeSet<_> = self.arrivals.iter().flat_map(named).collect();
        let said = |one: &Organisation, other: &Organisation| -> Vec<bool> {
            self.aliases(one).into_iter().filter(|(alias, _)| alias == other).map(|(_, alone)| alone).collect()
        };
        let joined = |one: &Organisation, other: &Organisation| {
            let (there, back) = (said(one, other), said(other, one));
            there.contains(&true) || back.contains(&true) || (!there.is_empty() && !back.is_empty())
        };
        let mut class = BTreeSet::from([name.clone()]);
        loop {
            let more: Vec<_> = names
                .iter()
                .filter(|other| !class.contains(*other) && class.iter().any(|member| joined(member, other)))
                .cloned()
                .collect();
            if more.is_empty() {
                return class;
            }
            class.extend(more);
        }
    }

    fn representative(&self, name: &Organisation) -> Organisation {
        let order = ["GB-COH", "XI-LEI", "US-SAM", "CAGE"];
        let class = self.class(name);
        class
            .into_iter()
            .min_by_key(|name| (order.iter().position(|o| *o == name.scheme()).unwrap_or(9), name.clone()))
            .expect("a name")
    }

    fn canonical(&self, claims: &Claims) -> Claims {
        let mut claims = claims.clone();
        claims.rename(|organisation| self.representative(organisation));
        claims
    }

    fn evidence(&self, name: &Organisation, at: Instant) -> Evidence {
        let class = self.class(name);
        type Slots = BTreeMap<Arc<str>, Vec<Arc<Attestation>>>;
        let mut matters: BTreeMap<(Kind, String), Slots> = BTreeMap::new();
        for (attestation, _) in self.arrivals.iter().filter(|(attestation, _)| class.contains(&attestation.subject)) {
            let matter = (attestation.kind(), self.canonical(&attestation.claims).discriminator());
            let slot = matters.entry(matter).or_default().entry(Arc::clone(&attestation.issuer)).or_default();
            if !slot.contains(attestation) {
                slot.push(Arc::clone(attestation));
            }
        }
        let mut evidence = Evidence::default();
        for ((kind, _), issuers) in matters {
            let mut started = Vec::new();
            for slot in issuers.into_values() {
                let current = slot.iter().filter(|one| start(one) <= at).max_by_key(|one| rank(one)).cloned();
                let waits = |one: &&Arc<Attestation>| {
                    start(one) > at
                        && current.as_ref().is_none_or(|current| rank(current) < rank(one))
                        && !slot.iter().any(|other| rank(other) > rank(one) && start(other) <= start(one))
                };
                let counts = |one: &Arc<Attestation>| !self.ended(one, at) && !self.suspended(one, at);
                evidence.in_force.extend(slot.iter().filter(waits).filter(|one| counts(one)).cloned());
                started.extend(current.clone().filter(counts));
            }
            if matches!(kind, Kind::Revocation | Kind::Suspension) {
                evidence.in_force.extend(started);
                continue;
            }
            let mut valid: Vec<_> = started.iter().filter(|one| one.is_valid_at(at)).cloned().collect();
            valid.sort_by_key(|one| std::cmp::Reverse((one.trust, rank(one))));
            let Some(winner) = valid.first().cloned() else {
                let until = |one: &Arc<Attestation>| (one.trust, one.valid_until, rank(one));
                evidence.in_force.extend(started.into_iter().max_by_key(until));
                continue;
            };
            let claims = self.canonical(&winner.claims);
            let others: Vec<_> = valid.into_iter().filter(|one| self.canonical(&one.claims) != claims).collect();
            evidence.in_force.push(Arc::clone(&winner));
            if !others.is_empty() {
                evidence.conflicts.push(Conflict { winner, others });
            }
        }
        evidence.in_force.sort_by_key(|one| (one.kind(), one.digest));
        evidence
    }
}

const NAMES: [&str; 5] = ["GB-COH:A", "XI-LEI:B", "US-SAM:C", "XI-DUNS:D", "GB-COH:E"];

/// What an arrival is made from: small numbers, so that shrinking ends at something readable.
#[derive(Debug, Clone)]
struct Sketch {
    subject: usize,
    other: usize,
    issuer: usize,
    kind: usize,
    variant: usize,
    issued: i64,
    delay: i64,
    length: Option<i64>,
    trust: usize,
    target: usize,
    supersedes: bool,
    may_revoke: bool,
    remit: usize,
}

fn sketch() -> impl Strategy<Value = Sketch> {
    // Mostly about one organisation, so that attestations meet.
    let subject = prop_oneof![Just(0), 0..NAMES.len()];
    let who = (subject, 0..NAMES.len(), 0..3usize, 0..4usize);
    let what = (0..10usize, 0..2usize, 0..20usize, prop::bool::weighted(0.1), any::<bool>(), 0..6usize);
    let when = (0..6i64, -2..9i64, prop::option::of(1..6i64));
    (who, what, when).prop_map(
        |(
            (subject, other, issuer, trust),
            (kind, variant, target, supersedes, may_revoke, remit),
            (issued, delay, length),
        )| {
            Sketch {
                subject,
                other,
                issuer,
                kind,
                variant,
                issued,
                delay,
                length,
                trust,
                target,
                supersedes,
                may_revoke,
                remit,
            }
        },
    )
}

fn drawn(sketches: &[Sketch]) -> Vec<Arrival> {
    let digest = |ix: usize| Digest::of(&ix.to_be_bytes());
    let draw = |(ix, sketch): (usize, &Sketch)| {
        let (subject, other, variant) = (NAMES[sketch.subject], NAMES[sketch.other], sketch.variant);
        let target = digest(if ix == 0 { 99 } else { sketch.target % ix });
        let (kind, claims) = match sketch.kind {
            0 | 1 => (
                Kind::EntityProfile,
                match variant {
                    0 => r#"{"name":"N","country":"GB"}"#.to_owned(),
                    _ => format!(r#"{{"name":"N","country":"GB","aliases":["{other}"]}}"#),
                },
            ),
            2 | 3 => (Kind::CyberCe, format!(r#"{{"certificate":"{variant}","whole_organisation":true}}"#)),
            4 => (Kind::CyberStandard, format!(r#"{{"standard":"{variant}","scope":"all"}}"#)),
            5 | 6 => (
                Kind::SupplySource,
                format!(
                    r#"{{"supplier":"{other}","buyer":"{subject}","item":"i","share_bp":{variant},"qualified":true}}"#
                ),
            ),
            7 | 8 => (Kind::Revocation, format!(r#"{{"digest":"{target}","reason":"r"}}"#)),
            _ => (Kind::Suspension, format!(r#"{{"digest":"{target}","reason":"r"}}"#)),
        };
        let issuer = ["I", "J", "K"][sketch.issuer];
        let mut attestation = attested(0, issuer, subject, sketch.issued, kind, &claims);
        attestation.digest = digest(ix);
        attestation.valid_from = hour(sketch.issued + sketch.delay);
        attestation.valid_until = sketch.length.map(|length| attestation.valid_from.plus_seconds(length * 3600));
        attestation.trust = Trust::ALL[sketch.trust];
        attestation.supersedes = if sketch.supersedes { vec![target] } else { Vec::new() };
        let remit = match sketch.remit {
            0 => Remit::limited(issuer, sketch.may_revoke, None, "GB-COH:"),
            1 => Remit::limited(issuer, sketch.may_revoke, Some(vec![Kind::EntityProfile, Kind::CyberCe]), ""),
            _ => Remit::unlimited(issuer, sketch.may_revoke),
        };
        (Arc::new(attestation), remit)
    };
    sketches.iter().enumerate().map(draw).collect()
}

/// What the ledger says at `at`, by name.
fn picture(ledger: &Ledger, at: Instant) -> BTreeMap<Organisation, Evidence> {
    ledger.organisations().map(|ix| (ledger.name(ix).clone(), ledger.evidence(ix, at))).collect()
}

/// The last hour at which anything is issued is 5; nothing changes after hour 20.
const NOW_HOURS: i64 = 6;
const HORIZON_HOURS: std::ops::RangeInclusive<i64> = NOW_HOURS..=20;

fn arrivals() -> impl Strategy<Value = (Vec<Arrival>, Vec<Arrival>)> {
    prop::collection::vec(sketch(), 1..16)
        .prop_map(|sketches| drawn(&sketches))
        .prop_flat_map(|arrivals| (Just(arrivals.clone()), Just(arrivals).prop_shuffle()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_order_gives_what_the_oracle_says((arrivals, shuffled) in arrivals()) {
        let oracle = Oracle { arrivals: &arrivals };
        let mut ledger = Ledger::new(hour(0));
        for (ix, (attestation, remit)) in shuffled.iter().enumerate() {
            ledger.insert(Arc::clone(attestation), remit);
            // Time passes while they arrive; some arrive twice.
            ledger.due(hour(i64::try_from(ix).expect("few") * NOW_HOURS / 16));
            let (again, remit) = &shuffled[ix / 2];
            ledger.insert(Arc::clone(again), remit);
        }
        ledger.due(hour(NOW_HOURS));
        for ix in ledger.organisations() {
            let name = ledger.name(ix).clone();
            prop_assert_eq!(&oracle.representative(&name), &name);
            prop_assert_eq!(oracle.class(&name).into_iter().collect::<Vec<_>>(), ledger.names(ix));
            for at in HORIZON_HOURS.map(hour) {
                prop_assert_eq!(oracle.evidence(&name, at), ledger.evidence(ix, at), "{} at {}", &name, at);
            }
            let settled = ledger.settled(ix, hour(NOW_HOURS));
            prop_assert!(settled <= hour(NOW_HOURS));
            prop_assert_eq!(ledger.evidence(ix, settled), ledger.evidence(ix, hour(NOW_HOURS)));
        }
        for (attestation, _) in &arrivals {
            prop_assert!(ledger.resolve(&attestation.subject).is_some_and(|ix| ledger.is_organisation(ix)));
        }
    }

    #[test]
    fn what_is_not_dirty_has_not_changed((_, shuffled) in arrivals()) {
        let mut ledger = Ledger::new(hour(NOW_HOURS));
        let pictures = |ledger: &Ledger| HORIZON_HOURS.map(|at| picture(ledger, hour(at))).collect::<Vec<_>>();
        let mut before = pictures(&ledger);
        for (attestation, remit) in &shuffled {
            ledger.insert(Arc::clone(attestation), remit);
            let dirty: BTreeSet<_> = ledger.take_dirty().into_iter().map(|ix| ledger.name(ix).clone()).collect();
            let after = pictures(&ledger);
            for (before, after) in before.iter().zip(&after) {
                for name in before.keys().chain(after.keys()).filter(|name| !dirty.contains(name)) {
                    prop_assert_eq!(before.get(name), after.get(name), "{} is not dirty", name);
                }
            }
            before = after;
        }
        prop_assert!(ledger.take_dirty().is_empty());
    }

    #[test]
    fn nothing_changes_between_boundaries((_, shuffled) in arrivals()) {
        let mut ledger = Ledger::new(hour(0));
        for (attestation, remit) in &shuffled {
            ledger.insert(Arc::clone(attestation), remit);
        }
        let mut now = hour(0);
        let mut before = picture(&ledger, now);
        while let Some(next) = ledger.next_boundary(now) {
            prop_assert_eq!(&picture(&ledger, next.plus_seconds(-1)), &before);
            let due: BTreeSet<_> = ledger.due(next).into_iter().map(|ix| ledger.name(ix).clone()).collect();
            let after = picture(&ledger, next);
            for (name, evidence) in after.iter().filter(|(name, _)| !due.contains(name)) {
                prop_assert_eq!(before.get(name), Some(evidence), "{} is not due", name);
            }
            (now, before) = (next, after);
        }
        prop_assert_eq!(picture(&ledger, hour(400)), before);
    }
}
