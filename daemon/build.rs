//! Builds the rule plugins of this repository for WebAssembly, lifts them to components, and lists them for
//! `include_bytes!`. A plugin is found by its folder below `plugins/`: adding one touches no file of the daemon.

use std::{
    error::Error,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
};
use wit_component::ComponentEncoder;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const TARGET: &str = "wasm32-unknown-unknown";

/// Folders below `plugins/` with a `Cargo.toml` that are no rules.
const NOT_RULES: &[&str] = &["sdk"];

/// What Cargo sets for build scripts, or a user for the daemon, that must not reach the guests' build.
const NOT_FOR_GUESTS: &[&str] = &[
    "CARGO_BUILD_RUSTC",
    "CARGO_BUILD_RUSTC_WRAPPER",
    "CARGO_BUILD_RUSTC_WORKSPACE_WRAPPER",
    "CARGO_BUILD_RUSTFLAGS",
    "CARGO_BUILD_TARGET",
    "CARGO_BUILD_TARGET_DIR",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_MAKEFLAGS",
    "CARGO_TARGET_DIR",
    "CLIPPY_ARGS",
    "MAKEFLAGS",
    "MFLAGS",
    "RUSTC",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTC_WRAPPER",
    "RUSTDOC",
    "RUSTFLAGS",
];

/// The guests' release profile: fast, small, and an overflow stops instead of wrapping.
const PROFILE: &[(&str, &str)] = &[
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "1"),
    ("CARGO_PROFILE_RELEASE_DEBUG", "false"),
    ("CARGO_PROFILE_RELEASE_INCREMENTAL", "false"),
    ("CARGO_PROFILE_RELEASE_LTO", "fat"),
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "3"),
    ("CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS", "true"),
    ("CARGO_PROFILE_RELEASE_PANIC", "abort"),
    ("CARGO_PROFILE_RELEASE_STRIP", "true"),
    // A stack of 128 KiB instead of 1 MiB: an instance has less to clear after every batch. No bulk memory: `memory.copy`
    // is a call out of the sandbox, too dear for the moves of small records.
    (
        "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
        "-Clink-arg=-zstack-size=131072 -Ctarget-feature=-bulk-memory,-bulk-memory-opt",
    ),
];

/// A Rust that can build for WebAssembly.
enum Toolchain {
    /// The one that builds the daemon: its target is installed.
    Own,
    /// Debian's, which builds the standard library from its sources.
    Debian,
}

fn main() -> Result<()> {
    let workspace = PathBuf::from(variable("CARGO_MANIFEST_DIR")?).join("..");
    let out = PathBuf::from(variable("OUT_DIR")?);
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={}", workspace.join("plugins").display());
    println!("cargo::rerun-if-changed={}", workspace.join("Cargo.lock").display());

    let names = rule_crates(&workspace.join("plugins"))?;
    build(&workspace, &out.join("guests"), &names)?;

    let mut list = String::from("&[\n");
    for name in &names {
        let module = out.join("guests").join(TARGET).join("release").join(name.replace('-', "_") + ".wasm");
        let component = out.join(format!("{name}.component.wasm"));
        fs::write(&component, lift(&module)?)?;
        writeln!(list, "    BuiltIn {{ name: {name:?}, component: include_bytes!({component:?}) }},")?;
    }
    list.push_str("]\n");
    fs::write(out.join("built_in_rules.rs"), list)?;
    Ok(())
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
    let rustc = variable("RUSTC")?;
    let mut command = match toolchain(&rustc)? {
        Toolchain::Own => {
            let mut command = clean_command(&variable("CARGO")?);
            command.env("RUSTC", rustc).arg("build");
            command
        }
        Toolchain::Debian => {
            let mut command = clean_command("/usr/bin/cargo");
            command
                .env("RUSTC", "/usr/bin/rustc")
                .env("RUSTC_BOOTSTRAP", "1")
                .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "wasm-ld-19")
                .args(["build", "-Zbuild-std=std,panic_abort"]);
            command
        }
    };
    command
        .current_dir(workspace)
        .args(["--release", "--lib", "--locked", "--target", TARGET, "--target-dir"])
        .arg(target_dir)
        .args(names.iter().flat_map(|name| ["--package", name]));
    let output = command.output()?;
    if output.status.success() {
        return Ok(());
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    Err(format!("the rule plugins do not build for {TARGET}:\n{errors}").into())
}

fn clean_command(program: &str) -> Command {
    let mut command = Command::new(program);
    for name in NOT_FOR_GUESTS {
        command.env_remove(name);
    }
    command.envs(PROFILE.iter().copied());
    command
}

fn toolchain(rustc: &str) -> Result<Toolchain> {
    let output = Command::new(rustc).args(["--print", "target-libdir", "--target", TARGET]).output()?;
    let libraries = PathBuf::from(String::from_utf8(output.stdout)?.trim());
    let debian_sources = Path::new("/usr/src").read_dir().is_ok_and(|mut entries| {
        entries.any(|entry| entry.is_ok_and(|entry| entry.file_name().to_string_lossy().starts_with("rustc-")))
    });
    if output.status.success() && libraries.is_dir() {
        Ok(Toolchain::Own)
    } else if debian_sources && Path::new("/usr/bin/wasm-ld-19").exists() && Path::new("/usr/bin/cargo").exists() {
        Ok(Toolchain::Debian)
    } else {
        let missing = format!("no Rust here can build the rule plugins for {TARGET}: run `make setup`");
        Err(missing.into())
    }
}

fn lift(module: &Path) -> Result<Vec<u8>> {
    let bytes = fs::read(module).map_err(|error| format!("{}: {error}", module.display()))?;
    let component = ComponentEncoder::default().validate(true).module(&bytes)?.encode();
    component.map_err(|error| format!("{} does not become a component: {error:#}", module.display()).into())
}
