//! Parts of a configuration that cannot be meant: they are accepted, and `tierwatch check`, a start and a reload warn of them.

use super::{Config, Feed};
use crate::{
    attest::trust::{Grant, Key, Signers},
    diagnostic::spelling::nearest,
    model::{Identifiers, Organisation},
};
use std::path::PathBuf;

/// The feed that `tierwatch ingest` reads as, unless it is told otherwise.
pub(crate) const COMMAND_LINE_FEED: &str = "command-line";

/// Warnings about a configuration, each ending with the fix.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Warnings {
    /// Grants that can never match.
    pub trust: Vec<String>,
    /// Feeds that cannot be read, or are read twice.
    pub feeds: Vec<String>,
}

impl Warnings {
    /// All warnings, those about grants first.
    pub fn all(&self) -> impl Iterator<Item = &String> {
        self.trust.iter().chain(&self.feeds)
    }

    /// Writes them to the log.
    pub fn tell(&self) {
        self.all().for_each(|warning| tracing::warn!("{warning}"));
    }
}

/// The `grants` that can never match anything.
pub(super) fn of_grants(config: &Config, identifiers: &Identifiers, keys: &[Key], grants: &[Grant]) -> Vec<String> {
    let owners: Vec<Organisation> = keys.iter().filter_map(|key| identifiers.parse(&key.owner).ok()).collect();
    let mut warnings = Vec::new();
    for grant in grants {
        let name = &grant.name;
        if let Some(feed) = &grant.feed {
            warnings.extend(unknown_feed(name, feed, &config.feeds));
        }
        let speaks = |owner: &Organisation| grant.about.iter().any(|about| covers(about, owner, identifiers));
        if grant.signers == Some(Signers::Subject) && !owners.iter().any(speaks) {
            warnings.push(format!(
                "the grant `{name}` lets subjects speak about themselves, and no [[key]] has an owner that it is about: add \
                 the key of one, its owner written as SCHEME:ID, or remove the grant"
            ));
        }
    }
    warnings
}

/// Feeds whose folders are missing, are no folders, or contain one another.
pub(crate) fn of_feeds(feeds: &[Feed]) -> Vec<String> {
    let mut warnings = Vec::new();
    let mut directories: Vec<(&Feed, PathBuf)> = Vec::new();
    for feed in feeds {
        let (name, path) = (&feed.name, feed.path.display());
        match std::fs::canonicalize(&feed.path) {
            Ok(directory) if directory.is_dir() => directories.push((feed, directory)),
            Ok(_) => warnings.push(format!("the feed `{name}` watches {path}, which is no folder: correct its path")),
            Err(error) => warnings.push(format!(
                "the feed `{name}` watches {path}, which cannot be read ({error}): create or mount it, or correct its path"
            )),
        }
    }
    for (nth, (one, directory)) in directories.iter().enumerate() {
        for (other, other_directory) in &directories[nth + 1..] {
            let (outer, inner) = match (other_directory.starts_with(directory), directory.starts_with(other_directory))
            {
                (true, _) => (one, other),
                (_, true) => (other, one),
                _ => continue,
            };
            warnings.push(format!(
                "the feed `{}` reads the folder of the feed `{}` too, {}: what is in it is read twice, and by `{}` under \
                 other grants; give each feed a folder of its own",
                outer.name,
                inner.name,
                inner.path.display(),
                outer.name
            ));
        }
    }
    warnings
}

fn unknown_feed(grant: &str, feed: &str, feeds: &[Feed]) -> Option<String> {
    if feed == COMMAND_LINE_FEED || feeds.iter().any(|known| known.name == *feed) {
        return None;
    }
    let names: Vec<&str> = feeds.iter().map(|feed| &*feed.name).collect();
    let meant = nearest(feed, &names).map(|near| format!(" (did you mean `{near}`?)")).unwrap_or_default();
    Some(format!(
        "the grant `{grant}` is for the feed `{feed}`, which there is not{meant}: correct it, or add the feed under \
         [[feeds]]; only `tierwatch ingest --feed {feed}` comes under it now"
    ))
}

fn covers(about: &str, owner: &Organisation, identifiers: &Identifiers) -> bool {
    match about.strip_suffix('*') {
        Some(prefix) => identifiers.parse_prefix(prefix).is_some_and(|prefix| owner.as_str().starts_with(&prefix)),
        None => identifiers.parse(about).is_ok_and(|exact| exact == *owner),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn config(text: &str) -> Config {
        let whole = format!("data_dir = \"d\"\npolicy = \"p\"\ntrust = \"t\"\n{text}");
        Config::parse("tierwatch.toml", &whole, Path::new("")).expect("it is good")
    }

    /// The warnings about one grant; `None`: none.
    fn check(grant: &str, want: Option<&str>) {
        #[derive(serde::Deserialize)]
        struct File {
            grant: Vec<Grant>,
        }
        let config = config("[[feeds]]\nname = \"suppliers\"\npath = \"s\"\n");
        let text = format!("[[grant]]\nname = \"g\"\ntrust = \"unsigned\"\n{grant}");
        let file: File = toml::from_str(&text).expect("a grant");
        let key = Key { name: "k".into(), owner: "GB-COH:09506232".into(), public_key: String::new() };
        let identifiers = Identifiers::new(config.attestations.schemes.clone());
        let warnings = of_grants(&config, &identifiers, &[key], &file.grant);
        assert_eq!(warnings.len(), usize::from(want.is_some()), "{grant}: {warnings:?}");
        let said = warnings.first().map_or("", String::as_str);
        assert!(said.contains(want.unwrap_or_default()), "{grant}: {said}");
    }

    #[test]
    fn grants_that_can_never_match_are_told() {
        check("feed = \"suppliers\"", None);
        check("feed = \"command-line\"", None);
        check("feed = \"supliers\"", Some("(did you mean `suppliers`?)"));
        check("feed = \"elsewhere\"", Some("which there is not: correct it"));
        check("signers = \"subject\"", None);
        check("signers = \"subject\"\nabout = [\"GB-COH:9506232\"]", None);
        check("signers = \"subject\"\nabout = [\"gb-coh:09*\"]", None);
        check("signers = \"subject\"\nabout = [\"XI-LEI:*\"]", Some("no [[key]] has an owner that it is about"));
    }

    #[test]
    fn feeds_that_are_not_there_or_lie_in_one_another_are_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir_all(at("outer/inner")).expect("made");
        std::fs::create_dir(at("outer-beside")).expect("made");
        std::os::unix::fs::symlink(at("outer/inner"), at("link")).expect("linked");
        std::fs::write(at("file"), "").expect("written");
        let check = |paths: &[&str], want: &[&str]| {
            let feed = |(nth, path): (usize, &&str)| Feed { name: format!("f{nth}"), path: at(path) };
            let warnings = of_feeds(&paths.iter().enumerate().map(feed).collect::<Vec<_>>());
            assert_eq!(warnings.len(), want.len(), "{paths:?}: {warnings:?}");
            for (warning, want) in warnings.iter().zip(want) {
                assert!(warning.contains(want), "{paths:?}: {warning}");
            }
        };
        check(&["outer", "outer-beside"], &[]);
        check(&["outer", "outer/inner"], &["the feed `f0` reads the folder of the feed `f1` too"]);
        check(&["link", "outer-beside", "outer"], &["the feed `f2` reads the folder of the feed `f0` too"]);
        check(&["outer", "outer"], &["the feed `f0` reads the folder of the feed `f1` too"]);
        check(&["none", "file"], &["cannot be read", "which is no folder"]);
    }
}
