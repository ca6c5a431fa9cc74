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
    /// Asked for, or caused by a file, while another was being read: it may have been read too early.
    pub(super) again: Option<Again>,
}

/// A reload that follows the present one.
#[derive(Default)]
pub(super) struct Again {
    pub(super) asked: bool,
    pub(super) waiting: Vec<ReloadReply>,
}

/// What a configuration that is taken came to.
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
    /// What was read; never, when nothing is being read.
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

/// Whoever asked for a reload and waits for what it came to.
pub(super) type ReloadReply = oneshot::Sender<Result<String, String>>;
