//! The policy with the rules that it runs: evidence and facts in, assessments and a score out. Pure but for the sandbox,
//! so that the pipeline, `replay` and a trial before a reload all score by this one road.

use crate::{
    attest::{Conflict, Evidence},
    diagnostic::{Diagnostics, Problems},
    model::{
        Assessment, Attestation, Claims, Digest, Facts, Finding, Instant, Kind, Organisation, Reason, Score, Severity,
        Trust,
        assessment::Message,
        claims::Text,
        facts::Fact,
        score::{ConflictDigests, Provenance},
    },
    policy::{self, Policy},
    rules::{Host, LoadError, LoadReason, ParameterProblem, Plugin, Rule, Subject},
};
use rayon::prelude::*;
use std::{
    sync::{Arc, LazyLock},
    time::{Duration, Instant as Stopwatch},
};

/// Suppliers that one thread takes at a time: a whole number of batches, small enough to share the work evenly.
const CHUNK_SUPPLIERS: usize = 1024;

/// The policy in force and the rules it names, loaded and configured.
pub struct Scorer {
    policy: Policy,
    rules: Vec<Rule>,
    plugins: Vec<(Arc<str>, Digest)>,
    components: Vec<Arc<[u8]>>,
}

/// Everything that a supplier's score is made from.
pub struct Case {
    /// The name that stands for all its aliases.
    pub organisation: Organisation,
    /// Its names, that one included, sorted.
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

/// A component that may serve as a rule, and where it came from.
pub struct Component {
    /// For messages: `built-in clearance` or a path.
    pub origin: String,
    /// The component's bytes.
    pub bytes: Arc<[u8]>,
}

/// Why no scorer could be made. The last good one stays in force.
#[derive(Debug, thiserror::Error)]
pub enum ScorerError {
    /// The policy's parameters do not suit their rules.
    #[error(transparent)]
    Parameters(#[from] Diagnostics),
    /// A rule does not take the policy's parameters.
    #[error("the policy `{policy}`, rule `{rule}`: {source}")]
    Start {
        /// The policy's name.
        policy: Arc<str>,
        /// The rule's name.
        rule: Arc<str>,
        /// What the rule says.
        source: LoadError,
    },
    /// Two components claim one name.
    #[error("the rule `{rule}` is in both {first} and {second}: remove one of them")]
    Twice {
        /// The name.
        rule: Arc<str>,
        /// One place.
        first: String,
        /// The other.
        second: String,
    },
    /// The policy names a rule that nothing provides.
    #[error(
        "the policy `{policy}` runs the rule `{rule}`, which no plugin provides (there are: {known}): add its component to \
         plugins.folder, or remove the rule from the policy"
    )]
    Missing {
        /// The policy's name.
        policy: Arc<str>,
        /// The rule's name.
        rule: Arc<str>,
        /// What there is.
        known: String,
    },
}

/// A component that compiled, with what it was compiled from.
struct Loaded<'a> {
    plugin: Plugin,
    component: &'a Component,
}

impl Scorer {
    /// Loads each rule that the policy runs from `components` and configures it with the policy's parameters. A component
    /// that is no rule is logged and left out: the policy is refused only when it needs that one.
    ///
    /// # Errors
    /// [`ScorerError`] when a rule is ambiguous, missing, or refuses its parameters.
    pub fn new(policy: Policy, host: &Host, components: &[Component]) -> Result<Self, ScorerError> {
        let compile = |component| compile(host, component);
        let loaded: Vec<Loaded<'_>> = components.par_iter().filter_map(compile).collect();
        for (place, later) in loaded.iter().enumerate() {
            let rule = &later.plugin.manifest().name;
            if let Some(earlier) = loaded[..place].iter().find(|other| other.plugin.manifest().name == *rule) {
                let (first, second) = (earlier.component.origin.clone(), later.component.origin.clone());
                return Err(ScorerError::Twice { rule: rule.clone(), first, second });
            }
        }
        let mut rules = Vec::new();
        let mut used = Vec::new();
        let problems = policy.problems();
        for wanted in policy.rules() {
            let named = |loaded: &&Loaded<'_>| loaded.plugin.manifest().name == wanted.plugin;
            let found = loaded.iter().find(named).ok_or_else(|| ScorerError::Missing {
                policy: policy.name().clone(),
                rule: wanted.plugin.clone(),
                known: loaded.iter().map(|loaded| &*loaded.plugin.manifest().name).collect::<Vec<_>>().join(", "),
            })?;
            match found.plugin.configure_as(&wanted.name, &wanted.parameters) {
                Ok(rule) => rules.push(rule),
                Err(LoadError { reason: LoadReason::Parameters(refused), .. }) => {
                    refused.iter().for_each(|problem| complain(&policy, &wanted.name, problem, &problems));
                }
                Err(source) => {
                    return Err(ScorerError::Start {
                        policy: policy.name().clone(),
                        rule: wanted.name.clone(),
                        source,
                    });
                }
            }
            used.push(Arc::clone(&found.component.bytes));
        }
        problems.finish(())?;
        let plugins = rules.iter().map(|rule: &Rule| (rule.manifest().name.clone(), rule.digest())).collect();
        Ok(Self { policy, rules, plugins, components: used })
    }

    /// The policy in force.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The components of the rules that run.
    #[must_use]
    pub fn components(&self) -> &[Arc<[u8]>] {
        &self.components
    }

    /// The rules that run, by name.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Runs the `rule`th rule over `cases`, on all cores.
    #[must_use]
    pub fn run(&self, rule: usize, cases: &[&Case]) -> Run {
        let rule = &self.rules[rule];
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
                let evaluation = rule.assess(&subjects);
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

    /// What the policy makes of `assessments`, one a rule in the order of [`Scorer::rules`].
    #[must_use]
    pub fn score(&self, case: &Case, assessments: Vec<Assessment>) -> Score {
        let provenance = Provenance::new(
            trusted(&case.evidence.in_force),
            conflicts(&case.evidence),
            case.facts_digest,
            self.plugins.clone(),
            self.policy.digest(),
            case.as_of,
        );
        let assessed: Vec<_> = self.plugins.iter().map(|(rule, _)| rule.clone()).zip(assessments).collect();
        let rated = policy::Rated {
            organisation: case.organisation.clone(),
            name: registered_name(&case.evidence),
            aliases: case.names.iter().filter(|name| **name != case.organisation).cloned().collect(),
        };
        policy::score(&self.policy, rated, case.as_of, assessed, conflict_findings(&case.evidence), provenance)
    }

    /// Scores one case from nothing.
    #[must_use]
    pub fn score_from_scratch(&self, case: &Case) -> Score {
        let assess =
            |rule| self.run(rule, &[case]).assessments.pop().unwrap_or_else(|| Assessment::failed("no answer"));
        self.score(case, (0..self.rules.len()).map(assess).collect())
    }
}

/// What is wrong with the parameters of a rule, each where it stands in the policy.
pub fn complaints(policy: &Policy, rule: &str, refused: &[ParameterProblem]) -> Diagnostics {
    let problems = policy.problems();
    refused.iter().for_each(|problem| complain(policy, rule, problem, &problems));
    problems.refused()
}

fn complain(policy: &Policy, rule: &str, problem: &ParameterProblem, problems: &Problems<'_>) {
    let ParameterProblem { path, within, message, fix } = problem;
    let span = match within {
        Some(part) => policy.parameter_part_span(rule, path, part.clone()),
        None => policy.parameter_span(rule, path),
    };
    let correct = || format!("correct it; `tierwatch plugin inspect` shows what {rule} takes");
    problems.add(span, message, fix.clone().unwrap_or_else(correct));
}

fn compile<'a>(host: &Host, component: &'a Component) -> Option<Loaded<'a>> {
    match host.compile(&component.origin, &component.bytes) {
        Ok(plugin) => Some(Loaded { plugin, component }),
        Err(error) => {
            tracing::error!("{error}");
            None
        }
    }
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
    let profile = |one: &Arc<Attestation>| match &one.claims {
        Claims::EntityProfile(profile) => Some(profile.name.clone()),
        _ => None,
    };
    evidence.in_force.iter().find_map(profile)
}

/// What tells whether a rule's inputs have changed: the evidence of the kinds and the facts that its manifest declares,
/// and the instant that they settle at.
#[must_use]
pub fn fingerprint(case: &Case, kinds: &[Kind], facts: &[Fact]) -> Digest {
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

static CONFLICT: LazyLock<Arc<Message>> = LazyLock::new(|| {
    Arc::new(Message {
        code: "CONFLICT".to_owned(),
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
