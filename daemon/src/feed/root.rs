//! The feed's folder, opened once; whatever is opened through it is inside it, however links are swapped meanwhile.
//!
//! `openat2` with `RESOLVE_BENEATH` refuses every path that leaves the folder, in the kernel, so there is no moment between
//! a check and an open. It also refuses absolute links that lead back inside; those are resolved by hand and the result is
//! opened in the same way.

use super::position::FileState;
use rustix::{
    fs::{Dir, FileType, Mode, OFlags, ResolveFlags, fstat, openat2},
    io::Errno,
};
use std::{
    fs::{self, File},
    io,
    os::fd::{AsRawFd as _, OwnedFd},
    path::{Path, PathBuf},
};

/// How often an open is tried again when a rename got in its way.
const MAX_OPEN_TRIES: usize = 16;

/// Why something in the folder cannot be opened.
#[derive(Debug)]
pub(super) enum OpenError {
    /// It is not there (any more), or a link to it dangles.
    Missing,
    /// A link leads out of the folder.
    Leaves,
    /// The system refuses to open it.
    Io(io::Error),
}

/// What is at a path, the last link not followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Probe {
    pub(super) kind: EntryKind,
    pub(super) state: FileState,
}

/// The kinds of directory entries that matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EntryKind {
    File,
    Folder,
    Link,
    /// A pipe, a socket, a device.
    Other,
}

/// Identifies a folder on this machine while it exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct FolderId {
    device: u64,
    inode: u64,
}

/// The feed's folder.
pub(super) struct FeedRoot {
    folder: OwnedFd,
    id: FolderId,
    location: PathBuf,
}

impl FeedRoot {
    /// Opens the folder at `path`, itself reached over any links.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let folder = rustix::fs::open(path, flags, Mode::empty())?;
        let stat = fstat(&folder)?;
        let location = location(&folder)?;
        let root = Self { folder, id: FolderId::of(&FileState::of(&stat)), location };
        // This reports at the start, rather than with every file, that the system call is missing.
        root.open_once(".", OFlags::PATH).map_err(|errno| match errno {
            Errno::NOSYS | Errno::PERM => io::ErrorKind::Unsupported.into(),
            errno => io::Error::from(errno),
        })?;
        Ok(root)
    }

    /// The real path of the folder, without links.
    pub(super) fn location(&self) -> &Path {
        &self.location
    }

    /// Whether `path` still leads to this folder.
    pub(super) fn is_at(&self, path: &Path) -> bool {
        let there = rustix::fs::stat(path).map(|stat| FolderId::of(&FileState::of(&stat)));
        there == Ok(self.id) && location(&self.folder).is_ok_and(|location| location == self.location)
    }

    /// What is at `name`, its last link not followed.
    pub(super) fn probe(&self, name: &str) -> Result<Probe, OpenError> {
        probe(&self.open_beneath(name, OFlags::PATH | OFlags::NOFOLLOW)?)
    }

    /// What `name` leads to over links, and its name without any of them.
    pub(super) fn resolve(&self, name: &str) -> Result<(String, Probe), OpenError> {
        let target = self.open_beneath(name, OFlags::PATH)?;
        let probe = probe(&target)?;
        let location = location(&target).map_err(OpenError::Io)?;
        // It is outside only if the folder or the target was moved at this moment; the next event leads here again.
        let inside = location.strip_prefix(&self.location).map_err(|_| OpenError::Missing)?;
        let real = inside.to_str().ok_or(OpenError::Missing)?;
        Ok((real.to_owned(), probe))
    }

    /// Opens a file for reading. A pipe or a device does not block it; the state tells what was opened.
    pub(super) fn read_file(&self, name: &str) -> Result<(File, Probe), OpenError> {
        let file = self.open_beneath(name, OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY)?;
        let probe = probe(&file)?;
        Ok((file.into(), probe))
    }

    /// Opens a folder for listing; `""` is the feed's own.
    pub(super) fn read_folder(&self, name: &str) -> Result<(Dir, FolderId), OpenError> {
        let folder = self.open_beneath(name, OFlags::RDONLY | OFlags::DIRECTORY)?;
        let id = FolderId::of(&probe(&folder)?.state);
        let listing = Dir::new(folder).map_err(|errno| OpenError::Io(errno.into()))?;
        Ok((listing, id))
    }

    fn open_beneath(&self, name: &str, flags: OFlags) -> Result<OwnedFd, OpenError> {
        let name = if name.is_empty() { "." } else { name };
        match self.open_once(name, flags) {
            Ok(opened) => Ok(opened),
            Err(Errno::XDEV) => self.open_roundabout(name, flags),
            Err(errno) => Err(OpenError::of(errno)),
        }
    }

    /// Opens through a link that the kernel may not follow, because it is absolute or passes outside, but that ends inside.
    fn open_roundabout(&self, name: &str, flags: OFlags) -> Result<OwnedFd, OpenError> {
        let path = self.location.join(name);
        let canonical = if flags.contains(OFlags::NOFOLLOW) {
            // The last link itself is wanted: only the path above it is resolved.
            path.parent().zip(path.file_name()).map(|(parent, last)| Ok(fs::canonicalize(parent)?.join(last)))
        } else {
            Some(fs::canonicalize(&path))
        };
        let canonical = canonical.ok_or(OpenError::Missing)?.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => OpenError::Missing,
            _ => OpenError::Leaves,
        })?;
        let inside = canonical.strip_prefix(&self.location).ok().and_then(Path::to_str).ok_or(OpenError::Leaves)?;
        self.open_once(if inside.is_empty() { "." } else { inside }, flags).map_err(OpenError::of)
    }

    fn open_once(&self, name: &str, flags: OFlags) -> Result<OwnedFd, Errno> {
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
        let mut tries = 0;
        loop {
            tries += 1;
            match openat2(&self.folder, name, flags | OFlags::CLOEXEC, Mode::empty(), resolve) {
                Err(Errno::AGAIN | Errno::INTR) if tries < MAX_OPEN_TRIES => {}
                result => return result,
            }
        }
    }
}

impl OpenError {
    fn of(errno: Errno) -> Self {
        match errno {
            Errno::NOENT | Errno::NOTDIR => Self::Missing,
            Errno::XDEV => Self::Leaves,
            errno => Self::Io(errno.into()),
        }
    }
}

impl FolderId {
    fn of(state: &FileState) -> Self {
        Self { device: state.device, inode: state.inode }
    }
}

fn probe(opened: &OwnedFd) -> Result<Probe, OpenError> {
    let stat = fstat(opened).map_err(|errno| OpenError::Io(errno.into()))?;
    let kind = match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => EntryKind::File,
        FileType::Directory => EntryKind::Folder,
        FileType::Symlink => EntryKind::Link,
        _ => EntryKind::Other,
    };
    Ok(Probe { kind, state: FileState::of(&stat) })
}

fn location(opened: &OwnedFd) -> io::Result<PathBuf> {
    fs::read_link(format!("/proc/self/fd/{}", opened.as_raw_fd()))
}
