//! What a new score changes: before, after, which rule, which attestation, for rises and falls alike.

use super::{Level, Points, RuleStanding, Standing};
use crate::model::{BasisPoints, Digest, Instant, Organisation, Score, Trust};
use serde::{Deserialize, Serialize};
use std::{cmp::Reverse, collections::BTreeMap, fmt, sync::Arc};

/// Most attestations that the line for people names.
const MAX_ATTESTATIONS_NAMED: usize = 3;

/// One entry of an organisation's history. Its `Display` is one line for people:
/// `62.0 → 48.0 (−14.0): cyber-posture 90.0 → 0.0; +attestation 3fa9c0ffee12`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Whose score changed.
    pub organisation: Organisation,
    /// The instant of the new score.
    pub as_of: Instant,
    /// The earlier figures; `None`: this is the first score.
    pub before: Option<Level>,
    /// The new figures.
    pub after: Level,
    /// The rules that moved, the greatest movement first. Their contributions explain the movement of the risk exactly.
    pub rules: Vec<RuleChange>,
    /// The attestations that came or changed in trust, then those that went, by digest.
    pub attestations: Vec<AttestationChange>,
    /// The rules whose component was replaced.
    pub plugins: Vec<Arc<str>>,
    /// The digest of the policy, if it changed.
    pub policy: Option<Digest>,
}

/// How one rule moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleChange {
    /// The name of the rule.
    pub rule: Arc<str>,
    /// Its standing before; `None`: it did not run.
    pub before: Option<RuleStanding>,
    /// Its standing after; `None`: it no longer runs.
    pub after: Option<RuleStanding>,
}

/// How one attestation's part changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttestationChange {
    /// The digest of the attestation.
    pub digest: Digest,
    /// The trust that it had; `None`: it was not in force.
    pub before: Option<Trust>,
    /// The trust that it has; `None`: it is not in force any more.
    pub after: Option<Trust>,
}

/// What `after` changes: everything if it is the first score; `None` if only time, facts or findings changed, which makes no
/// history.
#[must_use]
pub fn change(before: Option<&Standing>, after: &Score) -> Option<Change> {
    let level = Level::of(after);
    let provenance = &after.provenance;
    let rules = differences(before.map_or(&[], |before| &before.rules), &RuleStanding::all_of(after));
    let attestations = differences(before.map_or(&[], |before| &before.attestations), &provenance.attestations);
    let plugins = before.map_or_else(Vec::new, |before| differences(&before.plugins, &provenance.plugins));
    let policy = before.and_then(|before| (before.policy != provenance.policy).then_some(provenance.policy));
    let as_before = before.is_some_and(|before| before.level == level)
        && rules.is_empty()
        && attestations.is_empty()
        && plugins.is_empty()
        && policy.is_none();
    if as_before {
        return None;
    }
    let mut rules: Vec<_> = rules.into_iter().map(|(rule, before, after)| RuleChange { rule, before, after }).collect();
    rules.sort_by_key(|rule| Reverse(rule.moved_bp().unsigned_abs()));
    let mut attestations: Vec<_> =
        attestations.into_iter().map(|(digest, before, after)| AttestationChange { digest, before, after }).collect();
    attestations.sort_by_key(|attestation| attestation.after.is_none());
    Some(Change {
        organisation: after.organisation.clone(),
        as_of: after.as_of,
        before: before.map(|before| before.level.clone()),
        rules,
        attestations,
        plugins: plugins.into_iter().map(|(rule, _, _)| rule).collect(),
        policy,
        after: level,
    })
}

/// The keys whose values differ, with both values, in order of the keys.
fn differences<K: Ord + Clone, V: PartialEq + Clone>(
    before: &[(K, V)],
    after: &[(K, V)],
) -> Vec<(K, Option<V>, Option<V>)> {
    let mut both: BTreeMap<&K, (Option<&V>, Option<&V>)> = BTreeMap::new();
    before.iter().for_each(|(key, value)| both.entry(key).or_default().0 = Some(value));
    after.iter().for_each(|(key, value)| both.entry(key).or_default().1 = Some(value));
    both.into_iter()
        .filter(|(_, (before, after))| before != after)
        .map(|(key, (before, after))| (key.clone(), before.cloned(), after.cloned()))
        .collect()
}

impl RuleChange {
    /// By how much its contribution moved.
    #[must_use]
    pub fn moved_bp(&self) -> i64 {
        let contribution = |standing: &Option<RuleStanding>| standing.as_ref().map_or(0, |rule| rule.contribution_bp);
        i64::from(contribution(&self.after)) - i64::from(contribution(&self.before))
    }

    /// Whether the rule itself answers differently; its contribution also moves when another rule does.
    #[must_use]
    pub fn answers_otherwise(&self) -> bool {
        let answer =
            |standing: &Option<RuleStanding>| standing.as_ref().map(|rule| (rule.outcome.clone(), rule.risk_bp));
        answer(&self.before) != answer(&self.after)
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.headline())?;
        let cause = self.cause();
        if cause.is_empty() { Ok(()) } else { write!(f, ": {cause}") }
    }
}

impl Change {
    /// By how much the risk moved; `None` when there was or is none.
    #[must_use]
    pub fn moved_bp(&self) -> Option<i64> {
        let before = self.before.as_ref()?.risk_bp?;
        Some(i64::from(self.after.risk_bp?) - i64::from(before))
    }

    /// Whether the risk or the band changed, so that a reader of the last score has to look again.
    #[must_use]
    pub fn moves(&self) -> bool {
        let before = self.before.as_ref().map(|before| (before.risk_bp, &before.band));
        before != Some((self.after.risk_bp, &self.after.band))
    }

    /// The movement: `62.0 → 48.0 (−14.0, high → elevated)`.
    #[must_use]
    pub fn headline(&self) -> String {
        let after = risk(self.after.risk_bp);
        let Some(before) = &self.before else { return format!("first score {after} ({})", self.after.band) };
        let movement = if before.risk_bp == self.after.risk_bp {
            format!("{after} as before")
        } else {
            format!("{} → {after}", risk(before.risk_bp))
        };
        let moved = self.moved_bp().filter(|moved| *moved != 0).map(signed);
        let rebanded = (before.band != self.after.band).then(|| format!("{} → {}", before.band, self.after.band));
        let notes: Vec<String> = moved.into_iter().chain(rebanded).collect();
        if notes.is_empty() { movement } else { format!("{movement} ({})", notes.join(", ")) }
    }

    /// Why: the rules that answer differently, the coverage, the attestations, what was loaded. Empty when only a
    /// contribution moved.
    #[must_use]
    pub fn cause(&self) -> String {
        self.causes().join("; ")
    }

    fn causes(&self) -> Vec<String> {
        let mut causes: Vec<String> =
            self.rules.iter().filter(|rule| rule.answers_otherwise()).map(ToString::to_string).collect();
        if let Some(before) = self.before.as_ref().filter(|before| before.coverage_bp != self.after.coverage_bp) {
            causes.push(format!("coverage {} → {} %", Points(before.coverage_bp), Points(self.after.coverage_bp)));
        }
        causes.extend(self.attestations.iter().take(MAX_ATTESTATIONS_NAMED).map(ToString::to_string));
        match self.attestations.len().saturating_sub(MAX_ATTESTATIONS_NAMED) {
            0 => {}
            1 => causes.push("1 more attestation".to_owned()),
            more => causes.push(format!("{more} more attestations")),
        }
        causes.extend(self.plugins.iter().map(|rule| format!("component of {rule} replaced")));
        causes.extend(self.policy.map(|policy| format!("policy {}", policy.short())));
        causes
    }
}

impl fmt::Display for RuleChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.before, &self.after) {
            (None, None) => f.write_str(&self.rule),
            (None, Some(after)) => write!(f, "{} {}", self.rule, answer(after)),
            (Some(before), None) => write!(f, "{} {} → no longer run", self.rule, answer(before)),
            (Some(before), Some(after)) => write!(f, "{} {} → {}", self.rule, answer(before), answer(after)),
        }
    }
}

impl fmt::Display for AttestationChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digest = self.digest.short();
        match (self.before, self.after) {
            (_, None) => write!(f, "−attestation {digest}"),
            (None, Some(_)) => write!(f, "+attestation {digest}"),
            (Some(before), Some(after)) => {
                write!(f, "attestation {digest} {} → {}", before.as_str(), after.as_str())
            }
        }
    }
}

fn answer(rule: &RuleStanding) -> String {
    match rule.risk_bp {
        Some(risk_bp) if &*rule.outcome == "scored" => Points(risk_bp).to_string(),
        _ => rule.outcome.to_string(),
    }
}

fn risk(risk_bp: Option<BasisPoints>) -> String {
    risk_bp.map_or_else(|| "unrated".to_owned(), |risk_bp| Points(risk_bp).to_string())
}

fn signed(moved_bp: i64) -> String {
    let sign = if moved_bp < 0 { '−' } else { '+' };
    format!("{sign}{}", Points(BasisPoints::try_from(moved_bp.unsigned_abs()).unwrap_or(BasisPoints::MAX)))
}
