//! `tierwatch explain`

mod claim;
mod explanation;
mod text;
mod who;

use super::{
    common::{for_each_worst, identifiers, reader, snapshot_of},
    done::Done,
    output::{Column, Output, Unit, column, figure, print_json, print_rows},
    wire::{ExposureLine, because, stored_facts, stored_score},
};
use crate::{
    analysis::snapshot::Snapshot,
    attest::canonical,
    by_name,
    config::Config,
    diagnostic::spelling,
    model::{
        Attestation, Handling, Organisation,
        stored::{ContributionJson, ScoreJson},
    },
    store::Reader,
};
use anyhow::{Context as _, Result, bail};
use claim::{claimed, refuse_withdrawn};
use explanation::{Entry, EvidenceLine, Explanation};
use serde_json::value::RawValue;
use std::path::Path;
use text::describe;
use who::{buyers, names};

/// Most entries of the history in the output for programs.
const MAX_HISTORY: usize = 1000;
/// Most matches that an ambiguous name lists.
const MAX_MATCHES_SHOWN: usize = 10;

/// Say why a supplier has its score, and what changed.
#[derive(Debug, clap::Args)]
pub(super) struct Explain {
    /// `SCHEME:ID`, one of its aliases, or a part of its name.
    organisation: String,
}

impl Explain {
    pub(super) fn run(self, config: &Path, output: Output) -> Result<Done> {
        let (config, reader) = reader(config)?;
        let body = find(&config, &reader, &self.organisation)?;
        let score = stored_score(&body)?;
        if output == Output::Csv {
            print_rows(output, &score.contributions, &columns())?;
            return Ok(Done::Fine);
        }
        let snapshot = snapshot_of(&config, &reader)?;
        let facts = stored_facts(&reader, &score)?;
        let organisation = Organisation::checked_before(&score.organisation);
        let exposure = reader.exposures_of(&organisation, 1)?.pop();
        let (attestations, handling) = evidence(&reader, &snapshot, &score)?;
        let explanation = Explanation {
            score: RawValue::from_string(body.clone())?,
            exposure: exposure.map(|stored| ExposureLine::of(&stored.exposure)),
            buyers: buyers(&snapshot, &organisation),
            handling: handling.map(Handling::as_str),
            attestations,
            history: history(&reader, &score)?,
            names: names(&snapshot, &score, &facts),
            facts,
        };
        match output {
            Output::Json => print_json(&explanation)?,
            _ => describe(&score, &explanation).print()?,
        }
        Ok(Done::Fine)
    }
}

fn columns<'a>() -> [Column<ContributionJson<'a>>; 5] {
    [
        column("rule", |part| part.rule.to_string()),
        column("outcome", |part| part.outcome.to_string()),
        figure("risk_bp", Unit::None, |part| part.risk_bp.map(|risk_bp| risk_bp.to_string())),
        figure("contribution_bp", Unit::None, |part| Some(part.contribution_bp.to_string())),
        column("because", because),
    ]
}

/// The stored score of the one organisation that `wanted` names.
fn find(config: &Config, reader: &Reader, wanted: &str) -> Result<String> {
    let named = identifiers(config).parse_party(wanted)?;
    if let Some(stored) = named.as_ref().map(|named| reader.score_of(named, None)).transpose()?.flatten() {
        return Ok(stored.body);
    }
    if let Some(named) = &named
        && let Some(last) = reader.history(named, None, 1)?.pop()
    {
        refuse_withdrawn(&last)?;
    }
    let mut found: Vec<(String, String)> = Vec::new();
    let mut known: Vec<String> = Vec::new();
    let lower = wanted.to_lowercase();
    for_each_worst(reader, None, |stored| {
        let score = stored_score(&stored.body)?;
        let is_alias = named.as_ref().is_some_and(|named| score.aliases.iter().any(|alias| **alias == *named.as_str()));
        let is_named = score.name.as_ref().is_some_and(|name| name.to_lowercase().contains(&lower));
        if is_alias {
            found.clear();
        }
        if is_alias || is_named {
            let who = format!("{} {}", score.organisation, score.name.as_deref().unwrap_or_default());
            found.push((who, stored.body));
        } else {
            let names = [&score.organisation].into_iter().chain(&*score.name).chain(&*score.aliases);
            known.extend(names.map(ToString::to_string));
        }
        Ok(!is_alias)
    })?;
    match found.as_slice() {
        [] => {
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            bail!(spelling::unknown("supplier", wanted, &known, "`tierwatch suppliers` lists them all"))
        }
        [_] => Ok(found.remove(0).1),
        several => {
            let line = |(who, _): &(String, String)| format!("\n  {who}");
            let list: String = several.iter().take(MAX_MATCHES_SHOWN).map(line).collect();
            bail!("{} suppliers match `{wanted}`; name one by its identifier:{list}", several.len());
        }
    }
}

/// The evidence of a score and the strictest label that it has.
fn evidence(
    reader: &Reader,
    snapshot: &Snapshot,
    score: &ScoreJson<'_>,
) -> Result<(Vec<EvidenceLine>, Option<Handling>)> {
    let mut evidence = Vec::new();
    let mut strictest = None;
    for (digest, trust) in &score.provenance.attestations {
        let stored = reader
            .attestation(digest)?
            .with_context(|| format!("the attestation {digest} is not in the store: restore it from a backup"))?;
        let attestation = Attestation { trust: *trust, ..canonical::parse(&stored.canonical)? };
        let is_itself = |name: &Organisation| {
            name.as_str() == score.organisation || score.aliases.iter().any(|alias| **alias == *name.as_str())
        };
        // A countersigner may have more trust than the first signer, whom the stored form names.
        let admitted = snapshot.fleet().ledger().attestation(digest).filter(|today| today.trust == *trust);
        let issuer = admitted.map_or(&attestation.issuer, |today| &today.issuer);
        strictest = strictest.max(attestation.handling);
        evidence.push(EvidenceLine {
            claimed: claimed(&attestation, is_itself),
            kind: attestation.kind().to_string(),
            issuer: issuer.to_string(),
            trust: trust.as_str(),
            valid_from: attestation.valid_from,
            valid_until: attestation.valid_until,
            handling: attestation.handling.map(Handling::as_str),
            digest: digest.to_string(),
            origin: stored.copies.first().map(|copy| format!("{}: {}", copy.feed, copy.origin)).unwrap_or_default(),
        });
    }
    Ok((evidence, strictest))
}

fn history(reader: &Reader, score: &ScoreJson<'_>) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    let organisation = Organisation::checked_before(&score.organisation);
    for stored in reader.history(&organisation, None, MAX_HISTORY)? {
        let Some(change) = stored.change else { continue };
        let line = by_name::json::<crate::policy::Change>(&change).map(|change| change.to_string())?;
        entries.push(Entry { known_at: stored.known_at, change: RawValue::from_string(change)?, line });
    }
    Ok(entries)
}
