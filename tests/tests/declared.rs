//! Kinds that the configuration declares, in rules that a policy writes: evidence moves a score, a score is bound to the schema
//! that it was made with, and a changed schema is a changed policy.

use serde_json::{Value, json};
use std::fs;
use tierwatch_tests::{
    Key, Site, check_golden,
    evidence::{certified, supplier},
};

const SCHEMA: &str = r#"{"type": "object", "required": ["score", "checked_on"], "properties": {
    "score": {"type": "integer", "minimum": 0, "maximum": 100},
    "checked_on": {"type": "string", "format": "date"},
    "grade": {"enum": ["gold", "silver"]},
    "share": {"type": "number"},
    "people": {"type": "array", "items": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}},
    "size": {"type": "object", "required": ["value"], "properties": {"value": {"type": "integer"}}}}}"#;

/// A day after everything that is attested here.
const LATER: &str = "2030-01-01";

const RULE: &str = r#"
[rules.health]
plugin = "expression"
[rules.health.parameters]
kinds = ["cyber.ce"]
[rules.health.parameters.let]
report = "in_force(health).greatest(h, h.checked_on)"
[[rules.health.parameters.clauses]]
when = "report.hasValue()"
risk = "100 * (100 - report.score)"
confidence = "[report]"
[rules.health.parameters.otherwise]
outcome = "unknown"
reason = "NO_REPORT"
[rules.health.parameters.messages.NO_REPORT]
text = "Nobody attests its health."
"#;

/// A site whose policy has a rule that reads the declared kind `health`, and supplier 1 with a certificate and a report.
fn site() -> (Site, Key) {
    let site = Site::new();
    let key = site.authority();
    fs::write(site.path("health.schema.json"), SCHEMA).expect("the folder is ours");
    site.edit(
        "tierwatch.toml",
        "[[feeds]]",
        "[[kinds]]\nname = \"health\"\nschema = \"health.schema.json\"\n\n[[feeds]]",
    );
    let policy = fs::read_to_string(site.path("uk-mod.toml")).expect("it is there");
    fs::write(site.path("uk-mod.toml"), policy + RULE).expect("the folder is ours");
    (site, key)
}

fn report(key: &Key, score: u32) -> String {
    let claims = json!({"score": score, "checked_on": "2026-05-01", "grade": "gold", "share": 0.285, "people": [{"name": "Ann"}],
        "size": {"value": 7}});
    key.sign(&supplier(1), "health", &claims, &["--valid-from", "2026-05-01"])
}

fn contribution(site: &Site) -> Value {
    let explained = site.run(&["explain", &supplier(1), "--output", "json"]).json();
    let contributions = explained["score"]["contributions"].as_array().expect("a list").clone();
    contributions.into_iter().find(|one| one["rule"] == "health").expect("the rule")
}

#[test]
fn what_is_attested_moves_a_score_that_is_bound_to_the_schema() {
    let (site, key) = site();
    site.put("first.jsonl", certified(&key, 1));
    let daemon = site.start_ready();
    assert_eq!(contribution(&site)["outcome"], "unknown");
    let scores = || {
        let rows = site.run(&["replay", "--all", "--output", "json"]).json();
        let rows = rows.as_array().expect("a list").clone();
        assert!(rows.iter().all(|row| row["same"] == true), "{rows:#?}");
        rows.len()
    };
    let policy = || {
        daemon
            .get("/metrics")
            .1
            .lines()
            .find(|line| line.starts_with("tierwatch_policy_info{"))
            .expect("it is there")
            .to_owned()
    };
    let (first, bound_to) = (scores(), policy());

    site.put("report.jsonl", report(&key, 60));
    daemon.wait_for_metric("tierwatch_rule_assessments_total", &["rule=\"health\"", "outcome=\"scored\""], 1.0);
    assert_eq!(
        (contribution(&site)["outcome"].as_str(), contribution(&site)["risk_bp"].as_u64()),
        (Some("scored"), Some(4000))
    );
    let second = scores();
    assert!(second > first, "the report made no new score");

    // The layout of the schema changes nothing. Its content does, and everybody is scored again.
    fs::write(site.path("health.schema.json"), SCHEMA.replace('\n', "\n\n")).expect("ours");
    daemon.reload();
    assert_eq!((policy(), scores()), (bound_to.clone(), second));
    fs::write(
        site.path("health.schema.json"),
        SCHEMA.replace("[\"score\", \"checked_on\"]", "[\"score\", \"checked_on\", \"auditor\"]"),
    )
    .expect("ours");
    daemon.reload();
    assert_ne!(policy(), bound_to);
    // The rule does not read the new field.
    assert_eq!(contribution(&site)["risk_bp"], 4000);
    let third = scores();
    assert!(third > second, "the schema made no new score");

    // A field that it reads changes: the old report no longer fits, and earlier scores can still be replayed.
    fs::write(
        site.path("health.schema.json"),
        SCHEMA.replace("\"type\": \"integer\"", "\"type\": [\"integer\", \"null\"]"),
    )
    .expect("ours");
    let refused = site.run(&["check"]).expect(1);
    assert!(refused.is_empty(), "{refused}");
    fs::write(
        site.path("health.schema.json"),
        SCHEMA.replace(
            "\"checked_on\": {\"type\": \"string\", \"format\": \"date\"}",
            "\"checked_on\": {\"type\": \"integer\"}",
        ),
    )
    .expect("ours");
    daemon.reload();
    let answer = contribution(&site);
    assert_eq!(answer["outcome"], "invalid", "{answer:#}");
    assert_eq!(answer["findings"][0]["code"], "SCHEMA_MISFIT", "{answer:#}");
    assert!(scores() > third);
}

#[test]
fn an_expression_is_tried_on_a_supplier() {
    let (site, key) = site();
    site.put("all.jsonl", certified(&key, 1) + &report(&key, 60));
    let _ = site.run(&["ingest", "feed"]).expect(0);
    let supplier = supplier(1);
    let mut all = String::new();
    for arguments in [
        &["1 + 2"][..],
        &["needs"],
        &["requirement"],
        &["in_force(health)"],
        &["in_force(health).first().?people"],
        &["health.map(h, h.people.size()).first()"],
        &["health.map(h, h.share)"],
        &["report", "--rule", "health"],
        &["report.hasValue() && has(report.grade) && report.grade == 'gold'", "--rule", "health"],
        &["in_force(health).size()", "--as-of", "2026-04-30"],
        &["evidence.map(e, e.?kind.orValue('entity.profile'))", "--rule", "health"],
        &["health.first().?size"],
        &["health.filter(h, h.scor > 3)"],
        &["helth.size()"],
        &["1 / needs.size()"],
        &["today <"],
        &["report", "--rule", "helth"],
        &["health.size()", "--supplier", "GB-COH:90000002"],
        &["health.size()", "--supplier", "PROGRAMME:TEST"],
    ] {
        let mut command = vec!["plugin", "eval"];
        command.extend(arguments);
        if !arguments.contains(&"--supplier") {
            command.extend(["--supplier", &supplier]);
        }
        if !arguments.contains(&"--as-of") {
            command.extend(["--as-of", LATER]);
        }
        let answer = site.run(&command);
        let code = answer.code.unwrap_or(-1);
        all += &format!("$ tierwatch {}\n{}{}exit code {code}\n\n", command.join(" "), answer.stdout, answer.stderr);
    }
    for output in ["json", "csv"] {
        let shown = site
            .run(&["plugin", "eval", "in_force(health)", "--supplier", &supplier, "--as-of", LATER, "--output", output])
            .expect(0);
        all += &format!("$ tierwatch plugin eval in_force(health) --output {output}\n{shown}\n");
    }
    let object =
        site.run(&["plugin", "eval", "health.first().?size", "--supplier", &supplier, "--output", "json"]).json();
    assert_eq!(object["value"], json!({"value": 7}));
    // This is the only time that depends on when the test runs.
    let issued = site
        .run(&["plugin", "eval", "health.map(h, h.issued_at).first()", "--supplier", &supplier, "--output", "json"])
        .json();
    let issued = issued["value"].as_str().expect("an instant");
    check_golden("eval.txt", &all.replace(issued, "(when it was issued)"));
}

/// At most so many values are shown, and the output says where there are more.
#[test]
fn what_is_cut_is_told() {
    let (site, key) = site();
    site.put("all.jsonl", certified(&key, 1) + &report(&key, 60));
    let _ = site.run(&["ingest", "feed"]).expect(0);
    let ones = vec!["1"; 64].join(", ");
    let policy = format!(
        "name = 'many'\nversion = '1'\n[[bands]]\nname = 'any'\nfrom_bp = 0\n[rules.many]\nplugin = 'expression'\n\
         [rules.many.parameters]\notherwise = {{}}\n\
         let = {{ a = '[{ones}]', b = 'a + a + a + a', c = 'b + b + b + b', d = 'c + c + c + c + c + c + c + c' }}\n"
    );
    fs::write(site.path("many.toml"), policy).expect("ours");
    let shown = |expression: &str| {
        let of = ["--supplier", &supplier(1), "--policy", "many.toml", "--rule", "many", "--output", "json"];
        site.run(&[&["plugin", "eval", expression][..], &of].concat()).json()
    };
    for (expression, is_cut) in [("d", false), ("d + [1]", true)] {
        let shown = shown(expression);
        assert_eq!(shown["value"].as_array().map(Vec::len), Some(8192), "{expression}");
        assert_eq!(shown["cut"], is_cut, "{expression}");
    }
}

#[test]
fn a_case_reads_the_kinds_of_the_configuration_or_its_own() {
    let (site, _) = site();
    fs::create_dir_all(site.path("cases/health")).expect("ours");
    let case = |parameters: &str, claims: &str, risk: u32| {
        format!(
            "organisation = \"GB-COH:90000001\"\n{parameters}\n[[attestations]]\nkind = \"health\"\nissuer = \"IASME\"\n\
             trust = \"third-party\"\nvalid_from = 2026-05-01\nclaims = {claims}\n[[expected]]\nas_of = 2026-05-10\n\
             outcome = \"scored\"\nrisk_bp = {risk}\nconfidence_bp = 7500\n"
        )
    };
    let configured = case("", "{ score = 60, checked_on = \"2026-05-01\" }", 4000);
    fs::write(site.path("cases/health/configured.toml"), configured).expect("ours");
    let own = "[parameters.declared.health]\ntype = \"object\"\nrequired = [\"score\", \"checked_on\"]\n\
               properties = { score = { type = \"integer\" }, checked_on = { type = \"integer\" } }";
    fs::write(site.path("cases/health/own.toml"), case(own, "{ score = 90, checked_on = 7 }", 1000)).expect("ours");
    let tested = site.run(&["plugin", "test", "health", "--policy", "uk-mod.toml"]).expect(0);
    assert!(tested.contains("\n2 of 2 as expected\n"), "{tested}");
}
