//! Documents as they are met: the words of registers, foreign forms, and what another parser would read otherwise.

use super::{
    Refusal, Verified, Verifier, VerifierOptions, cyclonedx, dsse,
    fixture::{SUBJECT, key, now, predicate, signed, statement_of},
    keys::{SigningKey, VERIFICATIONS},
    kinds::Kinds,
    statement,
    trust::{Grant, Key, TrustTable},
};
use crate::model::{Claims, Identifiers, organisation::Scheme};
use serde_json::{Value, json};

/// Trusts the key `body` in everything, as an issuer whose name is an identifier, and the feed `open`.
fn verifier() -> Verifier {
    let schemes = [("NL-KVK".to_owned(), Scheme::new("[0-9]{8}|[0-9]{12}").expect("a pattern"))];
    let identifiers = Identifiers::new(schemes.into());
    let schema = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "definitions": {"day": {"type": "string", "format": "date"}},
        "properties": {
            "expires": {"$ref": "#/definitions/day"},
            "by": {"type": "string", "format": "organisation"},
            "made_in": {"type": "string", "format": "country"},
            "site": {"type": "string", "format": "uri"}
        }
    });
    let declared = [("approval.nadcap".to_owned(), schema)].into();
    let kinds = Kinds::new(&declared, &[].into(), &identifiers).expect("kinds");
    let table = |name: &str, owner: &str| Key {
        name: name.to_owned(),
        owner: owner.to_owned(),
        public_key: key(name).public().to_pem().expect("PEM"),
    };
    let mut keys = vec![table("body", "gb-coh:6")];
    keys.extend((0..80).map(|number| table(&format!("other-{number}"), "Other")));
    let others: Vec<String> = (0..80).map(|number| format!("\"other-{number}\"")).collect();
    let grants = [
        "name = \"body\"\nsigners = [\"body\"]\ntrust = \"authority\"".to_owned(),
        format!("name = \"others\"\nsigners = [{}]\nabout = [\"gb-coh:*\"]\ntrust = \"third-party\"", others.join(",")),
        "name = \"open\"\nfeed = \"open\"\ntrust = \"unsigned\"".to_owned(),
    ];
    let grants: Vec<Grant> = grants.iter().map(|grant| toml::from_str(grant).expect("a grant")).collect();
    let trust = TrustTable::new(&keys, &grants, &identifiers, &kinds).expect("a trust table");
    Verifier::new(VerifierOptions { identifiers, kinds, trust, ..VerifierOptions::default() })
}

fn verify(document: &str) -> Result<Vec<Verified>, Refusal> {
    verifier().verify(document.as_bytes(), "directory", now())
}

/// What `claims` of a kind are read as; or the code and sentence of the refusal.
fn read(kind: &str, claims: Value) -> Result<Claims, String> {
    let mut predicate = predicate();
    predicate["claims"] = claims;
    let verified = verify(&signed(&statement_of(SUBJECT, kind, &predicate), &["body"]));
    let mut verified = verified.map_err(|refusal| format!("{}: {refusal}", refusal.code()))?;
    Ok(verified.remove(0).attestation.claims)
}

#[test]
fn an_owner_is_one_organisation_however_it_is_written() {
    let holding =
        |owner: &str| read("ownership.holding", json!({"owner": owner, "owner_country": "GB", "percent": 100}));
    let owner = |written: &str| match holding(written) {
        Ok(Claims::OwnershipHolding(holding)) => {
            let organisation = holding.organisation().map(|organisation| organisation.to_string());
            (holding.owner.to_string(), organisation)
        }
        other => panic!("{written}: {other:?}"),
    };
    let spelled = || ("GB-COH:00000006".to_owned(), Some("GB-COH:00000006".to_owned()));
    for written in ["GB-COH:00000006", "gb-coh:00000006", "GB-COH:6", "gb-coh:6"] {
        assert_eq!(owner(written), spelled(), "{written}");
    }
    assert_eq!(owner("nl-kvk:12345678").1.as_deref(), Some("NL-KVK:12345678"));
    assert_eq!(owner("The Smith family"), ("The Smith family".to_owned(), None));
    for written in ["GB-COH:00000006 ", "GB-COH:00000006\u{200b}", "GB-COH 00000006", "GB-COH:QQ1", "XX-YY:1"] {
        let refused = holding(written).expect_err(written);
        assert!(refused.starts_with("invalid-identifier: "), "{written}: {refused}");
    }
    let accepted = read("foci.mitigation", json!({"instrument": "ssa", "accepted_by": "gb-coh:6"}));
    assert!(
        matches!(accepted, Ok(Claims::FociMitigation(mitigation)) if mitigation.accepted_by.as_str() == "GB-COH:00000006")
    );
}

/// An issuer that is an organisation is one too: the certificates of a body must not be those of two.
#[test]
fn who_speaks_is_spelled_as_well() {
    let verified = verify(&signed(&statement_of(SUBJECT, "cyber.ce", &predicate()), &["body"])).expect("believed");
    assert_eq!(&*verified[0].attestation.issuer, "GB-COH:00000006");
}

#[test]
fn a_country_is_two_letters_however_it_is_written() {
    let country =
        |word: &str| match read("ownership.holding", json!({"owner": "X", "owner_country": word, "percent": 1})) {
            Ok(Claims::OwnershipHolding(holding)) => holding.owner_country.to_string(),
            Ok(other) => panic!("{other:?}"),
            Err(refused) => refused,
        };
    for (word, expected) in
        [("GB", "GB"), ("uk", "GB"), ("England", "GB"), ("GBR", "GB"), ("China", "CN"), ("CHN", "CN"), ("cn", "CN")]
    {
        assert_eq!(country(word), expected, "{word}");
    }
    assert!(
        country("Atlantis").starts_with(
            "invalid-claims: the claims are not those of ownership.holding: `owner_country`: `Atlantis` is no country: write"
        )
    );
    let profile = |word: &str| read("entity.profile", json!({"name": "Acme", "country": word}));
    assert!(matches!(profile("Scotland"), Ok(Claims::EntityProfile(profile)) if profile.country.as_str() == "GB"));
    assert!(profile("Europe").is_err());
}

/// An object by the place of its fields, wherever one stands.
#[test]
fn an_array_is_no_object() {
    let statement = statement_of(
        SUBJECT,
        "clearance.facility",
        &json!({
            "issued_at": "2026-05-10T09:00:00Z",
            "claims": {"nation": "GB", "level": "top-secret", "status": "full"},
            "evidence": [{"name": "letter"}]
        }),
    );
    let good: Value = serde_json::from_str(&signed(&statement, &["body"])).expect("JSON");
    verify(&good.to_string()).expect("it is good with objects");
    for (pointer, array) in [
        ("", json!([statement["_type"], statement["subject"], statement["predicateType"], statement["predicate"]])),
        ("/subject/0", json!([SUBJECT, statement["subject"][0]["digest"]])),
        ("/subject/0/digest", json!([statement["subject"][0]["digest"]["sha256"]])),
        ("/predicate", json!(["2026-05-10T09:00:00Z", null, null, null, statement["predicate"]["claims"]])),
        ("/predicate/claims", json!(["GB", "top-secret", "full"])),
        ("/predicate/evidence/0", json!(["letter"])),
    ] {
        let mut changed = statement.clone();
        *changed.pointer_mut(pointer).expect("it is there") = array;
        let refused = verify(&signed(&changed, &["body"])).expect_err(pointer).to_string();
        assert!(
            refused.contains(" cannot be a list: write an object with the names of its fields"),
            "{pointer}: {refused}"
        );
    }
    let mut envelope = good.clone();
    envelope["signatures"][0] = json!([good["signatures"][0]["keyid"], good["signatures"][0]["sig"]]);
    let refused = verify(&envelope.to_string()).expect_err("signatures").to_string();
    assert!(refused.contains("expected an object with the names of its fields"), "{refused}");
    let count = json!([["GB:SC", 3, "2027-01-01"]]);
    assert!(read("clearance.personnel", count).is_err(), "a list of records is a list of objects");
    let count = json!([{"level": "GB:SC", "count": 3, "review_due_on": "2027-01-01"}]);
    assert!(read("clearance.personnel", count).is_ok());
}

#[test]
fn a_statement_has_the_media_types_of_in_toto() {
    let payload = statement_of(SUBJECT, "cyber.ce", &predicate()).to_string();
    let code = |media_type: &str| {
        let document = dsse::sign(media_type, payload.as_bytes(), &[&key("body")]);
        verify(&document).map(|_| "good").unwrap_or_else(|refusal| refusal.code())
    };
    for (media_type, expected) in [
        (statement::PAYLOAD_TYPE, "good"),
        ("application/vnd.in-toto.cyber-essentials+json", "good"),
        ("application/vnd.in-toto.slsa.provenance+json; version=1", "good"),
        ("Application/VND.in-toto+JSON", "good"),
        ("application/vnd.in-toto.+json", "unsupported-type"),
        ("application/vnd.in-toto-provenance+json", "unsupported-type"),
        ("application/vnd.in-toto.a/b+json", "unsupported-type"),
        ("application/vnd.in-toto.provenance", "unsupported-type"),
        ("application/json", "unsupported-type"),
    ] {
        assert_eq!(code(media_type), expected, "{media_type}");
    }
}

#[test]
fn what_is_sent_in_another_form_gets_the_fix_for_that_form() {
    let good = signed(&statement_of(SUBJECT, "cyber.ce", &predicate()), &["body"]);
    let check = |bytes: &[u8], expected: &str| {
        let refused = verifier().verify(bytes, "directory", now()).expect_err(expected).to_string();
        assert!(refused.contains(expected), "{refused}, not {expected}");
    };
    let wide: Vec<u8> = good.encode_utf16().flat_map(u16::to_le_bytes).collect();
    check(format!("\u{feff}{good}").as_bytes(), "begins with a byte order mark");
    check(&[&[0xff, 0xfe][..], &wide].concat(), "`iconv -f UTF-16 -t UTF-8`");
    check(&wide, "`iconv -f UTF-16LE -t UTF-8`");
    check(format!("[{good}]").as_bytes(), "one attestation a line into a .jsonl file, as `jq -c '.[]'` does");
    check(format!("{{\"mediaType\":\"m\",\"dsseEnvelope\":{good}}}").as_bytes(), "`jq -c .dsseEnvelope`");
    let marked = format!("\u{feff}{}", statement_of(SUBJECT, "cyber.ce", &predicate()));
    check(dsse::sign(statement::PAYLOAD_TYPE, marked.as_bytes(), &[&key("body")]).as_bytes(), "byte order mark");
}

/// Wrapping a BOM that claims nothing would give the same refusal again.
#[test]
fn a_bom_that_claims_nothing_is_told_what_it_lacks() {
    let bom = r#"{"bomFormat":"CycloneDX","specVersion":"1.6","components":[]}"#;
    let signed = dsse::sign(cyclonedx::PAYLOAD_TYPE, bom.as_bytes(), &[&key("body")]);
    let expected = "it is no attestation (a CycloneDX BOM without claims): add `declarations.claims` to it, or keep it out \
        of the feed";
    for (what, document) in [("as it is", bom), ("in an envelope", &signed)] {
        assert_eq!(verify(document).expect_err(what).to_string(), expected, "{what}");
    }
}

/// Fifteen signatures of strangers, each tried with every key, and a good one after them.
#[test]
fn a_hinted_key_is_tried_first_and_beside_the_budget() {
    let payload = statement_of(SUBJECT, "cyber.ce", &predicate()).to_string();
    let names: Vec<String> = (0..15).map(|number| format!("stranger-{number}")).chain(["body".to_owned()]).collect();
    let keys: Vec<SigningKey> = names.iter().map(|name| key(name)).collect();
    let document = dsse::sign(statement::PAYLOAD_TYPE, payload.as_bytes(), &keys.iter().collect::<Vec<_>>());
    let mut envelope: Value = serde_json::from_str(&document).expect("JSON");
    for signature in envelope["signatures"].as_array_mut().expect("signatures").iter_mut().take(15) {
        signature["keyid"] = json!("");
    }
    let verified = verify(&envelope.to_string()).expect("the hint is good");
    assert_eq!(verified[0].signers, [key("body").public().id()]);
    // Without its hint it is one of 81 keys behind 15 signatures: the search ends before it.
    envelope["signatures"][15]["keyid"] = json!("");
    let before = VERIFICATIONS.get();
    let refused = verifier().judge(envelope.to_string().as_bytes(), "directory", now()).expect_err("no hint");
    assert!(refused.refusal.to_string().contains("(it names none)"), "{refused:?}");
    assert_eq!(VERIFICATIONS.get() - before, 64, "what it is about is told without another search");
}

#[test]
fn the_formats_of_a_declared_kind_are_asserted() {
    for (claims, expected) in [
        (json!({"expires": "2027-02-28", "by": "NL-KVK:12345678", "made_in": "GB", "site": "https://a.example"}), None),
        (json!({"expires": "2027-02-30"}), Some("\"2027-02-30\" is not a \"date\"")),
        (json!({"expires": "tomorrow"}), Some("is not a \"date\"")),
        (json!({"by": "nl-kvk:12345678"}), Some("is not a \"organisation\"")),
        (json!({"by": "Acme"}), Some("is not a \"organisation\"")),
        (json!({"made_in": "UK"}), Some("is not a \"country\"")),
        (json!({"site": "no uri"}), Some("is not a \"uri\"")),
    ] {
        match (read("approval.nadcap", claims.clone()), expected) {
            (Ok(_), None) => {}
            (Err(refused), Some(expected)) => assert!(refused.contains(expected), "{claims}: {refused}"),
            (got, _) => panic!("{claims}: {got:?}"),
        }
    }
    let several = read("approval.nadcap", json!({"expires": "tomorrow", "by": "Acme"})).expect_err("it is refused");
    assert!(several.contains("/by: \"Acme\"") && several.contains("/expires: \"tomorrow\""), "{several}");
    let unknown = [("a.b".to_owned(), json!({"properties": {"x": {"format": "moon-phase"}}}))].into();
    let refused = Kinds::new(&unknown, &[].into(), &Identifiers::default()).expect_err("unknown").to_string();
    assert!(refused.contains("moon-phase"), "{refused}");
}
