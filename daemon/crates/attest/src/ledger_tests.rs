//! The cases that the ledger's rules are about.

use super::{Ledger, Remit};
use crate::model::{
    Attestation, Claims, Digest, Instant, Kind, Organisation, OrganisationIx, Trust,
    claims::{CyberStandard, Text},
};
use std::sync::Arc;

fn organisation(name: &str) -> Organisation {
    Organisation::checked_before(name)
}

/// Hours, so that not every boundary is a midnight.
pub(super) fn hour(hours: i64) -> Instant {
    Instant::default().plus_seconds(hours * 3600)
}

/// `claims` about `subject` by `issuer`, issued at hour `issued` and valid from then on.
pub(super) fn attested(id: u8, issuer: &str, subject: &str, issued: i64, kind: Kind, claims: &str) -> Attestation {
    Attestation {
        digest: Digest::of(&[id]),
        subject: organisation(subject),
        issuer: issuer.into(),
        issued_at: hour(issued),
        valid_from: hour(issued),
        valid_until: None,
        trust: Trust::ThirdParty,
        scope: None,
        claims: Claims::parse(&kind, claims).expect("claims"),
        evidence: Vec::new(),
        supersedes: Vec::new(),
        handling: None,
    }
}

const SUBJECT: &str = "GB-COH:A";

fn ce(id: u8, issuer: &str, issued: i64) -> Attestation {
    attested(id, issuer, SUBJECT, issued, Kind::CyberCe, r#"{"certificate":"C","whole_organisation":true}"#)
}

fn withdrawal(id: u8, issuer: &str, issued: i64, kind: Kind, target: &Attestation) -> Attestation {
    let claims = format!(r#"{{"digest":"{}","reason":"r"}}"#, target.digest);
    attested(id, issuer, SUBJECT, issued, kind, &claims)
}

/// The certificates in force about the subject at hour `at`, by the ids they were made with.
fn in_force(arrivals: &[(Attestation, bool)], at: i64) -> Vec<u8> {
    let mut ledger = Ledger::new(hour(0));
    for (attestation, may_revoke) in arrivals {
        ledger.insert(Arc::new(attestation.clone()), &Remit::unlimited(&attestation.issuer, *may_revoke));
    }
    let ix = ledger.resolve(&organisation(SUBJECT)).expect("the subject");
    let evidence = ledger.evidence(ix, hour(at));
    let ce = evidence.in_force.iter().filter(|attestation| attestation.kind() == Kind::CyberCe);
    let mut ids: Vec<u8> = ce
        .map(|attestation| (0..=u8::MAX).find(|id| Digest::of(&[*id]) == attestation.digest).expect("an id"))
        .collect();
    ids.sort_unstable();
    ids
}

#[test]
fn the_rules_of_succession_and_withdrawal() {
    let check = |what: &str, arrivals: &[(Attestation, bool)], at: i64, expected: &[u8]| {
        assert_eq!(in_force(arrivals, at), expected, "{what}");
        let reversed: Vec<_> = arrivals.iter().rev().cloned().collect();
        assert_eq!(in_force(&reversed, at), expected, "{what}, the other way round");
    };
    let (old, new) = (ce(1, "I", 1), ce(2, "I", 2));
    let own = |target: &Attestation| withdrawal(3, "I", 4, Kind::Revocation, target);
    let by_authority = |target: &Attestation| withdrawal(3, "J", 4, Kind::Revocation, target);
    let both = [(old.clone(), false), (new.clone(), false)];
    check("the later one counts", &both, 5, &[2]);
    check("revoked, the one before stays superseded", &[both.to_vec(), vec![(own(&new), false)]].concat(), 5, &[]);
    check("before the revocation", &[both.to_vec(), vec![(own(&new), false)]].concat(), 3, &[2]);
    check("another may not revoke", &[(new.clone(), false), (by_authority(&new), false)], 5, &[2]);
    check("an authority may", &[(new.clone(), false), (by_authority(&new), true)], 5, &[]);
    let mut elsewhere = by_authority(&new);
    elsewhere.subject = organisation("GB-COH:E");
    check("not under another subject", &[(new.clone(), false), (elsewhere, true)], 5, &[2]);

    let mut suspension = withdrawal(3, "I", 3, Kind::Suspension, &new);
    suspension.valid_until = Some(hour(6));
    let suspended = [(new.clone(), false), (suspension.clone(), false)];
    check("before it is suspended", &suspended, 2, &[2]);
    check("while it is suspended", &suspended, 5, &[]);
    check("after it was suspended", &suspended, 6, &[2]);
    let lifted = (withdrawal(4, "I", 4, Kind::Revocation, &suspension), false);
    check("when the suspension is revoked", &[suspended.to_vec(), vec![lifted]].concat(), 5, &[2]);

    let mut renewal = ce(2, "I", 2);
    renewal.valid_from = hour(5);
    check("a renewal waits", &[(old.clone(), false), (renewal.clone(), false)], 3, &[1, 2]);
    check("a renewal starts", &[(old.clone(), false), (renewal, false)], 5, &[2]);
    let waiting = |id, issued, from| Attestation { valid_from: hour(from), ..ce(id, "I", issued) };
    let renewals = [(old.clone(), false), (waiting(2, 2, 8), false), (waiting(3, 3, 6), false)];
    check("one that starts later than its successor never counts", &renewals, 5, &[1, 3]);
    check("nor when it starts", &renewals, 9, &[3]);
    let mut replacing = ce(2, "I", 2);
    replacing.supersedes = vec![old.digest];
    replacing.claims =
        Claims::CyberStandard(CyberStandard { standard: Text::from("ISO 27001"), scope: Text::from("all") });
    check("one of another kind replaces it", &[(old.clone(), false), (replacing.clone(), false)], 5, &[]);
    replacing.issuer = "J".into();
    check("of another issuer it does not", &[(old, false), (replacing, false)], 5, &[1]);
}

#[test]
fn the_higher_trust_wins_while_it_is_valid() {
    let trusted = |id, issuer, trust, until| Attestation { trust, valid_until: Some(hour(until)), ..ce(id, issuer, 1) };
    let own = trusted(1, "I", Trust::Own, 20);
    let mut authority = trusted(2, "J", Trust::Authority, 10);
    let both = |authority: &Attestation| [(own.clone(), false), (authority.clone(), false)];
    assert_eq!(in_force(&both(&authority), 9), [2]);
    assert_eq!(in_force(&both(&authority), 10), [1]);
    assert_eq!(in_force(&both(&authority), 30), [2], "none is valid: the better lapsed one");

    let conflicts = |authority: &Attestation, at| {
        let mut ledger = Ledger::new(hour(0));
        ledger.insert(Arc::new(own.clone()), &Remit::unlimited("I", false));
        ledger.insert(Arc::new(authority.clone()), &Remit::unlimited("I", false));
        let evidence = ledger.evidence(OrganisationIx(0), hour(at));
        evidence
            .conflicts
            .into_iter()
            .map(|conflict| (conflict.winner.trust, conflict.others.len()))
            .collect::<Vec<_>>()
    };
    assert_eq!(conflicts(&authority, 5), [], "they agree");
    authority.claims =
        Claims::parse(&Kind::CyberCe, r#"{"certificate":"D","whole_organisation":false}"#).expect("claims");
    assert_eq!(conflicts(&authority, 5), [(Trust::Authority, 1)]);
    assert_eq!(conflicts(&authority, 10), [], "only one is valid");
}

/// A certificate across its last second, and one that ends on a leap day.
#[test]
fn validity_ends_to_the_second() {
    let walk = |until: &str, seconds: &[(&str, bool)]| {
        let mut attestation = ce(1, "I", 1);
        attestation.valid_until = Some(Instant::parse_end(until).expect("an end"));
        let mut ledger = Ledger::new(hour(0));
        ledger.insert(Arc::new(attestation), &Remit::unlimited("I", false));
        for (at, valid) in seconds {
            let at: Instant = at.parse().expect("an instant");
            let evidence = ledger.evidence(OrganisationIx(0), at);
            assert_eq!(evidence.in_force.len(), 1, "lapsed evidence stays evidence");
            assert_eq!(evidence.in_force[0].is_valid_at(at), *valid, "{until} at {at}");
        }
    };
    walk("2026-05-09", &[("2026-05-09T23:59:59Z", true), ("2026-05-10T00:00:00Z", false)]);
    walk("2026-05-09T14:30:00Z", &[("2026-05-09T14:29:59Z", true), ("2026-05-09T14:30:00Z", false)]);
    walk("2024-02-29", &[("2024-02-29T23:59:59Z", true), ("2024-03-01T00:00:00Z", false)]);
    walk("2025-02-28", &[("2025-02-28T23:59:59Z", true), ("2025-03-01T00:00:00Z", false)]);
    walk("2028-02-28", &[("2028-02-28T23:59:59Z", true), ("2028-02-29T00:00:00Z", false)]);
}

#[test]
fn what_is_superseded_for_good_is_not_kept() {
    let mut ledger = Ledger::new(hour(100));
    for id in 0..200 {
        ledger.insert(Arc::new(ce(id, "I", i64::from(id) % 90)), &Remit::unlimited("I", false));
    }
    assert_eq!(ledger.len(), 1);
    let latest = ledger.evidence(OrganisationIx(0), hour(100)).in_force;
    assert_eq!(latest[0].issued_at, hour(89));
}

#[test]
fn a_merge_makes_both_sides_and_their_mentioners_dirty() {
    let source = r#"{"supplier":"XI-LEI:B","buyer":"US-SAM:C","item":"i","share_bp":1,"qualified":true}"#;
    let mut ledger = Ledger::new(hour(9));
    ledger.insert(Arc::new(attested(1, "I", "US-SAM:C", 1, Kind::SupplySource, source)), &Remit::unlimited("I", false));
    ledger.insert(Arc::new(ce(2, "I", 1)), &Remit::unlimited("I", false));
    let names = |ledger: &mut Ledger| {
        let dirty = ledger.take_dirty();
        let shown = |ix: OrganisationIx| (ledger.name(ix).to_string(), ledger.is_organisation(ix));
        let mut shown: Vec<_> = dirty.into_iter().map(shown).collect();
        shown.sort();
        shown
    };
    let of = |names: &[(&str, bool)]| names.iter().map(|(name, is)| ((*name).to_owned(), *is)).collect::<Vec<_>>();
    assert_eq!(names(&mut ledger), of(&[("GB-COH:A", true), ("US-SAM:C", true), ("XI-LEI:B", true)]));
    let profile = r#"{"name":"N","country":"GB","aliases":["XI-LEI:B","CAGE:AAAAA"]}"#;
    let profile = attested(3, "I", "GB-COH:A", 1, Kind::EntityProfile, profile);
    ledger.insert(Arc::new(profile.clone()), &Remit::unlimited("I", false));
    let merged = [("CAGE:AAAAA", false), ("GB-COH:A", true), ("US-SAM:C", true), ("XI-LEI:B", false)];
    assert_eq!(names(&mut ledger), of(&merged));
    assert_eq!(ledger.canonical(&organisation("CAGE:AAAAA")).as_str(), "GB-COH:A");
    assert_eq!(ledger.organisations().count(), 2);
    ledger.insert(Arc::new(withdrawal(4, "I", 2, Kind::Revocation, &profile)), &Remit::unlimited("I", false));
    assert_eq!(
        names(&mut ledger),
        of(&[("CAGE:AAAAA", false), ("GB-COH:A", true), ("US-SAM:C", true), ("XI-LEI:B", true)])
    );
    assert_eq!(ledger.organisations().count(), 3);
}

/// What happens under other names is due where it has its effect.
#[test]
fn the_end_of_a_suspension_is_due_for_what_was_suspended() {
    let elsewhere = |attestation: Attestation| Attestation { subject: organisation("GB-COH:E"), ..attestation };
    let certificate = ce(1, "I", 1);
    let suspension = elsewhere(withdrawal(2, "I", 3, Kind::Suspension, &certificate));
    let revocation = elsewhere(withdrawal(3, "I", 5, Kind::Revocation, &suspension));
    let arrivals = [certificate, suspension, revocation].map(Arc::new);
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let mut ledger = Ledger::new(hour(0));
        for ix in order {
            ledger.insert(Arc::clone(&arrivals[ix]), &Remit::unlimited("I", false));
        }
        let subject = ledger.resolve(&organisation(SUBJECT)).expect("the subject");
        for (at, counts) in [(1, 1), (3, 0), (5, 1)] {
            assert!(ledger.due(hour(at)).contains(&subject), "{order:?} at hour {at}");
            assert_eq!(ledger.settled(subject, hour(at + 1)), hour(at), "{order:?} at hour {at}");
            assert_eq!(ledger.evidence(subject, hour(at)).in_force.len(), counts, "{order:?} at hour {at}");
        }
    }
}

/// A key of the same issuer ends nothing that it could not have attested itself, by whatever way and in whatever order.
#[test]
fn a_key_withdraws_only_what_is_within_its_remit() {
    let target = ce(1, "I", 1);
    let revocation = withdrawal(2, "I", 2, Kind::Revocation, &target);
    let suspension = withdrawal(2, "I", 2, Kind::Suspension, &target);
    let mut replacing = attested(2, "I", SUBJECT, 2, Kind::CyberSaq, r#"{"level":1}"#);
    replacing.supersedes = vec![target.digest];
    // Both about one subject, in the file of another.
    let elsewhere = Attestation { subject: organisation("GB-COH:B"), ..revocation.clone() };
    let kinds = |kinds: &[Kind]| Remit::limited("I", false, Some(kinds.to_vec()), "GB-COH:");
    let within = kinds(&[Kind::CyberCe, Kind::Revocation, Kind::Suspension]);
    let without = kinds(&[Kind::CyberSaq, Kind::Revocation, Kind::Suspension]);
    let about_another = Remit::limited("I", false, None, "GB-COH:B");
    let of_other = Remit::limited("J", false, None, "");
    // Both have signed what one of them issues: each withdraws what it may by itself.
    let of_both = without.clone().and(&of_other);
    let others = Attestation { issuer: "J".into(), ..target.clone() };
    for (what, withdrawing, remit, stands) in [
        ("a revocation", &revocation, &within, false),
        ("a suspension", &suspension, &within, false),
        ("an explicit supersession", &replacing, &within, false),
        ("a revocation under another name", &elsewhere, &within, false),
        ("a revocation outside its kinds", &revocation, &without, true),
        ("a suspension outside its kinds", &suspension, &without, true),
        ("a supersession outside its kinds", &replacing, &without, true),
        ("a revocation of what is about another", &elsewhere, &about_another, true),
        ("a revocation that another with a wider remit signs too", &revocation, &of_both, true),
        ("a supersession that another with a wider remit signs too", &replacing, &of_both, true),
    ] {
        let arrivals = [(&target, &Remit::default()), (withdrawing, remit)];
        for arrivals in [arrivals, [arrivals[1], arrivals[0]]] {
            let mut ledger = Ledger::new(hour(0));
            arrivals.iter().for_each(|(one, remit)| ledger.insert(Arc::new((*one).clone()), remit));
            let ix = ledger.resolve(&organisation(SUBJECT)).expect("the subject");
            let held = ledger.evidence(ix, hour(3)).in_force;
            assert_eq!(held.iter().any(|one| one.digest == target.digest), stands, "{what}");
        }
    }
    let mut ledger = Ledger::new(hour(0));
    ledger.insert(Arc::new(others), &Remit::default());
    ledger.insert(Arc::new(revocation), &of_both);
    let ix = ledger.resolve(&organisation(SUBJECT)).expect("the subject");
    let held = ledger.evidence(ix, hour(3)).in_force;
    assert!(held.iter().all(|one| one.digest != target.digest), "whoever signs too withdraws its own");
    // Nor does its suspension, which suspends nothing, lift the one of a key that may suspend.
    let mut short = withdrawal(3, "I", 3, Kind::Suspension, &target);
    short.valid_until = Some(hour(4));
    let arrivals = [(&target, Remit::default()), (&suspension, within), (&short, without)];
    for order in [[0, 1, 2], [0, 2, 1], [2, 1, 0]] {
        let mut ledger = Ledger::new(hour(0));
        for (attestation, remit) in order.map(|ix: usize| &arrivals[ix]) {
            ledger.insert(Arc::new((*attestation).clone()), remit);
        }
        let ix = ledger.resolve(&organisation(SUBJECT)).expect("the subject");
        let held = ledger.evidence(ix, hour(5)).in_force;
        assert!(held.iter().all(|one| one.digest != target.digest), "{order:?}");
    }
}

/// Who may say that two names are one organisation.
#[test]
fn an_alias_counts_alone_only_within_the_remit() {
    let profile = |id, issuer, subject, alias, trust| {
        let claims = format!(r#"{{"name":"N","country":"GB","aliases":["{alias}"]}}"#);
        Attestation { trust, ..attested(id, issuer, subject, 1, Kind::EntityProfile, &claims) }
    };
    let (a, b) = (SUBJECT, "XI-LEI:B");
    let (of_both, of_a) = (Remit::unlimited("I", false), Remit::limited("I", false, None, "GB-COH:"));
    let of_b = Remit::limited("I", false, None, "XI-LEI:");
    let said = |id, issuer, trust| profile(id, issuer, a, b, trust);
    let back = |trust| profile(9, "B", b, a, trust);
    let (own, third) = (Trust::Own, Trust::ThirdParty);
    for (what, profiles, one) in [
        ("of both, by a third party", vec![(said(1, "T", third), &of_both)], true),
        ("of both, by itself", vec![(said(1, "A", own), &of_both)], false),
        ("of one, by a third party", vec![(said(1, "T", third), &of_a)], false),
        ("the same, and the other agrees", vec![(said(1, "T", third), &of_a), (back(own), &of_b)], true),
        ("each for itself", vec![(said(1, "A", own), &of_a), (back(own), &of_b)], true),
        ("two of one side", vec![(said(1, "T", third), &of_a), (said(2, "U", third), &of_a)], false),
        ("two, one of both", vec![(said(1, "T", third), &of_a), (said(2, "U", third), &of_both)], true),
    ] {
        for backwards in [false, true] {
            let mut ledger = Ledger::new(hour(0));
            let mut order: Vec<_> = profiles.iter().collect();
            if backwards {
                order.reverse();
            }
            order.iter().for_each(|(profile, remit)| ledger.insert(Arc::new(profile.clone()), remit));
            let merged = ledger.canonical(&organisation(b)).as_str() == a;
            assert_eq!(merged, one, "{what}");
        }
    }
}
