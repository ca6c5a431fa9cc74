//! A folder with everything that a daemon needs: configuration, keys, policy, feed.

use crate::{
    command::{Answer, repository, tierwatch},
    daemon::Daemon,
    key::Key,
    watched::Watched,
};
use serde_json::Value;
use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
};
use tempfile::TempDir;

/// The address of a configuration until a daemon has taken one.
const ANY_ADDRESS: &str = "127.0.0.1:0";
/// The rules of [`Site::new`]'s policy.
const SMALL_RULES: [&str; 3] = ["clearance", "cyber-posture", "single-source"];
/// The feed of [`Site::new`].
const FEED: &str = "suppliers";

/// One installation of Tierwatch.
#[derive(Debug)]
pub struct Site {
    folder: TempDir,
}

impl Site {
    /// A site that trusts nobody, with the default policy reduced to three rules, and one empty feed, `suppliers`.
    ///
    /// # Panics
    /// When the temporary folder cannot be written.
    #[must_use]
    pub fn new() -> Self {
        let site = Self { folder: temporary() };
        fs::create_dir(site.path("feed")).expect("the folder is ours");
        fs::write(site.path("trust.toml"), "").expect("the folder is ours");
        fs::write(site.path("uk-mod.toml"), small_policy()).expect("the folder is ours");
        let files = "data_dir = \"data\"\npolicy = \"uk-mod.toml\"\ntrust = \"trust.toml\"\n";
        site.configure(&format!("{files}\n[[feeds]]\nname = \"{FEED}\"\npath = \"feed\"\n"));
        site
    }

    /// A site that `tierwatch simulate` makes: `organisations` with signed attestations in the feed `demo`.
    ///
    /// # Panics
    /// When the command fails.
    #[must_use]
    pub fn simulated(organisations: u32) -> Self {
        let site = Self { folder: temporary() };
        let count = organisations.to_string();
        let made = Answer::of(tierwatch().arg("simulate").arg(site.folder()).args(["--organisations", &count]));
        let _ = made.expect(0);
        let config = fs::read_to_string(site.path("tierwatch.toml")).expect("simulate wrote it");
        site.configure(&config);
        site
    }

    /// A site with the same configuration, keys and policy, and nothing else: no store, an empty feed.
    ///
    /// # Panics
    /// When a file cannot be copied.
    #[must_use]
    pub fn sibling(&self) -> Self {
        let site = Self { folder: temporary() };
        fs::create_dir(site.path("feed")).expect("the folder is ours");
        for file in ["tierwatch.toml", "trust.toml", "uk-mod.toml"] {
            fs::copy(self.path(file), site.path(file)).expect("the file is there");
        }
        site
    }

    /// Writes `config` with JSON logs, a free address, and reloads only when asked for.
    fn configure(&self, config: &str) {
        let config = format!(
            "{config}\n[http]\nlisten = \"{ANY_ADDRESS}\"\n\n[log]\nformat = \"json\"\n\n[reload]\nautomatic = false\n"
        );
        fs::write(self.path("tierwatch.toml"), config).expect("the folder is ours");
    }

    /// The folder with everything in it.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A path inside the folder.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    /// Replaces `old` by `new` in one of its files.
    ///
    /// # Panics
    /// When `old` is not there.
    pub fn edit(&self, file: &str, old: &str, new: &str) {
        let text = fs::read_to_string(self.path(file)).expect("the file is there");
        assert!(text.contains(old), "`{old}` is not in {file}:\n{text}");
        fs::write(self.path(file), text.replacen(old, new, 1)).expect("the folder is ours");
    }

    /// A new Ed25519 key that nobody trusts yet.
    #[must_use]
    pub fn key(&self, name: &str) -> Key {
        Key::make(self.folder(), name, "ed25519")
    }

    /// Appends `text` to the file of keys and grants.
    ///
    /// # Panics
    /// When the file cannot be written.
    pub fn trust(&self, text: &str) {
        append(&self.path("trust.toml"), text);
    }

    /// A key that is trusted as an authority in everything.
    #[must_use]
    pub fn authority(&self) -> Key {
        let key = self.key("authority");
        self.trust(&key.table("Test Authority"));
        self.trust(
            "\n[[grant]]\nname = \"authority\"\nsigners = [\"authority\"]\nkinds = \"all\"\ntrust = \"authority\"\n",
        );
        key
    }

    /// Puts a file into the feed in one step: written beside it, then renamed into it.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn put(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let beside = self.path("arriving");
        fs::write(&beside, bytes).expect("the folder is ours");
        fs::rename(beside, self.path("feed").join(name)).expect("the feed is there");
    }

    /// Adds to a file of the feed, as a log grows.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn grow(&self, name: &str, text: &str) {
        append(&self.path("feed").join(name), text);
    }

    /// Runs a command with this site's configuration, to its end.
    #[must_use]
    pub fn run(&self, arguments: &[&str]) -> Answer {
        Answer::of(
            tierwatch().arg("--config").arg(self.path("tierwatch.toml")).args(arguments).current_dir(self.folder()),
        )
    }

    /// Starts the daemon, ready or not. The configuration then holds its address, for commands that ask it.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn start(&self) -> Daemon {
        self.start_by(&mut tierwatch())
    }

    /// The same with these environment variables.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn start_with(&self, variables: &[(&str, &str)]) -> Daemon {
        self.start_by(tierwatch().envs(variables.iter().copied()))
    }

    /// The same by a command that ends with the binary, to which the rest is added.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn start_by(&self, command: &mut Command) -> Daemon {
        self.listen_on(ANY_ADDRESS);
        let daemon = Daemon::start(command.arg("--config").arg(self.path("tierwatch.toml")).arg("run"));
        self.listen_on(&daemon.address().to_string());
        daemon
    }

    /// Starts a command with this site's configuration and leaves it running.
    #[must_use]
    pub fn watch(&self, arguments: &[&str]) -> Watched {
        Watched::start(tierwatch().arg("--config").arg(self.path("tierwatch.toml")).args(arguments))
    }

    /// Starts the daemon and waits for nothing.
    #[must_use]
    pub fn starting(&self) -> Watched {
        Watched::start(tierwatch().arg("--config").arg(self.path("tierwatch.toml")).arg("run"))
    }

    fn listen_on(&self, address: &str) {
        let path = self.path("tierwatch.toml");
        let config = fs::read_to_string(&path).expect("there is a configuration");
        let line = |line: &str| {
            if line.starts_with("listen = ") { format!("listen = \"{address}\"") } else { line.to_owned() }
        };
        fs::write(path, config.lines().map(line).collect::<Vec<_>>().join("\n") + "\n").expect("the folder is ours");
    }

    /// The daemon, once everything that is in the feed is scored.
    ///
    /// # Panics
    /// When it does not become ready.
    #[must_use]
    pub fn start_ready(&self) -> Daemon {
        let daemon = self.start();
        daemon.wait_until_ready();
        daemon
    }

    /// `suppliers --output json`.
    ///
    /// # Panics
    /// When the command fails.
    #[must_use]
    pub fn suppliers(&self) -> Vec<Value> {
        array(self.run(&["suppliers", "--output", "json"]).json())
    }

    /// The risk of one supplier in basis points; `None` while it has no score.
    ///
    /// # Panics
    /// When the command fails.
    #[must_use]
    pub fn risk_bp(&self, organisation: &str) -> Option<u64> {
        let suppliers = self.suppliers();
        suppliers.iter().find(|supplier| supplier["organisation"] == organisation)?["risk_bp"].as_u64()
    }

    /// `quarantine list --output json`.
    ///
    /// # Panics
    /// When the command fails.
    #[must_use]
    pub fn quarantine(&self) -> Vec<Value> {
        array(self.run(&["quarantine", "list", "--output", "json"]).json())
    }

    /// The item that waits in quarantine whose origin begins with `origin`.
    ///
    /// # Panics
    /// When the command fails.
    #[must_use]
    pub fn quarantined(&self, origin: &str) -> Option<Value> {
        let is_from = |item: &Value| item["origin"].as_str().is_some_and(|from| from.starts_with(origin));
        self.quarantine().into_iter().find(is_from)
    }
}

impl Default for Site {
    fn default() -> Self {
        Self::new()
    }
}

/// The default policy, with only the rules for which the tests' small networks have evidence.
fn small_policy() -> String {
    let policy = fs::read_to_string(repository().join("rules/uk-mod.toml")).expect("there is a policy");
    let line = |line: &str| match line.strip_prefix("[rules.").and_then(|rest| rest.strip_suffix(']')) {
        Some(rule) if !SMALL_RULES.contains(&rule) && !rule.contains('.') => format!("{line}\nenabled = false\n"),
        _ => format!("{line}\n"),
    };
    policy.lines().map(line).collect()
}

pub(crate) fn temporary() -> TempDir {
    tempfile::Builder::new().prefix("tierwatch-test-").tempdir().expect("there is a temporary folder")
}

fn append(path: &Path, text: &str) {
    let mut file = fs::OpenOptions::new().append(true).create(true).open(path).expect("the folder is ours");
    file.write_all(text.as_bytes()).expect("there is space");
}

fn array(value: Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items,
        other => panic!("not an array: {other}"),
    }
}
