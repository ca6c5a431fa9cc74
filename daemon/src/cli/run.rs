//! `tierwatch run`

use super::{done::Done, log::start_log};
use crate::{
    config::Config,
    daemon::{Daemon, Signals, listen, runtime},
    diagnostic::on_one_line,
};
use anyhow::{Context as _, Result};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};

pub(super) fn run(path: &Path) -> Result<Done> {
    let runtime = runtime()?;
    // This comes first, so that a signal during the start counts too.
    let signals = runtime.block_on(async { Signals::take() })?;
    let config = Config::read(path)?;
    start_log(&config.log)?;
    let ended = runtime.block_on(run_until_stopped(path.to_owned(), config, signals));
    runtime.shutdown_timeout(Duration::from_secs(1));
    Ok(ended.map_or_else(|error| told(&error), |()| Done::Fine))
}

/// Runs until stopped. An interrupted start ends at once: nothing is acknowledged yet, and the store is whole.
async fn run_until_stopped(path: PathBuf, config: Config, mut signals: Signals) -> Result<()> {
    let starting = tokio::spawn(async move {
        let listener = listen(config.listen).await?;
        Daemon::start(&path, config, listener).await
    });
    let daemon = tokio::select! {
        started = starting => started.context("the start panicked")??,
        () = signals.stop() => {
            tracing::info!("stopped before the start was over");
            return Ok(());
        }
    };
    daemon.until_stopped(signals).await.map(|_| ())
}

/// Says in the log why the daemon ends.
fn told(error: &anyhow::Error) -> Done {
    tracing::error!("{}", on_one_line(&format!("{error:#}")));
    Done::Failed
}
