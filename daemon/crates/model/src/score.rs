//! What a policy makes of a supplier's assessments.

use super::{BasisPoints, Digest, Finding, Instant, Organisation, Outcome, Trust, claims::Text};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A supplier's score with everything that explains it. Equal inputs give equal bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Score {
    /// The organisation, by the name that stands for all its aliases.
    pub organisation: Organisation,
    /// Its registered name, where a profile states one.
    pub name: Option<Text>,
    /// Its other names, sorted.
    pub aliases: Vec<Organisation>,
    /// The instant for which it was made.
    pub as_of: Instant,
    /// 0 (none) to 10 000 (worst); `None` when no rule applies.
    pub risk_bp: Option<BasisPoints>,
    /// The policy's name for the band of that risk; `unrated` when no rule applies.
    pub band: Arc<str>,
    /// The weight of the scored rules, as a part of 10 000 of all that apply.
    pub coverage_bp: BasisPoints,
    /// The weighted mean of the rules' confidence, 0 to 10 000, where unknown counts 0.
    pub confidence_bp: BasisPoints,
    /// The findings, as `RULE:CODE`, that the policy treats as certain disruption, whatever the risk.
    pub certain: Vec<String>,
    /// One for each rule, by rule name; they sum exactly to `risk_bp`.
    pub contributions: Vec<Contribution>,
    /// The daemon's own findings, as of conflicting evidence.
    pub findings: Vec<Finding>,
    /// What the score was made from.
    pub provenance: Provenance,
}

/// One rule's part in a score.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contribution {
    /// The rule's name in the policy.
    pub rule: Arc<str>,
    /// The outcome of the rule.
    pub outcome: Outcome,
    /// The risk that counted: the rule's own, or the policy's assumption where there is none; `None`: not applicable.
    pub risk_bp: Option<BasisPoints>,
    /// The rule's weight in the policy, 1 to 100.
    pub weight: u32,
    /// Whether the policy makes it a gate.
    pub gate: bool,
    /// Its part of the score, in basis points.
    pub contribution_bp: BasisPoints,
    /// The findings of the rule, in its order.
    pub findings: Vec<Finding>,
    /// The instant that the rule was asked about, if it could not be asked again since then.
    pub stale_since: Option<Instant>,
}

/// Everything a score was made from: enough to make it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// The digest over all that follows: the score's one name.
    pub digest: Digest,
    /// The attestations in force, with the trust they had, by digest.
    pub attestations: Vec<(Digest, Trust)>,
    /// Attestations that contradicted some of these and did not count.
    pub conflicts: Vec<ConflictDigests>,
    /// The digest of the network's facts.
    pub facts: Digest,
    /// The component of each rule that ran, by rule name.
    pub plugins: Vec<(Arc<str>, Digest)>,
    /// The rules that could not be asked, with the digest of the assessment that was kept of each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stale: Vec<(Arc<str>, Digest)>,
    /// The digest of the policy's text.
    pub policy: Digest,
    /// The instant for which the score was made.
    pub as_of: Instant,
}

/// Which attestation counted, and which did not, where several valid ones contradict each other on one matter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConflictDigests {
    /// The one that counts, among the attestations in force.
    pub winner: Digest,
    /// The ones that do not, with the trust they had.
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

/// A length, written before the items that it counts, so that different lists give different bytes.
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
