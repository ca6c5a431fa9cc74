//! What an organisation holds, as far as it decides whether it may supply: certificates and clearances.

use crate::model::{
    Attestation, Claims, Requirement, Trust,
    claims::{ClearanceLevel, FacilityStatus, Nation},
};
use std::{collections::BTreeMap, sync::Arc};

/// Certificates and clearances that are in force.
#[derive(Debug, Default)]
pub(crate) struct Credentials {
    essentials: bool,
    essentials_plus: bool,
    cyber_level: Option<u8>,
    facilities: Vec<Nation>,
    people: BTreeMap<ClearanceLevel, u32>,
}

impl Credentials {
    /// From the attestations that hold now.
    pub(crate) fn of<'a>(valid: impl Iterator<Item = &'a Arc<Attestation>>) -> Self {
        let mut credentials = Self::default();
        valid.for_each(|attestation| credentials.take(attestation));
        credentials
    }

    fn take(&mut self, attestation: &Attestation) {
        match &attestation.claims {
            Claims::CyberCe(certificate) => self.essentials |= certificate.whole_organisation,
            Claims::CyberCeplus(certificate) => self.essentials_plus |= certificate.whole_organisation,
            Claims::CyberDcc(dcc) => self.cyber_level = self.cyber_level.max(Some(dcc.level)),
            Claims::CyberSaq(saq) if saq.gaps == 0 => self.cyber_level = self.cyber_level.max(Some(saq.level)),
            // A clearance that only its holder asserts does not count.
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
            // No requirement asks for anything else.
            _ => {}
        }
    }

    /// What is missing to meet `requirement`, each as something to obtain.
    #[must_use]
    pub(crate) fn lacks(&self, requirement: &Requirement) -> Vec<String> {
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
                lacks.push(format!("a full facility clearance ({})", nation.as_str()));
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
