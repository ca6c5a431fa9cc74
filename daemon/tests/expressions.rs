//! The rule `expression` as policies use it: mistakes are shown where they stand, and what a rule reads is what it names.

use serde_json::json;
use std::{
    env, fs,
    path::Path,
    sync::{Arc, LazyLock},
};
use tempfile::TempDir;
use tierwatch::{
    model::{Attestation, Claims, Digest, Facts, Instant, Kind, Organisation, Outcome, Trust, facts::Fact},
    pipeline::{
        lineup,
        scorer::{Component, Scorer},
    },
    policy::Policy,
    rules::{CodeCache, Host, Limits, Rule, Subject, built_in},
};

/// One host for all tests, which compiles the component once.
static HOST: LazyLock<(TempDir, Host)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    let host = Host::with_cache(Limits::default(), CodeCache::new(folder.path().join("code"), None)).expect("a host");
    (folder, host)
});

const BANDS: &str = "name = 'test'\nversion = '1'\n[[bands]]\nname = 'any'\nfrom_bp = 0\n";

fn scorer(host: &Host, text: &str) -> Result<Scorer, String> {
    let policy = Policy::parse("policy.toml", text).map_err(|diagnostics| diagnostics.to_string())?;
    let components = built_in().iter().filter(|rule| rule.name == "expression");
    let component =
        |rule: &tierwatch::rules::BuiltIn| Component { origin: rule.name.into(), bytes: rule.component.into() };
    let components: Vec<_> = components.map(component).collect();
    let (loaded, refused) = lineup::compile(host, components, &[]);
    assert_eq!(refused, []);
    Scorer::new(policy, &loaded, None).map_err(|error| error.to_string())
}

/// The one rule of a policy with these lines below its `[rules.ours.parameters]`.
fn rule(host: &Host, parameters: &str) -> Result<Rule, String> {
    let text = format!("{BANDS}[rules.ours]\nplugin = 'expression'\n[rules.ours.parameters]\n{parameters}");
    scorer(host, &text).map(|scorer| first(&scorer))
}

fn first(scorer: &Scorer) -> Rule {
    scorer.rules().next().expect("a rule").clone()
}

/// Whole messages, of everything that can be wrong.
#[test]
fn mistakes_are_shown_where_they_stand_with_the_fix() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mistakes = fs::read_to_string(path.join("mistakes.toml")).expect("it is there");
    let host = &HOST.1;
    let mut said = String::new();
    for mistake in mistakes.split("# ----\n") {
        let refused = rule(host, mistake).map(|rule| rule.parameters().to_owned());
        said += &refused.expect_err("a mistake");
        said += "\n\n";
    }
    let golden = path.join("mistakes.golden.txt");
    if env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(golden, said).expect("it is ours");
    } else {
        assert_eq!(said, fs::read_to_string(golden).unwrap_or_default());
    }
}

#[test]
fn the_example_of_the_manual_loads() {
    let manual =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../rules/README.md")).expect("it is there");
    let host = &HOST.1;
    let mut loaded = 0;
    for block in manual.split("```toml\n").skip(1).filter_map(|rest| rest.split_once("```")).map(|(block, _)| block) {
        if block.contains("plugin = \"expression\"") {
            let scorer = scorer(host, &format!("{BANDS}{block}")).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(&*first(&scorer).manifest().name, "late-recovery");
            loaded += 1;
        }
    }
    assert_eq!(loaded, 1);
}

#[test]
fn a_rule_reads_what_its_expressions_name() {
    let host = &HOST.1;
    let reads = |parameters: &str| {
        let rule = rule(host, parameters).unwrap_or_else(|error| panic!("{error}"));
        let manifest = rule.manifest();
        (manifest.kinds.iter().map(Kind::to_string).collect::<Vec<_>>(), manifest.facts.clone())
    };
    let otherwise = |risk: &str| format!("otherwise = {{ risk = \"{risk}\", confidence = 0 }}\n");
    assert_eq!(reads(&otherwise("site.size()")), (vec!["site".to_owned()], vec![]));
    assert_eq!(reads(&otherwise("impact.buyers + needs.size()")), (vec![], vec![Fact::Impact, Fact::Needs]));
    let listed = format!("kinds = ['fire.safety', 'cyber.ce']\n{}", otherwise("evidence.size() + cyber.ce.size()"));
    assert_eq!(reads(&listed), (vec!["cyber.ce".to_owned(), "fire.safety".to_owned()], vec![]));
}

fn attestation(kind: &str, issuer: &str, claims: &serde_json::Value) -> Arc<Attestation> {
    let day = |text| Instant::parse_start(text).expect("a day");
    Arc::new(Attestation {
        digest: Digest::of(format!("{kind} {issuer} {claims}").as_bytes()),
        subject: Organisation::checked_before("GB-COH:00000001"),
        issuer: issuer.into(),
        issued_at: day("2026-01-01"),
        valid_from: day("2026-01-01"),
        valid_until: None,
        trust: Trust::Authority,
        scope: None,
        claims: Claims::parse(&Kind::named(kind), &claims.to_string()).expect("claims"),
        evidence: Vec::new(),
        supersedes: Vec::new(),
        handling: None,
    })
}

/// What `risk` comes to for a supplier with two names, two sites and two certificates.
fn outcome(host: &Host, risk: &str) -> Outcome {
    let rule = rule(host, &format!("otherwise = {{ risk = '''{risk}''', confidence = 0 }}\n"));
    let rule = rule.unwrap_or_else(|error| panic!("{error}"));
    let names = ["CAGE:ACME1", "GB-COH:00000001"].map(Organisation::checked_before);
    let site = |region: &str, corridors: &[&str], share_bp: u32| {
        attestation("site", "Somebody", &json!({"region": region, "corridors": corridors, "share_bp": share_bp}))
    };
    let certificate =
        |issuer| attestation("cyber.ce", issuer, &json!({"certificate": "1", "whole_organisation": true}));
    let evidence = vec![
        site("West Midlands", &["M6", "M5"], 6_000),
        site("East Midlands", &["M1"], 4_000),
        certificate("CAGE:ACME1"),
        certificate("IASME"),
    ];
    let subject = Subject {
        organisation: &names[1],
        names: &names,
        as_of: Instant::parse_start("2026-05-10").expect("a day"),
        evidence: &evidence,
        facts: &Facts::default(),
    };
    rule.assess(&[subject]).assessments.remove(0).outcome
}

#[test]
fn names_are_compared_by_what_they_stand_for() {
    let host = &HOST.1;
    for (risk, expected) in [
        ("site.filter(s, 'M6' in s.corridors).map(s, s.share_bp).sum()", 6_000),
        ("site.filter(s, s.region == 'East Midlands').map(s, s.share_bp).sum()", 4_000),
        ("site.filter(s, s.region in ['East Midlands', 'West Midlands', 'Wales']).size()", 2),
        ("site.filter(s, 'M40' in s.corridors).size()", 0),
        // All its names are the organisation itself.
        ("cyber.ce.filter(c, c.issuer == self).size()", 1),
        ("cyber.ce.filter(c, c.issuer == 'GB-COH:00000001').size()", 1),
        ("cyber.ce.filter(c, c.issuer == 'CAGE:ACME1').size()", 1),
        ("cyber.ce.filter(c, c.issuer != 'IASME').size()", 1),
        ("cyber.ce.filter(c, c.about == self && c.trust >= 'third-party').size()", 2),
    ] {
        let got = outcome(host, risk);
        assert_eq!(got, Outcome::Scored { risk_bp: expected, confidence_bp: 0 }, "{risk}");
    }
}

/// What cannot be evaluated fails that supplier, and says whose fault it is.
#[test]
fn an_expression_that_stops_is_the_rules_failure() {
    let host = &HOST.1;
    for (risk, why) in [
        ("1 / (site.size() - 2)", "it stopped (wasm trap: wasm `unreachable` instruction executed)"),
        ("9223372036854775807 + site.size()", "it stopped (wasm trap: wasm `unreachable` instruction executed)"),
        (
            "10001 + 0 * site.size()",
            "it answered 10001 basis points: have its author keep risk and confidence within 0 to 10000",
        ),
        (
            "-1 * site.size()",
            "it answered 4294967295 basis points: have its author keep risk and confidence within 0 to 10000",
        ),
    ] {
        let Outcome::Failed(said) = outcome(host, risk) else { panic!("{risk}") };
        assert!(said.starts_with(why), "{risk}: {said}");
    }
}

/// Work without end uses up its fuel and nothing else.
#[test]
fn an_expression_that_takes_too_long_is_stopped_by_its_fuel() {
    let host = &HOST.1;
    let mut lets = String::from("[let]\nx1 = \"site + site + site + site + site + site + site + site\"\n");
    for number in 2..9 {
        let all = vec![format!("x{}", number - 1); 8].join(" + ");
        lets += &format!("x{number} = \"{all}\"\n");
    }
    let lets = lets.replace("[let]", "[rules.ours.parameters.let]");
    let rule = rule(host, &format!("otherwise = {{ risk = 'x8.size()', confidence = 0 }}\n{lets}"));
    let rule = rule.unwrap_or_else(|error| panic!("{error}"));
    let names = [Organisation::checked_before("GB-COH:00000001")];
    let evidence = [attestation("site", "Somebody", &json!({"region": "Wales", "corridors": [], "share_bp": 10_000}))];
    let subject = Subject {
        organisation: &names[0],
        names: &names,
        as_of: Instant::parse_start("2026-05-10").expect("a day"),
        evidence: &evidence,
        facts: &Facts::default(),
    };
    let answer = rule.assess(&[subject]).assessments.remove(0);
    let Outcome::Failed(why) = answer.outcome else { panic!("{answer:?}") };
    assert!(
        why.starts_with("it used up its 50000000 units of fuel") || why.starts_with("it wanted more than its"),
        "{why}"
    );
}
