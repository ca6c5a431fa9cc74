//! Who is taken to speak in what is refused: whoever speaks in what mends it.

use super::{
    Matter, Verifier, VerifierOptions,
    fixture::{SUBJECT, kinds, now, predicate, signed, statement_of, table},
};
use serde_json::json;

/// Grants that differ in who signs, how many of them must, how far they are believed, and for whom they speak.
const GRANTS: [&str; 6] = [
    r#"signers = ["body"], trust = "third-party""#,
    r#"signers = ["body"], trust = "third-party", issuer = "Other Body""#,
    r#"signers = ["body"], trust = "authority", issuer = "Board""#,
    r#"signers = ["body", "register-1"], threshold = 2, trust = "authority", issuer = "Both""#,
    r#"signers = ["body", "register-2"], threshold = 2, trust = "third-party", issuer = "Pair""#,
    r#"signers = "subject", trust = "self""#,
];

/// Whatever the grants and their order, what is refused for its claims is of the matter of the same without the mistake.
#[test]
fn who_is_refused_is_who_would_be_admitted() {
    let statement = |certificate: serde_json::Value| {
        let mut predicate = predicate();
        predicate["claims"]["certificate"] = certificate;
        statement_of(SUBJECT, "cyber.ce", &predicate)
    };
    let (good, bad) = (statement(json!("CE-1")), statement(json!(7)));
    let signers: [&[&str]; 5] = [
        &["body"],
        &["body", "register-1"],
        &["body", "supplier"],
        &["supplier"],
        &["body", "register-2", "register-1"],
    ];
    let mut checked = 0;
    for first in GRANTS {
        for second in GRANTS {
            let toml = format!("grant = [{{ name = \"1\", {first} }}, {{ name = \"2\", {second} }}]");
            let trust = table(&toml, &kinds()).expect("a trust table");
            let verifier = Verifier::new(VerifierOptions { kinds: kinds(), trust, ..VerifierOptions::default() });
            for signers in signers {
                let judge = |statement| verifier.judge(signed(statement, signers).as_bytes(), "directory", now());
                // Where nobody may speak nothing mends it.
                let Ok(admitted) = judge(&good) else { continue };
                let refused = judge(&bad).expect_err("a number is no certificate");
                let expected = Matter::of(&admitted[0].attestation).digest;
                let matter = refused.matter.map(|matter| matter.digest);
                assert_eq!(matter, Some(expected), "{toml} {signers:?}: {}", admitted[0].attestation.issuer);
                checked += 1;
            }
        }
    }
    assert!(checked > 80, "{checked}");
}

/// Of several thresholds that are not met, the one is meant that would count most.
#[test]
fn who_misses_a_signature_is_who_would_be_admitted_with_it() {
    for order in [[3, 4], [4, 3]] {
        let [first, second] = order.map(|place| GRANTS[place]);
        let toml = format!("grant = [{{ name = \"1\", {first} }}, {{ name = \"2\", {second} }}]");
        let trust = table(&toml, &kinds()).expect("a trust table");
        let verifier = Verifier::new(VerifierOptions { kinds: kinds(), trust, ..VerifierOptions::default() });
        let statement = statement_of(SUBJECT, "cyber.ce", &predicate());
        let judge = |signers: &[&str]| verifier.judge(signed(&statement, signers).as_bytes(), "directory", now());
        let all = judge(&["body", "register-1", "register-2"]).expect("both are met");
        let alone = judge(&["body"]).expect_err("neither is met").matter.map(|matter| *matter);
        assert_eq!(alone, Some(Matter::of(&all[0].attestation)), "{toml}");
    }
}
