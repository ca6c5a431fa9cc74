//! Writing a rule as somebody who has never seen the daemon: start, build, test, measure, inspect it.

mod plugin {
    pub(crate) mod counts;
}

use plugin::counts::{COUNTS, COUNTS_IN_AN_EXPRESSION};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
};
use tierwatch_tests::{Key, Site, Workshop, check_golden, guests, repository};

/// Adds [`COUNTS`] to the worked rule of this name, which passes its own cases as before.
fn let_it_count(workshop: &Workshop, name: &str) {
    let (file, edits) = COUNTS.iter().find(|(file, _)| file.starts_with(name)).expect("it is a worked rule");
    edits.iter().for_each(|(old, new)| workshop.edit(file, old, new));
}

/// Checks what the words mean to `rule`, found with the arguments `more`.
fn words_mean_the_same(workshop: &Workshop, rule: &str, more: &[&str]) {
    let cases = repository().join("tests/words").display().to_string();
    let tested = workshop.run(&[&["test", rule, "--cases", &cases], more].concat()).expect(0);
    assert!(tested.contains("11 of 11 as expected\n"), "{tested}");
}

#[test]
fn the_words_for_evidence_in_an_expression() {
    let workshop = Workshop::new();
    let policy = fs::read_to_string(repository().join("rules/uk-mod.toml")).expect("it is there");
    fs::write(workshop.path("policy.toml"), policy + COUNTS_IN_AN_EXPRESSION).expect("the folder is ours");
    words_mean_the_same(&workshop, "words", &["--policy", "policy.toml"]);
}

/// What the worked rule must do in every language; `setup` prepares everything that the builder needs.
fn from_start_to_component(workshop: &Workshop, language: &str, setup: impl FnOnce(&Path)) {
    let name = format!("{language}-approvals");
    let _ = workshop.run(&["new", &name, "--lang", language]).expect(0);
    setup(&workshop.path(&name));
    let_it_count(workshop, &name);
    let built = workshop.run(&["build", &name]).expect(0);
    assert!(built.starts_with(&format!("{name}/{name}.wasm 1.0.0 ")), "{built}");

    let tested = workshop.run(&["test", &name]).expect(0);
    assert!(tested.ends_with("10 of 10 as expected\n"), "every case, and every message is in one:\n{tested}");
    words_mean_the_same(workshop, &name, &[]);
    let inspected = workshop.run(&["inspect", &name, "--output", "json"]).json();
    assert_eq!(inspected["rule"], name.as_str());
    assert_eq!(inspected["imports"], serde_json::json!([]));
    assert_eq!(inspected["parameters"]["properties"]["notice_days"]["maximum"], 365);
    assert!(built.contains(inspected["digest"].as_str().expect("a digest")), "{built}");

    let measured = workshop.run(&["bench", &name, "--subjects", "64", "--output", "json"]).json();
    let measure = |measure: &str| {
        let found = measured.as_array().expect("a list").iter().find(|row| row["measure"] == measure);
        found.unwrap_or_else(|| panic!("no {measure}: {measured}")).clone()
    };
    assert_eq!(measure("failed assessments")["value"], 0.0);
    for within in ["fuel to start", "memory peak", "time of a call"] {
        let Value::Object(row) = measure(within) else { panic!("{measured}") };
        let figure = |key: &str| row[key].as_f64().expect("a number");
        assert!(figure("value") > 0.0 && figure("value") < figure("limit"), "{within}: {row:?}");
    }

    workshop.edit(&format!("{name}/cases/missing.toml"), "risk_bp = 7000", "risk_bp = 7001");
    workshop.edit(&format!("{name}/cases/missing.toml"), "severity = \"high\"", "severity = \"low\"");
    let differs = workshop.run(&["test", &name]).expect(3);
    for line in [
        "  2026-05-10 DIFFERS\n    risk_bp: expected 7001, got 7000\n",
        "    - finding APPROVAL_MISSING low: It does not show the approval AS9100.\n",
        "    + finding APPROVAL_MISSING high: It does not show the approval AS9100.\n",
        "9 of 10 as expected\n",
    ] {
        assert!(differs.contains(line), "{differs}");
    }
}

#[test]
fn a_rule_in_rust() {
    let workshop = Workshop::new();
    from_start_to_component(&workshop, "rust", |_| {});
    // The same sources give the same component.
    let digest =
        |workshop: &Workshop| workshop.run(&["inspect", "rust-approvals", "--output", "json"]).json()["digest"].clone();
    let before = digest(&workshop);
    let _ = workshop.run(&["build", "rust-approvals"]).expect(0);
    assert_eq!(digest(&workshop), before);
    workshop.edit("rust-approvals/src/lib.rs", "fn configure(", "fn configure_it(");
    let refused = workshop.run(&["build", "rust-approvals"]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains("refused the rule: correct what it says"), "{}", refused.stderr);
    assert!(refused.stderr.contains("src/lib.rs"), "{}", refused.stderr);
}

/// Builds a wrong rule; returns the error.
fn refused(workshop: &Workshop, name: &str) -> String {
    let built = workshop.run(&["build", name]);
    assert_eq!(built.code, Some(1), "{}", built.stdout);
    built.stderr
}

/// What a case of the rule `name` says after it has failed.
fn failure(workshop: &Workshop, name: &str, case: &str) -> String {
    let _ = workshop.run(&["build", name]).expect(0);
    let case = format!("{name}/cases/{case}.toml");
    let tested = workshop.run(&["test", name, "--cases", &case]).expect(3);
    tested.lines().find(|line| line.contains("got failed")).unwrap_or_else(|| panic!("{tested}")).to_owned()
}

#[test]
fn a_rule_in_python() {
    let Some(environment) = guests("python") else { return };
    let workshop = Workshop::new();
    let rule = "python-approvals/rule.py";
    // Its help text is in the order of a set, which depends on the hashes of texts.
    let order = "help=str({f\"word {number}\" for number in range(50)})";
    from_start_to_component(&workshop, "python", |folder| {
        std::os::unix::fs::symlink(environment, folder.join(".venv")).expect("the folder is ours");
        let help = "help=\"Whether a supplier holds the quality approvals that the policy asks. The risk figures are the policy's.\"";
        workshop.edit(rule, help, order);
    });
    let help = || {
        workshop.run(&["inspect", "python-approvals", "--output", "json"]).json()["help"]
            .as_str()
            .expect("a text")
            .to_owned()
    };
    let first = help();

    workshop.edit(rule, "parameters[\"missing_bp\"], [", "parameters[\"missing\"], [");
    assert_eq!(
        failure(&workshop, "python-approvals", "missing"),
        "    outcome: expected scored 7001, got failed it failed with KeyError: 'missing' (rule.py, line 115, in \
         assess_approval): have its author correct it"
    );
    assert_eq!(help(), first, "the order of a set is the same with every build");
    assert!(!workshop.path("python-approvals/dice.partial").exists());

    let source = fs::read_to_string(workshop.path(rule)).expect("a source");
    for (line, says) in [
        ("import datetime\nTODAY = datetime.date.today()\n", "datetime.date.today: a rule has no clock"),
        ("import random\nDRAWN = random.randint(1, 6)\n", "random.randint: a rule has no dice"),
    ] {
        fs::write(workshop.path(rule), format!("{source}\n{line}")).expect("the folder is ours");
        let said = refused(&workshop, "python-approvals");
        assert!(said.contains(says) && said.contains("rule.py\", line "), "{said}");
    }
}

#[test]
fn a_rule_in_javascript() {
    let Some(modules) = guests("javascript/node_modules") else { return };
    let workshop = Workshop::new();
    from_start_to_component(&workshop, "javascript", |folder| {
        std::os::unix::fs::symlink(modules, folder.join("node_modules")).expect("the folder is ours");
    });
    let (name, rule) = ("javascript-approvals", "javascript-approvals/rule.js");
    // The same sources give the same component, in another folder too.
    let elsewhere = "another folder, built later";
    let component = |folder: &str| fs::read(workshop.path(folder).join(format!("{name}.wasm"))).expect("it was built");
    let before = component(name);
    fs::rename(workshop.path(name), workshop.path(elsewhere)).expect("the folder is ours");
    let source = fs::read(workshop.path(elsewhere).join("rule.js")).expect("a source");
    fs::write(workshop.path(elsewhere).join("rule.js"), source).expect("the folder is ours");
    let _ = workshop.run(&["build", elsewhere]).expect(0);
    assert!(component(elsewhere) == before, "its digest is another");
    assert!(!workshop.path(elsewhere).join("building.partial").exists());
    fs::rename(workshop.path(elsewhere), workshop.path(name)).expect("the folder is ours");
    workshop.edit(rule, "riskBp: parameters.missing_bp,", "riskBp: Math.random(),");
    assert_eq!(
        failure(&workshop, name, "missing"),
        "    outcome: expected scored 7001, got failed it failed with Error: Math.random: a rule has no dice; compute a \
         number from the evidence (rule.js, line 112): have its author correct it"
    );
    let source = fs::read_to_string(workshop.path(rule)).expect("a source");
    for (line, says) in [
        ("const BUILT = Date.now();", "Date.now: a rule has no clock"),
        ("const BUILT = new Date();", "new Date(): a rule has no clock"),
        ("nowhere();", "nowhere is not defined"),
    ] {
        fs::write(workshop.path(rule), format!("{source}{line}\n")).expect("the folder is ours");
        let said = refused(&workshop, name);
        assert!(said.contains(says) && said.contains("@rule.js:132"), "{said}");
    }
    fs::write(workshop.path(rule), format!("{source}const x = ;\n")).expect("the folder is ours");
    let said = refused(&workshop, name);
    assert!(said.contains("rule.js:132\nconst x = ;\n          ^\n\nSyntaxError: "), "{said}");
}

/// A site whose policy runs the rule `mine` from a folder of plugins that must be signed; gives the component's path.
fn site_that_wants_signatures() -> (Site, PathBuf) {
    let (workshop, site) = (Workshop::new(), Site::new());
    let _ = workshop.run(&["new", "mine", "--lang", "rust"]).expect(0);
    let _ = workshop.run(&["build", "mine"]).expect(0);
    fs::create_dir(site.path("plugins")).expect("the folder is ours");
    let component = site.path("plugins/mine.wasm");
    fs::copy(workshop.path("mine/mine.wasm"), &component).expect("it was built");
    site.edit("uk-mod.toml", "[rules.clearance]", "[rules.mine]\nweight = 1\n\n[rules.clearance]");
    site.edit("tierwatch.toml", "[http]", "[plugins]\nfolder = \"plugins\"\nrequire_signed = true\n\n[http]");
    (site, component)
}

#[test]
fn only_what_a_trusted_key_has_signed_is_loaded() {
    let (site, component) = site_that_wants_signatures();
    let (cluster, stranger): (Key, Key) = (site.key("cluster"), site.key("stranger"));
    site.trust(&cluster.table("Midlands Cluster"));
    site.trust(&stranger.table("Nobody"));
    site.trust("\n[plugins]\nsigners = [\"cluster\"]\n");
    let sign = |key: &str| site.run(&["plugin", "sign", "plugins", "--key", &format!("{key}.pem")]).expect(0);
    let refused = |because: &str| {
        let answer = site.run(&["check"]);
        assert_eq!(answer.code, Some(1), "{}", answer.stdout);
        let starts = format!("error: plugin `{}` is not loaded: {because}", component.display());
        assert!(answer.stderr.starts_with(&starts), "{}", answer.stderr);
        assert!(answer.stderr.contains("because the policy `uk-mod` runs the rule `mine`"), "{}", answer.stderr);
    };
    refused("it is not signed: sign it with `tierwatch plugin sign`");
    let _ = sign("stranger");
    refused("it is signed by no key that may sign plugins");

    let signed = sign("cluster");
    let checked = site.run(&["check", "--output", "json"]).json();
    assert_eq!(checked["refused_plugins"], serde_json::json!([]));
    let rule = |rule: &&Value| rule["rule"] == "mine";
    let loaded = checked["rules"].as_array().expect("a list").iter().find(rule).expect("it is loaded").clone();
    assert!(signed.contains(loaded["digest"].as_str().expect("a digest")), "{signed}");
    let inspected = site.run(&["plugin", "inspect", "plugins", "--output", "json"]).json();
    assert_eq!(inspected["signature"], "good, by the key `cluster`");

    // The digest is in the metrics and in what binds a score.
    let key = site.authority();
    fs::write(site.path("feed/good.jsonl"), tierwatch_tests::evidence::certified(&key, 1)).expect("ours");
    let daemon = site.start_ready();
    let short = &loaded["digest"].as_str().expect("a digest")[..12];
    assert_eq!(
        daemon.metrics().sum("tierwatch_plugin_info", &["rule=\"mine\"", &format!("digest=\"{short}\"")]),
        Some(1.0)
    );
    assert_eq!(daemon.metrics().sum("tierwatch_plugins_refused", &[]), Some(0.0));
    let explained = site.run(&["explain", &tierwatch_tests::evidence::supplier(1), "--output", "json"]).json();
    let plugins = explained["score"]["provenance"]["plugins"].as_array().expect("a list");
    assert!(plugins.contains(&serde_json::json!(["mine", loaded["digest"]])), "{plugins:?}");
    drop(daemon);

    // One byte more, in a section that means nothing to the engine.
    let mut bytes = fs::read(&component).expect("it is there");
    bytes.extend_from_slice(&[0, 2, 1, b'x']);
    fs::write(&component, bytes).expect("the folder is ours");
    refused("its signature is over another component, sha256:");
    site.edit("tierwatch.toml", "require_signed = true", "require_signed = false");
    let _ = site.run(&["check"]).expect(0);
}

#[test]
fn what_is_wrong_is_said_with_the_fix() {
    let workshop = Workshop::new();
    let _ = workshop.run(&["new", "mine", "--lang", "python"]).expect(0);
    let _ = workshop.run(&["new", "yours", "--lang", "javascript"]).expect(0);
    fs::create_dir(workshop.path("empty")).expect("the folder is ours");
    fs::create_dir(workshop.path("cases")).expect("the folder is ours");
    fs::write(workshop.path("text.wasm"), "no").expect("the folder is ours");
    fs::write(workshop.path("wrong.toml"), WRONG_CASE).expect("the folder is ours");
    fs::write(workshop.path("parameters.toml"), "organisation = \"GB-COH:1\"\n[parameters]\ngrace_day = 3\n[[expected]]\nas_of = 2026-05-10\noutcome = \"unknown\"\n").expect("ours");
    fs::write(workshop.path("kind.toml"), UNKNOWN_KIND).expect("the folder is ours");
    let mut all = String::new();
    for command in [
        &["new", "Mine", "--lang", "rust"][..],
        &["new", "cyber-posture", "--lang", "rust"],
        &["new", "mine", "--lang", "rust"],
        &["new", "mine", "--lang", "cobol"],
        &["build", "empty"],
        &["build", "nowhere"],
        &["build", "yours"],
        &["inspect", "nothing"],
        &["inspect", "empty"],
        &["inspect", "text.wasm"],
        &["test", "clearance"],
        &["test", "clearance", "--cases", "cases"],
        &["test", "clearance", "--cases", "nowhere.toml"],
        &["test", "clearance", "--cases", "wrong.toml"],
        &["test", "cyber-posture", "--cases", "parameters.toml"],
        &["test", "clearance", "--cases", "kind.toml"],
        &["bench", "clearance", "--cases", "wrong.toml", "--subjects", "0"],
    ] {
        let answer = workshop.run(command);
        assert_ne!(answer.code, Some(0), "{command:?} must fail");
        let folder = fs::canonicalize(workshop.folder()).expect("it is there").display().to_string();
        let said = format!("{}{}", answer.stdout, answer.stderr).replace(&folder, "DIR");
        all += &format!("$ tierwatch plugin {}\n{said}exit code {}\n\n", command.join(" "), answer.code.unwrap_or(-1));
    }
    check_golden("plugin-errors.txt", &all);
}

/// A case that would pass, since its only attestation reaches no rule.
const UNKNOWN_KIND: &str = r#"organisation = "GB-COH:09506232"

[[attestations]]
kind = "clearance.facilty"
issuer = "MOD"
trust = "authority"
valid_from = 2026-01-01
claims = { nation = "GB", level = "secret", status = "full", since = 2026-01-01 }

[[expected]]
as_of = 2026-05-10
outcome = "not-applicable"
"#;

/// A case with many mistakes.
const WRONG_CASE: &str = r#"about = ""
organisation = "GB-COH:QQ"
day = 2026-05-10

[facts.requirement]
cyber_level = "2"

[[attestations]]
kind = "cyber.dcc"
issuer = "IASME"
trust = "blind"
valid_from = 2026-12-01
claims = { level = 4, attested_on = 2026-05-10 }

[[attestations]]
kind = "cyber.ce"
issuer = "IASME"
trust = "third-party"
valid_from = "yesterday"
claims = { certificate = "CE-1", whole_organisation = true, entitys = [] }

[[expected]]
as_of = 2026-05-10
outcome = "bad"

[[expected]]
as_of = 2026-05-10
outcome = "unknown"
risk_bp = 10001
findings = [{ code = "CE_MISSING", severity = "grave", evidence = ["certificate"] }]
"#;

#[test]
fn what_the_daemon_knows_becomes_a_case() {
    let site = Site::new();
    let key = site.authority();
    let certified = tierwatch_tests::evidence::certified(&key, 1);
    let supplier = tierwatch_tests::evidence::supplier(1);
    let secret = key.sign(
        &supplier,
        "cyber.saq",
        &serde_json::json!({"level": 1}),
        &["--handling", "TLP:AMBER", "--valid-from", "2026-01-01"],
    );
    fs::write(site.path("all.jsonl"), certified + &secret).expect("ours");
    let _ = site.run(&["ingest", "all.jsonl"]).expect(0);
    let record = |up_to: &str| {
        site.run(&["plugin", "record", &supplier, "--plugin", "cyber-posture", "--up-to", up_to]).expect(0)
    };
    let replayed = |case: &str| {
        fs::write(site.path("case.toml"), case).expect("ours");
        site.run(&["plugin", "test", "cyber-posture", "--cases", "case.toml", "--output", "json"]).json()
    };
    let open = record("TLP:GREEN");
    assert!(open.contains("# Withheld: cyber.saq "), "{open}");
    assert!(!open.contains("kind = \"cyber.saq\""), "{open}");
    for undeclared in ["entity.profile", "[facts.impact]", "[[facts.needs]]"] {
        assert!(!open.contains(undeclared), "the rule does not declare it:\n{open}");
    }
    assert_eq!(replayed(&open)[0]["same"], true, "{open}");

    // A rule of another policy has the parameters that stand there.
    let cluster = repository().join("rules/midlands-cluster.toml").display().to_string();
    let rule = ["plugin", "record", &supplier, "--plugin", "sme-without-certificate", "--policy", &cluster];
    let of_policy = site.run(&rule).expect(0);
    assert!(of_policy.contains("kind = \"cyber.ce"), "{of_policy}");

    let full = record("TLP:AMBER");
    assert!(!full.contains("# Withheld") && full.contains("handling = \"TLP:AMBER\""), "{full}");
    assert_eq!(replayed(&full)[0]["same"], true, "{full}");
    // With all evidence in it, the case gives the answer that the daemon has stored.
    let explained = site.run(&["explain", &supplier, "--output", "json"]).json();
    let parts = explained["score"]["contributions"].as_array().expect("a list");
    let stored = parts.iter().find(|part| part["rule"] == "cyber-posture").expect("it ran");
    assert!(full.contains(&format!("risk_bp = {}\n", stored["risk_bp"])), "{stored}\n{full}");
}

/// Every clause of the expressions in the cluster's policy is in a case, and so is every message.
#[test]
fn the_rules_of_a_policy_pass_their_cases() {
    let policy = repository().join("rules/midlands-cluster.toml").display().to_string();
    for (rule, cases) in [("sme-without-certificate", 9), ("m6-share", 6)] {
        let bench = Workshop::new();
        let tested = bench.run(&["test", rule, "--policy", &policy]).expect(0);
        assert!(tested.starts_with(&format!("{rule} 1.0.0 (")), "{tested}");
        assert!(tested.ends_with(&format!("\n{cases} of {cases} as expected\n")), "every message is said:\n{tested}");
        let inspected = bench.run(&["inspect", rule, "--policy", &policy, "--output", "json"]).json();
        assert_eq!(inspected["rule"], rule);
        assert_eq!(inspected["signature"], "none needed: it comes with the daemon");
    }
}

#[test]
fn a_dry_run_says_who_would_move() {
    let site = Site::simulated(40);
    let _ = site.run(&["ingest", "feed"]);
    let before = site.suppliers();
    let diff = |arguments: &[&str]| {
        let command = [&["plugin", "diff", "--output", "json"], arguments].concat();
        site.run(&command).json().as_array().expect("a list").clone()
    };
    assert_eq!(diff(&["--set", "cyber-posture.notice_days=60"]), [] as [Value; 0], "its default");
    let moved = diff(&["--set", "cyber-posture.nothing_bp=10000"]);
    assert!(!moved.is_empty());
    for row in &moved {
        let change = row["risk_bp_after"].as_i64().expect("a risk") - row["risk_bp_before"].as_i64().expect("a risk");
        assert!(change > 0, "{row}");
        assert_eq!(row["why"], "cyber-posture 90.0 → 100.0", "{row}");
        let standing = before.iter().find(|one| one["organisation"] == row["organisation"]).expect("it has a score");
        assert_eq!(standing["risk_bp"], row["risk_bp_before"]);
    }
    let larger = |pair: &[Value]| {
        let change =
            |row: &Value| row["risk_bp_after"].as_i64().unwrap_or(0) - row["risk_bp_before"].as_i64().unwrap_or(0);
        change(&pair[0]) >= change(&pair[1])
    };
    assert!(moved.windows(2).all(larger), "the greatest movement first");

    // The new policy then does what the dry run said.
    let policy = fs::read_to_string(site.path("uk-mod.toml")).expect("a policy");
    fs::write(site.path("other.toml"), policy + "\n[rules.cyber-posture.parameters]\nnothing_bp = 10000\n")
        .expect("ours");
    assert_eq!(diff(&["--policy", "other.toml"]), moved);
    assert_eq!(site.suppliers(), before, "nothing is stored");
    let text = site.run(&["plugin", "diff", "--policy", "other.toml", "-n", "1"]).expect(0);
    assert!(text.starts_with(&format!("{} of {} suppliers move, ", moved.len(), before.len())), "{text}");
}
