//! Reads files, folders and the standard input once, for bulk ingestion: the same cutting and the same limits as a feed.

use super::{
    Body, DeliveredItem, Delivery, FeedEvent, MAX_ATTESTATION_BYTES, MAX_UNREAD_NAMED, OVERSIZED_HEAD_BYTES, Position,
    ReadError, ScanLimits, Unread,
    content::{self, Shape},
    event_sender::EventSender,
    follower::{FileForm, Follower, VisitOutcome},
    lines::{Chunk, LastLine, Lines, LongLine, ReadingTurn},
    pending::Trigger,
    position::{FileState, Trail},
    problem,
    root::{FeedRoot, OpenError},
    tree::Tree,
    visit::Visit,
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

/// A source to read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BulkSource {
    /// A file of any name (`.jsonl` is JSON lines, others are recognised by their content), or a folder with its `.json`,
    /// `.dsse` and `.jsonl` files.
    Path(PathBuf),
    /// The standard input: one attestation, or JSON lines.
    StandardInput,
}

/// Reads every source to its end and hands its attestations to `sender` as deliveries; returns what was not read. Blocks while
/// the channel is full: call it on a thread of its own. A last line without a newline counts.
///
/// `feed` is the name in the events. The positions name what was read, but reading cannot resume from them. A file of a folder
/// that cannot be read is also a [`FeedEvent::Problem`] when it is met. Reading ends early when `stop` says so, or nobody
/// listens.
pub fn read_all(
    feed: &Arc<str>,
    sources: &[BulkSource],
    limits: ScanLimits,
    sender: mpsc::Sender<FeedEvent>,
    stop: watch::Receiver<bool>,
) -> Unread {
    let mut event_sender = EventSender::new(feed.clone(), sender, stop);
    let mut unread = Unread::default();
    for source in sources {
        let (name, read) = match source {
            BulkSource::Path(path) => (path.to_string_lossy().into_owned(), read_path(path, limits, &event_sender)),
            BulkSource::StandardInput => {
                let name = "standard input".to_owned();
                let read = read_stream(&name, io::stdin().lock(), &mut event_sender).map(|()| Unread::default());
                (name, read)
            }
        };
        match read {
            Ok(more) => add(&mut unread, more),
            Err(ReadError::Stopped) => break,
            Err(ReadError::Io(error)) => {
                let sentence = problem::refusal(&OpenError::Io(error));
                add(&mut unread, Unread { files: 1, named: vec![(name, sentence)] });
            }
        }
    }
    unread
}

fn add(unread: &mut Unread, more: Unread) {
    unread.files += more.files;
    unread.named.extend(more.named);
    unread.named.truncate(MAX_UNREAD_NAMED);
}

fn read_path(path: &Path, limits: ScanLimits, event_sender: &EventSender) -> Result<Unread, ReadError> {
    let metadata = std::fs::metadata(path)?;
    let shown = path.to_string_lossy().into_owned();
    if metadata.is_dir() {
        let root = FeedRoot::open(path)?;
        let prefix = if shown.ends_with('/') { shown } else { format!("{shown}/") };
        let follower = Follower::once(event_sender.clone(), prefix.clone(), LastLine::Counts);
        let mut unread = Tree::once(root, follower, limits).read_once()?;
        unread.named.iter_mut().for_each(|(name, _)| name.insert_str(0, &prefix));
        return Ok(unread);
    }
    let file = File::open(path)?;
    if metadata.is_file() {
        read_file(&shown, &file, event_sender)
    } else {
        read_stream(&shown, file, &mut event_sender.clone())
    }
    .map(|()| Unread::default())
}

fn read_file(name: &str, file: &File, event_sender: &EventSender) -> Result<(), ReadError> {
    let form = FileForm::of(name).unwrap_or(FileForm::Document);
    let mut follower = Follower::once(event_sender.clone(), String::new(), LastLine::Counts);
    let state = FileState::of(&rustix::fs::fstat(file).map_err(io::Error::from)?);
    loop {
        let file = file.try_clone()?;
        let visit = Visit { name, file, state, trigger: Trigger::Finished, arrived: Instant::now() };
        match follower.read(form, visit)? {
            VisitOutcome::More { .. } => {}
            VisitOutcome::Done | VisitOutcome::Unfinished | VisitOutcome::NoNewline => return Ok(()),
        }
    }
}

/// Reads what can be read only once: a pipe.
fn read_stream(name: &str, mut stream: impl Read, event_sender: &mut EventSender) -> Result<(), ReadError> {
    let mut head = Vec::new();
    stream.by_ref().take(MAX_ATTESTATION_BYTES as u64 + 1).read_to_end(&mut head)?;
    let mut end_bytes = head.len() as u64;
    let anchor = Digest::of(&[]);
    let one = |body| vec![DeliveredItem { origin: name.to_owned(), body }];
    match content::shape(&head) {
        Shape::One => deliver(name, Chunk { items: one(Body::Bytes(head)), end_bytes, anchor }, event_sender),
        Shape::TooLong => {
            end_bytes += io::copy(&mut stream, &mut io::sink())?;
            head.truncate(OVERSIZED_HEAD_BYTES);
            let items = one(Body::Oversized { length_bytes: end_bytes, head });
            deliver(name, Chunk { items, end_bytes, anchor }, event_sender)
        }
        Shape::Lines => {
            let reader = BufReader::new(head.chain(stream));
            let watched = event_sender.clone();
            let is_stopped = || watched.is_stopped();
            let (mut trail, mut turn) = (Trail::none(), ReadingTurn::ENDLESS);
            let lines = Lines {
                reader,
                start_bytes: 0,
                origin: name,
                last_line: LastLine::Counts,
                long_line: LongLine::Skipped,
                trail: &mut trail,
                turn: &mut turn,
                is_stopped: &is_stopped,
            };
            lines.cut(&mut |chunk| deliver(name, chunk, event_sender)).map(drop)
        }
    }
}

fn deliver(name: &str, chunk: Chunk, event_sender: &mut EventSender) -> Result<(), ReadError> {
    let state = FileState { device: 0, inode: 0, size_bytes: chunk.end_bytes, modified_ns: 0 };
    let position: Position = state.at(name, chunk.end_bytes, chunk.anchor);
    let feed = event_sender.feed().clone();
    event_sender.send(FeedEvent::Delivery(Delivery { feed, items: chunk.items, position, arrived: Instant::now() }))?;
    Ok(())
}
