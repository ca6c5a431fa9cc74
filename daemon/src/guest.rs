//! Building rule plugins in Rust: which toolchain can, with which settings, and how a module becomes a component. The
//! daemon's build script uses this file for the built-in rules, `tierwatch plugin build` for everybody's.

use std::{
    path::{Path, PathBuf},
    process::Command,
};
use wit_component::ComponentEncoder;

/// The target that rules are compiled for.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

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
    // A stack of 128 KiB instead of 1 MiB: an instance has less to clear after every batch. 1 MiB of memory from the start:
    // growing is a system call, and most batches need no more. No bulk memory: `memory.copy` is a call out of the sandbox,
    // too expensive for moving small records.
    (
        "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
        "-Clink-arg=-zstack-size=131072 -Clink-arg=--initial-memory=1048576 -Ctarget-feature=-bulk-memory,-bulk-memory-opt",
    ),
];

/// A Rust that can build for WebAssembly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Toolchain {
    /// The one that builds the daemon: its target is installed.
    Own,
    /// Debian's, which builds the standard library from its sources.
    Debian,
}

impl Toolchain {
    /// The toolchain here that can build rules, `rustc` being the one at hand.
    ///
    /// # Errors
    /// What to install where none can.
    pub(crate) fn find(rustc: &str) -> Result<Self, String> {
        let found = Command::new(rustc).args(["--print", "target-libdir", "--target", TARGET]).output();
        let has_target = found.as_ref().is_ok_and(|output| {
            let libraries = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
            output.status.success() && libraries.is_dir()
        });
        let debian_sources = Path::new("/usr/src").read_dir().is_ok_and(|mut entries| {
            entries.any(|entry| entry.is_ok_and(|entry| entry.file_name().to_string_lossy().starts_with("rustc-")))
        });
        if has_target {
            Ok(Self::Own)
        } else if debian_sources && Path::new("/usr/bin/wasm-ld-19").exists() && Path::new("/usr/bin/cargo").exists() {
            Ok(Self::Debian)
        } else {
            Err(format!(
                "no Rust here can build for {TARGET}: run `rustup target add {TARGET}` (https://rustup.rs), or on Debian \
                 `apt-get install rustc-web cargo-web rust-web-src lld-19`"
            ))
        }
    }

    /// `cargo build` for rules, without what Cargo or a user sets for the daemon.
    pub(crate) fn build(self, cargo: &str, rustc: &str) -> Command {
        let mut command = Command::new(if self == Self::Own { cargo } else { "/usr/bin/cargo" });
        for name in NOT_FOR_GUESTS {
            command.env_remove(name);
        }
        command.envs(PROFILE.iter().copied());
        match self {
            Self::Own => command.env("RUSTC", rustc).arg("build"),
            Self::Debian => command
                .env("RUSTC", "/usr/bin/rustc")
                .env("RUSTC_BOOTSTRAP", "1")
                .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "wasm-ld-19")
                .args(["build", "-Zbuild-std=std,panic_abort"]),
        };
        command.args(["--release", "--target", TARGET]);
        command
    }
}

/// The component of a core module that Rust made.
///
/// # Errors
/// Why it is no module of a rule.
pub(crate) fn lift(module: &[u8]) -> Result<Vec<u8>, String> {
    let mut encoder = ComponentEncoder::default();
    let encoded = encoder.validate(true).module(module).and_then(ComponentEncoder::encode);
    encoded.map_err(|error| format!("{error:#}"))
}
