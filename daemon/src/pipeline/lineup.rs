//! Which plugin answers for each rule of a policy: the version that counts, those that run in its shadow, and the last good
//! one where a new one is no good.

use super::scorer::{Component, Scorer, ScorerError};
use crate::{
    model::Digest,
    policy::{self, Policy},
    rules::{Host, LoadError, Plugin, Rule},
};
use rayon::prelude::*;
use std::sync::Arc;

/// A plugin with the component that it was compiled from.
#[derive(Clone)]
pub struct Loaded {
    /// What it declares, ready to be configured.
    pub plugin: Plugin,
    /// What it was compiled from.
    pub component: Component,
}

/// A rule of the policy with the plugin that answers for it.
#[derive(Clone)]
pub(super) struct Post {
    pub(super) rule: Rule,
    pub(super) loaded: Loaded,
}

/// A version of a rule that runs beside the one that counts.
#[derive(Clone)]
pub(super) struct Shadow {
    /// The place of the one that counts.
    pub(super) of: usize,
    pub(super) post: Post,
}

/// Something about a rule that its operator must know: its last good plugin is kept, or a shadow does not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Which rule.
    pub rule: Arc<str>,
    /// What and why, ending with the fix.
    pub text: String,
}

/// Everybody in place for a policy.
#[derive(Default)]
pub(super) struct Lineup {
    /// One a rule of the policy, in its order.
    pub(super) counting: Vec<Post>,
    pub(super) shadows: Vec<Shadow>,
    pub(super) notices: Vec<Notice>,
}

/// Compiles components, except those in `known`. Beside them comes why the others are no rules.
#[must_use]
pub fn compile(host: &Host, components: Vec<Component>, known: &[Loaded]) -> (Vec<Loaded>, Vec<LoadError>) {
    let compile = |component: Component| {
        let digest = Digest::of(&component.bytes);
        let same = |one: &&Loaded| one.plugin.digest() == digest && one.component.origin == component.origin;
        match known.iter().find(same) {
            Some(loaded) => Ok(loaded.clone()),
            None => host.compile(&component.origin, &component.bytes).map(|plugin| Loaded { plugin, component }),
        }
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

impl Lineup {
    /// Puts a plugin of `loaded` on each rule of `policy`. Where there is none that will do, the one of `last` stays, and a
    /// notice says why.
    pub(super) fn new(policy: &Policy, loaded: &[Loaded], last: Option<&Scorer>) -> Result<Self, ScorerError> {
        let mut lineup = Self::default();
        for wanted in policy.rules() {
            let post = match configured(policy, wanted, loaded) {
                Ok(post) => post,
                Err(error) => {
                    let kept = last.and_then(|last| last.post(&wanted.name)).and_then(|post| post.with(wanted));
                    let Some(kept) = kept else { return Err(error) };
                    let (version, digest) = (&kept.rule.manifest().version, kept.rule.digest().short());
                    let text = format!("{error}; until then its last good version {version} {digest} counts");
                    lineup.notices.push(Notice { rule: wanted.name.clone(), text });
                    kept
                }
            };
            lineup.counting.push(post);
        }
        for (of, wanted) in policy.rules().enumerate() {
            for version in &wanted.shadow {
                match find(policy, wanted, Some(version), loaded).and_then(|found| configure(policy, wanted, found)) {
                    Ok(post) => lineup.shadows.push(Shadow { of, post }),
                    Err(error) => {
                        let text = format!("no shadow {version}: {error}");
                        lineup.notices.push(Notice { rule: wanted.name.clone(), text });
                    }
                }
            }
        }
        Ok(lineup)
    }
}

impl Post {
    /// The same plugin with the parameters of `wanted`, when it is the version that is wanted and takes them.
    pub(super) fn with(&self, wanted: &policy::Rule) -> Option<Self> {
        let plugin = &self.loaded.plugin;
        if wanted.version.as_ref().is_some_and(|version| **version != plugin.manifest().version) {
            return None;
        }
        let rule = plugin.configure(&wanted.parameters).ok()?;
        Some(Self { rule, loaded: self.loaded.clone() })
    }
}

fn configured(policy: &Policy, wanted: &policy::Rule, loaded: &[Loaded]) -> Result<Post, ScorerError> {
    configure(policy, wanted, find(policy, wanted, wanted.version.as_ref(), loaded)?)
}

fn configure(policy: &Policy, wanted: &policy::Rule, found: &Loaded) -> Result<Post, ScorerError> {
    match found.plugin.configure(&wanted.parameters) {
        Ok(rule) => Ok(Post { rule, loaded: found.clone() }),
        Err(source) => {
            Err(ScorerError::Parameters { policy: policy.name().clone(), rule: wanted.name.clone(), source })
        }
    }
}

/// The one plugin of that name, and of that version where one is asked for.
fn find<'a>(
    policy: &Policy,
    wanted: &policy::Rule,
    version: Option<&Arc<str>>,
    loaded: &'a [Loaded],
) -> Result<&'a Loaded, ScorerError> {
    let manifest = |one: &Loaded| Arc::clone(one.plugin.manifest());
    let named: Vec<&Loaded> = loaded.iter().filter(|one| manifest(one).name == wanted.name).collect();
    let (policy, rule) = (policy.name().clone(), wanted.name.clone());
    if named.is_empty() {
        let known = loaded.iter().map(|one| manifest(one).name.to_string()).collect::<Vec<_>>().join(", ");
        return Err(ScorerError::Missing { policy, rule, known });
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
