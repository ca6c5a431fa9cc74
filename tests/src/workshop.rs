//! A folder in which somebody writes rules.

use crate::{
    command::{Answer, binary, guest_target},
    site::temporary,
};
use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::Command,
};
use tempfile::TempDir;

/// A folder for rules, with a cache of its own and no configuration.
#[derive(Debug)]
pub struct Workshop {
    folder: TempDir,
}

impl Workshop {
    /// An empty folder.
    #[must_use]
    pub fn new() -> Self {
        Self { folder: temporary() }
    }

    /// The folder in which rules are written.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A path inside the folder.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    /// Runs `tierwatch plugin` there.
    #[must_use]
    pub fn run<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Answer {
        let mut command = Command::new(binary());
        command.arg("plugin").args(arguments).current_dir(self.folder());
        command.env("XDG_CACHE_HOME", self.path("cache")).env("CARGO_TARGET_DIR", guest_target());
        command.env_remove("TIERWATCH_CONFIG");
        Answer::of(&mut command)
    }

    /// Replaces `old` by `new` in one of its files.
    ///
    /// # Panics
    /// When `old` is not there.
    pub fn edit(&self, file: &str, old: &str, new: &str) {
        let text = fs::read_to_string(self.path(file)).expect("the file is there");
        assert!(text.contains(old), "`{old}` is not in {file}:\n{text}");
        fs::write(self.path(file), text.replacen(old, new, 1)).expect("the folder is ours");
    }

    /// The component of the worked rule in Rust, after `edits` of its source: old and new text. Tests that run in
    /// parallel use different names, since they share a target folder.
    ///
    /// # Panics
    /// When it does not build.
    #[must_use]
    pub fn component(&self, name: &str, edits: &[(&str, &str)]) -> Vec<u8> {
        if !self.path(name).exists() {
            let _ = self.run(&["new", name, "--lang", "rust"]).expect(0);
        }
        let file = format!("{name}/src/lib.rs");
        let source = fs::read_to_string(self.path(&file)).expect("there is a source");
        edits.iter().for_each(|(old, new)| self.edit(&file, old, new));
        let _ = self.run(&["build", name]).expect(0);
        fs::write(self.path(&file), source).expect("the folder is ours");
        fs::read(self.path(name).join(format!("{name}.wasm"))).expect("it was built")
    }
}

impl Default for Workshop {
    fn default() -> Self {
        Self::new()
    }
}
