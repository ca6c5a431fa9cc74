//! # geography: does it all come from one place, or by one road?
//!
//! A flood, a strike or a closed bridge takes away all that a region makes and all that a corridor carries. Two things are
//! measured, and the worse counts:
//!
//! 1. **Regions.** The concentration of its site shares by region, HHI = Σ share² (0 to 10 000), read as risk as in
//!    `single-source` (S: 10.00 below 1000, straight to 40.00 at 1800, straight to 100.00 at 10 000), × 0.8;
//! 2. **Corridors.** The largest part of its supply that passes through one transport corridor, c: nothing up to 30 %, from
//!    there straight to 80.00 at 90 %. A site that uses several corridors counts in full in each of them.
//!
//! Shares that no site claims are one unknown region. Shares that add to more than 100.50 % contradict one another. An
//! organisation whose sites nobody attests is unknown; when it reaches no programme either, nothing is asked of it.
//!
//! The thresholds of the HHI are those of merger guidelines; the risks are Tierwatch's own and rest on no standard.
//!
//! Example: two equal regions are an HHI of 5000, S is 63.41, × 0.8 is 50.73. If 90 % of its supply takes the M6 it is 80.00
//! with `ONE_CORRIDOR`.

use std::collections::BTreeMap;
use tierwatch_rule::{
    Argument, Assessment, Attestation, BASIS_POINTS, CONCENTRATION_UNITS, Claims, Finding, Manifest, Name, PERCENT,
    Problem, Rule, Severity, Site, State, Subject, WHOLE_BP, concentration, confidence_bp, manifest, messages,
    parameters, within,
};

const HELP: &str = "How far a supplier's supply comes from one region or through one transport corridor: the \
    concentration (HHI) of its site shares by region, and the largest share through one corridor. The thresholds 1000 and \
    1800 are those of merger control; the risk figures are Tierwatch's own.";

/// Shares that add up to less than this leave a part to an unknown region; the rest is rounding.
const MIN_SHARES_BP: u32 = 9_950;

messages! {
    NOTHING_REQUIRED: "It reaches no programme, and nobody attests where it works." => "";
    NO_PROGRAMME: "It reaches no programme." => "";
    NO_SITES: "Nobody attests where it works."
        => "Ask it for its `site` attestations: region, transport corridors and share of each site.";
    SHARES_OVER: "The shares of its sites add to {0}."
        => "Have it attest the shares of its sites again, and withdraw the sites that it has left.";
    ONE_REGION: "All that it supplies comes from {0}."
        => "Agree a second site in another region, or hold stock for the time that a move would take.";
    FEW_REGIONS: "What it supplies comes from few regions: their concentration (HHI) is {0}, and {2} comes from {1}."
        => "Move a share of the work to another region.";
    ONE_CORRIDOR: "{1} of what it supplies passes through {0}."
        => "Agree another route for a part of it, or a store beyond {0}.";
    UNKNOWN_SHARE: "{0} of what it supplies comes from no attested site: it counts as one unknown region."
        => "Ask for the `site` attestations that are missing.";
    SITES_LAPSED: "What it says of its sites has lapsed."
        => "Ask it for its `site` attestations as they are now.";
}

parameters! {
    /// Percentage of the concentration's risk that counts.
    regions_percent: u32 = 80, PERCENT;
    /// Share through one corridor up to which there is no risk.
    corridor_from_bp: u32 = 3_000, BASIS_POINTS;
    /// Share through one corridor from which the risk is the worst.
    corridor_to_bp: u32 = 9_000, BASIS_POINTS;
    /// The worst risk of a corridor.
    corridor_worst_bp: u32 = 8_000, BASIS_POINTS;
    /// Shares may add to this much before they contradict one another.
    shares_max_bp: u32 = 10_050, within(WHOLE_BP, 2 * WHOLE_BP);
    /// A risk of at least this much is explained.
    reported_bp: u32 = 4_000, BASIS_POINTS;
    /// Whether only those are asked that reach a programme, whether their sites are attested or not.
    programmes_only: bool = false, r#""type":"boolean""#;
}

/// The rule with a policy's parameters.
#[derive(Debug)]
pub struct Geography(Parameters);

/// A site, with the attestation that states it.
type Stated<'a> = (&'a Attestation, &'a Site);

impl Rule for Geography {
    type Parameters = Parameters;

    fn manifest() -> Manifest {
        manifest! {
            dimension: "supply",
            help: HELP,
            kinds: ["site"],
            facts: [Impact],
        }
    }

    fn configure(parameters: Parameters) -> Result<Self, Vec<Problem>> {
        if parameters.corridor_from_bp < parameters.corridor_to_bp {
            return Ok(Self(parameters));
        }
        let message = format!("the risk must rise: write more than corridor_from_bp, {}", parameters.corridor_from_bp);
        Err(vec![Problem::of("/corridor_to_bp", message)])
    }

    fn assess(&self, subject: &Subject) -> Assessment {
        let sites = sites(subject);
        let reaches = subject.impact.as_ref().is_some_and(|impact| !impact.programmes.is_empty());
        match (reaches, sites.is_empty()) {
            (true, true) => return Assessment::unknown(Message::NO_SITES, vec![]),
            (false, true) => return Assessment::not_applicable(Message::NOTHING_REQUIRED, vec![]),
            (false, false) if self.0.programmes_only => {
                return Assessment::not_applicable(Message::NO_PROGRAMME, vec![]);
            }
            (_, false) => {}
        }
        let total_bp = sites.iter().fold(0_u32, |total, (_, site)| total.saturating_add(site.share_bp));
        if total_bp > self.0.shares_max_bp {
            let over = Finding::new(Message::SHARES_OVER, Severity::High, vec![Argument::BasisPoints(total_bp)]);
            return Assessment::invalid(sites.iter().fold(over, |over, (attestation, _)| over.shown_by(attestation)));
        }
        let (regions, corridors) = (shares(&sites, |site| vec![site.region]), shares(&sites, corridors_of));
        let squares = squares(&regions, WHOLE_BP.saturating_sub(total_bp));
        let region_bp = self.region_bp(squares);
        let corridor_bp = largest(&corridors).map_or(0, |(_, share_bp)| self.corridor_bp(share_bp));
        let mut findings = Vec::new();
        if sites.iter().all(|(attestation, _)| attestation.state == State::Lapsed) {
            let lapsed = Finding::new(Message::SITES_LAPSED, Severity::Low, vec![]);
            findings.push(sites.iter().fold(lapsed, |lapsed, (attestation, _)| lapsed.shown_by(attestation)));
        }
        if total_bp < MIN_SHARES_BP {
            let unknown = vec![Argument::BasisPoints(WHOLE_BP - total_bp)];
            findings.push(Finding::new(Message::UNKNOWN_SHARE, Severity::Low, unknown));
        }
        if region_bp >= self.0.reported_bp {
            findings.extend(largest(&regions).map(|found| few_regions(&sites, found, squares, region_bp)));
        }
        if corridor_bp >= self.0.reported_bp {
            findings.extend(largest(&corridors).map(|found| one_corridor(&sites, found, corridor_bp)));
        }
        let used = sites.iter().map(|(attestation, _)| *attestation);
        Assessment::scored(region_bp.max(corridor_bp), confidence_bp(used), findings)
    }
}

tierwatch_rule::export!(Geography);

impl Geography {
    /// The risk of concentrated regions, rounded half up once.
    fn region_bp(&self, squares: u64) -> u32 {
        let unit = CONCENTRATION_UNITS * 100;
        let rounded = (concentration(squares) * u64::from(self.0.regions_percent) + unit / 2) / unit;
        u32::try_from(rounded).unwrap_or(WHOLE_BP)
    }

    /// The risk of the largest share through one corridor, rounded half up once.
    fn corridor_bp(&self, share_bp: u32) -> u32 {
        let span = u64::from(self.0.corridor_to_bp - self.0.corridor_from_bp);
        let over = u64::from(share_bp.saturating_sub(self.0.corridor_from_bp)).min(span);
        let rounded = (u64::from(self.0.corridor_worst_bp) * over + span / 2) / span;
        u32::try_from(rounded).unwrap_or(WHOLE_BP)
    }
}

/// The sites that count: those in force or, if all have lapsed, the last known ones.
fn sites(subject: &Subject) -> Vec<Stated<'_>> {
    subject.stated(|claims| match claims {
        Claims::Site(site) => Some(site),
        _ => None,
    })
}

/// The corridors of a site, each once, even if the site names it twice.
fn corridors_of(site: &Site) -> Vec<Name> {
    let mut corridors = site.corridors.clone();
    corridors.sort_unstable();
    corridors.dedup();
    corridors
}

/// The part of its supply that is from, or passes through, each of `places`.
fn shares(sites: &[Stated<'_>], places: impl Fn(&Site) -> Vec<Name>) -> BTreeMap<Name, u32> {
    let mut shares = BTreeMap::new();
    for (_, site) in sites {
        for place in places(site) {
            *shares.entry(place).or_default() += site.share_bp;
        }
    }
    shares
}

/// The place with the largest share; of equals the one that is named first.
fn largest(shares: &BTreeMap<Name, u32>) -> Option<(Name, u32)> {
    let mut largest = None;
    for (place, share_bp) in shares {
        if largest.is_none_or(|(_, most_bp)| most_bp < *share_bp) {
            largest = Some((*place, *share_bp));
        }
    }
    largest
}

/// Σ share², including the unknown region.
fn squares(regions: &BTreeMap<Name, u32>, unknown_bp: u32) -> u64 {
    regions.values().chain([&unknown_bp]).map(|share_bp| u64::from(*share_bp).pow(2)).sum()
}

fn few_regions(sites: &[Stated<'_>], (region, share_bp): (Name, u32), squares: u64, risk_bp: u32) -> Finding {
    let whole = u64::from(WHOLE_BP);
    let finding = if squares >= whole.pow(2) {
        Finding::new(Message::ONE_REGION, severity(risk_bp), vec![Argument::Name(region)])
    } else {
        let hhi = i64::try_from((squares + whole / 2) / whole).unwrap_or(i64::MAX);
        let arguments = vec![Argument::Number(hhi), Argument::Name(region), Argument::BasisPoints(share_bp)];
        Finding::new(Message::FEW_REGIONS, severity(risk_bp), arguments)
    };
    shown_by(finding, sites, |site| site.region == region)
}

fn one_corridor(sites: &[Stated<'_>], (corridor, share_bp): (Name, u32), risk_bp: u32) -> Finding {
    let arguments = vec![Argument::Name(corridor), Argument::BasisPoints(share_bp)];
    let finding = Finding::new(Message::ONE_CORRIDOR, severity(risk_bp), arguments);
    shown_by(finding, sites, |site| site.corridors.contains(&corridor))
}

fn shown_by(finding: Finding, sites: &[Stated<'_>], is_there: impl Fn(&Site) -> bool) -> Finding {
    let there = sites.iter().filter(|(_, site)| is_there(site));
    there.fold(finding, |finding, (attestation, _)| finding.shown_by(attestation))
}

fn severity(risk_bp: u32) -> Severity {
    if risk_bp >= 7_000 { Severity::Medium } else { Severity::Low }
}
