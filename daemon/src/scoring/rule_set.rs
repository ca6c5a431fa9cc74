//! Which plugin answers for each rule of a policy: the version that counts, those that run in its shadow, and the last good
//! one where a new one is no good.

use super::{
    components::Component,
    rule_ix::{Role, RuleIx, RuleMap},
};
use crate::{
    diagnostic::{Diagnostics, Problems, spelling::nearest},
    model::{DeclaredKinds, Digest},
    policy::{self, Policy},
    rules::{Host, LoadError, LoadReason, ParameterProblem, Plugin, Rule},
};
use rayon::prelude::*;
use std::sync::Arc;

/// A plugin with the component that it was compiled from.
#[derive(Clone)]
pub struct Loaded {
    /// The compiled plugin, ready to be configured.
    pub plugin: Plugin,
    /// What it was compiled from.
    pub component: Component,
}

/// A rule of the policy with the plugin that answers for it, and what it is for.
#[derive(Clone)]
pub(super) struct RunningRule {
    pub(super) rule: Rule,
    pub(super) loaded: Loaded,
    pub(super) role: Role,
}

/// Something that the operator must know about a rule: its last good plugin is kept, or a shadow does not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The rule's name in the policy.
    pub rule: Arc<str>,
    /// What and why, ending with the fix.
    pub text: String,
}

/// Why a plugin does not serve as a rule.
enum Unfit {
    /// There is none, or it does not start.
    Plugin(ScorerError),
    /// The policy's parameters do not suit it.
    Parameters(Vec<ParameterProblem>),
}

/// The rules that run for a policy.
#[derive(Default)]
pub(super) struct RuleSet {
    /// First the active ones, one for each rule of the policy and in its order, then the shadows.
    pub(super) rules: RuleMap<RunningRule>,
    pub(super) notices: Vec<Notice>,
}

/// Compiles components, except those in `known`. Also returns why some components are no rules.
#[must_use]
pub fn compile(host: &Host, components: Vec<Component>, known: &[Loaded]) -> (Vec<Loaded>, Vec<LoadError>) {
    let known_as = |component: &Component| {
        let digest = Digest::of(&component.bytes);
        known.iter().find(|one| one.plugin.digest() == digest && one.component.origin == component.origin)
    };
    tell_what_is_new(host, components.iter().filter(|component| known_as(component).is_none()));
    let compile = |component: Component| match known_as(&component) {
        Some(loaded) => Ok(loaded.clone()),
        None => host.compile(&component.origin, &component.bytes).map(|plugin| Loaded { plugin, component }),
    };
    let compiled: Vec<Result<Loaded, LoadError>> = components.into_par_iter().map(compile).collect();
    let (mut loaded, mut refused) = (Vec::new(), Vec::new());
    for one in compiled {
        match one {
            Ok(plugin) => loaded.push(plugin),
            Err(error) => refused.push(error),
        }
    }
    (loaded, refused)
}

/// Logs that rules are being compiled, which takes ten seconds for a Python rule, and a minute on a slow machine.
fn tell_what_is_new<'a>(host: &Host, components: impl Iterator<Item = &'a Component>) {
    let new: Vec<&str> =
        components.filter(|component| !host.has_code(&component.bytes)).map(|component| &*component.origin).collect();
    if let [first, more @ ..] = &*new {
        let more = if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
        tracing::info!("compiling {first}{more}: this is done once, the code is kept");
    }
}

impl RuleSet {
    /// Puts a plugin of `loaded` on each rule of `policy`. Where none is suitable, the one of `last` stays, and a
    /// notice says why.
    pub(super) fn new(policy: &Policy, loaded: &[Loaded], last: Option<&Self>) -> Result<Self, ScorerError> {
        let mut rule_set = Self::default();
        let problems = policy.problems();
        for wanted in policy.rules() {
            let unfit = match configured(policy, wanted, loaded) {
                Ok(active_rule) => {
                    rule_set.rules.push(active_rule);
                    continue;
                }
                Err(unfit) => unfit,
            };
            let kept = last
                .and_then(|last| last.active_rule(&wanted.name))
                .and_then(|active_rule| active_rule.with(wanted, policy.kinds()));
            match (kept, unfit) {
                (Some(kept), unfit) => rule_set.keep(wanted, kept, &unfit.told(policy, wanted)),
                (None, Unfit::Plugin(error)) => return Err(error),
                (None, Unfit::Parameters(refused)) => {
                    refused.iter().for_each(|problem| complain(policy, &wanted.name, problem, &problems));
                }
            }
        }
        rule_set.check_certain(policy, &problems);
        problems.finish(())?;
        rule_set.add_shadows(policy, loaded);
        Ok(rule_set)
    }

    /// Adds the shadows of every rule. Where one cannot run, a notice says why.
    fn add_shadows(&mut self, policy: &Policy, loaded: &[Loaded]) {
        let active: Vec<RuleIx> = self.rules.iter().map(|(ix, _)| ix).collect();
        for (of, wanted) in active.into_iter().zip(policy.rules()) {
            for version in &wanted.shadow {
                let found = find(policy, wanted, Some(version), loaded).map_err(Unfit::Plugin);
                match found.and_then(|found| configure(policy, wanted, found)) {
                    Ok(active_rule) => self.rules.push(RunningRule { role: Role::ShadowOf(of), ..active_rule }),
                    Err(unfit) => {
                        let text = format!("no shadow {version}: {}", unfit.told(policy, wanted));
                        self.notices.push(Notice { rule: wanted.name.clone(), text });
                    }
                }
            }
        }
    }

    /// The rules whose answers make the scores, in the policy's order.
    pub(super) fn active(&self) -> impl Iterator<Item = (RuleIx, &RunningRule)> {
        self.rules.iter().take_while(|(_, active_rule)| active_rule.role == Role::Active)
    }

    /// Findings that the policy takes for certain must be among those that their rules can give: a slip in such a code would
    /// silently keep a dissolved company among the living.
    fn check_certain(&self, policy: &Policy, problems: &Problems<'_>) {
        for certain in policy.exposure().certain() {
            let (Some(rule), Some(span)) = (self.active_rule(&certain.rule), &certain.span) else { continue };
            let codes: Vec<&str> = rule.rule.manifest().messages.iter().map(|message| message.code.as_str()).collect();
            if codes.contains(&&*certain.code) {
                continue;
            }
            let fix = match nearest(&certain.code, &codes) {
                Some(near) => format!("did you mean `{}:{near}`?", certain.rule),
                None => format!("write one of {}", codes.join(", ")),
            };
            problems.add(span.clone(), format!("the rule `{}` finds no `{}`", certain.rule, certain.code), fix);
        }
    }

    /// The plugin that answers for a rule.
    pub(super) fn active_rule(&self, rule: &str) -> Option<&RunningRule> {
        self.active().map(|(_, active_rule)| active_rule).find(|active_rule| *active_rule.rule.manifest().name == *rule)
    }

    /// Makes the last good plugin the active one.
    fn keep(&mut self, wanted: &policy::PolicyRule, kept: RunningRule, why: &str) {
        self.notices.push(kept.notice(wanted, why));
        self.rules.push(kept);
    }
}

impl Unfit {
    fn told(&self, policy: &Policy, wanted: &policy::PolicyRule) -> String {
        match self {
            Self::Plugin(error) => error.to_string(),
            Self::Parameters(refused) => complaints(policy, &wanted.name, refused).to_string(),
        }
    }
}

impl RunningRule {
    /// The same plugin with the parameters of `wanted`, when it is the version that is wanted and takes them.
    pub(super) fn with(&self, wanted: &policy::PolicyRule, kinds: &DeclaredKinds) -> Option<Self> {
        let plugin = &self.loaded.plugin;
        let is_wanted = |version: &Arc<str>| **version == plugin.manifest().version;
        if plugin.manifest().name != wanted.plugin || !wanted.version.as_ref().is_none_or(is_wanted) {
            return None;
        }
        let rule = plugin.configure_as(&wanted.name, &wanted.parameters, kinds).ok()?;
        Some(Self { rule, loaded: self.loaded.clone(), role: Role::Active })
    }

    /// The notice of why this plugin still counts.
    pub(super) fn notice(&self, wanted: &policy::PolicyRule, why: &str) -> Notice {
        let (version, digest) = (&self.rule.manifest().version, self.rule.digest().short());
        let text = format!("{why}; until then its last good version {version} {digest} counts");
        Notice { rule: wanted.name.clone(), text }
    }
}

fn configured(policy: &Policy, wanted: &policy::PolicyRule, loaded: &[Loaded]) -> Result<RunningRule, Unfit> {
    let found = find(policy, wanted, wanted.version.as_ref(), loaded).map_err(Unfit::Plugin)?;
    configure(policy, wanted, found)
}

fn configure(policy: &Policy, wanted: &policy::PolicyRule, found: &Loaded) -> Result<RunningRule, Unfit> {
    match found.plugin.configure_as(&wanted.name, &wanted.parameters, policy.kinds()) {
        Ok(rule) => Ok(RunningRule { rule, loaded: found.clone(), role: Role::Active }),
        Err(LoadError { reason: LoadReason::Parameters(refused), .. }) => Err(Unfit::Parameters(refused)),
        Err(source) => {
            let (policy, rule) = (policy.name().clone(), wanted.name.clone());
            Err(Unfit::Plugin(ScorerError::Start { policy, rule, source }))
        }
    }
}

/// What is wrong with the parameters of a rule, each where it stands in the policy.
#[must_use]
pub(crate) fn complaints(policy: &Policy, rule: &str, refused: &[ParameterProblem]) -> Diagnostics {
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
    let plugin = policy.rules().find(|one| *one.name == *rule).map_or(rule, |one| &one.plugin);
    let correct = || format!("correct it; `tierwatch plugin inspect {plugin}` shows what it takes");
    problems.add(span, message, fix.clone().unwrap_or_else(correct));
}

/// The one plugin of that name, and of that version where one is asked for.
fn find<'a>(
    policy: &Policy,
    wanted: &policy::PolicyRule,
    version: Option<&Arc<str>>,
    loaded: &'a [Loaded],
) -> Result<&'a Loaded, ScorerError> {
    let manifest = |one: &Loaded| Arc::clone(one.plugin.manifest());
    let named: Vec<&Loaded> = loaded.iter().filter(|one| manifest(one).name == wanted.plugin).collect();
    let (policy, rule) = (policy.name().clone(), wanted.name.clone());
    if named.is_empty() {
        let names: Vec<String> = loaded.iter().map(|one| manifest(one).name.to_string()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let meant = nearest(&wanted.plugin, &names).map(|near| format!("did you mean `{near}`? There are "));
        let known = format!("{}{}", meant.as_deref().unwrap_or("there are "), names.join(", "));
        return Err(ScorerError::Missing { policy, rule: wanted.plugin.clone(), known });
    }
    let is_meant = |one: &&&Loaded| version.is_none_or(|version| manifest(one).version == **version);
    let mut meant = named.iter().filter(is_meant);
    let Some(first) = meant.next() else {
        let versions = named.iter().map(|one| manifest(one).version.clone()).collect::<Vec<_>>().join(", ");
        let version = version.cloned().unwrap_or_default();
        return Err(ScorerError::Version { policy, rule, version, versions });
    };
    let Some(second) = meant.find(|other| other.plugin.digest() != first.plugin.digest()) else { return Ok(*first) };
    let told = |one: &Loaded| format!("{} ({})", manifest(one).version, one.component.origin);
    if manifest(first).version == manifest(second).version {
        return Err(ScorerError::Twice { rule, first: told(first), second: told(second) });
    }
    Err(ScorerError::Ambiguous { policy, rule, first: told(first), second: told(second) })
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
        /// The name of the policy that names the rule.
        policy: Arc<str>,
        /// The rule, as the policy names it.
        rule: Arc<str>,
        /// Why it does not start with these parameters.
        source: LoadError,
    },
    /// Two components claim one name.
    #[error("the rule `{rule}` is in both {first} and {second}: remove one of them")]
    Twice {
        /// The name that both claim.
        rule: Arc<str>,
        /// The path of one.
        first: String,
        /// The path of the other.
        second: String,
    },
    /// Several versions of a rule are there and the policy does not say which counts.
    #[error(
        "the rule `{rule}` is there as {first} and as {second}: say which counts, with `version` below [rules.{rule}] of the \
         policy `{policy}`, or remove one of them"
    )]
    Ambiguous {
        /// The name of the policy that names the rule.
        policy: Arc<str>,
        /// The rule, as the policy names it.
        rule: Arc<str>,
        /// One version, with its path.
        first: String,
        /// Another version, with its path.
        second: String,
    },
    /// The policy names a version that nothing provides.
    #[error(
        "the policy `{policy}` wants version {version} of the rule `{rule}`, which no plugin is (there are: {versions}): add its \
         component to plugins.folder, or name another version"
    )]
    Version {
        /// The name of the policy that names the rule.
        policy: Arc<str>,
        /// The rule, as the policy names it.
        rule: Arc<str>,
        /// The version that the policy names.
        version: Arc<str>,
        /// The versions that there are.
        versions: String,
    },
    /// The policy names a rule that nothing provides.
    #[error(
        "the policy `{policy}` runs the rule `{rule}`, which no plugin provides ({known}): add its component to \
         plugins.folder, write `plugin = \"expression\"` into a rule that is made of expressions, or remove the rule"
    )]
    Missing {
        /// The name of the policy that names the rule.
        policy: Arc<str>,
        /// The rule, as the policy names it.
        rule: Arc<str>,
        /// The rules that there are, after the one that may be meant.
        known: String,
    },
}
