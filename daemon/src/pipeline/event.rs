//! All that can wake the pipeline, beside time.

use super::plugins::PluginsReport;
use crate::{feed::FeedEvent, store::Reader};
use anyhow::Result;
use tokio::sync::oneshot;

/// Everything that can wake the pipeline, beside time.
#[derive(Debug)]
pub(crate) enum Event {
    /// A feed has read something, or has a problem.
    Feed(FeedEvent),
    /// Read the configuration, the policy and the keys again.
    Reload {
        /// Whether somebody asks for it, so that the guard does not apply; otherwise a file has changed.
        asked: bool,
        /// Where to send what became of it.
        reply: Option<oneshot::Sender<Result<String, String>>>,
    },
    /// Report the state of the rules.
    Plugins(oneshot::Sender<PluginsReport>),
    /// Try what is in quarantine again: these rows, or all.
    Retry(Option<Vec<i64>>, oneshot::Sender<Result<RetryDone, ItemsRefused>>),
    /// Set these items of the quarantine aside: they no longer wait.
    SetAside(Vec<i64>, oneshot::Sender<Result<usize, ItemsRefused>>),
    /// Finish what has arrived and end.
    Stop,
}

/// The result of a retry of quarantined items.
#[derive(Clone, Copy, Debug, Default, serde::Serialize, serde::Deserialize)]
pub(crate) struct RetryDone {
    /// Items tried again.
    pub tried: usize,
    /// Items that are attestations now.
    pub accepted: usize,
}

/// Why nothing was done with items of the quarantine.
#[derive(Debug)]
pub(crate) enum ItemsRefused {
    /// Some of them are not there.
    Unknown(UnknownItems),
    /// It failed, for this reason.
    Failed(String),
}

impl From<anyhow::Error> for ItemsRefused {
    fn from(error: anyhow::Error) -> Self {
        match error.downcast::<UnknownItems>() {
            Ok(unknown) => Self::Unknown(unknown),
            Err(error) => Self::Failed(format!("{error:#}")),
        }
    }
}

/// Items that are not in quarantine.
#[derive(Debug, thiserror::Error)]
#[error("there is no item {} in quarantine: `tierwatch quarantine list --all` lists them", self.named())]
pub(crate) struct UnknownItems(Vec<i64>);

impl UnknownItems {
    /// Whether all items `ids` are in the quarantine that `reader` reads.
    ///
    /// # Errors
    /// [`UnknownItems`] when some are not, or that of the store.
    pub(crate) fn none_of(reader: &Reader, ids: &[i64]) -> Result<()> {
        let unknown = reader.unknown_quarantined(ids)?;
        if unknown.is_empty() { Ok(()) } else { Err(Self(unknown).into()) }
    }

    /// Most items that the error text names.
    const MAX_NAMED: usize = 5;

    fn named(&self) -> String {
        let named = self.0.iter().take(Self::MAX_NAMED).map(ToString::to_string).collect::<Vec<_>>().join(", ");
        match self.0.len().saturating_sub(Self::MAX_NAMED) {
            0 => named,
            more => format!("{named} and {more} more"),
        }
    }
}
