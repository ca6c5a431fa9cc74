//! The policy with the rules that it runs: evidence and facts in, assessments and a score out. Pure but for the sandbox,
//! so that the pipeline, `replay` and a dry run before a reload all score by the same code.

use super::{
    rule_ix::{Role, RuleIx, RuleMap},
    rule_set::{Loaded, Notice, RuleSet, ScorerError},
};
use crate::{
    attest::{Conflict, Evidence},
    model::{
        Assessment, Attestation, Claims, Digest, Facts, Finding, Instant, Kind, Organisation, Outcome, Reason, Score,
        Severity, Trust,
        assessment::Message,
        claims::Text,
        facts::Fact,
        score::{ConflictDigests, Provenance},
    },
    policy::{self, Policy},
    rules::{Patience, Rule, Subject},
};
use rayon::prelude::*;
use std::{
    sync::{Arc, LazyLock},
    time::{Duration, Instant as Stopwatch},
};

/// How many suppliers one thread takes at a time: a whole number of batches, small enough to share the work evenly.
const CHUNK_SUPPLIERS: usize = 1024;

/// The policy in force and the rules it names, loaded and configured.
pub struct Scorer {
    policy: Policy,
    rule_set: RuleSet,
}

/// Everything that a supplier's score is made from.
pub struct ScoringCase {
    /// The name that stands for all its aliases.
    pub organisation: Organisation,
    /// All its names, `organisation` included, sorted.
    pub names: Vec<Organisation>,
    /// Its attestations in force, and what contradicts them.
    pub evidence: Evidence,
    /// What the network says of it.
    pub facts: Arc<Facts>,
    /// The digest of `facts`.
    pub facts_digest: Digest,
    /// The instant asked about.
    pub as_of: Instant,
}

/// How one rule's run over many suppliers went.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// What it answered, in the order asked.
    pub assessments: Vec<Assessment>,
    /// Fuel burnt.
    pub fuel: u64,
    /// Calls that failed and were bisected.
    pub failures: u64,
    /// Time of each chunk.
    pub durations: Vec<Duration>,
}

impl Scorer {
    /// Puts the plugins of `loaded` on the rules of the policy, configured with its parameters. Where none is
    /// suitable, the one of `last` stays.
    ///
    /// # Errors
    /// [`ScorerError`] when a rule is ambiguous, missing, or refuses its parameters, and has no last good plugin either.
    pub fn new(policy: Policy, loaded: &[Loaded], last: Option<&Self>) -> Result<Self, ScorerError> {
        let rule_set = RuleSet::new(&policy, loaded, last.map(|last| &last.rule_set))?;
        Ok(Self { policy, rule_set })
    }

    /// The policy in force.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The components of the rules that count.
    pub fn components(&self) -> impl Iterator<Item = &Arc<[u8]>> {
        self.rule_set.active().map(|(_, active_rule)| &active_rule.loaded.component.bytes)
    }

    /// The rules that count, by name.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.active().map(|(_, rule)| rule)
    }

    /// The rules that count, by name, each with its index here.
    pub fn active(&self) -> impl Iterator<Item = (RuleIx, &Rule)> {
        self.rule_set.active().map(|(ix, active_rule)| (ix, &active_rule.rule))
    }

    /// Every rule that runs and what it is for: those that count, by name, then the shadows.
    pub fn all(&self) -> impl Iterator<Item = (RuleIx, Role, &Rule)> {
        self.rule_set.rules.iter().map(|(ix, active_rule)| (ix, active_rule.role, &active_rule.rule))
    }

    /// The rule that `ix` names here.
    #[must_use]
    pub fn rule(&self, ix: RuleIx) -> Option<&Rule> {
        self.rule_set.rules.get(ix).map(|active_rule| &active_rule.rule)
    }

    /// Whether the answers of the rule make the scores.
    #[must_use]
    pub fn is_active(&self, ix: RuleIx) -> bool {
        self.rule_set.rules.get(ix).is_some_and(|active_rule| active_rule.role == Role::Active)
    }

    /// What the operator must know about the rules.
    #[must_use]
    pub fn notices(&self) -> &[Notice] {
        &self.rule_set.notices
    }

    /// Logs the notices.
    pub(crate) fn tell_notices(&self) {
        self.notices().iter().for_each(|notice| tracing::error!(rule = %notice.rule, "{}", notice.text));
    }

    /// Which rule of `other` is the rule `ix` of this scorer: the same component with the same parameters.
    pub(super) fn same_in(&self, ix: RuleIx, other: &Self) -> Option<RuleIx> {
        let rule = self.rule(ix)?;
        other.all().find(|(_, _, one)| one.is_same(rule)).map(|(ix, ..)| ix)
    }

    /// Makes `last`'s plugin answer for the active rule `ix` again; false when it has none that takes the parameters.
    pub(crate) fn keep(&mut self, ix: RuleIx, last: &Self, why: &str) -> bool {
        let Some(own) = self.rule_set.rules.get_mut(ix).filter(|own| own.role == Role::Active) else { return false };
        let Some(wanted) = self.policy.rules().find(|wanted| wanted.name == own.rule.manifest().name) else {
            return false;
        };
        let Some(active_rule) = last
            .rule_set
            .active_rule(&wanted.name)
            .and_then(|active_rule| active_rule.with(wanted, self.policy.kinds()))
        else {
            return false;
        };
        self.rule_set.notices.push(active_rule.notice(wanted, why));
        *own = active_rule;
        true
    }

    /// Runs the rule over `cases`, on all cores, until `patience` is over.
    #[must_use]
    pub fn run(&self, ix: RuleIx, cases: &[&ScoringCase], patience: &Patience) -> Run {
        let Some(rule) = self.rule(ix) else { return Run::default() };
        let manifest = rule.manifest();
        let runs: Vec<Run> = cases
            .par_chunks(CHUNK_SUPPLIERS)
            .map(|chunk| {
                let started = Stopwatch::now();
                let subjects: Vec<Subject<'_>> = chunk
                    .iter()
                    .map(|case| Subject {
                        organisation: &case.organisation,
                        names: &case.names,
                        as_of: settled(of_kinds(&case.evidence, &manifest.kinds), case.as_of),
                        evidence: &case.evidence.in_force,
                        facts: &case.facts,
                    })
                    .collect();
                let evaluation = rule.assess_with(&subjects, patience);
                Run {
                    assessments: evaluation.assessments,
                    fuel: evaluation.fuel,
                    failures: evaluation.failures as u64,
                    durations: vec![started.elapsed()],
                }
            })
            .collect();
        runs.into_iter().fold(Run::default(), |mut whole, mut run| {
            whole.assessments.append(&mut run.assessments);
            whole.durations.append(&mut run.durations);
            whole.fuel += run.fuel;
            whole.failures += run.failures;
            whole
        })
    }

    /// What the policy makes of `assessments`, one of each active rule.
    #[must_use]
    pub fn score(&self, case: &ScoringCase, assessments: RuleMap<Assessment>) -> Score {
        let assessments = if case.facts.is_linked() { assessments } else { unlinked(assessments) };
        let assessed: Vec<_> = self.rules().map(|rule| rule.manifest().name.clone()).zip(assessments).collect();
        let provenance = Provenance::new(
            trusted(&case.evidence.in_force),
            conflicts(&case.evidence),
            case.facts_digest,
            self.rules().map(|rule| (rule.manifest().name.clone(), rule.digest())).collect(),
            stale(&assessed),
            self.policy.digest(),
            case.as_of,
        );
        let rated = policy::Rated {
            organisation: case.organisation.clone(),
            name: registered_name(&case.evidence),
            aliases: case.names.iter().filter(|name| **name != case.organisation).cloned().collect(),
        };
        policy::score(&self.policy, rated, case.as_of, assessed, conflict_findings(&case.evidence), provenance)
    }

    /// Scores one case with freshly run rules, except those for which `stale` has an assessment.
    #[must_use]
    pub(crate) fn score_from_scratch(&self, case: &ScoringCase, mut stale: Vec<(Arc<str>, Assessment)>) -> Score {
        let assessments = self.active().map(|(ix, rule)| {
            if let Some(kept) = stale.iter().position(|(name, _)| *name == rule.manifest().name) {
                return stale.swap_remove(kept).1;
            }
            let run = self.run(ix, &[case], &Patience::endless());
            run.assessments.into_iter().next().unwrap_or_else(|| Assessment::failed("no answer"))
        });
        let assessments = assessments.collect();
        self.score(case, assessments)
    }
}

/// The rules whose assessment was kept, each with its digest.
fn stale(assessed: &[(Arc<str>, Assessment)]) -> Vec<(Arc<str>, Digest)> {
    let stale = assessed.iter().filter(|(_, assessment)| assessment.stale_since.is_some());
    stale.map(|(rule, assessment)| (rule.clone(), assessment.digest())).collect()
}

/// The latest instant up to `now` at which anything about `evidence` could have changed: today's midnight, or one of the
/// evidence's own instants. Between two such instants a rule answers the same, so this is the as-of that it is given.
pub fn settled<'a>(evidence: impl Iterator<Item = &'a Arc<Attestation>>, now: Instant) -> Instant {
    let instants = evidence.flat_map(|one| [Some(one.issued_at), Some(one.valid_from), one.valid_until]);
    instants.flatten().filter(|at| *at <= now).fold(now.midnight(), Instant::max)
}

/// The evidence of some kinds.
fn of_kinds<'a>(evidence: &'a Evidence, kinds: &'a [Kind]) -> impl Iterator<Item = &'a Arc<Attestation>> {
    evidence.in_force.iter().filter(|one| kinds.contains(&one.kind()))
}

fn trusted(attestations: &[Arc<Attestation>]) -> Vec<(Digest, Trust)> {
    attestations.iter().map(|one| (one.digest, one.trust)).collect()
}

fn conflicts(evidence: &Evidence) -> Vec<ConflictDigests> {
    let conflict =
        |conflict: &Conflict| ConflictDigests { winner: conflict.winner.digest, others: trusted(&conflict.others) };
    evidence.conflicts.iter().map(conflict).collect()
}

fn registered_name(evidence: &Evidence) -> Option<Text> {
    let profile = |one: &Arc<Attestation>| {
        if let Claims::EntityProfile(profile) = &one.claims { Some(profile.name.clone()) } else { None }
    };
    evidence.in_force.iter().find_map(profile)
}

/// A digest that changes when a rule's inputs do: the evidence of the kinds and the facts that its manifest declares, and the
/// instant at which they settle.
#[must_use]
pub fn fingerprint(case: &ScoringCase, kinds: &[Kind], facts: &[Fact]) -> Digest {
    let mut bytes = Vec::with_capacity(256);
    let as_of = settled(of_kinds(&case.evidence, kinds), case.as_of);
    bytes.extend_from_slice(&as_of.unix_seconds().to_be_bytes());
    for one in of_kinds(&case.evidence, kinds) {
        bytes.extend_from_slice(&one.digest.0);
        bytes.push(one.trust as u8);
    }
    for name in &case.names {
        bytes.extend_from_slice(name.as_str().as_bytes());
        bytes.push(0);
    }
    let mut add = |part: serde_json::Result<Vec<u8>>| bytes.extend_from_slice(&part.unwrap_or_default());
    for fact in facts {
        match fact {
            Fact::Requirement => add(serde_json::to_vec(&case.facts.requirement)),
            Fact::Needs => add(serde_json::to_vec(&case.facts.needs)),
            Fact::Impact => add(serde_json::to_vec(&case.facts.impact)),
            Fact::Ownership => add(serde_json::to_vec(&case.facts.ownership)),
        }
    }
    Digest::of(&bytes)
}

/// No answer counts about an organisation on which nobody depends and of which nothing is asked: otherwise showing more would
/// make it fare worse than showing nothing. The findings stay readable.
fn unlinked(assessments: RuleMap<Assessment>) -> RuleMap<Assessment> {
    let reason = || Reason { message: UNLINKED.clone(), arguments: Vec::new() };
    assessments.into_iter().map(|said| Assessment { outcome: Outcome::NotApplicable(reason()), ..said }).collect()
}

static UNLINKED: LazyLock<Arc<Message>> = LazyLock::new(|| {
    Arc::new(Message {
        code: "UNLINKED".to_owned(),
        text: "Nobody depends on it and nothing is asked of it.".to_owned(),
        remedy: String::new(),
    })
});

/// The codes of the findings that the daemon itself makes, and no rule.
pub(crate) const OWN_FINDINGS: [&str; 1] = [CONFLICTING];

/// Valid attestations that contradict one another.
const CONFLICTING: &str = "CONFLICT";

static CONFLICT: LazyLock<Arc<Message>> = LazyLock::new(|| {
    Arc::new(Message {
        code: CONFLICTING.to_owned(),
        text: "{0} by {1} ({2}) contradicts {3} ({4}), which is believed".to_owned(),
        remedy: "Ask {1} and {3} which is right, and have the other revoke its attestation.".to_owned(),
    })
});

fn conflict_findings(evidence: &Evidence) -> Vec<Finding> {
    use crate::model::{Argument::Text, claims};
    let text = |words: &str| Text(claims::Text::from(words));
    let finding = |believed: &Attestation, other: &Attestation| Finding {
        reason: Reason {
            message: CONFLICT.clone(),
            arguments: vec![
                text(other.kind().as_str()),
                text(&other.issuer),
                text(other.trust.as_str()),
                text(&believed.issuer),
                text(believed.trust.as_str()),
            ],
        },
        severity: Severity::Medium,
        evidence: vec![believed.digest, other.digest],
        due_on: None,
    };
    let others =
        |conflict: &Conflict| conflict.others.iter().map(|other| finding(&conflict.winner, other)).collect::<Vec<_>>();
    evidence.conflicts.iter().flat_map(others).collect()
}
