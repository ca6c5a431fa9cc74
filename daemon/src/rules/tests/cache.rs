//! Compiled components on disk: kept once, and never trusted further than their folder, their permissions and their seal.

use crate::rules::{CodeCache, CompilerCommand, Host, Limits, built_in, cache::MAX_FILES};
use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

/// A host that keeps what it compiles in a folder below `folder`, and that folder.
fn host(folder: &Path, compiler: Option<CompilerCommand>) -> (Host, PathBuf) {
    let kept = folder.join("compiled");
    let host = Host::with_cache(Limits::default(), CodeCache::new(kept.clone(), compiler)).expect("a host");
    (host, kept)
}

fn compile(host: &Host) {
    let rule = built_in()[0];
    let plugin = host.compile("x.wasm", rule.component).expect("a plugin");
    assert_eq!(&*plugin.manifest().name, rule.name);
}

/// The one file that is kept.
fn only(folder: &Path) -> PathBuf {
    let files: Vec<_> = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    let [file] = &files[..] else { panic!("not one file: {files:?}") };
    file.clone()
}

fn inode(file: &Path) -> u64 {
    fs::metadata(file).expect("a file").ino()
}

#[test]
fn what_is_compiled_is_kept_and_read_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let (first, kept) = host(folder.path(), None);
    compile(&first);
    let file = only(&kept);
    assert_eq!(fs::metadata(&kept).expect("a folder").mode() & 0o777, 0o700);
    assert_eq!(fs::metadata(&file).expect("a file").mode() & 0o777, 0o600);
    let before = inode(&file);
    compile(&first);
    compile(&host(folder.path(), None).0);
    assert_eq!((only(&kept), inode(&file)), (file, before), "a file that is there is compiled again");
}

#[test]
fn other_settings_are_other_code() {
    let folder = tempfile::tempdir().expect("a folder");
    let (first, kept) = host(folder.path(), None);
    compile(&first);
    let limits = Limits { memory_bytes: 16 * 1024 * 1024, ..Limits::default() };
    compile(&Host::with_cache(limits, CodeCache::new(kept.clone(), None)).expect("a host"));
    for file in fs::read_dir(&kept).expect("a folder") {
        assert!(file.expect("an entry").file_name().to_string_lossy().ends_with(".cwasm"));
    }
}

#[test]
fn what_is_damaged_is_compiled_anew() {
    let folder = tempfile::tempdir().expect("a folder");
    let (host, kept) = host(folder.path(), None);
    compile(&host);
    let file = only(&kept);
    let good = fs::read(&file).expect("a file");
    let flipped = |index: usize| {
        let mut bytes = good.clone();
        bytes[index] ^= 1;
        bytes
    };
    for bad in [
        vec![],
        good[..good.len() - 1].to_vec(),
        good[..40].to_vec(),
        flipped(0),
        flipped(good.len() / 2),
        flipped(good.len() - 1),
    ] {
        fs::write(&file, &bad).expect("written");
        let before = inode(&file);
        compile(&host);
        assert_ne!(inode(&file), before, "{} bytes are run", bad.len());
        assert!(fs::read(&file).expect("a file") == good, "the file is not mended");
    }
}

#[test]
fn code_of_another_component_is_not_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let (host, kept) = host(folder.path(), None);
    compile(&host);
    let first = only(&kept);
    let other = host.compile("y.wasm", built_in()[1].component).expect("a plugin");
    let second =
        fs::read_dir(&kept).expect("a folder").map(|entry| entry.expect("an entry").path()).find(|file| *file != first);
    fs::copy(second.expect("a second file"), &first).expect("copied");
    compile(&host);
    assert_eq!(&*other.manifest().name, built_in()[1].name);
}

#[test]
fn what_others_may_have_written_is_not_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let (host, kept) = host(folder.path(), None);
    compile(&host);
    let file = only(&kept);
    let before = inode(&file);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o666)).expect("permissions");
    compile(&host);
    assert_ne!(inode(&file), before, "a file that others can write is run");
    // In a folder that others can write, nothing is read or kept.
    fs::set_permissions(&kept, fs::Permissions::from_mode(0o777)).expect("permissions");
    let before = inode(&file);
    compile(&host);
    assert_eq!(inode(&file), before);
    // A link is not followed.
    fs::set_permissions(&kept, fs::Permissions::from_mode(0o700)).expect("permissions");
    let elsewhere = folder.path().join("elsewhere");
    fs::rename(&file, &elsewhere).expect("renamed");
    std::os::unix::fs::symlink(&elsewhere, &file).expect("a link");
    compile(&host);
    assert!(fs::symlink_metadata(&file).expect("a file").is_file(), "a link is followed");
}

#[test]
fn the_oldest_files_go_first() {
    let folder = tempfile::tempdir().expect("a folder");
    let (host, kept) = host(folder.path(), None);
    compile(&host);
    let file = only(&kept);
    let good = fs::read(&file).expect("a file");
    for old in 0..2 * MAX_FILES {
        let old = fs::File::create(kept.join(format!("{old}.cwasm"))).expect("a file");
        old.set_modified(std::time::SystemTime::UNIX_EPOCH).expect("a time");
    }
    fs::write(&file, "").expect("written");
    compile(&host);
    assert_eq!(fs::read_dir(&kept).expect("a folder").count(), MAX_FILES);
    assert!(fs::read(&file).expect("the newest stays") == good);
}

/// A compiler that is a shell script.
fn script(body: &str) -> Option<CompilerCommand> {
    Some(CompilerCommand { program: "/bin/sh".into(), arguments: vec!["-c".into(), body.into()] })
}

#[test]
fn a_compiler_keeps_functions_beside_components_and_has_its_own_memory() {
    let folder = tempfile::tempdir().expect("a folder");
    let says = r#"cat > /dev/null
        [ -n "$GLIBC_TUNABLES" ] && [ -z "$MALLOC_ARENA_MAX" ] && [ -O "$(dirname "$0")" ] || exit 1
        printf '\1\14\0\0\0\0\0\0\0%s' "$(basename "$0")""#;
    let (host, _) = host(folder.path(), script(says));
    let refused = host.compile("x.wasm", built_in()[0].component).map(|_| ()).expect_err("refused").to_string();
    assert!(refused.contains("(functions.db)"), "{refused}");
}

#[test]
fn a_compiler_that_refuses_says_why_and_one_that_cannot_run_is_done_without() {
    let folder = tempfile::tempdir().expect("a folder");
    let component = built_in()[0].component;
    let refused = |body| {
        let (host, _) = host(folder.path(), script(body));
        host.compile("x.wasm", component).map(|_| ()).expect_err("refused").to_string()
    };
    let says = refused(r"cat > /dev/null; printf '\1\7\0\0\0\0\0\0\0no good'");
    assert_eq!(says, "plugin `x.wasm`: it does not compile (no good): build it again with the SDK in plugins/sdk");
    let says = refused("kill -9 $$");
    assert!(says.contains("the compiler ended with signal: 9"), "{says}");
    for (name, body) in [
        ("early", "exit 1"),
        ("other", "cat > /dev/null; exit 64"),
        ("half", r"cat > /dev/null; printf '\0\7\0\0\0\0\0\0\0half'"),
        ("odd", r"cat > /dev/null; printf '\7\0\0\0\0\0\0\0\0'"),
    ] {
        let folder = folder.path().join(name);
        fs::create_dir(&folder).expect("a folder");
        let (host, kept) = host(&folder, script(body));
        compile(&host);
        only(&kept);
    }
    let (host, kept) = host(folder.path(), script(r"cat > /dev/null; printf '\0\7\0\0\0\0\0\0\0no code'"));
    compile(&host);
    assert_eq!(fs::read_dir(kept).expect("a folder").count(), 0, "what does not run is kept");
}
