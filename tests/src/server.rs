//! Debian's real Prometheus, scraping a daemon with the repository's own configuration.

use crate::{command::repository, daemon::get, watched::Watched};
use serde_json::Value;
use std::{fs, net::SocketAddr, process::Command};
use tempfile::TempDir;

/// The variable with which dashboards write "a few scrapes".
const RATE_INTERVAL: &str = "$__rate_interval";

/// A running Prometheus.
#[derive(Debug)]
pub struct Prometheus {
    _process: Watched,
    address: String,
    _folder: TempDir,
}

impl Prometheus {
    /// Starts one that scrapes `target` every second and has the alerts of `config/prometheus`.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn start(target: SocketAddr) -> Self {
        let folder = tempfile::tempdir().expect("there is a temporary folder");
        let config = repository().join("config/prometheus");
        let text = fs::read_to_string(config.join("prometheus.yml")).expect("there is a configuration");
        let text = text.replace("127.0.0.1:9470", &target.to_string()).replace(": 15s", ": 1s");
        fs::write(folder.path().join("prometheus.yml"), text).expect("the folder is ours");
        fs::copy(config.join("alerts.yml"), folder.path().join("alerts.yml")).expect("there are alerts");
        let flag = |name: &str, file: &str| format!("--{name}={}", folder.path().join(file).display());
        let process = Watched::start(
            Command::new("prometheus")
                .args([flag("config.file", "prometheus.yml"), flag("storage.tsdb.path", "data")])
                .arg("--web.listen-address=127.0.0.1:0"),
        );
        let address = process.line("the address of Prometheus", |line| {
            let (_, rest) = line.split_once("msg=\"Listening on\" address=")?;
            Some(rest.trim().to_owned())
        });
        process.line("its readiness", |line| line.contains("Server is ready to receive web requests").then_some(()));
        Self { _process: process, address, _folder: folder }
    }

    /// The answer of its HTTP interface.
    ///
    /// # Panics
    /// When it does not answer, or with an error.
    #[must_use]
    pub fn ask(&self, path: &str, query: &[(&str, &str)]) -> Value {
        let (status, body) = get(&format!("http://{}/api/v1/{path}", self.address), query);
        assert_eq!(status, 200, "{query:?}: {body}");
        serde_json::from_str::<Value>(&body).expect("it answers in JSON")["data"].take()
    }

    /// Whether `expression` has a number now; `NaN` is the quantile of an empty histogram.
    #[must_use]
    pub fn has_data(&self, expression: &str) -> bool {
        let expression = expression.replace(RATE_INTERVAL, "1m");
        let data = self.ask("query", &[("query", &expression)]);
        let samples = data["result"].as_array().cloned().unwrap_or_default();
        samples.iter().any(|sample| sample["value"][1].as_str().is_some_and(|value| value != "NaN"))
    }
}

/// The selectors of an expression: its metrics, each with its matchers, without ranges and offsets.
#[must_use]
pub fn selectors(expression: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = expression;
    while let Some(start) = rest.find(|c: char| c.is_ascii_alphabetic() || c == '_') {
        rest = &rest[start..];
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        let matchers = after.strip_prefix('{').and_then(|inside| inside.find('}')).map_or(0, |close| close + 2);
        if name == "up" || name.starts_with("tierwatch_") {
            found.push(format!("{name}{}", &after[..matchers]));
        }
        rest = &after[matchers..];
    }
    found.sort();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_are_found() {
        let check = |expression: &str, expected: &[&str]| assert_eq!(selectors(expression), expected, "{expression}");
        check("up{job=\"a\"} == 0 or absent(up{job=\"a\"})", &["up{job=\"a\"}"]);
        check("sum by (le) (rate(tierwatch_a_bucket[5m])) > 0.1", &["tierwatch_a_bucket"]);
        check(
            "tierwatch_b{hidden=\"true\"} offset 1h > 0 and on (job) tierwatch_ready",
            &["tierwatch_b{hidden=\"true\"}", "tierwatch_ready"],
        );
        check("vector(1)", &[]);
    }
}
