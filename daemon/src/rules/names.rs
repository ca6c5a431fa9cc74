//! Handles instead of names: what a rule only compares or repeats crosses as a number, and comes back as one.

use crate::model::{Argument, Organisation, claims::Text};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// A name that a handle stands for.
#[derive(Clone, Copy)]
pub(super) enum HandleName<'a> {
    Organisation(&'a Organisation),
    Text(&'a Arc<str>),
}

impl<'a> HandleName<'a> {
    /// Compares pointers first: most equal names share one text.
    fn is(self, other: Self) -> bool {
        let (one, other) = (self.as_str(), other.as_str());
        std::ptr::eq(one, other) || one == other
    }

    fn as_str(self) -> &'a str {
        match self {
            Self::Organisation(organisation) => organisation.as_str(),
            Self::Text(text) => text,
        }
    }

    fn argument(self) -> Argument {
        match self {
            Self::Organisation(organisation) => Argument::Organisation(organisation.clone()),
            Self::Text(text) => Argument::Text(Text(Arc::clone(text))),
        }
    }
}

/// Up to this many names of a subject are searched one by one: faster than hashing, and most subjects have fewer.
const MAX_SEARCHED: usize = 12;

/// The handles of a batch: each subject has its own, from 0, which is the subject itself.
#[derive(Default)]
pub(super) struct Handles<'a> {
    /// Of all subjects, one after the other.
    all: Vec<HandleName<'a>>,
    /// Where each subject's names start in `all`.
    starts: Vec<usize>,
    /// The current subject's other names, while they are few; they have handle 0 too.
    aliases: &'a [Organisation],
    /// The current subject's names by text, once there are more than [`MAX_SEARCHED`].
    handles: FxHashMap<&'a str, u32>,
}

impl<'a> Handles<'a> {
    /// Starts the next subject.
    pub(super) fn begin(&mut self, organisation: &'a Organisation, aliases: &'a [Organisation]) {
        self.starts.push(self.all.len());
        self.all.push(HandleName::Organisation(organisation));
        self.handles.clear();
        // Very many names cost their number once, not once for each name that the evidence mentions.
        let are_few = aliases.len() <= MAX_SEARCHED;
        self.aliases = if are_few { aliases } else { &[] };
        if !are_few {
            self.handles.extend(aliases.iter().chain([organisation]).map(|alias| (alias.as_str(), 0)));
        }
    }

    /// The current subject's handle of an organisation.
    pub(super) fn organisation(&mut self, organisation: &'a Organisation) -> u32 {
        if self.aliases.contains(organisation) { 0 } else { self.handle(HandleName::Organisation(organisation)) }
    }

    /// The current subject's handle of another text.
    pub(super) fn text(&mut self, text: &'a Arc<str>) -> u32 {
        if self.aliases.iter().any(|alias| alias.as_str() == &**text) { 0 } else { self.handle(HandleName::Text(text)) }
    }

    /// What a handle of the subject with this index in the batch stands for.
    pub(super) fn resolve(&self, subject: usize, handle: u32) -> Option<Argument> {
        let start = *self.starts.get(subject)?;
        let end = self.starts.get(subject + 1).copied().unwrap_or(self.all.len());
        let own = self.all.get(start..end)?;
        own.get(usize::try_from(handle).ok()?).map(|name| name.argument())
    }

    fn handle(&mut self, name: HandleName<'a>) -> u32 {
        let start = self.starts.last().copied().unwrap_or(0);
        let own = self.all.get(start..).unwrap_or_default();
        let next = as_handle(own.len());
        if self.handles.is_empty() && own.len() <= MAX_SEARCHED {
            if let Some(index) = own.iter().position(|known| known.is(name)) {
                return as_handle(index);
            }
        } else {
            if self.handles.is_empty() {
                self.handles.extend(own.iter().zip(0..).map(|(known, handle)| (known.as_str(), handle)));
            }
            let handle = *self.handles.entry(name.as_str()).or_insert(next);
            if handle != next {
                return handle;
            }
        }
        self.all.push(name);
        next
    }
}

/// A subject with 2³² names cannot be held in memory.
fn as_handle(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_names_have_equal_handles() {
        let organisations: Vec<_> =
            (0..40).map(|number| Organisation::checked_before(&format!("X:{number}"))).collect();
        let text: Arc<str> = "X:7".into();
        let mut names = Handles::default();
        for subject in 0..2 {
            names.begin(&organisations[0], &organisations[1..3]);
            for _ in 0..2 {
                let handles: Vec<_> = organisations.iter().map(|each| names.organisation(each)).collect();
                let expected: Vec<_> = [0, 0, 0].into_iter().chain(1..38).collect();
                assert_eq!(handles, expected);
            }
            assert_eq!(names.text(&text), 5);
            assert_eq!(names.resolve(subject, 5), Some(Argument::Organisation(organisations[7].clone())));
            assert_eq!(names.resolve(subject, 38), None);
        }
        // With many names of its own: all of them mean the subject.
        for _ in 0..2 {
            names.begin(&organisations[0], &organisations[1..30]);
            let handles: Vec<_> = organisations.iter().map(|each| names.organisation(each)).collect();
            assert_eq!(handles, [0; 30].into_iter().chain(1..11).collect::<Vec<_>>());
            assert_eq!(names.text(&text), 0);
        }
    }
}
