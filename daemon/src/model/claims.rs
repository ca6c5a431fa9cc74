//! What each kind of attestation claims. An unknown field is refused: a mistyped `valid_untill` must not become a
//! certificate that never ends.

mod field;
mod kind;
mod text;

pub use kind::{Claims, DeclaredClaims, Kind, NotSpelled};
pub use text::{TEXT_MAX_BYTES, Text};

use super::{BasisPoints, Date, Digest, Instant, Organisation, Trust};
use field::{degrees, optional_ranged, optional_share_bp, percent, ranged, share_bp, start};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `entity.profile`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EntityProfile {
    /// The registered name.
    #[schemars(extend("examples" = ["Otterstoke Structures Ltd"]))]
    pub name: Text,
    /// ISO 3166-1 alpha-2, once it is spelled; written in any word for the country.
    #[schemars(extend("examples" = ["GB"]))]
    pub country: Text,
    /// The region it is seated in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["Derby"]))]
    pub region: Option<Text>,
    /// Whether it is a small or medium enterprise; absent when nobody says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sme: Option<bool>,
    /// What it works in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("examples" = [["castings"]]))]
    pub sectors: Vec<Text>,
    /// Regional bodies that it belongs to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("examples" = [["Midlands Aerospace Alliance"]]))]
    pub clusters: Vec<Text>,
    /// The organisation that controls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["GB-COH:01234567"]))]
    pub parent: Option<Organisation>,
    /// Its identifiers in other schemes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("examples" = [["CAGE:U1234"]]))]
    pub aliases: Vec<Organisation>,
}

/// `entity.status`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EntityStatus {
    /// The register's word, as `active` or `administration`.
    #[schemars(extend("examples" = ["active"]))]
    pub status: Text,
}

/// `cyber.ce`, `cyber.ceplus`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// The certificate's number.
    #[schemars(extend("examples" = ["IASME-CE-012345"]))]
    pub certificate: Text,
    /// Whether its scope is the whole organisation.
    pub whole_organisation: bool,
    /// The organisations in its scope when that is not the whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("examples" = [["GB-COH:01234567"]]))]
    pub entities: Vec<Organisation>,
}

/// `cyber.dcc`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dcc {
    /// 0 to 3.
    #[serde(deserialize_with = "ranged::<_, 0, 3>")]
    #[schemars(range(min = 0, max = 3))]
    pub level: u8,
    /// When it was last attested.
    pub attested_on: Date,
}

/// `cyber.saq`: answered on the attestation's `valid_from`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Saq {
    /// The level that the answers reach, 0 to 3.
    #[serde(deserialize_with = "ranged::<_, 0, 3>")]
    #[schemars(range(min = 0, max = 3))]
    pub level: u8,
    /// How many controls the answers fall short of.
    #[serde(default)]
    pub gaps: u32,
}

/// `cyber.cip`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cip {
    /// Whether the buyer has accepted the plan.
    pub accepted: bool,
    /// The day by which it is carried out.
    pub due_on: Date,
}

/// `cyber.sprs`; an impossible score is for the rule to call invalid, with the attestation named
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sprs {
    /// −203 to 110.
    #[schemars(extend("examples" = [110]))]
    pub score: i32,
    /// The day of the assessment.
    pub assessed_on: Date,
    /// Whether there is a system security plan.
    pub ssp: bool,
}

/// Whether a CMMC status is final.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CmmcStatus {
    /// Everything is met.
    Final,
    /// A plan of action is open.
    Conditional,
}

/// One line of a plan of action and milestones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PoamItem {
    /// The NIST SP 800-171 requirement, as `3.13.11`.
    #[schemars(extend("examples" = ["3.13.11"]))]
    pub requirement: Text,
    /// The points it costs.
    pub points: u8,
}

/// `cyber.cmmc`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cmmc {
    /// 1 to 3.
    #[serde(deserialize_with = "ranged::<_, 1, 3>")]
    #[schemars(range(min = 1, max = 3))]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CyberStandard {
    /// As `ISO 27001` or `IEC 62443-4-1`.
    #[schemars(extend("examples" = ["ISO 27001"]))]
    pub standard: Text,
    /// What it covers.
    #[schemars(extend("examples" = ["design and manufacture"]))]
    pub scope: Text,
}

/// The state of a facility clearance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Nation {
    /// United Kingdom.
    GB,
    /// United States.
    US,
}

/// A person's clearance. UK: BPSS < CTC < SC < DV; US: Confidential < Secret < Top Secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
    #[schemars(extend("examples" = ["contract 4711"]))]
    pub sponsor_contract: Option<Text>,
    /// The last day of the sponsorship.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sponsor_until: Option<Date>,
}

/// One line of `clearance.personnel`: at least one of the two dates is there
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SupplyNeed {
    /// Who needs it: an organisation or a programme.
    #[schemars(extend("examples" = ["GB-COH:09506232"]))]
    pub buyer: Organisation,
    /// What is needed.
    #[schemars(extend("examples" = ["turbine blade"]))]
    pub item: Text,
    /// How much hangs on it.
    pub class: Class,
    /// How much of the supply must be up; absent: any one source.
    #[serde(default, deserialize_with = "optional_share_bp", skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 10000))]
    pub required_share_bp: Option<BasisPoints>,
    /// How long stock lasts when the supply stops.
    #[serde(default)]
    pub buffer_days: u32,
}

/// `supply.source`; share 0 is an alternate that is idle
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SupplySource {
    /// Who supplies.
    #[schemars(extend("examples" = ["GB-COH:01234567"]))]
    pub supplier: Organisation,
    /// Whom.
    #[schemars(extend("examples" = ["GB-COH:09506232"]))]
    pub buyer: Organisation,
    /// What.
    #[schemars(extend("examples" = ["turbine blade"]))]
    pub item: Text,
    /// Which part of the need.
    #[serde(deserialize_with = "share_bp")]
    #[schemars(range(max = 10000))]
    pub share_bp: BasisPoints,
    /// Whether the buyer has qualified this source.
    pub qualified: bool,
    /// How long it takes to switch this source on.
    #[serde(default)]
    pub switch_days: u32,
}

/// `supply.capability`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SupplyCapability {
    /// Items it could supply.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("examples" = [["turbine blade"]]))]
    pub items: Vec<Text>,
    /// Categories of items it could supply.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("examples" = [["investment castings"]]))]
    pub categories: Vec<Text>,
    /// Approvals it holds, as `AS9100` or `NADCAP heat treatment`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("examples" = [["AS9100"]]))]
    pub approvals: Vec<Text>,
}

/// `supply.end_of_life`: the subject will no longer supply the item
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EndOfLife {
    /// Which item.
    #[schemars(extend("examples" = ["turbine blade"]))]
    pub item: Text,
    /// The last day for orders.
    pub last_order_on: Date,
}

/// `site`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// The region it lies in.
    #[schemars(extend("examples" = ["Derby"]))]
    pub region: Text,
    /// Transport corridors that its supply passes through, as `M6`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("examples" = [["M6"]]))]
    pub corridors: Vec<Text>,
    /// Which part of the organisation's supply comes from here.
    #[serde(deserialize_with = "share_bp")]
    #[schemars(range(max = 10000))]
    pub share_bp: BasisPoints,
    /// Degrees north (WGS 84); kept in millionths.
    #[serde(default, with = "degrees", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<f64>", range(min = -90, max = 90), extend("examples" = [52.92]))]
    pub latitude: Option<i32>,
    /// Degrees east (WGS 84); kept in millionths.
    #[serde(default, with = "degrees", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<f64>", range(min = -180, max = 180), extend("examples" = [-1.48]))]
    pub longitude: Option<i32>,
}

/// `continuity.recovery`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Recovery {
    /// For which item; absent: for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["turbine blade"]))]
    pub item: Option<Text>,
    /// Days until it supplies again.
    pub recover_days: u32,
    /// The day on which the plan was last tested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tested_on: Option<Date>,
}

impl Recovery {
    /// The **time to recover**, wherever one is shown or compared with a time to survive: the plan's days where a third party
    /// or an authority says so, and 1.3 times these, rounded up, where nobody but the organisation does.
    #[must_use]
    pub fn time_to_recover(&self, trust: Trust) -> u32 {
        const OWN_WORD_PERCENT: u64 = 130;
        if trust >= Trust::ThirdParty {
            return self.recover_days;
        }
        u32::try_from((u64::from(self.recover_days) * OWN_WORD_PERCENT).div_ceil(100)).unwrap_or(u32::MAX)
    }
}

/// `ownership.holding`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Holding {
    /// Who holds: `SCHEME:ID` where it has one (only then can chains be followed), else a name.
    #[schemars(extend("examples" = ["GB-COH:01234567"]))]
    pub owner: Text,
    /// ISO 3166-1 alpha-2, once it is spelled; written in any word for the country.
    #[schemars(extend("examples" = ["FR"]))]
    pub owner_country: Text,
    /// How much, in per cent, as 25.01; kept in parts per million.
    #[serde(rename = "percent", with = "percent")]
    #[schemars(with = "f64", range(min = 0, max = 100), extend("examples" = [25.01]))]
    pub percent_ppm: u32,
}

/// What keeps a foreign owner from control (32 CFR 117.11).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mitigation {
    /// Which instrument.
    pub instrument: Instrument,
    /// Who accepted it.
    #[schemars(extend("examples" = ["DCSA"]))]
    pub accepted_by: Text,
}

/// `incident`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Incident {
    /// 1 (worst) to 4.
    #[serde(deserialize_with = "ranged::<_, 1, 4>")]
    #[schemars(range(min = 1, max = 4))]
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
    #[schemars(extend("examples" = ["incident 7"]))]
    pub reference: Option<Text>,
}

/// `programme.requirement`: about a programme it flows down to all that it reaches, or as many tiers as it says; about
/// another organisation it says what that one must meet for the programme instead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProgrammeRequirement {
    /// Which programme.
    #[schemars(extend("examples" = ["PROGRAMME:KESTREL"]))]
    pub programme: Organisation,
    /// 1 (least) to 5 (most).
    #[serde(deserialize_with = "ranged::<_, 1, 5>")]
    #[schemars(range(min = 1, max = 5))]
    pub criticality: u8,
    /// Cyber Security Model level, 0 to 3.
    #[serde(default, deserialize_with = "optional_ranged::<_, 0, 3>", skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 3))]
    pub cyber_level: Option<u8>,
    /// CMMC level, 1 to 3.
    #[serde(default, deserialize_with = "optional_ranged::<_, 1, 3>", skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 3))]
    pub cmmc_level: Option<u8>,
    /// The clearance that people need.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clearance_level: Option<ClearanceLevel>,
    /// How many people need it at each supplier.
    #[serde(default)]
    pub headcount: u32,
    /// Of a programme: down to which tier of its suppliers the levels, the clearance and the headcount are asked; 1 is its
    /// direct suppliers alone, 0 nobody; absent: every tier. The criticality is the programme's and holds at every tier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow_tiers: Option<u32>,
}

/// `revocation`, `suspension`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Withdrawal {
    /// Which attestation.
    pub digest: Digest,
    /// Why.
    #[schemars(extend("examples" = ["withdrawn by the assessor"]))]
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
        self.owner.organisation()
    }
}

impl ClearanceLevel {
    /// Whose clearance it is.
    #[must_use]
    pub fn nation(self) -> Nation {
        if self <= Self::GbDv { Nation::GB } else { Nation::US }
    }
}
