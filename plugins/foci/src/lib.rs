//! # foci: who abroad could control it?
//!
//! Foreign ownership, control or influence (32 CFR 117.11; in the UK the same question is asked for a Facility Security
//! Clearance). What counts is what the owners of one country hold together through all chains of holdings: over each chain the
//! product of the holdings, and of these the sum. The network follows the chains; the worst country counts.
//!
//! | held from | risk |
//! |---|---|
//! | a listed country: ≥ 5 %, > 25 %, > 50 % | 70.00, 90.00, 100.00 |
//! | another country: ≥ 5 %, > 25 %, > 50 %, ≥ 75 % | 10.00, 30.00, 50.00, 60.00 |
//! | nobody abroad with 5 % or more | 0 |
//!
//! 1. × 0.4 with an adequate mitigation: a Security Control Agreement, Special Security Agreement, Proxy Agreement or Voting
//!    Trust; up to 50 % a board resolution too. What only the organisation itself says to be in place is none.
//! 2. 20.00 more, at most 100.00, when more than 25 % is undisclosed. A chain of holdings that comes back to where it was ends
//!    there: what is behind it is undisclosed.
//!
//! Who sees nothing that needs protection may belong to whom it likes: where neither a clearance nor a CMMC level is asked, a
//! policy may let only a part of the risk count (`unasked_percent`), except that of a listed country.
//!
//! Listed by default are the covered nations of 10 U.S.C. 4872: China, Iran, North Korea and Russia. Where nobody attests
//! who owns it, it is unknown if a clearance is required, and otherwise nothing is asked of it. The thresholds of 5 % are those
//! of the SF 328; the risks are Tierwatch's own and rest on no standard.
//!
//! Example: 75 % from France with a Special Security Agreement: 60.00 × 0.4 = 24.00.

use tierwatch_rule::{
    Argument, Assessment, Attestation, BASIS_POINTS, Claims, Finding, Instrument, Manifest, NationalHolding, Ownership,
    PERCENT, Problem, Rule, Severity, Subject, Trust, WHOLE_BP, confidence_bp, manifest, messages, parameters,
};

const HELP: &str = "How far a supplier is under foreign ownership, control or influence (32 CFR 117.11): what the owners of \
    each country hold through all chains of holdings, what mitigates it, and what is undisclosed. The risk figures are \
    Tierwatch's own.";

/// Direct holdings that add up to more than this contradict one another; the rest is rounding.
const MAX_HOLDINGS_PPM: u32 = 1_005_000;
const COUNTRY: &str = r#""type":"string","pattern":"^[A-Z]{2}$","format":"country""#;
const COUNTRIES: &str =
    r#""type":"array","maxItems":250,"items":{"type":"string","pattern":"^[A-Z]{2}$","format":"country"}"#;

messages! {
    NOTHING_REQUIRED: "No clearance is asked of it, and nobody attests who owns it." => "";
    NO_HOLDINGS: "A clearance is required and nobody attests who owns it."
        => "Ask it for its `ownership.holding` attestations up to the ultimate owners.";
    HOLDINGS_OVER: "The holdings in it add to {0}."
        => "Have it attest its owners again, and withdraw the holdings that have ended.";
    LISTED: "{0} of it is held from {1}, a listed country; {2} holds most."
        => "Ask the security authority before any contract; keep technical data from it.";
    FOREIGN: "{0} of it is held from {1}; {2} holds most."
        => "Ask the security authority which mitigation it wants, and have the instrument attested.";
    MITIGATED: "{0} mitigates what is held from {1}." => "";
    INADEQUATE: "{0} is in place, which is not enough for more than half of it held from {1}."
        => "Have it agree a Special Security Agreement, a Security Control Agreement, a proxy or a voting trust.";
    UNCONFIRMED: "Only it says that {0} is in place." => "Have the authority that accepted it attest it.";
    OPAQUE: "{0} of it is not disclosed: {1}."
        => "Ask it for its `ownership.holding` attestations up to the ultimate owners.";
}

parameters! {
    /// Whose owners are not foreign: ISO 3166-1 alpha-2.
    home: String = "GB".to_owned(), COUNTRY;
    /// Countries whose owners weigh most: ISO 3166-1 alpha-2.
    listed: Vec<String> = ["CN", "IR", "KP", "RU"].map(String::from).into(), COUNTRIES;
    /// Risk of 5 % or more held from a listed country.
    listed_minor_bp: u32 = 7_000, BASIS_POINTS;
    /// Risk of more than 25 % held from a listed country.
    listed_quarter_bp: u32 = 9_000, BASIS_POINTS;
    /// Risk of more than 50 % held from a listed country.
    listed_half_bp: u32 = 10_000, BASIS_POINTS;
    /// Risk of 5 % or more held from another country.
    foreign_minor_bp: u32 = 1_000, BASIS_POINTS;
    /// Risk of more than 25 % held from another country.
    foreign_quarter_bp: u32 = 3_000, BASIS_POINTS;
    /// Risk of more than 50 % held from another country.
    foreign_half_bp: u32 = 5_000, BASIS_POINTS;
    /// Risk of 75 % or more held from another country.
    foreign_most_bp: u32 = 6_000, BASIS_POINTS;
    /// Percentage of the risk that is left with an adequate mitigation.
    mitigated_percent: u32 = 40, PERCENT;
    /// What is added when more than 25 % is undisclosed.
    opaque_bp: u32 = 2_000, BASIS_POINTS;
    /// Percentage of the risk that counts where neither a clearance nor a CMMC level is asked; a listed country counts in full.
    unasked_percent: u32 = 100, PERCENT;
}

/// The rule with a policy's parameters.
#[derive(Debug)]
pub struct Foci(Parameters);

/// The part that is held from the country that counts.
struct Foreign<'a> {
    holding: &'a NationalHolding,
    is_listed: bool,
    risk_bp: u32,
}

/// An instrument, with the attestation that it is in place.
type Stated<'a> = (&'a Attestation, Instrument);

impl Rule for Foci {
    type Parameters = Parameters;

    fn manifest() -> Manifest {
        manifest! {
            dimension: "ownership",
            help: HELP,
            kinds: ["ownership.holding", "foci.mitigation"],
            facts: [Requirement, Ownership],
        }
    }

    fn configure(parameters: Parameters) -> Result<Self, Vec<Problem>> {
        Ok(Self(parameters))
    }

    fn assess(&self, subject: &Subject) -> Assessment {
        let asked = subject.requirement.as_ref();
        let is_cleared = asked.is_some_and(|asked| asked.gb_clearance.is_some() || asked.us_clearance.is_some());
        let Some(ownership) = &subject.ownership else {
            return match is_cleared {
                true => Assessment::unknown(Message::NO_HOLDINGS, vec![]),
                false => Assessment::not_applicable(Message::NOTHING_REQUIRED, vec![]),
            };
        };
        let direct_ppm = holdings(subject).fold(0_u32, |sum, (_, ppm)| sum.saturating_add(ppm));
        if direct_ppm > MAX_HOLDINGS_PPM {
            let over = Finding::new(Message::HOLDINGS_OVER, Severity::High, vec![percent(direct_ppm)]);
            return Assessment::invalid(shown(over, subject));
        }
        let mut findings = Vec::new();
        let mut used: Vec<&Attestation> = holdings(subject).map(|(attestation, _)| attestation).collect();
        let (mut risk_bp, mut is_listed) = (0, false);
        if let Some(foreign) = self.worst(ownership) {
            (risk_bp, is_listed) = (foreign.risk_bp, foreign.is_listed);
            findings.push(shown(held_abroad(ownership, &foreign), subject));
            if let Some((mitigation, found)) = mitigation(subject, &foreign) {
                findings.push(found.shown_by(mitigation.0));
                if is_adequate(mitigation, foreign.holding.effective_ppm) {
                    risk_bp = (risk_bp * self.0.mitigated_percent + 50) / 100;
                    used.push(mitigation.0);
                }
            }
        }
        if is_opaque(ownership) {
            risk_bp += self.0.opaque_bp;
        }
        findings.extend(opaque(ownership).map(|found| shown(found, subject)));
        if !is_listed && !is_cleared && asked.is_none_or(|asked| asked.cmmc_level.is_none()) {
            risk_bp = (risk_bp * self.0.unasked_percent + 50) / 100;
        }
        let confidence_bp = if used.is_empty() { Trust::Unsigned.confidence_bp() } else { confidence_bp(used) };
        Assessment::scored(risk_bp.min(WHOLE_BP), confidence_bp, findings)
    }
}

tierwatch_rule::export!(Foci);

impl Foci {
    /// The country abroad whose owners weigh most; of equals the one that holds more.
    fn worst<'a>(&self, ownership: &'a Ownership) -> Option<Foreign<'a>> {
        let abroad = ownership.countries.iter().filter(|holding| holding.country != self.0.home);
        let weighed = abroad.map(|holding| {
            let is_listed = self.0.listed.contains(&holding.country);
            Foreign { holding, is_listed, risk_bp: self.held_bp(is_listed, holding.effective_ppm) }
        });
        let worst = weighed.max_by_key(|foreign| (foreign.risk_bp, foreign.holding.effective_ppm));
        worst.filter(|foreign| foreign.risk_bp > 0)
    }

    fn held_bp(&self, is_listed: bool, ppm: u32) -> u32 {
        match (is_listed, ppm) {
            (_, ..50_000) => 0,
            (true, ..=250_000) => self.0.listed_minor_bp,
            (true, ..=500_000) => self.0.listed_quarter_bp,
            (true, _) => self.0.listed_half_bp,
            (false, ..=250_000) => self.0.foreign_minor_bp,
            (false, ..=500_000) => self.0.foreign_quarter_bp,
            (false, ..750_000) => self.0.foreign_half_bp,
            (false, _) => self.0.foreign_most_bp,
        }
    }
}

/// The direct holdings in it that are in force, in parts per million.
fn holdings(subject: &Subject) -> impl Iterator<Item = (&Attestation, u32)> {
    subject.in_force().filter_map(|attestation| match &attestation.claims {
        Claims::OwnershipHolding(holding) if attestation.about == 0 => Some((attestation, holding.percent_ppm)),
        _ => None,
    })
}

fn shown(finding: Finding, subject: &Subject) -> Finding {
    holdings(subject).fold(finding, |finding, (attestation, _)| finding.shown_by(attestation))
}

fn held_abroad(ownership: &Ownership, foreign: &Foreign<'_>) -> Finding {
    let country = &foreign.holding.country;
    let owners = ownership.owners.iter().filter(|owner| owner.country == *country);
    // The first of equals, in the order of the facts.
    let most = owners.rev().max_by_key(|owner| owner.effective_ppm).map_or(0, |owner| owner.owner);
    let (message, severity) = match (foreign.is_listed, foreign.risk_bp) {
        (true, _) => (Message::LISTED, Severity::Critical),
        (false, 5_000..) => (Message::FOREIGN, Severity::High),
        (false, _) => (Message::FOREIGN, Severity::Low),
    };
    let held = percent(foreign.holding.effective_ppm);
    Finding::new(message, severity, vec![held, Argument::Text(country.clone()), Argument::Name(most)])
}

/// The instrument in place that mitigates most, and the finding about it.
fn mitigation<'a>(subject: &'a Subject, foreign: &Foreign<'_>) -> Option<(Stated<'a>, Finding)> {
    let ppm = foreign.holding.effective_ppm;
    let stated = subject.in_force().filter_map(|attestation| match &attestation.claims {
        Claims::FociMitigation(mitigation) => Some((attestation, mitigation.instrument)),
        _ => None,
    });
    let best = stated.max_by_key(|stated| (is_adequate(*stated, ppm), is_confirmed(*stated)))?;
    let name = Argument::Text(name(best.1).into());
    let country = Argument::Text(foreign.holding.country.clone());
    let found = if is_adequate(best, ppm) {
        Finding::new(Message::MITIGATED, Severity::Info, vec![name, country])
    } else if is_confirmed(best) {
        Finding::new(Message::INADEQUATE, Severity::High, vec![name, country])
    } else {
        Finding::new(Message::UNCONFIRMED, Severity::Medium, vec![name])
    };
    Some((best, found))
}

fn is_adequate((attestation, instrument): Stated<'_>, ppm: u32) -> bool {
    is_confirmed((attestation, instrument)) && (instrument != Instrument::BoardResolution || ppm <= 500_000)
}

fn is_confirmed((attestation, _): Stated<'_>) -> bool {
    matches!(attestation.trust, Trust::ThirdParty | Trust::Authority)
}

fn name(instrument: Instrument) -> &'static str {
    match instrument {
        Instrument::BoardResolution => "A board resolution",
        Instrument::Sca => "A Security Control Agreement",
        Instrument::Ssa => "A Special Security Agreement",
        Instrument::Proxy => "A Proxy Agreement",
        Instrument::VotingTrust => "A Voting Trust",
    }
}

fn is_opaque(ownership: &Ownership) -> bool {
    ownership.undisclosed_ppm > 250_000
}

fn opaque(ownership: &Ownership) -> Option<Finding> {
    let (why, severity) = match (ownership.opaque, is_opaque(ownership)) {
        (true, _) => ("holdings come back to where they were, or go too far to be followed", Severity::High),
        (false, true) => ("nobody attests who holds it", Severity::Medium),
        (false, false) => return None,
    };
    let arguments = vec![percent(ownership.undisclosed_ppm), Argument::Text(why.into())];
    Some(Finding::new(Message::OPAQUE, severity, arguments))
}

/// Parts per million as per cent.
fn percent(ppm: u32) -> Argument {
    Argument::BasisPoints((ppm + 50) / 100)
}
