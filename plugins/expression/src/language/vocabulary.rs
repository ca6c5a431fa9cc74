//! What an expression can name of a supplier: variables, records, fields and words, each with its type and what it means. The
//! tables of `rules/README.md` are made from these.

use super::{
    node::Variable,
    types::{Base, Type, Words},
    value::{Item, Value},
};
use tierwatch_rule::{Claims, Fact, Name};

/// Something with fields.
#[derive(Debug)]
pub struct Record {
    /// What messages and the manual call it.
    pub name: &'static str,
    /// Its own fields.
    pub fields: &'static [Field],
    /// Whether it has those of every attestation too.
    pub is_attestation: bool,
}

/// A field of a record.
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub of: Type,
    /// What it means, with its unit.
    pub about: &'static str,
    /// How it is got.
    pub get: Get,
}

/// How a field's value is got out of a record.
pub enum Get {
    /// Out of a record of the contract.
    Known(for<'s> fn(Item<'s>) -> Value<'s>),
    /// By its name, out of what an attestation of a declared kind claims.
    Named,
    /// Not at all: its schema gives it no type of expressions.
    Never {
        /// Why.
        why: &'static str,
        /// What to write in the schema.
        fix: &'static str,
    },
}

/// A kind of attestation: a variable of its name is the list of them.
#[derive(Debug)]
pub struct Kind {
    /// As `cyber.ce`.
    pub name: &'static str,
    /// What one is.
    pub record: &'static Record,
}

/// A variable that is no kind.
#[derive(Debug)]
pub struct Given {
    /// Its name.
    pub name: &'static str,
    /// What it stands for.
    pub variable: Variable,
    /// Its type.
    pub of: Type,
    /// What it means.
    pub about: &'static str,
    /// The fact that it reads.
    pub fact: Option<Fact>,
}

impl std::fmt::Debug for Field {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl Record {
    /// All its fields, its own first.
    pub fn all_fields(&'static self) -> impl Iterator<Item = &'static Field> {
        let common = if self.is_attestation && !std::ptr::eq(self, &ATTESTATION) { ATTESTATION.fields } else { &[] };
        self.fields.iter().chain(common)
    }
}

const fn int() -> Type {
    Type::one(Base::Int)
}

const fn optional(base: Base) -> Type {
    Type::optional(base)
}

fn number<'s>(number: impl Into<i64>) -> Value<'s> {
    Value::Int(number.into())
}

fn names(handles: &[Name]) -> Value<'_> {
    Value::list(handles, |handle| Value::Name(*handle))
}

fn texts(texts: &[String]) -> Value<'_> {
    Value::list(texts, |text| Value::text(text))
}

/// `name: type, pattern of the item => value, "what it means";`
macro_rules! record {
    ($(#[$doc:meta])* $id:ident = $name:literal $is_attestation:literal {
        $($field:literal: $of:expr, $pattern:pat => $value:expr, $about:literal;)*
    }) => {
        $(#[$doc])*
        pub static $id: Record = Record {
            name: $name,
            is_attestation: $is_attestation,
            fields: &[$(Field {
                name: $field,
                of: $of,
                about: $about,
                get: Get::Known(|item| {
                    #[allow(unreachable_patterns, reason = "a record of one variant needs no second arm")]
                    match item {
                        $pattern => $value,
                        _ => Value::Absent,
                    }
                }),
            }),*],
        };
    };
}

/// A record of claims, whose fields are those of one variant of `Claims`.
macro_rules! claims {
    ($(#[$doc:meta])* $id:ident = $name:literal {
        $($field:literal: $of:expr, $pattern:pat => $value:expr, $about:literal;)*
    }) => {
        record! { $(#[$doc])* $id = $name true {
            $($field: $of, Item::Attestation(Attestation { claims: $pattern, .. }) => $value, $about;)*
        } }
    };
}

mod claims;
mod network;

pub use claims::*;
pub use network::*;

/// How far an attestation may be believed.
pub static TRUST: Words =
    Words { name: "trust", words: &["unsigned", "self", "third-party", "authority"], ordered: true };
/// Where the instant lies in an attestation's validity.
pub static STATE: Words = Words { name: "state", words: &["in-force", "lapsed", "upcoming"], ordered: false };
/// How much hangs on a need.
pub static CLASS: Words =
    Words { name: "class", words: &["sole-critical", "critical", "major", "minor"], ordered: false };
/// What a CMMC status is.
pub static CMMC_STATUS: Words = Words { name: "CMMC status", words: &["final", "conditional"], ordered: false };
/// A nation whose clearances are known.
pub static NATION: Words = Words { name: "nation", words: &["GB", "US"], ordered: false };
/// Up to which classification a facility may hold.
pub static FACILITY_LEVEL: Words =
    Words { name: "facility level", words: &["confidential", "secret", "top-secret"], ordered: true };
/// The standing of a facility's clearance.
pub static FACILITY_STATUS: Words = Words {
    name: "facility status",
    words: &["none", "applied", "interim", "provisional", "full", "suspended", "withdrawn"],
    ordered: false,
};
/// A personnel clearance.
pub static CLEARANCE_LEVEL: Words = Words {
    name: "clearance level",
    words: &["GB:BPSS", "GB:CTC", "GB:SC", "GB:DV", "US:CONFIDENTIAL", "US:SECRET", "US:TOP-SECRET"],
    ordered: false,
};
/// A mitigation of foreign ownership.
pub static INSTRUMENT: Words =
    Words { name: "instrument", words: &["board-resolution", "sca", "ssa", "proxy", "voting-trust"], ordered: false };
/// The kinds, in the order of [`KINDS`].
pub static KIND: Words = Words {
    name: "kind",
    words: &[
        "entity.profile",
        "entity.status",
        "cyber.ce",
        "cyber.ceplus",
        "cyber.dcc",
        "cyber.saq",
        "cyber.cip",
        "cyber.sprs",
        "cyber.cmmc",
        "cyber.standard",
        "clearance.facility",
        "clearance.personnel",
        "supply.need",
        "supply.source",
        "supply.capability",
        "supply.end_of_life",
        "site",
        "continuity.recovery",
        "ownership.holding",
        "foci.mitigation",
        "incident",
        "programme.requirement",
    ],
    ordered: false,
};

/// Every set of words.
pub static ALL_WORDS: &[&Words] = &[
    &TRUST,
    &STATE,
    &CLASS,
    &CMMC_STATUS,
    &NATION,
    &FACILITY_LEVEL,
    &FACILITY_STATUS,
    &CLEARANCE_LEVEL,
    &INSTRUMENT,
    &KIND,
];

/// The place of an attestation's kind in [`KINDS`].
#[must_use]
pub fn kind_of(claims: &Claims) -> Option<u8> {
    Some(match claims {
        Claims::EntityProfile(_) => 0,
        Claims::EntityStatus(_) => 1,
        Claims::CyberCe(_) => 2,
        Claims::CyberCeplus(_) => 3,
        Claims::CyberDcc(_) => 4,
        Claims::CyberSaq(_) => 5,
        Claims::CyberCip(_) => 6,
        Claims::CyberSprs(_) => 7,
        Claims::CyberCmmc(_) => 8,
        Claims::CyberStandard(_) => 9,
        Claims::ClearanceFacility(_) => 10,
        Claims::ClearancePersonnel(_) => 11,
        Claims::SupplyNeed(_) => 12,
        Claims::SupplySource(_) => 13,
        Claims::SupplyCapability(_) => 14,
        Claims::SupplyEndOfLife(_) => 15,
        Claims::Site(_) => 16,
        Claims::ContinuityRecovery(_) => 17,
        Claims::OwnershipHolding(_) => 18,
        Claims::FociMitigation(_) => 19,
        Claims::Incident(_) => 20,
        Claims::ProgrammeRequirement(_) => 21,
        Claims::Declared(_) => return None,
    })
}

/// The kinds, each a variable.
pub static KINDS: &[Kind] = &[
    Kind { name: "entity.profile", record: &PROFILE },
    Kind { name: "entity.status", record: &STATUS },
    Kind { name: "cyber.ce", record: &CERTIFICATE },
    Kind { name: "cyber.ceplus", record: &CERTIFICATE },
    Kind { name: "cyber.dcc", record: &DCC },
    Kind { name: "cyber.saq", record: &SAQ },
    Kind { name: "cyber.cip", record: &CIP },
    Kind { name: "cyber.sprs", record: &SPRS },
    Kind { name: "cyber.cmmc", record: &CMMC },
    Kind { name: "cyber.standard", record: &STANDARD },
    Kind { name: "clearance.facility", record: &FACILITY },
    Kind { name: "clearance.personnel", record: &PERSONNEL },
    Kind { name: "supply.need", record: &SUPPLY_NEED },
    Kind { name: "supply.source", record: &SUPPLY_SOURCE },
    Kind { name: "supply.capability", record: &CAPABILITY },
    Kind { name: "supply.end_of_life", record: &END_OF_LIFE },
    Kind { name: "site", record: &SITE },
    Kind { name: "continuity.recovery", record: &RECOVERY },
    Kind { name: "ownership.holding", record: &HOLDING },
    Kind { name: "foci.mitigation", record: &MITIGATION },
    Kind { name: "incident", record: &INCIDENT },
    Kind { name: "programme.requirement", record: &ASKED },
];

/// The variables that are no kinds.
pub static GIVEN: &[Given] = &[
    Given {
        name: "as_of",
        variable: Variable::AsOf,
        of: Type::one(Base::Instant),
        about: "the instant that is asked about: the only clock",
        fact: None,
    },
    Given {
        name: "today",
        variable: Variable::Today,
        of: Type::one(Base::Date),
        about: "the day of `as_of`",
        fact: None,
    },
    Given {
        name: "self",
        variable: Variable::Itself,
        of: Type::one(Base::Name),
        about: "the organisation itself, by any of its names",
        fact: None,
    },
    Given {
        name: "evidence",
        variable: Variable::Evidence,
        of: Type::list(Base::Record(&ATTESTATION)),
        about: "every attestation of the kinds that the rule reads, in the daemon's order",
        fact: None,
    },
    Given {
        name: "requirement",
        variable: Variable::Requirement,
        of: Type::one(Base::Record(&REQUIREMENT)),
        about: "the highest that any programme in its reach asks of it",
        fact: Some(Fact::Requirement),
    },
    Given {
        name: "needs",
        variable: Variable::Needs,
        of: Type::list(Base::Record(&NEED)),
        about: "what it depends on",
        fact: Some(Fact::Needs),
    },
    Given {
        name: "impact",
        variable: Variable::Impact,
        of: Type::one(Base::Record(&IMPACT)),
        about: "what depends on it",
        fact: Some(Fact::Impact),
    },
    Given {
        name: "ownership",
        variable: Variable::Ownership,
        of: Type::optional(Base::Record(&OWNERSHIP)),
        about: "who owns it; absent when nobody attests a holding",
        fact: Some(Fact::Ownership),
    },
];

/// Every record, in the order of the manual.
pub static RECORDS: &[&Record] = &[
    &ATTESTATION,
    &PROFILE,
    &STATUS,
    &CERTIFICATE,
    &DCC,
    &SAQ,
    &CIP,
    &SPRS,
    &CMMC,
    &POAM_ITEM,
    &STANDARD,
    &FACILITY,
    &PERSONNEL,
    &PERSONNEL_COUNT,
    &SUPPLY_NEED,
    &SUPPLY_SOURCE,
    &CAPABILITY,
    &END_OF_LIFE,
    &SITE,
    &RECOVERY,
    &HOLDING,
    &MITIGATION,
    &INCIDENT,
    &ASKED,
    &REQUIREMENT,
    &CLEARANCE,
    &NEED,
    &SOURCE,
    &IMPACT,
    &LOSS,
    &OWNERSHIP,
    &OWNER,
    &NATIONAL_HOLDING,
];
