//! Reads files, folders and the standard input once, for bulk ingestion: the same cutting and the same limits as a feed.

use super::{
    Body, Delivery, FeedError, FeedEvent, Item, MAX_ATTESTATION_BYTES, OVERSIZED_HEAD_BYTES, Position, ReadError,
    ScanLimits,
    content::{self, Shape},
    follower::{Follower, Form, Visit},
    lines::{Chunk, LastLine, Lines},
    outlet::Outlet,
    pending::Trigger,
    position::FileState,
    root::Root,
    tree::Tree,
};
use crate::model::Digest;
use std::{
    fs::File,
    io::{self, BufReader, Read},
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};
use tokio::sync::{mpsc, watch};

/// Where to read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A file of any name (`.jsonl` is JSON lines, in others it shows), or a folder with its `.json` and `.jsonl` files.
    Path(PathBuf),
    /// The standard input: one attestation, or JSON lines.
    StandardInput,
}

/// Reads every source to its end and hands its attestations to `sender` as deliveries, then [`FeedEvent::Scanned`].
/// Blocks while the channel is full: call it on a thread of its own. A last line without a newline counts.
///
/// `feed` is the name in the events. The positions name what was read and are of no use for going on later. A file in a
/// folder that cannot be read is a [`FeedEvent::Problem`]; when nobody listens any more, reading just ends.
///
/// # Errors
/// [`FeedError`] when a source itself is missing or cannot be opened; those before it have been read then.
pub fn read_all(
    feed: &Arc<str>,
    sources: &[Source],
    limits: ScanLimits,
    sender: mpsc::Sender<FeedEvent>,
) -> Result<(), FeedError> {
    let (_never_stopped, stop) = watch::channel(false);
    let mut outlet = Outlet::new(feed.clone(), sender, stop);
    for source in sources {
        let read = match source {
            Source::Path(path) => read_path(path, limits, &outlet)?,
            Source::StandardInput => read_stream("standard input", io::stdin().lock(), &mut outlet),
        };
        match read {
            Ok(()) => {}
            Err(ReadError::Stopped) => return Ok(()),
            Err(ReadError::Io(source_error)) => {
                let path = match source {
                    Source::Path(path) => path.clone(),
                    Source::StandardInput => PathBuf::from("standard input"),
                };
                return Err(FeedError::Unreadable { feed: feed.clone(), path, source: source_error });
            }
        }
    }
    // When nobody listens any more there is nobody to tell.
    let _ = outlet.send(FeedEvent::Scanned { feed: feed.clone() });
    Ok(())
}

fn read_path(path: &Path, limits: ScanLimits, outlet: &Outlet) -> Result<Result<(), ReadError>, FeedError> {
    let (feed, path) = (outlet.feed().clone(), path.to_path_buf());
    let metadata = match std::fs::metadata(&path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(FeedError::Missing { feed, path }),
        Err(source) => return Err(FeedError::Unreadable { feed, path, source }),
    };
    let shown = path.to_string_lossy().into_owned();
    if metadata.is_dir() {
        let root = Root::open(&path).map_err(|error| refusal(feed, path, error))?;
        let prefix = if shown.ends_with('/') { shown } else { format!("{shown}/") };
        let follower = Follower::once(outlet.clone(), prefix, LastLine::Counts);
        return Ok(Tree::once(root, follower, limits).scan_all().map_err(ReadError::from));
    }
    let file = File::open(&path).map_err(|source| FeedError::Unreadable { feed, path, source })?;
    if metadata.is_file() {
        Ok(read_file(&shown, file, outlet))
    } else {
        Ok(read_stream(&shown, file, &mut outlet.clone()))
    }
}

fn refusal(feed: Arc<str>, path: PathBuf, source: io::Error) -> FeedError {
    match source.kind() {
        io::ErrorKind::Unsupported => FeedError::NoSafeOpen { feed },
        _ => FeedError::Unreadable { feed, path, source },
    }
}

fn read_file(name: &str, file: File, outlet: &Outlet) -> Result<(), ReadError> {
    let state = FileState::of(&rustix::fs::fstat(&file).map_err(io::Error::from)?);
    let visit = Visit { name, file, state, trigger: Trigger::Finished, arrived: Instant::now() };
    let form = Form::of(name).unwrap_or(Form::Document);
    Follower::once(outlet.clone(), String::new(), LastLine::Counts).read(form, visit).map(drop)
}

/// Reads what can be read only once: a pipe.
fn read_stream(name: &str, mut stream: impl Read, outlet: &mut Outlet) -> Result<(), ReadError> {
    let mut head = Vec::new();
    stream.by_ref().take(MAX_ATTESTATION_BYTES as u64 + 1).read_to_end(&mut head)?;
    let mut end_bytes = head.len() as u64;
    let one = |body| vec![Item { origin: name.to_owned(), body }];
    match content::shape(&head) {
        Shape::One => deliver(name, Chunk { items: one(Body::Bytes(head)), end_bytes }, outlet),
        Shape::TooLong => {
            end_bytes += io::copy(&mut stream, &mut io::sink())?;
            head.truncate(OVERSIZED_HEAD_BYTES);
            deliver(name, Chunk { items: one(Body::Oversized { length_bytes: end_bytes, head }), end_bytes }, outlet)
        }
        Shape::Lines => {
            let reader = BufReader::new(head.chain(stream));
            let watched = outlet.clone();
            let is_stopped = || watched.is_stopped();
            let lines =
                Lines { reader, start_bytes: 0, origin: name, last_line: LastLine::Counts, is_stopped: &is_stopped };
            lines.cut(&mut |chunk| deliver(name, chunk, outlet)).map(drop)
        }
    }
}

fn deliver(name: &str, chunk: Chunk, outlet: &mut Outlet) -> Result<(), ReadError> {
    let state = FileState { device: 0, inode: 0, size_bytes: chunk.end_bytes, modified_ns: 0 };
    let position: Position = state.at(name, chunk.end_bytes, Digest::of(&[]));
    let feed = outlet.feed().clone();
    outlet.send(FeedEvent::Delivery(Delivery { feed, items: chunk.items, position, arrived: Instant::now() }))?;
    Ok(())
}
