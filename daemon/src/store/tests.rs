//! The store as the daemon uses it: written by one, read by many, ended at any moment.

mod crash;
mod exposures;
mod faults;
mod intake;
mod scores;
mod sealed;
mod trouble;

use super::*;
use crate::model::{Attestation, Claims, Digest, Instant, Kind, Organisation, Trust};
use tempfile::TempDir;

const FEED: &str = "certificates";

/// A store in a directory of its own.
struct Bench {
    directory: TempDir,
}

impl Bench {
    fn new() -> Self {
        Self { directory: tempfile::tempdir().expect("a directory") }
    }

    fn path(&self) -> std::path::PathBuf {
        self.directory.path().join("store.db")
    }

    fn store(&self) -> Store {
        Store::open(&self.path(), &StoreOptions::default()).expect("the store opens")
    }

    fn reader(&self) -> Reader {
        Reader::open(&self.path()).expect("the store is read")
    }
}

fn at(seconds: i64) -> Instant {
    Instant::from_unix_seconds(1_750_000_000 + seconds)
}

fn digest(number: u32) -> Digest {
    Digest::of(&number.to_be_bytes())
}

/// Attestation `number`, signed by `signers`, found at `origin`.
fn attested(number: u32, signers: &[&str], origin: &str) -> Arrival {
    said(number, at(0), number, signers, origin)
}

/// Attestation `number`, issued at an instant, about the matter of this number.
fn said(number: u32, issued_at: Instant, matter: u32, signers: &[&str], origin: &str) -> Arrival {
    let envelope = format!("envelope {number}");
    come_as(number, issued_at, matter, signers, origin, envelope.as_bytes())
}

/// Attestation `number`, come as `envelope`.
fn arrival(number: u32, signers: &[&str], origin: &str, envelope: &[u8]) -> Arrival {
    come_as(number, at(0), number, signers, origin, envelope)
}

fn come_as(number: u32, issued_at: Instant, matter: u32, signers: &[&str], origin: &str, envelope: &[u8]) -> Arrival {
    let claims = Claims::parse(&Kind::EntityStatus, r#"{"status":"active"}"#).expect("claims");
    let attestation = Attestation {
        digest: digest(number),
        subject: Organisation::checked_before("GB-COH:09506232"),
        issuer: "Register".into(),
        issued_at,
        valid_from: issued_at,
        valid_until: None,
        trust: Trust::Authority,
        scope: None,
        claims,
        evidence: Vec::new(),
        supersedes: Vec::new(),
        handling: None,
    };
    let envelope = envelope.into();
    let signers = signers.iter().map(|signer| (*signer).into()).collect();
    let matter = digest(matter);
    Arrival::Attested(NewAttestation::new(&attestation, envelope, matter, signers, FEED.into(), origin.into()))
}

fn refused(bytes: &str, origin: &str) -> Arrival {
    let bytes = bytes.as_bytes().into();
    Arrival::Refused(RefusedArrival::whole(FEED.into(), origin.into(), "malformed", "it is no JSON: send JSON", bytes))
}

fn position(path: &str, offset_bytes: u64) -> FeedPosition {
    FeedPosition {
        feed: FEED.into(),
        path: path.into(),
        device: u64::MAX,
        inode: 1 << 63,
        offset_bytes,
        size_bytes: offset_bytes,
        modified_ns: -1,
        anchor: Digest::of(&offset_bytes.to_be_bytes()),
    }
}

fn intake(arrivals: Vec<Arrival>, seconds: i64) -> Intake {
    Intake { arrivals, positions: Vec::new(), forgotten: Vec::new(), stored_at: at(seconds) }
}

/// What a rebuild would see: number, digest's number within `0..known`, signers.
fn rebuilt(reader: &Reader, known_at: Option<Instant>) -> Vec<(i64, Digest, String)> {
    let mut all = Vec::new();
    reader
        .for_each_attestation::<StoreError>(known_at, |stored| {
            all.push((stored.id, stored.digest, stored.signers.join(" ")));
            Ok(())
        })
        .expect("a rebuild");
    all
}
