//! `tierwatch plugin build`

use super::{bed::Bed, inspect::bytes, new::Language};
use crate::{
    by_name,
    cli::{done::Done, output::print_text},
    guest::{self, TARGET, Toolchain},
    rules::{Plugin, read_component},
};
use anyhow::{Context as _, Result, bail};
use serde::Deserialize;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The file name of a component until the daemon's host has accepted it.
const UNTRIED: &str = "untried.partial";

/// Make the component of a rule's folder and load it as the daemon would. Says what to install where something is missing.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Build {
    /// The folder, as `tierwatch plugin new` makes it.
    #[arg(value_name = "DIR", default_value = ".")]
    folder: PathBuf,
}

impl Build {
    pub(in crate::cli) fn run(self, config: &Path) -> Result<Done> {
        let folder = fs::canonicalize(&self.folder)
            .with_context(|| format!("there is no folder {}: name that of a rule", self.folder.display()))?;
        let language = Language::MARKS.iter().find(|(_, mark)| folder.join(mark).is_file());
        let Some((language, _)) = language else {
            let marks = Language::MARKS.map(|(_, mark)| mark).join(", ");
            bail!(
                "{} holds no rule ({marks}): start one with `tierwatch plugin new NAME --lang rust`",
                self.folder.display()
            );
        };
        let untried = folder.join(UNTRIED);
        match language {
            Language::Rust => rust(&folder, &untried),
            Language::Python => python(&folder, &untried),
            Language::Javascript => javascript(&folder, &untried),
        }?;
        let loaded = self.load(config, &untried);
        if loaded.is_err() {
            let _ = fs::remove_file(&untried);
        }
        let plugin = loaded?;
        let name = format!("{}.wasm", plugin.manifest().name);
        fs::rename(&untried, folder.join(&name)).with_context(|| format!("cannot write {name}"))?;
        print_text(&format!(
            "{} {} {} {}\n",
            self.folder.join(&name).display(),
            plugin.manifest().version,
            bytes(plugin.component_bytes()),
            plugin.digest()
        ))?;
        Ok(Done::Fine)
    }

    fn load(&self, config: &Path, component: &Path) -> Result<Plugin> {
        let origin = self.folder.display().to_string();
        Ok(Bed::new(config)?.host.compile(&origin, &read_component(component)?)?)
    }
}

/// What `cargo metadata` says of a package, as far as it matters here.
#[derive(Deserialize)]
struct CargoMetadata {
    target_directory: PathBuf,
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
}

fn rust(folder: &Path, output: &Path) -> Result<()> {
    let toolchain = Toolchain::find("rustc").map_err(anyhow::Error::msg)?;
    let metadata = Command::new("cargo")
        .args(["metadata", "--no-deps", "--format-version=1"])
        .current_dir(folder)
        .output()
        .context("cannot run cargo: install Rust from https://rustup.rs")?;
    if !metadata.status.success() {
        bail!("{}", String::from_utf8_lossy(&metadata.stderr).trim());
    }
    let metadata: CargoMetadata = by_name::json_bytes(&metadata.stdout)?;
    let Some(package) = metadata.packages.first() else { bail!("Cargo.toml holds no package: add `[package]`") };
    let mut build = toolchain.build("cargo", "rustc");
    build.current_dir(folder).arg("--target-dir").arg(&metadata.target_directory);
    succeed(build, "install Rust from https://rustup.rs")?;
    let file = format!("{}.wasm", package.name.replace('-', "_"));
    let module = metadata.target_directory.join(TARGET).join("release").join(file);
    let bytes = fs::read(&module).with_context(|| {
        format!("the build made no {}: add `crate-type = [\"cdylib\"]` under [lib]", module.display())
    })?;
    let component = guest::lift(&bytes).map_err(|error| {
        anyhow::anyhow!("it does not become a component ({error}): export the rule with `tierwatch_rule::export!`")
    })?;
    fs::write(output, component)?;
    Ok(())
}

/// A library that a rule is built with, and the file in which it lies meanwhile.
type Preloaded = (&'static str, &'static [u8]);

/// Replaces the source of randomness, see `build/dice.rs`.
const DICE: Preloaded = ("dice.partial", include_bytes!(concat!(env!("OUT_DIR"), "/dice.so")));
/// Replaces the clock, see `build/still.rs`.
const STILL: Preloaded = ("still.partial", include_bytes!(concat!(env!("OUT_DIR"), "/still.so")));

/// Builds with `libraries` in the folder. `build` gets the value that names them to the loader: paths relative to the folder,
/// since the loader would take a blank in an absolute one for its end.
fn with_preloaded(folder: &Path, libraries: &[Preloaded], build: impl FnOnce(&str) -> Result<()>) -> Result<()> {
    let write = |(file, bytes): &Preloaded| {
        let file = folder.join(file);
        fs::write(&file, bytes).with_context(|| format!("cannot write {}", file.display()))
    };
    let names: Vec<String> = libraries.iter().map(|(file, _)| format!("./{file}")).collect();
    let built = libraries.iter().try_for_each(write).and_then(|()| build(&names.join(" ")));
    for (file, _) in libraries {
        let _ = fs::remove_file(folder.join(file));
    }
    built
}

fn python(folder: &Path, output: &Path) -> Result<()> {
    with_preloaded(folder, &[DICE], |preloaded| python_with(preloaded, folder, output))
}

fn python_with(preloaded: &str, folder: &Path, output: &Path) -> Result<()> {
    let own = folder.join(".venv/bin/componentize-py");
    let program = if own.is_file() { own } else { PathBuf::from("componentize-py") };
    let mut build = Command::new(program);
    build
        .current_dir(folder)
        .env("LD_PRELOAD", preloaded)
        .env_remove("RUST_BACKTRACE")
        .args([
            "--wit-path",
            "wit/1.0.0",
            "--world",
            "rule",
            "componentize",
            "--stub-wasi",
            "tierwatch_guest",
            "--output",
        ])
        .arg(output);
    let setup = "python3 -m venv .venv && .venv/bin/pip install --requirement requirements.txt";
    succeed(build, &format!("run `{setup}` in {}", folder.display()))
}

fn javascript(folder: &Path, output: &Path) -> Result<()> {
    if !folder.join("node_modules/@bytecodealliance/componentize-js").is_dir() {
        bail!("there is no componentize-js: run `npm install` in {}", folder.display());
    }
    with_preloaded(folder, &[DICE, STILL], |preloaded| {
        let mut build = Command::new("node");
        build.current_dir(folder).arg("build.mjs").arg(output).arg(preloaded);
        succeed(build, "install Node.js 20 or newer from https://nodejs.org")
    })
}

/// Runs a builder to its end. If it cannot be started, `install` says what to do; if it fails, its output is shown.
fn succeed(mut command: Command, install: &str) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().with_context(|| format!("cannot run {program}: {install}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].map(|said| String::from_utf8_lossy(&said).trim().to_owned());
    bail!("{program} refused the rule: correct what it says\n{}", said.join("\n").trim())
}
