//! What a feed cannot or does not read: reported once while it lasts, counted at every scan, and named up to a limit.

use super::{MAX_UNREAD_NAMED, Unread, problem};
use std::collections::{BTreeMap, BTreeSet};

/// Most problems of files that one scan reports one by one; the others are counted at the scan's end.
const MAX_TOLD: usize = 100;

/// Problems that were noted and still last.
#[derive(Debug, Default)]
pub(super) struct NotedProblems {
    /// By file, or by sentence where it is about the feed itself, with the scan that saw it last.
    noted: BTreeMap<String, Noted>,
    /// Files that feeds ignore because of their names, as met since the present or last scan began: a folder may be listed more
    /// than once in that time.
    ignored: BTreeSet<String>,
    told: usize,
    scan: u64,
}

#[derive(Debug)]
struct Noted {
    sentence: String,
    is_file: bool,
    scan: u64,
}

impl NotedProblems {
    /// Notes that a scan of everything begins.
    pub(super) fn begin_scan(&mut self) {
        self.scan += 1;
        self.told = 0;
        self.ignored.clear();
    }

    /// Notes that the scan ended: problems that it did not see again are over.
    pub(super) fn end_scan(&mut self) {
        self.noted.retain(|_, noted| noted.scan == self.scan);
    }

    /// Notes a problem of a file, or of the feed itself (`""`); returns whether to report it now.
    pub(super) fn note(&mut self, name: &str, sentence: &str) -> bool {
        // The feed itself may have several, a file has one.
        let (key, is_file) = if name.is_empty() { (sentence, false) } else { (name, true) };
        let noted = Noted { sentence: sentence.to_owned(), is_file, scan: self.scan };
        let before = self.noted.insert(key.to_owned(), noted);
        if before.is_some_and(|before| before.sentence == sentence) {
            return false;
        }
        self.told += 1;
        !is_file || self.told <= MAX_TOLD
    }

    /// Notes that the problem of a file, if it has one, still lasts.
    pub(super) fn see_again(&mut self, name: &str) {
        if let Some(noted) = self.noted.get_mut(name) {
            noted.scan = self.scan;
        }
    }

    /// Notes that the problem of a file is over.
    pub(super) fn remove(&mut self, name: &str) {
        self.noted.remove(name);
        self.ignored.remove(name);
    }

    /// Notes a file that feeds ignore because of its name.
    pub(super) fn ignore(&mut self, name: &str) {
        self.ignored.insert(name.to_owned());
    }

    /// Everything that is left unread.
    pub(super) fn unread(&self) -> Unread {
        let problems = || self.noted.iter().filter(|(_, noted)| noted.is_file);
        let mut named: Vec<(String, String)> =
            problems().take(MAX_UNREAD_NAMED).map(|(name, noted)| (name.clone(), noted.sentence.clone())).collect();
        let ignored = self.ignored.iter().take(MAX_UNREAD_NAMED);
        named.extend(ignored.map(|name| (name.clone(), problem::IGNORED.to_owned())));
        named.sort_unstable();
        named.truncate(MAX_UNREAD_NAMED);
        Unread { files: (problems().count() + self.ignored.len()) as u64, named }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_ignored_counts_once_a_scan_however_often_its_folder_is_listed() {
        let mut problems = NotedProblems::default();
        problems.begin_scan();
        // In another order than by name, as folders are listed.
        for number in (0..150).rev() {
            problems.ignore(&format!("{number:03}.txt"));
        }
        problems.end_scan();
        // A change in the folder has it listed again.
        (0..150).for_each(|number| problems.ignore(&format!("{number:03}.txt")));
        problems.note("bad.json", "it cannot be read");
        let Unread { files, named } = problems.unread();
        assert_eq!((files, named.len()), (151, MAX_UNREAD_NAMED));
        assert_eq!((&*named[0].0, &*named[99].0), ("000.txt", "099.txt"), "the first by name");
        problems.remove("000.txt");
        assert_eq!(problems.unread().files, 150);
        problems.begin_scan();
        problems.end_scan();
        assert_eq!(problems.unread(), Unread::default());
    }
}
