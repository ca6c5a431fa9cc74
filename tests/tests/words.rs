//! The words of registers and of other programs, on the real binary: identifiers, countries and statuses however they are
//! written, and forms that are refused with the fix for that form.

use serde_json::{Value, json};
use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpStream,
    process::Command,
};
use tierwatch_tests::{Answer, Site, binary, evidence};

/// A site whose policy also runs `foci` and `adverse-events`.
fn site() -> Site {
    let site = Site::new();
    for rule in ["foci", "adverse-events"] {
        site.edit("uk-mod.toml", &format!("[rules.{rule}]\nenabled = false\n"), &format!("[rules.{rule}]\n"));
    }
    site
}

/// What one rule made of a supplier that `explain` is asked for as `wanted`.
fn answer(site: &Site, wanted: &str, rule: &str) -> (String, Option<u64>) {
    let explained = site.run(&["explain", wanted, "--output", "json"]).json();
    let parts = explained["score"]["contributions"].as_array().expect("contributions").clone();
    let part = parts.iter().find(|part| part["rule"] == rule).expect("the rule ran");
    (part["outcome"].as_str().unwrap_or_default().to_owned(), part["risk_bp"].as_u64())
}

#[test]
fn a_chain_of_owners_holds_however_its_links_are_written() {
    let site = site();
    let key = site.authority();
    let holding = |subject: &str, owner: &str, country: &str| {
        let claims = json!({"owner": owner, "owner_country": country, "percent": 100});
        key.sign(subject, "ownership.holding", &claims, &[])
    };
    let mut all = String::new();
    // Each of these supplies a programme and is owned by the next firm, which is owned from China.
    for (number, owner) in (1..).zip(["GB-COH:00000100", "gb-coh:00000100", "GB-COH:100", "gb-coh:100"]) {
        all += &evidence::source(&key, number);
        all += &holding(&evidence::supplier(number), owner, "England");
    }
    all += &holding("gb-coh:100", "Somebody", "China");
    fs::write(site.path("holdings.jsonl"), all).expect("ours");
    let _ = site.run(&["ingest", "holdings.jsonl"]).expect(0);
    for number in 1..=4 {
        let wanted = evidence::supplier(number).to_lowercase();
        assert_eq!(answer(&site, &wanted, "foci"), ("scored".to_owned(), Some(10_000)), "{wanted}");
    }
    let unknown = site.run(&["explain", "GB-COH:QQ1"]);
    assert_eq!(unknown.code, Some(1));
    assert!(unknown.stderr.contains("a company number is 8 characters"), "{}", unknown.stderr);
    let replayed = site.run(&["replay", "gb-coh:90000001"]).expect(0);
    assert!(replayed.contains("0 different"), "{replayed}");
    let what_if = site.run(&["what-if", "--fail", "gb-coh:100", "--output", "json"]);
    assert_eq!(what_if.code, Some(0), "{}", what_if.stderr);
}

#[test]
fn a_link_that_looks_like_an_identifier_and_is_none_is_refused() {
    let site = site();
    let key = site.authority();
    for owner in ["GB-COH:00000100 ", "GB-COH:00000100\u{200b}", "GB-COH 00000100", "GB-CHO:00000100"] {
        let claims = json!({"owner": owner, "owner_country": "GB", "percent": 100}).to_string();
        let arguments =
            ["attest", "sign", "--key", "authority.pem", "--subject", "GB-COH:1", "--kind", "ownership.holding"];
        let signed = site.run(&[&arguments[..], &["--claims", &claims]].concat());
        assert_eq!(signed.code, Some(1), "{owner}");
        assert!(signed.stderr.contains(": "), "{}", signed.stderr);
    }
    drop(key);
}

#[test]
fn what_a_daemon_would_refuse_is_not_signed() {
    let site = site();
    let _key = site.authority();
    let arguments = ["attest", "sign", "--key", "authority.pem", "--subject", "GB-COH:1", "--kind", "cyber.ce"];
    let ce = r#"{"certificate":"C","whole_organisation":true}"#;
    fs::write(site.path("nope.json"), "nope").expect("ours");
    for (claims, dates, told) in [
        ("nope", [].as_slice(), "the claims are no JSON ("),
        ("@nope.json", &[], "nope.json holds no JSON (expected ident at line 1 column 2): write into it what"),
        (ce, &["--valid-until", "2026-05-08"], "`--valid-until` ends at 2026-05-09T00:00:00Z, which has passed"),
        (
            ce,
            &["--valid-from", "2026-05-09", "--valid-until", "2026-05-01"],
            "it would never hold, correct one of them",
        ),
        (ce, &["--issued-at", "2026-05-09", "--valid-until", "2026-05-08"], "it would never hold, correct one of them"),
    ] {
        let signed = site.run(&[&arguments[..], &["--claims", claims], dates].concat());
        assert_eq!((signed.code, &*signed.stdout), (Some(1), ""), "{claims} {dates:?}");
        assert!(signed.stderr.contains(told), "{}", signed.stderr);
    }
    // A folder with a key and no configuration: a daemon elsewhere would refuse these all the same.
    fs::create_dir(site.path("alone")).expect("ours");
    for (kind, claims, told) in [
        (
            "supply.source",
            r#"{"supplier":"GB-COH:2","buyer":"GB-COH:3","item":"i","share_bp":1,"qualified":true}"#,
            "`buyer` or `supplier` must be the subject itself: write",
        ),
        ("site", r#"{"region":"Derby","share_bp":1,"latitude":52.9}"#, "write both, or neither"),
        (
            "cyber.saq",
            r#"{"level":9,"gaps":"none"}"#,
            "`gaps` cannot be `none`: write a whole number, 0 or more; `level` cannot be 9",
        ),
        (
            "cyber.dcc",
            r#"{"level":1,"attested_on":"2099-01-01"}"#,
            "`attested_on` is 2099-01-01, and they were issued on ",
        ),
    ] {
        for folder in [".", "alone"] {
            let key = site.path("authority.pem");
            let mut sign = Command::new(binary());
            sign.current_dir(site.path(folder)).args(["attest", "sign", "--subject", "GB-COH:1"]);
            let signed = Answer::of(sign.args(["--kind", kind, "--claims", claims, "--key"]).arg(key));
            assert_eq!((signed.code, &*signed.stdout), (Some(1), ""), "{claims} {folder}");
            assert!(signed.stderr.contains(told), "{folder}: {}", signed.stderr);
        }
    }
}

#[test]
fn a_register_says_administration_in_its_own_words() {
    let site = site();
    let key = site.authority();
    let statuses = ["In Administration", "Active - Proposal to Strike off", "registered", "INACTIVE", "LAPSED"];
    let signed: String = (1..)
        .zip(statuses)
        .map(|(number, word)| {
            let status = key.sign(&evidence::supplier(number), "entity.status", &json!({"status": word}), &[]);
            evidence::source(&key, number) + &status
        })
        .collect();
    fs::write(site.path("statuses.jsonl"), signed).expect("ours");
    let _ = site.run(&["ingest", "statuses.jsonl"]).expect(0);
    for (number, expected) in
        (1..).zip([("scored", 10_000), ("scored", 7_000), ("scored", 0), ("scored", 10_000), ("unknown", 7_000)])
    {
        let (outcome, risk_bp) = answer(&site, &evidence::supplier(number), "adverse-events");
        assert_eq!((outcome.as_str(), risk_bp), (expected.0, Some(expected.1)), "{}", statuses[number as usize - 1]);
    }
}

/// A name typed on a Mac has its accents beside the letters; the table must be one that trust.toml can hold.
#[test]
fn an_owner_is_written_as_toml_reads_it() {
    let site = Site::new();
    for (file, owner, expected) in [
        (
            "mac.pem",
            "Socie\u{301}te\u{301} \"Ge\u{301}ne\u{301}rale\"",
            "Socie\u{301}te\u{301} \"Ge\u{301}ne\u{301}rale\"",
        ),
        ("cafe\u{301}.pem", "C:\\keys", "C:\\keys"),
        ("number.pem", "gb-coh:6", "GB-COH:00000006"),
    ] {
        let made = site.run(&["attest", "key", file, "--owner", owner]);
        if owner.starts_with("C:") {
            assert_eq!(made.code, Some(1), "no name of an owner has a colon");
            assert!(!site.path(file).exists(), "nothing is made of what is refused");
            continue;
        }
        let table = made.expect(0);
        let parsed: toml::Table = table.parse().expect("it is TOML");
        assert_eq!(parsed["key"][0]["owner"].as_str(), Some(expected));
        site.trust(&table);
    }
    let _ = site.run(&["check"]).expect(0);
}

#[test]
fn an_issuer_signs_about_schemes_and_kinds_that_are_configured() {
    let site = Site::new();
    let key = site.authority();
    let config = fs::read_to_string(site.path("tierwatch.toml")).expect("there is one");
    fs::write(site.path("as9100.json"), r#"{"required":["until"],"properties":{"until":{"format":"date"}}}"#)
        .expect("ours");
    let declared = "[[schemes]]\nname = \"NL-KVK\"\npattern = \"[0-9]{8}|[0-9]{12}\"\n[[kinds]]\nname = \"approval.as9100\"\nschema = \"as9100.json\"\n";
    fs::write(site.path("tierwatch.toml"), config + declared).expect("ours");
    let sign = |subject: &str, kind: &str, claims: &str| {
        site.run(&[
            "attest",
            "sign",
            "--key",
            "authority.pem",
            "--subject",
            subject,
            "--kind",
            kind,
            "--claims",
            claims,
        ])
    };
    let mut signed = String::new();
    for subject in ["NL-KVK:12345678", "nl-kvk:123456789012", "GB-COH:IP12345R"] {
        signed += &sign(subject, "approval.as9100", r#"{"until":"2030-01-01"}"#).expect(0);
    }
    for (subject, kind, claims, fix) in [
        ("NL-KVK:123456789", "entity.status", r#"{"status":"active"}"#, "does not match the pattern"),
        ("NL-KVK:12345678", "approval.as9100", r#"{"until":"tomorrow"}"#, "is not a \"date\""),
        ("NL-KVK:12345678", "approval.as9001", "{}", "[[kinds]] in the configuration declares others"),
    ] {
        let refused = sign(subject, kind, claims);
        assert!(refused.code == Some(1) && refused.stderr.contains(fix), "{}", refused.stderr);
    }
    // All three in a file of lines, with a line that is none.
    fs::write(site.path("three.jsonl"), format!("{signed}{{\"payload\":\n")).expect("ours");
    let verified = site.run(&["attest", "verify", "three.jsonl"]);
    assert_eq!(verified.code, Some(3), "{}", verified.stderr);
    let lines: Vec<&str> = verified.stdout.lines().collect();
    let expected = [
        "line 1: good: approval.as9100 about NL-KVK:12345678 ",
        "line 2: good: approval.as9100 about NL-KVK:123456789012 ",
        "line 3: good: approval.as9100 about GB-COH:IP12345R ",
        "line 4: refused (malformed): ",
    ];
    assert_eq!(lines.len(), expected.len(), "{}", verified.stdout);
    for (line, expected) in lines.iter().zip(expected) {
        assert!(line.starts_with(expected), "{line}");
    }
    let as_json = site.run(&["attest", "verify", "three.jsonl", "--output", "json"]);
    let answers: Vec<Value> = serde_json::from_str(&as_json.stdout).expect("JSON");
    assert_eq!(answers[1]["attestations"][0]["subject"], "NL-KVK:123456789012");
    assert_eq!((&answers[3]["line"], &answers[3]["reason"]), (&json!(4), &json!("malformed")));
    drop(key);
}

#[test]
fn a_network_of_arrays_is_refused() {
    let site = Site::new();
    let network = r#"[[["A",0.1,null]],[["P","x",null,0,[["A",null,0,true,true]]]],[],["P"]]"#;
    fs::write(site.path("network.json"), network).expect("ours");
    let refused = Answer::of(Command::new(binary()).arg("analyse").arg(site.path("network.json")));
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains("expected an object with the names of its fields"), "{}", refused.stderr);
}

/// What a Windows editor saves, wherever a command reads a text.
#[test]
fn a_text_of_another_encoding_gets_its_own_fix() {
    let site = Site::new();
    let key = site.authority();
    let marked = |file: &str, text: &str| fs::write(site.path(file), format!("\u{feff}{text}")).expect("ours");
    let pem = fs::read_to_string(site.path("authority.pem")).expect("the key is there");
    marked("marked.pem", &pem);
    marked("claims.json", r#"{"status":"active"}"#);
    marked("network.json", "{}");
    let wide: Vec<u8> = "{}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    fs::write(site.path("wide.json"), wide).expect("ours");
    let sign = |key: &'static str, claims: &'static str| {
        site.run(&[
            "attest",
            "sign",
            "--key",
            key,
            "--subject",
            "GB-COH:1",
            "--kind",
            "entity.status",
            "--claims",
            claims,
        ])
    };
    for (answer, expected) in [
        (sign("marked.pem", "{}"), "marked.pem: it begins with a byte order mark"),
        (sign("authority.pem", "@claims.json"), "claims.json: it begins with a byte order mark"),
        (site.run(&["analyse", "network.json"]), "network.json: it begins with a byte order mark"),
        (
            site.run(&["analyse", "wide.json"]),
            "wide.json: it is not UTF-8, which `iconv -f UTF-16LE -t UTF-8` makes of it",
        ),
    ] {
        assert_eq!(answer.code, Some(1));
        assert!(answer.stderr.contains(expected), "{}", answer.stderr);
    }
    drop(key);
}

#[test]
fn a_request_of_an_array_is_refused() {
    let site = Site::new();
    let daemon = site.start_ready();
    let post = |body: &str| {
        let mut stream = TcpStream::connect(daemon.address()).expect("it listens");
        let (address, length) = (daemon.address(), body.len());
        write!(
            stream,
            "POST /v1/quarantine/retry HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        )
        .expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        answer.split(' ').nth(1).unwrap_or_default().to_owned()
    };
    assert_eq!(post("{\"ids\":[]}"), "200");
    assert!(post("[[]]").starts_with('4'), "an array is no object");
}
