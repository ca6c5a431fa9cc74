//! What the benchmarks of the whole binary share.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![allow(dead_code, reason = "each benchmark uses a part of this")]

use std::{
    collections::HashSet,
    fs::{self, OpenOptions},
    io::Write as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
};
use tierwatch::{
    attest::{
        dsse,
        keys::{Algorithm, SigningKey},
        statement::{self, Draft},
    },
    model::{Attestation, Claims, Digest, Facts, Instant, Kind, Organisation, Requirement, Trust},
    rules::Subject,
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

/// Between a network and its renewal, in days.
const RENEWED_AFTER_DAYS: i64 = 60;

/// Writes a simulated network as of two months ago, and the same network as of today, which renews all its attestations.
/// Gives the folder of the former.
pub(crate) fn simulate_renewed(folder: &Path, organisations: usize) -> PathBuf {
    let today = Instant::now();
    for (name, today) in [("network", today.plus_days(-RENEWED_AFTER_DAYS)), ("renewed", today)] {
        let status = Command::new(TIERWATCH)
            .args(["simulate", "--organisations", &organisations.to_string(), "--today", &today.date().to_string()])
            .arg(folder.join(name))
            .stdout(Stdio::null())
            .status()
            .expect("the binary starts");
        assert!(status.success(), "the network is not simulated");
    }
    folder.join("network")
}

/// An attestation that renews one of a simulated network.
pub(crate) struct Renewal {
    /// Its envelope.
    pub(crate) line: String,
    /// The file of the feed that it stands in.
    pub(crate) origin: String,
}

/// What [`simulate_renewed`] wrote of today that the earlier network does not hold, in an order that is as good as random and
/// always the same on one day.
pub(crate) fn renewals(folder: &Path) -> Vec<Renewal> {
    let mut known = Vec::new();
    lines(&folder.join("network/feed"), "", &mut known);
    let known: HashSet<String> = known.into_iter().map(|renewal| renewal.line).collect();
    let mut renewals = Vec::new();
    lines(&folder.join("renewed/feed"), "", &mut renewals);
    renewals.retain(|renewal| !known.contains(&renewal.line));
    renewals.sort_by_cached_key(|renewal| Digest::of(renewal.line.as_bytes()));
    renewals
}

/// Every line of every file below a feed's folder but of those that hold bad input.
fn lines(folder: &Path, name: &str, found: &mut Vec<Renewal>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let entry = entry.expect("an entry");
        let name = format!("{name}{}", entry.file_name().display());
        if entry.path().is_dir() {
            if name != "received" {
                lines(&entry.path(), &format!("{name}/"), found);
            }
            continue;
        }
        let mut offset = 0;
        for line in fs::read_to_string(entry.path()).expect("text").lines() {
            found.push(Renewal { line: line.to_owned(), origin: format!("{name}:byte {offset}") });
            offset += line.len() + 1;
        }
    }
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

/// Adds to a file that is there.
pub(crate) fn append(path: &Path, text: &str) {
    let mut file = OpenOptions::new().append(true).open(path).expect("it is there");
    file.write_all(text.as_bytes()).expect("written");
}

/// Somebody who attests what suppliers answered.
#[derive(Clone)]
pub(crate) struct Issuer(SigningKey);

impl Issuer {
    pub(crate) fn new() -> Self {
        Self(SigningKey::from_seed(Algorithm::Ed25519, [42; 32]))
    }

    /// Lets the keys and grants of a simulated network admit what it attests.
    pub(crate) fn be_trusted(&self, network: &Path) {
        let pem = self.0.public().to_pem().expect("a key");
        let key = format!("\n[[key]]\nname = \"bench\"\nowner = \"Bench\"\npublic_key = \"\"\"\n{pem}\"\"\"\n");
        let grant =
            "\n[[grant]]\nname = \"bench\"\nsigners = [\"bench\"]\nkinds = [\"cyber.saq\"]\ntrust = \"third-party\"\n";
        append(&network.join("trust.toml"), &(key + grant));
    }

    /// A questionnaire that is answered up to `level`, signed.
    pub(crate) fn questionnaire(&self, organisation: &Organisation, issued_at: Instant, level: u32) -> String {
        let payload = statement::write(&Draft {
            subject: organisation,
            kind: &Kind::CyberSaq,
            issued_at,
            valid_from: None,
            valid_until: None,
            scope: None,
            claims: &serde_json::json!({"level": level}),
            evidence: &[],
            supersedes: &[],
            handling: None,
        });
        dsse::sign(statement::PAYLOAD_TYPE, payload.as_bytes(), &[&self.0])
    }
}

/// A supplier that must meet cyber level 2.
pub(crate) struct Supplier {
    pub(crate) organisation: Organisation,
    pub(crate) evidence: Vec<Arc<Attestation>>,
    pub(crate) facts: Facts,
}

impl Supplier {
    /// With these claims, each from an instant on and for ever.
    pub(crate) fn new(number: usize, claims: impl IntoIterator<Item = (Instant, Claims)>) -> Self {
        let organisation = Organisation::checked_before(&format!("GB-COH:{number:08}"));
        let issuer: Arc<str> = "IASME".into();
        let attestation = |(index, (valid_from, claims)): (usize, (Instant, Claims))| {
            Arc::new(Attestation {
                digest: Digest::of(format!("{number} {index}").as_bytes()),
                subject: organisation.clone(),
                issuer: Arc::clone(&issuer),
                issued_at: valid_from,
                valid_from,
                valid_until: None,
                trust: Trust::ThirdParty,
                scope: None,
                claims,
                evidence: Vec::new(),
                supersedes: Vec::new(),
                handling: None,
            })
        };
        let evidence = claims.into_iter().enumerate().map(attestation).collect();
        let requirement = Requirement { cyber_level: Some(2), ..Requirement::default() };
        Self { organisation, evidence, facts: Facts { requirement, ..Facts::default() } }
    }

    /// As a rule gets it, at an instant in seconds since 1970.
    pub(crate) fn subject(&self, as_of: i64) -> Subject<'_> {
        Subject {
            organisation: &self.organisation,
            names: &[],
            as_of: Instant::from_unix_seconds(as_of),
            evidence: &self.evidence,
            facts: &self.facts,
        }
    }
}

/// The first numbers of the command line, or these.
pub(crate) fn asked<const N: usize>(mut usual: [usize; N]) -> [usize; N] {
    let given = std::env::args().skip(1).filter_map(|argument| argument.parse().ok());
    usual.iter_mut().zip(given).for_each(|(number, given)| *number = given);
    usual
}
