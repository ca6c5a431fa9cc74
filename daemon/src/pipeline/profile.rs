//! What the evidence of one organisation says beside its supply: who it is, where it works, what it holds and what else
//! it could supply.

use crate::model::{
    Attestation, BasisPoints, Claims, Organisation, Requirement, Trust, WHOLE_BP,
    claims::{ClearanceLevel, FacilityStatus, Nation, Text},
};
use std::{collections::BTreeMap, sync::Arc};

/// From this part of an organisation's sites on, what strikes a region or a corridor brings the organisation down.
pub const STRUCK_SHARE_BP: BasisPoints = WHOLE_BP / 2;

/// Who an organisation is. Of statements that contradict each other the first counts, which is the most trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// The registered name.
    pub name: Option<Text>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<Text>,
    /// Where it is seated.
    pub region: Option<Text>,
    /// Whether it is a small or medium enterprise; `None`: nobody says.
    pub sme: Option<bool>,
    /// What it works in.
    pub sectors: Vec<Text>,
    /// Regional bodies that it belongs to.
    pub clusters: Vec<Text>,
    /// Who controls it.
    pub parent: Option<Organisation>,
    /// Part of its sites by region; empty when no site is attested.
    pub regions: BTreeMap<Text, BasisPoints>,
    /// Part of its sites by transport corridor.
    pub corridors: BTreeMap<Text, BasisPoints>,
    /// What it could supply.
    pub items: Vec<Text>,
    /// Approvals it holds, as `AS9100`.
    pub approvals: Vec<Text>,
    /// Days until it supplies again; what it says of itself counts 1.3 times.
    pub recover_days: Option<u32>,
    /// What it holds.
    pub credentials: Credentials,
}

/// Certificates and clearances that are in force.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Credentials {
    essentials: bool,
    essentials_plus: bool,
    cyber_level: Option<u8>,
    facilities: Vec<Nation>,
    people: BTreeMap<ClearanceLevel, u32>,
}

impl Profile {
    /// From the attestations that hold now, the most trusted of a kind first.
    pub fn of<'a>(valid: impl Iterator<Item = &'a Arc<Attestation>>) -> Self {
        let mut profile = Self::default();
        let mut is_known = false;
        for attestation in valid {
            match &attestation.claims {
                Claims::EntityProfile(said) if !is_known => {
                    is_known = true;
                    profile.name = Some(said.name.clone());
                    profile.country = Some(said.country.clone());
                    profile.region.clone_from(&said.region);
                    profile.sme = said.sme;
                    profile.sectors.clone_from(&said.sectors);
                    profile.clusters.clone_from(&said.clusters);
                    profile.parent.clone_from(&said.parent);
                }
                Claims::Site(site) => {
                    *profile.regions.entry(site.region.clone()).or_default() += site.share_bp;
                    for corridor in &site.corridors {
                        *profile.corridors.entry(corridor.clone()).or_default() += site.share_bp;
                    }
                }
                Claims::SupplyCapability(could) => {
                    profile.items.extend(could.items.iter().cloned());
                    profile.approvals.extend(could.approvals.iter().cloned());
                }
                Claims::ContinuityRecovery(plan) => {
                    let own = attestation.trust <= Trust::Own;
                    let days = if own { plan.recover_days.saturating_mul(13).div_ceil(10) } else { plan.recover_days };
                    profile.recover_days = profile.recover_days.max(Some(days));
                }
                _ => profile.credentials.take(attestation),
            }
        }
        for list in [&mut profile.items, &mut profile.approvals] {
            list.sort();
            list.dedup();
        }
        profile
    }

    /// Where it works: the regions of its sites, or its seat when no site is attested.
    pub fn regions(&self) -> impl Iterator<Item = (&Text, BasisPoints)> {
        let seat = self.region.iter().filter(|_| self.regions.is_empty()).map(|region| (region, WHOLE_BP));
        self.regions.iter().map(|(region, share_bp)| (region, *share_bp)).chain(seat)
    }

    /// Whether it works in `region` with at least [`STRUCK_SHARE_BP`].
    #[must_use]
    pub fn is_in_region(&self, region: &str) -> bool {
        self.regions().any(|(name, share_bp)| name.as_str() == region && share_bp >= STRUCK_SHARE_BP)
    }

    /// Whether at least [`STRUCK_SHARE_BP`] of it passes through `corridor`.
    #[must_use]
    pub fn is_behind(&self, corridor: &str) -> bool {
        self.corridors.iter().any(|(name, share_bp)| name.as_str() == corridor && *share_bp >= STRUCK_SHARE_BP)
    }

    /// Whether what can strike it together with others is the same as for `other`.
    #[must_use]
    pub fn shares_shocks_with(&self, other: &Self) -> bool {
        let places = |one: &Self| {
            (one.country.clone(), one.region.clone(), one.parent.clone(), one.regions.clone(), one.corridors.clone())
        };
        places(self) == places(other)
    }
}

impl Credentials {
    fn take(&mut self, attestation: &Attestation) {
        match &attestation.claims {
            Claims::CyberCe(certificate) => self.essentials |= certificate.whole_organisation,
            Claims::CyberCeplus(certificate) => self.essentials_plus |= certificate.whole_organisation,
            Claims::CyberDcc(dcc) => self.cyber_level = self.cyber_level.max(Some(dcc.level)),
            Claims::CyberSaq(saq) if saq.gaps == 0 => self.cyber_level = self.cyber_level.max(Some(saq.level)),
            // A clearance that only its holder asserts is none.
            Claims::ClearanceFacility(facility)
                if facility.status == FacilityStatus::Full && attestation.trust == Trust::Authority =>
            {
                self.facilities.push(facility.nation);
            }
            Claims::ClearancePersonnel(counts) => {
                for count in counts {
                    *self.people.entry(count.level).or_default() += count.count;
                }
            }
            _ => {}
        }
    }

    /// What is missing to meet `requirement`, each as something to obtain.
    #[must_use]
    pub fn lacks(&self, requirement: &Requirement) -> Vec<String> {
        let mut lacks = Vec::new();
        if let Some(level) = requirement.cyber_level {
            if level >= 2 && !self.essentials_plus {
                lacks.push("Cyber Essentials Plus".to_owned());
            } else if level < 2 && !self.essentials && !self.essentials_plus {
                lacks.push("Cyber Essentials".to_owned());
            }
            if self.cyber_level.is_none_or(|held| held < level) {
                lacks.push(format!("a certification or questionnaire of cyber level {level}"));
            }
        }
        for asked in &requirement.clearances {
            let nation = asked.level.nation();
            if !self.facilities.contains(&nation) {
                lacks.push(format!("a full facility clearance ({nation:?})"));
            }
            let higher = self.people.range(asked.level..).filter(|(level, _)| level.nation() == nation);
            let cleared: u32 = higher.map(|(_, count)| *count).sum();
            if cleared < asked.headcount {
                let level = serde_json::to_value(asked.level).unwrap_or_default();
                let level = level.as_str().unwrap_or_default().to_owned();
                lacks.push(format!("{} more people with {level}", asked.headcount - cleared));
            }
        }
        lacks
    }
}
