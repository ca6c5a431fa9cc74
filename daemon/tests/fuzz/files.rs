//! What operators write: configuration, keys and grants, policies, cases, network files, names and times.

use super::{harness::Target, mutation};
use serde_json::json;
use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};
use tierwatch::{
    case::{self, Case, CaseVocabulary},
    config::{Config, trust},
    model::{Date, Identifiers, Instant, Outcome},
    policy::Policy,
    rules::{Host, Limits, Rule, built_in},
};

/// Longest complaint about a file: some of its lines are quoted, so it grows with them.
const MAX_COMPLAINT_BYTES: usize = 4 * 1024 * 1024;

fn repository(path: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)).expect("a file of the repository")
}

/// A file with its commented-out keys uncommented.
fn uncommented(path: &str) -> Vec<u8> {
    let text = String::from_utf8(repository(path)).expect("text");
    let line = |line: &str| match line.strip_prefix("# ") {
        Some(key) if key.starts_with('[') || key.contains(" = ") => format!("{key}\n"),
        _ => format!("{line}\n"),
    };
    text.lines().map(line).collect::<String>().into_bytes()
}

fn text(input: &[u8]) -> String {
    String::from_utf8_lossy(input).into_owned()
}

fn bounded(complaint: &str) -> Result<(), String> {
    let bytes = complaint.len();
    if bytes <= MAX_COMPLAINT_BYTES { Ok(()) } else { Err(format!("a complaint of {bytes} bytes")) }
}

#[test]
fn configurations() {
    let seeds = [repository("config/tierwatch.toml"), uncommented("config/tierwatch.toml")];
    let target = Target { name: "files::configurations", inputs: 2_000, mutate: mutation::text };
    target.run(&seeds, |input| match Config::parse("tierwatch.toml", &text(input), Path::new("/nowhere")) {
        Ok(_) => Ok(()),
        Err(complaint) => bounded(&complaint.to_string()),
    });
}

#[test]
fn keys_and_grants() {
    let folder = tempfile::tempdir().expect("a folder");
    let configuration = "data_dir = \"data\"\npolicy = \"policy.toml\"\ntrust = \"trust.toml\"\n";
    let config = Config::parse("tierwatch.toml", configuration, folder.path()).expect("a configuration");
    let seeds = [repository("config/trust.toml"), uncommented("config/trust.toml"), trust()];
    let target = Target { name: "files::keys_and_grants", inputs: 2_000, mutate: mutation::text };
    target.run(&seeds, |input| {
        fs::write(&config.trust, input).map_err(|error| error.to_string())?;
        match trust::verifier(&config) {
            Ok(_) => Ok(()),
            Err(complaint) => bounded(&format!("{complaint:#}")),
        }
    });
}

/// Keys and grants that are in force, as `tierwatch simulate` writes them.
fn trust() -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let mut options = tierwatch::simulate::Options::demo("2026-05-10".parse().expect("a date"));
    options.organisations = 20;
    let demo = folder.path().join("demo");
    tierwatch::simulate::write_demo(&demo, &options, &mut |_| {}).expect("a network");
    fs::read(demo.join("trust.toml")).expect("keys and grants")
}

#[test]
fn policies() {
    let mut seeds = Vec::new();
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../rules")).expect("policies") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            seeds.push(fs::read(path).expect("a policy"));
        }
    }
    for seed in &seeds {
        Policy::parse("policy.toml", &text(seed)).unwrap_or_else(|complaint| panic!("{complaint}"));
    }
    let target = Target { name: "files::policies", inputs: 2_000, mutate: mutation::text };
    target.run(&seeds, |input| match Policy::parse("policy.toml", &text(input)) {
        Ok(policy) => {
            // Every score asks this of a policy.
            let bands = [None, Some(0), Some(5_000), Some(10_000)].map(|risk_bp| policy.band(risk_bp));
            if bands.iter().all(|band| !band.is_empty()) { Ok(()) } else { Err(format!("{bands:?}")) }
        }
        Err(complaint) => bounded(&complaint.to_string()),
    });
}

/// A case that can be read is evidence that can be lowered, and no rule that comes with the daemon fails on it.
#[test]
fn cases_and_what_is_lowered() {
    let host = Host::new(Limits::default()).expect("a host");
    let load = |rule: &tierwatch::rules::BuiltIn| host.load(rule.name, rule.component, &json!({})).expect("a rule");
    // What `expression` asks is written by policies.
    let rules: Vec<Rule> = built_in().iter().filter(|rule| rule.name != "expression").map(load).collect();
    let mut seeds = CASES.map(|case| case.as_bytes().to_vec()).to_vec();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugins/templates/shared/cases");
    for entry in fs::read_dir(folder).expect("cases") {
        seeds.push(fs::read(entry.expect("an entry").path()).expect("a case"));
    }
    for seed in &seeds {
        Case::parse("case.toml", &text(seed), &CaseVocabulary::default())
            .unwrap_or_else(|complaint| panic!("{complaint}"));
    }
    let target = Target { name: "files::cases_and_what_is_lowered", inputs: 2_000, mutate: mutation::text };
    target.run(&seeds, |input| {
        let case = match Case::parse("case.toml", &text(input), &CaseVocabulary::default()) {
            Ok(case) => case,
            Err(complaint) => return bounded(&complaint.to_string()),
        };
        let again = case::write(&case);
        if let Err(complaint) = Case::parse("case.toml", &again, &CaseVocabulary::default()) {
            return Err(format!("{complaint}\nof\n{again}"));
        }
        let subjects: Vec<_> = case.expected.iter().map(|expected| case.subject(expected.as_of)).collect();
        for rule in &rules {
            for assessment in rule.assess(&subjects).assessments {
                if let Outcome::Failed(why) = assessment.outcome {
                    return Err(format!("{}: {why}", rule.manifest().name));
                }
            }
        }
        Ok(())
    });
}

/// Evidence of every kind and every fact.
const CASES: [&str; 2] = [
    r#"
organisation = "GB-COH:09506232"
aliases = ["CAGE:1ABC9"]
[facts.requirement]
cyber_level = 2
cmmc_level = 2
criticality = 4
clearances = [{ level = "GB:SC", headcount = 10 }, { level = "US:SECRET", headcount = 2 }]
[[facts.needs]]
item = "castings"
class = "sole-critical"
buffer_days = 20
required_share_bp = 6000
hhi_bp = 10000
share_total_bp = 10000
sources = [{ supplier = "GB-COH:00000002", share_bp = 10000, qualified = true, switch_days = 5 }]
[facts.impact]
buyers = 3
tier = 1
survive_days = 30
recover_days = 60
single_point_of = [{ programme = "PROGRAMME:KESTREL", hidden = true, criticality = 5, survive_days = 20, down_days = 40 }]
[facts.ownership]
undisclosed_ppm = 100000
opaque = false
owners = [{ owner = "Harbin Holdings", country = "CN", effective_ppm = 300000 }]
countries = [{ country = "CN", effective_ppm = 300000 }]
[[expected]]
as_of = 2026-05-10
outcome = "unknown"
"#,
    r#"
organisation = "GB-COH:09506232"
[facts.requirement]
cyber_level = 2
cmmc_level = 2
clearances = [{ level = "GB:SC", headcount = 10 }]
[[attestations]]
kind = "cyber.dcc"
issuer = "IASME"
trust = "third-party"
valid_from = 2025-05-10
claims = { level = 2, attested_on = 2025-06-01 }
[[attestations]]
kind = "cyber.saq"
issuer = "Acme"
trust = "self"
valid_from = 2025-05-10
claims = { level = 2 }
[[attestations]]
kind = "cyber.sprs"
issuer = "DoD"
trust = "authority"
valid_from = 2025-05-10
claims = { score = 88, assessed_on = 2025-05-10, ssp = true }
[[attestations]]
kind = "cyber.cmmc"
issuer = "DoD"
trust = "authority"
valid_from = 2025-05-10
claims = { level = 2, status = "conditional", status_on = 2025-05-10, affirmed_on = 2025-06-10, poam = [{ requirement = "3.13.11", points = 3 }] }
[[attestations]]
kind = "clearance.facility"
issuer = "UKSV"
trust = "authority"
valid_from = 2025-05-10
claims = { nation = "GB", level = "secret", status = "full", since = 2020-01-01, sponsor_contract = "C-1", sponsor_until = 2026-12-31 }
[[attestations]]
kind = "clearance.personnel"
issuer = "UKSV"
trust = "authority"
valid_from = 2025-05-10
claims = [{ level = "GB:SC", count = 12, review_due_on = 2026-06-01 }]
[[attestations]]
kind = "site"
issuer = "Acme"
trust = "self"
valid_from = 2025-05-10
claims = { region = "West Midlands", corridors = ["M6"], share_bp = 10000, latitude = 52.5, longitude = -1.9 }
[[attestations]]
kind = "continuity.recovery"
issuer = "Acme"
trust = "self"
valid_from = 2025-05-10
claims = { recover_days = 60, tested_on = 2025-01-01 }
[[attestations]]
kind = "incident"
issuer = "NCSC"
trust = "authority"
valid_from = 2026-04-10
claims = { severity = 2, opened_on = 2026-04-01, reported_at = "2026-04-02T00:00:00Z" }
[[attestations]]
kind = "entity.status"
issuer = "Companies House"
trust = "authority"
valid_from = 2025-05-10
claims = { status = "administration" }
[[expected]]
as_of = 2026-05-10
outcome = "unknown"
[[expected]]
as_of = 2027-05-10
outcome = "unknown"
"#,
];

/// The whole command on a network file: it answers, or says what is wrong; it never panics (101) or is ended by a signal.
#[test]
fn networks() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("network.json");
    let network = json!({
        "nodes": [{"id": "A", "probability": 0.1}, {"id": "B", "probability": 0.2, "recover_days": 30}],
        "needs": [
            {"node": "P", "item": "X", "buffer_days": 10, "sources": [{"node": "A"}]},
            {"node": "A", "item": "Y", "required_share_bp": 6000, "sources": [{"node": "B", "share_bp": 5000},
                {"node": "C", "share_bp": 5000, "qualified": false, "switch_days": 3}]}
        ],
        "shocks": [{"name": "M6", "probability": 0.02, "nodes": ["A", "B"]}],
        "programmes": ["P"]
    });
    let cycle = json!({"needs": [{"node": "A", "sources": [{"node": "B"}]}, {"node": "B", "sources": [{"node": "A"}]}],
        "programmes": ["A", "B"]});
    let seeds = [network, cycle].map(|network| serde_json::to_vec_pretty(&network).expect("JSON"));
    let target = Target { name: "files::networks", inputs: 100, mutate: mutation::text };
    target.run(&seeds, |input| {
        fs::write(&path, input).map_err(|error| error.to_string())?;
        let mut command = Command::new(env!("CARGO_BIN_EXE_tierwatch"));
        command.arg("analyse").arg(&path).args(["--scenarios", "4096", "--pairs"]);
        let ended = command.stdin(Stdio::null()).output().map_err(|error| error.to_string())?;
        match ended.status.code() {
            Some(0 | 1) => bounded(&String::from_utf8_lossy(&ended.stderr)),
            _ => Err(format!("{}\n{}", ended.status, String::from_utf8_lossy(&ended.stderr))),
        }
    });
}

/// A name or time that was read is written so that it is read the same.
#[test]
fn names_and_times() {
    let identifiers = Identifiers::default();
    let seeds = [
        "GB-COH:09506232",
        "XI-LEI:5493001KJTIIGC8Y1R12",
        "CAGE:1ABC9",
        "PROGRAMME:KESTREL",
        "2026-05-10",
        "2026-05-10T09:00:00Z",
        "2026-05-10T09:00:00+01:00",
        "9999-12-31",
        "0001-01-01T00:00:00Z",
    ];
    let seeds = seeds.map(|seed| seed.as_bytes().to_vec());
    let target = Target { name: "files::names_and_times", inputs: 20_000, mutate: mutation::text };
    target.run(&seeds, |input| {
        let text = text(input);
        if let Ok(name) = identifiers.parse(&text)
            && identifiers.parse(name.as_str()).ok().as_ref() != Some(&name)
        {
            return Err(format!("{text:?} is {name:?}, which is not read back"));
        }
        let instants = [text.parse().ok(), Instant::parse_start(&text).ok(), Instant::parse_end(&text).ok()];
        for instant in instants.into_iter().flatten() {
            let written = instant.to_string();
            if written.parse().ok() != Some(instant) {
                return Err(format!("{text:?} is {written}, which is not read back"));
            }
        }
        match text.parse::<Date>() {
            Ok(date) if date.to_string().parse().ok() != Some(date) => Err(format!("{date} is not read back")),
            _ => Ok(()),
        }
    });
}
