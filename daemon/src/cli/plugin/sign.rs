//! `tierwatch plugin sign`

use super::found::FoundComponent;
use crate::{
    attest::component_signature,
    cli::{attest::read_key, done::Done, output::print_text},
    model::Digest,
    scoring::components,
};
use anyhow::{Context as _, Result, bail};
use std::{fs, path::PathBuf};

/// Sign a component's digest; the signature goes into a `.sig` file beside it.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Sign {
    /// A component, or a folder with one.
    #[arg(value_name = "FILE|DIR", default_value = ".")]
    plugin: PathBuf,
    /// The private key, as `tierwatch attest key` makes it; more than one may sign.
    #[arg(long, required = true)]
    key: Vec<PathBuf>,
}

impl Sign {
    pub(in crate::cli) fn run(self) -> Result<Done> {
        let found = FoundComponent::of(&self.plugin)?;
        let Some(file) = &found.file else {
            bail!("{} comes with the daemon and needs no signature: name a component's file", found.origin);
        };
        let keys = self.key.iter().map(|path| read_key(path)).collect::<Result<Vec<_>>>()?;
        let digest = Digest::of(&found.bytes);
        let signature = component_signature::sign(&digest, &keys.iter().collect::<Vec<_>>());
        let path = components::signature_path(file);
        fs::write(&path, signature + "\n").with_context(|| format!("cannot write {}", path.display()))?;
        print_text(&format!("{} signs {digest}\n", path.display()))?;
        Ok(Done::Fine)
    }
}
