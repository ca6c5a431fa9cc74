//! CycloneDX Attestations (CDXA): claims in the `declarations` of a CycloneDX 1.6 or 1.7 BOM (ECMA-424), which is the
//! payload of a DSSE envelope of type `application/vnd.cyclonedx+json`.
//!
//! Every claim becomes one attestation:
//!
//! | attestation | in the BOM |
//! |---|---|
//! | subject | the target organisation: its `bom-ref`, or else its `name`, is `SCHEME:ID` |
//! | kind | the `predicate`: ours, as `urn:tierwatch:attestation:cyber.ce:v1`, or one that the configuration maps |
//! | claims | the JSON attachment of the one piece of `evidence` with the `propertyName` `tierwatch:claims` |
//! | valid from, until | that evidence's `created` and `expires` |
//! | issued at | `metadata.timestamp`, or else that evidence's `created` |
//! | evidence | the claim's other evidence and its `externalReferences`, by name, URL and SHA-256 |
//! | digest | SHA-256 of the digest of the signed bytes and the claim's `bom-ref` |
//!
//! A claim that the BOM itself contests (`counterEvidence`, `counterClaims`) is refused, and the BOM with it: whoever
//! signs should sign what holds. Signatures inside the BOM (JSF) are not looked at: the envelope's are over all of it.

use super::{
    forms::ForeignForm,
    json,
    refusal::{Refusal, Shown},
    unverified::{DocumentVocabulary, Unverified},
};
use crate::{
    by_name,
    model::{Digest, Instant, Organisation, attestation::EvidenceLink},
};
use base64::{Engine as _, engine::general_purpose::STANDARD_PAD_INDIFFERENT};
use serde::Deserialize;
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

/// The DSSE payload type of a CycloneDX BOM in JSON.
pub const PAYLOAD_TYPE: &str = "application/vnd.cyclonedx+json";

/// The `propertyName` of the evidence that holds a claim's claims.
const CLAIMS_PROPERTY: &str = "tierwatch:claims";

/// Most claims of one BOM.
const MAX_CLAIMS: usize = 1024;

#[derive(Deserialize)]
struct Bom<'a> {
    #[serde(borrow, rename = "bomFormat")]
    format: Cow<'a, str>,
    #[serde(borrow, rename = "specVersion")]
    version: Cow<'a, str>,
    #[serde(borrow, default, rename = "serialNumber")]
    serial_number: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    metadata: BomMetadata<'a>,
    #[serde(borrow, default)]
    declarations: Declarations<'a>,
}

#[derive(Deserialize, Default)]
struct BomMetadata<'a> {
    #[serde(borrow, default)]
    timestamp: Option<Cow<'a, str>>,
}

#[derive(Deserialize, Default)]
struct Declarations<'a> {
    #[serde(borrow, default)]
    claims: Vec<Claim<'a>>,
    #[serde(borrow, default)]
    evidence: Vec<BomEvidence<'a>>,
    #[serde(borrow, default)]
    targets: Targets<'a>,
    #[serde(borrow, default)]
    attestations: Vec<Attested<'a>>,
}

#[derive(Deserialize, Default)]
struct Targets<'a> {
    #[serde(borrow, default)]
    organizations: Vec<Target<'a>>,
}

#[derive(Deserialize)]
struct Target<'a> {
    #[serde(borrow, default, rename = "bom-ref")]
    reference: Cow<'a, str>,
    #[serde(borrow, default)]
    name: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Attested<'a> {
    #[serde(borrow, default)]
    map: Vec<Mapped<'a>>,
}

#[derive(Deserialize)]
struct Mapped<'a> {
    #[serde(borrow, default, rename = "counterClaims")]
    counter_claims: Vec<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Claim<'a> {
    #[serde(borrow, default, rename = "bom-ref")]
    reference: Cow<'a, str>,
    #[serde(borrow, default)]
    target: Cow<'a, str>,
    #[serde(borrow, default)]
    predicate: Cow<'a, str>,
    #[serde(borrow, default)]
    evidence: Vec<Cow<'a, str>>,
    #[serde(borrow, default, rename = "counterEvidence")]
    counter_evidence: Vec<Cow<'a, str>>,
    #[serde(borrow, default, rename = "externalReferences")]
    external: Vec<External<'a>>,
}

#[derive(Deserialize)]
struct External<'a> {
    #[serde(borrow, default, rename = "type")]
    purpose: Cow<'a, str>,
    #[serde(borrow, default)]
    url: Cow<'a, str>,
    #[serde(borrow, default)]
    hashes: Vec<Hash<'a>>,
}

#[derive(Deserialize)]
struct Hash<'a> {
    #[serde(borrow)]
    alg: Cow<'a, str>,
    #[serde(borrow)]
    content: Cow<'a, str>,
}

#[derive(Deserialize)]
struct BomEvidence<'a> {
    #[serde(borrow, default, rename = "bom-ref")]
    reference: Cow<'a, str>,
    #[serde(borrow, default, rename = "propertyName")]
    property: Cow<'a, str>,
    #[serde(borrow, default)]
    description: Cow<'a, str>,
    #[serde(borrow, default)]
    data: Vec<Data<'a>>,
    #[serde(borrow, default)]
    created: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    expires: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(borrow, default)]
    contents: Contents<'a>,
}

#[derive(Deserialize, Default)]
struct Contents<'a> {
    #[serde(borrow, default)]
    attachment: Option<Attachment<'a>>,
    #[serde(borrow, default)]
    url: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Attachment<'a> {
    #[serde(borrow)]
    content: Cow<'a, str>,
    #[serde(borrow, default, rename = "contentType")]
    content_type: Cow<'a, str>,
    #[serde(borrow, default)]
    encoding: Option<Cow<'a, str>>,
}

/// Whether the BOM in `json` claims anything.
pub(super) fn has_claims(json: &str) -> Result<bool, Refusal> {
    Ok(!parse(json)?.declarations.claims.is_empty())
}

/// Reads every claim of the BOM in `json`, which [`json::check`] has passed; `digest` is that of the signed bytes.
pub(super) fn read<'a>(
    json: &'a str,
    digest: Digest,
    vocabulary: DocumentVocabulary<'_>,
) -> Result<Vec<Unverified<'a>>, Refusal> {
    let mut bom = parse(json)?;
    let claims = std::mem::take(&mut bom.declarations.claims);
    if claims.is_empty() {
        return Err(Refusal::of_form(ForeignForm::Claimless));
    }
    if claims.len() > MAX_CLAIMS {
        return Err(Refusal::malformed(format_args!("{} claims in one BOM, at most {MAX_CLAIMS}", claims.len())));
    }
    let reader = BomReader::new(&bom, digest, vocabulary)?;
    let mut references = BTreeSet::new();
    let mut read = Vec::with_capacity(claims.len());
    for claim in &claims {
        if claim.reference.is_empty() || !references.insert(&claim.reference) {
            return Err(Refusal::malformed("every claim needs a `bom-ref` of its own"));
        }
        read.push(reader.claim(claim)?);
    }
    Ok(read)
}

fn parse(json: &str) -> Result<Bom<'_>, Refusal> {
    let bom: Bom<'_> = by_name::json(json).map_err(|error| Refusal::malformed(format_args!("the BOM has {error}")))?;
    let unsupported =
        |field, found: &str, expected| Refusal::UnsupportedType { field, found: Shown::of(found), expected };
    if bom.format != "CycloneDX" {
        return Err(unsupported("bomFormat", &bom.format, "CycloneDX"));
    }
    if !["1.6", "1.7"].contains(&&*bom.version) {
        return Err(unsupported("specVersion", &bom.version, "1.6 or 1.7"));
    }
    if let Some(serial_number) = bom.serial_number.as_deref().filter(|number| !is_serial_number(number)) {
        let problem = format!("serialNumber `{serial_number}` is not urn:uuid: and a UUID (RFC 4122)");
        return Err(Refusal::malformed(problem));
    }
    if let Some(timestamp) = &bom.metadata.timestamp {
        instant("metadata.timestamp", timestamp)?;
    }
    Ok(bom)
}

/// `urn:uuid:` and 8-4-4-4-12 lower-case hexadecimal digits, as the schema of CycloneDX has it.
fn is_serial_number(text: &str) -> bool {
    let groups = text.strip_prefix("urn:uuid:").map(|uuid| uuid.split('-'));
    let hexadecimal = |group: &str| group.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    groups.is_some_and(|groups| groups.clone().all(hexadecimal) && groups.map(str::len).eq([8, 4, 4, 4, 12]))
}

/// CycloneDX writes times as RFC 3339 instants, never as dates.
fn instant(field: &'static str, text: &str) -> Result<Instant, Refusal> {
    text.parse().map_err(|error| Refusal::InvalidTime { field, problem: Shown::of(error) })
}

struct BomReader<'b, 'a, 'v> {
    vocabulary: DocumentVocabulary<'v>,
    digest: Digest,
    timestamp: Option<&'b Cow<'a, str>>,
    evidence: BTreeMap<&'b str, &'b BomEvidence<'a>>,
    targets: BTreeMap<&'b str, &'b Target<'a>>,
    contested: BTreeSet<&'b str>,
}

impl<'b, 'a, 'v> BomReader<'b, 'a, 'v> {
    fn new(bom: &'b Bom<'a>, digest: Digest, vocabulary: DocumentVocabulary<'v>) -> Result<Self, Refusal> {
        let declarations = &bom.declarations;
        let maps = declarations.attestations.iter().flat_map(|attested| &attested.map);
        Ok(Self {
            vocabulary,
            digest,
            timestamp: bom.metadata.timestamp.as_ref(),
            evidence: by_reference(declarations.evidence.iter().map(|piece| (&*piece.reference, piece)))?,
            targets: by_reference(
                declarations.targets.organizations.iter().map(|target| (&*target.reference, target)),
            )?,
            contested: maps.flat_map(|map| &map.counter_claims).map(|claim| &**claim).collect(),
        })
    }

    fn claim(&self, claim: &Claim<'a>) -> Result<Unverified<'a>, Refusal> {
        let kind = self.vocabulary.kinds.of_predicate_type(&claim.predicate)?;
        let refuse = |problem: &str| Refusal::InvalidClaims {
            kind: Shown::of(&kind),
            problem: Shown::of(format_args!("claim `{}`: {problem}", claim.reference)),
            manual: Some(Shown::of(self.vocabulary.kinds.manual(&kind))),
        };
        if !claim.counter_evidence.is_empty() || self.contested.contains(&*claim.reference) {
            return Err(refuse("the BOM itself contests it with counterEvidence or counterClaims"));
        }
        let subject = self.subject(claim)?;
        let pieces = claim.evidence.iter().map(|reference| {
            self.evidence.get(&**reference).copied().ok_or_else(|| refuse("it refers to evidence that is not there"))
        });
        let pieces: Vec<&BomEvidence<'a>> = pieces.collect::<Result<_, _>>()?;
        let (holding, proof): (Vec<_>, Vec<_>) =
            pieces.into_iter().partition(|piece| piece.property == CLAIMS_PROPERTY);
        let [holder] = holding.as_slice() else {
            return Err(refuse("exactly one piece of its evidence has the propertyName `tierwatch:claims`"));
        };
        for (field, text) in [("created", &holder.created), ("expires", &holder.expires)] {
            text.as_deref().map(|text| instant(field, text)).transpose()?;
        }
        let issued_at = self.timestamp.or(holder.created.as_ref());
        Ok(Unverified {
            digest: Digest::of(&[&self.digest.0, claim.reference.as_bytes()].concat()),
            subject,
            issued_at: issued_at
                .cloned()
                .ok_or_else(|| refuse("`metadata.timestamp` and `created` are both missing"))?,
            valid_from: holder.created.clone(),
            valid_until: holder.expires.clone(),
            scope: None,
            claims: attached_claims(holder).map_err(|problem| refuse(&problem))?.into(),
            evidence: links(claim, &proof),
            supersedes: Vec::new(),
            handling: None,
            kind,
        })
    }

    fn subject(&self, claim: &Claim<'_>) -> Result<Organisation, Refusal> {
        let target = self.targets.get(&*claim.target).ok_or_else(|| {
            let problem = "set the claim's `target` to the `bom-ref` of one of targets.organizations";
            Refusal::InvalidSubject(Shown::of(problem))
        })?;
        self.vocabulary.subject(&target.reference).or_else(|refusal| {
            // The name stands in only where it is meant to: otherwise the complaint is about the reference.
            if target.name.contains(':') { self.vocabulary.subject(&target.name) } else { Err(refusal) }
        })
    }
}

/// What can be referred to; two things of one `bom-ref` would mean one thing to us and another to somebody else.
fn by_reference<'b, T>(things: impl Iterator<Item = (&'b str, &'b T)>) -> Result<BTreeMap<&'b str, &'b T>, Refusal> {
    let mut by_reference = BTreeMap::new();
    for (reference, thing) in things.filter(|(reference, _)| !reference.is_empty()) {
        if by_reference.insert(reference, thing).is_some() {
            return Err(Refusal::malformed(format_args!("the bom-ref `{}` stands twice", Shown::of(reference))));
        }
    }
    Ok(by_reference)
}

/// The JSON text of the claims, checked as strictly as the document that it lies in.
fn attached_claims(holder: &BomEvidence<'_>) -> Result<String, String> {
    let attachments = holder.data.iter().filter_map(|data| data.contents.attachment.as_ref());
    let json: Vec<_> = attachments.filter(|attachment| attachment.content_type == "application/json").collect();
    let [attachment] = json.as_slice() else {
        return Err("its `tierwatch:claims` evidence holds exactly one application/json attachment".into());
    };
    let text = match attachment.encoding.as_deref() {
        None => attachment.content.clone().into_owned(),
        Some("base64") => {
            let bytes = STANDARD_PAD_INDIFFERENT.decode(&*attachment.content).map_err(|error| error.to_string())?;
            String::from_utf8(bytes).map_err(|_| "the attachment is not UTF-8")?
        }
        Some(_) => return Err("the attachment's encoding is base64 or absent".into()),
    };
    json::check(&text).map_err(|fault| Refusal::from(fault).to_string())?;
    Ok(text)
}

fn links(claim: &Claim<'_>, proof: &[&BomEvidence<'_>]) -> Vec<EvidenceLink> {
    let pieces = proof.iter().map(|piece| EvidenceLink {
        name: if piece.description.is_empty() { piece.reference.to_string() } else { piece.description.to_string() },
        uri: piece.data.iter().find_map(|data| data.contents.url.as_ref()).map(ToString::to_string),
        digest: None,
    });
    let references = claim.external.iter().map(|external| EvidenceLink {
        name: external.purpose.to_string(),
        uri: Some(external.url.to_string()),
        digest: external.hashes.iter().find(|hash| hash.alg == "SHA-256").and_then(|hash| hash.content.parse().ok()),
    });
    pieces.chain(references).collect()
}
