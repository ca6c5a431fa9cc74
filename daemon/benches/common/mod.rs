//! What the benchmarks of the whole binary share.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![allow(dead_code, reason = "each benchmark uses a part of this")]

use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
};

/// The binary under measurement.
pub(crate) const TIERWATCH: &str = env!("CARGO_BIN_EXE_tierwatch");

/// Says what was measured on.
pub(crate) fn print_machine() {
    let read = |path| fs::read_to_string(path).unwrap_or_default();
    let cpu = read("/proc/cpuinfo");
    let model =
        cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": ")).map_or("?", |(_, model)| model);
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let load = read("/proc/loadavg");
    println!("machine: {model}, {cores} cores, load {}", load.split(' ').next().unwrap_or("?"));
}

/// Writes a simulated network below `folder` unless it is there.
pub(crate) fn simulate(folder: &Path, organisations: u32, attestations: u32) {
    let (organisations, attestations) = (organisations.to_string(), attestations.to_string());
    let status = Command::new(TIERWATCH)
        .args(["simulate", "--organisations", &organisations, "--attestations", &attestations])
        .arg(folder)
        .stdout(Stdio::null())
        .status()
        .expect("the binary starts");
    assert!(status.success(), "the network is not simulated");
}

/// A running process that ends with this value.
pub(crate) struct Running(pub(crate) Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Most resident memory that the process has had, or has now (`VmHWM`, `VmRSS`), in MB.
pub(crate) fn memory_mb(pid: u32, field: &str) -> f64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap_or_default();
    let kib: f64 = line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).unwrap_or(0.0);
    kib * 1024.0 / 1e6
}
