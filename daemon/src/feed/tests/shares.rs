//! What one file may cost the others.

use super::*;

#[test]
fn a_sparse_file_of_terabytes_costs_next_to_nothing() {
    const BYTES: u64 = 1 << 40;
    let began = Instant::now();
    let mut bench = Bench::over(|folder| {
        for name in ["a.json", "a.jsonl"] {
            fs::File::create(folder.join(name)).and_then(|file| file.set_len(BYTES)).expect("a sparse file");
        }
        let old = std::time::SystemTime::now() - Duration::from_secs(3600);
        fs::File::options().write(true).open(folder.join("a.json")).and_then(|f| f.set_modified(old)).expect("set");
        fs::write(folder.join("b.json"), "{}").expect("written");
    });
    bench.check_scan(&[&format!("a.json:byte 0 oversized {BYTES}, head 4096"), "b.json {}"]);
    bench.append("a.jsonl", "\n1\n");
    bench.check(&[&format!("a.jsonl:byte 0 oversized {BYTES}, head 4096"), &format!("a.jsonl:byte {} 1", BYTES + 1)]);
    bench.restart();
    bench.check_scan(&[]);
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
}

#[test]
fn a_line_that_goes_on_takes_turns_with_other_files_and_holds_up_no_scan() {
    let long = "x".repeat(9 << 20);
    let mut bench = Bench::over(|folder| fs::write(folder.join("a.jsonl"), format!("{long}\n1\n")).expect("written"));
    bench.stop();
    bench.positions.clear();
    bench.write("b.json", "{}");
    bench.start_with(|options| options.turn_bytes = 256 * 1024);
    bench.check_scan(&["b.json {}"]);
    let mut found = Vec::new();
    while found.len() < 2 {
        found.extend(bench.next());
    }
    assert_eq!(
        shown(found),
        [&format!("a.jsonl:byte 0 oversized {}, head 4096", long.len()), "a.jsonl:byte 9437185 1"]
    );
    bench.restart();
    bench.check_scan(&[]);
}

#[test]
fn a_long_file_takes_turns_with_the_others_and_loses_nothing() {
    let lines: String = (0..40_000).map(|number| format!("{number}\n")).collect();
    for name in ["a.jsonl", "a.json"] {
        let mut bench = Bench::over(|_| {});
        bench.check_scan(&[]);
        bench.stop();
        bench.rename_in(name, &lines);
        bench.rename_in("b.jsonl", &(0..2000).map(|number| format!("{number}\n")).collect::<String>());
        bench.rename_in("c.json", "{}");
        bench.start_with(|options| options.turn_bytes = 16 * 1024);
        let heard = bench.until_scanned();
        assert_eq!(heard.len(), 40_000 + 2000 + 1);
        let last = |file: &str| heard.iter().rposition(|item| item.starts_with(file));
        assert!(last("b.jsonl") < last(name) && last("c.json") < last(name), "the long one is done last");
        let bodies = heard.iter().filter(|item| item.starts_with(name)).filter_map(|item| item.split(' ').next_back());
        assert!(bodies.eq((0..40_000).map(|number| number.to_string())), "in order, each once");
        let position = &bench.positions[name];
        assert_eq!((position.offset_bytes, position.size_bytes), (lines.len() as u64, lines.len() as u64));
        // As after a crash in between: it goes on from what was committed.
        bench.restart();
        bench.check_scan(&[]);
    }
}

#[test]
fn what_is_not_read_is_counted_at_every_scan() {
    let mut bench = Bench::over(|folder| {
        for number in 0..150 {
            fs::write(folder.join(format!("{number:03}.intoto")), "{}").expect("written");
            std::os::unix::fs::symlink("/etc", folder.join(format!("{number:03}.json"))).expect("linked");
        }
    });
    bench.check_scan(&[]);
    assert_eq!((bench.unread.files, bench.unread.named.len()), (300, crate::feed::MAX_UNREAD_NAMED));
    assert_eq!(bench.problems.len(), 100, "the others are only counted");
    for number in 0..150 {
        fs::remove_file(bench.path(&format!("{number:03}.json"))).expect("removed");
        fs::remove_file(bench.path(&format!("{number:03}.intoto"))).expect("removed");
    }
    bench.check(&[]);
    assert_eq!(bench.unread, Unread::default());
}
