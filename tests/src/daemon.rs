//! A running daemon.

use crate::{eventually, exposition::Exposition, watched::Watched};
use rustix::process::Signal;
use serde_json::Value;
use std::{
    net::SocketAddr,
    process::{Command, ExitStatus},
    time::Duration,
};

/// How long one HTTP request may take.
const MAX_REQUEST_TIME: Duration = Duration::from_secs(30);

/// A daemon with its address and its log.
#[derive(Debug)]
pub struct Daemon {
    process: Watched,
    address: SocketAddr,
}

impl Daemon {
    /// Starts one that logs in JSON, and waits for its address.
    pub(crate) fn start(command: &mut Command) -> Self {
        let process = Watched::start(command);
        let address = process.line("the address", |line| {
            let line: Value = serde_json::from_str(line).ok()?;
            line["fields"]["address"].as_str()?.parse().ok()
        });
        Self { process, address }
    }

    /// The address on which it answers.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The process, for its log.
    #[must_use]
    pub fn process(&self) -> &Watched {
        &self.process
    }

    /// Asks it over HTTP: the status and the body.
    ///
    /// # Panics
    /// When it does not answer.
    #[must_use]
    pub fn get(&self, path: &str) -> (u16, String) {
        get(&format!("http://{}{path}", self.address), &[])
    }

    /// Scrapes its metrics.
    ///
    /// # Panics
    /// When it does not answer.
    #[must_use]
    pub fn metrics(&self) -> Exposition {
        let (status, text) = self.get("/metrics");
        assert_eq!(status, 200, "{text}");
        Exposition::new(text)
    }

    /// Waits until everything that was in the feeds at the start is scored.
    ///
    /// # Panics
    /// When that takes too long.
    pub fn wait_until_ready(&self) {
        eventually("readiness", || (self.get("/readyz").0 == 200).then_some(()));
    }

    /// Waits until the series `name` with `labels` is at least `least`.
    ///
    /// # Panics
    /// When that takes too long.
    pub fn wait_for_metric(&self, name: &str, labels: &[&str], least: f64) {
        let what = format!("{name}{labels:?} of {least}");
        eventually(&what, || self.metrics().sum(name, labels).filter(|value| *value >= least));
    }

    /// Makes it read its configuration again (SIGHUP), and waits until it has taken or refused it.
    ///
    /// # Panics
    /// When it does neither.
    pub fn reload(&self) {
        let reloads = || self.metrics().sum("tierwatch_reloads_total", &[]).unwrap_or_default();
        let before = reloads();
        self.process.signal(Signal::HUP);
        eventually("the reload", || (reloads() > before).then_some(()));
    }

    /// Asks it to end (SIGTERM), and waits for its end.
    ///
    /// # Panics
    /// When it does not end.
    pub fn stop(&mut self) -> ExitStatus {
        self.process.signal(Signal::TERM);
        self.process.wait()
    }

    /// Ends it at once, as a crash would (SIGKILL).
    pub fn kill(&mut self) {
        self.process.kill();
    }
}

/// The status and body of a GET with `query`.
pub(crate) fn get(url: &str, query: &[(&str, &str)]) -> (u16, String) {
    let config = ureq::Agent::config_builder().timeout_global(Some(MAX_REQUEST_TIME)).http_status_as_error(false);
    let agent: ureq::Agent = config.build().into();
    let request = query.iter().fold(agent.get(url), |request, (key, value)| request.query(*key, *value));
    let mut response = request.call().unwrap_or_else(|error| panic!("{url} does not answer: {error}"));
    let body = response.body_mut().read_to_string().expect("the body is text");
    (response.status().as_u16(), body)
}
