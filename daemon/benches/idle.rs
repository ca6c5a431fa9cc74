//! What the daemon costs when nothing arrives: processor time and resident memory with the demonstration network.

mod common;

use common::{Running, TIERWATCH, print_machine};
use std::{
    fs,
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
    thread,
    time::Duration,
};

/// How long it is watched.
const WATCHED: Duration = Duration::from_secs(30);
/// Ticks of the kernel's process times (`getconf CLK_TCK`).
const TICKS_PER_SECOND: f64 = 100.0;

#[expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
fn main() {
    print_machine();
    let folder = tempfile::tempdir().expect("a folder");
    let mut demo = Command::new(TIERWATCH)
        // As `make demo` and the systemd unit start it: the C library keeps one heap for each thread otherwise.
        .env("MALLOC_ARENA_MAX", "1")
        .args(["demo", "--listen", "127.0.0.1:0", "--folder"])
        .arg(folder.path().join("demo"))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary starts");
    let lines = BufReader::new(demo.stdout.take().expect("a pipe")).lines();
    let demo = Running(demo);
    let ready = lines.map_while(Result::ok).any(|line| line.starts_with("metrics"));
    assert!(ready, "the demonstration does not come up");
    let pid = demo.0.id();
    thread::sleep(Duration::from_secs(3));
    let before = ticks(pid);
    thread::sleep(WATCHED);
    let share = (ticks(pid) - before) / TICKS_PER_SECOND / WATCHED.as_secs_f64();
    println!("idle: {:.2} % of a core over {WATCHED:?}", share * 100.0);
    println!(
        "resident: {:.1} MB now, {:.1} MB at most since the start",
        common::memory_mb(pid, "VmRSS"),
        common::memory_mb(pid, "VmHWM")
    );
}

/// User and system time so far, in ticks.
fn ticks(pid: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).expect("it runs");
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    fields[11..=12].iter().map(|field| field.parse::<f64>().expect("a number")).sum()
}
