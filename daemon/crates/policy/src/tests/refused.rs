//! Every bad policy under `refused/` with its exact message. After a change of wording, review each of them:
//! `UPDATE_GOLDEN=1 cargo test --lib policy`.

use crate::{MAX_POLICY_BYTES, Policy};
use std::{env, fs, path::Path};

#[test]
fn every_bad_policy_is_refused_with_its_message() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tests/refused");
    let mut checked = 0;
    for entry in fs::read_dir(&folder).expect("the folder of bad policies") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            check(&path);
            checked += 1;
        }
    }
    assert!(checked >= 25, "only {checked} bad policies in {}", folder.display());
}

fn check(path: &Path) {
    let text = fs::read_to_string(path).expect("a bad policy");
    let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
    let diagnostics = Policy::parse(&format!("rules/{name}"), &text).expect_err(name);
    let message = format!("{diagnostics}\n");
    let golden = path.with_extension("err");
    if env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&golden, message).expect("the message is written");
    } else {
        assert_eq!(message, fs::read_to_string(&golden).unwrap_or_default(), "{name}");
    }
}

#[test]
fn a_file_that_is_too_long_is_refused() {
    let text = format!("# {}\n", "x".repeat(MAX_POLICY_BYTES));
    let message = Policy::parse("long.toml", &text).expect_err("too long").to_string();
    assert!(message.contains("error: the file has 1048579 bytes"), "{message:.200}");
    assert!(message.ends_with("= help: keep it within 1048576 bytes"), "{message:.200}");
}
