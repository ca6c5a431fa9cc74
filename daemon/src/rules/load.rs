//! From a component's bytes to a rule that assesses: compile, describe, validate the parameters, configure.

use super::{
    bindings_v1 as v1, cache,
    call::{Instance, Startable},
    canonical,
    host::{Core, Host},
    lift::MessageForm,
    limits::{MAX_COMPONENT_BYTES, MAX_LISTED, shown},
    load_reason::{LoadReason, ParameterProblem},
    lower::Crossing,
    manifest, outline,
    parameters::Schema,
};
use crate::model::{DeclaredKinds, Digest, Kind, Manifest};
use serde_json::Value;
use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, atomic::AtomicU64},
};
use wasmtime::component::Linker;

/// Why a plugin does not load, with its origin; the sentence ends with the fix.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("plugin `{origin}`: {reason}")]
pub struct LoadError {
    /// The path of the file, or the name of the built-in rule.
    pub origin: String,
    /// What is wrong with it.
    pub reason: LoadReason,
}

/// A compiled plugin and its manifest.
#[derive(Clone)]
pub struct Plugin {
    inner: Arc<Inner>,
}

struct Inner {
    core: Arc<Core>,
    component: Startable,
    /// The cases of claims in the contract that it was built with.
    cases: Vec<String>,
    origin: String,
    manifest: Arc<Manifest>,
    schema: Schema,
    digest: Digest,
    component_bytes: usize,
}

/// A plugin with its parameters, ready to assess from any thread.
#[derive(Clone)]
pub struct Rule {
    plugin: Plugin,
    parameters: Arc<str>,
    configured: Arc<Configured>,
}

/// What the parameters make of a plugin.
struct Configured {
    manifest: Arc<Manifest>,
    forms: Vec<MessageForm>,
    crossing: Crossing,
    /// A recent average of the fuel that a subject used; 0 before the first.
    fuel_a_subject: AtomicU64,
}

impl Host {
    /// Compiles a component and asks it what it is. `origin` names it in errors: its file, or its name when built in.
    ///
    /// # Errors
    /// [`LoadError`] when it is no rule plugin of this contract.
    pub fn compile(&self, origin: &str, bytes: &[u8]) -> Result<Plugin, LoadError> {
        compile(&self.core, origin, bytes).map_err(|reason| LoadError { origin: origin.to_owned(), reason })
    }

    /// Compiles a component and configures it at once.
    ///
    /// # Errors
    /// As [`Host::compile`] and [`Plugin::configure`].
    pub fn load(&self, origin: &str, bytes: &[u8], parameters: &Value) -> Result<Rule, LoadError> {
        self.compile(origin, bytes)?.configure(parameters)
    }
}

impl Plugin {
    /// The manifest that `describe` returned.
    #[must_use]
    pub fn manifest(&self) -> &Arc<Manifest> {
        &self.inner.manifest
    }

    /// The SHA-256 of its component.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.inner.digest
    }

    /// The size of its component, in bytes.
    #[must_use]
    pub fn component_bytes(&self) -> usize {
        self.inner.component_bytes
    }

    /// The file it came from, or its name when built in.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.inner.origin
    }

    /// Configures it with a policy's parameters.
    ///
    /// # Errors
    /// [`LoadReason::Parameters`] when its schema or the rule itself refuses them.
    pub fn configure(&self, parameters: &Value) -> Result<Rule, LoadError> {
        self.configure_as(&self.inner.manifest.name, parameters, &DeclaredKinds::default())
    }

    /// Makes it the rule `name` of a policy: one plugin may be several of its rules, each with parameters of its own. A plugin
    /// whose schema asks for the declared `kinds` gets them, unless the parameters have them.
    ///
    /// # Errors
    /// As [`Plugin::configure`].
    pub(crate) fn configure_as(
        &self,
        name: &Arc<str>,
        parameters: &Value,
        kinds: &DeclaredKinds,
    ) -> Result<Rule, LoadError> {
        self.checked(name, parameters, kinds).map_err(|reason| LoadError { origin: self.inner.origin.clone(), reason })
    }

    fn checked(&self, name: &Arc<str>, parameters: &Value, kinds: &DeclaredKinds) -> Result<Rule, LoadReason> {
        let schema = &self.inner.schema;
        schema.check(parameters)?;
        let made = self.rule(name, &schema.with_declared(parameters, kinds, false));
        let is_unknown =
            |kind: &Kind| matches!(kind, Kind::Declared(name) if !kinds.names().any(|known| known == name));
        let may_be_a_slip = match &made {
            Ok(rule) => rule.manifest().kinds.iter().any(is_unknown),
            Err(reason) => matches!(reason, LoadReason::Parameters(_)),
        };
        let tells_kinds = schema.takes_kinds() && !kinds.others.is_empty() && may_be_a_slip;
        let tells_schemes = schema.takes_schemes() && kinds.schemes.is_some();
        if !tells_kinds && !tells_schemes {
            return made;
        }
        // Told of all that there are, it may know what was meant, or that it means nobody.
        match self.rule(name, &schema.with_declared(parameters, kinds, true)) {
            Err(reason @ LoadReason::Parameters(_)) => Err(reason),
            _ => made,
        }
    }

    fn rule(&self, name: &Arc<str>, parameters: &Value) -> Result<Rule, LoadReason> {
        let parameters: Arc<str> = parameters.to_string().into();
        let tailored = {
            let _running = self.inner.core.watchdog.enter();
            start(&self.inner, &parameters)?.1
        };
        let (manifest, words) = match tailored {
            Some(tailored) => {
                let own = &self.inner.manifest;
                let manifest = manifest::tailored(own, tailored.manifest)
                    .and_then(|manifest| manifest::known(manifest, &self.inner.cases))
                    .map_err(LoadReason::Manifest)?;
                (Arc::new(manifest), manifest::words(tailored.words).map_err(LoadReason::Manifest)?)
            }
            None => (Arc::clone(&self.inner.manifest), Vec::new()),
        };
        let crossing = Crossing::new(&manifest.kinds, &manifest.facts, words);
        let manifest = if manifest.name == *name {
            manifest
        } else {
            Arc::new(Manifest { name: Arc::clone(name), ..Manifest::clone(&manifest) })
        };
        let forms = manifest.messages.iter().map(MessageForm::of).collect();
        let configured = Arc::new(Configured { manifest, forms, crossing, fuel_a_subject: AtomicU64::new(0) });
        Ok(Rule { plugin: self.clone(), parameters, configured })
    }
}

impl Rule {
    /// The plugin it is made of.
    #[must_use]
    pub fn plugin(&self) -> &Plugin {
        &self.plugin
    }

    /// Its manifest with its parameters, under the name that the policy gives it.
    #[must_use]
    pub fn manifest(&self) -> &Arc<Manifest> {
        &self.configured.manifest
    }

    /// The SHA-256 of its component.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.plugin.digest()
    }

    /// Its parameters, as JSON.
    #[must_use]
    pub fn parameters(&self) -> &str {
        &self.parameters
    }

    /// Whether it equals `other`: the same component under the same name, with the same parameters and limits.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.digest() == other.digest()
            && self.parameters == other.parameters
            && self.manifest().name == other.manifest().name
            && Arc::ptr_eq(&self.plugin.inner.core, &other.plugin.inner.core)
    }

    pub(super) fn core(&self) -> &Core {
        &self.plugin.inner.core
    }

    pub(super) fn crossing(&self) -> &Crossing {
        &self.configured.crossing
    }

    pub(super) fn forms(&self) -> &[MessageForm] {
        &self.configured.forms
    }

    pub(super) fn fuel_a_subject(&self) -> &AtomicU64 {
        &self.configured.fuel_a_subject
    }

    /// A fresh instance, configured.
    pub(super) fn start(&self) -> Result<Instance<'_>, LoadReason> {
        start(&self.plugin.inner, &self.parameters).map(|(instance, _)| instance)
    }
}

/// A fresh instance with these parameters, and what they make of the rule.
fn start<'a>(inner: &'a Inner, parameters: &str) -> Result<(Instance<'a>, Option<v1::Tailored>), LoadReason> {
    let mut instance = Instance::new(&inner.core, &inner.component).map_err(LoadReason::Start)?;
    let configured = instance.configure(parameters).map_err(LoadReason::Start)?;
    let offset = |offset: u32| usize::try_from(offset).unwrap_or(usize::MAX);
    let problem = |from: v1::Problem| {
        let (message, fix) = match parted(&from.message) {
            Some((message, fix)) => (shown(message), Some(shown(fix))),
            None => (shown(&from.message), None),
        };
        let within = from.within.map(|span| offset(span.start)..offset(span.end));
        ParameterProblem { path: shown(&from.path), within, message, fix }
    };
    match configured {
        Ok(tailored) => Ok((instance, tailored)),
        Err(problems) => Err(LoadReason::Parameters(problems.into_iter().take(MAX_LISTED).map(problem).collect())),
    }
}

/// Splits a problem and its fix at the last colon that a space follows, outside of code.
fn parted(problem: &str) -> Option<(&str, &str)> {
    let (mut at, mut is_code) = (None, false);
    for (index, byte) in problem.bytes().enumerate() {
        match byte {
            b'`' => is_code = !is_code,
            b':' if !is_code && problem[index + 1..].starts_with(' ') => at = Some(index),
            _ => {}
        }
    }
    at.map(|at| (&problem[..at], &problem[at + 2..]))
}

impl std::fmt::Debug for Plugin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Inner { origin, digest, .. } = &*self.inner;
        f.debug_struct("Plugin").field("origin", origin).field("digest", digest).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rule").field("plugin", &self.plugin).field("parameters", &self.parameters).finish()
    }
}

/// The `*.wasm` files of a folder, by name.
///
/// # Errors
/// When the folder cannot be read.
pub(crate) fn component_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        paths.push(entry?.path());
    }
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "wasm") && path.is_file());
    paths.sort();
    Ok(paths)
}

/// The bytes of a component's file.
///
/// # Errors
/// [`LoadReason::Read`] or [`LoadReason::TooLarge`].
pub(crate) fn read_component(path: &Path) -> Result<Vec<u8>, LoadError> {
    read(path).map_err(|reason| LoadError { origin: path.display().to_string(), reason })
}

fn read(path: &Path) -> Result<Vec<u8>, LoadReason> {
    let unreadable = |error: io::Error| LoadReason::Read(error.to_string());
    if fs::metadata(path).map_err(unreadable)?.len() > MAX_COMPONENT_BYTES {
        return Err(LoadReason::TooLarge);
    }
    fs::read(path).map_err(unreadable)
}

fn compile(core: &Arc<Core>, origin: &str, bytes: &[u8]) -> Result<Plugin, LoadReason> {
    outline::check(bytes)?;
    let component = match &core.cache {
        Some(cache) => cache.component(&core.engine, origin, bytes),
        None => cache::in_process(&core.engine, bytes),
    };
    let component = component.map_err(|reason| LoadReason::Compile(shown(&reason)))?;
    let cases = canonical::known_cases(&core.engine, &component);
    // Nothing is ever linked: a plugin gets only its arguments.
    let component = Linker::new(&core.engine)
        .instantiate_pre(&component)
        .and_then(Startable::new)
        .map_err(|error| LoadReason::Shape(shown(&error.root_cause().to_string())))?;
    let described = {
        let _running = core.watchdog.enter();
        Instance::new(core, &component).and_then(|mut instance| instance.describe()).map_err(LoadReason::Start)?
    };
    let manifest = manifest::checked(described)
        .and_then(|manifest| manifest::known(manifest, &cases))
        .map_err(LoadReason::Manifest)?;
    let schema = Schema::new(&manifest.parameters).map_err(LoadReason::Manifest)?;
    Ok(Plugin {
        inner: Arc::new(Inner {
            core: Arc::clone(core),
            component,
            cases,
            origin: origin.to_owned(),
            manifest: Arc::new(manifest),
            schema,
            digest: Digest::of(bytes),
            component_bytes: bytes.len(),
        }),
    })
}
