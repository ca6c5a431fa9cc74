//! Requests of the command line to the running daemon, over its address.

use crate::{by_name, config::Config, http::ProblemDetails};
use anyhow::{Context as _, Result, bail};
use serde::{Serialize, de::DeserializeOwned};
use std::time::Duration;

/// How long an answer may take.
const MAX_ANSWER_WAIT: Duration = Duration::from_secs(120);

/// What the daemon answers to a question; `None` when there is no daemon.
pub(super) fn get<T: DeserializeOwned>(config: &Config, path: &str) -> Result<Option<T>> {
    match agent().get(&url(config, path)).call() {
        Ok(response) => understood(response).map(Some),
        Err(ureq::Error::Io(error)) if error.kind() == std::io::ErrorKind::ConnectionRefused => Ok(None),
        Err(error) => Err(unanswered(config, error)),
    }
}

/// What the daemon answers to a request.
pub(super) fn post<T: DeserializeOwned>(config: &Config, path: &str, body: &impl Serialize) -> Result<T> {
    let request = agent().post(&url(config, path)).header("content-type", "application/json");
    understood(request.send(serde_json::to_string(body)?).map_err(|error| unanswered(config, error))?)
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().timeout_global(Some(MAX_ANSWER_WAIT)).http_status_as_error(false).build().into()
}

fn url(config: &Config, path: &str) -> String {
    format!("http://{}{path}", config.listen)
}

fn unanswered(config: &Config, error: ureq::Error) -> anyhow::Error {
    let address = config.listen;
    match error {
        ureq::Error::Timeout(_) => anyhow::anyhow!(
            "the daemon at {address} has not answered for {MAX_ANSWER_WAIT:?}: it is still at work, and does what was asked when it \
             comes to it; its log and `http://{address}/readyz` say what it does"
        ),
        error => anyhow::Error::from(error)
            .context(format!("the daemon does not answer at {address}: is http.listen what it was started with?")),
    }
}

fn understood<T: DeserializeOwned>(mut response: ureq::http::Response<ureq::Body>) -> Result<T> {
    let text = response.body_mut().read_to_string()?;
    if !response.status().is_success() {
        let detail = by_name::json::<ProblemDetails>(&text).map_or(text, |problem| problem.detail);
        bail!("the daemon refused: {detail}");
    }
    by_name::json(&text).context("the daemon's answer is not understood: is it of this version?")
}
