//! A stored score, made again from what it was made from. The bytes must be the same.

use super::{
    lineup,
    scorer::{Case, Component, Scorer},
};
use crate::{
    attest::{Conflict, Evidence, canonical},
    by_name,
    model::{Assessment, Attestation, Digest, Facts, Instant, Organisation, Trust, score::ConflictDigests},
    policy::Policy,
    rules::Host,
    store::Reader,
};
use anyhow::{Context as _, Result};
use serde::Deserialize;
use std::{
    collections::{BTreeMap, HashMap},
    rc::Rc,
    sync::Arc,
};

/// Makes stored scores again. Policies and rules are loaded once for all scores that used them.
pub struct Replayer<'a> {
    reader: &'a Reader,
    host: Host,
    scorers: HashMap<(Digest, Vec<Digest>), Rc<Scorer>>,
}

/// The part of a stored score that it is made again from.
#[derive(Deserialize)]
struct Stored {
    organisation: String,
    aliases: Vec<String>,
    provenance: StoredProvenance,
}

#[derive(Deserialize)]
struct StoredProvenance {
    attestations: Vec<(Digest, Trust)>,
    conflicts: Vec<ConflictDigests>,
    facts: Digest,
    plugins: Vec<(String, Digest)>,
    #[serde(default)]
    stale: Vec<(Arc<str>, Digest)>,
    policy: Digest,
    as_of: Instant,
}

impl<'a> Replayer<'a> {
    /// With the store that holds the scores, and the host that rules run in.
    #[must_use]
    pub fn new(reader: &'a Reader, host: Host) -> Self {
        Self { reader, host, scorers: HashMap::new() }
    }

    /// The bytes that the stored score `body` comes to when it is made again.
    ///
    /// # Errors
    /// When something that it was made from is not in the store.
    pub fn replay(&mut self, body: &str) -> Result<Vec<u8>> {
        let stored: Stored = by_name::json(body).context("the stored score is damaged")?;
        let scorer = self.scorer(&stored.provenance)?;
        let facts: Facts = by_name::json_bytes(&self.artefact(&stored.provenance.facts)?)?;
        let organisation = Organisation::checked_before(&stored.organisation);
        let mut names: Vec<Organisation> =
            stored.aliases.iter().map(|alias| Organisation::checked_before(alias)).collect();
        names.push(organisation.clone());
        names.sort_unstable();
        let case = Case {
            organisation,
            names,
            evidence: self.evidence(&stored.provenance)?,
            facts_digest: facts.digest(),
            facts: Arc::new(facts),
            as_of: stored.provenance.as_of,
        };
        let stale = kept(&stored.provenance.stale, body)?;
        Ok(scorer.score_from_scratch(&case, stale).to_bytes())
    }

    fn scorer(&mut self, provenance: &StoredProvenance) -> Result<Rc<Scorer>> {
        let key = (provenance.policy, provenance.plugins.iter().map(|(_, digest)| *digest).collect());
        if let Some(scorer) = self.scorers.get(&key) {
            return Ok(Rc::clone(scorer));
        }
        let text = String::from_utf8(self.artefact(&provenance.policy)?)?;
        let policy = Policy::parse(&format!("policy {}", provenance.policy.short()), &text)?;
        let component = |(digest, rule): (&Digest, &String)| {
            anyhow::Ok(Component { origin: format!("stored {rule}"), bytes: self.artefact(digest)?.into() })
        };
        // One component may be several rules.
        let distinct = BTreeMap::from_iter(provenance.plugins.iter().map(|(rule, digest)| (*digest, rule.clone())));
        let components = distinct.iter().map(component).collect::<Result<Vec<_>>>()?;
        let (loaded, refused) = lineup::compile(&self.host, components, &[]);
        if let Some(error) = refused.into_iter().next() {
            return Err(error.into());
        }
        let scorer = Rc::new(Scorer::new(policy, &loaded, None)?);
        self.scorers.insert(key, Rc::clone(&scorer));
        Ok(scorer)
    }

    fn evidence(&self, provenance: &StoredProvenance) -> Result<Evidence> {
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
        let bytes = self.reader.artefact(digest)?;
        bytes.with_context(|| format!("the artefact {digest} is not in the store: restore it from a backup"))
    }
}

/// The assessments that were kept from before, since their rules could not be asked: they are inputs of the score.
fn kept(stale: &[(Arc<str>, Digest)], body: &str) -> Result<Vec<(Arc<str>, Assessment)>> {
    let kept = |(rule, digest): &(Arc<str>, Digest)| {
        let assessment = Assessment::kept_from(body, rule).filter(|assessment| assessment.digest() == *digest);
        let damaged = || format!("the stored score is damaged: it does not hold what it kept of the rule `{rule}`");
        Ok((rule.clone(), assessment.with_context(damaged)?))
    };
    stale.iter().map(kept).collect()
}
