//! # single-source: what does it depend on that only one firm supplies?
//!
//! A *sole source* is the only one that exists; a *single source* is the only one in use although several exist. How far a
//! need hangs on few suppliers is its concentration, HHI = Σ share² by ultimate parent (0 to 10 000), read as merger
//! control reads it (1000 and 1800 are where it begins and where it is high). The supplier's risk is that of its worst need:
//!
//! 1. S(HHI): 10.00 below 1000, from there straight to 40.00 at 1800, from there straight to 100.00 at 10 000;
//! 2. × 0.70 with one usable alternate, × 0.55 with two or more. An alternate is a source with no share; it is usable when
//!    it is qualified and can be switched on before the buffer is used up;
//! 3. at least 90.00 when the need is `sole-critical`, at least 80.00 when a source in use has given notice of end of life;
//! 4. × class: sole-critical 1, critical 1, major 0.6, minor 0.3.
//!
//! A need whose every path passes through one organisation upstream counts as HHI 10 000, with no alternate: whoever was
//! to replace a source hangs on the same organisation. Shares that nobody claims are one unknown supplier; shares that add
//! to more than 100.50 % contradict one another.
//!
//! The rule scores what a supplier depends on. How many depend on *it* is its impact, a fact beside the score. The
//! thresholds of the HHI are those of merger guidelines; the risks are Tierwatch's own and rest on no standard.
//!
//! Example: one source, one qualified alternate that needs 40 days, a buffer of 30 days: the alternate is not usable, so
//! 100.00 with `SINGLE_SOURCE` and `ALTERNATE_LATE`.

use tierwatch_rule::{
    Argument, Assessment, Attestation, BASIS_POINTS, CONCENTRATION_UNITS, Claims, Class, Finding, Manifest, Need,
    PERCENT, Problem, Rule, Severity, Source, Subject, Trust, WHOLE_BP, concentration, confidence_bp, manifest,
    messages, parameters, within,
};

const HELP: &str = "How far a supplier's own needs hang on few sources: concentration (HHI) by ultimate parent, usable \
    alternates, end-of-life notices, the class of the need, and organisations upstream that every path passes through. \
    The thresholds 1000 and 1800 are those of merger control; the risk figures are Tierwatch's own.";

/// Most needs that are reported, the worst first: a supplier may have thousands.
const MAX_REPORTED_NEEDS: usize = 16;
/// Most sources of one need that have a finding each.
const MAX_NAMED_SOURCES: usize = 4;
/// Shares that add up to less than this leave a part to an unknown supplier; the rest is rounding.
const MIN_SHARES_BP: u32 = 9_950;

messages! {
    NO_NEED: "Nobody has attested anything that it needs from others."
        => "Ask it for its `supply.need` attestations: what it buys, how critical each item is, and how long its stock lasts.";
    SHARES_OVER: "The shares of the sources of {0} add to {1}."
        => "Have the buyer and its sources agree on their shares and attest them again; withdraw what no longer holds.";
    SINGLE_SOURCE: "{0} comes from {1} alone, with no usable alternate."
        => "Qualify a second source of {0} that can be switched on within {2} days, or hold more stock.";
    ONE_ALTERNATE: "{0} comes from {1} alone; one alternate could take over within its buffer of {2} days."
        => "Give the alternate a share of {0}, so that it is known to work.";
    ALTERNATES: "{0} comes from {1} alone; several alternates could take over within its buffer of {2} days."
        => "Give an alternate a share of {0}, so that it is known to work.";
    SOLE_SOURCE: "{0} is sole-critical: only one source of it exists."
        => "Hold stock of {0} for the time that a replacement would take to develop, and ask its source for its recovery plan.";
    CONCENTRATED: "{0} comes from few hands: its concentration (HHI) is {1}."
        => "Move a share of {0} to a source of another parent.";
    SHARED_UPSTREAM: "Every source of {0} depends on {1}, which the buyer does not see."
        => "Find a source of {0} that does not depend on {1}, or have a second source qualified in its place.";
    ALTERNATE_LATE: "{1} could supply {0} but needs {2} days to start, and the buffer lasts {3} days."
        => "Raise the stock of {0} to {2} days, or have {1} prepare so that it starts within {3} days.";
    ALTERNATE_UNQUALIFIED: "{1} could supply {0} but is not qualified."
        => "Qualify {1} for {0}.";
    END_OF_LIFE: "{1} takes the last orders of {0} on {2}."
        => "Place a last order that lasts until a replacement is qualified, and start qualifying one now.";
    NO_SOURCE: "Nobody has attested who supplies {0}: it counts as one unknown supplier."
        => "Ask for the `supply.source` attestations of {0}.";
    UNKNOWN_SHARE: "{1} of {0} has no known source: it counts as one unknown supplier."
        => "Ask for the `supply.source` attestations that are missing.";
}

parameters! {
    /// Percentage of the risk that is left with one usable alternate.
    one_alternate_percent: u32 = 70, PERCENT;
    /// Percentage of the risk that is left with two or more usable alternates.
    more_alternates_percent: u32 = 55, PERCENT;
    /// Least risk of a sole-critical need, before its class.
    sole_critical_bp: u32 = 9_000, BASIS_POINTS;
    /// Least risk of a need with an end-of-life notice, before its class.
    end_of_life_bp: u32 = 8_000, BASIS_POINTS;
    /// Percentage of the risk that counts for a major need.
    major_percent: u32 = 60, PERCENT;
    /// Percentage of the risk that counts for a minor need.
    minor_percent: u32 = 30, PERCENT;
    /// Shares may add to this much before they contradict one another.
    shares_max_bp: u32 = 10_050, within(WHOLE_BP, 2 * WHOLE_BP);
    /// Needs of at least this risk are reported.
    reported_bp: u32 = 4_000, BASIS_POINTS;
}

/// The rule with a policy's parameters.
#[derive(Debug)]
pub struct SingleSource(Parameters);

impl Rule for SingleSource {
    type Parameters = Parameters;

    fn manifest() -> Manifest {
        manifest! {
            dimension: "supply",
            help: HELP,
            kinds: ["supply.need", "supply.source", "supply.end_of_life"],
            facts: [Needs],
        }
    }

    fn configure(parameters: Parameters) -> Result<Self, Vec<Problem>> {
        Ok(Self(parameters))
    }

    fn assess(&self, subject: &Subject) -> Assessment {
        let needs = subject.needs.as_deref().unwrap_or_default();
        if needs.is_empty() {
            return Assessment::not_applicable(Message::NO_NEED, vec![]);
        }
        if let Some(need) = needs.iter().find(|need| need.share_total_bp > self.0.shares_max_bp) {
            let arguments = vec![Argument::Name(need.item), Argument::BasisPoints(need.share_total_bp)];
            let over = Finding::new(Message::SHARES_OVER, Severity::High, arguments);
            return Assessment::invalid(shown(over, subject, need.item));
        }
        let mut scored: Vec<_> = needs.iter().map(|need| (self.risk_bp(need), need)).collect();
        // The worst need comes first; equal ones stay in the order of the facts.
        scored.sort_by_key(|(risk_bp, _)| WHOLE_BP - risk_bp);
        let risk_bp = scored.first().map_or(0, |(risk_bp, _)| *risk_bp);
        let reported = scored.iter().take(MAX_REPORTED_NEEDS);
        let findings = reported.flat_map(|(risk_bp, need)| self.report(subject, need, *risk_bp)).collect();
        Assessment::scored(risk_bp, confidence(subject), findings)
    }
}

tierwatch_rule::export!(SingleSource);

impl SingleSource {
    /// The risk of one need, rounded half up once.
    fn risk_bp(&self, need: &Need) -> u32 {
        let hhi = if need.shared_upstream.is_some() { WHOLE_BP } else { need.hhi_bp.min(WHOLE_BP) };
        let alternates_percent = match usable_alternates(need) {
            0 => 100,
            1 => self.0.one_alternate_percent,
            _ => self.0.more_alternates_percent,
        };
        let class_percent = match need.class {
            Class::SoleCritical | Class::Critical => 100,
            Class::Major => self.0.major_percent,
            Class::Minor => self.0.minor_percent,
        };
        // The unit is that of the concentration, divided by 100 × 100, so that nothing is rounded before the end.
        let mut risk = concentration(u64::from(hhi) * u64::from(WHOLE_BP)) * u64::from(alternates_percent);
        let mut at_least = |bp: u32| risk = risk.max(u64::from(bp) * CONCENTRATION_UNITS * 100);
        if need.class == Class::SoleCritical {
            at_least(self.0.sole_critical_bp);
        }
        if need.sources.iter().any(|source| source.share_bp > 0 && source.last_order_on.is_some()) {
            at_least(self.0.end_of_life_bp);
        }
        let unit = CONCENTRATION_UNITS * 100 * 100;
        let rounded = (risk * u64::from(class_percent) + unit / 2) / unit;
        u32::try_from(rounded).map_or(WHOLE_BP, |bp| bp.min(WHOLE_BP))
    }

    /// The findings about one need.
    fn report(&self, subject: &Subject, need: &Need, risk_bp: u32) -> Vec<Finding> {
        let item = Argument::Name(need.item);
        let mut findings = Vec::new();
        if need.sources.is_empty() {
            findings.push(Finding::new(Message::NO_SOURCE, Severity::Medium, vec![item]));
        } else {
            if need.share_total_bp < MIN_SHARES_BP {
                let unknown = Argument::BasisPoints(WHOLE_BP - need.share_total_bp);
                findings.push(Finding::new(Message::UNKNOWN_SHARE, Severity::Low, vec![item, unknown]));
            }
            findings.extend(need.sources.iter().filter_map(|source| end_of_life(need, source)).take(MAX_NAMED_SOURCES));
            if risk_bp >= self.0.reported_bp {
                findings.push(concentrated(need, severity(risk_bp)));
                if usable_alternates(need) == 0 {
                    findings.extend(
                        need.sources.iter().filter_map(|source| unusable(need, source)).take(MAX_NAMED_SOURCES),
                    );
                }
            }
        }
        findings.into_iter().map(|finding| shown(finding, subject, need.item)).collect()
    }
}

/// The number of idle sources that are qualified and can start before the buffer is used up; sources that depend on a shared
/// organisation upstream do not count.
fn usable_alternates(need: &Need) -> usize {
    let usable = |source: &&Source| source.share_bp == 0 && source.qualified && source.switch_days <= need.buffer_days;
    if need.shared_upstream.is_some() { 0 } else { need.sources.iter().filter(usable).count() }
}

/// Why a need is as concentrated as it is.
fn concentrated(need: &Need, severity: Severity) -> Finding {
    let item = Argument::Name(need.item);
    let mut active = need.sources.iter().filter(|source| source.share_bp > 0);
    if let Some(upstream) = need.shared_upstream {
        return Finding::new(Message::SHARED_UPSTREAM, severity, vec![item, Argument::Name(upstream)]);
    }
    if need.class == Class::SoleCritical {
        return Finding::new(Message::SOLE_SOURCE, severity, vec![item]);
    }
    let source = match (active.next(), active.next()) {
        (Some(only), None) => only.supplier,
        (Some(first), Some(_)) if need.hhi_bp == WHOLE_BP => first.ultimate_parent,
        _ => {
            let hhi = Argument::Number(need.hhi_bp.into());
            return Finding::new(Message::CONCENTRATED, severity, vec![item, hhi]);
        }
    };
    let message = match usable_alternates(need) {
        0 => Message::SINGLE_SOURCE,
        1 => Message::ONE_ALTERNATE,
        _ => Message::ALTERNATES,
    };
    let buffer_days = Argument::Number(need.buffer_days.into());
    Finding::new(message, severity, vec![item, Argument::Name(source), buffer_days])
}

/// What keeps an idle source from being an alternate.
fn unusable(need: &Need, source: &Source) -> Option<Finding> {
    let (item, supplier) = (Argument::Name(need.item), Argument::Name(source.supplier));
    let days = |days: u32| Argument::Number(days.into());
    match source {
        Source { share_bp: 1.., .. } => None,
        Source { qualified: false, .. } => {
            Some(Finding::new(Message::ALTERNATE_UNQUALIFIED, Severity::Low, vec![item, supplier]))
        }
        Source { switch_days, .. } if *switch_days > need.buffer_days => {
            let arguments = vec![item, supplier, days(*switch_days), days(need.buffer_days)];
            Some(Finding::new(Message::ALTERNATE_LATE, Severity::Medium, arguments))
        }
        _ => None,
    }
}

fn end_of_life(need: &Need, source: &Source) -> Option<Finding> {
    let last_order_on = source.last_order_on.filter(|_| source.share_bp > 0)?;
    let arguments = vec![Argument::Name(need.item), Argument::Name(source.supplier), Argument::Date(last_order_on)];
    Some(Finding::new(Message::END_OF_LIFE, Severity::High, arguments).due(last_order_on))
}

fn severity(risk_bp: u32) -> Severity {
    match risk_bp {
        9_000.. => Severity::Critical,
        7_000.. => Severity::High,
        4_000.. => Severity::Medium,
        _ => Severity::Low,
    }
}

/// The same finding with the attestations about the item.
fn shown(finding: Finding, subject: &Subject, item: u32) -> Finding {
    let about_item = |attestation: &&Attestation| match &attestation.claims {
        Claims::SupplyNeed(need) => need.item == item,
        Claims::SupplySource(source) => source.item == item,
        Claims::SupplyEndOfLife(notice) => notice.item == item,
        _ => false,
    };
    subject.in_force().filter(about_item).fold(finding, Finding::shown_by)
}

/// The confidence of the attestations behind the network's facts. They do not always reach the rule: then it is that of
/// unsigned evidence.
fn confidence(subject: &Subject) -> u32 {
    match subject.in_force().next() {
        Some(_) => confidence_bp(subject.in_force()),
        None => Trust::Unsigned.confidence_bp(),
    }
}
