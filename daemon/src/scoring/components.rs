//! The components that may serve as rules: the built-in ones and those of the plugin folder.

use crate::{
    attest::component_signature::{ComponentSigners, EXTENSION, MAX_COMPONENT_SIGNATURE_BYTES},
    config::Config,
    model::Digest,
    rules::{self, CodeCache, CompilerCommand, Host, HostError},
};
use anyhow::Result;
use std::{
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
    sync::Arc,
};

/// A component that may serve as a rule, and where it came from.
#[derive(Clone)]
pub struct Component {
    /// Where it came from, for messages: `built-in clearance` or a path.
    pub origin: String,
    /// The component's bytes.
    pub bytes: Arc<[u8]>,
}

/// What the origin of a built-in plugin begins with; its name follows.
pub(crate) const BUILT_IN: &str = "built-in ";

/// The components that may serve as rules, and those of the plugin folder that may not.
pub struct Components {
    /// The components that may serve, the built-in ones first.
    pub found: Vec<Component>,
    /// Why the others are left out, each with its file and the fix.
    pub refused: Vec<String>,
    /// Whether the plugin folder could not be read at all.
    pub is_folder_missing: bool,
}

/// The built-in rules and those of the plugin folder, by name of file. A missing folder is reported, and may appear later.
#[must_use]
pub fn components(config: &Config, component_signers: &ComponentSigners) -> Components {
    let built_in =
        |rule: &rules::BuiltIn| Component { origin: format!("{BUILT_IN}{}", rule.name), bytes: rule.component.into() };
    let found = rules::built_in().iter().map(built_in).collect();
    let mut components = Components { found, refused: Vec::new(), is_folder_missing: false };
    let Some(folder) = &config.plugins.folder else { return components };
    let files = match rules::component_files(folder) {
        Ok(files) => files,
        Err(error) => {
            components.is_folder_missing = true;
            components.refused.push(format!(
                "plugins.folder {} cannot be read ({error}): create or mount it, and it is read by itself; or correct it in \
                 the configuration",
                folder.display()
            ));
            return components;
        }
    };
    for path in files {
        let origin = path.display().to_string();
        let taken = rules::read_component(&path).map_err(|error| error.to_string()).and_then(|bytes| {
            if config.plugins.require_signed {
                let signature = signature(&path);
                let checked = component_signers.check(&Digest::of(&bytes), signature.as_deref());
                checked.map_err(|error| format!("plugin `{origin}` is not loaded: {error}"))?;
            }
            Ok(bytes)
        });
        match taken {
            Ok(bytes) => components.found.push(Component { origin, bytes: bytes.into() }),
            Err(why) => components.refused.push(why),
        }
    }
    components
}

/// The text of the signature beside a component; `None` when there is no file that could be one.
#[must_use]
pub fn signature(component: &Path) -> Option<String> {
    let mut text = String::new();
    let file = File::open(signature_path(component)).ok()?;
    file.take(MAX_COMPONENT_SIGNATURE_BYTES).read_to_string(&mut text).ok()?;
    Some(text)
}

/// Where the signature of a component lies.
#[must_use]
pub(crate) fn signature_path(component: &Path) -> PathBuf {
    let mut path = component.as_os_str().to_owned();
    path.push(".");
    path.push(EXTENSION);
    path.into()
}

/// The plugin host that `config` asks for. It keeps compiled code beside the store.
///
/// # Errors
/// [`HostError`] when the machine gives no address space or no thread.
pub fn host(config: &Config) -> Result<Host, HostError> {
    let limits = config.plugins.limits;
    let cache = CodeCache::new(config.code_path(), Some(CompilerCommand::this_program(&limits)));
    Host::with_cache(limits, cache)
}
