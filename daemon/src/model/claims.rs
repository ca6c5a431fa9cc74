//! The kinds of attestation and what each claims. An unknown field is refused: a mistyped `valid_untill` must not
//! become a certificate that never ends.

use super::{BasisPoints, Date, Digest, Instant, Organisation, Trust, WHOLE_BP};
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use std::{fmt, sync::Arc};

/// Longest string in a claim, in bytes.
pub const TEXT_MAX_BYTES: usize = 1024;

/// A short text of a claim, shared because the same items and regions come back in thousands of attestations.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Text(pub Arc<str>);

impl Text {
    /// The text itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.is_empty() || text.len() > TEXT_MAX_BYTES {
            return Err(D::Error::custom(format!("a text has 1 to {TEXT_MAX_BYTES} bytes, this one {}", text.len())));
        }
        Ok(Self(text.into()))
    }
}

/// Organisations inside claims are read as written; `Claims::check_organisations` checks them before anyone sees them.
impl<'de> Deserialize<'de> for Organisation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|name| Self::checked_before(&name))
    }
}

fn share_bp<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BasisPoints, D::Error> {
    let share = u32::deserialize(deserializer)?;
    if share > WHOLE_BP {
        return Err(D::Error::custom(format!("a share is 0 to {WHOLE_BP} basis points, not {share}")));
    }
    Ok(share)
}

fn optional_share_bp<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<BasisPoints>, D::Error> {
    share_bp(deserializer).map(Some)
}

/// Reads a number from `LOW..=HIGH`.
fn ranged<'de, D: Deserializer<'de>, const LOW: u8, const HIGH: u8>(deserializer: D) -> Result<u8, D::Error> {
    let value = i64::deserialize(deserializer)?;
    u8::try_from(value)
        .ok()
        .filter(|level| (LOW..=HIGH).contains(level))
        .ok_or_else(|| D::Error::custom(format!("expected {LOW} to {HIGH}, not {value}")))
}

fn optional_ranged<'de, D: Deserializer<'de>, const LOW: u8, const HIGH: u8>(
    deserializer: D,
) -> Result<Option<u8>, D::Error> {
    Option::<i64>::deserialize(deserializer)?
        .map(|value| ranged::<_, LOW, HIGH>(serde::de::value::I64Deserializer::<D::Error>::new(value)))
        .transpose()
}

/// Per cent on the wire, parts per million inside: 25.01 % is 250 100, exactly.
mod percent {
    use super::*;

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
        let percent = f64::deserialize(deserializer)?;
        if !(0.0..=100.0).contains(&percent) {
            return Err(D::Error::custom(format!("a percentage is 0 to 100, not {percent}")));
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "0..=1 000 000 after the check above"
        )]
        let ppm = (percent * 10_000.0).round() as u32;
        Ok(ppm)
    }

    pub(super) fn serialize<S: serde::Serializer>(ppm: &u32, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(f64::from(*ppm) / 10_000.0)
    }
}

/// Degrees on the wire, millionths of a degree inside.
mod degrees {
    use super::*;

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i32>, D::Error> {
        let Some(degrees) = Option::<f64>::deserialize(deserializer)? else { return Ok(None) };
        if !(-180.0..=180.0).contains(&degrees) {
            return Err(D::Error::custom(format!("a coordinate is -180 to 180 degrees, not {degrees}")));
        }
        #[expect(clippy::cast_possible_truncation, reason = "within ±180 000 000 after the check above")]
        let micro = (degrees * 1_000_000.0).round() as i32;
        Ok(Some(micro))
    }

    #[expect(clippy::ref_option, reason = "serde calls it with a reference to the field")]
    pub(super) fn serialize<S: serde::Serializer>(micro: &Option<i32>, serializer: S) -> Result<S::Ok, S::Error> {
        micro.map(|micro| f64::from(micro) / 1_000_000.0).serialize(serializer)
    }
}

/// A date, or an instant of which a date means the start.
fn start<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Instant, D::Error> {
    Instant::parse_start(&String::deserialize(deserializer)?).map_err(D::Error::custom)
}

macro_rules! claims {
    ($($(#[$doc:meta])* $variant:ident($type:ty) = $name:literal;)+) => {
        /// What an attestation is about.
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $($(#[$doc])* $variant,)+
            /// A kind that the configuration declares with a JSON Schema.
            Declared(Arc<str>),
        }

        impl Kind {
            /// The kinds that every daemon knows.
            pub const BUILT_IN: &[Self] = &[$(Self::$variant),+];

            /// The word for it in files, answers and metrics.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $name,)+
                    Self::Declared(name) => name,
                }
            }

            /// The kind that `name` names; what is not built in is taken as declared.
            #[must_use]
            pub fn named(name: &str) -> Self {
                match name {
                    $($name => Self::$variant,)+
                    _ => Self::Declared(name.into()),
                }
            }
        }

        /// What is claimed: one variant a kind.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize)]
        #[serde(tag = "kind", content = "claims")]
        pub enum Claims {
            $($(#[$doc])* #[serde(rename = $name)] $variant($type),)+
            /// A kind that the configuration declares: claims that its JSON Schema has passed.
            #[serde(untagged)]
            Declared(DeclaredClaims),
        }

        impl Claims {
            /// Reads the claims of `kind` from their JSON text.
            ///
            /// # Errors
            /// A missing, unknown or impossible field, named with line and column.
            pub fn parse(kind: &Kind, json: &str) -> Result<Self, serde_json::Error> {
                let mut text = serde_json::Deserializer::from_str(json);
                let claims = Self::read(kind, &mut text)?;
                text.end()?;
                Ok(claims)
            }

            /// Reads the claims of `kind` from any format.
            ///
            /// # Errors
            /// A missing, unknown or impossible field.
            pub fn read<'de, D: Deserializer<'de>>(kind: &Kind, from: D) -> Result<Self, D::Error> {
                Ok(match kind {
                    $(Kind::$variant => Self::$variant(Deserialize::deserialize(from)?),)+
                    Kind::Declared(name) => {
                        Self::Declared(DeclaredClaims { kind: name.clone(), claims: Deserialize::deserialize(from)? })
                    }
                })
            }

            /// The kind of these claims.
            #[must_use]
            pub fn kind(&self) -> Kind {
                match self {
                    $(Self::$variant(_) => Kind::$variant,)+
                    Self::Declared(declared) => Kind::Declared(declared.kind.clone()),
                }
            }
        }
    };
}

claims! {
    /// Who the organisation is.
    EntityProfile(EntityProfile) = "entity.profile";
    /// What the register says of it.
    EntityStatus(EntityStatus) = "entity.status";
    /// Cyber Essentials certificate (IASME).
    CyberCe(Certificate) = "cyber.ce";
    /// Cyber Essentials Plus certificate (IASME).
    CyberCeplus(Certificate) = "cyber.ceplus";
    /// Defence Cyber Certification.
    CyberDcc(Dcc) = "cyber.dcc";
    /// Supplier Assurance Questionnaire (Cyber Security Model v4, Def Stan 05-138 issue 4).
    CyberSaq(Saq) = "cyber.saq";
    /// Cyber Implementation Plan: how a shortfall is mended.
    CyberCip(Cip) = "cyber.cip";
    /// Supplier Performance Risk System score (NIST SP 800-171 DoD assessment).
    CyberSprs(Sprs) = "cyber.sprs";
    /// Cybersecurity Maturity Model Certification status (32 CFR 170).
    CyberCmmc(Cmmc) = "cyber.cmmc";
    /// A certificate of another standard.
    CyberStandard(CyberStandard) = "cyber.standard";
    /// Facility security clearance.
    ClearanceFacility(FacilityClearance) = "clearance.facility";
    /// Cleared people: counts only, never a name.
    ClearancePersonnel(Vec<PersonnelCount>) = "clearance.personnel";
    /// What a buyer needs.
    SupplyNeed(SupplyNeed) = "supply.need";
    /// Who supplies a need.
    SupplySource(SupplySource) = "supply.source";
    /// What an organisation could supply.
    SupplyCapability(SupplyCapability) = "supply.capability";
    /// An item that will not be made any more.
    SupplyEndOfLife(EndOfLife) = "supply.end_of_life";
    /// Where an organisation works.
    Site(Site) = "site";
    /// How long it takes to be back.
    ContinuityRecovery(Recovery) = "continuity.recovery";
    /// Who owns it.
    OwnershipHolding(Holding) = "ownership.holding";
    /// What keeps a foreign owner from control.
    FociMitigation(Mitigation) = "foci.mitigation";
    /// A security incident.
    Incident(Incident) = "incident";
    /// What a programme asks of its suppliers.
    ProgrammeRequirement(ProgrammeRequirement) = "programme.requirement";
    /// An attestation is taken back for good.
    Revocation(Withdrawal) = "revocation";
    /// An attestation does not count while this one holds.
    Suspension(Withdrawal) = "suspension";
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Kind {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Claims of a kind that the configuration declares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeclaredClaims {
    /// The declared kind's name.
    pub kind: Arc<str>,
    /// Name and value pairs that the kind's JSON Schema has passed.
    pub claims: serde_json::Map<String, serde_json::Value>,
}

/// `entity.profile`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntityProfile {
    /// The registered name.
    pub name: Text,
    /// ISO 3166-1 alpha-2.
    pub country: Text,
    /// The region it is seated in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Text>,
    /// Whether it is a small or medium enterprise; absent when nobody says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sme: Option<bool>,
    /// What it works in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sectors: Vec<Text>,
    /// Regional bodies that it belongs to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clusters: Vec<Text>,
    /// The organisation that controls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Organisation>,
    /// Its identifiers in other schemes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<Organisation>,
}

/// `entity.status`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntityStatus {
    /// The register's word, as `active` or `administration`.
    pub status: Text,
}

/// `cyber.ce`, `cyber.ceplus`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// The certificate's number.
    pub certificate: Text,
    /// Whether its scope is the whole organisation.
    pub whole_organisation: bool,
    /// The organisations in its scope when that is not the whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entities: Vec<Organisation>,
}

/// `cyber.dcc`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dcc {
    /// 0 to 3.
    #[serde(deserialize_with = "ranged::<_, 0, 3>")]
    pub level: u8,
    /// When it was last attested.
    pub attested_on: Date,
}

/// `cyber.saq`: answered on the attestation's `valid_from`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Saq {
    /// The level that the answers reach, 0 to 3.
    #[serde(deserialize_with = "ranged::<_, 0, 3>")]
    pub level: u8,
    /// How many controls the answers fall short of.
    #[serde(default)]
    pub gaps: u32,
}

/// `cyber.cip`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cip {
    /// Whether the buyer has accepted the plan.
    pub accepted: bool,
    /// The day by which it is carried out.
    pub due_on: Date,
}

/// `cyber.sprs`; an impossible score is for the rule to call invalid, with the attestation named
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sprs {
    /// −203 to 110.
    pub score: i32,
    /// The day of the assessment.
    pub assessed_on: Date,
    /// Whether there is a system security plan.
    pub ssp: bool,
}

/// Whether a CMMC status is final.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CmmcStatus {
    /// Everything is met.
    Final,
    /// A plan of action is open.
    Conditional,
}

/// One line of a plan of action and milestones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PoamItem {
    /// The NIST SP 800-171 requirement, as `3.13.11`.
    pub requirement: Text,
    /// The points it costs.
    pub points: u8,
}

/// `cyber.cmmc`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cmmc {
    /// 1 to 3.
    #[serde(deserialize_with = "ranged::<_, 1, 3>")]
    pub level: u8,
    /// Final or conditional.
    pub status: CmmcStatus,
    /// The day of the status.
    pub status_on: Date,
    /// The day of the last affirmation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub affirmed_on: Option<Date>,
    /// The plan of action.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub poam: Vec<PoamItem>,
}

/// `cyber.standard`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CyberStandard {
    /// As `ISO 27001` or `IEC 62443-4-1`.
    pub standard: Text,
    /// What it covers.
    pub scope: Text,
}

/// The state of a facility clearance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FacilityStatus {
    /// There is none.
    None,
    /// Applied for.
    Applied,
    /// US: interim.
    Interim,
    /// UK: provisional.
    Provisional,
    /// Full.
    Full,
    /// Suspended.
    Suspended,
    /// Taken away.
    Withdrawn,
}

/// The highest classification that a facility may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FacilityLevel {
    /// US only.
    Confidential,
    /// SECRET.
    Secret,
    /// TOP SECRET.
    TopSecret,
}

/// The nations whose clearances Tierwatch orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Nation {
    /// United Kingdom.
    GB,
    /// United States.
    US,
}

/// A person's clearance. UK: BPSS < CTC < SC < DV; US: Confidential < Secret < Top Secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ClearanceLevel {
    /// UK Baseline Personnel Security Standard.
    #[serde(rename = "GB:BPSS")]
    GbBpss,
    /// UK Counter-Terrorist Check.
    #[serde(rename = "GB:CTC")]
    GbCtc,
    /// UK Security Check.
    #[serde(rename = "GB:SC")]
    GbSc,
    /// UK Developed Vetting.
    #[serde(rename = "GB:DV")]
    GbDv,
    /// US Confidential.
    #[serde(rename = "US:CONFIDENTIAL")]
    UsConfidential,
    /// US Secret.
    #[serde(rename = "US:SECRET")]
    UsSecret,
    /// US Top Secret.
    #[serde(rename = "US:TOP-SECRET")]
    UsTopSecret,
}

/// `clearance.facility`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FacilityClearance {
    /// Whose clearance it is.
    pub nation: Nation,
    /// Up to which classification.
    pub level: FacilityLevel,
    /// Its state.
    pub status: FacilityStatus,
    /// Since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Date>,
    /// The contract it is sponsored for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sponsor_contract: Option<Text>,
    /// The last day of the sponsorship.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sponsor_until: Option<Date>,
}

/// One line of `clearance.personnel`: at least one of the two dates is there
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonnelCount {
    /// Which clearance.
    pub level: ClearanceLevel,
    /// How many people hold it.
    pub count: u32,
    /// The day on which they are to be reviewed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review_due_on: Option<Date>,
    /// The day on which it was granted: the rule adds its review period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub granted_on: Option<Date>,
}

/// How much hangs on a need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Critical, and only one source exists.
    SoleCritical,
    /// The buyer stops without it.
    Critical,
    /// The buyer is hampered without it.
    Major,
    /// The buyer can do without it for long.
    Minor,
}

/// `supply.need`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SupplyNeed {
    /// Who needs it: an organisation or a programme.
    pub buyer: Organisation,
    /// What is needed.
    pub item: Text,
    /// How much hangs on it.
    pub class: Class,
    /// How much of the supply must be up; absent: any one source.
    #[serde(default, deserialize_with = "optional_share_bp", skip_serializing_if = "Option::is_none")]
    pub required_share_bp: Option<BasisPoints>,
    /// How long stock lasts when the supply stops.
    #[serde(default)]
    pub buffer_days: u32,
}

/// `supply.source`; share 0 is an alternate that is idle
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SupplySource {
    /// Who supplies.
    pub supplier: Organisation,
    /// Whom.
    pub buyer: Organisation,
    /// What.
    pub item: Text,
    /// Which part of the need.
    #[serde(deserialize_with = "share_bp")]
    pub share_bp: BasisPoints,
    /// Whether the buyer has qualified this source.
    pub qualified: bool,
    /// How long it takes to switch this source on.
    #[serde(default)]
    pub switch_days: u32,
}

/// `supply.capability`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SupplyCapability {
    /// Items it could supply.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<Text>,
    /// Categories of items it could supply.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<Text>,
    /// Approvals it holds, as `AS9100` or `NADCAP heat treatment`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approvals: Vec<Text>,
}

/// `supply.end_of_life`: the subject will no longer supply the item
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndOfLife {
    /// Which item.
    pub item: Text,
    /// The last day for orders.
    pub last_order_on: Date,
}

/// `site`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// The region it lies in.
    pub region: Text,
    /// Transport corridors that its supply passes through, as `M6`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub corridors: Vec<Text>,
    /// Which part of the organisation's supply comes from here.
    #[serde(deserialize_with = "share_bp")]
    pub share_bp: BasisPoints,
    /// Degrees north (WGS 84), in millionths.
    #[serde(default, with = "degrees", skip_serializing_if = "Option::is_none")]
    pub latitude: Option<i32>,
    /// Degrees east (WGS 84), in millionths.
    #[serde(default, with = "degrees", skip_serializing_if = "Option::is_none")]
    pub longitude: Option<i32>,
}

/// `continuity.recovery`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recovery {
    /// For which item; absent: for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<Text>,
    /// Days until it supplies again.
    pub recover_days: u32,
    /// The day on which the plan was last tested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tested_on: Option<Date>,
}

/// `ownership.holding`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holding {
    /// Who holds: `SCHEME:ID` where it has one (only then can chains be followed), else a name.
    pub owner: Text,
    /// ISO 3166-1 alpha-2.
    pub owner_country: Text,
    /// How much, in parts per million.
    #[serde(rename = "percent", with = "percent")]
    pub percent_ppm: u32,
}

/// What keeps a foreign owner from control (32 CFR 117.11).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Instrument {
    /// A resolution of the board.
    BoardResolution,
    /// Security Control Agreement.
    Sca,
    /// Special Security Agreement.
    Ssa,
    /// Proxy Agreement.
    Proxy,
    /// Voting Trust.
    VotingTrust,
}

/// `foci.mitigation`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mitigation {
    /// Which instrument.
    pub instrument: Instrument,
    /// Who accepted it.
    pub accepted_by: Text,
}

/// `incident`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Incident {
    /// 1 (worst) to 4.
    #[serde(deserialize_with = "ranged::<_, 1, 4>")]
    pub severity: u8,
    /// When it began: a date, or an instant.
    #[serde(rename = "opened_on", deserialize_with = "start")]
    pub opened_at: Instant,
    /// The day on which it was closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_on: Option<Date>,
    /// When it was reported.
    #[serde(deserialize_with = "start")]
    pub reported_at: Instant,
    /// What tells it from another of the same day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<Text>,
}

/// `programme.requirement`: about a programme it flows down to all that it reaches; about another organisation it says
/// what that one must meet for the programme instead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProgrammeRequirement {
    /// Which programme.
    pub programme: Organisation,
    /// 1 (least) to 5 (most).
    #[serde(deserialize_with = "ranged::<_, 1, 5>")]
    pub criticality: u8,
    /// Cyber Security Model level, 0 to 3.
    #[serde(default, deserialize_with = "optional_ranged::<_, 0, 3>", skip_serializing_if = "Option::is_none")]
    pub cyber_level: Option<u8>,
    /// CMMC level, 1 to 3.
    #[serde(default, deserialize_with = "optional_ranged::<_, 1, 3>", skip_serializing_if = "Option::is_none")]
    pub cmmc_level: Option<u8>,
    /// The clearance that people need.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clearance_level: Option<ClearanceLevel>,
    /// How many people need it at each supplier.
    #[serde(default)]
    pub headcount: u32,
}

/// `revocation`, `suspension`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Withdrawal {
    /// Which attestation.
    pub digest: Digest,
    /// Why.
    pub reason: Text,
}

impl Class {
    /// The word for it in files and answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SoleCritical => "sole-critical",
            Self::Critical => "critical",
            Self::Major => "major",
            Self::Minor => "minor",
        }
    }
}

impl Holding {
    /// The owner as an organisation, where an identifier names it: only then can chains be followed.
    #[must_use]
    pub fn organisation(&self) -> Option<Organisation> {
        let name = self.owner.as_str();
        let (scheme, id) = name.split_once(':')?;
        let is_identifier = !scheme.is_empty() && !id.is_empty() && !name.contains(char::is_whitespace);
        is_identifier.then(|| Organisation::checked_before(name))
    }
}

impl Recovery {
    /// Days until it supplies again as they count: what an organisation says of itself 1.3 times, rounded up, for it is
    /// no assessment.
    #[must_use]
    pub fn counted_days(&self, trust: Trust) -> u32 {
        if trust <= Trust::Own { self.recover_days.saturating_mul(13).div_ceil(10) } else { self.recover_days }
    }
}

impl ClearanceLevel {
    /// Whose clearance it is.
    #[must_use]
    pub fn nation(self) -> Nation {
        if self <= Self::GbDv { Nation::GB } else { Nation::US }
    }
}

impl Claims {
    /// Every organisation that the claims name, to be checked and spelled. `Holding::owner` is free text and left out.
    pub fn organisations_mut(&mut self) -> Vec<&mut Organisation> {
        match self {
            Self::EntityProfile(profile) => profile.parent.iter_mut().chain(&mut profile.aliases).collect(),
            Self::CyberCe(certificate) | Self::CyberCeplus(certificate) => certificate.entities.iter_mut().collect(),
            Self::SupplyNeed(need) => vec![&mut need.buyer],
            Self::SupplySource(source) => vec![&mut source.supplier, &mut source.buyer],
            Self::ProgrammeRequirement(requirement) => vec![&mut requirement.programme],
            _ => Vec::new(),
        }
    }

    /// What tells claims of one kind about one organisation apart, so that a later one replaces only its own predecessor:
    /// the item of a need, the standard of a certificate, the region of a site.
    #[must_use]
    pub fn discriminator(&self) -> String {
        match self {
            Self::CyberStandard(standard) => standard.standard.to_string(),
            Self::ClearanceFacility(facility) => format!("{:?}", facility.nation),
            Self::SupplyNeed(need) => format!("{}|{}", need.buyer, need.item),
            Self::SupplySource(source) => format!("{}|{}|{}", source.buyer, source.item, source.supplier),
            Self::SupplyEndOfLife(notice) => notice.item.to_string(),
            Self::Site(site) => format!("{}|{:?}|{:?}", site.region, site.latitude, site.longitude),
            Self::ContinuityRecovery(recovery) => recovery.item.as_ref().map(ToString::to_string).unwrap_or_default(),
            Self::OwnershipHolding(holding) => holding.owner.to_string(),
            Self::Incident(incident) => {
                format!("{}|{}", incident.opened_at, incident.reference.as_ref().map_or("", Text::as_str))
            }
            Self::ProgrammeRequirement(requirement) => requirement.programme.to_string(),
            Self::Revocation(withdrawal) | Self::Suspension(withdrawal) => withdrawal.digest.to_string(),
            _ => String::new(),
        }
    }
}
