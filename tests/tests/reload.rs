//! Rules that change while the daemon runs: a good one takes over, a bad one does not, and one that fails later is put into
//! quarantine.

use serde_json::{Value, json};
use std::{
    fs,
    sync::atomic::{AtomicI64, Ordering},
};
use tierwatch_tests::{
    Daemon, Key, Site, Workshop, eventually,
    evidence::{self, supplier},
};

/// The worked rule's risks without an approval and with it.
const MISSING_BP: u64 = 7000;
/// How many suppliers [`site`] has.
const SUPPLIERS: u32 = 4;
/// Makes the worked rule fail on suppliers with this approval.
const BREAKS: (&str, &str) = (
    "let (mut risk_bp, mut findings) = (0, Vec::new());",
    "let (mut risk_bp, mut findings) = (0, Vec::new());
        assert!(!capabilities.iter().any(|one| names(one, \"BREAKS IT\")), \"it breaks\");",
);

/// A site whose policy runs `rule` alone, from a folder of plugins with its `component`, and that takes changes without
/// being asked.
fn site(rule: &str, component: &[u8]) -> (Site, Key) {
    let site = Site::new();
    fs::create_dir(site.path("plugins")).expect("the folder is ours");
    fs::write(site.path("plugins/rule.wasm"), component).expect("the folder is ours");
    for other in ["clearance", "cyber-posture", "single-source"] {
        site.edit("uk-mod.toml", &format!("[rules.{other}]"), &format!("[rules.{other}]\nenabled = false"));
    }
    site.edit("uk-mod.toml", "[rules.clearance]", &format!("[rules.{rule}]\nweight = 1\n\n[rules.clearance]"));
    site.edit("tierwatch.toml", "automatic = false", "automatic = true");
    site.edit(
        "tierwatch.toml",
        "[http]",
        "[plugins]\nfolder = \"plugins\"\nquarantine_after = 2\nretry_seconds = 1\n\n[http]",
    );
    let key = site.authority();
    let mut log = evidence::requirement(&key);
    for number in 1..=SUPPLIERS {
        log += &evidence::source(&key, number);
        log += &approvals(&key, number, &["ISO 9001"]);
    }
    site.put("log.jsonl", log);
    (site, key)
}

/// Each is issued a second after the one before, so that the latest counts.
fn approvals(key: &Key, number: u32, approvals: &[&str]) -> String {
    static SIGNED: AtomicI64 = AtomicI64::new(0);
    let second = SIGNED.fetch_add(1, Ordering::Relaxed);
    let issued_at = format!("2026-01-01T{:02}:{:02}:{:02}Z", second / 3600, second / 60 % 60, second % 60);
    let claims = json!({"items": ["part"], "approvals": approvals});
    key.sign(&supplier(number), "supply.capability", &claims, &["--issued-at", &issued_at])
}

/// Puts a component into the folder in one step.
fn drop_in(site: &Site, file: &str, component: &[u8]) {
    fs::write(site.path("arriving.wasm"), component).expect("the folder is ours");
    fs::rename(site.path("arriving.wasm"), site.path("plugins").join(file)).expect("the folder is there");
}

fn counting(daemon: &Daemon, version: &str) -> bool {
    let labels = ["rule=\"steady\"", &format!("version=\"{version}\"")];
    daemon.metrics().sum("tierwatch_plugin_info", &labels) == Some(1.0)
}

fn plugins(site: &Site) -> Value {
    site.run(&["plugins", "--output", "json"]).json()
}

/// The state of one version of the rule.
fn state(site: &Site, version: &str) -> Value {
    let plugins = plugins(site);
    let rules = plugins["rules"].as_array().expect("a list");
    rules.iter().find(|rule| rule["version"] == version).unwrap_or_else(|| panic!("no {version}: {plugins}")).clone()
}

fn risks(site: &Site) -> Vec<Option<u64>> {
    (1..=SUPPLIERS).map(|number| site.risk_bp(&supplier(number))).collect()
}

/// Every score can be made again from what is stored.
fn replays(site: &Site) {
    let _ = site.run(&["replay", "--all"]).expect(0);
}

fn all(risk_bp: u64) -> Vec<Option<u64>> {
    vec![Some(risk_bp); SUPPLIERS as usize]
}

#[test]
fn a_good_version_takes_over_and_a_bad_one_does_not() {
    let workshop = Workshop::new();
    let first = workshop.component("steady", &[]);
    let version = ("version: \"1.0.0\"", "version: \"1.1.0\"");
    let second = workshop.component("steady", &[version, ("missing_bp: u32 = 7_000", "missing_bp: u32 = 9_000")]);
    let always = (
        "subject: &Subject) -> Assessment {",
        "subject: &Subject) -> Assessment {\n        assert!(subject.as_of < 0, \"never\");",
    );
    let broken = workshop.component("steady", &[("version: \"1.0.0\"", "version: \"1.2.0\""), always]);

    let (site, key) = site("steady", &first);
    let daemon = site.start_ready();
    assert_eq!(risks(&site), all(MISSING_BP));
    assert_eq!(state(&site, "1.0.0")["answered"], SUPPLIERS);

    drop_in(&site, "rule.wasm", &second);
    eventually("the second version", || counting(&daemon, "1.1.0").then_some(()));
    eventually("its scores", || (risks(&site) == all(9000)).then_some(()));
    daemon
        .process()
        .line("whom it moves", |line| line.contains("4 of 4 suppliers move, 4 into another band").then_some(()));
    daemon.process().line("who moves", |line| line.contains(" into another band: GB-COH:").then_some(()));
    assert_eq!(plugins(&site)["last_reload"]["outcome"], "taken");

    // It loads, and fails on everybody: only the operator notices.
    drop_in(&site, "rule.wasm", &broken);
    daemon.wait_for_metric("tierwatch_rules_kept", &[], 1.0);
    assert!(counting(&daemon, "1.1.0"));
    let notices = plugins(&site)["notices"].clone();
    let notice = notices[0].as_str().expect("a text");
    assert!(
        notice.starts_with("steady: the rule `steady` 1.2.0 of ") && notice.contains(" was no good on "),
        "{notice}"
    );
    assert!(notice.contains("until then its last good version 1.1.0 "), "{notice}");
    let _ = suggested(&site, notice);
    // Arriving evidence is scored by the last good plugin.
    site.grow("log.jsonl", &approvals(&key, 1, &["AS9100"]));
    eventually("the new evidence", || (site.risk_bp(&supplier(1)) == Some(0)).then_some(()));

    // It does not even compile.
    drop_in(&site, "rule.wasm", &second[..second.len() / 2]);
    daemon.wait_for_metric("tierwatch_plugins_refused", &[], 1.0);
    assert!(counting(&daemon, "1.1.0"));
    assert!(plugins(&site)["refused"][0].as_str().expect("a text").contains("it does not compile"));

    drop_in(&site, "rule.wasm", &first);
    eventually("the first version", || counting(&daemon, "1.0.0").then_some(()));
    let healed = daemon.metrics();
    assert_eq!(healed.sum("tierwatch_rules_kept", &[]), Some(0.0));
    assert_eq!(healed.sum("tierwatch_plugins_refused", &[]), Some(0.0));
    drop(daemon);
    replays(&site);
}

/// Runs the command that `said` names in backticks, as it stands; gives what it prints.
fn suggested(site: &Site, said: &str) -> String {
    let command = said.split('`').find_map(|part| part.strip_prefix("tierwatch plugin record "));
    let arguments = command.unwrap_or_else(|| panic!("no command: {said}")).split(' ');
    site.run(&[&["plugin", "record"], arguments.collect::<Vec<_>>().as_slice()].concat()).expect(0)
}

/// A rule that exists only in the policy has no file that names it.
#[test]
fn what_an_expression_fails_on_becomes_a_case() {
    let site = Site::new();
    let key = site.authority();
    site.put("one.jsonl", evidence::certified(&key, 1));
    let _daemon = site.start_ready();
    let divides = "\n[rules.mine]\nplugin = \"expression\"\n[rules.mine.parameters.otherwise]\nconfidence = 0\nrisk = \"100 / site.size()\"\n";
    let policy = fs::read_to_string(site.path("uk-mod.toml")).expect("a policy");
    fs::write(site.path("uk-mod.toml"), policy + divides).expect("the folder is ours");
    let refused = site.run(&["reload"]);
    assert_eq!(refused.code, Some(1), "{}", refused.stdout);
    let case = suggested(&site, &refused.stderr);
    assert!(case.contains("outcome = \"failed\""), "{case}");
}

/// Makes the rule count suppliers, so that its answer depends on those before.
const REMEMBERS: (&str, &str) = (
    "let (mut risk_bp, mut findings) = (0, Vec::new());",
    "static ASKED: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let (mut risk_bp, mut findings) = (ASKED.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1, Vec::new());
        if risk_bp > 0 { return Assessment::scored(risk_bp, 5_000, vec![]); }",
);

#[test]
fn a_version_that_remembers_is_refused() {
    let workshop = Workshop::new();
    let first = workshop.component("forgetful", &[]);
    let remembers = workshop.component("forgetful", &[("version: \"1.0.0\"", "version: \"1.1.0\""), REMEMBERS]);
    let tested = workshop.path("forgetful/forgetful.wasm");
    fs::write(&tested, &remembers).expect("the folder is ours");
    let differs = workshop.run(&["test", "forgetful"]).expect(3);
    let alone = "asked again in company, it does not repeat itself: risk_bp: expected 1, got ";
    assert!(differs.contains(alone), "{differs}");

    let (site, _) = site("forgetful", &first);
    let daemon = site.start_ready();
    let diff = site.run(&["plugin", "diff", "--plugin", &tested.display().to_string()]).expect(0);
    assert!(diff.contains("a reload would refuse forgetful: "), "{diff}");
    drop_in(&site, "rule.wasm", &remembers);
    daemon.wait_for_metric("tierwatch_rules_kept", &[], 1.0);
    let notice = plugins(&site)["notices"][0].as_str().expect("a text").to_owned();
    let named = "forgetful: the rule `forgetful` 1.1.0 of ";
    assert!(notice.starts_with(named) && notice.contains("asked again in other company, `scored 0.0"), "{notice}");
    assert_eq!(state(&site, "1.0.0")["answered"], SUPPLIERS, "the last good version goes on");
    drop(daemon);
    replays(&site);

    // If it was there from the start, nobody could compare; replaying a score names it.
    let (site, _) = self::site("forgetful", &remembers);
    drop(site.start_ready());
    let replayed = site.run(&["replay", "--output", "json"]);
    assert_eq!(replayed.code, Some(3), "{}", replayed.stderr);
    let replayed = replayed.stdout;
    assert!(replayed.contains("the rule `forgetful` answered `scored 0.0"), "{replayed}");
}

#[test]
fn a_version_in_the_shadow_shows_where_it_differs() {
    let workshop = Workshop::new();
    let first = workshop.component("shadowed", &[]);
    let second = workshop.component(
        "shadowed",
        &[
            ("version: \"1.0.0\"", "version: \"2.0.0\""),
            ("vec![\"AS9100\".to_owned()]", "vec![\"ISO 9001\".to_owned()]"),
        ],
    );
    let (site, key) = site("shadowed", &first);
    site.grow("log.jsonl", &approvals(&key, 1, &["AS9100", "ISO 9001"]));
    let daemon = site.start_ready();

    // Two versions: the policy must say which counts.
    drop_in(&site, "next.wasm", &second);
    daemon.wait_for_metric("tierwatch_rules_kept", &[], 1.0);
    let notice = plugins(&site)["notices"][0].as_str().expect("a text").to_owned();
    assert!(notice.contains("say which counts, with `version` below [rules.shadowed]"), "{notice}");
    site.edit("uk-mod.toml", "[rules.shadowed]\n", "[rules.shadowed]\nversion = \"1.0.0\"\nshadow = [\"2.0.0\"]\n");
    daemon.wait_for_metric("tierwatch_shadow_differences", &["version=\"2.0.0\""], 3.0);
    let shadow = state(&site, "2.0.0");
    assert_eq!(
        (&shadow["is_shadow"], &shadow["differing"], &shadow["answered"]),
        (&json!(true), &json!(3), &json!(SUPPLIERS))
    );
    let difference = json!({
        "organisation": supplier(2), "counting": "scored 70.0 (APPROVAL_MISSING)", "shadow": "scored 0.0",
    });
    assert_eq!(shadow["differences"][0], difference);
    assert_eq!(site.risk_bp(&supplier(2)), Some(MISSING_BP), "it counts nothing");
    let text = site.run(&["plugins"]).expect(0);
    assert!(text.contains("shadowed 2.0.0 answers otherwise on 3 suppliers\n"), "{text}");

    site.grow("log.jsonl", &approvals(&key, 2, &["AS9100", "ISO 9001"]));
    eventually("fewer differences", || {
        (daemon.metrics().sum("tierwatch_shadow_differences", &["version=\"2.0.0\""]) == Some(2.0)).then_some(())
    });
    // A missing shadow does no harm.
    fs::remove_file(site.path("plugins/next.wasm")).expect("it is there");
    daemon.wait_for_metric("tierwatch_rules_kept", &[], 1.0);
    assert!(plugins(&site)["notices"][0].as_str().expect("a text").starts_with("shadowed: no shadow 2.0.0: "));
    assert_eq!(site.risk_bp(&supplier(3)), Some(MISSING_BP));
}

#[test]
fn a_rule_that_keeps_failing_is_asked_no_more_and_tried_again() {
    let workshop = Workshop::new();
    let (site, key) =
        site("shaky", &workshop.component("shaky", &[BREAKS, ("missing_bp: u32 = 7_000", "missing_bp: u32 = 9_000")]));
    let mut daemon = site.start_ready();
    assert_eq!(risks(&site), all(9000));

    // One failure concerns only its supplier; after two more the rule is in quarantine, and the supplier gets its last
    // answer back.
    site.grow("log.jsonl", &approvals(&key, 1, &["BREAKS IT"]));
    let failed = || daemon.metrics().sum("tierwatch_rule_assessments_total", &["rule=\"shaky\"", "outcome=\"failed\""]);
    eventually("its failure", || (failed() >= Some(1.0)).then_some(()));
    assert_eq!(daemon.metrics().sum("tierwatch_rule_quarantined", &["rule=\"shaky\""]), Some(0.0));
    let breaking: String = (2..=3).map(|number| approvals(&key, number, &["BREAKS IT"])).collect();
    site.grow("log.jsonl", &breaking);
    daemon.wait_for_metric("tierwatch_rule_quarantined", &["rule=\"shaky\""], 1.0);
    eventually("answers that are kept", || (state(&site, "1.0.0")["stale"].as_u64() >= Some(1)).then_some(()));
    eventually("what it last said", || (risks(&site) == all(9000)).then_some(()));
    eventually("nobody who failed", || (state(&site, "1.0.0")["failed"] == 0).then_some(()));
    let quarantine = state(&site, "1.0.0")["quarantine"].clone();
    assert!(quarantine["why"].as_str().expect("a text").contains("it stopped"), "{quarantine}");
    let contribution = |number: u32| {
        let explained = site.run(&["explain", &supplier(number), "--output", "json"]).json();
        explained["score"]["contributions"][0].clone()
    };
    assert!(contribution(1)["stale_since"].is_string(), "{}", contribution(1));
    assert_eq!(contribution(4)["stale_since"], Value::Null, "nothing has changed for it");
    let text = site.run(&["explain", &supplier(1)]).expect(0);
    assert!(text.contains("stale since"), "{text}");
    // A reload that does not change the rule leaves it in quarantine.
    let reloads = || daemon.metrics().sum("tierwatch_reloads_total", &["outcome=\"taken\""]).unwrap_or_default();
    let before = reloads();
    site.edit("uk-mod.toml", "version = \"1\"", "version = \"2\"");
    eventually("the reload", || (reloads() > before).then_some(()));
    assert_eq!(daemon.metrics().sum("tierwatch_rule_quarantined", &["rule=\"shaky\""]), Some(1.0));
    // It is tried again without success, and a new start finds it in the same state.
    daemon.wait_for_metric("tierwatch_rule_quarantines_total", &["rule=\"shaky\""], 2.0);
    daemon.kill();
    let daemon = site.start_ready();
    daemon.wait_for_metric("tierwatch_rule_quarantined", &["rule=\"shaky\""], 1.0);
    assert_eq!(risks(&site), all(9000), "from the store");

    let mended: String = (1..=3).map(|number| approvals(&key, number, &["AS9100"])).collect();
    site.grow("log.jsonl", &mended);
    eventually("its release", || {
        (daemon.metrics().sum("tierwatch_rule_quarantined", &["rule=\"shaky\""]) == Some(0.0)).then_some(())
    });
    eventually("its new answers", || (risks(&site)[..3] == [Some(0); 3]).then_some(()));
    assert_eq!(state(&site, "1.0.0")["stale"], 0);
    drop(daemon);
    replays(&site);
}

#[test]
fn a_plugin_folder_that_is_late_or_goes_moves_no_score() {
    let workshop = Workshop::new();
    let (site, key) = site("late", &workshop.component("late", &[]));
    let (folder, aside) = (site.path("plugins"), site.path("unmounted"));
    let rename = |from, to| fs::rename(from, to).expect("the folder is ours");

    // Without any last plugin the daemon waits for the folder.
    rename(&folder, &aside);
    let mut waiting = site.watch(&["run"]);
    let says = "nothing is read or scored until the plugin folder is there";
    waiting.line("what it waits for", |line| line.contains(says).then_some(()));
    rename(&aside, &folder);
    waiting.line("its start", |line| line.contains("started").then_some(()));
    waiting.line("readiness", |line| line.contains("ready: everything").then_some(()));
    assert_eq!(risks(&site), all(MISSING_BP));
    waiting.kill();

    // Its last plugins go on, whether it goes while the daemon runs or while it does not.
    let kept = |daemon: &Daemon, rules: f64| {
        let shown =
            || ["tierwatch_rules_kept", "tierwatch_plugins_refused"].map(|name| daemon.metrics().sum(name, &[]));
        eventually("what is kept", || (shown() == [Some(rules); 2]).then_some(()));
    };
    let mut daemon = site.start_ready();
    kept(&daemon, 0.0);
    rename(&folder, &aside);
    kept(&daemon, 1.0);
    assert_eq!(risks(&site), all(MISSING_BP));
    assert_eq!(daemon.stop().code(), Some(0));
    let daemon = site.start_ready();
    kept(&daemon, 1.0);
    assert!(plugins(&site)["refused"][0].as_str().expect("a text").starts_with("plugins.folder "));
    site.grow("log.jsonl", &approvals(&key, 1, &["AS9100"]));
    eventually("new evidence by the kept plugin", || (site.risk_bp(&supplier(1)) == Some(0)).then_some(()));
    rename(&aside, &folder);
    kept(&daemon, 0.0);
    assert_eq!(risks(&site)[1..], all(MISSING_BP)[1..]);
    drop(daemon);
    replays(&site);
}

#[test]
fn a_hundred_reloads_under_load_lose_nothing() {
    const RELOADS: u32 = 100;
    let workshop = Workshop::new();
    let versions =
        [workshop.component("busy", &[]), workshop.component("busy", &[("version: \"1.0.0\"", "version: \"1.1.0\"")])];
    let (site, key) = site("busy", &versions[0]);
    let daemon = site.start_ready();
    let taken = || daemon.metrics().sum("tierwatch_reloads_total", &["outcome=\"taken\""]).unwrap_or_default();
    for reload in 0..RELOADS {
        site.grow("log.jsonl", &approvals(&key, 1 + reload % SUPPLIERS, &["ISO 9001", &format!("approval {reload}")]));
        let before = taken();
        drop_in(&site, "rule.wasm", &versions[(reload % 2 == 0) as usize]);
        eventually("the reload", || (taken() > before).then_some(()));
    }
    let metrics = daemon.metrics();
    assert_eq!(metrics.sum("tierwatch_reloads_total", &["outcome=\"refused\""]), Some(0.0));
    let stored = f64::from(1 + 2 * SUPPLIERS + RELOADS);
    daemon.wait_for_metric("tierwatch_store_attestations", &[], stored);
    assert_eq!(state(&site, "1.0.0")["answered"], SUPPLIERS);
    assert_eq!(metrics.sum("tierwatch_rule_assessments_total", &["rule=\"busy\"", "outcome=\"failed\""]), Some(0.0));
}
