//! The sentences about what a feed cannot read; each ends with the fix.

use super::root::OpenError;
use rustix::io::Errno;
use std::{io, path::Path, time::Duration};

pub(super) const NOT_UTF8: &str = "a file's name is not UTF-8, and its file is not read: rename it";
pub(super) const NOT_A_FILE: &str = "this is no regular file and is not read: put the attestations into a file";
pub(super) const NO_NEWLINE: &str = "the last line has no newline and is no whole JSON value, so it waits to be completed: complete it, with a newline at its end";
/// The sentence about a file whose name feeds ignore.
pub(super) const IGNORED: &str =
    "its name ends in none of `.json`, `.dsse` and `.jsonl`: rename it, or keep it outside the feed's folder";
pub(super) const DANGLES: &str = "the link leads to nothing: put back what it leads to, or remove the link";
pub(super) const EMPTY: &str = "the feed's folder is empty, and files were read from it before: if it lies on a mount, \
     mount it, and the feed goes on where it was; otherwise nothing is to be done";

/// The sentence about a folder that is nested too deep.
pub(super) fn too_deep(depth_folders: usize) -> String {
    format!("the folder lies more than {depth_folders} folders deep and is not read: move it further up")
}

/// The feed has more files than are followed.
pub(super) fn too_many_files(files: usize) -> String {
    format!("the feed holds more than {files} files, the others are not read: move files that are done out of it")
}

/// The feed's own folder cannot be followed.
pub(super) fn no_root(path: &Path, error: &io::Error) -> String {
    let path = path.display();
    match error.kind() {
        io::ErrorKind::NotFound => {
            format!("`{path}` is not there: create or mount it, the feed goes on with it by itself")
        }
        io::ErrorKind::NotADirectory => {
            format!("`{path}` is not a folder: put one there that holds the attestations, or correct the feed's path")
        }
        io::ErrorKind::Unsupported => {
            "this system has no `openat2`: run on Linux 5.6 or later, and let the container's seccomp profile allow it"
                .to_owned()
        }
        _ => format!("`{path}` cannot be read ({error}): let the user of the daemon read it"),
    }
}

/// A folder cannot be watched, and everything is read every `period` instead.
pub(super) fn not_watched(error: &notify::Error, period: Duration) -> String {
    let instead = match period.as_secs() {
        0 | 1 => "so the feed is read every second instead".to_owned(),
        seconds => format!("so the feed is read every {seconds} seconds instead"),
    };
    match &error.kind {
        notify::ErrorKind::MaxFilesWatch => {
            format!("not every folder can be watched, {instead}: raise `fs.inotify.max_user_watches` with sysctl")
        }
        notify::ErrorKind::Io(error) if is_exhausted(error) => format!(
            "no change can be watched, {instead}: raise `fs.inotify.max_user_instances` with sysctl, or the daemon's limit \
             of open files if that is reached"
        ),
        _ => format!("a folder cannot be watched ({error}), {instead}: let the daemon read it"),
    }
}

/// The notification of changes failed.
pub(super) fn watcher_failed(message: &str) -> String {
    format!(
        "watching for changes failed ({message}) and everything was read anew: if it happens again, restart the daemon"
    )
}

/// Something cannot be opened or read.
pub(super) fn refusal(error: &OpenError) -> String {
    match error {
        OpenError::Missing => "there is nothing here any more: put the file back".to_owned(),
        OpenError::Leaves => {
            "the link leads out of the feed's folder and is not followed: put the file itself into the folder"
                .to_owned()
        }
        OpenError::Io(error) => match error.kind() {
            io::ErrorKind::PermissionDenied => "it may not be read: give the daemon's user the permission".to_owned(),
            _ if error.raw_os_error() == Some(Errno::LOOP.raw_os_error()) => {
                "the links lead in a circle: correct them".to_owned()
            }
            _ if is_exhausted(error) => {
                "too many files are open, and it is tried again: raise the daemon's limit of open files (LimitNOFILE)"
                    .to_owned()
            }
            _ => format!("it cannot be read ({error}), and is tried again: mend that if it stays so"),
        },
    }
}

/// Whether the process, or the system, has no file descriptor to give.
fn is_exhausted(error: &io::Error) -> bool {
    [Errno::MFILE, Errno::NFILE].iter().any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}

/// Whether an error may pass without anybody repairing anything.
pub(super) fn is_passing(error: &io::Error) -> bool {
    const PASSING: [Errno; 8] = [
        Errno::MFILE,
        Errno::NFILE,
        Errno::INTR,
        Errno::AGAIN,
        Errno::NOMEM,
        Errno::BUSY,
        Errno::STALE,
        Errno::TIMEDOUT,
    ];
    PASSING.iter().any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_watched_is_read_as_often_as_is_said() {
        let limit = |kind| notify::Error::new(kind);
        let exhausted = || notify::ErrorKind::Io(io::Error::from_raw_os_error(Errno::MFILE.raw_os_error()));
        let check = |kind, seconds, expected: &str| {
            let told = not_watched(&limit(kind), Duration::from_secs(seconds));
            assert!(told.contains(expected), "{told}");
        };
        check(notify::ErrorKind::MaxFilesWatch, 10, "every 10 seconds instead: raise `fs.inotify.max_user_watches`");
        check(notify::ErrorKind::MaxFilesWatch, 3, "every 3 seconds instead: raise `fs.inotify.max_user_watches`");
        check(exhausted(), 3, "every 3 seconds instead: raise `fs.inotify.max_user_instances`");
        check(notify::ErrorKind::Generic("odd".to_owned()), 1, "every second instead: let the daemon read it");
    }
}
