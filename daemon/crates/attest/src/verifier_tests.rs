//! The whole way: what is believed, under what, and every way of being refused.

use super::{
    Refusal, Verified, VerifierOptions, canonical, cyclonedx, dsse,
    fixture::{SUBJECT, TABLE, key, kinds, now, predicate, signed, statement_of, table, verifier},
    statement,
};
use crate::model::{Digest, Handling, Kind, Organisation, Trust};
use serde_json::{Value, json};

fn verify(document: &str) -> Result<Vec<Verified>, Refusal> {
    verifier().verify(document.as_bytes(), "directory", now())
}

fn one(document: &str) -> Verified {
    let mut verified = verify(document).unwrap_or_else(|refusal| panic!("{refusal}\n{document}"));
    assert_eq!(verified.len(), 1);
    verified.remove(0)
}

/// `base` with the value at `pointer` replaced, or removed when it is `null`.
fn with(mut base: Value, pointer: &str, value: Value) -> Value {
    let (parent, field) = pointer.rsplit_once('/').expect("a pointer");
    let object = base.pointer_mut(parent).and_then(Value::as_object_mut).expect("an object");
    if value.is_null() {
        object.remove(field)
    } else {
        object.insert(field.to_owned(), value)
    };
    base
}

fn ce() -> Value {
    statement_of(SUBJECT, "cyber.ce", &predicate())
}

#[test]
fn what_is_signed_within_its_remit_is_believed() {
    let verified = one(&signed(&ce(), &["body"]));
    let message = dsse::pae(statement::PAYLOAD_TYPE, ce().to_string().as_bytes());
    let attestation = &verified.attestation;
    assert_eq!(attestation.digest, Digest::of(&message));
    assert_eq!(verified.signers, [key("body").public().id()]);
    assert_eq!((&*attestation.issuer, attestation.trust), ("Body", Trust::ThirdParty));
    assert_eq!(attestation.valid_from, attestation.issued_at);
    assert_eq!(attestation.valid_until.map(|until| until.to_string()).as_deref(), Some("2027-05-10T00:00:00Z"));
}

#[test]
fn the_signers_decide_under_what_it_is_believed() {
    let check = |kind: &str, claims: Value, signers: &[&str], expected: (&str, Trust, bool)| {
        let verified = one(&signed(&statement_of(SUBJECT, kind, &with(predicate(), "/claims", claims)), signers));
        let attestation = verified.attestation;
        let admission = verifier().admit(&verified.signers, "directory", &attestation.kind(), &attestation.subject);
        let may_revoke = admission.expect("it was admitted").may_revoke;
        assert_eq!((&*attestation.issuer, attestation.trust, may_revoke), expected);
    };
    let (body, own) = (("Body", Trust::ThirdParty, false), (SUBJECT, Trust::Own, false));
    let certificate = || json!({"certificate": "CE-1", "whole_organisation": true});
    check("cyber.ce", certificate(), &["body-p256"], body);
    check("cyber.ce", certificate(), &["supplier"], own);
    check("cyber.ce", certificate(), &["supplier", "body"], body);
    check("cyber.ce", certificate(), &["body", "stranger", "supplier", "body"], body);
    let register = ("The Register", Trust::Authority, true);
    check("entity.status", json!({"status": "active"}), &["register-3", "register-1"], register);
    check("entity.status", json!({"status": "active"}), &["register-1", "supplier"], own);
}

#[test]
fn a_keyid_is_a_hint() {
    let envelope: Value = serde_json::from_str(&signed(&ce(), &["body"])).expect("JSON");
    for hint in [json!(null), json!(""), json!("body"), json!(key("supplier").public().id().to_string())] {
        one(&with(envelope.clone(), "/signatures/0/keyid", hint).to_string());
    }
}

#[test]
fn a_mapped_predicate_type_means_its_kind() {
    let mapped = with(ce(), "/predicateType", json!("https://iasme.example/ce/v2"));
    assert_eq!(one(&signed(&mapped, &["body"])).attestation.kind(), Kind::CyberCe);
}

#[test]
fn every_field_arrives() {
    let predicate = json!({
        "issued_at": "2026-05-10", "valid_from": "2026-05-01", "scope": "Derby site",
        "claims": {"certificate": "CE-1", "whole_organisation": false, "entities": ["GB-COH:9506232"]},
        "evidence": [{"name": "certificate", "uri": "https://example.com/ce.pdf", "digest": Digest::of(b"pdf")}],
        "supersedes": [Digest::of(b"old")], "handling": "TLP:AMBER+STRICT"
    });
    let attestation = one(&signed(&statement_of("GB-COH:9506232", "cyber.ce", &predicate), &["body"])).attestation;
    assert_eq!(attestation.subject.as_str(), SUBJECT);
    assert_eq!(attestation.scope.as_deref(), Some("Derby site"));
    assert_eq!(attestation.issued_at.to_string(), "2026-05-10T00:00:00Z");
    assert_eq!(attestation.valid_from.to_string(), "2026-05-01T00:00:00Z");
    assert_eq!(attestation.evidence[0].digest, Some(Digest::of(b"pdf")));
    assert_eq!(attestation.supersedes, [Digest::of(b"old")]);
    assert_eq!(attestation.handling, Some(Handling::AmberStrict));
    assert!(canonical::write(&attestation).contains(r#""entities":["GB-COH:09506232"]"#));
}

#[test]
fn a_statement_that_we_write_is_read_back() {
    let subject = Organisation::checked_before(SUBJECT);
    let draft = statement::Draft {
        subject: &subject,
        kind: &Kind::CyberCe,
        issued_at: now(),
        valid_from: None,
        valid_until: Some(now().plus_days(365)),
        scope: Some("all"),
        claims: &json!({"certificate": "CE-1", "whole_organisation": true}),
        evidence: &[],
        supersedes: &[Digest::of(b"old")],
        handling: Some(Handling::Green),
    };
    let document = dsse::sign(statement::PAYLOAD_TYPE, statement::write(&draft).as_bytes(), &[&key("body")]);
    let attestation = one(&document).attestation;
    assert_eq!((attestation.subject, attestation.valid_until), (subject.clone(), draft.valid_until));
    assert_eq!((attestation.supersedes.as_slice(), attestation.handling), (draft.supersedes, draft.handling));
}

#[test]
fn unsigned_json_comes_in_by_its_feed_alone() {
    let plain = |kind: &str, claims: Value| {
        json!({"kind": kind, "subject": SUBJECT, "issued_at": "2026-05-10", "claims": claims}).to_string()
    };
    let site = plain("site", json!({"region": "Derby", "share_bp": 10000}));
    let verified = verifier().verify(site.as_bytes(), "spreadsheet", now()).expect("believed");
    assert_eq!((&*verified[0].attestation.issuer, verified[0].attestation.trust), ("spreadsheet", Trust::Unsigned));
    assert_eq!((&verified[0].signers[..], verified[0].attestation.digest), (&[][..], Digest::of(site.as_bytes())));
    let code =
        |document: &str, feed| verifier().verify(document.as_bytes(), feed, now()).map_err(|refusal| refusal.code());
    assert_eq!(code(&site, "directory"), Err("unsigned"));
    assert_eq!(
        code(&plain("cyber.dcc", json!({"level": 2, "attested_on": "2026-01-01"})), "spreadsheet"),
        Err("out-of-remit")
    );
    assert_eq!(
        code(&plain("site", json!({"region": "Derby", "share_bp": 10001})), "spreadsheet"),
        Err("invalid-claims")
    );
    let at = |latitude: f64| json!({"region": "Derby", "share_bp": 10000, "latitude": latitude, "longitude": 179.0});
    assert_eq!(code(&plain("site", at(90.1)), "spreadsheet"), Err("invalid-claims"), "beyond the pole");
    assert!(code(&plain("site", at(-90.0)), "spreadsheet").is_ok(), "the pole");
    assert_eq!(code(&ce().to_string(), "directory"), Err("unsigned"), "a bare statement");
    assert_eq!(code(&signed(&ce(), &["stranger"]), "spreadsheet"), Err("unknown-key"), "signed is signed");
}

#[test]
fn a_declared_kind_is_what_its_schema_says() {
    let approval = |claims: Value| {
        let plain =
            json!({"kind": "welding.approval", "subject": SUBJECT, "issued_at": "2026-05-10", "claims": claims});
        verifier().verify(plain.to_string().as_bytes(), "spreadsheet", now())
    };
    let verified = approval(json!({"process": "TIG", "since": 2020})).expect("believed");
    assert_eq!(verified[0].attestation.kind(), Kind::named("welding.approval"));
    for claims in [json!({"process": "glue"}), json!({}), json!({"process": "TIG", "x": 1}), json!([])] {
        let refusal = approval(claims).expect_err("it is refused");
        assert_eq!(refusal.code(), "invalid-claims");
        let fix = "; correct them as its JSON Schema `/etc/tierwatch/welding.schema.json` has them";
        assert!(refusal.to_string().ends_with(fix), "{refusal}");
    }
}

/// A claim of a CycloneDX BOM, as it should be.
fn bom() -> Value {
    json!({
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
        "metadata": {"timestamp": "2026-05-10T09:00:00+00:00"},
        "declarations": {
            "targets": {"organizations": [{"bom-ref": SUBJECT, "name": "Acme Forgings"}]},
            "claims": [
                {
                    "bom-ref": "ce", "target": SUBJECT, "predicate": "urn:tierwatch:attestation:cyber.ce:v1",
                    "evidence": ["ce-claims", "ce-report"],
                    "externalReferences": [{
                        "type": "certification-report", "url": "https://example.com/ce.pdf",
                        "hashes": [{"alg": "SHA-256", "content": Digest::of(b"pdf")}]
                    }]
                },
                {
                    "bom-ref": "plus", "target": SUBJECT, "predicate": "urn:tierwatch:attestation:cyber.ceplus:v1",
                    "evidence": ["plus-claims"]
                }
            ],
            "evidence": [
                {
                    "bom-ref": "ce-claims", "propertyName": "tierwatch:claims",
                    "created": "2026-05-09T00:00:00+00:00", "expires": "2027-05-09T00:00:00+00:00",
                    "data": [{"name": "claims", "contents": {"attachment": {
                        "contentType": "application/json", "content": r#"{"certificate":"CE-1","whole_organisation":true}"#
                    }}}]
                },
                {"bom-ref": "ce-report", "propertyName": "report", "description": "the assessor's report"},
                {
                    "bom-ref": "plus-claims", "propertyName": "tierwatch:claims",
                    "data": [{"name": "claims", "contents": {"attachment": {
                        "contentType": "application/json", "encoding": "base64",
                        "content": "eyJjZXJ0aWZpY2F0ZSI6IkNFUC0xIiwid2hvbGVfb3JnYW5pc2F0aW9uIjp0cnVlfQ=="
                    }}}]
                }
            ]
        }
    })
}

fn signed_bom(bom: &Value) -> String {
    dsse::sign(cyclonedx::PAYLOAD_TYPE, bom.to_string().as_bytes(), &[&key("body")])
}

#[test]
fn each_claim_of_a_bom_is_an_attestation() {
    let verified = verify(&signed_bom(&bom())).expect("believed");
    let [ce, plus] = verified.as_slice() else { panic!("two claims: {verified:?}") };
    assert_eq!((ce.attestation.kind(), plus.attestation.kind()), (Kind::CyberCe, Kind::CyberCeplus));
    assert_ne!(ce.attestation.digest, plus.attestation.digest);
    assert_eq!(ce.attestation.issued_at.to_string(), "2026-05-10T09:00:00Z");
    assert_eq!(ce.attestation.valid_from.to_string(), "2026-05-09T00:00:00Z");
    assert_eq!(ce.attestation.valid_until.map(|at| at.to_string()).as_deref(), Some("2027-05-09T00:00:00Z"));
    let names: Vec<_> = ce.attestation.evidence.iter().map(|link| link.name.as_str()).collect();
    assert_eq!(names, ["the assessor's report", "certification-report"]);
    assert_eq!(ce.attestation.evidence[1].digest, Some(Digest::of(b"pdf")));
    assert_eq!(plus.attestation.valid_until, None);
    let named = with(bom(), "/declarations/targets", json!({"organizations": [{"bom-ref": "acme", "name": SUBJECT}]}));
    let named = named.to_string().replace(&format!(r#""target":"{SUBJECT}""#), r#""target":"acme""#);
    let named: Value = serde_json::from_str(&named).expect("JSON");
    assert_eq!(verify(&signed_bom(&named)).expect("believed")[0].attestation.subject.as_str(), SUBJECT);
}

#[test]
fn a_bom_that_is_not_as_it_should_be_is_refused() {
    let check = |pointer: &str, value: Value, expected: &str| {
        let refusal = verify(&signed_bom(&with(bom(), pointer, value))).expect_err(expected).to_string();
        assert!(refusal.contains(expected), "{pointer}: {refusal}");
    };
    let claim = "/declarations/claims/0";
    check("/bomFormat", json!("SPDX"), "its bomFormat `SPDX` is not read here: use CycloneDX");
    check("/specVersion", json!("1.5"), "its specVersion `1.5` is not read here: use 1.6 or 1.7");
    check("/serialNumber", json!("urn:uuid:1"), "serialNumber `urn:uuid:1` is not urn:uuid:");
    check("/metadata/timestamp", json!("2026-05-10"), "metadata.timestamp: `2026-05-10` is not a time");
    check("/declarations/claims", json!([]), "a CycloneDX BOM without claims");
    check(&format!("{claim}/predicate"), json!("It is secure."), "`It is secure.` is no kind");
    check(&format!("{claim}/target"), json!("acme"), "set the claim's `target` to the `bom-ref`");
    check(&format!("{claim}/bom-ref"), json!("plus"), "every claim needs a `bom-ref` of its own");
    check("/declarations/evidence/1/bom-ref", json!("ce-claims"), "the bom-ref `ce-claims` stands twice");
    check(&format!("{claim}/evidence"), json!(["gone"]), "it refers to evidence that is not there");
    check(&format!("{claim}/evidence"), json!(["ce-report"]), "has the propertyName `tierwatch:claims`");
    check(&format!("{claim}/counterEvidence"), json!(["ce-report"]), "the BOM itself contests it");
    check("/declarations/attestations", json!([{"map": [{"counterClaims": ["ce"]}]}]), "the BOM itself contests it");
    check("/declarations/evidence/0/expires", json!("2027"), "expires: `2027` is not a time");
    let content = "/declarations/evidence/0/data/0/contents/attachment/content";
    check(content, json!(r#"{"a":1,"a":2}"#), "the key `a` stands twice");
    check(content, json!(r#"{"certificate":"CE-1"}"#), "it lacks `whole_organisation`");
}

/// A statement with one thing changed, signed by the certification body.
fn changed(pointer: &str, value: Value) -> String {
    signed(&with(ce(), pointer, value), &["body"])
}

/// A document for every way of being refused.
fn refused_documents() -> Vec<String> {
    let good = signed(&ce(), &["body"]);
    let envelope: Value = serde_json::from_str(&good).expect("JSON");
    let deep = format!("{}{}", "[".repeat(65), "]".repeat(65));
    let revocation = json!({"digest": Digest::of(b"x"), "reason": "r"});
    vec![
        good[..good.len() - 1].to_owned(),
        r#"{"payload":"","payload":"","payloadType":"t","signatures":[]}"#.into(),
        r#"{"payload":"!","payloadType":"t","signatures":[{"sig":""}]}"#.into(),
        changed("/predicate/valid_untill", json!("2027-05-09")),
        changed("/predicate/scope", json!("x".repeat(1025))),
        " ".repeat(1024 * 1024 + 1),
        deep,
        "[]".into(),
        r#"{"name":"package.json","version":"1.0.0"}"#.into(),
        with(envelope.clone(), "/payloadType", json!("text/plain\u{1b}[31m")).to_string(),
        changed("/_type", json!("https://in-toto.io/Statement/v0.1")),
        ce().to_string(),
        with(
            envelope.clone(),
            "/payload",
            json!(dsse_payload(&changed("/predicate/valid_until", json!("2030-01-01")))),
        )
        .to_string(),
        signed(&ce(), &["stranger"]),
        with(serde_json::from_str(&signed(&ce(), &["stranger"])).expect("JSON"), "/signatures/0/keyid", json!(null))
            .to_string(),
        signed(
            &statement_of(SUBJECT, "entity.status", &with(predicate(), "/claims", json!({"status": "active"}))),
            &["register-2"],
        ),
        signed(&ce(), &["other-supplier"]),
        signed(&statement_of("US-SAM:YNDUZMUZF8H8", "cyber.ce", &predicate()), &["body"]),
        changed("/predicate/issued_at", json!("2026-05-10T12:05:01Z")),
        changed("/predicateType", json!("urn:tierwatch:attestation:cyber.xx:v1")),
        changed("/subject", json!([])),
        changed("/subject/0/digest", json!({"sha256": Digest::of(b"another")})),
        signed(&statement_of("GB-COH:QQ1", "cyber.ce", &predicate()), &["body"]),
        signed(&statement_of("XI-DUNS:123456789", "cyber.ce", &predicate()), &["body"]),
        changed("/predicate/issued_at", json!("yesterday")),
        changed("/predicate/valid_until", json!("2026-05-09")),
        changed("/predicate/claims", json!({"certificate": "CE-1", "whole_organisation": true, "level": 2})),
        changed("/predicate/claims", json!({"certificate": "CE-1", "whole_organisation": false, "entities": ["acme"]})),
        signed(
            &statement_of(
                SUBJECT,
                "supply.source",
                &with(
                    predicate(),
                    "/claims",
                    json!({"supplier": "CAGE:AAAAA", "buyer": "CAGE:BBBBB", "item": "i", "share_bp": 1, "qualified": true}),
                ),
            ),
            &["supplier"],
        ),
        signed(&statement_of("CAGE:AAAAA", "revocation", &with(predicate(), "/claims", revocation)), &["body"]),
    ]
}

/// More of the last sorts: fields beside the claims, and claims whose fields are read.
fn refused_fields() -> Vec<String> {
    let late = with(ce(), "/predicate/valid_from", json!("2026-06-01"));
    vec![
        changed("/predicate/handling", json!("AMBER")),
        changed("/predicate/evidence", json!([{"name": "n", "digest": "x"}])),
        changed("/predicate/supersedes", json!(vec![Digest::of(b"x"); 257])),
        signed(&with(late, "/predicate/valid_until", json!("2026-05-20")), &["body"]),
        of_supplier(
            "incident",
            json!({"severity": 1, "opened_on": "2026-05-08", "reported_at": "2026-05-09", "closed_on": "2026-05-09T14:30:00Z"}),
        ),
        of_supplier("incident", json!({"severity": 5, "opened_on": "May", "reported": "2026-05-09"})),
        of_supplier("cyber.dcc", json!({"level": 1, "attested_on": "2026-05-12"})),
        of_supplier("programme.requirement", json!({"programme": "KESTREL", "criticality": 1})),
    ]
}

/// What the supplier says of itself.
fn of_supplier(kind: &str, claims: Value) -> String {
    signed(&statement_of(SUBJECT, kind, &with(predicate(), "/claims", claims)), &["supplier"])
}

/// Every refusal, in the words that an operator reads.
#[test]
fn refusals_say_how_to_mend_them() {
    let mut codes = std::collections::BTreeSet::new();
    let documents = [refused_documents(), refused_fields()].concat();
    let shown: Vec<String> = documents
        .iter()
        .map(|document| {
            let refusal = verify(document).expect_err(document);
            codes.insert(refusal.code());
            format!("{}: {refusal}", refusal.code())
        })
        .collect();
    let keyid = key("stranger").public().id().to_string();
    let shown = shown.join("\n").replace(&keyid, "KEYID");
    assert_eq!(shown, include_str!("refusals.golden.txt").trim_end(), "\n{shown}\n");
    assert_eq!(codes, Refusal::CODES.iter().copied().collect(), "every code is here once at least");
}

fn dsse_payload(envelope: &str) -> String {
    let envelope: Value = serde_json::from_str(envelope).expect("JSON");
    envelope["payload"].as_str().expect("a payload").to_owned()
}

#[test]
fn the_clock_of_an_issuer_may_be_ahead_a_little() {
    one(&changed("/predicate/issued_at", json!("2026-05-10T12:05:00Z")));
}

#[test]
fn admission_is_worked_out_again() {
    let (kind, subject) = (Kind::CyberCe, Organisation::checked_before(SUBJECT));
    let signers = one(&signed(&ce(), &["body", "supplier"])).signers;
    let admit = |toml: &str| {
        let trust = table(toml, &kinds()).expect("a trust table");
        let options = VerifierOptions { trust, ..verifier().options().clone() };
        let admitted = super::Verifier::new(options).admit(&signers, "directory", &kind, &subject);
        admitted.map(|admission| (admission.issuer.to_string(), admission.trust)).map_err(|refusal| refusal.code())
    };
    assert_eq!(admit(TABLE), Ok(("Body".into(), Trust::ThirdParty)));
    assert_eq!(admit(&TABLE.replace("cyber.ce\",", "cyber.saq\",")), Ok((SUBJECT.into(), Trust::Own)));
    assert_eq!(admit(""), Err("out-of-remit"));
}

/// What is refused is told by its matter from what it has nothing to do with.
#[test]
fn the_matter_of_what_is_refused_is_that_of_what_mends_it() {
    let ce_of = |issued: &str, claims: Value| {
        let predicate = with(with(predicate(), "/claims", claims), "/issued_at", json!(issued));
        statement_of(SUBJECT, "cyber.ce", &predicate)
    };
    let good = || json!({"certificate": "CE-1", "whole_organisation": true});
    let accepted = super::Matter::of(&one(&signed(&ce(), &["body"])).attestation);
    let refused = |bytes: &str| {
        let refused = verifier().judge(bytes.as_bytes(), "directory", now()).expect_err("it is refused");
        refused.matter.map(|matter| *matter)
    };
    let forged = |statement: &Value, name: &str| {
        let mut envelope: Value = serde_json::from_str(&signed(statement, &["stranger"])).expect("JSON");
        envelope["signatures"][0]["keyid"] = json!(key(name).public().id().to_string());
        envelope.to_string()
    };
    let earlier = "2026-05-01T09:00:00Z";
    for (what, bytes, is_same) in [
        ("badly signed", forged(&ce_of(earlier, good()), "body"), true),
        (
            "of other claims",
            forged(&ce_of(earlier, json!({"certificate": "X", "whole_organisation": false})), "body"),
            true,
        ),
        ("of claims that cannot be read", signed(&ce_of(earlier, json!({"certificate": 7})), &["body"]), true),
        ("from the future", signed(&ce_of("2027-01-01", good()), &["body"]), true),
        ("of another issuer", forged(&ce_of(earlier, good()), "supplier"), false),
        ("of a stranger", signed(&ce_of(earlier, good()), &["stranger"]), false),
        ("no attestation", "{}".to_owned(), false),
    ] {
        let matter = refused(&bytes);
        assert_eq!(matter.map(|matter| matter.digest) == Some(accepted.digest), is_same, "{what}: {matter:?}");
    }
    let of_register = |signers: &[&str], claims: Value| {
        signed(&statement_of(SUBJECT, "entity.status", &with(predicate(), "/claims", claims)), signers)
    };
    let active = || json!({"status": "active"});
    let accepted = super::Matter::of(&one(&of_register(&["register-1", "register-2"], active())).attestation);
    let alone = refused(&of_register(&["register-1"], active()));
    assert_eq!(alone, Some(accepted), "of a threshold that was not met, for whom the grant speaks");
    // Of claims that tell things of one kind apart nothing is known when they cannot be read.
    let site = statement_of(SUBJECT, "site", &with(predicate(), "/claims", json!({"region": 7})));
    assert_eq!(refused(&signed(&site, &["supplier"])), None);
}

/// What reaches other attestations comes with all that its signers may say; what does not comes with nothing.
#[test]
fn the_remit_is_that_of_all_grants_that_the_signers_meet() {
    let target = Digest::of(b"target");
    let revoking = json!({"digest": target, "reason": "r"});
    let statement =
        |subject: &str| statement_of(subject, "revocation", &with(predicate(), "/claims", revoking.clone()));
    let of = |subject: &str, signers: &[&str]| one(&signed(&statement(subject), signers)).remit;
    let organisation = Organisation::checked_before;
    let (ce, status) = (Kind::CyberCe, Kind::EntityStatus);
    let (third, authority, own) = (Some(Trust::ThirdParty), Some(Trust::Authority), Some(Trust::Own));
    let other = "GB-COH:00000001";
    for (what, remit, kind, about, expected) in [
        ("within its kinds", of(SUBJECT, &["body"]), &ce, other, third),
        ("outside its kinds", of(SUBJECT, &["body"]), &status, SUBJECT, None),
        ("outside its names", of(SUBJECT, &["body"]), &ce, "XI-LEI:724500PMK2A2M1SQQ228", None),
        ("about itself", of(SUBJECT, &["supplier"]), &status, SUBJECT, own),
        ("about another", of(SUBJECT, &["supplier"]), &status, other, None),
        ("the best of several", of(SUBJECT, &["supplier", "body"]), &ce, SUBJECT, third),
        ("a threshold that is met", of(SUBJECT, &["register-1", "register-2"]), &status, other, authority),
        ("one that is not", of(SUBJECT, &["register-1", "supplier"]), &status, SUBJECT, own),
    ] {
        assert_eq!(remit.trust(kind, &organisation(about)), expected, "{what}");
    }
    assert!(of(SUBJECT, &["register-1", "register-2"]).may_revoke);
    assert_eq!(one(&signed(&self::ce(), &["body"])).remit, super::Remit::default());
}

#[test]
fn a_table_that_contradicts_itself_is_refused() {
    let grants: &[&str] = &[
        r#"signers = ["nobody"], trust = "authority""#,
        r#"signers = ["body"], threshold = 2, trust = "authority""#,
        r#"signers = ["body"], threshold = 0, trust = "authority""#,
        r#"signers = ["body"], kinds = ["cyber.xx"], trust = "authority""#,
        r#"signers = ["body"], about = ["GB-COH"], trust = "authority""#,
        r#"signers = ["body"], about = ["*:1*"], trust = "authority""#,
        r#"signers = ["body"], trust = "unsigned""#,
        r#"signers = ["register-1", "register-2"], threshold = 2, trust = "authority""#,
        r#"signers = "subject", trust = "authority""#,
        r#"signers = "subject", trust = "self", may_revoke = true"#,
        r#"feed = "f", trust = "authority""#,
        r#"signers = "subject", feed = "f", trust = "self""#,
        r#"trust = "self""#,
        r#"signers = "everyone", trust = "self""#,
        r#"signers = [], trust = "authority""#,
        r#"signers = ["body"], trust = "total""#,
        r#"signers = ["body"], trust = "authority", weight = 3"#,
    ];
    let shown: Vec<String> = grants
        .iter()
        .map(|grant| {
            let error = table(&format!("grant = [{{ name = \"g\", {grant} }}]"), &kinds()).expect_err(grant);
            error.lines().last().unwrap_or_default().to_owned()
        })
        .collect();
    let shown = shown.join("\n");
    assert_eq!(shown, include_str!("trust.golden.txt").trim_end(), "\n{shown}\n");
}
