//! A reload that is under way.

use super::{settings::Settings, telling::Moves};
use anyhow::Result;
use tokio::{sync::oneshot, task::JoinHandle};

/// A configuration that is being read.
#[derive(Default)]
pub(super) struct Reloading {
    pub(super) task: Option<JoinHandle<Result<Settings, String>>>,
    /// Whether somebody asked for it.
    pub(super) asked: bool,
    pub(super) waiting: Vec<ReloadReply>,
    /// A reload that was asked for, or caused by a file, while another was being read, perhaps too early to see the change.
    pub(super) again: Option<Again>,
}

/// A reload that follows the present one.
#[derive(Default)]
pub(super) struct Again {
    pub(super) asked: bool,
    pub(super) waiting: Vec<ReloadReply>,
}

/// The result of a configuration that was taken.
pub(super) struct Taken {
    pub(super) said: String,
    pub(super) moves: Moves,
}

/// Why a configuration that was read is not taken.
pub(super) enum NotTaken {
    /// Something in it is wrong.
    Refused(String),
    /// It would stop too much evidence from counting for nobody to have asked.
    Guarded(String),
}

impl Reloading {
    /// Waits for what is being read; forever when nothing is.
    pub(super) async fn read(&mut self) -> Result<Settings, String> {
        match &mut self.task {
            Some(task) => match task.await {
                Ok(read) => read,
                Err(panic) => Err(format!("reading it failed ({panic}): report this with the log")),
            },
            None => std::future::pending().await,
        }
    }
}

/// Where to send the result of a reload to whoever asked for it.
pub(super) type ReloadReply = oneshot::Sender<Result<String, String>>;
