//! What a policy makes of a supplier's assessments.

use super::{BasisPoints, Digest, Finding, Instant, Organisation, Outcome, Trust, claims::Text};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A supplier's score with everything that explains it. Equal inputs give equal bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Score {
    /// Whose score, by the name that stands for all its aliases.
    pub organisation: Organisation,
    /// Its registered name, where a profile says it.
    pub name: Option<Text>,
    /// Its other names, sorted.
    pub aliases: Vec<Organisation>,
    /// The instant that it speaks of.
    pub as_of: Instant,
    /// 0 (none) to 10 000 (worst); `None` when no rule applies.
    pub risk_bp: Option<BasisPoints>,
    /// The policy's word for that risk; `unrated` when no rule applies.
    pub band: Arc<str>,
    /// The weight of the rules that were scored, of all that apply.
    pub coverage_bp: BasisPoints,
    /// The weighted mean of the rules' confidence, unknown counting 0.
    pub confidence_bp: BasisPoints,
    /// The findings, as `RULE:CODE`, that the policy takes for a certain disruption, whatever the risk.
    pub certain: Vec<String>,
    /// One a rule, by rule name; they sum exactly to `risk_bp`.
    pub contributions: Vec<Contribution>,
    /// What the daemon itself found, as evidence in conflict.
    pub findings: Vec<Finding>,
    /// What the score was made from.
    pub provenance: Provenance,
}

/// One rule's part in a score.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contribution {
    /// Which rule.
    pub rule: Arc<str>,
    /// What it answered.
    pub outcome: Outcome,
    /// The risk that counted: the rule's own, or the policy's assumption where there is none; `None`: not applicable.
    pub risk_bp: Option<BasisPoints>,
    /// The policy's weight.
    pub weight: u32,
    /// Whether the policy makes it a gate.
    pub gate: bool,
    /// Its part of the score.
    pub contribution_bp: BasisPoints,
    /// What it found.
    pub findings: Vec<Finding>,
    /// The instant that the rule's answer speaks of, when the rule could not be asked again since.
    pub stale_since: Option<Instant>,
}

/// Everything a score was made from: enough to make it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// The digest over all that follows: the score's one name.
    pub digest: Digest,
    /// The attestations in force, with the trust they had, by digest.
    pub attestations: Vec<(Digest, Trust)>,
    /// Those that contradicted some of these and did not count.
    pub conflicts: Vec<ConflictDigests>,
    /// The network's facts.
    pub facts: Digest,
    /// The component of each rule that ran, by rule name.
    pub plugins: Vec<(Arc<str>, Digest)>,
    /// The rules that could not be asked, with the digest of the assessment that was kept of each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stale: Vec<(Arc<str>, Digest)>,
    /// The policy.
    pub policy: Digest,
    /// The instant that was asked about.
    pub as_of: Instant,
}

/// Which attestation counted, and which did not, where several valid ones claim different things of the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConflictDigests {
    /// The one that counts, among the attestations in force.
    pub winner: Digest,
    /// Those that do not, with the trust they had.
    pub others: Vec<(Digest, Trust)>,
}

impl Provenance {
    /// Binds the parts with one digest.
    #[must_use]
    pub fn new(
        attestations: Vec<(Digest, Trust)>,
        conflicts: Vec<ConflictDigests>,
        facts: Digest,
        plugins: Vec<(Arc<str>, Digest)>,
        stale: Vec<(Arc<str>, Digest)>,
        policy: Digest,
        as_of: Instant,
    ) -> Self {
        let mut bytes = Vec::with_capacity(33 * attestations.len() + 64 * plugins.len() + 128);
        bytes.extend_from_slice(b"tierwatch provenance v1\n");
        bytes.extend_from_slice(&as_of.unix_seconds().to_be_bytes());
        bytes.extend_from_slice(&policy.0);
        bytes.extend_from_slice(&facts.0);
        add_trusted(&mut bytes, &attestations);
        bytes.extend_from_slice(&count(conflicts.len()));
        for ConflictDigests { winner, others } in &conflicts {
            bytes.extend_from_slice(&winner.0);
            add_trusted(&mut bytes, others);
        }
        add_named(&mut bytes, &plugins);
        // Nothing follows, so that nothing kept is told from none kept by the length.
        if !stale.is_empty() {
            add_named(&mut bytes, &stale);
        }
        Self { digest: Digest::of(&bytes), attestations, conflicts, facts, plugins, stale, policy, as_of }
    }
}

fn add_named(bytes: &mut Vec<u8>, named: &[(Arc<str>, Digest)]) {
    bytes.extend_from_slice(&count(named.len()));
    for (name, digest) in named {
        bytes.extend_from_slice(&count(name.len()));
        bytes.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(&digest.0);
    }
}

/// Lengths come before what they count, so that no two lists of parts give the same bytes.
fn count(many: usize) -> [u8; 8] {
    u64::try_from(many).unwrap_or(u64::MAX).to_be_bytes()
}

fn add_trusted(bytes: &mut Vec<u8>, trusted: &[(Digest, Trust)]) {
    bytes.extend_from_slice(&count(trusted.len()));
    for (digest, trust) in trusted {
        bytes.extend_from_slice(&digest.0);
        bytes.push(*trust as u8);
    }
}
