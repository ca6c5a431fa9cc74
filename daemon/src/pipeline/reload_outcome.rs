//! What became of a reload, for whoever asks.

use crate::model::Instant;

/// What became of a reload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ReloadOutcome {
    /// The new configuration is in force.
    Taken,
    /// Something in it is wrong.
    Refused,
    /// It would stop too much evidence from counting, and waits until somebody asks for it.
    Guarded,
}

impl ReloadOutcome {
    /// Every outcome.
    pub(crate) const ALL: [Self; 3] = [Self::Taken, Self::Refused, Self::Guarded];

    /// The word for it in metrics and answers.
    #[must_use]
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Refused => "refused",
            Self::Guarded => "guarded",
        }
    }
}

/// How the last reload went, for whoever asks.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub(crate) struct LastReload {
    /// When it ended.
    pub at: Instant,
    /// What became of it.
    pub outcome: ReloadOutcome,
    /// What it changed, or why it was not taken.
    pub said: String,
}
