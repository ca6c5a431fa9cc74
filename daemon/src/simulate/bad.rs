//! Input that must be refused, each with its reason, and one duplicate that must be a no-op.

use super::{
    issuers::{Office, stranger_key},
    planned::{PlannedAttestation, Signer},
    sign::{OfficeKeys, payload},
    story::BadInput,
    world::World,
};
use crate::{
    attest::{dsse, refusal::MAX_ATTESTATION_BYTES, statement::PAYLOAD_TYPE},
    model::{
        Claims, Date,
        claims::{FacilityClearance, FacilityLevel, FacilityStatus, Nation, Saq},
    },
};
use base64::{Engine as _, engine::general_purpose::STANDARD};

/// The folder inside the feed that holds them.
const FOLDER: &str = "received";
/// How many days ahead the attestation from the future is dated.
const FUTURE_DAYS: i64 = 10;

/// Every bad input with its bytes. They speak of the last organisation, whose good evidence stays as it is.
pub(super) fn all(world: &World, keys: &OfficeKeys, good_line: &str) -> Vec<(BadInput, Vec<u8>)> {
    let good = answers(world, world.days_ago(3));
    let signed = keys.sign(&good);
    let early = keys.sign(&answers(world, world.days_ago(-FUTURE_DAYS)));
    let page = "<!doctype html><title>502 Bad Gateway</title>\n";
    let truncated = signed[..signed.len() * 2 / 3].to_owned();
    let inputs = [
        ("flipped-byte", "One byte was changed after signing.", "bad-signature", flip(&good, keys)),
        ("outside-remit", "A certifier grants a facility clearance.", "out-of-remit", outside_remit(world, keys)),
        ("one-signature", "Signed by the prime alone, where two must sign.", "threshold", one_signature(world, keys)),
        ("truncated", "The transfer broke off.", "malformed", truncated),
        ("unknown-key", "Signed with a key that nobody knows.", "unknown-key", unknown_key(world, &good)),
        ("oversized", "Larger than an attestation may be.", "oversized", oversized(&signed)),
        ("not-json", "A web page instead of an attestation.", "malformed", page.to_owned()),
        ("future", "Issued in ten days.", "from-the-future", early),
    ];
    let refused = inputs.map(|(name, planted, reason, text)| (name, planted, Some(reason), text));
    let duplicate = ("duplicate", "The same attestation once more.", None, good_line.to_owned());
    let input = |(name, planted, reason, text): (&str, _, _, String)| {
        (BadInput { file: format!("{FOLDER}/{name}.json"), planted, reason }, text.into_bytes())
    };
    refused.into_iter().chain([duplicate]).map(input).collect()
}

/// An answered questionnaire that would be a good attestation.
fn answers(world: &World, date: Date) -> PlannedAttestation {
    let number = world.structure.organisations() - 1;
    let claims = Claims::CyberSaq(Saq { level: 1, gaps: 0 });
    PlannedAttestation::new(Signer::Office(Office::Portal), &world.organisation(number), date, claims).for_months(12)
}

/// Changes one byte of what was signed: level 1 becomes level 2.
fn flip(good: &PlannedAttestation, keys: &OfficeKeys) -> String {
    let payload = payload(good);
    let better = payload.replacen("\"level\":1", "\"level\":2", 1);
    keys.sign(good).replace(&STANDARD.encode(payload), &STANDARD.encode(better))
}

fn outside_remit(world: &World, keys: &OfficeKeys) -> String {
    let subject = world.organisation(world.structure.organisations() - 1);
    let claims = Claims::ClearanceFacility(FacilityClearance {
        nation: Nation::Gb,
        level: FacilityLevel::Secret,
        status: FacilityStatus::Full,
        since: None,
        sponsor_contract: None,
        sponsor_until: None,
    });
    keys.sign(&PlannedAttestation::new(Signer::Office(Office::Certification), &subject, world.days_ago(3), claims))
}

fn one_signature(world: &World, keys: &OfficeKeys) -> String {
    let requirement = super::supply::requirement(world, 0);
    keys.sign(&PlannedAttestation {
        signer: Signer::Office(Office::Prime),
        issued_at: world.days_ago(2).start(),
        ..requirement
    })
}

fn unknown_key(world: &World, good: &PlannedAttestation) -> String {
    dsse::sign(PAYLOAD_TYPE, payload(good).as_bytes(), &[&stranger_key(world.seed)])
}

fn oversized(signed: &str) -> String {
    let padding = " ".repeat(MAX_ATTESTATION_BYTES);
    let open = signed.strip_suffix('}').unwrap_or(signed);
    format!("{open}{padding}}}")
}
