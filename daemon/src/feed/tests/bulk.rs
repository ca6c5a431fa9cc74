//! Reading once, for bulk ingestion.

use super::*;
use crate::feed::{BulkSource, read_all};
use tokio::sync::watch;

fn check(sources: &[BulkSource], want: &[&str]) -> Unread {
    let (sender, mut events) = mpsc::channel(64);
    let (_never, stop) = watch::channel(false);
    let unread = read_all(&"ingest".into(), sources, ScanLimits::default(), sender, stop);
    let mut items = Vec::new();
    while let Ok(event) = events.try_recv() {
        match event {
            FeedEvent::Delivery(delivery) => items.extend(delivery.items),
            FeedEvent::Problem { .. } => {}
            event => panic!("{event:?}"),
        }
    }
    let mut found = shown(items);
    found.sort();
    assert_eq!(found, want);
    unread
}

#[test]
fn files_and_folders_are_read_to_their_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    fs::create_dir(path("in")).expect("created");
    fs::write(path("in/log.jsonl"), "1\n2").expect("written");
    fs::write(path("in/broken.json"), "{\"a\":").expect("written");
    fs::write(path("in/signed.DSSE"), "{\"b\":1}").expect("written");
    fs::write(path("any-name"), "{\n}").expect("written");
    let at = |name: &str| path(name).to_str().expect("UTF-8").to_owned();
    let unread = check(
        &[BulkSource::Path(path("in")), BulkSource::Path(path("any-name"))],
        &[
            &format!("{} {{\n}}", at("any-name")),
            &format!("{} {{\"a\":", at("in/broken.json")),
            &format!("{}:byte 0 1", at("in/log.jsonl")),
            &format!("{}:byte 2 2", at("in/log.jsonl")),
            &format!("{} {{\"b\":1}}", at("in/signed.DSSE")),
        ],
    );
    assert_eq!(unread, Unread::default());
}

#[test]
fn what_is_not_read_is_counted_and_named() {
    let outside = tempfile::NamedTempFile::new().expect("a file");
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    fs::write(path("good.json"), "{}").expect("written");
    fs::write(path("12.intoto"), "{}").expect("written");
    fs::write(path("13.json.txt"), "{}").expect("written");
    fs::write(path(".hidden"), "{}").expect("written");
    std::os::unix::fs::symlink(outside.path(), path("out.json")).expect("linked");
    std::os::unix::fs::symlink("nowhere", path("dangling.json")).expect("linked");
    let bad_name = std::os::unix::ffi::OsStrExt::from_bytes(b"\xff.json");
    fs::write(folder.path().join(Path::new::<std::ffi::OsStr>(bad_name)), "{}").expect("written");
    let at = |name: &str| path(name).to_str().expect("UTF-8").to_owned();
    let none = BulkSource::Path(path("none.json"));
    let unread = check(&[BulkSource::Path(folder.path().to_owned()), none], &[&format!("{} {{}}", at("good.json"))]);
    let mut named: Vec<String> = unread.named.iter().map(|(name, why)| format!("{name}: {why}")).collect();
    named.sort();
    let want = [
        ("12.intoto", "its name ends in none of `.json`, `.dsse` and `.jsonl`: "),
        ("13.json.txt", "its name ends in none of `.json`, `.dsse` and `.jsonl`: "),
        ("dangling.json", "the link leads to nothing: "),
        ("none.json", "it cannot be read (No such file or directory"),
        ("out.json", "the link leads out of the feed's folder and is not followed: "),
        ("\u{fffd}.json", "a file's name is not UTF-8, and its file is not read: "),
    ];
    assert_eq!((unread.files, named.len()), (6, 6), "{named:?}");
    for (named, (name, why)) in named.iter().zip(want) {
        assert!(named.starts_with(&format!("{}: {why}", at(name))), "{named}");
    }
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
        &[BulkSource::Path(pipe)],
        &[
            &format!("{at}:byte 0 1"),
            &format!("{at}:byte 2 oversized 2097154, head 4096"),
            &format!("{at}:byte 2097157 3"),
        ],
    );
    writer.join().expect("ended");
}
