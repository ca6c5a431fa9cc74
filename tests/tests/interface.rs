//! What people and programs are shown: names are data, a misspelt question is refused, a list can be narrowed, a narrow
//! screen breaks no identifier, CSV is one table of plain figures.

use serde_json::{Value, json};
use std::{fs, net::TcpListener, process::Command};
use tierwatch_tests::{Answer, Key, Site, Watched, binary, evidence};

/// Whether a terminal would obey a character, or an eye not see it.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[track_caller]
fn assert_harmless(what: &str, text: &str) {
    for line in text.lines() {
        assert!(!line.contains(is_unseen), "{what}: {line:?}");
    }
}

const NAMES: [&str; 7] = [
    "=HYPERLINK(\"http://127.0.0.1/x\",\"click\")",
    "@SUM(1)",
    "\u{1b}]0;title\u{7}\u{1b}[31mRed\u{1b}[0m Ltd",
    "Line\nBreak Ltd",
    "\u{202e}esreveR Ltd",
    "\0nul",
    "Ac\u{200b}me \u{9b}31m",
];

fn profile(key: &Key, number: u32, name: &str) -> String {
    let claims = json!({"name": name, "country": "GB"});
    key.sign(&evidence::supplier(number), "entity.profile", &claims, &[])
}

#[test]
fn names_are_data() {
    let site = Site::new();
    let key = site.authority();
    let mut lines = String::new();
    for (number, name) in (1..).zip(NAMES) {
        lines += &(evidence::certified(&key, number) + &profile(&key, number, name));
    }
    fs::write(site.path("names.jsonl"), lines).expect("ours");
    let _ = site.run(&["ingest", "names.jsonl"]).expect(0);
    let bad = "\u{1b}[31mred\u{202e}\n.json";
    site.put(bad, format!("{{\"kind\": \"{}\"}}", "\u{202e}\u{200b}"));
    site.put("bytes.json", "\u{1b}[2J\u{9b}\u{202e}\0");
    let refused = site.run(&["ingest", "feed"]);
    assert_eq!(refused.code, Some(3), "{}", refused.stderr);

    let suppliers = site.run(&["suppliers"]).expect(0);
    let explained = site.run(&["explain", &evidence::supplier(3)]).expect(0);
    let programme = site.run(&["programmes", evidence::PROGRAMME]).expect(0);
    let listed = site.run(&["quarantine", "list"]).expect(0);
    assert!(listed.contains("␛[31mred<U+202E>␊.json"), "{listed}");
    for (what, text) in
        [("suppliers", &suppliers), ("explain", &explained), ("programmes", &programme), ("list", &listed)]
    {
        assert_harmless(what, text);
    }
    assert!(explained.contains("␛]0;title␇␛[31mRed␛[0m Ltd"), "{explained}");
    assert!(suppliers.contains("Line␊Break Ltd") && suppliers.contains("Ac<U+200B>me <U+009B>31m"), "{suppliers}");
    for id in ["1", "2"] {
        assert_harmless("show", &site.run(&["quarantine", "show", id]).expect(0));
    }
    let nobody = site.run(&["explain", "\u{1b}[31mnobody"]);
    assert_harmless("an error", &nobody.stderr);

    let csv = site.run(&["suppliers", "--output", "csv"]).expect(0);
    assert_harmless("CSV", &csv);
    assert_eq!(csv.lines().count(), NAMES.len() + 1, "a row a line: {csv}");
    let cells =
        ["\"'=HYPERLINK(\"\"http", ",'@SUM(1),", ",␛]0;title␇␛[31mRed␛[0m Ltd,", ",<U+202E>esreveR Ltd,", ",␀nul,"];
    for cell in cells {
        assert!(csv.contains(cell), "{cell} is not in {csv}");
    }
    let json = site.run(&["suppliers", "--output", "json"]);
    assert_harmless("JSON", &json.stdout);
    let names: Vec<Value> = json.json().as_array().into_iter().flatten().map(|one| one["name"].clone()).collect();
    assert!(NAMES.iter().all(|name| names.contains(&json!(name))), "programs read what came: {names:?}");
}

#[test]
fn the_log_has_one_harmless_line_an_event() {
    for format in ["human", "json"] {
        let site = Site::new();
        site.edit("tierwatch.toml", "format = \"json\"", &format!("format = \"{format}\""));
        let key = site.authority();
        // A link that leads out of the feed, under a name that a terminal would obey: its path is logged.
        let link = site.path("feed").join("\u{1b}[31m\u{9b}x\u{202e}\ny.json");
        std::os::unix::fs::symlink("/etc/hostname", link).expect("ours");
        let mut daemon = Command::new(binary());
        let mut daemon = Watched::start(daemon.arg("--config").arg(site.path("tierwatch.toml")).arg("run"));
        daemon.line("that it is ready", |line| line.contains("ready: everything").then_some(()));
        for (number, name) in [(1, NAMES[2]), (2, NAMES[3])] {
            site.put(&format!("{number}.jsonl"), profile(&key, number, name) + &evidence::certified(&key, number));
        }
        // A first score is not logged by itself; movements are.
        let scored = || (site.suppliers().len() == 2).then_some(());
        tierwatch_tests::eventually("two scores", scored);
        for number in [1, 2] {
            site.put(&format!("answers {number}.json"), evidence::answers(&key, number));
        }
        for name in ["31mRed", "Break Ltd"] {
            daemon.line("the score with the name", |line| line.contains(name).then_some(()));
        }
        daemon.signal(rustix::process::Signal::TERM);
        assert_eq!(daemon.wait().code(), Some(0));
        let log = daemon.text();
        assert!(log.contains("leads out of the feed"), "{log}");
        assert_harmless(format, &log);
        for line in log.lines().filter(|_| format == "json") {
            let _: Value = serde_json::from_str(line).expect("an event is one line of JSON");
        }
    }
}

/// A site with two suppliers that differ in everything that can be filtered.
fn two_suppliers() -> (Site, Key) {
    let site = Site::new();
    let key = site.authority();
    let one = json!({"name": "Otter Castings Ltd", "country": "GB", "region": "Derby", "sme": true,
        "sectors": ["castings"], "clusters": ["Midlands Aerospace Alliance"]});
    let two = json!({"name": "Heron Forgings plc", "country": "GB", "region": "Bristol", "sme": false});
    let mut lines = evidence::certified(&key, 1) + &evidence::certified(&key, 2) + &evidence::answers(&key, 2);
    lines += &key.sign(&evidence::supplier(1), "entity.profile", &one, &["--handling", "TLP:AMBER"]);
    lines += &key.sign(&evidence::supplier(2), "entity.profile", &two, &[]);
    fs::write(site.path("two.jsonl"), lines).expect("ours");
    let _ = site.run(&["ingest", "two.jsonl"]).expect(0);
    (site, key)
}

#[test]
fn a_list_of_suppliers_is_narrowed() {
    let (site, _) = two_suppliers();
    let check = |filter: &[&str], expected: &[u32]| {
        let listed = site.run(&[&["suppliers", "--output", "json"], filter].concat()).json();
        let mut listed: Vec<&str> =
            listed.as_array().into_iter().flatten().filter_map(|one| one["organisation"].as_str()).collect();
        listed.sort_unstable();
        let expected: Vec<String> = expected.iter().map(|number| evidence::supplier(*number)).collect();
        assert_eq!(listed, expected, "{filter:?}");
    };
    check(&[], &[1, 2]);
    check(&["--region", "Derby"], &[1]);
    check(&["--cluster", "Midlands Aerospace Alliance"], &[1]);
    check(&["--cluster", "unknown"], &[2]);
    check(&["--sector", "castings"], &[1]);
    check(&["--tier", "1"], &[1, 2]);
    check(&["--programme", "PROGRAMME:TEST"], &[1, 2]);
    check(&["--programme", "test"], &[1, 2]);
    check(&["--sme", "sme"], &[1]);
    check(&["--sme", "large"], &[2]);
    check(&["--sme", "unknown"], &[]);
    check(&["--rule", "cyber-posture"], &[1, 2]);
    check(&["--rule", "clearance"], &[]);
    check(&["--text", "otter"], &[1]);
    check(&["--text", "otter", "--region", "Bristol"], &[]);
    let nobody = site.run(&["suppliers", "--text", "heron forginsg plc"]);
    assert_eq!(nobody.code, Some(1), "{}", nobody.stdout);
    let told = "there is no supplier with the text `heron forginsg plc`: did you mean `Heron Forgings plc`?";
    assert!(nobody.stderr.contains(told), "{}", nobody.stderr);
    check(&["--band", "critical"], &[]);
    check(&["--region", "Bristol", "--sme", "sme"], &[]);
    check(&["--region", "Derby", "--band", "critical"], &[]);
    let suppliers = site.suppliers();
    let one = suppliers.iter().find(|one| one["organisation"] == evidence::supplier(1)).expect("it is listed");
    assert_eq!(one["regions"], json!(["Derby"]));
    assert_eq!(one["clusters"], json!(["Midlands Aerospace Alliance"]));
    assert_eq!((&one["tier"], &one["sme"], &one["country"]), (&json!(1), &json!(true), &json!("GB")));
    assert_eq!(one["programmes"], json!([evidence::PROGRAMME]));
    let finding = one["findings"][0].clone();
    let code = finding["code"].as_str().expect("cyber-posture finds something");
    assert_eq!(finding["rule"], "cyber-posture", "{finding}");
    check(&["--finding", code, "--region", "Derby"], &[1]);
    check(&["--finding", &format!("cyber-posture:{code}"), "--region", "Derby"], &[1]);
    // Codes that a rule can give though nobody has them, and the daemon's own.
    check(&["--finding", "CONFLICT"], &[]);
}

#[test]
fn a_misspelt_question_is_refused_with_the_choices() {
    let (site, _) = two_suppliers();
    let need = format!("{}:{}:Part 1", evidence::supplier(2), evidence::PROGRAMME);
    let of_programme = format!("{}:{}:part 1", evidence::PROGRAMME, evidence::supplier(2));
    let of_itself = format!("{0}:{0}:part 1", evidence::supplier(2));
    let misspelt: &[(&[&str], &str)] = &[
        (&["what-if", "--add-source", &of_programme], "is a programme, which supplies nobody: name a supplier first"),
        (&["what-if", "--dual-source", &of_itself], "is no source of what it needs itself: name another supplier"),
        (&["suppliers", "--band", "hihg"], "no band `hihg`: did you mean `high`?"),
        (&["suppliers", "--band", "LOW"], "did you mean `low`?"),
        (&["suppliers", "--region", "Derbi"], "no region `Derbi`: did you mean `Derby`?"),
        (&["suppliers", "--cluster", "midlands"], "did you mean `Midlands Aerospace Alliance`?"),
        (&["suppliers", "--sector", "catsings"], "did you mean `castings`?"),
        (&["suppliers", "--tier", "7"], "no tier `7`"),
        (&["suppliers", "--programme", "PROGRAMME:TETS"], "did you mean `PROGRAMME:TEST`?"),
        (&["suppliers", "--programme", "tets"], "did you mean `PROGRAMME:TEST`?"),
        (&["suppliers", "--sme", "yes"], "possible values: sme, large, unknown"),
        (&["suppliers", "--rule", "cyber"], "no rule `cyber`: did you mean `cyber-posture`?"),
        (&["suppliers", "--finding", "CONFLIKT"], "no finding `CONFLIKT`: did you mean `CONFLICT`?"),
        (&["suppliers", "--region", "Derbi", "-n", "1"], "did you mean `Derby`?"),
        (&["quarantine", "list", "--reason", "bad-sig"], "no reason `bad-sig`: did you mean `bad-signature`?"),
        (&["explain", "GB-COH:90000003"], "did you mean `GB-COH:90000001`?"),
        (&["explain", "Oter Castings Ltd"], "did you mean `Otter Castings Ltd`?"),
        (&["programmes", "PROGRAMME:TETS"], "did you mean `PROGRAMME:TEST`?"),
        (&["replay", "GB-COH:90000003"], "did you mean `GB-COH:90000001`?"),
        (&["what-if", "--fail", "GB-COH:90000003"], "did you mean `GB-COH:90000001`?"),
        (&["what-if", "--dual-source", &need], "no need of PROGRAMME:TEST `Part 1`: did you mean `part 1`?"),
        (&["what-if", "--add-source", &need], "did you mean `part 1`?"),
        (&["what-if", "--close-region", "derby"], "did you mean `Derby`?"),
        (&["alternatives", evidence::PROGRAMME, "Part 1"], "did you mean `part 1`?"),
        (&["alternatives", evidence::PROGRAMME, "part 1", "--prefer-region", "derby"], "did you mean `Derby`?"),
        (&["alternatives", evidence::PROGRAMME, "part 1", "--prefer-cluster", "Midland"], "did you mean `Midlands"),
        (&["opportunities", "--cluster", "Midlands Aerospce Alliance"], "did you mean `Midlands Aerospace Alliance`?"),
        (
            &["ingest", "authority.pem"],
            "is a key or a certificate and no attestation: name the files that are to be read",
        ),
        (&["opportunities", "test"], "PROGRAMME:TEST is a programme, which supplies nobody: name a supplier"),
        (&["explain", "Ottar"], "did you mean `Otter Castings Ltd`?"),
        (&["programmes", "tset"], "did you mean `PROGRAMME:TEST`?"),
        (&["suppliers", "--text", "Castigns"], "did you mean `Otter Castings Ltd`?"),
        (&["plugin", "inspect", "cyber_posture"], "no built-in rule `cyber_posture`: did you mean `cyber-posture`?"),
        (&["plugin", "diff", "--set", "cyber_posture.weight=2"], "did you mean `cyber-posture`?"),
        (&["ingest", "two.jsonl", "--feed", "supplier"], "no feed `supplier`: did you mean `suppliers`?"),
        (&["attest", "verify", "two.jsonl", "--feed", "supplier"], "did you mean `suppliers`?"),
    ];
    for (command, expected) in misspelt {
        let answer = site.run(command);
        assert!(matches!(answer.code, Some(1 | 2)), "{command:?}: {}{}", answer.stdout, answer.stderr);
        assert!(answer.stderr.contains(expected), "{command:?}: {}", answer.stderr);
        assert_eq!(answer.stdout, "", "{command:?}");
    }
}

#[test]
fn an_explanation_names_whom_it_speaks_of_and_who_may_see_it() {
    let (site, key) = two_suppliers();
    let buys = json!({"supplier": evidence::supplier(2), "buyer": evidence::supplier(1), "item": "forged ring",
        "share_bp": 6000, "qualified": true});
    let line = key.sign(&evidence::supplier(1), "supply.source", &buys, &["--handling", "TLP:RED"]);
    fs::write(site.path("more.jsonl"), line).expect("ours");
    let _ = site.run(&["ingest", "more.jsonl"]).expect(0);
    let buyer = site.run(&["explain", &evidence::supplier(1)]).expect(0);
    let from = format!("from {} Heron Forgings plc: 60 %", evidence::supplier(2));
    assert!(buyer.contains(&from), "{from} is not in {buyer}");
    assert!(buyer.contains("handling TLP:RED, the strictest label of its evidence"), "{buyer}");
    assert!(buyer.lines().any(|line| line.contains("entity.profile") && line.contains("TLP:AMBER,")), "{buyer}");
    let seller = site.run(&["explain", &evidence::supplier(2)]).expect(0);
    let to = format!("to {} Otter Castings Ltd: 60 %", evidence::supplier(1));
    assert!(seller.contains("forged ring") && seller.contains(&to), "{to} is not in {seller}");
    let read = site.run(&["explain", &evidence::supplier(2), "--output", "json"]).json();
    assert_eq!(read["buyers"][0]["name"], "Otter Castings Ltd", "{}", read["buyers"]);
    let read = site.run(&["explain", &evidence::supplier(1), "--output", "json"]).json();
    assert_eq!(read["names"][evidence::supplier(2)], "Heron Forgings plc");
    assert_eq!(read["handling"], "TLP:RED");
}

/// One statement, signed first by the supplier itself and then by an authority.
#[test]
fn the_issuer_is_the_one_that_the_trust_belongs_to() {
    let site = Site::new();
    let authority = site.authority();
    let own = site.key("own");
    site.trust(&own.table(&evidence::supplier(1)));
    site.trust("\n[[grant]]\nname = \"own\"\nsigners = \"subject\"\nkinds = \"all\"\ntrust = \"self\"\n");
    fs::write(site.path("network.jsonl"), evidence::requirement(&authority) + &evidence::source(&authority, 1))
        .expect("ours");
    let _ = site.run(&["ingest", "network.jsonl"]).expect(0);
    let at = ["--issued-at", "2026-01-02T03:04:05Z", "--valid-until", "2099-01-01"];
    let claims = json!({"certificate": "CE-1", "whole_organisation": true});
    let signed = |key: &Key| key.sign(&evidence::supplier(1), "cyber.ce", &claims, &at);
    fs::write(site.path("own.json"), signed(&own)).expect("ours");
    fs::write(site.path("countersigned.json"), signed(&authority)).expect("ours");
    let _ = site.run(&["ingest", "own.json"]).expect(0);
    let _ = site.run(&["ingest", "countersigned.json"]).expect(0);
    let read = site.run(&["explain", &evidence::supplier(1), "--output", "json"]).json();
    let certificate = read["attestations"].as_array().into_iter().flatten().find(|one| one["kind"] == "cyber.ce");
    let certificate = certificate.expect("it is evidence");
    assert_eq!((&certificate["trust"], &certificate["issuer"]), (&json!("authority"), &json!("Test Authority")));
}

/// Runs a command with a screen of `columns` columns.
fn narrow(site: &Site, columns: u16, arguments: &[&str]) -> String {
    let mut command = Command::new(binary());
    command.arg("--config").arg(site.path("tierwatch.toml")).args(arguments).env("COLUMNS", columns.to_string());
    Answer::of(command.current_dir(site.folder())).expect(0)
}

#[test]
fn eighty_columns_break_no_identifier() {
    let site = Site::simulated(60);
    let _ = site.run(&["ingest", "feed"]);
    let suppliers = site.suppliers();
    let identifiers: Vec<&str> = suppliers.iter().filter_map(|one| one["organisation"].as_str()).collect();
    let first = identifiers[0];
    let programme = suppliers.iter().find_map(|one| one["programmes"][0].as_str()).expect("somebody reaches one");
    let cluster = suppliers.iter().find_map(|one| one["clusters"][0].as_str()).expect("somebody belongs to one");
    let commands: &[&[&str]] = &[
        &["suppliers"],
        &["explain", first],
        &["programmes"],
        &["programmes", programme],
        &["what-if", "--fail", first],
        &["groups", "--by", "programme"],
        &["opportunities", "--cluster", cluster],
        &["quarantine", "list"],
        &["plugins"],
    ];
    for command in commands {
        let text = narrow(&site, 80, command);
        let whole = site.run(&[command, &["--output", "json"][..]].concat()).expect(0);
        for line in text.lines() {
            let is_word = !line.trim().contains(' ');
            assert!(line.chars().count() <= 80 || is_word, "{command:?}: {line}");
        }
        for identifier in identifiers.iter().filter(|identifier| whole.contains(*identifier)) {
            let shown = text.contains(identifier);
            // Half of an identifier means that it was broken.
            let begun = text.lines().any(|line| line.trim_end().ends_with(&identifier[..identifier.len() - 1]));
            assert!(shown || !begun, "{command:?} breaks {identifier}:\n{text}");
        }
    }
    let text = narrow(&site, 80, &["suppliers"]);
    assert!(identifiers.iter().all(|identifier| text.contains(identifier)), "{text}");
}

#[test]
fn csv_is_one_table_of_plain_figures() {
    let site = Site::simulated(60);
    let _ = site.run(&["ingest", "feed"]);
    let suppliers = site.suppliers();
    let first = suppliers[0]["organisation"].as_str().expect("a name");
    let programme = suppliers.iter().find_map(|one| one["programmes"][0].as_str()).expect("somebody reaches one");
    let lists: &[&[&str]] = &[
        &["suppliers"],
        &["explain", first],
        &["programmes"],
        &["programmes", programme],
        &["programmes", programme, "--table", "needs"],
        &["programmes", programme, "--table", "roots"],
        &["what-if", "--fail", first],
        &["groups", "--by", "region"],
        &["quarantine", "list"],
        &["replay", first],
        &["plugins"],
    ];
    for list in lists {
        let text = site.run(&[list, &["--output", "csv"][..]].concat()).expect(0);
        let mut rows = csv_rows(&text).into_iter();
        let header = rows.next().expect("a header");
        for row in rows {
            assert_eq!(row.len(), header.len(), "{list:?}: {row:?}");
            let figures = row.iter().filter(|cell| cell.starts_with(|c: char| c.is_ascii_digit()) && cell.len() < 10);
            for figure in figures {
                assert!(!figure.ends_with('%') && !figure.ends_with("days"), "{list:?}: {figure}");
            }
        }
    }
    let header = |list: &[&str]| {
        site.run(&[list, &["--output", "csv"][..]].concat()).expect(0).lines().next().map(str::to_owned)
    };
    let what_if = header(&["what-if", "--fail", first]).expect("a header");
    assert_eq!(
        what_if,
        "organisation,name,before percent,after percent,change points,at least percent,at most percent"
    );
    for no_list in [&["check"][..], &["simulate", "elsewhere"], &["ingest", "feed"], &["quarantine", "show", "1"]] {
        let answer = site.run(&[no_list, &["--output", "csv"]].concat());
        assert_eq!(answer.code, Some(1), "{no_list:?}: {}", answer.stdout);
        assert!(answer.stderr.contains("is no list and has no CSV: ask for --output json"), "{}", answer.stderr);
    }
}

/// The cells of CSV without line breaks in them (RFC 4180).
fn csv_rows(text: &str) -> Vec<Vec<String>> {
    let row = |line: &str| {
        let mut cells = vec![String::new()];
        let mut quoted = false;
        for c in line.chars() {
            match c {
                '"' => quoted = !quoted,
                ',' if !quoted => cells.push(String::new()),
                _ => cells.last_mut().expect("one at least").push(c),
            }
        }
        cells
    };
    text.lines().map(row).collect()
}

#[test]
fn a_change_is_told_in_points() {
    let (site, _) = two_suppliers();
    let moved = site.run(&["what-if", "--fail", &evidence::supplier(1)]).expect(0);
    assert!(moved.contains(" points ") && moved.contains('+'), "{moved}");
}

#[test]
fn a_reader_that_goes_away_ends_a_command_quietly() {
    let site = Site::new();
    fs::write(site.path("feed/big.json"), "x".repeat(900_000)).expect("ours");
    let _ = site.run(&["ingest", "feed"]);
    let script = format!(
        "{} --config tierwatch.toml quarantine show 1 --raw | head -c 1 >/dev/null; exit ${{PIPESTATUS[0]}}",
        binary().display()
    );
    let answer = Answer::of(Command::new("bash").args(["-c", &script]).current_dir(site.folder()));
    assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""));

    // Nobody reads the output, so the exit code must say it.
    let script = format!(
        "(sleep 0.2; exec {} --config nowhere.toml check) 2>&1 | true; exit ${{PIPESTATUS[0]}}",
        binary().display()
    );
    assert_eq!(Answer::of(Command::new("bash").args(["-c", &script]).current_dir(site.folder())).code, Some(1));
}

#[test]
fn demonstrations_beside_each_other_take_a_free_port_and_a_folder_of_their_own() {
    // It does not matter if another program has the port.
    let _taken = TcpListener::bind("127.0.0.1:9470");
    let scratch = tempfile::tempdir().expect("a folder");
    let demo = || {
        let mut demo = Command::new(binary());
        demo.arg("demo").env("TMPDIR", scratch.path());
        demo
    };
    let mut first = Watched::start(&mut demo());
    let address = first.line("its address", |line| line.strip_prefix("metrics   http://").map(str::to_owned));
    assert!(!address.starts_with("127.0.0.1:9470/"), "{address}");
    let second = Answer::of(demo().arg("--once")).expect(0);
    assert!(second.contains("tierwatch-demo-2/feed"), "{second}");
    let named = Answer::of(demo().args(["--once", "--folder"]).arg(scratch.path().join("tierwatch-demo")));
    assert_eq!(named.code, Some(1), "{}", named.stdout);
    assert!(named.stderr.contains("a demonstration runs in"), "{}", named.stderr);
    let config = scratch.path().join("tierwatch-demo/tierwatch.toml");
    assert!(config.exists(), "the folder of the one that runs is left alone");
    first.signal(rustix::process::Signal::TERM);
    assert_eq!(first.wait().code(), Some(0));
}
