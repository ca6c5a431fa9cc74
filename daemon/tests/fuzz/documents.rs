//! Attestations as they arrive: envelopes, statements, BOMs, unsigned JSON, JSON lines, and keys and signatures.

use super::{harness::Target, mutation};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    sync::{Arc, LazyLock},
};
use tierwatch::{
    attest::{
        MAX_ATTESTATION_BYTES, Refusal, Verified, Verifier, VerifierOptions, canonical,
        component_signature::{self, ComponentSigners},
        cyclonedx, dsse,
        keys::{Algorithm, PublicKey, SigningKey},
        kinds::Kinds,
        statement,
        trust::{Grant, Key, TrustTable},
    },
    feed::{Body, BulkSource, FeedEvent, ScanLimits, read_all},
    model::{Digest, Identifiers, Instant},
    simulate,
};

/// Longest sentence to an operator, in bytes.
const MAX_REFUSAL_BYTES: usize = 8 * 1024;
/// The feed that needs no signatures.
const OPEN: &str = "open";
/// Any key but the one that signs.
const SEED: [u8; 32] = [7; 32];

static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::from_seed(Algorithm::Ed25519, SEED));

/// A verifier that accepts its own key and one feed about everybody.
static VERIFIER: LazyLock<Verifier> = LazyLock::new(|| {
    let key = Key { name: "fuzz".into(), owner: "Fuzz".into(), public_key: KEY.public().to_pem().expect("PEM") };
    let grant = |text: &str| toml::from_str::<Grant>(text).expect("a grant");
    let grants = [
        grant("name = \"signed\"\nsigners = [\"fuzz\"]\ntrust = \"authority\"\nmay_revoke = true"),
        grant("name = \"open\"\nfeed = \"open\"\ntrust = \"unsigned\""),
    ];
    let schema = serde_json::json!({"type": "object", "properties": {"process": {"enum": ["TIG", "MIG"]}}});
    let kinds = Kinds::new(
        &BTreeMap::from([("welding.approval".to_owned(), schema)]),
        &BTreeMap::from([("https://example.org/ce/v1".to_owned(), "cyber.ce".to_owned())]),
        &Identifiers::default(),
    );
    let kinds = kinds.expect("kinds");
    let trust = TrustTable::new(&[key], &grants, &Identifiers::default(), &kinds).expect("a trust table");
    Verifier::new(VerifierOptions { kinds, trust, ..VerifierOptions::default() })
});

fn now() -> Instant {
    "2026-05-10T12:00:00Z".parse().expect("an instant")
}

/// A claim of each kind that has been simulated, as the statement that was signed.
static STATEMENTS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let mut by_kind = BTreeMap::new();
    for line in simulated().iter().flat_map(|file| file.lines()) {
        let envelope = dsse::Envelope::parse(line).expect("an envelope");
        let payload = envelope.payload.clone();
        let kind = serde_json::from_slice::<serde_json::Value>(&payload).expect("JSON")["predicateType"].to_string();
        by_kind.entry(kind).or_insert(payload);
    }
    assert!(by_kind.len() >= 15, "{:?}", by_kind.keys());
    by_kind.into_values().collect()
});

/// The files of a simulated feed, except those that are bad on purpose.
fn simulated() -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let mut options = simulate::Options::demo(now().date());
    options.organisations = 200;
    let demo = folder.path().join("demo");
    let written = simulate::write_demo(&demo, &options, &mut |_| {}).expect("a network");
    let bad: BTreeSet<_> = written.bad_inputs.iter().map(|bad| demo.join("feed").join(&bad.file)).collect();
    let mut files = Vec::new();
    read_files(&demo.join("feed"), &bad, &mut files);
    files
}

fn read_files(folder: &Path, leave_out: &BTreeSet<std::path::PathBuf>, into: &mut Vec<String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            read_files(&path, leave_out, into);
        } else if !leave_out.contains(&path) && path.extension().is_some_and(|extension| extension == "jsonl") {
            into.push(fs::read_to_string(path).expect("text"));
        }
    }
}

/// A BOM with two claims.
fn bom() -> Vec<u8> {
    let claims = r#"{"certificate":"CE-1","whole_organisation":true}"#;
    let evidence = |name: &str| {
        serde_json::json!({
            "bom-ref": name, "propertyName": "tierwatch:claims",
            "created": "2026-05-09T00:00:00+00:00", "expires": "2027-05-09T00:00:00+00:00",
            "data": [{"name": "claims", "contents": {"attachment": {"contentType": "application/json", "content": claims}}}]
        })
    };
    let claim = |name: &str, kind: &str| {
        serde_json::json!({
            "bom-ref": name, "target": "GB-COH:09506232", "predicate": format!("urn:tierwatch:attestation:{kind}:v1"),
            "evidence": [format!("{name}-claims")],
            "externalReferences": [{"type": "certification-report", "url": "https://example.com/ce.pdf",
                "hashes": [{"alg": "SHA-256", "content": Digest::of(b"pdf")}]}]
        })
    };
    let bom = serde_json::json!({
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
        "metadata": {"timestamp": "2026-05-10T09:00:00+00:00"},
        "declarations": {
            "targets": {"organizations": [{"bom-ref": "GB-COH:09506232", "name": "Acme Forgings"}]},
            "claims": [claim("ce", "cyber.ce"), claim("plus", "cyber.ceplus")],
            "evidence": [evidence("ce-claims"), evidence("plus-claims")]
        }
    });
    bom.to_string().into_bytes()
}

/// An accepted document is a canonical attestation; a refused one is refused with a sentence.
fn verified(bytes: &[u8], feed: &str) -> Result<usize, String> {
    let answer: Result<Vec<Verified>, Refusal> = VERIFIER.verify(bytes, feed, now());
    match answer {
        Ok(all) => {
            for one in &all {
                let written = canonical::write(&one.attestation);
                let read = canonical::parse(&written).map_err(|error| format!("{error}: {written}"))?;
                if read != one.attestation {
                    return Err(format!("{written} is read back as {read:?}"));
                }
            }
            Ok(all.len())
        }
        Err(refusal) => {
            let told = refusal.to_string();
            if told.len() <= MAX_REFUSAL_BYTES { Ok(0) } else { Err(format!("a refusal of {} bytes", told.len())) }
        }
    }
}

#[test]
fn envelopes() {
    let sign = |payload: &Vec<u8>| dsse::sign(statement::PAYLOAD_TYPE, payload, &[&KEY]).into_bytes();
    let mut seeds: Vec<_> = STATEMENTS.iter().map(sign).collect();
    seeds.push(dsse::sign(cyclonedx::PAYLOAD_TYPE, &bom(), &[&KEY]).into_bytes());
    let target = Target { name: "documents::envelopes", inputs: 4_000, mutate: mutation::text };
    assert!(seeds.iter().all(|seed| verified(seed, "any").is_ok_and(|many| many > 0)), "the seeds are believed");
    target.run(&seeds, |input| verified(input, "any").map(|_| ()));
}

/// Statements are changed before they are signed, so that everything after the signature check is reached.
#[test]
fn statements() {
    let target = Target { name: "documents::statements", inputs: 4_000, mutate: mutation::text };
    target.run(&STATEMENTS, |payload| {
        let signed = dsse::sign(statement::PAYLOAD_TYPE, payload, &[&KEY]);
        verified(signed.as_bytes(), "any")?;
        verified(payload, OPEN).map(|_| ())
    });
}

#[test]
fn boms() {
    let target = Target { name: "documents::boms", inputs: 4_000, mutate: mutation::text };
    assert_eq!(verified(&bom(), OPEN), Ok(2));
    target.run(&[bom()], |payload| {
        let signed = dsse::sign(cyclonedx::PAYLOAD_TYPE, payload, &[&KEY]);
        verified(signed.as_bytes(), "any")?;
        verified(payload, OPEN).map(|_| ())
    });
}

/// Canonical forms as the store returns them.
#[test]
fn canonical_forms() {
    let canonical = |payload: &Vec<u8>| -> Vec<u8> {
        let verified = VERIFIER.verify(payload, OPEN, now()).expect("a good statement");
        canonical::write(&verified[0].attestation).into_bytes()
    };
    let seeds: Vec<_> = STATEMENTS.iter().map(canonical).collect();
    let target = Target { name: "documents::canonical_forms", inputs: 4_000, mutate: mutation::text };
    target.run(&seeds, |input| {
        let Ok(text) = str::from_utf8(input) else { return Ok(()) };
        let Ok(read) = canonical::parse(text) else { return Ok(()) };
        let written = canonical::write(&read);
        match canonical::parse(&written) {
            Ok(again) if again == read => Ok(()),
            other => Err(format!("{written} is read back as {other:?}")),
        }
    });
}

/// Every byte of a file arrives once and in order, whatever separates the lines.
#[test]
fn json_lines() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("feed.jsonl");
    let lines =
        |from: usize| STATEMENTS.iter().skip(from).take(4).map(|line| line.as_slice()).collect::<Vec<_>>().join(&b'\n');
    let seeds = [lines(0), lines(4), lines(8), [lines(0), b"\r\n\r\n".to_vec(), lines(2)].concat()];
    let target = Target { name: "documents::json_lines", inputs: 1_000, mutate: mutation::text };
    target.run(&seeds, |input| {
        fs::write(&path, input).map_err(|error| error.to_string())?;
        let (sender, mut receiver) = tokio::sync::mpsc::channel(4_096);
        let feed: Arc<str> = OPEN.into();
        let (_running, stop) = tokio::sync::watch::channel(false);
        let unread = read_all(&feed, &[BulkSource::Path(path.clone())], ScanLimits::default(), sender, stop);
        if let Some((path, why)) = unread.named.first() {
            return Err(format!("{path}: {why}"));
        }
        let mut seen = 0;
        while let Ok(event) = receiver.try_recv() {
            let FeedEvent::Delivery(delivery) = event else { continue };
            for item in delivery.items {
                match item.body {
                    Body::Bytes(bytes) if bytes.len() <= MAX_ATTESTATION_BYTES => {
                        seen += bytes.len();
                        verified(&bytes, OPEN)?;
                    }
                    other => return Err(format!("{}: {other:?}", item.origin)),
                }
            }
        }
        let ends = input.iter().filter(|byte| byte.is_ascii_whitespace()).count();
        if (seen..=seen + ends).contains(&input.len()) {
            Ok(())
        } else {
            Err(format!("{seen} of {} bytes arrived", input.len()))
        }
    });
}

#[test]
fn keys() {
    let key = |algorithm| SigningKey::from_seed(algorithm, SEED);
    let both = [Algorithm::Ed25519, Algorithm::EcdsaP256].map(key);
    let mut seeds: Vec<_> = both.iter().map(|key| key.to_pem().expect("PEM").into_bytes()).collect();
    seeds.extend(both.iter().map(|key| key.public().to_pem().expect("PEM").into_bytes()));
    let target = Target { name: "documents::keys", inputs: 4_000, mutate: mutation::text };
    target.run(&seeds, |input| {
        let text = String::from_utf8_lossy(input);
        if let Ok(key) = SigningKey::from_pem(&text)
            && !key.public().verify(b"message", &key.sign(b"message"))
        {
            return Err("what it signs does not verify".to_owned());
        }
        if let Ok(key) = PublicKey::from_pem(&text)
            && PublicKey::from_pem(&key.to_pem().map_err(|error| error.to_string())?).ok().as_ref() != Some(&key)
        {
            return Err("it is not read back".to_owned());
        }
        Ok(())
    });
}

#[test]
fn signatures() {
    let both = [Algorithm::Ed25519, Algorithm::EcdsaP256].map(|algorithm| SigningKey::from_seed(algorithm, SEED));
    let good: Vec<_> = both.iter().map(|key| key.sign(b"message")).collect();
    let target = Target { name: "documents::signatures", inputs: 4_000, mutate: mutation::bytes };
    target.run(&good, |signature| {
        for (key, good) in both.iter().zip(&good) {
            // Ed25519 is verified strictly; of ECDSA there are several encodings of one signature, so only the message counts.
            let accepted = key.public().verify(b"message", signature);
            if accepted && key.algorithm() == Algorithm::Ed25519 && signature != good.as_slice() {
                return Err("another signature passes".to_owned());
            }
            if key.public().verify(b"another message", signature) {
                return Err("it passes for another message".to_owned());
            }
        }
        Ok(())
    });
}

#[test]
fn signatures_of_plugins() {
    let component = Digest::of(b"component");
    let component_signers = ComponentSigners::new(vec![("fuzz".into(), KEY.public())]);
    let good = component_signature::sign(&component, &[&KEY]);
    assert!(component_signers.check(&component, Some(&good)).is_ok());
    let target = Target { name: "documents::signatures_of_plugins", inputs: 4_000, mutate: mutation::text };
    target.run(&[good.into_bytes()], |input| {
        let text = String::from_utf8_lossy(input);
        if component_signers.check(&Digest::of(b"another"), Some(&text)).is_ok() {
            return Err("it passes for another component".to_owned());
        }
        match component_signers.check(&component, Some(&text)) {
            Err(error) if error.to_string().len() > MAX_REFUSAL_BYTES => Err("a long refusal".to_owned()),
            _ => Ok(()),
        }
    });
}
