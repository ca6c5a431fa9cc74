//! The explanation for people.

use super::{
    explanation::{EvidenceLine, Explanation},
    who::BuyerLine,
};
use crate::{
    cli::output::{Page, percent, risk},
    model::{
        Facts, Organisation,
        facts::{Loss, NeedFacts, Ownership, SourceFacts},
        score::Provenance,
        stored::{ContributionJson, FindingJson, ScoreJson},
    },
};
use std::collections::BTreeMap;

/// Most entries of the history that are shown.
const MAX_HISTORY_SHOWN: usize = 10;

/// Registered names by identifier.
type RegisteredNames = BTreeMap<String, String>;

pub(super) fn describe(score: &ScoreJson<'_>, explanation: &Explanation) -> Page {
    let Explanation { facts, exposure, buyers, handling, attestations, history, names, .. } = explanation;
    let mut page = Page::default();
    let name = score.name.as_deref().unwrap_or("(no name attested)");
    let figure = score
        .risk_bp
        .map_or_else(|| "unrated".to_owned(), |risk_bp| format!("risk {} ({})", risk(risk_bp), score.band));
    page.line(format_args!("{}  {name}", score.organisation));
    page.line(format_args!(
        "{figure}, coverage {}, confidence {}, as of {}",
        percent(score.coverage_bp),
        percent(score.confidence_bp),
        score.as_of
    ));
    if !score.aliases.is_empty() {
        page.line(format_args!("also known as {}", score.aliases.join(", ")));
    }
    if let Some(handling) = handling {
        page.line(format_args!("handling {handling}, the strictest label of its evidence"));
    }
    if !score.certain.is_empty() {
        page.line(format_args!("counts as down, whatever its risk: {}", score.certain.join(", ")));
    }
    describe_place(&mut page, facts);
    if let Some(exposure) = exposure {
        page.line(exposure.sentence());
    }
    for part in &*score.contributions {
        describe_part(&mut page, part);
    }
    describe_buyers(&mut page, buyers);
    if !facts.needs.is_empty() {
        page.gap();
        page.line("needs");
        facts.needs.iter().for_each(|need| describe_need(&mut page, need, names));
    }
    if let Some(ownership) = &facts.ownership {
        describe_ownership(&mut page, ownership, names);
    }
    if !score.findings.is_empty() {
        page.gap();
        page.line("evidence in conflict");
        score.findings.iter().for_each(|finding| describe_finding(&mut page, finding));
    }
    describe_evidence(&mut page, attestations);
    if !history.is_empty() {
        page.gap();
        page.line("history");
        for entry in history.iter().take(MAX_HISTORY_SHOWN) {
            page.line(format_args!("  {}  {}", entry.known_at, entry.line));
        }
    }
    describe_provenance(&mut page, &score.provenance);
    if !names.is_empty() {
        page.gap();
        page.line("organisations named above");
        names.iter().for_each(|(id, name)| page.line(format_args!("  {id:<22} {name}")));
    }
    page
}

/// An identifier with the name beside it, where somebody attests one.
fn named(organisation: &str, name: Option<&str>) -> String {
    match name.filter(|name| !name.is_empty()) {
        Some(name) => format!("{organisation} {name}"),
        None => organisation.to_owned(),
    }
}

/// Whose evidence the score rests on, and who may see it.
fn describe_evidence(page: &mut Page, attestations: &[EvidenceLine]) {
    page.gap();
    page.line("evidence");
    for one in attestations {
        let until = one.valid_until.map_or_else(|| "no end".to_owned(), |until| format!("until {until}"));
        let handling = one.handling.map(|label| format!(", {label}")).unwrap_or_default();
        page.line(format_args!(
            "  {:<22} {:<11} {}, {until}{handling}, {}, {}",
            one.kind,
            one.trust,
            one.issuer,
            &one.digest[..12],
            one.origin
        ));
    }
    let mut claimed = attestations.iter().filter_map(|one| one.claimed.as_ref()).peekable();
    if claimed.peek().is_some() {
        page.gap();
        page.line("claimed, in no figure until the other, a third party or an authority says the same");
        claimed.for_each(|claim| page.line(format_args!("  {claim}")));
    }
}

/// What the score was made from.
fn describe_provenance(page: &mut Page, provenance: &Provenance) {
    page.gap();
    page.line(format_args!("provenance {}", provenance.digest));
    page.line(format_args!("  policy {}, facts {}", provenance.policy.short(), provenance.facts.short()));
    for (rule, digest) in &provenance.plugins {
        page.line(format_args!("  {rule} {}", digest.short()));
    }
}

/// Its position in the network and what is required of it.
fn describe_place(page: &mut Page, facts: &Facts) {
    let list = |names: &[Organisation]| names.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    page.line(facts.impact.tier.map_or_else(
        || "reaches no programme".to_owned(),
        |tier| format!("tier {tier}, reaches {}", list(&facts.requirement.programmes)),
    ));
    let mut asked = Vec::new();
    asked.extend(facts.requirement.cyber_level.map(|level| format!("cyber level {level}")));
    asked.extend(facts.requirement.cmmc_level.map(|level| format!("CMMC level {level}")));
    for clearance in &facts.requirement.clearances {
        let level = serde_json::to_value(clearance.level).ok();
        let level = level.as_ref().and_then(|level| level.as_str()).unwrap_or_default();
        asked.push(format!("{level} for {} people", clearance.headcount));
    }
    if !asked.is_empty() {
        page.line(format_args!("required: {}", asked.join(", ")));
    }
    if !facts.impact.single_point_of.is_empty() {
        let recovers = facts.impact.recover_days.map_or_else(String::new, |days| format!(", back after {days} days"));
        page.line(format_args!("SINGLE POINT OF FAILURE{recovers}"));
        facts.impact.single_point_of.iter().for_each(|loss| describe_loss(page, loss));
    }
}

/// What a programme loses when the organisation fails.
fn describe_loss(page: &mut Page, loss: &Loss) {
    let mut words = Vec::new();
    words.extend(loss.hidden.then(|| "hidden".to_owned()));
    words.extend(loss.criticality.map(|criticality| format!("criticality {criticality}")));
    words.push(format!("stops after {} days", loss.survive_days));
    words.push(match loss.down_days {
        Some(0) => "which is time enough to recover".to_owned(),
        Some(days) => format!("down for {days} days until it has recovered"),
        None => "and nobody attests how soon it recovers".to_owned(),
    });
    page.line(format_args!("  {:<22} {}", loss.programme.to_string(), words.join(", ")));
}

/// Who buys what from it.
fn describe_buyers(page: &mut Page, buyers: &[BuyerLine]) {
    if buyers.is_empty() {
        return;
    }
    page.gap();
    page.line("sells");
    for buyer in buyers {
        let share = supply(buyer.share_bp, buyer.qualified);
        page.line(format_args!("  {:<22} to {}: {share}", buyer.item, named(&buyer.organisation, Some(&buyer.name))));
    }
}

/// The part of a need that a source supplies.
fn supply(share_bp: u32, qualified: bool) -> String {
    let share = if share_bp == 0 { "idle".to_owned() } else { percent(share_bp) };
    format!("{share}{}", if qualified { "" } else { ", not qualified" })
}

/// What it needs, from whom, and how concentrated that is in hands and places.
fn describe_need(page: &mut Page, need: &NeedFacts, names: &RegisteredNames) {
    page.line(format_args!(
        "  {:<22} {}, stock for {} days; concentration (HHI) {} by parent, {} by region, {} by corridor, {} by country",
        need.item.to_string(),
        need.class.as_str(),
        need.buffer_days,
        need.hhi_bp,
        need.region_hhi_bp,
        need.corridor_hhi_bp,
        need.country_hhi_bp
    ));
    need.sources.iter().for_each(|source| describe_source(page, source, names));
    if let Some(shared) = &need.shared_upstream {
        let shared = shared.to_string();
        page.line(format_args!("    all of them depend on {}", named(&shared, name_of(names, &shared))));
    }
}

fn describe_source(page: &mut Page, source: &SourceFacts, names: &RegisteredNames) {
    let supplier = source.supplier.to_string();
    let mut words = vec![supply(source.share_bp, source.qualified)];
    words.extend((source.switch_days > 0).then(|| format!("{} days to switch on", source.switch_days)));
    words.extend(source.last_order_on.map(|day| format!("last orders on {day}")));
    if source.ultimate_parent != source.supplier {
        let parent = source.ultimate_parent.to_string();
        words.push(format!("of {}", named(&parent, name_of(names, &parent))));
    }
    page.line(format_args!("    from {}: {}", named(&supplier, name_of(names, &supplier)), words.join(", ")));
}

fn name_of<'n>(names: &'n RegisteredNames, id: &str) -> Option<&'n str> {
    names.get(id).map(String::as_str)
}

/// Who owns it.
fn describe_ownership(page: &mut Page, ownership: &Ownership, names: &RegisteredNames) {
    let percent = |ppm: u32| format!("{}.{:02} %", ppm / 10_000, ppm % 10_000 / 100);
    page.gap();
    page.line("owned by");
    for owner in &ownership.owners {
        let id = owner.owner.to_string();
        let who = named(&id, name_of(names, &id));
        page.line(format_args!("  {:>8} {who} ({})", percent(owner.effective_ppm), owner.country));
    }
    if ownership.undisclosed_ppm > 0 {
        let opaque = if ownership.opaque { ", some of it in a circle or too far away" } else { "" };
        page.line(format_args!("  {:>8} is not disclosed{opaque}", percent(ownership.undisclosed_ppm)));
    }
}

fn describe_part(page: &mut Page, part: &ContributionJson<'_>) {
    let gate = if part.gate { ", gate" } else { "" };
    let own = match part.risk_bp {
        Some(risk_bp) if part.outcome == "scored" => format!("risk {}", risk(risk_bp)),
        Some(risk_bp) => format!("{}, assumed {}", part.outcome, risk(risk_bp)),
        None => part.outcome.to_string(),
    };
    page.gap();
    page.line(format_args!(
        "{:<20} +{:<6} {own}{gate}, confidence {}",
        part.rule,
        risk(part.contribution_bp),
        percent(part.confidence_bp)
    ));
    if let Some(since) = &part.stale_since {
        page.line(format_args!("  stale since {since}: the rule is in quarantine, and this is what it last said"));
    }
    if let Some(reason) = &part.reason {
        page.line(format_args!("  {}", reason.text));
    }
    if let Some(failure) = &part.failure {
        page.line(format_args!("  the rule failed, which is the daemon's fault and not the supplier's: {failure}"));
    }
    part.findings.iter().for_each(|finding| describe_finding(page, finding));
}

fn describe_finding(page: &mut Page, finding: &FindingJson<'_>) {
    let severity = finding.severity.as_str();
    page.line(format_args!("  {severity:<8} {}: {}", finding.code, finding.message));
    if let Some(remedy) = &finding.remedy {
        let due = finding.due_on.map(|due| format!(" (by {due})")).unwrap_or_default();
        page.line(format_args!("           → {remedy}{due}"));
    }
}
