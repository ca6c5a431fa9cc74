//! Builds the rule plugins of this repository for WebAssembly, lifts them to components, and lists them for
//! `include_bytes!`. A plugin is found by its folder below `plugins/`: adding one touches no file of the daemon. Lists too
//! what `tierwatch plugin new` writes, and makes the libraries that rules in Python and JavaScript are built with.

#[path = "src/guest.rs"]
mod guest;
#[path = "build/templates.rs"]
mod templates;

use guest::{TARGET, Toolchain};
use std::{
    error::Error,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Folders below `plugins/` with a `Cargo.toml` that are no rules.
const NOT_RULES: &[&str] = &["sdk"];

fn main() -> Result<()> {
    let workspace = PathBuf::from(variable("CARGO_MANIFEST_DIR")?).join("..").canonicalize()?;
    let out = PathBuf::from(variable("OUT_DIR")?);
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed=src/guest.rs");
    for folder in ["wit", "sdk", "templates"] {
        println!("cargo::rerun-if-changed={}", workspace.join("plugins").join(folder).display());
    }
    println!("cargo::rerun-if-changed={}", workspace.join("daemon/crates/identifiers").display());
    println!("cargo::rerun-if-changed={}", workspace.join("Cargo.lock").display());
    fs::write(out.join("templates.rs"), templates::list(&workspace, &out)?)?;
    for library in ["dice", "still"] {
        preloaded(library, &out)?;
    }

    let names = rule_crates(&workspace.join("plugins"))?;
    // A rule's cases and tests lie beside its sources, and change no component.
    for part in names.iter().flat_map(|name| ["Cargo.toml", "src"].map(|part| Path::new(name).join(part))) {
        println!("cargo::rerun-if-changed={}", workspace.join("plugins").join(part).display());
    }
    build(&workspace, &out.join("guests"), &names)?;

    let mut list = String::from("&[\n");
    for name in &names {
        let module = out.join("guests").join(TARGET).join("release").join(name.replace('-', "_") + ".wasm");
        let component = out.join(format!("{name}.component.wasm"));
        let bytes = fs::read(&module).map_err(|error| format!("{}: {error}", module.display()))?;
        let lifted = guest::lift(&bytes);
        fs::write(&component, lifted.map_err(|error| format!("{name} does not become a component: {error}"))?)?;
        writeln!(list, "    BuiltIn {{ name: {name:?}, component: include_bytes!({component:?}) }},")?;
    }
    list.push_str("]\n");
    fs::write(out.join("built_in_rules.rs"), list)?;
    Ok(())
}

/// A library that stands before the C library's while rules are built.
fn preloaded(library: &str, out: &Path) -> Result<()> {
    let source = format!("build/{library}.rs");
    let made = Command::new(variable("RUSTC")?)
        .args([
            "--edition=2024",
            "--crate-type=cdylib",
            "-Cpanic=abort",
            "-Copt-level=2",
            "-Cstrip=symbols",
            "--target",
        ])
        .args([&variable("TARGET")?, &source, "-o"])
        .arg(out.join(format!("{library}.so")))
        .output()?;
    if made.status.success() {
        return Ok(());
    }
    Err(format!("{source} does not build:\n{}", String::from_utf8_lossy(&made.stderr)).into())
}

fn variable(name: &str) -> Result<String> {
    std::env::var(name).map_err(|error| format!("{name}: {error}").into())
}

/// The names of the rule crates, sorted. A crate is named as its folder.
fn rule_crates(plugins: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(plugins)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().join("Cargo.toml").is_file() && !NOT_RULES.contains(&name.as_str()) {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

fn build(workspace: &Path, target_dir: &Path, names: &[String]) -> Result<()> {
    let (cargo, rustc) = (variable("CARGO")?, variable("RUSTC")?);
    let mut command = Toolchain::find(&rustc)?.build(&cargo, &rustc);
    command
        .current_dir(workspace)
        .args(["--lib", "--locked", "--target-dir"])
        .arg(target_dir)
        .args(names.iter().flat_map(|name| ["--package", name]));
    let output = command.output()?;
    if output.status.success() {
        return Ok(());
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    Err(format!("the rule plugins do not build for {TARGET}:\n{errors}").into())
}
