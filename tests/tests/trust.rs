//! Whose statements the daemon accepts, and what happens when that changes: nothing refused is forgotten, and no score outlives
//! its evidence.

use serde_json::{Value, json};
use std::fs;
use tierwatch_tests::{
    Daemon, Key, Site, eventually,
    evidence::{self, CERTIFIED_BP, PROGRAMME, supplier},
};

/// A site with an authority and a programme that asks for cyber level 1.
fn site() -> (Site, Key) {
    let site = Site::new();
    let key = site.authority();
    (site, key)
}

/// A key, not yet trusted, and the tables that let it attest what `kinds` names.
fn newcomer(site: &Site, name: &str, kinds: &str, trust: &str) -> (Key, String) {
    let key = site.key(name);
    let grant =
        format!("\n[[grant]]\nname = \"{name}\"\nsigners = [\"{name}\"]\nkinds = {kinds}\ntrust = \"{trust}\"\n");
    let table = key.table(&format!("The {name}")) + &grant;
    (key, table)
}

/// Signs that supplier `number` is in liquidation.
fn liquidation(key: &Key, number: u32) -> String {
    key.sign(&supplier(number), "entity.status", &json!({"status": "liquidation"}), &[])
}

fn states(site: &Site) -> Vec<(String, String)> {
    let all = site.run(&["quarantine", "list", "--all", "--output", "json"]).json();
    let text = |item: &Value, field: &str| item[field].as_str().expect("a text").to_owned();
    all.as_array().expect("a list").iter().map(|item| (text(item, "reason"), text(item, "state"))).collect()
}

fn waits_still(site: &Site, what: &str) {
    let waiting = [("unknown-key".to_owned(), "waiting".to_owned())];
    assert_eq!(states(site), waiting, "{what}");
}

fn is_scored(site: &Site, number: u32) -> bool {
    site.suppliers().iter().any(|one| one["organisation"] == supplier(number).as_str())
}

#[test]
fn bad_news_that_was_refused_waits_whatever_comes_from_the_same_origin() {
    let (site, key) = site();
    let (register, tables) = newcomer(&site, "register", "[\"entity.status\"]", "authority");
    let (bad, good) = (liquidation(&register, 1), evidence::certificate(&key, 2));
    // The same file name, again and again.
    for input in [&bad, &good] {
        fs::write(site.path("input.json"), input).expect("the folder is ours");
        let _ = site.run(&["ingest", "input.json"]);
    }
    waits_still(&site, "one file name for two inputs of a command");

    // A log that is emptied and written anew, and a file that every delivery overwrites.
    let daemon = site.start_ready();
    site.put("latest.json", liquidation(&register, 3));
    let waiting = |count: usize| (states(&site).len() == count).then_some(());
    eventually("the first delivery", || waiting(2));
    site.put("latest.json", evidence::certificate(&key, 3));
    eventually("the second delivery", || is_scored(&site, 3).then_some(()));
    site.grow("log.jsonl", &liquidation(&register, 4));
    eventually("the first line", || waiting(3));
    fs::write(site.path("feed/log.jsonl"), "").expect("the feed is there");
    site.grow("log.jsonl", &evidence::certificate(&key, 4));
    eventually("the line in its place", || is_scored(&site, 4).then_some(()));
    assert!(states(&site).iter().all(|(_, state)| state == "waiting"), "{:?}", states(&site));

    // The issuer's key is added, and everything can be read again.
    site.trust(&tables);
    daemon.reload();
    assert_eq!(site.run(&["quarantine", "retry"]).expect(0), "tried 3, accepted 3\n");
    assert!(states(&site).iter().all(|(_, state)| state == "accepted"), "{:?}", states(&site));
    eventually("its score", || is_scored(&site, 1).then_some(()));
}

#[test]
fn only_its_issuer_settles_what_was_refused_and_only_of_the_same_matter() {
    let (site, key) = site();
    let (register, tables) = newcomer(&site, "register", "[\"entity.status\"]", "authority");
    site.trust(&tables);
    let daemon = site.start_ready();
    let active = |key: &Key, number: u32, issued: &str| {
        key.sign(&supplier(number), "entity.status", &json!({"status": "active"}), &["--issued-at", issued])
    };
    site.put("refused.json", tampered(&active(&register, 1, "2026-02-01")));
    eventually("the refusal", || site.quarantined("refused.json"));
    for (name, other) in [
        ("another.json", active(&register, 2, "2026-03-01")),
        ("issuer.json", active(&key, 1, "2026-03-02")),
        ("earlier.json", active(&register, 1, "2026-01-01")),
    ] {
        let before = accepted(&daemon);
        site.put(name, other);
        eventually(name, || (accepted(&daemon) > before).then_some(()));
        assert!(site.quarantined("refused.json").is_some(), "{name}");
    }
    site.put("mended.json", active(&register, 1, "2026-03-01"));
    eventually("the mended one", || site.quarantined("refused.json").is_none().then_some(()));
    assert_eq!(states(&site), [("bad-signature".to_owned(), "superseded".to_owned())]);
}

/// Of items that are retried together, one does not bring back what another settles.
#[test]
fn a_retry_leaves_nothing_waiting_that_it_has_settled() {
    let (site, _) = site();
    let (register, tables) = newcomer(&site, "register", "[\"entity.status\"]", "authority");
    let daemon = site.start_ready();
    let active = |issued: &str| {
        register.sign(&supplier(1), "entity.status", &json!({"status": "active"}), &["--issued-at", issued])
    };
    site.put("good.json", active("2026-03-01"));
    eventually("the first refusal", || site.quarantined("good.json"));
    site.put("bad.json", tampered(&active("2026-02-01")));
    eventually("the second refusal", || site.quarantined("bad.json"));
    site.trust(&tables);
    daemon.reload();
    assert_eq!(site.run(&["quarantine", "retry"]).expect(3), "tried 2, accepted 1\n");
    let state = |reason: &str, state: &str| (reason.to_owned(), state.to_owned());
    assert_eq!(states(&site), [state("bad-signature", "superseded"), state("unknown-key", "accepted")]);
    assert_eq!(site.run(&["quarantine", "retry", "2"]).expect(3), "tried 1, accepted 0\n");
    assert_eq!(site.quarantine().len(), 0, "what was settled does not wait again");
}

/// The same envelope with another signature.
fn tampered(envelope: &str) -> String {
    let mut envelope: Value = serde_json::from_str(envelope).expect("an envelope is JSON");
    let signature = envelope["signatures"][0]["sig"].as_str().expect("it is signed").to_owned();
    let middle = signature.len() / 2;
    let other = if signature.as_bytes()[middle] == b'A' { "B" } else { "A" };
    envelope["signatures"][0]["sig"] = format!("{}{other}{}", &signature[..middle], &signature[middle + 1..]).into();
    envelope.to_string()
}

fn accepted(daemon: &Daemon) -> Option<f64> {
    daemon.metrics().sum("tierwatch_attestations_total", &["outcome=\"accepted\""])
}

#[test]
fn what_is_sent_again_after_a_mend_is_tried_again() {
    let (site, _) = site();
    let (register, tables) = newcomer(&site, "register", "[\"entity.status\"]", "authority");
    let daemon = site.start_ready();
    let (over, renamed, later) = (liquidation(&register, 1), liquidation(&register, 2), liquidation(&register, 3));
    for (name, text) in [("over.json", &over), ("renamed.json", &renamed), ("later.json", &later)] {
        site.put(name, text);
    }
    eventually("three refusals", || (site.quarantine().len() == 3).then_some(()));
    site.trust(&tables);
    daemon.reload();
    assert_eq!(site.quarantine().len(), 3, "a mend alone tries nothing");
    fs::write(site.path("feed/over.json"), &over).expect("the feed is there");
    eventually("the file that was written over", || site.quarantined("over.json").is_none().then_some(()));
    site.put("renamed.json", &renamed);
    eventually("the file that was renamed into place", || site.quarantined("renamed.json").is_none().then_some(()));
    // The same while no daemon runs.
    drop(daemon);
    site.put("later.json", &later);
    let _daemon = site.start_ready();
    eventually("the file that was sent during a stop", || site.quarantined("later.json").is_none().then_some(()));
    assert!((1..=3).all(|number| is_scored(&site, number)));
}

#[test]
fn what_was_said_ahead_of_its_time_is_tried_again_when_that_has_come() {
    let (site, key) = site();
    site.edit("tierwatch.toml", "[reload]", "[attestations]\nfuture_tolerance_seconds = 0\n\n[reload]");
    let daemon = site.start_ready();
    let in_seconds = |seconds: u64| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_secs();
        instant(now + seconds)
    };
    let said = |number, at: &str| {
        key.sign(&supplier(number), "entity.status", &json!({"status": "active"}), &["--issued-at", at])
    };
    let lines = said(1, &in_seconds(12)) + &said(2, "2199-01-01");
    site.put("early.jsonl", lines);
    eventually("both refusals", || (site.quarantine().len() == 2).then_some(()));
    assert!(site.quarantine().iter().all(|item| item["reason"] == "from-the-future"));
    eventually("the one whose time has come", || (site.quarantine().len() == 1).then_some(()));
    assert!(is_scored(&site, 1) && !is_scored(&site, 2));
    assert_eq!(site.quarantine()[0]["attempts"], 1, "the other is left alone");
    drop(daemon);

    // Its time comes while no daemon runs.
    let daemon = site.start_ready();
    let soon = in_seconds(12);
    site.put("soon.json", said(3, &soon));
    eventually("the refusal", || site.quarantined("soon.json"));
    drop(daemon);
    eventually("its time", || (in_seconds(0) > soon).then_some(()));
    let _daemon = site.start_ready();
    eventually("the start that finds it", || site.quarantined("soon.json").is_none().then_some(()));
    assert!(is_scored(&site, 3));
}

/// Seconds since 1970 as RFC 3339 has them.
fn instant(unix_seconds: u64) -> String {
    let answer = std::process::Command::new("date")
        .args(["-u", "-d", &format!("@{unix_seconds}"), "+%Y-%m-%dT%H:%M:%SZ"])
        .output()
        .expect("there is a `date`");
    String::from_utf8(answer.stdout).expect("it is text").trim().to_owned()
}

#[test]
fn what_an_operator_has_looked_at_can_be_set_aside() {
    let (site, _) = site();
    let mut daemon = site.start_ready();
    for name in ["one.json", "two.json"] {
        site.put(name, "<html>502</html>");
    }
    eventually("two refusals", || (site.quarantine().len() == 2).then_some(()));
    assert_eq!(site.run(&["quarantine", "set-aside", "1"]).expect(0), "set aside 1\n");
    assert_eq!(site.quarantine().len(), 1);
    daemon.wait_for_metric("tierwatch_quarantine_items", &[], 1.0);
    assert_eq!(daemon.stop().code(), Some(0));
    assert_eq!(site.run(&["quarantine", "set-aside", "2"]).expect(0), "set aside 1\n");
    assert_eq!(site.run(&["quarantine", "set-aside", "2"]).code, Some(3), "it waits no more");
    assert!(states(&site).iter().all(|(_, state)| state == "superseded"));
}

/// Two suppliers and a programme; only one key attests the second supplier and another programme.
fn known_by_two_keys(site: &Site, key: &Key) -> String {
    let (second, tables) = newcomer(site, "second", "\"all\"", "third-party");
    site.trust(&tables);
    let asked = json!({"programme": "PROGRAMME:OTHER", "criticality": 3, "cyber_level": 1});
    let of = |buyer: &str, number: u32| {
        let claims = json!({"supplier": supplier(number), "buyer": buyer, "item": "part", "share_bp": 10_000, "qualified": true});
        second.sign(buyer, "supply.source", &claims, &[])
    };
    site.put("first.jsonl", evidence::certified(key, 1));
    site.put(
        "second.jsonl",
        second.sign("PROGRAMME:OTHER", "programme.requirement", &asked, &[])
            + &of("PROGRAMME:OTHER", 1)
            + &of("PROGRAMME:OTHER", 2)
            + &evidence::certificate(&second, 2),
    );
    tables
}

fn shows(daemon: &Daemon, name: &str) -> Vec<String> {
    let metrics = daemon.metrics();
    metrics.text().lines().filter(|line| line.contains(name)).map(str::to_owned).collect()
}

#[test]
fn no_score_outlives_its_evidence() {
    let (site, key) = site();
    let tables = known_by_two_keys(&site, &key);
    let mut daemon = site.start_ready();
    let of_second = supplier(2);
    assert!(is_scored(&site, 1) && is_scored(&site, 2));
    eventually("both exposures", || (!shows(&daemon, "PROGRAMME:OTHER").is_empty()).then_some(()));

    // Nobody asked for it: a change that stops more than a fifth of the evidence waits, and says what it would stop.
    site.edit("tierwatch.toml", "automatic = false", "automatic = true");
    daemon.reload();
    let trusted = fs::read_to_string(site.path("trust.toml")).expect("it is there");
    fs::write(site.path("trust.toml"), trusted.replace(&tables, "")).expect("the folder is ours");
    daemon.wait_for_metric("tierwatch_reloads_total", &["outcome=\"guarded\""], 1.0);
    let says = "waits for a word: 4 of 7 attestations (57 %) stop counting";
    daemon.process().line(says, |line| (line.contains(says) && line.contains("WARN")).then_some(()));
    assert!(is_scored(&site, 2));
    assert_eq!(daemon.metrics().sum("tierwatch_last_reload_taken", &[]), Some(0.0));
    // What is asked of the file that waits says that it is another one than the scores were made with.
    let noted = |command: &[&str]| site.run(command).stderr.contains("admits no evidence any more");
    assert!(noted(&["programmes"]) && noted(&["suppliers"]) && noted(&["explain", &of_second]));

    // The word.
    let said = site.run(&["reload"]).expect(0);
    let moves =
        "4 of 7 attestations stop counting: 0 of 2 suppliers move, 0 into another band, and 1 have no score any more";
    assert!(said.contains(moves), "{said}");
    let gone = |daemon: &Daemon| {
        assert_eq!(site.suppliers().len(), 1);
        assert_eq!(site.risk_bp(&supplier(1)), Some(CERTIFIED_BP));
        assert_eq!(shows(daemon, &of_second), Vec::<String>::new());
        assert_eq!(shows(daemon, "PROGRAMME:OTHER"), Vec::<String>::new());
        assert_ne!(shows(daemon, PROGRAMME), Vec::<String>::new());
        let explained = site.run(&["explain", &of_second]);
        assert_eq!(explained.code, Some(1));
        let cause = "no key or grant of today admits what it was known by";
        assert!(explained.stderr.contains(cause), "{}", explained.stderr);
    };
    gone(&daemon);
    assert!(!noted(&["programmes"]) && !noted(&["suppliers"]));
    assert_eq!(daemon.stop().code(), Some(0));
    let daemon = site.start_ready();
    gone(&daemon);

    // It is there for the day on which the key comes back.
    site.trust(&tables);
    daemon.wait_for_metric("tierwatch_reloads_total", &["outcome=\"taken\""], 1.0);
    eventually("its score", || is_scored(&site, 2).then_some(()));
    drop(daemon);
    let _ = site.run(&["replay", "--all"]).expect(0);
}

/// A start cannot keep what was; it says what is gone. And a configuration may let every change pass.
#[test]
fn an_emptied_trust_table_withdraws_everything_and_says_so() {
    let (site, key) = site();
    let _ = known_by_two_keys(&site, &key);
    let mut daemon = site.start_ready();
    assert_eq!(daemon.stop().code(), Some(0));
    let trusted = fs::read_to_string(site.path("trust.toml")).expect("it is there");
    fs::write(site.path("trust.toml"), "").expect("the folder is ours");
    let mut daemon = site.start_ready();
    assert_eq!(site.suppliers(), Vec::<Value>::new());
    let says = "today's keys and grants do not admit";
    daemon.process().line(says, |line| (line.contains(says) && line.contains("\"of\":7")).then_some(()));
    assert_eq!(shows(&daemon, "supplier_risk_ratio{"), Vec::<String>::new());
    assert_eq!(daemon.stop().code(), Some(0));

    fs::write(site.path("trust.toml"), trusted).expect("the folder is ours");
    site.edit("tierwatch.toml", "automatic = false", "automatic = true\nguard_percent = 100");
    let daemon = site.start_ready();
    assert_eq!(site.suppliers().len(), 2);
    fs::write(site.path("trust.toml"), "").expect("the folder is ours");
    eventually("no score", || site.suppliers().is_empty().then_some(()));
    let says = "7 of 7 attestations (100 %) stop counting";
    daemon.process().line(says, |line| (line.contains(says) && line.contains("WARN")).then_some(()));
}

#[test]
fn what_a_supplier_says_of_its_buyer_is_shown_as_claimed() {
    let (site, key) = site();
    let (own, other) = (supplier(2), "PROGRAMME:OTHER");
    let claimant = site.key("claimant");
    site.trust(&claimant.table(&own));
    site.trust("\n[[grant]]\nname = \"own\"\nsigners = \"subject\"\nkinds = \"all\"\ntrust = \"self\"\n");
    let source = |buyer: &str, item: &str| json!({"supplier": own, "buyer": buyer, "item": item, "share_bp": 5000, "qualified": true});
    site.put("log.jsonl", evidence::certified(&key, 1));
    let daemon = site.start_ready();
    let single_points = || daemon.metrics().sum("tierwatch_programme_single_points", &[]);
    assert_eq!(single_points(), Some(1.0));
    let claims = [
        claimant.sign(&own, "supply.source", &source(PROGRAMME, "part 1"), &[]),
        claimant.sign(&own, "supply.source", &source(other, "part"), &[]),
        claimant.sign(&own, "supply.source", &source(&supplier(3), "part"), &[]),
        claimant.sign(
            &own,
            "programme.requirement",
            &json!({"programme": PROGRAMME, "criticality": 1, "cyber_level": 0}),
            &[],
        ),
    ];
    site.put("claims.jsonl", claims.concat());
    eventually("the claims", || is_scored(&site, 2).then_some(()));
    assert_eq!(single_points(), Some(1.0), "a claim is no second source");
    assert_eq!(shows(&daemon, other), Vec::<String>::new(), "nor does it make a programme");
    assert!(!is_scored(&site, 3), "or another firm");
    let text = site.run(&["explain", &own]).expect(0);
    assert!(text.contains("reaches no programme"), "{text}");
    let section = "claimed, in no figure until the other, a third party or an authority says the same";
    for says in [section, "PROGRAMME:TEST needs", "what PROGRAMME:TEST asks of it"] {
        assert!(text.contains(says), "{says}: {text}");
    }
    let alternatives = site.run(&["alternatives", PROGRAMME, "part 1", "--output", "json"]).json();
    assert_eq!((&alternatives[0]["supplier"], &alternatives[0]["claimed"]), (&json!(own), &json!(true)));

    // The buyer says the same, and it is a source.
    site.put("said.json", key.sign(PROGRAMME, "supply.source", &source(PROGRAMME, "part 1"), &[]));
    eventually("the second source", || (single_points() == Some(0.0)).then_some(()));
}
