//! The kinds of attestation, and the claims of any of them.

use super::{
    Certificate, Cip, Cmmc, CyberStandard, Dcc, EndOfLife, EntityProfile, EntityStatus, FacilityClearance, Holding,
    Incident, Mitigation, PersonnelCount, ProgrammeRequirement, Recovery, Saq, Site, Sprs, SupplyCapability,
    SupplyNeed, SupplySource, Text, Withdrawal,
};
use crate::{
    Identifiers, Organisation, by_name,
    country::{NotACountry, alpha_2},
    organisation::NotAnOrganisation,
};
use schemars::generate::SchemaSettings;
use serde::{Deserialize, Deserializer, Serialize, de::DeserializeSeed};
use std::{fmt, sync::Arc};

/// Longest name of a declared kind, in bytes.
pub const KIND_NAME_MAX_BYTES: usize = 64;

impl Kind {
    /// Whether a kind that is not built in could have this name: one that is fit for a metric and a URN.
    #[must_use]
    pub fn is_name(name: &str) -> bool {
        let part = |part: &str| {
            !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        name.len() <= KIND_NAME_MAX_BYTES
            && name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.split(['.', '_', '-']).all(part)
    }
}

macro_rules! claims {
    ($($(#[doc = $doc:literal])+ $variant:ident($type:ty) = $name:literal;)+) => {
        /// What an attestation is about.
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $($(#[doc = $doc])+ $variant,)+
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

            /// What it is, in a sentence; empty for a declared one.
            #[must_use]
            pub fn about(&self) -> &'static str {
                match self {
                    $(Self::$variant => concat!($($doc),+).trim_ascii(),)+
                    Self::Declared(_) => "",
                }
            }

            /// The JSON Schema of its claims as they are written; `None` for a declared one, which the configuration has.
            #[must_use]
            pub fn written(&self) -> Option<schemars::Schema> {
                let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
                let schemas = settings.into_generator();
                match self {
                    $(Self::$variant => Some(schemas.into_root_schema_for::<$type>()),)+
                    Self::Declared(_) => None,
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
            $($(#[doc = $doc])+ #[serde(rename = $name)] $variant($type),)+
            /// A kind that the configuration declares: claims that its JSON Schema has passed.
            #[serde(untagged)]
            Declared(DeclaredClaims),
        }

        /// Reads the claims of this kind from any format.
        impl<'de> DeserializeSeed<'de> for &Kind {
            type Value = Claims;

            fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Claims, D::Error> {
                Ok(match self {
                    $(Kind::$variant => Claims::$variant(Deserialize::deserialize(from)?),)+
                    Kind::Declared(name) => {
                        Claims::Declared(DeclaredClaims { kind: name.clone(), claims: Deserialize::deserialize(from)? })
                    }
                })
            }
        }

        impl Claims {
            /// Reads the claims of `kind` from their JSON text.
            ///
            /// # Errors
            /// A missing, unknown or impossible field, named with line and column.
            pub fn parse(kind: &Kind, json: &str) -> Result<Self, serde_json::Error> {
                by_name::json_seeded(kind, json)
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

impl Kind {
    /// Whether all claims of this kind about one organisation are of one matter, so that a later one replaces any earlier one:
    /// their [`Claims::discriminator`] is always empty.
    #[must_use]
    pub fn is_one_matter(&self) -> bool {
        !matches!(
            self,
            Self::CyberStandard
                | Self::ClearanceFacility
                | Self::SupplyNeed
                | Self::SupplySource
                | Self::SupplyEndOfLife
                | Self::Site
                | Self::ContinuityRecovery
                | Self::OwnershipHolding
                | Self::Incident
                | Self::ProgrammeRequirement
                | Self::Revocation
                | Self::Suspension
        )
    }
}

/// What claims name that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotSpelled {
    /// An organisation.
    #[error(transparent)]
    Organisation(#[from] NotAnOrganisation),
    /// A country.
    #[error(transparent)]
    Country(#[from] NotACountry),
}

/// Claims of a kind that the configuration declares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeclaredClaims {
    /// The declared kind's name.
    pub kind: Arc<str>,
    /// Name and value pairs that the kind's JSON Schema has passed.
    pub claims: serde_json::Map<String, serde_json::Value>,
}

impl Claims {
    /// Checks whom and which countries the claims name, and brings identifiers into their schemes' spelling and countries into
    /// two letters. What is stored is spelled already, and read back as it stands.
    ///
    /// # Errors
    /// The first that is none, or a name that looks like an identifier and is none.
    pub fn spell(&mut self, identifiers: &Identifiers) -> Result<(), NotSpelled> {
        if let Some(country) = self.country_mut() {
            *country = alpha_2(country.as_str())?.into();
        }
        for organisation in self.organisations_mut() {
            *organisation = identifiers.parse(organisation.as_str())?;
        }
        for party in self.parties_mut() {
            if let Some(organisation) = identifiers.parse_party(party.as_str())? {
                *party = organisation.as_str().into();
            }
        }
        Ok(())
    }

    /// Replaces every organisation that the claims name, as by the name that it has among several.
    pub fn rename(&mut self, rename: impl Fn(&Organisation) -> Organisation) {
        for organisation in self.organisations_mut() {
            *organisation = rename(organisation);
        }
        for party in self.parties_mut() {
            if let Some(organisation) = party.organisation() {
                *party = rename(&organisation).as_str().into();
            }
        }
    }

    /// Every organisation that the claims name by an identifier alone.
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

    /// Whose supply is spoken of: who buys, or the programme that asks. `None` where the subject's own affairs are.
    ///
    /// Its word counts, and a third party's; anybody else, speaking of it for himself, only claims
    /// ([`Attestation::is_hearsay`](crate::Attestation::is_hearsay)).
    #[must_use]
    pub fn speaks_for(&self) -> Option<&Organisation> {
        match self {
            Self::SupplyNeed(need) => Some(&need.buyer),
            Self::SupplySource(source) => Some(&source.buyer),
            Self::ProgrammeRequirement(requirement) => Some(&requirement.programme),
            _ => None,
        }
    }

    /// The country that the claims name.
    fn country_mut(&mut self) -> Option<&mut Text> {
        match self {
            Self::EntityProfile(profile) => Some(&mut profile.country),
            Self::OwnershipHolding(holding) => Some(&mut holding.owner_country),
            _ => None,
        }
    }

    /// Everybody whom the claims name by an identifier or by a name.
    fn parties_mut(&mut self) -> Vec<&mut Text> {
        match self {
            Self::OwnershipHolding(holding) => vec![&mut holding.owner],
            Self::FociMitigation(mitigation) => vec![&mut mitigation.accepted_by],
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
