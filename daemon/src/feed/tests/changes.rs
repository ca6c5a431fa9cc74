//! Files and folders that come, change and go.

use super::*;
use crate::feed::MAX_ATTESTATION_BYTES;
use std::io::Write as _;

#[test]
fn what_is_there_at_the_start_is_read_once() {
    let mut bench = Bench::over(|folder| {
        fs::create_dir_all(folder.join("north/tier2")).expect("created");
        fs::write(folder.join("a.json"), "{\"a\":1}").expect("written");
        fs::write(folder.join("north/tier2/b.json"), "{\"b\":1}\n").expect("written");
        fs::write(folder.join("many.json"), "{\"c\":1}\n\n{\"d\":1}").expect("written");
        fs::write(folder.join("laid-out.JSON"), "{\n \"e\": 1\n}").expect("written");
        fs::write(folder.join(".hidden.json"), "{}").expect("written");
        fs::write(folder.join("notes.txt"), "{}").expect("written");
    });
    bench.check_scan(&[
        "a.json {\"a\":1}",
        "laid-out.JSON {\n \"e\": 1\n}",
        "many.json:byte 0 {\"c\":1}",
        "many.json:byte 9 {\"d\":1}",
        "north/tier2/b.json {\"b\":1}\n",
    ]);
    bench.check(&[]);
    bench.restart();
    bench.check_scan(&[]);
    assert_eq!(bench.problems, [""; 0]);
}

#[test]
fn written_in_place_counts_when_closed_and_renamed_in_at_once() {
    let mut bench = Bench::new();
    bench.check_scan(&[]);
    let mut file = fs::File::create(bench.path("slow.json")).expect("created");
    file.write_all(b"{\"slow\":").expect("written");
    bench.rename_in("quick.json", "{\"quick\":1}");
    bench.check(&["quick.json {\"quick\":1}"]);
    file.write_all(b"1}").expect("written");
    drop(file);
    bench.check(&["slow.json {\"slow\":1}"]);
    bench.write("slow.json", "{\"slow\":2}");
    bench.write("empty.json", "");
    bench.rename_in("broken.json", "{\"broken");
    bench.check(&["broken.json {\"broken", "empty.json ", "slow.json {\"slow\":2}"]);
}

#[test]
fn a_touched_file_is_not_read_twice() {
    let mut bench = Bench::new();
    bench.check_scan(&[]);
    bench.write("a.json", "{}");
    bench.check(&["a.json {}"]);
    bench.write("a.json", "{}");
    fs::hard_link(bench.path("a.json"), bench.path("b.json")).expect("linked");
    bench.check(&["b.json {}"]);
}

#[test]
fn a_folder_that_is_filled_before_it_is_watched_is_read() {
    let mut bench = Bench::new();
    bench.check_scan(&[]);
    for round in 0..50 {
        fs::create_dir_all(bench.path(&format!("{round}/deep/deeper"))).expect("created");
        bench.rename_in(&format!("{round}/deep/deeper/a.json"), &format!("{round}"));
    }
    let outside = tempfile::tempdir_in(bench.folder.path().parent().expect("a parent")).expect("a folder");
    fs::write(outside.path().join("moved.json"), "{}").expect("written");
    fs::rename(outside.path(), bench.path("whole")).expect("renamed");
    let mut found = Vec::new();
    while found.len() < 51 {
        found.extend(bench.next());
    }
    let mut found = shown(found);
    found.sort();
    let mut want: Vec<_> = (0..50).map(|round| format!("{round}/deep/deeper/a.json {round}")).collect();
    want.push("whole/moved.json {}".to_owned());
    want.sort();
    assert_eq!(found, want);
    bench.check(&[]);
    bench.rename_in("7/deep/deeper/a.json", "\"later\"");
    bench.check(&["7/deep/deeper/a.json \"later\""]);
    fs::rename(bench.path("7"), bench.path("seven")).expect("renamed");
    bench.settle();
    bench.rename_in("seven/deep/deeper/b.json", "\"still watched\"");
    bench.check(&["seven/deep/deeper/b.json \"still watched\""]);
}

#[test]
fn deleting_a_file_only_forgets_its_position() {
    let mut bench = Bench::over(|folder| fs::write(folder.join("a.json"), "{}").expect("written"));
    bench.check_scan(&["a.json {}"]);
    fs::remove_file(bench.path("a.json")).expect("removed");
    bench.check(&[]);
    assert_eq!(bench.gone, ["a.json"]);
    bench.write("b.json", "{}");
    bench.check(&["b.json {}"]);
    bench.stop();
    fs::remove_file(bench.path("b.json")).expect("removed");
    bench.start();
    bench.check_scan(&[]);
    assert_eq!(bench.gone, ["a.json", "b.json"]);
}

#[test]
fn too_long_is_told_and_not_loaded() {
    let long = "x".repeat(MAX_ATTESTATION_BYTES);
    let mut bench = Bench::over(|folder| {
        fs::write(folder.join("long.json"), format!("{{\n\"a\": \"{long}\"}}")).expect("written");
        fs::write(folder.join("just.json"), "1".repeat(MAX_ATTESTATION_BYTES)).expect("written");
        fs::write(folder.join("line.jsonl"), format!("{{\"a\":1}}\n\"{long}\"\n{{\"b\":1}}\n")).expect("written");
        let old = std::time::SystemTime::now() - Duration::from_secs(3600);
        fs::File::options().write(true).open(folder.join("long.json")).and_then(|f| f.set_modified(old)).expect("set");
    });
    bench.check_scan(&[
        "just.json 1048576 bytes",
        "line.jsonl:byte 0 {\"a\":1}",
        "line.jsonl:byte 1048587 {\"b\":1}",
        "line.jsonl:byte 8 oversized 1048578, head 4096",
        "long.json oversized 1048586, head 4096",
    ]);
    bench.check(&[]);
}

#[test]
fn an_overflow_is_made_good_by_a_rescan() {
    let outside = tempfile::tempdir().expect("a folder");
    let mut bench = Bench::over(|folder| {
        fs::write(folder.join("log.jsonl"), "{\"a\":1}\n").expect("written");
        fs::hard_link(folder.join("log.jsonl"), outside.path().join("same")).expect("linked");
    });
    bench.check_scan(&["log.jsonl:byte 0 {\"a\":1}"]);
    // Written through another name, which inotify does not report in the feed's folder.
    fs::write(outside.path().join("same"), "{\"a\":1}\n{\"b\":1}\n").expect("written");
    bench.lose_events();
    bench.check_scan(&["log.jsonl:byte 8 {\"b\":1}"]);
    assert_eq!(bench.overflows, 1);
    bench.feed.as_ref().expect("a feed").pending.absorb(Err(notify::Error::generic("broken")));
    bench.check_scan(&[]);
    assert_eq!(
        bench.problems,
        [
            ": watching for changes failed (broken) and everything was read anew: if it happens again, restart the daemon"
        ]
    );
}

#[test]
fn a_burst_is_delivered_exactly_once() {
    const FILES: usize = 5000;
    let mut bench = Bench::new();
    bench.check_scan(&[]);
    thread::scope(|scope| {
        let folder = bench.folder.path().to_owned();
        scope.spawn(move || {
            for number in 0..FILES {
                let temporary = folder.join(format!(".{number}"));
                fs::write(&temporary, format!("{number}")).expect("written");
                fs::rename(temporary, folder.join(format!("{number}.json"))).expect("renamed");
            }
        });
        let mut found = Vec::new();
        while found.len() < FILES {
            found.extend(bench.next());
        }
        found.sort_by(|a, b| a.origin.cmp(&b.origin));
        found.dedup();
        assert_eq!(found.len(), FILES);
    });
    bench.check(&[]);
}

#[test]
fn a_folder_that_goes_and_comes_back_is_followed_on() {
    let mut bench = Bench::over(|folder| fs::write(folder.join("a.json"), "{}").expect("written"));
    bench.check_scan(&["a.json {}"]);
    let folder = bench.folder.path().to_owned();
    fs::remove_dir_all(&folder).expect("removed");
    while bench.problems.is_empty() {
        bench.next();
    }
    assert_eq!(bench.problems, ["down: `FOLDER` is not there: create or mount it, the feed goes on with it by itself"]);
    assert!(!bench.is_up);
    fs::create_dir(&folder).expect("created");
    bench.check_scan(&[]);
    assert!(bench.is_up);
    bench.write("b.json", "{}");
    bench.check(&["b.json {}"]);
}

#[test]
fn stopping_does_not_wait_for_a_pipeline_that_does_not_listen() {
    let mut bench = Bench::over(|folder| {
        for number in 0..100 {
            fs::write(folder.join(format!("{number}.json")), "{}").expect("written");
        }
    });
    thread::sleep(Duration::from_millis(50));
    let began = Instant::now();
    bench.stop();
    assert!(began.elapsed() < Duration::from_secs(4));
}

#[test]
fn limits_are_told() {
    let mut bench = Bench::over(|folder| {
        fs::create_dir_all(folder.join("1/2/3")).expect("created");
        fs::write(folder.join("a.json"), "{}").expect("written");
        fs::write(folder.join("1/2/3/b.json"), "{}").expect("written");
    });
    bench.check_scan(&["1/2/3/b.json {}", "a.json {}"]);
    bench.stop();
    bench.positions.clear();
    bench.start_with(|options| options.limits = ScanLimits { depth_folders: 2, files: 1 });
    bench.check_scan(&["a.json {}"]);
    bench.write("c.json", "{}");
    while bench.problems.len() < 2 {
        bench.next();
    }
    assert_eq!(
        bench.problems,
        [
            "1/2/3: the folder lies more than 2 folders deep and is not read: move it further up",
            ": the feed holds more than 1 files, the others are not read: move files that are done out of it",
        ]
    );
}

#[test]
fn everything_is_looked_at_from_time_to_time() {
    let outside = tempfile::tempdir().expect("a folder");
    let mut bench = Bench::over(|folder| {
        fs::write(folder.join("log.jsonl"), "1\n").expect("written");
        fs::hard_link(folder.join("log.jsonl"), outside.path().join("same")).expect("linked");
    });
    bench.check_scan(&["log.jsonl:byte 0 1"]);
    bench.stop();
    bench.start_with(|options| options.scan_period = Duration::from_secs(1));
    bench.check_scan(&[]);
    // As when another machine writes into a shared file system: nothing is reported here.
    fs::write(outside.path().join("same"), "1\n2\n").expect("written");
    bench.check_scan(&["log.jsonl:byte 2 2"]);
    bench.check_scan(&[]);
    assert_eq!(bench.scans, 4);
}

#[test]
fn a_folder_that_comes_late_is_followed_from_then_on() {
    let mut bench = Bench::over(|folder| fs::write(folder.join("a.json"), "{}").expect("written"));
    bench.check_scan(&["a.json {}"]);
    bench.stop();
    let (folder, aside) = (bench.folder.path().to_owned(), tempfile::tempdir().expect("a folder"));
    let mounted = aside.path().join("mounted");
    fs::rename(&folder, &mounted).expect("moved");
    fs::write(&folder, "").expect("written");
    let told = |bench: &mut Bench, what: &str| {
        while !bench.problems.iter().any(|problem| problem.contains(what)) {
            assert_eq!(bench.next(), []);
        }
    };
    bench.start();
    told(&mut bench, "down: `FOLDER` is not a folder: ");
    fs::remove_file(&folder).expect("removed");
    told(&mut bench, "down: `FOLDER` is not there: ");
    // Like a mount point before the mount: nothing is forgotten because of that.
    fs::create_dir(&folder).expect("created");
    bench.check_scan(&[]);
    assert!(bench.is_up);
    told(
        &mut bench,
        ": the feed's folder is empty, and files were read from it before: if it lies on a mount, mount it",
    );
    fs::remove_dir(&folder).expect("removed");
    fs::rename(&mounted, &folder).expect("moved");
    bench.check_scan(&[]);
    assert_eq!(bench.gone, [""; 0]);
    bench.write("b.json", "{}");
    bench.check(&["b.json {}"]);
}

#[test]
fn what_stays_unfinished_is_taken_or_told() {
    let mut bench = Bench::new();
    bench.check_scan(&[]);
    bench.stop();
    bench.start_with(|options| options.unfinished_wait = Duration::from_millis(200));
    bench.check_scan(&[]);
    let mut left_open = fs::File::create(bench.path("left-open.json")).expect("created");
    left_open.write_all(b"{\"a\":").expect("written");
    bench.append("half.jsonl", "{\"b\":1");
    bench.append("whole.jsonl", "{\"c\":1}\n{\"c\":2}");
    let mut items = Vec::new();
    while items.len() < 3 || bench.problems.is_empty() {
        items.extend(bench.next());
    }
    let mut taken = shown(items);
    taken.sort();
    let whole = ["whole.jsonl:byte 0 {\"c\":1}", "whole.jsonl:byte 8 {\"c\":2}"];
    assert_eq!(taken, ["left-open.json {\"a\":", whole[0], whole[1]]);
    let waits = "half.jsonl: the last line has no newline and is no whole JSON value, so it waits to be completed: complete it, with a newline at its end";
    assert_eq!(bench.problems, [waits]);
    bench.append("half.jsonl", "}\n");
    bench.check(&["half.jsonl:byte 0 {\"b\":1}"]);
    // The newline that comes after all is no line of its own.
    bench.append("whole.jsonl", "\n{\"c\":3}\n");
    bench.check(&["whole.jsonl:byte 16 {\"c\":3}"]);
}
