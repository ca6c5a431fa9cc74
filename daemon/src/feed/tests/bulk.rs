//! Reading once, for bulk ingestion.

use super::*;
use crate::feed::{Source, read_all};

fn check(sources: &[Source], want: &[&str]) {
    let (sender, mut events) = mpsc::channel(64);
    read_all(&"ingest".into(), sources, ScanLimits::default(), sender).expect("read");
    let mut items = Vec::new();
    let mut scans = 0;
    while let Ok(event) = events.try_recv() {
        match event {
            FeedEvent::Delivery(delivery) => items.extend(delivery.items),
            FeedEvent::Scanned { .. } => scans += 1,
            event => panic!("{event:?}"),
        }
    }
    let mut found = shown(items);
    found.sort();
    assert_eq!((found.iter().map(String::as_str).collect::<Vec<_>>().as_slice(), scans), (want, 1));
}

#[test]
fn files_and_folders_are_read_to_their_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    fs::create_dir(path("in")).expect("created");
    fs::write(path("in/log.jsonl"), "1\n2").expect("written");
    fs::write(path("in/broken.json"), "{\"a\":").expect("written");
    fs::write(path("any-name"), "{\n}").expect("written");
    let at = |name: &str| path(name).to_str().expect("UTF-8").to_owned();
    check(
        &[Source::Path(path("in")), Source::Path(path("any-name"))],
        &[
            &format!("{} {{\n}}", at("any-name")),
            &format!("{} {{\"a\":", at("in/broken.json")),
            &format!("{}:byte 0 1", at("in/log.jsonl")),
            &format!("{}:byte 2 2", at("in/log.jsonl")),
        ],
    );
    let error = read_all(&"ingest".into(), &[Source::Path(path("none"))], ScanLimits::default(), mpsc::channel(1).0);
    let shown = error.expect_err("missing").to_string();
    assert_eq!(shown, format!("feed `ingest`: `{}` does not exist: create it, or correct the feed's path", at("none")));
}

#[test]
fn a_pipe_is_read_to_its_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let pipe = folder.path().join("pipe");
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, mode, 0).expect("made");
    let writer = {
        let pipe = pipe.clone();
        thread::spawn(move || fs::write(pipe, format!("1\n\"{}\"\n3", "x".repeat(2 << 20))).expect("written"))
    };
    let at = pipe.to_str().expect("UTF-8").to_owned();
    check(
        &[Source::Path(pipe)],
        &[
            &format!("{at}:byte 0 1"),
            &format!("{at}:byte 2 oversized 2097154, head 4096"),
            &format!("{at}:byte 2097157 3"),
        ],
    );
    writer.join().expect("ended");
}
