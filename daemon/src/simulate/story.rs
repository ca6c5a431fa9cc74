//! What was planted in the demonstration network, and what the tool must make of it.

use crate::model::{BasisPoints, Date, Organisation};
use serde::Serialize;

/// One planted story.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Story {
    /// Its short name, as `hidden-forge`.
    pub id: &'static str,
    /// Whom it is about.
    pub organisation: Organisation,
    /// What that organisation is called.
    pub name: String,
    /// What was planted, in a sentence.
    pub planted: String,
    /// What the tool must show.
    pub shows: Vec<Expectation>,
}

/// Something that the tool must show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "expect", rename_all = "kebab-case")]
pub enum Expectation {
    /// A rule scores the organisation with exactly this risk.
    Risk {
        /// The name of the rule.
        rule: &'static str,
        /// Its own risk, before the policy weighs it.
        risk_bp: BasisPoints,
    },
    /// A rule answers with this outcome, as `unknown`.
    Outcome {
        /// The name of the rule.
        rule: &'static str,
        /// The word of the outcome.
        outcome: &'static str,
    },
    /// There is a finding with this code, of a rule or of the daemon itself.
    Finding {
        /// The code of the finding, as `SHARED_UPSTREAM`.
        code: &'static str,
    },
    /// The organisation alone brings these programmes down, and supplies none of them directly.
    HiddenSinglePoint {
        /// The programmes, sorted.
        programmes: Vec<Organisation>,
    },
    /// These names are one organisation.
    Merged {
        /// Its other name.
        alias: Organisation,
    },
    /// Evidence of this kind is among what is in force or in waiting.
    Evidence {
        /// The name of the kind.
        kind: &'static str,
    },
    /// A certificate holds today and not from this day on.
    LapsesOn {
        /// The first day without it.
        date: Date,
    },
}

/// One planted input that must not become an attestation in force twice, or at all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BadInput {
    /// Its path within the feed.
    pub file: String,
    /// What is wrong with it, in a sentence.
    pub planted: &'static str,
    /// The reason code in quarantine; `None`: a duplicate, which is accepted and changes nothing.
    pub reason: Option<&'static str>,
}
