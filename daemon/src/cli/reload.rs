//! `tierwatch reload`

use super::{
    ask_daemon,
    done::Done,
    output::{Output, print_json, print_text},
};
use crate::{
    config::Config,
    http::{ReloadRequest, Reloaded},
};
use anyhow::Result;
use std::path::Path;

/// Asks the running daemon to reload, and prints the result.
pub(super) fn reload(path: &Path, output: Output) -> Result<Done> {
    let config = Config::read(path)?;
    let reloaded: Reloaded = ask_daemon::post(&config, "/v1/reload", &ReloadRequest {})?;
    match output {
        Output::Json => print_json(&reloaded)?,
        _ => print_text(&format!("{}\n", reloaded.said))?,
    }
    Ok(Done::Fine)
}
