//! A written network is repeatable, verified by the daemon's own verifier, and refused where it must be.

use super::*;
use crate::{
    attest::{
        Verified, Verifier, VerifierOptions,
        kinds::Kinds,
        trust::{Grant, Key, TrustTable},
    },
    model::{Claims, Digest, Identifiers, Instant, Kind, Organisation},
    network::{Network, Statement},
};
use serde::Deserialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    sync::LazyLock,
};

fn today() -> Date {
    Date::new(2026, 3, 16).expect("a date")
}

/// Noon of the day that everything is relative to.
fn now() -> Instant {
    today().start().plus_seconds(12 * 3600)
}

fn write(options: &Options) -> (tempfile::TempDir, WrittenNetwork) {
    let dir = tempfile::tempdir().expect("a folder");
    let written = write_demo(dir.path(), options, &mut |_| {}).expect("a network");
    (dir, written)
}

/// The demonstration network, written once for all tests.
fn demo() -> &'static (tempfile::TempDir, WrittenNetwork) {
    static DEMO: LazyLock<(tempfile::TempDir, WrittenNetwork)> = LazyLock::new(|| write(&Options::demo(today())));
    &DEMO
}

/// Every file below `dir` by its path relative to it.
fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    fn walk(dir: &Path, root: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
        for entry in fs::read_dir(dir).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                walk(&path, root, found);
            } else {
                let name = path.strip_prefix(root).expect("below the root").display().to_string();
                found.insert(name, fs::read(&path).expect("a file"));
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(dir, dir, &mut found);
    found
}

#[derive(Deserialize)]
struct TrustFile {
    key: Vec<Key>,
    grant: Vec<Grant>,
}

fn verifier(dir: &Path) -> Verifier {
    let text = fs::read_to_string(dir.join("trust.toml")).expect("trust.toml");
    let file: TrustFile = toml::from_str(&text).expect("keys and grants");
    let (identifiers, kinds) = (Identifiers::default(), Kinds::default());
    let trust = TrustTable::new(&file.key, &file.grant, &identifiers, &kinds).expect("a trust table");
    Verifier::new(VerifierOptions { identifiers, kinds, trust, ..VerifierOptions::default() })
}

/// Verifies all that is good in the feed.
fn good(dir: &Path) -> Vec<Verified> {
    let verifier = verifier(dir);
    let mut all = Vec::new();
    for (name, bytes) in files(&dir.join("feed")) {
        if name.starts_with("received/") {
            continue;
        }
        for line in bytes.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()) {
            match verifier.verify(line, "demo", now()) {
                Ok(verified) => all.extend(verified),
                Err(refusal) => panic!("{name}: {refusal}: {}", String::from_utf8_lossy(line)),
            }
        }
    }
    all
}

#[test]
fn every_good_attestation_is_admitted_once() {
    let (dir, written) = demo();
    let all = good(dir.path());
    let digests: BTreeSet<Digest> = all.iter().map(|verified| verified.attestation.digest).collect();
    assert_eq!((digests.len(), all.len() as u64), (all.len(), written.attestations));
    let kinds: BTreeSet<Kind> = all.iter().map(|verified| verified.attestation.kind()).collect();
    for kind in ["revocation", "suspension", "incident", "supply.end_of_life", "cyber.cip", "clearance.personnel"] {
        assert!(kinds.contains(&Kind::named(kind)), "{kind} is missing");
    }
    let revoked = all.iter().filter_map(|verified| match &verified.attestation.claims {
        Claims::Revocation(withdrawal) | Claims::Suspension(withdrawal) => Some(withdrawal.digest),
        _ => None,
    });
    assert!(revoked.into_iter().all(|digest| digests.contains(&digest)), "what is revoked is in the feed");
    // One attestation supersedes another only where that is meant.
    let slots: BTreeSet<_> = all
        .iter()
        .filter(|verified| verified.attestation.is_valid_at(now()))
        .map(|Verified { attestation, .. }| {
            (
                attestation.issuer.clone(),
                attestation.subject.clone(),
                attestation.kind(),
                attestation.claims.discriminator(),
            )
        })
        .collect();
    let valid = all.iter().filter(|verified| verified.attestation.is_valid_at(now())).count();
    assert_eq!(slots.len(), valid, "two attestations in force share a slot");
}

#[test]
fn every_bad_input_is_refused_for_the_planted_reason() {
    let (dir, written) = demo();
    let verifier = verifier(dir.path());
    let known: BTreeSet<Digest> = good(dir.path()).iter().map(|verified| verified.attestation.digest).collect();
    for input in &written.bad_inputs {
        let bytes = fs::read(dir.path().join("feed").join(&input.file)).expect("the file");
        match (verifier.verify(&bytes, "demo", now()), input.reason) {
            (Err(refusal), Some(reason)) => assert_eq!(refusal.code(), reason, "{}: {refusal}", input.file),
            (Ok(same), None) => assert!(same.iter().all(|verified| known.contains(&verified.attestation.digest))),
            (answer, reason) => panic!("{}: {answer:?}, not {reason:?}", input.file),
        }
    }
    let reasons: BTreeSet<_> = written.bad_inputs.iter().map(|input| input.reason).collect();
    assert_eq!((written.bad_inputs.len(), reasons.len()), (9, 8));
}

#[test]
fn same_seed_same_bytes() {
    let options = Options { organisations: 250, ..Options::demo(today()) };
    let (one, _) = write(&options);
    let (two, _) = write(&options);
    assert!(files(one.path()) == files(two.path()), "two runs differ");
    let (other, _) = write(&Options { seed: 2, ..options });
    assert!(files(one.path()) != files(other.path()), "two seeds agree");
}

#[test]
fn the_demonstration_has_what_it_promises() {
    let (dir, written) = demo();
    assert!(written.organisations >= 300);
    assert_eq!(written.programmes, 6);
    assert!((200..=260).contains(&(written.sources * 100 / u64::from(written.organisations))), "{}", written.sources);
    let tiers: BTreeSet<u32> = tiers(&good(dir.path())).into_values().collect();
    assert_eq!(tiers.into_iter().collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
    let ids: Vec<&str> = written.stories.iter().map(|story| story.id).collect();
    for id in [
        "hidden-forge",
        "hidden-board-maker",
        "worst",
        "revoked",
        "one-parent",
        "end-of-life",
        "alias",
        "slow-recovery",
        "four-regions",
        "one-corridor",
        "held-through",
        "lapsing-soon",
        "renewed-early",
    ] {
        assert!(ids.contains(&id), "{id} is missing of {ids:?}");
    }
    assert_eq!(written.stories.len(), 41, "{ids:?}");
}

/// The least distance below a programme of everyone in the network.
fn tiers(all: &[Verified]) -> BTreeMap<Organisation, u32> {
    let edges: Vec<(Organisation, Organisation)> = all
        .iter()
        .filter_map(|verified| match &verified.attestation.claims {
            Claims::SupplySource(source) => Some((source.buyer.clone(), source.supplier.clone())),
            _ => None,
        })
        .collect();
    let mut tiers: BTreeMap<Organisation, u32> =
        edges.iter().filter(|edge| edge.0.is_programme()).map(|edge| (edge.0.clone(), 0)).collect();
    for tier in 0..5 {
        for (buyer, supplier) in &edges {
            if tiers.get(buyer) == Some(&tier) {
                tiers.entry(supplier.clone()).or_insert(tier + 1);
            }
        }
    }
    tiers
}

#[test]
fn everyone_reaches_a_programme() {
    let (dir, written) = demo();
    let organisations = tiers(&good(dir.path())).keys().filter(|organisation| !organisation.is_programme()).count();
    assert_eq!(organisations, written.organisations as usize);
}

#[test]
fn sizes_and_budgets() {
    let check = |organisations, per_organisation| {
        let attestations_per_organisation = Some(per_organisation);
        let options = Options { organisations, attestations_per_organisation, own_keys: 10, ..Options::demo(today()) };
        let (dir, written) = write(&options);
        assert_eq!(good(dir.path()).len() as u64, written.attestations);
        written.attestations / u64::from(organisations)
    };
    assert_eq!(check(20, 10), 11);
    assert_eq!(check(700, 1), 4);
    assert_eq!(check(700, 20), 20);
}

#[test]
fn the_replacement_is_good_and_about_the_worst() {
    let (dir, written) = demo();
    let worst = written.stories.iter().find(|story| story.id == "worst").expect("the worst");
    let file = written.replacement.as_deref().expect("a file");
    let (_, id) = worst.organisation.as_str().split_once(':').expect("an identifier");
    assert!(file.to_string_lossy().contains(id), "{}", file.display());
    let text = fs::read_to_string(dir.path().join(file)).expect("the file");
    let verifier = verifier(dir.path());
    let kinds: Vec<String> = text
        .lines()
        .flat_map(|line| verifier.verify(line.as_bytes(), "demo", now()).expect("admitted"))
        .map(|verified| verified.attestation.kind().to_string())
        .collect();
    assert_eq!(kinds, ["cyber.ce", "cyber.ceplus", "clearance.facility", "clearance.personnel"]);
}

#[test]
fn what_cannot_be_simulated_is_refused() {
    let demo = Options::demo(today());
    let check = |options: Options, expected: &str| {
        let dir = tempfile::tempdir().expect("a folder");
        let error = write_demo(dir.path(), &options, &mut |_| {}).map(|_| ()).map_err(|error| error.to_string());
        assert_eq!(error.err().as_deref(), Some(expected));
    };
    check(Options { organisations: 19, ..demo.clone() }, "cannot simulate 19 organisations: ask for 20 to 1000000");
    check(
        Options { attestations_per_organisation: Some(0), ..demo.clone() },
        "cannot simulate 0 attestations an organisation: ask for 1 to 1000",
    );
    let (dir, _) = write(&Options { organisations: 20, ..demo.clone() });
    let again = write_demo(dir.path(), &demo, &mut |_| {}).map(|_| ()).map_err(|error| error.to_string());
    assert!(again.is_err_and(|error| error.ends_with("so that two networks do not mix")));
}

/// The attestations make the network that the stories promise, according to the daemon's own analysis.
#[test]
fn the_network_shows_the_structural_stories() {
    let (dir, written) = demo();
    let network = network(&good(dir.path()));
    let world = staging::staged(&Options::demo(today()));
    for number in 0..written.organisations {
        let firm = world.firm(number);
        let (asked, facts) = (world.asked(&firm), network.facts(&firm.organisation));
        let headcount = facts.requirement.clearances.iter().map(|clearance| clearance.headcount).max().unwrap_or(0);
        assert_eq!(
            (facts.requirement.cyber_level, headcount),
            (Some(asked.cyber_level), asked.headcount),
            "{}",
            firm.name
        );
    }
    for story in &written.stories {
        let facts = network.facts(&story.organisation);
        for shown in &story.shows {
            match shown {
                story::Expectation::HiddenSinglePoint { programmes } => {
                    let hidden: BTreeSet<_> = facts
                        .impact
                        .single_point_of
                        .iter()
                        .filter(|loss| loss.hidden)
                        .map(|loss| &loss.programme)
                        .collect();
                    assert!(programmes.iter().all(|programme| hidden.contains(programme)), "{}: {hidden:?}", story.id);
                }
                story::Expectation::Finding { code: "SHARED_UPSTREAM" } => {
                    assert!(facts.needs.iter().any(|need| need.shared_upstream.is_some()), "{}", story.id);
                }
                _ => {}
            }
        }
    }
    let story = |id: &str| written.stories.iter().find(|story| story.id == id).expect("the story");
    let ownership = network.facts(&story("held-through").organisation).ownership.clone().expect("its owners are told");
    let abroad = ownership.countries.iter().find(|held| held.country.as_str() == "FR");
    assert_eq!(abroad.map(|held| held.effective_ppm), Some(300_000), "40 % of a holder of 75 %");
    let parents = story("one-parent");
    let worst = network.facts(&parents.organisation).needs.iter().map(|need| need.hhi_bp).max();
    assert_eq!(worst, Some(10_000));
}

/// The supply network of what is in force.
fn network(all: &[Verified]) -> Network {
    let mut said: BTreeMap<&Organisation, Vec<Statement>> = BTreeMap::new();
    for Verified { attestation, .. } in all.iter().filter(|verified| verified.attestation.is_valid_at(now())) {
        let statement = Statement::from_claims(&attestation.claims);
        said.entry(&attestation.subject).or_default().extend(statement);
    }
    let mut network = Network::default();
    for (subject, statements) in said {
        network.set(subject, statements);
    }
    network.settle();
    network
}
