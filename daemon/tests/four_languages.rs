//! One rule four times: in Rust (the built-in `cyber-posture`), in Python, in JavaScript and as expressions. They give the
//! same answers, to the byte, about ten thousand suppliers with random evidence. The sources are in
//! `tests/guests/cyber-posture`.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::Instant as Clock,
};
use tierwatch::{
    model::{
        Assessment, Attestation, Claims, Digest, Facts, Instant, Kind, Organisation, Outcome, Reason, Requirement,
        Trust,
    },
    policy::Policy,
    rules::{CodeCache, Host, Limits, Rule, Subject, built_in},
};

const SUPPLIERS: usize = 10_000;
/// 2024-01-01, from which the days asked about are drawn, over four years with a leap day.
const FIRST_DAY: i64 = 19_723;
const DAYS: u64 = 1_461;

#[test]
fn the_same_rule_in_four_languages_answers_the_same() {
    let suppliers: Vec<Supplier> = (0..SUPPLIERS).map(|number| Supplier::random(number as u64)).collect();
    let folder = tempfile::tempdir().expect("a folder");
    // `plugin build` keeps here what it compiles.
    let cache = CodeCache::new(folder.path().join("cache/tierwatch"), None);
    let host = Host::with_cache(Limits::default(), cache).expect("a host");

    let expected =
        answers("Rust", &host.load("Rust", component("cyber-posture"), &json!({})).expect("a rule"), &suppliers);
    every_message_is_among(&expected);
    equal("expressions", &answers("expressions", &expressions(&host), &suppliers), &expected, &suppliers);
    for (language, source, guests, environment) in
        [("python", "rule.py", "python", ".venv"), ("javascript", "rule.js", "javascript/node_modules", "node_modules")]
    {
        let Some(guests) = set_up(guests) else { continue };
        let bytes = built(folder.path(), language, source, &guests, environment);
        let rule = host.load(language, &bytes, &json!({})).expect("a rule");
        equal(language, &answers(language, &rule, &suppliers), &expected, &suppliers);
    }
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The path of something that `make guests` sets up, if it has.
#[expect(clippy::print_stderr, reason = "a skipped part must be visible")]
fn set_up(what: &str) -> Option<PathBuf> {
    let found = fs::canonicalize(repository().join("target/guests").join(what)).ok();
    if found.is_none() {
        eprintln!("SKIPPED: there is no target/guests/{what}; `make guests` brings it");
    }
    found
}

fn component(name: &str) -> &'static [u8] {
    built_in().iter().find(|rule| rule.name == name).expect("a built-in rule").component
}

fn expressions(host: &Host) -> Rule {
    let path = repository().join("tests/guests/cyber-posture/expression.toml");
    let text = fs::read_to_string(path).expect("it is there");
    let policy = Policy::parse("expression.toml", &text).unwrap_or_else(|diagnostics| panic!("{diagnostics}"));
    let rule = policy.rules().next().expect("a rule");
    host.load("expression", component("expression"), &rule.parameters).unwrap_or_else(|error| panic!("{error}"))
}

/// Builds the rule as its author would, from `plugin new` on.
fn built(folder: &Path, language: &str, source: &str, guests: &Path, environment: &str) -> Vec<u8> {
    let name = format!("{language}-posture");
    let tierwatch = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tierwatch"));
        command.args(arguments).current_dir(folder).env("XDG_CACHE_HOME", folder.join("cache"));
        let output = command.env_remove("TIERWATCH_CONFIG").output().expect("it runs");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    };
    tierwatch(&["plugin", "new", &name, "--lang", language]);
    let rule = repository().join("tests/guests/cyber-posture").join(source);
    fs::copy(rule, folder.join(&name).join(source)).expect("the folder is ours");
    symlink(guests, folder.join(&name).join(environment)).expect("the folder is ours");
    tierwatch(&["plugin", "build", &name]);
    fs::read(folder.join(&name).join(format!("{name}.wasm"))).expect("it was built")
}

/// Every answer of a rule, as bytes.
#[expect(clippy::print_stdout, reason = "how fast each language is")]
fn answers(language: &str, rule: &Rule, suppliers: &[Supplier]) -> Vec<String> {
    let subjects: Vec<Subject<'_>> = suppliers.iter().map(Supplier::subject).collect();
    let started = Clock::now();
    let evaluation = rule.assess(&subjects);
    let seconds = started.elapsed().as_secs_f64();
    println!(
        "{language}: {:.0} assessments/s, {} fuel each, {} calls",
        suppliers.len() as f64 / seconds,
        evaluation.fuel / suppliers.len() as u64,
        evaluation.calls
    );
    assert_eq!(evaluation.assessments.len(), suppliers.len());
    evaluation.assessments.iter().map(written).collect()
}

/// All of an assessment: outcome, risk, confidence, reason, and each finding with its texts, evidence and day.
fn written(assessment: &Assessment) -> String {
    let why = |reason: &Reason| json!([reason, reason.remedy()]);
    let outcome = match &assessment.outcome {
        Outcome::Scored { risk_bp, confidence_bp } => json!([risk_bp, confidence_bp]),
        Outcome::NotApplicable(reason) | Outcome::Unknown(reason) | Outcome::Invalid(reason) => why(reason),
        Outcome::Failed(why) => json!(why),
    };
    json!([assessment.outcome.as_str(), outcome, assessment.findings]).to_string()
}

fn equal(language: &str, got: &[String], expected: &[String], suppliers: &[Supplier]) {
    for ((got, expected), supplier) in got.iter().zip(expected).zip(suppliers) {
        assert_eq!(got, expected, "{language} about {supplier:#?}");
    }
}

/// The comparison covers every message of the rule, as a reason or a finding, in many answers.
fn every_message_is_among(answers: &[String]) {
    let host = Host::new(Limits::default()).expect("a host");
    let rule = host.load("Rust", component("cyber-posture"), &json!({})).expect("a rule");
    for message in &rule.manifest().messages {
        let said = answers.iter().filter(|answer| answer.contains(&format!("\"{}\"", message.code))).count();
        assert!(said >= 20, "only {said} answers say {}", message.code);
    }
    let risks: BTreeSet<&str> =
        answers.iter().filter_map(|answer| answer.strip_prefix("[\"scored\",[")?.split(',').next()).collect();
    assert_eq!(risks, BTreeSet::from(["0", "2000", "2500", "5000", "6000", "7000", "8000", "9000"]));
    assert!(!answers.iter().any(|answer| answer.starts_with("[\"failed\"")));
}

#[derive(Debug)]
struct Supplier {
    organisation: Organisation,
    names: Vec<Organisation>,
    as_of: Instant,
    evidence: Vec<Arc<Attestation>>,
    facts: Facts,
}

/// Random numbers that are the same on any machine.
struct Dice(ChaCha8Rng);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0.next_u64() % limit
    }

    /// True in `times` of `all` cases.
    fn happens(&mut self, times: u64, all: u64) -> bool {
        self.below(all) < times
    }

    /// A day around `day`, often one of a few: rules are most likely to differ on evidence that is equal in what decides.
    fn day(&mut self, day: i64, before: u64, after: u64) -> i64 {
        let shift = self.below(before + after + 1);
        let shift = if self.happens(1, 2) { shift / 30 * 30 } else { shift };
        day - before as i64 + shift as i64
    }

    /// An instant of a day, often its first.
    fn instant(&mut self, day: i64) -> Instant {
        let seconds = if self.happens(3, 4) { 0 } else { self.below(86_400) };
        Instant::from_unix_seconds(day * 86_400 + seconds as i64)
    }
}

impl Supplier {
    fn random(number: u64) -> Self {
        let mut dice = Dice(ChaCha8Rng::seed_from_u64(number));
        let name = |text: &str| Organisation::checked_before(text);
        let organisation = name(&format!("GB-COH:{number:08}"));
        let today = FIRST_DAY + dice.below(DAYS) as i64;
        let as_of = dice.instant(today);
        let evidence = (0..dice.below(9)).map(|index| Arc::new(attestation(&mut dice, &organisation, today, index)));
        let evidence = evidence.collect();
        let cyber_level = (!dice.happens(1, 12)).then(|| dice.below(4) as u8);
        let requirement = Requirement { cyber_level, ..Requirement::default() };
        let names = vec![name("CAGE:ACME1"), organisation.clone()];
        Self { organisation, names, as_of, evidence, facts: Facts { requirement, ..Facts::default() } }
    }

    fn subject(&self) -> Subject<'_> {
        Subject {
            organisation: &self.organisation,
            names: &self.names,
            as_of: self.as_of,
            evidence: &self.evidence,
            facts: &self.facts,
        }
    }
}

fn attestation(dice: &mut Dice, organisation: &Organisation, today: i64, index: u64) -> Attestation {
    let issuer = ["IASME", "Certifier", organisation.as_str(), "CAGE:ACME1"][dice.below(4) as usize];
    let trust = Trust::ALL[dice.below(4) as usize];
    let (kind, claims, oldest) = claims(dice, today);
    let day = dice.day(today, oldest, 60);
    let valid_from = dice.instant(day);
    let valid_until = dice.happens(1, 3).then(|| {
        let last = dice.day(day, 0, 700);
        dice.instant(last + 1)
    });
    Attestation {
        digest: Digest::of(format!("{organisation} {index}").as_bytes()),
        subject: organisation.clone(),
        issuer: issuer.into(),
        issued_at: valid_from,
        valid_from,
        valid_until,
        trust,
        scope: None,
        claims: Claims::parse(&Kind::named(kind), &claims.to_string()).expect("claims"),
        evidence: Vec::new(),
        supersedes: Vec::new(),
        handling: None,
    }
}

/// The claims of one of the five kinds, and how many days ago they may have been made.
fn claims(dice: &mut Dice, today: i64) -> (&'static str, Value, u64) {
    let date = |dice: &mut Dice, before, after| {
        let day = dice.day(today, before, after);
        Instant::from_unix_seconds(day * 86_400).date().to_string()
    };
    match dice.below(8) {
        kind @ 0..=3 => {
            let entities = if dice.happens(1, 2) { vec!["CAGE:ACME1"] } else { vec!["GB-COH:99999999"] };
            let claims = json!({"certificate": "C-1", "whole_organisation": dice.happens(5, 6), "entities": entities});
            (if kind < 2 { "cyber.ce" } else { "cyber.ceplus" }, claims, 480)
        }
        4 | 5 => {
            // Sometimes on a day that is still to come.
            let (before, after) = if dice.happens(1, 20) { (0, 30) } else { (480, 0) };
            ("cyber.dcc", json!({"level": dice.below(4), "attested_on": date(dice, before, after)}), 1_200)
        }
        6 => {
            let gaps = if dice.happens(1, 2) { 0 } else { dice.below(4) };
            ("cyber.saq", json!({"level": dice.below(4), "gaps": gaps}), 480)
        }
        _ => ("cyber.cip", json!({"accepted": dice.happens(3, 4), "due_on": date(dice, 90, 240)}), 480),
    }
}
