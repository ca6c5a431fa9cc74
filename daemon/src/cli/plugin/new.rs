//! `tierwatch plugin new`

use crate::{
    cli::{done::Done, output::print_text},
    rules::{built_in, is_rule_name},
};
use anyhow::{Context as _, Result, bail};
use clap::ValueEnum as _;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Start a rule: a folder that builds by itself, with one worked rule, its parameters, its cases and what to do next.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct New {
    /// The rule's name, as policies call it: lower-case letters, digits and hyphens.
    name: String,
    /// The language it is written in.
    #[arg(long, value_enum)]
    lang: Language,
    /// The folder to make; named as the rule by default.
    #[arg(long, value_name = "DIR")]
    into: Option<PathBuf>,
}

/// What rules can be written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Language {
    /// Small and fast.
    Rust,
    /// With its interpreter inside: 18 MB.
    Python,
    /// With its engine inside: 12 MB.
    Javascript,
}

/// One file of a new rule.
struct TemplateFile {
    language: &'static str,
    path: &'static str,
    text: &'static str,
}

/// The files that `build.rs` found below `plugins/templates`.
const TEMPLATES: &[TemplateFile] = include!(concat!(env!("OUT_DIR"), "/templates.rs"));

/// What stands for the rule's name in a template.
const NAME: &str = "{{name}}";

impl Language {
    /// The file that marks the language of a folder.
    pub(super) const MARKS: [(Self, &'static str); 3] =
        [(Self::Rust, "Cargo.toml"), (Self::Python, "rule.py"), (Self::Javascript, "rule.js")];
}

impl New {
    pub(in crate::cli) fn run(self) -> Result<Done> {
        let Self { name, lang, into } = self;
        if !is_rule_name(&name) {
            bail!("`{name}` is no name for a rule: write lower-case letters, digits and `-`, a letter first");
        }
        if built_in().iter().any(|rule| rule.name == name) {
            bail!("the rule `{name}` comes with the daemon: give yours another name");
        }
        let folder = into.unwrap_or_else(|| PathBuf::from(&name));
        if fs::read_dir(&folder).is_ok_and(|mut entries| entries.next().is_some()) {
            bail!("{} is not empty: name another folder with --into", folder.display());
        }
        let asked = lang.to_possible_value();
        let is_asked =
            |template: &&TemplateFile| asked.as_ref().is_some_and(|asked| asked.get_name() == template.language);
        let files = TEMPLATES.iter().filter(is_asked);
        for TemplateFile { path, text, .. } in files {
            write(&folder.join(path), &text.replace(NAME, &name))?;
        }
        let shown = folder.display();
        print_text(&format!("{shown} is ready: {shown}/README.md says what is in it and how it is built\n"))?;
        Ok(Done::Fine)
    }
}

fn write(path: &Path, text: &str) -> Result<()> {
    let cannot = || format!("cannot write {}: name a folder of yours with --into", path.display());
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(cannot)?;
    }
    fs::write(path, text).with_context(cannot)
}
