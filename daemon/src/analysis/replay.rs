//! A stored score, made again from what it was made from. The bytes must be the same.

use crate::{
    attest::{Conflict, Evidence, canonical},
    by_name,
    model::{
        Assessment, Attestation, Digest, Facts, Organisation, Trust,
        score::{ConflictDigests, Provenance},
        stored::ScoreJson,
    },
    policy::Points,
    rules::Host,
    scoring::{
        scorer::{Scorer, ScoringCase},
        stored_scorer::{artefact, scorer},
    },
    store::Reader,
};
use anyhow::{Context as _, Result};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    rc::Rc,
    sync::Arc,
};

/// Makes stored scores again. Policies and rules are loaded once for all scores that used them.
pub(crate) struct Replayer<'a> {
    reader: &'a Reader,
    host: Host,
    scorers: HashMap<(Digest, Vec<Digest>), Rc<Scorer>>,
}

impl<'a> Replayer<'a> {
    /// With the store that holds the scores, and the host that rules run in.
    #[must_use]
    pub(crate) fn new(reader: &'a Reader, host: Host) -> Self {
        Self { reader, host, scorers: HashMap::new() }
    }

    /// Makes the stored score `body` again, and returns its bytes.
    ///
    /// # Errors
    /// When something that it was made from is not in the store.
    pub(crate) fn replay(&mut self, body: &str) -> Result<Vec<u8>> {
        let stored = ScoreJson::parse(body).context("the stored score is damaged")?;
        let scorer = self.scorer(&stored.provenance)?;
        let facts: Facts = by_name::json_bytes(&self.artefact(&stored.provenance.facts)?)?;
        let organisation = Organisation::checked_before(&stored.organisation);
        let mut names: Vec<Organisation> =
            stored.aliases.iter().map(|alias| Organisation::checked_before(alias)).collect();
        names.push(organisation.clone());
        names.sort_unstable();
        let case = ScoringCase {
            organisation,
            names,
            evidence: self.evidence(&stored.provenance)?,
            facts_digest: facts.digest(),
            facts: Arc::new(facts),
            as_of: stored.provenance.as_of,
        };
        let stale = kept(&stored)?;
        Ok(scorer.score_from_scratch(&case, stale).to_bytes())
    }

    fn scorer(&mut self, provenance: &Provenance) -> Result<Rc<Scorer>> {
        let key = (provenance.policy, provenance.plugins.iter().map(|(_, digest)| *digest).collect());
        if let Some(scorer) = self.scorers.get(&key) {
            return Ok(Rc::clone(scorer));
        }
        let scorer = Rc::new(scorer(self.reader, &self.host, provenance)?);
        self.scorers.insert(key, Rc::clone(&scorer));
        Ok(scorer)
    }

    fn evidence(&self, provenance: &Provenance) -> Result<Evidence> {
        let mut evidence = Evidence::default();
        for (digest, trust) in &provenance.attestations {
            evidence.in_force.push(Arc::new(self.attestation(digest, *trust)?));
        }
        for ConflictDigests { winner, others } in &provenance.conflicts {
            let winner = evidence.in_force.iter().find(|one| one.digest == *winner);
            let winner = Arc::clone(winner.context("the stored score is damaged: a conflict without its winner")?);
            let other = |(digest, trust): &(Digest, Trust)| self.attestation(digest, *trust).map(Arc::new);
            let others = others.iter().map(other).collect::<Result<_>>()?;
            evidence.conflicts.push(Conflict { winner, others });
        }
        Ok(evidence)
    }

    fn attestation(&self, digest: &Digest, trust: Trust) -> Result<Attestation> {
        let stored = self.reader.attestation(digest)?;
        let stored = stored
            .with_context(|| format!("the attestation {digest} is not in the store: restore it from a backup"))?;
        Ok(Attestation { trust, ..canonical::parse(&stored.canonical)? })
    }

    fn artefact(&self, digest: &Digest) -> Result<Vec<u8>> {
        artefact(self.reader, digest)
    }
}

/// The parts of a contribution that its rule decides.
const ANSWER: [&str; 6] = ["outcome", "risk_bp", "confidence_bp", "reason", "failure", "findings"];

/// Where a score that was made again differs from the stored one: the rules that answer differently, or else the parts.
#[must_use]
pub(crate) fn otherwise(stored: &str, again: &[u8]) -> String {
    let (Ok(stored), Ok(again)) = (by_name::json::<Value>(stored), by_name::json_bytes::<Value>(again)) else {
        return "the stored score is damaged: restore the store from a backup".to_owned();
    };
    let contributions = |score: &Value| -> BTreeMap<String, Value> {
        let all = score["contributions"].as_array().cloned().unwrap_or_default();
        all.into_iter().map(|one| (one["rule"].as_str().unwrap_or_default().to_owned(), one)).collect()
    };
    let (then, now) = (contributions(&stored), contributions(&again));
    let rules = then.iter().filter_map(|(rule, then)| {
        let now = now.get(rule)?;
        let differs = ANSWER.iter().any(|part| then[*part] != now[*part]);
        differs.then(|| format!("the rule `{rule}` answered {} then and {} now", answer(then), answer(now)))
    });
    let rules: Vec<String> = rules.collect();
    if !rules.is_empty() {
        return format!(
            "{}, of the same evidence: have its author keep nothing of one supplier for the next, and draw no random numbers",
            rules.join(", ")
        );
    }
    let fields = [&stored, &again].into_iter().filter_map(Value::as_object).flat_map(serde_json::Map::keys);
    let fields: BTreeSet<&str> = fields.map(String::as_str).filter(|field| stored[*field] != again[*field]).collect();
    let fields: Vec<&str> = fields.into_iter().collect();
    format!("the rules answer as they did, and these are otherwise: {}", fields.join(", "))
}

/// What a rule answered, without its weight in the score.
fn answer(contribution: &Value) -> String {
    let outcome = contribution["outcome"].as_str().unwrap_or_default();
    let risk = contribution["risk_bp"].as_u64().filter(|_| outcome == "scored").and_then(|bp| u32::try_from(bp).ok());
    let codes = contribution["findings"].as_array().into_iter().flatten().filter_map(|one| one["code"].as_str());
    let risk = risk.map(|risk_bp| Points(risk_bp).to_string());
    let parts = [outcome].into_iter().chain(risk.as_deref()).chain(codes);
    format!("`{}`", parts.collect::<Vec<_>>().join(" "))
}

/// The assessments that were kept from before, since their rules could not be asked: they are inputs of the score.
fn kept(stored: &ScoreJson<'_>) -> Result<Vec<(Arc<str>, Assessment)>> {
    let kept = |(rule, digest): &(Arc<str>, Digest)| {
        let assessment = stored.assessment(rule).filter(|assessment| assessment.digest() == *digest);
        let damaged = || format!("the stored score is damaged: it does not hold what it kept of the rule `{rule}`");
        Ok((rule.clone(), assessment.with_context(damaged)?))
    };
    stored.provenance.stale.iter().map(kept).collect()
}

#[cfg(test)]
mod tests {
    use super::otherwise;

    #[test]
    fn what_is_otherwise_is_named() {
        let check =
            |stored: &str, again: &str, expected: &str| assert_eq!(otherwise(stored, again.as_bytes()), expected);
        let score = |risk: u32, code: &str, weight: u32| {
            format!(
                r#"{{"risk_bp": 1, "contributions": [
                    {{"rule": "a", "outcome": "unknown", "risk_bp": 7000, "findings": []}},
                    {{"rule": "b", "outcome": "scored", "risk_bp": {risk}, "weight": {weight}, "findings": [{{"code": "{code}"}}]}}]}}"#
            )
        };
        let advice = ", of the same evidence: have its author keep nothing of one supplier for the next, and draw no random numbers";
        let first = score(100, "A", 1);
        check(
            &first,
            &score(250, "A", 1),
            &format!("the rule `b` answered `scored 1.0 A` then and `scored 2.5 A` now{advice}"),
        );
        check(
            &first,
            &score(100, "B", 1),
            &format!("the rule `b` answered `scored 1.0 A` then and `scored 1.0 B` now{advice}"),
        );
        check(&first, &score(100, "A", 2), "the rules answer as they did, and these are otherwise: contributions");
        check("{", "{}", "the stored score is damaged: restore the store from a backup");
    }
}
