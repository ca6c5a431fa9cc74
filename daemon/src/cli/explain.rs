//! `tierwatch explain`

use super::{
    Done, for_each_worst, identifiers,
    output::{Column, Output, column, percent, print_json, print_rows, print_text, risk},
    reader,
    wire::{ExposureLine, StoredContribution, StoredFinding, StoredProvenance, StoredScore, stored_facts},
};
use crate::{
    attest::canonical,
    by_name,
    config::Config,
    model::{
        Facts, Instant, Organisation,
        facts::{Loss, NeedFacts, Ownership},
    },
    store::Reader,
};
use anyhow::{Context as _, Result, bail};
use serde::Serialize;
use serde_json::value::RawValue;
use std::{fmt::Write as _, path::Path};

/// Most entries of the history that the text for people shows.
const HISTORY_SHOWN: usize = 10;
/// Most entries of the history that programs are given.
const HISTORY_MAX: usize = 1000;
/// Most matches that an ambiguous name lists.
const MATCHES_SHOWN: usize = 10;

/// Say why a supplier has its score, and what changed.
#[derive(Debug, clap::Args)]
pub(super) struct Explain {
    /// `SCHEME:ID`, one of its aliases, or a part of its name.
    organisation: String,
}

/// Everything that explains a score, as programs read it.
#[derive(Serialize)]
struct Explanation {
    /// The score as it is stored: the bytes that a replay must reproduce.
    score: Box<RawValue>,
    /// What the supply network says of the organisation.
    facts: Facts,
    /// How likely it is down; null until it is computed.
    exposure: Option<ExposureLine>,
    /// The attestations that the score was made from.
    attestations: Vec<Evidence>,
    /// What changed, the latest first.
    history: Vec<Entry>,
}

#[derive(Serialize)]
struct Evidence {
    kind: String,
    issuer: String,
    trust: &'static str,
    valid_from: Instant,
    valid_until: Option<Instant>,
    digest: String,
    origin: String,
}

#[derive(Serialize)]
struct Entry {
    known_at: Instant,
    change: Box<RawValue>,
    line: String,
}

impl Explain {
    pub(super) fn run(self, config: &Path, output: Output) -> Result<Done> {
        let (config, reader) = reader(config)?;
        let body = find(&config, &reader, &self.organisation)?;
        let score = StoredScore::parse(&body)?;
        let facts = stored_facts(&reader, &score)?;
        let organisation = Organisation::checked_before(&score.organisation);
        let exposure = reader.exposures_of(&organisation, 1)?.pop();
        let exposure = exposure.map(|stored| ExposureLine::of(&stored.exposure));
        let attestations = evidence(&reader, &score)?;
        let history = history(&reader, &score)?;
        match output {
            Output::Json => {
                let score = RawValue::from_string(body)?;
                print_json(&Explanation { score, facts, exposure, attestations, history })?;
            }
            Output::Csv => print_rows(output, &score.contributions, &COLUMNS)?,
            Output::Table => print_text(&describe(&score, &facts, exposure.as_ref(), &attestations, &history))?,
        }
        Ok(Done::Fine)
    }
}

const COLUMNS: [Column<StoredContribution>; 5] = [
    column("rule", |part| part.rule.clone()),
    column("outcome", |part| part.outcome.clone()),
    column("risk_bp", |part| part.risk_bp.map(|risk_bp| risk_bp.to_string()).unwrap_or_default()),
    column("contribution_bp", |part| part.contribution_bp.to_string()),
    column("because", StoredContribution::because),
];

/// The stored score of the one organisation that `wanted` names.
fn find(config: &Config, reader: &Reader, wanted: &str) -> Result<String> {
    let named = identifiers(config).parse_party(wanted)?;
    if let Some(stored) = named.as_ref().map(|named| reader.score_of(named, None)).transpose()?.flatten() {
        return Ok(stored.body);
    }
    let mut found: Vec<(StoredScore, String)> = Vec::new();
    let lower = wanted.to_lowercase();
    for_each_worst(reader, None, |stored| {
        let score = StoredScore::parse(&stored.body)?;
        let is_alias = named.as_ref().is_some_and(|named| score.aliases.iter().any(|alias| alias == named.as_str()));
        let is_named = score.name.as_ref().is_some_and(|name| name.to_lowercase().contains(&lower));
        if is_alias {
            found.clear();
        }
        if is_alias || is_named {
            found.push((score, stored.body));
        }
        Ok(!is_alias)
    })?;
    match found.as_slice() {
        [] => bail!("no supplier is called `{wanted}`: `tierwatch suppliers` lists them all"),
        [_] => Ok(found.remove(0).1),
        several => {
            let line = |(score, _): &(StoredScore, String)| {
                format!("\n  {} {}", score.organisation, score.name.as_deref().unwrap_or_default())
            };
            let list: String = several.iter().take(MATCHES_SHOWN).map(line).collect();
            bail!("{} suppliers match `{wanted}`; name one by its identifier:{list}", several.len());
        }
    }
}

fn evidence(reader: &Reader, score: &StoredScore) -> Result<Vec<Evidence>> {
    let mut evidence = Vec::new();
    for (digest, trust) in &score.provenance.attestations {
        let stored = reader
            .attestation(digest)?
            .with_context(|| format!("the attestation {digest} is not in the store: restore it from a backup"))?;
        let attestation = canonical::parse(&stored.canonical)?;
        evidence.push(Evidence {
            kind: attestation.kind().to_string(),
            issuer: attestation.issuer.to_string(),
            trust: trust.as_str(),
            valid_from: attestation.valid_from,
            valid_until: attestation.valid_until,
            digest: digest.to_string(),
            origin: stored.copies.first().map(|copy| format!("{}: {}", copy.feed, copy.origin)).unwrap_or_default(),
        });
    }
    Ok(evidence)
}

fn history(reader: &Reader, score: &StoredScore) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    let organisation = Organisation::checked_before(&score.organisation);
    for stored in reader.history(&organisation, None, HISTORY_MAX)? {
        let Some(change) = stored.change else { continue };
        let line = by_name::json::<crate::policy::Change>(&change).map(|change| change.to_string())?;
        entries.push(Entry { known_at: stored.known_at, change: RawValue::from_string(change)?, line });
    }
    Ok(entries)
}

/// The explanation for people.
fn describe(
    score: &StoredScore,
    facts: &Facts,
    exposure: Option<&ExposureLine>,
    attestations: &[Evidence],
    history: &[Entry],
) -> String {
    let mut text = String::new();
    let name = score.name.as_deref().unwrap_or("(no name attested)");
    let figure = score
        .risk_bp
        .map_or_else(|| "unrated".to_owned(), |risk_bp| format!("risk {} ({})", risk(risk_bp), score.band));
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "{}  {name}\n{figure}, coverage {}, confidence {}, as of {}",
        score.organisation,
        percent(score.coverage_bp),
        percent(score.confidence_bp),
        score.as_of
    );
    if !score.aliases.is_empty() {
        let _ = writeln!(text, "also known as {}", score.aliases.join(", "));
    }
    describe_place(&mut text, facts);
    if let Some(exposure) = exposure {
        let _ = writeln!(text, "{}", exposure.sentence());
    }
    for part in &score.contributions {
        describe_part(&mut text, part);
    }
    if !facts.needs.is_empty() {
        let _ = writeln!(text, "\nneeds");
        facts.needs.iter().for_each(|need| describe_need(&mut text, need));
    }
    if let Some(ownership) = &facts.ownership {
        describe_ownership(&mut text, ownership);
    }
    if !score.findings.is_empty() {
        let _ = writeln!(text, "\nevidence in conflict");
        score.findings.iter().for_each(|finding| describe_finding(&mut text, finding));
    }
    let _ = writeln!(text, "\nevidence");
    for one in attestations {
        let until = one.valid_until.map_or_else(|| "no end".to_owned(), |until| format!("until {until}"));
        let _ = writeln!(
            text,
            "  {:<22} {:<11} {}, {until}, {}, {}",
            one.kind,
            one.trust,
            one.issuer,
            &one.digest[..12],
            one.origin
        );
    }
    if !history.is_empty() {
        let _ = writeln!(text, "\nhistory");
        for entry in history.iter().take(HISTORY_SHOWN) {
            let _ = writeln!(text, "  {}  {}", entry.known_at, entry.line);
        }
    }
    describe_provenance(&mut text, &score.provenance);
    text
}

/// What the score was made from.
fn describe_provenance(text: &mut String, provenance: &StoredProvenance) {
    let _ = writeln!(
        text,
        "\nprovenance {}\n  policy {}, facts {}",
        provenance.digest,
        provenance.policy.short(),
        provenance.facts.short()
    );
    for (rule, digest) in &provenance.plugins {
        let _ = writeln!(text, "  {rule} {}", digest.short());
    }
}

/// Where it stands in the network and what is asked of it.
fn describe_place(text: &mut String, facts: &Facts) {
    let list = |names: &[Organisation]| names.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let tier = facts.impact.tier.map_or_else(
        || "reaches no programme".to_owned(),
        |tier| format!("tier {tier}, reaches {}", list(&facts.requirement.programmes)),
    );
    let _ = writeln!(text, "{tier}; {} buyers", facts.impact.buyers);
    let mut asked = Vec::new();
    asked.extend(facts.requirement.cyber_level.map(|level| format!("cyber level {level}")));
    asked.extend(facts.requirement.cmmc_level.map(|level| format!("CMMC level {level}")));
    for clearance in &facts.requirement.clearances {
        let level = serde_json::to_value(clearance.level).ok();
        let level = level.as_ref().and_then(|level| level.as_str()).unwrap_or_default();
        asked.push(format!("{level} for {} people", clearance.headcount));
    }
    if !asked.is_empty() {
        let _ = writeln!(text, "required: {}", asked.join(", "));
    }
    if !facts.impact.single_point_of.is_empty() {
        let _ = writeln!(text, "SINGLE POINT OF FAILURE");
        facts.impact.single_point_of.iter().for_each(|loss| describe_loss(text, loss));
    }
}

/// What a programme loses when the organisation fails.
fn describe_loss(text: &mut String, loss: &Loss) {
    let mut words = Vec::new();
    words.extend(loss.hidden.then(|| "hidden".to_owned()));
    words.extend(loss.criticality.map(|criticality| format!("criticality {criticality}")));
    words.push(format!("stops after {} days", loss.survive_days));
    words.push(match loss.down_days {
        Some(0) => "which is time enough to recover".to_owned(),
        Some(days) => format!("down for {days} days until it has recovered"),
        None => "and nobody attests how soon it recovers".to_owned(),
    });
    let _ = writeln!(text, "  {:<22} {}", loss.programme.to_string(), words.join(", "));
}

/// What it depends on, and how far in few hands and few places that is.
fn describe_need(text: &mut String, need: &NeedFacts) {
    let class = need.class.as_str();
    let active = need.sources.iter().filter(|source| source.share_bp > 0).count();
    let _ = writeln!(
        text,
        "  {:<22} {class}, stock for {} days, {active} sources in use and {} idle",
        need.item.to_string(),
        need.buffer_days,
        need.sources.len() - active
    );
    let _ = writeln!(
        text,
        "{:25}concentration (HHI) {} by parent, {} by region, {} by corridor, {} by country",
        "", need.hhi_bp, need.region_hhi_bp, need.corridor_hhi_bp, need.country_hhi_bp
    );
}

/// Who owns it.
fn describe_ownership(text: &mut String, ownership: &Ownership) {
    let percent = |ppm: u32| format!("{}.{:02} %", ppm / 10_000, ppm % 10_000 / 100);
    let _ = writeln!(text, "\nowned by");
    for owner in &ownership.owners {
        let _ = writeln!(text, "  {:>8} {} ({})", percent(owner.effective_ppm), owner.owner, owner.country);
    }
    if ownership.undisclosed_ppm > 0 {
        let opaque = if ownership.opaque { ", some of it in a circle or too far away" } else { "" };
        let _ = writeln!(text, "  {:>8} is not disclosed{opaque}", percent(ownership.undisclosed_ppm));
    }
}

fn describe_part(text: &mut String, part: &StoredContribution) {
    let gate = if part.gate { ", gate" } else { "" };
    let own = match part.risk_bp {
        Some(risk_bp) if part.outcome == "scored" => format!("risk {}", risk(risk_bp)),
        Some(risk_bp) => format!("{}, assumed {}", part.outcome, risk(risk_bp)),
        None => part.outcome.clone(),
    };
    let _ = writeln!(
        text,
        "\n{:<20} +{:<6} {own}{gate}, confidence {}",
        part.rule,
        risk(part.contribution_bp),
        percent(part.confidence_bp)
    );
    if let Some(since) = &part.stale_since {
        let _ = writeln!(text, "  stale since {since}: the rule is in quarantine, and this is what it last said");
    }
    if let Some(reason) = &part.reason {
        let _ = writeln!(text, "  {}", reason.text);
    }
    if let Some(failure) = &part.failure {
        let _ = writeln!(text, "  the rule failed, which is the daemon's fault and not the supplier's: {failure}");
    }
    part.findings.iter().for_each(|finding| describe_finding(text, finding));
}

fn describe_finding(text: &mut String, finding: &StoredFinding) {
    let severity = finding.severity.as_str();
    let _ = writeln!(text, "  {severity:<8} {}: {}", finding.code, finding.message);
    if let Some(remedy) = &finding.remedy {
        let due = finding.due_on.map(|due| format!(" (by {due})")).unwrap_or_default();
        let _ = writeln!(text, "           → {remedy}{due}");
    }
}
