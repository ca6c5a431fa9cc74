//! Which folders are watched, and under which names their changed entries are read.

use super::{
    problem,
    root::{FeedRoot, FolderId},
};
use notify::{ErrorKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

/// The watched folders. Each is watched individually: notify's own recursion leaves a gap in which files go unseen.
pub(super) struct Watches {
    /// `None` where nothing is to be watched, or nothing can be.
    watcher: Option<RecommendedWatcher>,
    /// Why there is no watcher where there should be one.
    refusal: Option<String>,
    /// Every watched folder by the name under which it is watched, hidden ones included.
    folders: HashMap<String, FolderId>,
    /// The name under which a folder is read.
    read_as: HashMap<FolderId, String>,
    /// The links that lead to a file which is not read under its own name.
    links: HashMap<(FolderId, String), BTreeSet<String>>,
    is_deaf: bool,
    /// How often everything is read where not all can be watched.
    deaf_period: Duration,
}

impl Watches {
    /// Takes the watcher that the system gave, or why it gave none. Where not all can be watched, everything is read every
    /// `deaf_period`.
    pub(super) fn new(watcher: notify::Result<RecommendedWatcher>, deaf_period: Duration) -> Self {
        let none = Self { deaf_period, ..Self::none() };
        match watcher {
            Ok(watcher) => Self { watcher: Some(watcher), ..none },
            Err(error) => Self { refusal: Some(problem::not_watched(&error, deaf_period)), ..none },
        }
    }

    /// Watches nothing, and still knows which folders were read.
    pub(super) fn none() -> Self {
        let (folders, read_as, links) = (HashMap::new(), HashMap::new(), HashMap::new());
        let deaf_period = Duration::ZERO;
        Self { watcher: None, refusal: None, folders, read_as, links, is_deaf: false, deaf_period }
    }

    /// Whether a folder could not be watched since the last scan began.
    pub(super) fn is_deaf(&self) -> bool {
        self.is_deaf
    }

    /// Why nothing can be watched.
    pub(super) fn refusal(&self) -> Option<&str> {
        self.refusal.as_deref()
    }

    /// Notes that a scan of everything begins, which finds the links again.
    pub(super) fn begin_scan(&mut self) {
        self.links.clear();
        self.is_deaf = false;
    }

    /// Whether `name` is a watched folder.
    pub(super) fn holds(&self, name: &str) -> bool {
        self.folders.contains_key(name)
    }

    /// Whether the folder is already read under another name, through another link.
    pub(super) fn is_known_elsewhere(&self, root: &FeedRoot, name: &str, id: FolderId) -> bool {
        let other = self.read_as.get(&id).filter(|other| *other != name);
        other.is_some_and(|other| root.read_folder(other).is_ok_and(|(_, there)| there == id))
    }

    /// Watches a folder that is read as `name`.
    ///
    /// # Errors
    /// The sentence to report when it cannot be watched.
    pub(super) fn watch(&mut self, root: &FeedRoot, name: &str, id: FolderId) -> Result<(), String> {
        let before = self.folders.get(name).filter(|before| **before != id);
        if let Some(before) = before
            && self.read_as.get(before).is_some_and(|read_as| read_as == name)
        {
            self.read_as.remove(before);
        }
        self.read_as.insert(id, name.to_owned());
        self.add(root, name, id)
    }

    /// Watches the folder of a link's target `real`, which is read as `link`.
    ///
    /// # Errors
    /// The sentence to report when it cannot be watched.
    pub(super) fn watch_target(&mut self, root: &FeedRoot, real: &str, link: &str) -> Result<(), String> {
        let (folder, file) = split(real);
        // Gone meanwhile: the path to it was changed, which is an event too.
        let Ok((_, id)) = root.read_folder(folder) else { return Ok(()) };
        self.links.entry((id, file.to_owned())).or_default().insert(link.to_owned());
        let is_watched = self.read_as.contains_key(&id) || self.folders.get(folder) == Some(&id);
        if is_watched { Ok(()) } else { self.add(root, folder, id) }
    }

    /// Under which names the entry that changed at `name` is read.
    pub(super) fn names_of(&self, name: &str) -> Vec<String> {
        let (folder, file) = split(name);
        let mut names = vec![name.to_owned()];
        if let Some(id) = self.folders.get(folder) {
            if let Some(read_as) = self.read_as.get(id).filter(|read_as| *read_as != folder) {
                names.push(if read_as.is_empty() { file.to_owned() } else { format!("{read_as}/{file}") });
            }
            names.extend(self.links.get(&(*id, file.to_owned())).into_iter().flatten().cloned());
        }
        names
    }

    /// Forgets a folder that is gone, and all below it.
    pub(super) fn forget(&mut self, name: &str) {
        let below = format!("{name}/");
        let is_gone = |folder: &str| folder == name || folder.starts_with(&below);
        self.folders.retain(|folder, _| !is_gone(folder));
        self.read_as.retain(|_, folder| !is_gone(folder));
    }

    fn add(&mut self, root: &FeedRoot, name: &str, id: FolderId) -> Result<(), String> {
        let before = self.folders.insert(name.to_owned(), id);
        let Some(watcher) = &mut self.watcher else {
            self.is_deaf = self.refusal.is_some();
            return self.refusal.clone().map_or(Ok(()), Err);
        };
        let path = root.location().join(name);
        if before.is_some_and(|before| before != id) {
            // Another folder is here now; it is no error if the old one is gone already.
            let _ = watcher.unwatch(&path);
        }
        match watcher.watch(&path, RecursiveMode::NonRecursive) {
            Ok(()) => Ok(()),
            // Gone between listing and watching: the folder above reports it.
            Err(error) if matches!(error.kind, ErrorKind::PathNotFound) => Ok(()),
            Err(error) => {
                self.is_deaf = true;
                Err(problem::not_watched(&error, self.deaf_period))
            }
        }
    }
}

fn split(name: &str) -> (&str, &str) {
    name.rsplit_once('/').unwrap_or(("", name))
}
