//! A `.jsonl` that is followed like a log.

use super::*;

/// A feed that has read `log.jsonl` with these contents.
fn followed(content: &str) -> Bench {
    let mut bench = Bench::over(|folder| fs::write(folder.join("log.jsonl"), content).expect("written"));
    bench.until_scanned();
    bench
}

#[test]
fn only_whole_lines_are_taken() {
    let mut bench = followed("");
    bench.append("log.jsonl", "{\"a\":");
    bench.check(&[]);
    bench.append("log.jsonl", "1}");
    bench.check(&[]);
    bench.append("log.jsonl", "\r\n{\"b\":1}\n{\"c\"");
    bench.check(&["log.jsonl:byte 0 {\"a\":1}", "log.jsonl:byte 9 {\"b\":1}"]);
    bench.append("log.jsonl", ":1}\n\n\n{\"d\":1}\n");
    bench.check(&["log.jsonl:byte 17 {\"c\":1}", "log.jsonl:byte 27 {\"d\":1}"]);
    assert_eq!(bench.positions["log.jsonl"].offset_bytes, 35);
}

#[test]
fn it_is_followed_while_its_writer_keeps_it_open() {
    use std::io::Write as _;
    let mut bench = followed("");
    let mut file = fs::OpenOptions::new().append(true).open(bench.path("log.jsonl")).expect("opened");
    for number in 0..20 {
        write!(file, "{number}").expect("written");
        bench.check(&[]);
        writeln!(file).expect("written");
        assert_eq!(bench.settle().len(), 1);
    }
}

#[test]
fn a_restart_loses_nothing_and_repeats_nothing() {
    let mut bench = followed("1\n2\n3");
    bench.restart();
    bench.check_scan(&[]);
    bench.stop();
    bench.append("log.jsonl", "3\n4\n");
    bench.start();
    bench.check_scan(&["log.jsonl:byte 4 33", "log.jsonl:byte 7 4"]);
}

#[test]
fn a_truncated_log_starts_over() {
    let mut bench = followed("1\n2\n3\n");
    bench.write("log.jsonl", "4\n");
    bench.check(&["log.jsonl:byte 0 4"]);
    bench.stop();
    bench.write("log.jsonl", "5\n6\n7\n");
    bench.start();
    bench.check_scan(&["log.jsonl:byte 0 5", "log.jsonl:byte 2 6", "log.jsonl:byte 4 7"]);
}

#[test]
fn a_replaced_log_starts_over() {
    let mut bench = followed("1\n2\n");
    bench.rename_in("log.jsonl", "1\n3\n2\n");
    bench.check(&["log.jsonl:byte 0 1", "log.jsonl:byte 2 3", "log.jsonl:byte 4 2"]);
    bench.stop();
    bench.rename_in("log.jsonl", "7\n8\n9\n10\n");
    bench.start();
    assert_eq!(bench.until_scanned().len(), 4);
}

#[test]
fn what_was_written_just_before_a_rotation_is_read() {
    let outside = tempfile::tempdir().expect("a folder");
    let mut bench = followed("1\n");
    fs::hard_link(bench.path("log.jsonl"), outside.path().join("same")).expect("linked");
    // Not seen by inotify, so it is still unread when the log is rotated away.
    fs::write(outside.path().join("same"), "1\n2\n").expect("written");
    fs::rename(bench.path("log.jsonl"), bench.path("log.jsonl.1")).expect("renamed");
    bench.rename_in("log.jsonl", "3\n");
    bench.check(&["log.jsonl:byte 0 3", "log.jsonl:byte 2 2"]);
}

#[test]
fn a_log_that_is_renamed_is_followed_on() {
    let mut bench = followed("1\n");
    bench.append("log.jsonl", "2\n");
    fs::rename(bench.path("log.jsonl"), bench.path("old.jsonl")).expect("renamed");
    bench.write("log.jsonl", "3\n");
    bench.append("old.jsonl", "4\n");
    let mut found = bench.settle();
    found.sort_by_key(|item| item.split(' ').next_back().map(str::to_owned));
    let bodies: Vec<_> = found.iter().filter_map(|item| item.split(' ').next_back()).collect();
    assert_eq!(bodies, ["2", "3", "4"], "{found:?}");
    assert_eq!((bench.positions["log.jsonl"].offset_bytes, bench.positions["old.jsonl"].offset_bytes), (2, 6));
}

#[test]
fn a_line_that_is_too_long_is_told_when_it_ends() {
    let mut bench = followed("1\n");
    for _ in 0..3 {
        bench.append("log.jsonl", &"x".repeat(crate::feed::MAX_ATTESTATION_BYTES));
        bench.check(&[]);
    }
    bench.append("log.jsonl", "x\n2\n");
    bench.check(&["log.jsonl:byte 2 oversized 3145729, head 4096", "log.jsonl:byte 3145732 2"]);
    bench.append("log.jsonl", &"x".repeat(2 * crate::feed::MAX_ATTESTATION_BYTES));
    bench.check(&[]);
    bench.write("log.jsonl", "3\n");
    bench.check(&["log.jsonl:byte 0 3"]);
}

#[test]
fn a_large_log_comes_in_bounded_deliveries() {
    let lines: String = (0..3000).map(|number| format!("{number}\n")).collect();
    let mut bench = Bench::over(|folder| fs::write(folder.join("log.jsonl"), &lines).expect("written"));
    let mut first = bench.next();
    while first.is_empty() {
        first = bench.next();
    }
    assert_eq!(first.len(), crate::feed::MAX_DELIVERY_ITEMS);
    // As after a crash: only the first delivery was committed.
    bench.restart();
    let rest = bench.until_scanned();
    assert_eq!(rest.len(), 3000 - first.len());
    assert_eq!(rest.last().map(String::as_str), Some("log.jsonl:byte 13885 2999"));
}

/// 2 MiB of numbered lines.
fn long_log() -> String {
    (0..40_000).map(|number| format!("{{\"number\": {number:040}}}\n")).collect()
}

#[test]
fn a_copied_folder_is_gone_on_with_where_it_was() {
    let log = long_log();
    let many: String = log.lines().map(|line| format!("{line}\n")).collect();
    let mut bench = Bench::over(|folder| {
        fs::write(folder.join("log.jsonl"), &log).expect("written");
        fs::write(folder.join("short.jsonl"), "1\n2\n3").expect("written");
        fs::write(folder.join("many.json"), many.trim_end()).expect("written");
        fs::write(folder.join("one.json"), "{}").expect("written");
        fs::write(folder.join("long.jsonl"), format!("{}\n4\n", "x".repeat(3 << 20))).expect("written");
        let old = std::time::SystemTime::now() - Duration::from_secs(3600);
        fs::File::options().write(true).open(folder.join("many.json")).and_then(|f| f.set_modified(old)).expect("set");
    });
    assert_eq!(bench.until_scanned().len(), 40_000 + 2 + 40_000 + 1 + 2);
    bench.restore();
    bench.check_scan(&[]);
    bench.append("log.jsonl", "5\n");
    bench.append("short.jsonl", "\n");
    bench.append("long.jsonl", "6\n");
    bench.check(&[&format!("log.jsonl:byte {} 5", log.len()), "long.jsonl:byte 3145731 6", "short.jsonl:byte 4 3"]);
    // Once more, with positions that were found by content themselves.
    bench.restore();
    bench.check_scan(&[]);
    assert_eq!((&bench.problems, &bench.gone), (&Vec::new(), &Vec::new()), "nothing is wrong with any of them");
}

#[test]
fn a_copy_that_differs_anywhere_starts_over() {
    let log = long_log();
    let mut bench = followed(&log);
    bench.stop();
    // The same length, the same end.
    bench.rename_in("log.jsonl", &log.replacen('7', "8", 1));
    bench.start();
    assert_eq!(bench.until_scanned().len(), 40_000);
    assert_eq!(bench.problems, [""; 0]);
}

#[test]
fn positions_of_an_older_version_hold() {
    let log = long_log();
    let mut bench = followed(&log);
    bench.stop();
    let file = fs::File::open(bench.path("log.jsonl")).expect("opened");
    let tail = crate::feed::position::tail_before(&file, log.len() as u64).expect("read");
    bench.positions.get_mut("log.jsonl").expect("it is known").anchor = tail;
    bench.append("log.jsonl", "1\n");
    bench.start();
    bench.check_scan(&[&format!("log.jsonl:byte {} 1", log.len())]);
}
