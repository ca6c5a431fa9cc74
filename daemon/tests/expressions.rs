//! The rule `expression` as policies use it: mistakes are shown where they are, and a rule reads what it names.

use serde_json::json;
use std::{
    env, fs,
    path::Path,
    sync::{Arc, LazyLock},
};
use tempfile::TempDir;
use tierwatch::{
    model::{
        Assessment, Attestation, Claims, DeclaredKinds, Digest, Facts, Instant, Kind, Organisation, Outcome, Trust,
        facts::Fact,
    },
    policy::Policy,
    rules::{CodeCache, Host, Limits, Rule, Subject, built_in},
    scoring::{components::Component, rule_set, scorer::Scorer},
};

/// One host for all tests, which compiles the component once.
static HOST: LazyLock<(TempDir, Host)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    let host = Host::with_cache(Limits::default(), CodeCache::new(folder.path().join("code"), None)).expect("a host");
    (folder, host)
});

const BANDS: &str = "name = 'test'\nversion = '1'\n[[bands]]\nname = 'any'\nfrom_bp = 0\n";

fn scorer(host: &Host, text: &str) -> Result<Scorer, String> {
    scorer_with(host, text, &DeclaredKinds::default())
}

fn scorer_with(host: &Host, text: &str, declared: &DeclaredKinds) -> Result<Scorer, String> {
    let policy = Policy::parse_with("policy.toml", text, declared).map_err(|diagnostics| diagnostics.to_string())?;
    let components = built_in().iter().filter(|rule| rule.name == "expression");
    let component =
        |rule: &tierwatch::rules::BuiltIn| Component { origin: rule.name.into(), bytes: rule.component.into() };
    let components: Vec<_> = components.map(component).collect();
    let (loaded, refused) = rule_set::compile(host, components, &[]);
    assert_eq!(refused, []);
    Scorer::new(policy, &loaded, None).map_err(|error| error.to_string())
}

/// The one rule of a policy with these lines below its `[rules.ours.parameters]`.
fn rule(host: &Host, parameters: &str) -> Result<Rule, String> {
    rule_with(host, parameters, &DeclaredKinds::default())
}

fn rule_with(host: &Host, parameters: &str, declared: &DeclaredKinds) -> Result<Rule, String> {
    let text = format!("{BANDS}[rules.ours]\nplugin = 'expression'\n[rules.ours.parameters]\n{parameters}");
    scorer_with(host, &text, declared).map(|scorer| first(&scorer))
}

/// Kinds that a configuration declares.
fn declared() -> DeclaredKinds {
    let kinds: serde_json::Value = serde_json::from_str(include_str!("declared-kinds.json")).expect("it is JSON");
    let kinds = kinds.as_object().expect("an object").iter();
    let schemas = kinds.map(|(name, schema)| (name.as_str().into(), schema.clone())).collect();
    DeclaredKinds { schemas, ..DeclaredKinds::default() }
}

fn first(scorer: &Scorer) -> Rule {
    scorer.rules().next().expect("a rule").clone()
}

/// The complete messages for everything that can be wrong.
#[test]
fn mistakes_are_shown_where_they_stand_with_the_fix() {
    check_mistakes("mistakes", &DeclaredKinds::default());
}

/// The same where expressions read kinds that the configuration declares.
#[test]
fn mistakes_with_declared_kinds_are_shown_where_they_stand_with_the_fix() {
    check_mistakes("declared-mistakes", &declared());
}

fn check_mistakes(name: &str, declared: &DeclaredKinds) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mistakes = fs::read_to_string(path.join(format!("{name}.toml"))).expect("it is there");
    let host = &HOST.1;
    let mut said = String::new();
    for mistake in mistakes.split("# ----\n") {
        let refused = rule_with(host, mistake, declared).map(|rule| rule.parameters().to_owned());
        said += &refused.expect_err(mistake);
        said += "\n\n";
    }
    let golden = path.join(format!("{name}.golden.txt"));
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
    let mut loaded = Vec::new();
    for block in manual.split("```toml\n").skip(1).filter_map(|rest| rest.split_once("```")).map(|(block, _)| block) {
        if block.contains("plugin = \"expression\"") {
            let scorer = scorer(host, &format!("{BANDS}{block}")).unwrap_or_else(|error| panic!("{error}"));
            loaded.push(first(&scorer).manifest().name.to_string());
        }
    }
    assert_eq!(loaded, ["late-recovery", "health"]);
}

/// The schemes of the configuration tell a slip where the policy is read, and change no rule: a score is made again without them.
#[test]
fn a_scheme_that_nobody_declares_is_told_where_the_policy_is_read() {
    let knowing = DeclaredKinds { schemes: Some(["NL-KVK".to_owned()].into()), ..DeclaredKinds::default() };
    let taken = |whom: &str, declared: &DeclaredKinds| {
        let risk = format!("site.exists(s, s.about == '{whom}') ? 1 : 0");
        let parameters = format!("otherwise = {{ risk = \"{risk}\", confidence = 0 }}\n");
        rule_with(&HOST.1, &parameters, declared).map(|rule| rule.parameters().to_owned())
    };
    let again = DeclaredKinds::default();
    for whom in ["NL-KVK:12345678", "GB-COH:09506232"] {
        assert_eq!(taken(whom, &knowing), Ok(taken(whom, &again).expect(whom)));
    }
    let refused = taken("NL-KVC:12345678", &knowing).expect_err("nobody declares it");
    assert!(refused.contains("did you mean `'NL-KVK:12345678'`?"), "{refused}");
    assert!(taken("NL-KVC:12345678", &again).is_ok());
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

/// The outcome of `risk` for a supplier with two names, two sites and two certificates.
fn outcome(host: &Host, risk: &str) -> Outcome {
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
    assessed(host, &risk_of(risk), &evidence).outcome
}

/// The parameters of a rule with this risk.
fn risk_of(risk: &str) -> String {
    format!("otherwise = {{ risk = '''{risk}''', confidence = 0 }}\n")
}

/// The assessment by a rule with these parameters of a supplier with two names and this evidence.
fn assessed(host: &Host, parameters: &str, evidence: &[Arc<Attestation>]) -> Assessment {
    let rule = rule_with(host, parameters, &declared()).unwrap_or_else(|error| panic!("{error}"));
    let names = ["CAGE:ACME1", "GB-COH:00000001"].map(Organisation::checked_before);
    let subject = Subject {
        organisation: &names[1],
        names: &names,
        as_of: Instant::parse_start("2026-05-10").expect("a day"),
        evidence,
        facts: &Facts::default(),
    };
    rule.assess(&[subject]).assessments.remove(0)
}

fn health(change: impl FnOnce(&mut serde_json::Map<String, serde_json::Value>)) -> Arc<Attestation> {
    let mut claims = json!({
        "score": 40, "checked_on": "2026-05-01", "seen_at": "2026-05-01T01:30:00.5+01:00", "grade": "gold", "share": 0.285,
        "note": "quoted \"Ünder\" way", "tags": ["a", "b \\ c", "A"], "grades": ["gold", "bronze"], "either": 1, "open": "x",
        "lead": {"name": "Ann \"A\" Lee", "hours": 12.0, "deputy": {"name": "Bob", "hours": 3, "deputy": null}},
        "people": [{"name": "Ann", "hours": 12}, {"hours": 30, "name": "Cy"}], "share-bp": 2500, "trust": 9,
    });
    change(claims.as_object_mut().expect("an object"));
    attestation("health", "IASME", &claims)
}

#[test]
fn declared_kinds_are_read_by_their_schemas() {
    let evidence = [
        health(|_| {}),
        attestation("approval.as9100", "BSI", &json!({"expires": "2026-06-09"})),
        attestation("fire-safety", "BSI", &json!({"class": "A"})),
    ];
    for (risk, expected) in [
        ("health.map(h, h.score).sum()", 40),
        ("health.map(h, days_between(h.checked_on, today)).sum()", 9),
        ("health.map(h, seconds_between(h.seen_at, start_of(date('2026-05-01')))).sum() + 1800", 0),
        ("health.filter(h, h.grade == 'gold' && h.grade in ['gold', 'silver']).size()", 1),
        ("health.filter(h, 'bronze' in h.grades && !('silver' in h.grades)).size()", 1),
        ("health.filter(h, h.grade != 'gold').size()", 0),
        ("health.map(h, scaled(h.share, 100)).sum()", 29),
        (
            "health.filter(h, (h.score > 0 ? h.share : 2) < 1 && h.share in [0, h.share] && !(h.share in [1, 2])).size()",
            1,
        ),
        ("health.filter(h, h.share < 1 && h.share > 0 && 0 < h.share && h.share == h.share).size()", 1),
        ("health.filter(h, has(h.note) && h.note == 'quoted \"Ünder\" way').size()", 1),
        ("health.filter(h, h.?note.orValue('').lower().contains('ünder')).size()", 1),
        ("health.filter(h, 'b \\\\ c' in h.tags).size() + health.map(h, h.tags.size()).sum()", 4),
        ("health.map(h, h.tags.filter(t, t.lower() == 'a').size()).sum()", 2),
        ("health.map(h, h.?lead.?hours.orValue(0)).sum()", 12),
        ("health.map(h, has(h.lead) && has(h.lead.deputy), h.lead.deputy.hours).sum()", 3),
        ("health.filter(h, has(h.lead) && h.lead.name.startsWith('Ann \"A')).size()", 1),
        ("health.map(h, h.people.map(p, p.hours).sum()).sum()", 42),
        ("health.map(h, h.people.greatest(p, p.hours).?name.orValue('')).filter(n, n == 'Cy').size()", 1),
        ("health.filter(h, !has(h.remote) && h.?remote.orValue(true)).size()", 1),
        ("health.map(h, h.field('share-bp').orValue(0)).sum()", 2_500),
        // The fields that every attestation has come from the daemon, whatever is claimed.
        ("health.filter(h, h.trust == 'authority').size()", 1),
        ("usable(health).size() + in_force(health).size() + confidence(health)", 9_502),
        (
            "health.filter(h, h.issuer == 'IASME').size() + stated(health).greatest(h, h.issued_at).?score.orValue(0)",
            41,
        ),
        ("days_between(today, approval.as9100.map(a, a.expires).first().orValue(today))", 30),
        ("kind('fire-safety').filter(f, has(f.class) && f.class == 'A').size() + approval.nadcap.welding.size()", 1),
        ("(health + approval.as9100).filter(a, a.trust == 'authority').size()", 2),
    ] {
        let got = assessed(&HOST.1, &risk_of(risk), &evidence).outcome;
        assert_eq!(got, Outcome::Scored { risk_bp: expected, confidence_bp: 0 }, "{risk}");
    }
}

/// Evidence of an older schema is reported with its attestation, and only where it is read.
#[test]
fn what_does_not_fit_its_schema_is_invalid() {
    let check = |risk: &str, remove: &str, instead: serde_json::Value, what: Option<&str>| {
        let odd = health(|claims| {
            claims.remove(remove);
            if !instead.is_null() {
                claims.insert(remove.to_owned(), instead);
            }
        });
        let evidence = [health(|_| {}), odd];
        let answer = assessed(&HOST.1, &risk_of(risk), &evidence);
        match (answer.outcome, what) {
            (Outcome::Scored { .. }, None) => {}
            (Outcome::Invalid(reason), Some(what)) => {
                let said = format!("What IASME attests as `health` does not fit the schema of that kind: {what}.");
                assert_eq!(reason.text(), said, "{risk}");
                assert_eq!(answer.findings.len(), 1);
                assert_eq!(answer.findings[0].evidence, [evidence[1].digest], "{risk}");
            }
            (other, _) => panic!("{risk}: {other:?}"),
        }
    };
    let nothing = serde_json::Value::Null;
    check("health.map(h, h.score).sum()", "score", nothing.clone(), Some("it has no `score`"));
    check("health.map(h, h.score).sum()", "score", json!("40"), Some("its `score` is no int"));
    check("health.map(h, h.score).sum()", "score", json!(1e300), Some("its `score` is no int"));
    check("health.map(h, h.score).sum()", "share", json!("much"), None);
    check(
        "health.filter(h, h.checked_on > today).size()",
        "checked_on",
        json!("1/5/2026"),
        Some("its `checked_on` is no date"),
    );
    // Evidence that does not fit is reported before what cannot be calculated with it.
    check("health.map(h, 10000 / h.score).sum()", "score", nothing.clone(), Some("it has no `score`"));
    check("health.map(h, h.tags.size()).sum()", "tags", nothing.clone(), None);
    check("health.map(h, h.tags.size()).sum()", "tags", json!(["a", 1]), Some("its `tags` is no list(text)"));
    check("health.map(h, h.?lead.?hours.orValue(0)).sum()", "lead", nothing, None);
    check("health.map(h, h.?lead.?hours.orValue(0)).sum()", "lead", json!({"name": "Ann"}), Some("it has no `hours`"));
    check("health.map(h, h.?lead.?hours.orValue(0)).sum()", "lead", json!([]), Some("its `lead` is no object"));
}

/// A policy is bound to the schemas that its rules mention, and to no others.
#[test]
fn a_rule_is_told_of_the_kinds_that_its_policy_mentions() {
    let told = |risk: &str| {
        let rule = rule_with(&HOST.1, &format!("otherwise = {{ risk = '{risk}', confidence = 0 }}\n"), &declared());
        let rule = rule.unwrap_or_else(|error| panic!("{error}"));
        let parameters: serde_json::Value = serde_json::from_str(rule.parameters()).expect("JSON");
        let kinds: Vec<String> =
            parameters["declared"].as_object().into_iter().flatten().map(|(kind, _)| kind.clone()).collect();
        (kinds, rule.manifest().kinds.iter().map(Kind::to_string).collect::<Vec<_>>())
    };
    let texts = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(told("site.size()"), (texts(&[]), texts(&["site"])));
    assert_eq!(
        told("approval . as9100.size() + site.size()"),
        (texts(&["approval.as9100"]), texts(&["site", "approval.as9100"]))
    );
    assert_eq!(told("kind(\"fire-safety\").size()"), (texts(&["fire-safety"]), texts(&["fire-safety"])));
}

#[test]
fn names_are_compared_by_what_they_stand_for() {
    let host = &HOST.1;
    for (risk, expected) in [
        ("site.filter(s, 'M6' in s.corridors).map(s, s.share_bp).sum()", 6_000),
        ("site.filter(s, s.region == 'East Midlands').map(s, s.share_bp).sum()", 4_000),
        ("site.filter(s, s.region in ['East Midlands', 'West Midlands', 'Wales']).size()", 2),
        ("site.filter(s, 'M40' in s.corridors).size()", 0),
        // All its names mean the organisation itself.
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

/// An evaluation that stops fails only that supplier, and says whose fault it is.
#[test]
fn an_expression_that_stops_is_the_rules_failure() {
    let host = &HOST.1;
    for (risk, why) in [
        ("1 / (site.size() - 2)", "a division by zero in `otherwise`"),
        ("1 % (site.size() - 2)", "a division by zero in `otherwise`"),
        ("(-9223372036854775807 - 1) / (site.size() - 3)", "a quotient that overflows in `otherwise`"),
        ("-(-9223372036854775807 + 1 - site.size())", "a number that overflows in `otherwise`"),
        ("9223372036854775807 + site.size()", "a sum that overflows in `otherwise`"),
        ("rounded(1, site.size() - 2)", "a division by zero in `otherwise`"),
        ("rounded(1, 0 - site.size())", "`rounded` by a negative number in `otherwise`"),
        ("scaled(9223372036854775807, site.size())", "a product that overflows in `otherwise`"),
        ("[9223372036854775807, site.size()].sum()", "a sum that overflows in `otherwise`"),
        (
            "days_between(today, days_after(today, 3000000 * site.size()))",
            "a day before the year 1 or after the year 9999 in `otherwise`",
        ),
        ("10001 + 0 * site.size()", "a risk of 10001 basis points, where 0 to 10000 are allowed, in `otherwise`"),
        ("-1 * site.size()", "a risk of -2 basis points, where 0 to 10000 are allowed, in `otherwise`"),
    ] {
        let Outcome::Failed(said) = outcome(host, risk) else { panic!("{risk}") };
        assert_eq!(*said, *format!("it failed with {why}: have its author correct it"), "{risk}");
    }
}

/// The message says where it happened: in a named expression, or else in a clause.
#[test]
fn an_expression_that_stops_is_named() {
    let host = &HOST.1;
    let none = "cyber.ce.size()";
    for (parameters, within) in [
        (
            format!("let.none = '{none}'\nlet.part = '1 / none'\notherwise = {{ risk = 'part', confidence = 0 }}"),
            "`let.part`",
        ),
        (
            format!(
                "let.none = '{none}'\nclauses = [{{ when = 'none > 0', risk = 0, confidence = 0 }}, \
                 {{ when = '1 / none > 0', risk = 1, confidence = 0 }}]\notherwise = {{ risk = 2, confidence = 0 }}"
            ),
            "`when` of clause 2",
        ),
        (
            format!(
                "clauses = [{{ when = '{none} == 0', risk = '1 / ({none})', confidence = 0 }}]\n\
                 otherwise = {{ risk = 2, confidence = 0 }}"
            ),
            "clause 1",
        ),
    ] {
        let Outcome::Failed(said) = assessed(host, &parameters, &[]).outcome else { panic!("{parameters}") };
        assert_eq!(*said, *format!("it failed with a division by zero in {within}: have its author correct it"));
    }
}

/// `text` within `many` pairs of `before` and `after`.
fn nested(many: usize, before: &str, text: &str, after: &str) -> String {
    format!("{}{text}{}", before.repeat(many), after.repeat(many))
}

/// The stack suffices to check and evaluate an expression of the greatest depth.
#[test]
fn what_is_nested_as_deep_as_may_be_is_evaluated() {
    let host = &HOST.1;
    let sites = "site.size()";
    for risk in [
        format!("{sites}{}", "+0".repeat(46)),
        format!("{}{sites}", "false?1:".repeat(46)),
        nested(15, "0*-(1-", sites, ")"),
        format!("'A'{} == 'a' ? {sites} : 0", ".lower()".repeat(45)),
        nested(30, "(true==", "true", ")") + "?site.size():0",
        nested(15, "(true in [", "site.size()>0", "])") + "?2:0",
        nested(22, "[1].map(x,", sites, ").sum()"),
        nested(31, "min(9,", sites, ")"),
        nested(31, "site.exists(x,", "true", ")") + "?2:0",
        nested(14, "site.greatest(x,", "1", ").hasValue()?2:0"),
        nested(14, "site.greatest(x,", "1", ").?share_bp.orValue(0)") + ">0?2:0",
    ] {
        let got = outcome(host, &risk);
        assert!(matches!(got, Outcome::Scored { .. }), "{risk}: {got:?}");
    }
    let chain = |before: &str, after: &str, many: usize| {
        let link = |nth: usize| {
            let inner = if nth == 0 { sites.to_owned() } else { format!("a{}", nth - 1) };
            format!("let.a{nth} = '{}'\n", nested(many, before, &inner, after))
        };
        let lets: String = (0..4).map(link).collect();
        format!("{lets}otherwise = {{ risk = 'a3', confidence = 0 }}")
    };
    for parameters in [chain("", "+0", 45), chain("[1].map(x,", ").sum()", 22), chain("min(9,", ")", 31)] {
        let got = assessed(host, &parameters, &[]).outcome;
        assert_eq!(got, Outcome::Scored { risk_bp: 0, confidence_bp: 0 }, "{parameters}");
    }
}

/// A deeper expression is refused before the parser or the checker runs out of stack.
#[test]
fn what_is_nested_too_deep_is_refused() {
    let host = &HOST.1;
    for risk in [
        "1+".repeat(159) + "site",
        "1+".repeat(2000) + "site",
        "true?1:".repeat(80) + "site",
        "true?1:".repeat(500) + "site",
        format!("site{}", ".lower()".repeat(159)),
        format!("{}true", "!-".repeat(80)),
        nested(32, "1+1*-max(1,", "site", ")"),
        nested(31, "[1].map(x,1+1*", "site", ")"),
        nested(33, "(1+", "site", ")"),
        nested(2000, "[", "", "]"),
        "(".repeat(4000),
    ] {
        let refused = rule(host, &risk_of(&risk)).map(|rule| rule.parameters().to_owned()).expect_err(&risk);
        assert!(refused.contains("name parts of it under `let`"), "{risk}: {refused}");
    }
}

/// The daemon accepts as many findings in an answer as its limit; more are the rule's failure, with the message.
#[test]
fn too_many_findings_are_named() {
    let parameters = "otherwise = { risk = 0, confidence = 'site', findings = ['ON_IT'] }\n\
        messages.ON_IT = { text = '{0}', severity = 'low', each = 'site', arguments = ['it.region'] }";
    let site = |number: usize| {
        attestation("site", &format!("Issuer {number}"), &json!({"region": "Wales", "corridors": [], "share_bp": 1}))
    };
    let sites: Vec<_> = (0..257).map(site).collect();
    assert_eq!(assessed(&HOST.1, parameters, &sites[..256]).findings.len(), 256);
    let Outcome::Failed(said) = assessed(&HOST.1, parameters, &sites).outcome else { panic!("too many") };
    assert_eq!(
        *said,
        *"it failed with more than 256 findings of one answer in the message `ON_IT`: have its author correct it"
    );
}

/// Endless work uses up its own fuel and nothing else.
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
