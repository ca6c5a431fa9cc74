//! Who is scored at all: whoever something in force supports, and nobody because of what it says of others.

use super::{
    Fleet, ISSUERS, ORGANISATIONS, SCORERS, START, What, attestation, instant, organisation, scored, standings,
    with_certificate,
};
use crate::{
    attest::{Ledger, Remit},
    model::{Attestation, Instant},
    store::WithdrawalCause,
};
use serde_json::json;
use std::{convert::Infallible, sync::Arc};

fn taken_in(fleet: &mut Fleet, attestations: impl IntoIterator<Item = Attestation>) {
    for one in attestations {
        let remit = Remit::unlimited(&one.issuer, false);
        fleet.insert(Arc::new(one), &remit);
    }
}

/// All withdrawals of one evaluation.
fn withdrawn(fleet: &mut Fleet, now: Instant) -> Vec<(String, WithdrawalCause)> {
    let mut all = Vec::new();
    let done: Result<(), Infallible> = fleet.evaluate(&SCORERS[0], now, &|_, _| None, |evaluation| {
        all.extend(evaluation.withdrawn.into_iter().map(|one| (one.organisation.to_string(), one.cause)));
        Ok(())
    });
    done.expect("nothing fails here");
    all
}

#[test]
fn whoever_nothing_supports_is_withdrawn() {
    let now = instant(START);
    let (authority, prime) = (ISSUERS[0], ISSUERS[1]);
    let [supplier, idle, parent, certified] = [0, 1, 2, 3].map(|nth| ORGANISATIONS[nth]);
    let source = |supplier: &str, share_bp: u32| {
        let claims = json!({"supplier": supplier, "buyer": "PROGRAMME:P", "item": "forging", "share_bp": share_bp, "qualified": true});
        attestation("PROGRAMME:P", prime, "supply.source", &claims, now)
    };
    let mut edges = vec![source(supplier, 10_000), source(idle, 0)];
    edges.push(attestation(
        certified,
        authority,
        "entity.profile",
        &json!({"name": "N", "country": "GB", "parent": parent}),
        now,
    ));
    let certificate = attestation(certified, prime, "cyber.ce", &What::Ce.claims("", now.date()).1, now);
    let revoked = |target: &Attestation| {
        let issuer = ISSUERS.into_iter().find(|(name, _)| *name == &*target.issuer).expect("a known issuer");
        let claims = json!({"digest": target.digest, "reason": "wrong"});
        attestation("CAGE:1AAA1", issuer, "revocation", &claims, now.plus_seconds(3600))
    };
    let mut fleet = Fleet::new(Ledger::new(now));
    taken_in(&mut fleet, edges.iter().cloned().chain([certificate.clone()]));
    assert_eq!(withdrawn(&mut fleet, now), []);
    let names = |fleet: &Fleet| standings(fleet).keys().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(names(&fleet), [supplier, idle, parent, certified]);

    taken_in(&mut fleet, edges.iter().map(revoked));
    let gone = |names: &[&str]| {
        names.iter().map(|name| ((*name).to_owned(), WithdrawalCause::NothingInForce)).collect::<Vec<_>>()
    };
    let later = now.plus_seconds(3600);
    assert_eq!(withdrawn(&mut fleet, later), gone(&[supplier, idle, parent, "PROGRAMME:P"]));
    assert_eq!(
        names(&fleet),
        ["CAGE:1AAA1", certified],
        "the one of whom something else is known, and the revocations' own"
    );
    // The passing of time brings nobody back; evidence does.
    assert_eq!(withdrawn(&mut fleet, later.plus_seconds(86_400 * 40)), []);
    taken_in(&mut fleet, [attestation(supplier, authority, "cyber.ce", &What::Ce.claims("", now.date()).1, later)]);
    assert_eq!(withdrawn(&mut fleet, later.plus_seconds(86_400 * 40)), []);
    assert_eq!(names(&fleet), ["CAGE:1AAA1", supplier, certified]);
}

/// An owner is scored once something was said about it, even if that no longer holds; a mere name of an owner is not.
#[test]
fn an_owner_keeps_his_score_when_what_was_said_of_him_is_revoked() {
    let (now, later) = (instant(START), instant(START).plus_seconds(3600));
    let (authority, [owned, owner, name]) = (ISSUERS[0], [0, 1, 2].map(|nth| ORGANISATIONS[nth]));
    let holding = |owner: &str| {
        let claims = json!({"owner": owner, "owner_country": "GB", "percent": 40});
        attestation(owned, authority, "ownership.holding", &claims, now)
    };
    let profile = attestation(owner, authority, "entity.profile", &json!({"name": "N", "country": "GB"}), now);
    let revoked = |target: &Attestation| {
        let claims = json!({"digest": target.digest, "reason": "wrong"});
        attestation("CAGE:1AAA1", authority, "revocation", &claims, later)
    };
    let said = [holding(owner), holding(name), profile.clone(), revoked(&profile)];
    let names = |fleet: &Fleet| standings(fleet).keys().map(ToString::to_string).collect::<Vec<_>>();
    let mut fleet = Fleet::new(Ledger::new(now));
    taken_in(&mut fleet, said[..3].iter().cloned());
    assert_eq!(withdrawn(&mut fleet, now), []);
    assert_eq!(names(&fleet), [owned, owner]);
    taken_in(&mut fleet, [said[3].clone()]);
    assert_eq!(withdrawn(&mut fleet, later), []);
    assert_eq!(names(&fleet), ["CAGE:1AAA1", owned, owner]);
    // A start finds the same.
    let mut fresh = Fleet::new(Ledger::new(later));
    taken_in(&mut fresh, said.iter().cloned());
    scored(&mut fresh, later);
    assert_eq!(standings(&fresh), standings(&fleet));
    // So does taking the holding back.
    taken_in(&mut fleet, [revoked(&said[0])]);
    assert_eq!(withdrawn(&mut fleet, later), [(owner.to_owned(), WithdrawalCause::NothingInForce)]);
}

/// A start with other keys: what the store holds a score of, and nothing else knows.
#[test]
fn a_score_that_is_restored_without_evidence_is_withdrawn() {
    let now = instant(START);
    let mut fleet = with_certificate("2025-12-01", None);
    scored(&mut fleet, now);
    let standing = standings(&fleet).into_values().next().expect("a score");
    let (known, left_out, unknown) = (ORGANISATIONS[0], ORGANISATIONS[1], ORGANISATIONS[2]);
    let mut fresh = with_certificate("2025-12-01", None);
    for name in [known, left_out, unknown] {
        fresh.restore(organisation(name), standing.clone());
    }
    fresh.leave_out(attestation(left_out, ISSUERS[0], "cyber.ce", &What::Ce.claims("", now.date()).1, now));
    assert_eq!(fresh.unknown(), 2);
    let expected =
        [(left_out.to_owned(), WithdrawalCause::NotAdmitted), (unknown.to_owned(), WithdrawalCause::NothingInForce)];
    assert_eq!(withdrawn(&mut fresh, now), expected);
    assert_eq!(withdrawn(&mut fresh, now), [], "once");
}

/// What an organisation says of another's needs moves no figure until somebody else confirms it.
#[test]
fn hearsay_changes_no_figure_until_it_is_confirmed() {
    let now = instant("2025-12-02T00:00:00Z");
    let (own, buyer) = (ORGANISATIONS[1], "PROGRAMME:P");
    let claims =
        |buyer: &str| json!({"supplier": own, "buyer": buyer, "item": "forging", "share_bp": 5000, "qualified": true});
    let source =
        |subject: &str, issuer, buyer: &str| attestation(subject, issuer, "supply.source", &claims(buyer), now);
    let need = json!({"buyer": ORGANISATIONS[2], "item": "casting", "class": "critical", "buffer_days": 0});
    let asked = json!({"programme": buyer, "criticality": 5, "cyber_level": 3});
    let itself = ISSUERS[2];
    let hearsay = [
        source(own, itself, buyer),
        source(own, itself, "PROGRAMME:Q"),
        attestation(own, itself, "supply.need", &need, now),
        attestation(own, itself, "programme.requirement", &asked, now),
    ];
    let mut fleet = with_certificate("2025-12-01", None);
    scored(&mut fleet, now);
    let (before, facts) = (standings(&fleet), fleet.network().facts(&organisation(ORGANISATIONS[0])));
    let exposure = fleet.exposures().of(&organisation(buyer)).cloned();
    taken_in(&mut fleet, hearsay);
    scored(&mut fleet, now);
    let mut after = standings(&fleet);
    assert!(after.remove(&organisation(own)).is_some(), "it spoke, so it is known");
    assert_eq!(after, before);
    assert_eq!(fleet.network().facts(&organisation(ORGANISATIONS[0])), facts);
    assert_eq!(fleet.exposures().of(&organisation(buyer)).cloned(), exposure);
    assert_eq!(fleet.network().facts(&organisation(own)).requirement.cyber_level, None);
    assert_eq!(fleet.hearsay().filter(|(name, _)| name.as_str() == own).count(), 4);

    // The buyer says so itself; a third party would do too.
    for (subject, issuer) in [(buyer, itself), (own, ISSUERS[1])] {
        let mut fleet = with_certificate("2025-12-01", None);
        taken_in(&mut fleet, [source(own, itself, buyer), source(subject, issuer, buyer)]);
        scored(&mut fleet, now);
        assert_eq!(fleet.network().facts(&organisation(own)).requirement.cyber_level, Some(1), "{subject}");
        assert_ne!(fleet.exposures().of(&organisation(buyer)).cloned(), exposure);
    }
}
