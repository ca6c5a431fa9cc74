//! The canonical form as it is stored: [`Attestation`]'s own JSON, read back.

use crate::{
    by_name,
    model::{Attestation, Claims, Digest, Handling, Instant, Kind, Organisation, Trust, attestation::EvidenceLink},
};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// The stored text is no canonical attestation.
#[derive(Debug, thiserror::Error)]
#[error("the stored attestation cannot be read ({0}): restore the store from a backup, it was changed from outside")]
pub struct NotCanonical(#[from] serde_json::Error);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredCanonical<'a> {
    digest: Digest,
    subject: Organisation,
    #[serde(borrow)]
    issuer: Cow<'a, str>,
    issued_at: Instant,
    valid_from: Instant,
    #[serde(default)]
    valid_until: Option<Instant>,
    trust: Trust,
    #[serde(default)]
    scope: Option<Box<str>>,
    #[serde(borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    claims: &'a RawValue,
    #[serde(default)]
    evidence: Vec<EvidenceLink>,
    #[serde(default)]
    supersedes: Vec<Digest>,
    #[serde(default)]
    handling: Option<Handling>,
}

/// Writes the canonical form that [`parse`] reads.
#[must_use]
pub fn write(attestation: &Attestation) -> String {
    serde_json::to_string(attestation).unwrap_or_else(|error| unreachable!("an attestation has string keys: {error}"))
}

/// Reads what [`write()`] wrote. The store is ours: nothing is verified again, and the kind is taken as it stands.
///
/// # Errors
/// [`NotCanonical`]
pub fn parse(json: &str) -> Result<Attestation, NotCanonical> {
    let stored: StoredCanonical<'_> = by_name::json(json)?;
    Ok(Attestation {
        digest: stored.digest,
        subject: stored.subject,
        issuer: stored.issuer.into(),
        issued_at: stored.issued_at,
        valid_from: stored.valid_from,
        valid_until: stored.valid_until,
        trust: stored.trust,
        scope: stored.scope,
        claims: Claims::parse(&Kind::named(&stored.kind), stored.claims.get())?,
        evidence: stored.evidence,
        supersedes: stored.supersedes,
        handling: stored.handling,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::written;

    /// Claims of every kind, with every field of which there are several forms.
    const CLAIMS: &[(&str, &str)] = &[
        (
            "entity.profile",
            r#"{"name":"Zoë & Söhne \"Ltd\"","country":"GB","region":"Derby","sme":true,"sectors":["a"],"clusters":["b"],"parent":"CAGE:AAAAA","aliases":["XI-DUNS:123456789"]}"#,
        ),
        ("entity.status", r#"{"status":"active"}"#),
        ("cyber.ce", r#"{"certificate":"C","whole_organisation":false,"entities":["CAGE:AAAAA"]}"#),
        ("cyber.ceplus", r#"{"certificate":"C","whole_organisation":true}"#),
        ("cyber.dcc", r#"{"level":2,"attested_on":"2024-02-29"}"#),
        ("cyber.saq", r#"{"level":3,"gaps":4}"#),
        ("cyber.cip", r#"{"accepted":true,"due_on":"2026-01-01"}"#),
        ("cyber.sprs", r#"{"score":-203,"assessed_on":"2026-01-01","ssp":true}"#),
        (
            "cyber.cmmc",
            r#"{"level":2,"status":"conditional","status_on":"2026-01-01","affirmed_on":"2026-01-02","poam":[{"requirement":"3.13.11","points":3}]}"#,
        ),
        ("cyber.standard", r#"{"standard":"ISO 27001","scope":"all"}"#),
        (
            "clearance.facility",
            r#"{"nation":"GB","level":"top-secret","status":"provisional","since":"2026-01-01","sponsor_contract":"c","sponsor_until":"2027-01-01"}"#,
        ),
        (
            "clearance.personnel",
            r#"[{"level":"GB:SC","count":3,"review_due_on":"2027-01-01"},{"level":"US:TOP-SECRET","count":1,"granted_on":"2020-01-01"}]"#,
        ),
        (
            "supply.need",
            r#"{"buyer":"PROGRAMME:P","item":"i","class":"sole-critical","required_share_bp":6000,"buffer_days":10}"#,
        ),
        (
            "supply.source",
            r#"{"supplier":"CAGE:AAAAA","buyer":"PROGRAMME:P","item":"i","share_bp":10000,"qualified":true,"switch_days":40}"#,
        ),
        ("supply.capability", r#"{"items":["i"],"categories":["c"],"approvals":["AS9100"]}"#),
        ("supply.end_of_life", r#"{"item":"i","last_order_on":"2026-01-01"}"#),
        ("site", r#"{"region":"Derby","corridors":["M6"],"share_bp":5000,"latitude":52.920021,"longitude":-1.478}"#),
        ("continuity.recovery", r#"{"item":"i","recover_days":30,"tested_on":"2026-01-01"}"#),
        // As an earlier version stored it: what is stored is read back as it stands, whatever is asked of new claims.
        ("ownership.holding", r#"{"owner":"gb-coh:6 ","owner_country":"Atlantis","percent":25.01}"#),
        ("foci.mitigation", r#"{"instrument":"voting-trust","accepted_by":"DCSA"}"#),
        (
            "incident",
            r#"{"severity":1,"opened_on":"2026-01-01T10:00:00Z","closed_on":"2026-01-05","reported_at":"2026-01-02","reference":"r"}"#,
        ),
        (
            "programme.requirement",
            r#"{"programme":"PROGRAMME:P","criticality":5,"cyber_level":2,"cmmc_level":1,"clearance_level":"GB:DV","headcount":4}"#,
        ),
        ("revocation", r#"{"digest":"0000000000000000000000000000000000000000000000000000000000000000","reason":"r"}"#),
        ("suspension", r#"{"digest":"0000000000000000000000000000000000000000000000000000000000000000","reason":"r"}"#),
        ("welding.approval", r#"{"process":"TIG","nested":{"a":[1,2.5,null,true]}}"#),
    ];

    fn attestation(kind: &str, claims: &str) -> Attestation {
        Attestation {
            digest: Digest::of(kind.as_bytes()),
            subject: Organisation::checked_before("GB-COH:09506232"),
            issuer: "The \"Register\"".into(),
            issued_at: Instant::from_unix_seconds(1_778_000_000),
            valid_from: Instant::from_unix_seconds(-1),
            valid_until: Some(Instant::MAX),
            trust: Trust::ThirdParty,
            scope: Some("all".into()),
            claims: Claims::parse(&Kind::named(kind), claims).expect("claims"),
            evidence: vec![EvidenceLink { name: "n".into(), uri: Some("u".into()), digest: Some(Digest([1; 32])) }],
            supersedes: vec![Digest([2; 32])],
            handling: Some(Handling::AmberStrict),
        }
    }

    /// Those, and the others as their schemas show them.
    fn all_claims() -> Vec<(&'static str, String)> {
        let by_hand = CLAIMS.iter().map(|(kind, claims)| (*kind, (*claims).to_owned()));
        let is_by_hand = |kind: &Kind| CLAIMS.iter().any(|(name, _)| *name == kind.as_str());
        let others = Kind::BUILT_IN.iter().filter(|kind| !is_by_hand(kind));
        let example = |kind: &Kind| written::example(&kind.written().expect("built in").to_value()).to_string();
        by_hand.chain(others.map(|kind| (kind.as_str(), example(kind)))).collect()
    }

    #[test]
    fn every_kind_survives_the_store() {
        for (kind, claims) in &all_claims() {
            let full = attestation(kind, claims);
            let bare = Attestation {
                valid_until: None,
                scope: None,
                evidence: Vec::new(),
                supersedes: Vec::new(),
                handling: None,
                ..full.clone()
            };
            for attestation in [full, bare] {
                let stored = write(&attestation);
                assert_eq!(parse(&stored).expect(&stored), attestation);
                assert_eq!(write(&parse(&stored).expect(&stored)), stored);
            }
        }
    }

    #[test]
    fn kinds_of_one_matter_have_nothing_that_tells_their_claims_apart() {
        for (kind, claims) in &all_claims() {
            let Attestation { claims, .. } = attestation(kind, claims);
            assert_eq!(claims.kind().is_one_matter(), claims.discriminator().is_empty(), "{kind}");
        }
    }

    #[test]
    fn a_store_that_was_changed_is_noticed() {
        let stored = write(&attestation("entity.status", r#"{"status":"active"}"#));
        for changed in [stored.replace("issuer", "issued_by"), stored.replace("third-party", "total"), String::new()] {
            let error = parse(&changed).expect_err(&changed).to_string();
            assert!(error.ends_with("restore the store from a backup, it was changed from outside"), "{error}");
        }
    }
}
