//! What rules are tried on: a host, and the kinds that a configuration declares.

use crate::{
    attest::component_signature::ComponentSigners,
    case::CaseVocabulary,
    cli::common::config_if_any,
    config::{trust, vocabulary},
    model::{DeclaredKinds, Identifiers, Kind},
    rules::{CodeCache, CompilerCommand, Host, Limits, Plugin as Compiled, kinds_parameter},
    scoring::components,
};
use anyhow::Result;
use std::path::{Path, PathBuf};

/// The host and the vocabulary with which plugins are tried.
pub(super) struct Bed {
    pub(super) host: Host,
    /// What cases may name.
    pub(super) known: CaseVocabulary,
    /// The kinds that the configuration declares.
    pub(super) kinds: DeclaredKinds,
    /// Who may sign plugins; none without a configuration.
    pub(super) component_signers: Option<ComponentSigners>,
}

impl Bed {
    /// With the limits and schemes of the configuration; with the defaults where none was named and none is here: the
    /// author of a rule need not run a daemon.
    pub(super) fn new(config: &Path) -> Result<Self> {
        let Some(config) = config_if_any(config)? else {
            let limits = Limits::default();
            let host = match user_cache() {
                Some(folder) => {
                    Host::with_cache(limits, CodeCache::new(folder, Some(CompilerCommand::this_program(&limits))))?
                }
                None => Host::new(limits)?,
            };
            return Ok(Self {
                host,
                known: CaseVocabulary::default(),
                kinds: DeclaredKinds::default(),
                component_signers: None,
            });
        };
        let host = components::host(&config)?;
        let component_signers = Some(trust::verifier(&config)?.component_signers);
        let kinds = vocabulary::declared_kinds(&config)?;
        let known = kinds.names().cloned().collect();
        let identifiers = Identifiers::new(config.attestations.schemes);
        let known = CaseVocabulary { identifiers, kinds: known, kinds_parameter: None };
        Ok(Self { host, known, kinds, component_signers })
    }

    /// The kinds that cases may name for a rule that reads `kinds`: those of the configuration, its own, and those of the case's
    /// parameters, if `plugin` takes kinds there.
    pub(super) fn known(&self, plugin: &Compiled, kinds: &[Kind]) -> CaseVocabulary {
        let mut known = self.known.clone();
        known.kinds.extend(kinds.iter().map(|kind| kind.as_str().into()));
        known.kinds_parameter = kinds_parameter(&plugin.manifest().parameters).map(str::to_owned);
        known
    }
}

/// Where compiled rules are kept without a configuration: a Python rule takes ten seconds to compile.
fn user_cache() -> Option<PathBuf> {
    let path = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let caches = path("XDG_CACHE_HOME").or_else(|| path("HOME").map(|home| home.join(".cache")))?;
    std::fs::create_dir_all(&caches).ok()?;
    Some(caches.join("tierwatch"))
}
