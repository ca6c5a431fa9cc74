//! Links, and things that are no files.

use super::*;

const LEAVES: &str = "the link leads out of the feed's folder and is not followed: put the file itself into the folder";

#[test]
fn a_kubernetes_volume_is_read_and_its_swap_is_seen() {
    let fill = |folder: &Path, version: &str, content: &str| {
        let data = folder.join(format!("..{version}"));
        fs::create_dir_all(&data).expect("created");
        fs::write(data.join("a.json"), content).expect("written");
        fs::write(data.join("same.json"), "{\"same\":1}").expect("written");
        std::os::unix::fs::symlink(format!("..{version}"), folder.join("..data_tmp")).expect("linked");
        fs::rename(folder.join("..data_tmp"), folder.join("..data")).expect("renamed");
    };
    let mut bench = Bench::over(|folder| {
        fill(folder, "2026_01", "{\"a\":1}");
        std::os::unix::fs::symlink("..data/a.json", folder.join("a.json")).expect("linked");
        std::os::unix::fs::symlink("..data/same.json", folder.join("same.json")).expect("linked");
    });
    bench.check_scan(&["a.json {\"a\":1}", "same.json {\"same\":1}"]);
    for version in 2..5 {
        fill(bench.folder.path(), &format!("2026_0{version}"), &format!("{{\"a\":{version}}}"));
        fs::remove_dir_all(bench.path(&format!("..2026_0{}", version - 1))).expect("removed");
        bench.check(&[&format!("a.json {{\"a\":{version}}}")]);
    }
    bench.restart();
    bench.check_scan(&[]);
    assert_eq!(bench.problems, [""; 0]);
}

#[test]
fn a_link_inside_is_followed_unless_its_target_is_read_anyway() {
    let mut bench = Bench::over(|folder| {
        fs::create_dir_all(folder.join(".store/deep")).expect("created");
        fs::create_dir(folder.join("seen")).expect("created");
        fs::write(folder.join(".store/a"), "{\"a\":1}").expect("written");
        fs::write(folder.join(".store/deep/b.json"), "{\"b\":1}").expect("written");
        fs::write(folder.join("seen/c.json"), "{\"c\":1}").expect("written");
    });
    bench.check_scan(&["seen/c.json {\"c\":1}"]);
    bench.link("a.json", ".store/a");
    bench.link("again.json", "seen/c.json");
    bench.link("again", "seen");
    bench.link("deep", ".store/deep");
    let absolute = bench.path(".store/deep/b.json");
    bench.link("absolute.json", absolute.to_str().expect("UTF-8"));
    bench.check(&["a.json {\"a\":1}", "absolute.json {\"b\":1}", "deep/b.json {\"b\":1}"]);
    bench.write(".store/a", "{\"a\":2}");
    bench.write(".store/deep/d.json", "{\"d\":1}");
    bench.check(&["a.json {\"a\":2}", "deep/d.json {\"d\":1}"]);
    assert_eq!(bench.problems, [""; 0]);
}

#[test]
fn a_folder_behind_a_swapped_link_is_read_anew() {
    let mut bench = Bench::over(|folder| {
        for version in ["1", "2"] {
            fs::create_dir_all(folder.join(".releases").join(version)).expect("created");
            fs::write(folder.join(".releases").join(version).join("a.json"), version).expect("written");
        }
        std::os::unix::fs::symlink(".releases/1", folder.join("current")).expect("linked");
    });
    bench.check_scan(&["current/a.json 1"]);
    bench.link("next", ".releases/2");
    fs::rename(bench.path("next"), bench.path("current")).expect("renamed");
    let found = bench.settle();
    assert!(found.contains(&"current/a.json 2".to_owned()), "{found:?}");
    bench.write(".releases/2/b.json", "3");
    bench.check(&["current/b.json 3"]);
}

#[test]
fn a_link_that_leaves_the_folder_is_told_once_and_not_followed() {
    let outside = tempfile::tempdir().expect("a folder");
    fs::write(outside.path().join("secret.json"), "{}").expect("written");
    let mut bench = Bench::over(|folder| {
        std::os::unix::fs::symlink(outside.path().join("secret.json"), folder.join("a.json")).expect("linked");
    });
    bench.check_scan(&[]);
    bench.link("folder", outside.path().to_str().expect("UTF-8"));
    bench.link("process.json", "/proc/self/status");
    bench.link("dangling.json", "nothing.json");
    bench.check(&[]);
    bench.lose_events();
    bench.check_scan(&[]);
    bench.problems.sort();
    assert_eq!(bench.problems, ["a.json", "folder", "process.json"].map(|name| format!("{name}: {LEAVES}")));
}

#[test]
fn links_in_a_circle_end() {
    let mut bench = Bench::over(|folder| {
        fs::create_dir_all(folder.join(".hidden")).expect("created");
        fs::write(folder.join(".hidden/a.json"), "{}").expect("written");
        std::os::unix::fs::symlink(".", folder.join(".hidden/self")).expect("linked");
        std::os::unix::fs::symlink("..", folder.join(".hidden/up")).expect("linked");
        std::os::unix::fs::symlink(".hidden", folder.join("round")).expect("linked");
        std::os::unix::fs::symlink("x.json", folder.join("x.json")).expect("linked");
    });
    bench.check_scan(&["round/a.json {}"]);
    assert_eq!(bench.problems, ["x.json: the links lead in a circle: correct them"]);
}

#[test]
fn what_is_no_file_is_told_and_blocks_nothing() {
    let mut bench = Bench::over(|folder| {
        let mode = rustix::fs::Mode::from_raw_mode(0o600);
        rustix::fs::mknodat(rustix::fs::CWD, folder.join("pipe.json"), rustix::fs::FileType::Fifo, mode, 0)
            .expect("made");
        fs::create_dir(folder.join("folder.json")).expect("created");
        fs::write(folder.join("folder.json/a.json"), "{}").expect("written");
    });
    bench.check_scan(&["folder.json/a.json {}"]);
    assert_eq!(
        bench.problems,
        ["pipe.json: this is no regular file and is not read: put the attestations into a file"]
    );
}
