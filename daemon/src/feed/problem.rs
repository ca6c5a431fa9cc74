//! What a feed says of something that it cannot read; each sentence ends with the fix.

use super::root::OpenError;
use std::io;

pub(super) const NOT_UTF8: &str = "a file's name is not UTF-8, and its file is not read: rename it";
pub(super) const NOT_A_FILE: &str = "this is no regular file and is not read: put the attestations into a file";
pub(super) const NO_NEWLINE: &str =
    "the last line has no newline, so it waits to be completed: end it with a newline, or name the file `.json`";
pub(super) const FOLDER_GONE: &str = "the feed's folder is gone: create it again, the feed goes on with it by itself";

/// Nothing of the folder's contents reaches this deep by accident.
pub(super) fn too_deep(depth_folders: usize) -> String {
    format!("the folder lies more than {depth_folders} folders deep and is not read: move it further up")
}

/// The feed has more files than are followed.
pub(super) fn too_many_files(files: usize) -> String {
    format!("the feed holds more than {files} files, the others are not read: move files that are done out of it")
}

/// A folder cannot be watched.
pub(super) fn not_watched(error: &notify::Error) -> String {
    match &error.kind {
        notify::ErrorKind::MaxFilesWatch => {
            "not every folder can be watched, so the feed is read every 10 seconds instead: \
             raise `fs.inotify.max_user_watches` with sysctl"
                .to_owned()
        }
        _ => format!(
            "a folder cannot be watched ({error}), so the feed is read every 10 seconds instead: let the daemon read it"
        ),
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
            io::ErrorKind::PermissionDenied => "the daemon may not read it: give its user the permission".to_owned(),
            _ if error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) => {
                "the links lead in a circle: correct them".to_owned()
            }
            _ => format!("it cannot be read ({error}): mend that, the feed tries again when it changes"),
        },
    }
}
