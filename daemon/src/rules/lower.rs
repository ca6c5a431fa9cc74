//! From the model to the contract: what a rule declares, and nothing else, as typed records with handles for names.

use super::{Subject, bindings_v1 as v1, canonical, names::Names};
use crate::model::{
    Attestation, Claims, Date, Digest, Instant, Kind, Trust,
    claims::{self, Text},
    facts::{
        ClearanceRequirement, CountryFacts, Fact, Impact, Loss, NeedFacts, OwnerFacts, Ownership, Requirement,
        SourceFacts,
    },
};
use serde_json::Value;
use std::sync::Arc;

/// What a manifest lets cross.
#[derive(Debug)]
pub(super) struct Crossing {
    kinds: Vec<Kind>,
    requirement: bool,
    needs: bool,
    impact: bool,
    ownership: bool,
    /// What the rule compares names with.
    words: Vec<Arc<str>>,
}

/// Subjects as the guest gets them, with what its handles stand for.
#[derive(Default)]
pub(super) struct Batch<'a> {
    pub(super) subjects: Vec<canonical::Subject>,
    pub(super) names: Names<'a>,
    /// The evidence of all subjects, one after the other.
    evidence: Vec<&'a Attestation>,
    /// Where each subject's evidence starts.
    starts: Vec<usize>,
}

impl Batch<'_> {
    /// The attestation at `index` of the evidence of the subject at `place`.
    pub(super) fn digest(&self, place: usize, index: u32) -> Option<Digest> {
        let start = *self.starts.get(place)?;
        let end = self.starts.get(place + 1).copied().unwrap_or(self.evidence.len());
        let own = self.evidence.get(start..end)?;
        own.get(usize::try_from(index).ok()?).map(|attestation| attestation.digest)
    }
}

impl Crossing {
    pub(super) fn new(kinds: &[Kind], facts: &[Fact], words: Vec<Arc<str>>) -> Self {
        Self {
            kinds: kinds.to_vec(),
            requirement: facts.contains(&Fact::Requirement),
            needs: facts.contains(&Fact::Needs),
            impact: facts.contains(&Fact::Impact),
            ownership: facts.contains(&Fact::Ownership),
            words,
        }
    }

    pub(super) fn batch<'a>(&'a self, subjects: &[Subject<'a>]) -> Batch<'a> {
        let mut batch = Batch::default();
        batch.subjects.reserve_exact(subjects.len());
        for subject in subjects {
            let lowered = self.subject(subject, &mut batch);
            batch.subjects.push(canonical::Subject(lowered));
        }
        batch
    }

    fn subject<'a>(&'a self, subject: &Subject<'a>, batch: &mut Batch<'a>) -> v1::Subject {
        batch.names.begin(subject.organisation, subject.names);
        let mut handles = || self.words.iter().map(|word| batch.names.text(word)).collect();
        let words = (!self.words.is_empty()).then(&mut handles);
        batch.starts.push(batch.evidence.len());
        let mut evidence = Vec::with_capacity(subject.evidence.len());
        for attestation in subject.evidence {
            if self.kinds.contains(&attestation.kind())
                && let Some(lowered) =
                    lower_attestation(attestation, as_index(evidence.len()), subject, &mut batch.names)
            {
                evidence.push(lowered);
                batch.evidence.push(attestation);
            }
        }
        let facts = subject.facts;
        let names = &mut batch.names;
        v1::Subject {
            as_of: subject.as_of.unix_seconds(),
            words,
            evidence,
            requirement: self.requirement.then(|| requirement(&facts.requirement)),
            needs: self.needs.then(|| facts.needs.iter().map(|need| lower_need(need, names)).collect()),
            impact: self.impact.then(|| impact(&facts.impact, &facts.requirement, names)),
            ownership: facts.ownership.as_ref().filter(|_| self.ownership).map(|owned| ownership(owned, names)),
        }
    }
}

/// `None` for what the daemon obeys before a rule sees anything.
fn lower_attestation<'a>(
    attestation: &'a Attestation,
    index: u32,
    subject: &Subject<'a>,
    names: &mut Names<'a>,
) -> Option<v1::Attestation> {
    let about = names.organisation(&attestation.subject);
    let lowered = lower_claims(&attestation.claims, names)?;
    Some(v1::Attestation {
        index,
        about,
        issuer: names.text(&attestation.issuer),
        trust: match attestation.trust {
            Trust::Unsigned => v1::Trust::Unsigned,
            Trust::Own => v1::Trust::SelfAsserted,
            Trust::ThirdParty => v1::Trust::ThirdParty,
            Trust::Authority => v1::Trust::Authority,
        },
        state: state(attestation, subject.as_of),
        covers: covers(&attestation.claims, subject),
        issued_at: attestation.issued_at.unix_seconds(),
        valid_from: attestation.valid_from.unix_seconds(),
        valid_until: attestation.valid_until.map(Instant::unix_seconds),
        claims: lowered,
    })
}

fn state(attestation: &Attestation, as_of: Instant) -> v1::State {
    if attestation.valid_until.is_some_and(|until| until <= as_of) {
        v1::State::Lapsed
    } else if attestation.valid_from > as_of || attestation.issued_at > as_of {
        v1::State::Upcoming
    } else {
        v1::State::InForce
    }
}

/// A certificate covers the whole organisation or those that it names; other kinds cover whom they are about.
fn covers(claims: &Claims, subject: &Subject<'_>) -> bool {
    match claims {
        Claims::CyberCe(certificate) | Claims::CyberCeplus(certificate) => {
            certificate.whole_organisation || certificate.entities.iter().any(|entity| subject.is_named(entity))
        }
        _ => true,
    }
}

fn lower_claims<'a>(from: &'a Claims, names: &mut Names<'a>) -> Option<v1::Claims> {
    Some(match from {
        Claims::EntityProfile(profile) => v1::Claims::EntityProfile(entity_profile(profile, names)),
        Claims::EntityStatus(status) => v1::Claims::EntityStatus(status.status.to_string()),
        Claims::CyberCe(ce) => v1::Claims::CyberCe(certificate(ce)),
        Claims::CyberCeplus(plus) => v1::Claims::CyberCeplus(certificate(plus)),
        Claims::CyberDcc(dcc) => v1::Claims::CyberDcc(v1::Dcc { level: dcc.level, attested_on: days(dcc.attested_on) }),
        Claims::CyberSaq(saq) => v1::Claims::CyberSaq(v1::Saq { level: saq.level, gaps: saq.gaps }),
        Claims::CyberCip(cip) => v1::Claims::CyberCip(v1::Cip { accepted: cip.accepted, due_on: days(cip.due_on) }),
        Claims::CyberSprs(sprs) => {
            v1::Claims::CyberSprs(v1::Sprs { score: sprs.score, assessed_on: days(sprs.assessed_on), ssp: sprs.ssp })
        }
        Claims::CyberCmmc(status) => v1::Claims::CyberCmmc(cmmc(status)),
        Claims::CyberStandard(standard) => v1::Claims::CyberStandard(v1::CyberStandard {
            standard: standard.standard.to_string(),
            scope: standard.scope.to_string(),
        }),
        Claims::ClearanceFacility(clearance) => v1::Claims::ClearanceFacility(facility(clearance, names)),
        Claims::ClearancePersonnel(counts) => {
            v1::Claims::ClearancePersonnel(counts.iter().map(personnel_count).collect())
        }
        Claims::SupplyNeed(need) => v1::Claims::SupplyNeed(v1::SupplyNeed {
            buyer: names.organisation(&need.buyer),
            item: names.text(&need.item.0),
            class: class(need.class),
            required_share_bp: need.required_share_bp,
            buffer_days: need.buffer_days,
        }),
        Claims::SupplySource(source) => v1::Claims::SupplySource(v1::SupplySource {
            supplier: names.organisation(&source.supplier),
            buyer: names.organisation(&source.buyer),
            item: names.text(&source.item.0),
            share_bp: source.share_bp,
            qualified: source.qualified,
            switch_days: source.switch_days,
        }),
        Claims::SupplyCapability(capability) => v1::Claims::SupplyCapability(v1::Capability {
            items: texts(&capability.items, names),
            categories: strings(&capability.categories),
            approvals: strings(&capability.approvals),
        }),
        Claims::SupplyEndOfLife(notice) => v1::Claims::SupplyEndOfLife(v1::EndOfLife {
            item: names.text(&notice.item.0),
            last_order_on: days(notice.last_order_on),
        }),
        Claims::Site(site) => v1::Claims::Site(v1::Site {
            region: names.text(&site.region.0),
            corridors: texts(&site.corridors, names),
            share_bp: site.share_bp,
            latitude: site.latitude,
            longitude: site.longitude,
        }),
        Claims::ContinuityRecovery(recovery) => v1::Claims::ContinuityRecovery(v1::Recovery {
            item: recovery.item.as_ref().map(|item| names.text(&item.0)),
            recover_days: recovery.recover_days,
            tested_on: recovery.tested_on.map(days),
        }),
        Claims::OwnershipHolding(holding) => v1::Claims::OwnershipHolding(v1::Holding {
            owner: names.text(&holding.owner.0),
            owner_country: holding.owner_country.to_string(),
            percent_ppm: holding.percent_ppm,
        }),
        Claims::FociMitigation(mitigation) => v1::Claims::FociMitigation(v1::Mitigation {
            instrument: instrument(mitigation.instrument),
            accepted_by: names.text(&mitigation.accepted_by.0),
        }),
        Claims::Incident(incident) => v1::Claims::Incident(v1::Incident {
            severity: incident.severity,
            opened_at: incident.opened_at.unix_seconds(),
            closed_on: incident.closed_on.map(days),
            reported_at: incident.reported_at.unix_seconds(),
        }),
        Claims::ProgrammeRequirement(asked) => v1::Claims::ProgrammeRequirement(v1::ProgrammeRequirement {
            programme: names.organisation(&asked.programme),
            criticality: asked.criticality,
            cyber_level: asked.cyber_level,
            cmmc_level: asked.cmmc_level,
            clearance_level: asked.clearance_level.map(clearance_level),
            headcount: asked.headcount,
        }),
        Claims::Declared(declared) => v1::Claims::Declared(v1::Declared {
            kind: declared.kind.to_string(),
            fields: declared.claims.iter().map(|(name, value)| field(name, value)).collect(),
        }),
        Claims::Revocation(_) | Claims::Suspension(_) => return None,
    })
}

fn entity_profile<'a>(profile: &'a claims::EntityProfile, names: &mut Names<'a>) -> v1::EntityProfile {
    v1::EntityProfile {
        name: names.text(&profile.name.0),
        country: profile.country.to_string(),
        region: profile.region.as_ref().map(|region| names.text(&region.0)),
        sme: profile.sme,
        sectors: strings(&profile.sectors),
        clusters: strings(&profile.clusters),
        parent: profile.parent.as_ref().map(|parent| names.organisation(parent)),
    }
}

fn certificate(certificate: &claims::Certificate) -> v1::Certificate {
    v1::Certificate { whole_organisation: certificate.whole_organisation }
}

fn cmmc(cmmc: &claims::Cmmc) -> v1::Cmmc {
    let item =
        |item: &claims::PoamItem| v1::PoamItem { requirement: item.requirement.to_string(), points: item.points };
    v1::Cmmc {
        level: cmmc.level,
        status: match cmmc.status {
            claims::CmmcStatus::Final => v1::CmmcStatus::Final,
            claims::CmmcStatus::Conditional => v1::CmmcStatus::Conditional,
        },
        status_on: days(cmmc.status_on),
        affirmed_on: cmmc.affirmed_on.map(days),
        poam: cmmc.poam.iter().map(item).collect(),
    }
}

fn facility<'a>(facility: &'a claims::FacilityClearance, names: &mut Names<'a>) -> v1::Facility {
    v1::Facility {
        nation: match facility.nation {
            claims::Nation::GB => v1::Nation::Gb,
            claims::Nation::US => v1::Nation::Us,
        },
        level: match facility.level {
            claims::FacilityLevel::Confidential => v1::FacilityLevel::Confidential,
            claims::FacilityLevel::Secret => v1::FacilityLevel::Secret,
            claims::FacilityLevel::TopSecret => v1::FacilityLevel::TopSecret,
        },
        status: match facility.status {
            claims::FacilityStatus::None => v1::FacilityStatus::None,
            claims::FacilityStatus::Applied => v1::FacilityStatus::Applied,
            claims::FacilityStatus::Interim => v1::FacilityStatus::Interim,
            claims::FacilityStatus::Provisional => v1::FacilityStatus::Provisional,
            claims::FacilityStatus::Full => v1::FacilityStatus::Full,
            claims::FacilityStatus::Suspended => v1::FacilityStatus::Suspended,
            claims::FacilityStatus::Withdrawn => v1::FacilityStatus::Withdrawn,
        },
        since: facility.since.map(days),
        sponsor_contract: facility.sponsor_contract.as_ref().map(|contract| names.text(&contract.0)),
        sponsor_until: facility.sponsor_until.map(days),
    }
}

fn personnel_count(count: &claims::PersonnelCount) -> v1::PersonnelCount {
    v1::PersonnelCount {
        level: clearance_level(count.level),
        count: count.count,
        review_due_on: count.review_due_on.map(days),
        granted_on: count.granted_on.map(days),
    }
}

fn clearance_level(level: claims::ClearanceLevel) -> v1::ClearanceLevel {
    match level {
        claims::ClearanceLevel::GbBpss => v1::ClearanceLevel::GbBpss,
        claims::ClearanceLevel::GbCtc => v1::ClearanceLevel::GbCtc,
        claims::ClearanceLevel::GbSc => v1::ClearanceLevel::GbSc,
        claims::ClearanceLevel::GbDv => v1::ClearanceLevel::GbDv,
        claims::ClearanceLevel::UsConfidential => v1::ClearanceLevel::UsConfidential,
        claims::ClearanceLevel::UsSecret => v1::ClearanceLevel::UsSecret,
        claims::ClearanceLevel::UsTopSecret => v1::ClearanceLevel::UsTopSecret,
    }
}

fn class(class: claims::Class) -> v1::Class {
    match class {
        claims::Class::SoleCritical => v1::Class::SoleCritical,
        claims::Class::Critical => v1::Class::Critical,
        claims::Class::Major => v1::Class::Major,
        claims::Class::Minor => v1::Class::Minor,
    }
}

fn instrument(instrument: claims::Instrument) -> v1::Instrument {
    match instrument {
        claims::Instrument::BoardResolution => v1::Instrument::BoardResolution,
        claims::Instrument::Sca => v1::Instrument::Sca,
        claims::Instrument::Ssa => v1::Instrument::Ssa,
        claims::Instrument::Proxy => v1::Instrument::Proxy,
        claims::Instrument::VotingTrust => v1::Instrument::VotingTrust,
    }
}

fn field(name: &str, value: &Value) -> v1::Field {
    let value = match value {
        Value::String(text) => v1::Value::Text(text.clone()),
        Value::Bool(truth) => v1::Value::Truth(*truth),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(integer), _) => v1::Value::Integer(integer),
            (None, Some(decimal)) => v1::Value::Decimal(decimal),
            (None, None) => v1::Value::Json(number.to_string()),
        },
        other => v1::Value::Json(other.to_string()),
    };
    v1::Field { name: name.to_owned(), value }
}

fn requirement(requirement: &Requirement) -> v1::Requirement {
    let nation = |nation| {
        let asked = |each: &&ClearanceRequirement| each.level.nation() == nation;
        requirement
            .clearances
            .iter()
            .rfind(asked)
            .map(|each| v1::ClearanceRequirement { level: clearance_level(each.level), headcount: each.headcount })
    };
    v1::Requirement {
        cyber_level: requirement.cyber_level,
        cmmc_level: requirement.cmmc_level,
        gb_clearance: nation(claims::Nation::GB),
        us_clearance: nation(claims::Nation::US),
        criticality: requirement.criticality,
    }
}

fn lower_need<'a>(need: &'a NeedFacts, names: &mut Names<'a>) -> v1::Need {
    v1::Need {
        item: names.text(&need.item.0),
        class: class(need.class),
        required_share_bp: need.required_share_bp,
        buffer_days: need.buffer_days,
        sources: need.sources.iter().map(|source| lower_source(source, names)).collect(),
        hhi_bp: need.hhi_bp,
        region_hhi_bp: need.region_hhi_bp,
        corridor_hhi_bp: need.corridor_hhi_bp,
        country_hhi_bp: need.country_hhi_bp,
        share_total_bp: need.share_total_bp,
        shared_upstream: need.shared_upstream.as_ref().map(|upstream| names.organisation(upstream)),
    }
}

fn lower_source<'a>(source: &'a SourceFacts, names: &mut Names<'a>) -> v1::Source {
    v1::Source {
        supplier: names.organisation(&source.supplier),
        ultimate_parent: names.organisation(&source.ultimate_parent),
        share_bp: source.share_bp,
        qualified: source.qualified,
        switch_days: source.switch_days,
        last_order_on: source.last_order_on.map(days),
    }
}

fn impact<'a>(impact: &'a Impact, requirement: &'a Requirement, names: &mut Names<'a>) -> v1::Impact {
    v1::Impact {
        buyers: impact.buyers,
        tier: impact.tier,
        programmes: requirement.programmes.iter().map(|programme| names.organisation(programme)).collect(),
        single_point_of: impact.single_point_of.iter().map(|loss| lower_loss(loss, names)).collect(),
        survive_days: impact.survive_days,
        recover_days: impact.recover_days,
    }
}

fn lower_loss<'a>(loss: &'a Loss, names: &mut Names<'a>) -> v1::Loss {
    v1::Loss {
        programme: names.organisation(&loss.programme),
        hidden: loss.hidden,
        criticality: loss.criticality,
        survive_days: loss.survive_days,
        down_days: loss.down_days,
    }
}

fn ownership<'a>(ownership: &'a Ownership, names: &mut Names<'a>) -> v1::Ownership {
    let owner = |owner: &'a OwnerFacts| v1::Owner {
        owner: names.text(&owner.owner.0),
        country: owner.country.to_string(),
        effective_ppm: owner.effective_ppm,
    };
    let country = |country: &CountryFacts| v1::NationalHolding {
        country: country.country.to_string(),
        effective_ppm: country.effective_ppm,
    };
    v1::Ownership {
        owners: ownership.owners.iter().map(owner).collect(),
        countries: ownership.countries.iter().map(country).collect(),
        undisclosed_ppm: ownership.undisclosed_ppm,
        opaque: ownership.opaque,
    }
}

fn texts<'a>(texts: &'a [Text], names: &mut Names<'a>) -> Vec<u32> {
    texts.iter().map(|text| names.text(&text.0)).collect()
}

fn strings(texts: &[Text]) -> Vec<String> {
    texts.iter().map(ToString::to_string).collect()
}

/// Every date of the calendar fits: it ends with the year 9999.
fn days(date: Date) -> i32 {
    i32::try_from(date.days_since_1970()).unwrap_or(i32::MAX)
}

fn as_index(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
