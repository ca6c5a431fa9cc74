//! From the model to the contract: what a rule declares, and nothing else, as typed records with handles for names.

use super::{
    Subject, bindings_v1 as v1, canonical,
    contract::{cases_of_claims, records_of_claims, words_of_claims},
    names::Handles,
};
use crate::model::{
    Attestation, Claims, Date, Digest, Instant, Kind, Organisation, Trust,
    claims::{Country, DeclaredClaims, EntityStatus, Nation, Party, Text},
    facts::{
        ClearanceRequirement, CountryFacts, Fact, Impact, Loss, NeedFacts, OwnerFacts, Ownership, Requirement,
        SourceFacts,
    },
};
use serde_json::Value;
use std::sync::Arc;

/// What crosses into the guest according to a manifest.
#[derive(Debug)]
pub(super) struct Crossing {
    kinds: Vec<Kind>,
    requirement: bool,
    needs: bool,
    impact: bool,
    ownership: bool,
    /// The texts with which the rule compares names.
    words: Vec<Arc<str>>,
}

/// Subjects as the guest gets them, with what the handles stand for.
#[derive(Default)]
pub(super) struct LoweredBatch<'a> {
    pub(super) subjects: Vec<canonical::CanonicalSubject>,
    pub(super) names: Handles<'a>,
    /// The evidence of all subjects, one after the other.
    evidence: Vec<&'a Attestation>,
    /// Where each subject's evidence starts.
    starts: Vec<usize>,
}

impl LoweredBatch<'_> {
    /// The digest of the attestation at `index` in the evidence of the subject with this index in the batch.
    pub(super) fn digest(&self, subject: usize, index: u32) -> Option<Digest> {
        let start = *self.starts.get(subject)?;
        let end = self.starts.get(subject + 1).copied().unwrap_or(self.evidence.len());
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

    pub(super) fn batch<'a>(&'a self, subjects: &[Subject<'a>]) -> LoweredBatch<'a> {
        let mut batch = LoweredBatch::default();
        batch.subjects.reserve_exact(subjects.len());
        for subject in subjects {
            let lowered = self.subject(subject, &mut batch);
            batch.subjects.push(canonical::CanonicalSubject(lowered));
        }
        batch
    }

    fn subject<'a>(&'a self, subject: &Subject<'a>, batch: &mut LoweredBatch<'a>) -> v1::Subject {
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
            requirement: self.requirement.then(|| requirement(&facts.requirement, names)),
            needs: self.needs.then(|| facts.needs.iter().map(|need| lower_need(need, names)).collect()),
            impact: self.impact.then(|| impact(&facts.impact, &facts.requirement, names)),
            ownership: facts.ownership.as_ref().filter(|_| self.ownership).map(|owned| ownership(owned, names)),
        }
    }
}

/// `None` for kinds that the daemon obeys before a rule sees anything.
fn lower_attestation<'a>(
    attestation: &'a Attestation,
    index: u32,
    subject: &Subject<'a>,
    names: &mut Handles<'a>,
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

/// Claims cover the organisations that they list or, if they list none, the one that they are about.
fn covers(claims: &Claims, subject: &Subject<'_>) -> bool {
    claims.covered().is_none_or(|covered| covered.iter().any(|entity| subject.is_named(entity)))
}

/// From a type of the model to one of the contract.
trait Cross<'a, To> {
    fn cross(&'a self, names: &mut Handles<'a>) -> To;
}

/// Types that are the same in the contract and in the model.
macro_rules! cross_itself {
    ($($type:ty)+) => {$(
        impl Cross<'_, Self> for $type {
            #[inline]
            fn cross(&self, _: &mut Handles<'_>) -> Self {
                *self
            }
        }
    )+};
}

macro_rules! cross_words {
    ($($words:ident { $($word:ident),+ })+) => {$(
        impl Cross<'_, v1::$words> for said::$words {
            #[inline]
            fn cross(&self, _: &mut Handles<'_>) -> v1::$words {
                match self {
                    $(Self::$word => v1::$words::$word,)+
                }
            }
        }
    )+};
}

macro_rules! cross_records {
    ($($record:ident { $($field:ident),+; $($not:ident),* })+) => {$(
        impl<'a> Cross<'a, v1::$record> for said::$record {
            #[inline]
            fn cross(&'a self, names: &mut Handles<'a>) -> v1::$record {
                let Self { $($field,)+ $($not: _,)* } = self;
                v1::$record { $($field: $field.cross(names)),+ }
            }
        }
    )+};
}

macro_rules! cross_claims {
    ($($case:ident = $name:literal)+) => {
        /// `None` for kinds that the daemon obeys before a rule sees anything.
        #[inline]
        fn lower_claims<'a>(claims: &'a Claims, names: &mut Handles<'a>) -> Option<v1::Claims> {
            Some(match claims {
                $(Claims::$case(it) => v1::Claims::$case(it.cross(names)),)+
                Claims::Revocation(_) | Claims::Suspension(_) => return None,
            })
        }
    };
}

/// The claims by the contract's names.
mod said {
    pub(super) use crate::model::claims::{FacilityClearance as Facility, SupplyCapability as Capability, *};
}

cross_itself! { bool u8 u32 i32 }
words_of_claims!(cross_words);
records_of_claims!(cross_records);
cases_of_claims!(cross_claims);

impl<'a> Cross<'a, u32> for Organisation {
    #[inline]
    fn cross(&'a self, names: &mut Handles<'a>) -> u32 {
        names.organisation(self)
    }
}

impl<'a> Cross<'a, u32> for Text {
    #[inline]
    fn cross(&'a self, names: &mut Handles<'a>) -> u32 {
        names.text(&self.0)
    }
}

impl Cross<'_, String> for Text {
    #[inline]
    fn cross(&self, _: &mut Handles<'_>) -> String {
        self.to_string()
    }
}

impl<'a> Cross<'a, u32> for Party {
    #[inline]
    fn cross(&'a self, names: &mut Handles<'a>) -> u32 {
        self.0.cross(names)
    }
}

impl Cross<'_, String> for Country {
    #[inline]
    fn cross(&self, _: &mut Handles<'_>) -> String {
        self.to_string()
    }
}

impl Cross<'_, i32> for Date {
    /// Every date of the calendar fits: it ends with the year 9999.
    #[inline]
    fn cross(&self, _: &mut Handles<'_>) -> i32 {
        i32::try_from(self.days_since_1970()).unwrap_or(i32::MAX)
    }
}

impl Cross<'_, i64> for Instant {
    #[inline]
    fn cross(&self, _: &mut Handles<'_>) -> i64 {
        self.unix_seconds()
    }
}

impl<'a, To, T: Cross<'a, To>> Cross<'a, Option<To>> for Option<T> {
    #[inline]
    fn cross(&'a self, names: &mut Handles<'a>) -> Option<To> {
        self.as_ref().map(|one| one.cross(names))
    }
}

impl<'a, To, T: Cross<'a, To>> Cross<'a, Vec<To>> for Vec<T> {
    #[inline]
    fn cross(&'a self, names: &mut Handles<'a>) -> Vec<To> {
        self.iter().map(|one| one.cross(names)).collect()
    }
}

impl Cross<'_, String> for EntityStatus {
    #[inline]
    fn cross(&self, _: &mut Handles<'_>) -> String {
        self.status.to_string()
    }
}

impl Cross<'_, v1::Declared> for DeclaredClaims {
    fn cross(&self, _: &mut Handles<'_>) -> v1::Declared {
        let fields = self.claims.iter().map(|(name, value)| field(name, value)).collect();
        v1::Declared { kind: self.kind.to_string(), fields }
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

fn requirement<'a>(requirement: &'a Requirement, names: &mut Handles<'a>) -> v1::Requirement {
    let mut nation = |nation| {
        let asked = |each: &&ClearanceRequirement| each.level.nation() == nation;
        requirement
            .clearances
            .iter()
            .rfind(asked)
            .map(|each| v1::ClearanceRequirement { level: each.level.cross(names), headcount: each.headcount })
    };
    v1::Requirement {
        cyber_level: requirement.cyber_level,
        cmmc_level: requirement.cmmc_level,
        gb_clearance: nation(Nation::Gb),
        us_clearance: nation(Nation::Us),
        criticality: requirement.criticality,
    }
}

fn lower_need<'a>(need: &'a NeedFacts, names: &mut Handles<'a>) -> v1::Need {
    v1::Need {
        item: names.text(&need.item.0),
        class: need.class.cross(names),
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

fn lower_source<'a>(source: &'a SourceFacts, names: &mut Handles<'a>) -> v1::Source {
    v1::Source {
        supplier: names.organisation(&source.supplier),
        ultimate_parent: names.organisation(&source.ultimate_parent),
        share_bp: source.share_bp,
        qualified: source.qualified,
        switch_days: source.switch_days,
        last_order_on: source.last_order_on.cross(names),
    }
}

fn impact<'a>(impact: &'a Impact, requirement: &'a Requirement, names: &mut Handles<'a>) -> v1::Impact {
    v1::Impact {
        buyers: impact.buyers,
        tier: impact.tier,
        programmes: requirement.programmes.iter().map(|programme| names.organisation(programme)).collect(),
        single_point_of: impact.single_point_of.iter().map(|loss| lower_loss(loss, names)).collect(),
        survive_days: impact.survive_days,
        recover_days: impact.recover_days,
    }
}

fn lower_loss<'a>(loss: &'a Loss, names: &mut Handles<'a>) -> v1::Loss {
    v1::Loss {
        programme: names.organisation(&loss.programme),
        hidden: loss.hidden,
        criticality: loss.criticality,
        survive_days: loss.survive_days,
        down_days: loss.down_days,
    }
}

fn ownership<'a>(ownership: &'a Ownership, names: &mut Handles<'a>) -> v1::Ownership {
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

fn as_index(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
