//! What `tierwatch plugin new` writes: the files below `plugins/templates`, the contract, and for Rust the SDK with the very
//! versions of its dependencies that the built-in rules are built with. A new rule then builds anywhere, without this
//! repository and without a package of ours in any registry.

use super::Result;
use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

/// What each language's folder is made from beside its own template: a folder or file of the repository, and where it goes.
const RUST: &[(&str, &str)] = &[("plugins/sdk/src", "sdk/src"), ("Cargo.lock", "Cargo.lock")];
const LANGUAGES: &[(&str, &[(&str, &str)])] = &[("rust", RUST), ("python", &[]), ("javascript", &[])];
const SHARED: &[(&str, &str)] = &[("plugins/templates/shared", ""), ("plugins/wit", "wit")];

/// The Rust text of a list of templates.
pub(crate) fn list(workspace: &Path, out: &Path) -> Result<String> {
    let manifest = out.join("sdk.Cargo.toml");
    fs::write(&manifest, standalone(&workspace.join("plugins/sdk/Cargo.toml"), &workspace.join("Cargo.toml"))?)?;
    let mut list = String::from("&[\n");
    for (language, own) in LANGUAGES {
        let mut files = Vec::new();
        add(&workspace.join("plugins/templates").join(language), Path::new(""), &mut files)?;
        for (from, to) in SHARED.iter().chain(*own) {
            add(&workspace.join(from), Path::new(to), &mut files)?;
        }
        if *language == "rust" {
            files.push((manifest.clone(), PathBuf::from("sdk/Cargo.toml")));
        }
        files.sort_by(|(_, one), (_, other)| one.cmp(other));
        for (from, to) in files {
            // A file of this name would hide the others from this repository.
            let to = if to == Path::new("gitignore") { PathBuf::from(".gitignore") } else { to };
            writeln!(
                list,
                "    TemplateFile {{ language: {language:?}, path: {to:?}, text: include_str!({from:?}) }},"
            )?;
        }
    }
    list.push_str("]\n");
    Ok(list)
}

/// The file `from`, or all files below it, with where they go below `to`.
fn add(from: &Path, to: &Path, files: &mut Vec<(PathBuf, PathBuf)>) -> Result<()> {
    if from.is_file() {
        files.push((from.to_owned(), to.to_owned()));
        return Ok(());
    }
    for entry in fs::read_dir(from).map_err(|error| format!("{}: {error}", from.display()))? {
        let entry = entry?;
        add(&entry.path(), &to.join(entry.file_name()), files)?;
    }
    Ok(())
}

/// A member's manifest without its workspace: what it inherits is written out.
fn standalone(member: &Path, workspace: &Path) -> Result<String> {
    let root = fs::read_to_string(workspace)?;
    let mut text = String::new();
    for line in fs::read_to_string(member)?.lines().filter(|line| !["[lints]", "workspace = true"].contains(line)) {
        match line.strip_suffix(".workspace = true") {
            Some(key) => {
                let own = format!("{key} = ");
                let inherited = root.lines().find(|line| line.starts_with(&own));
                writeln!(text, "{}", inherited.ok_or_else(|| format!("the workspace has no `{key}`"))?)?;
            }
            None => writeln!(text, "{line}")?,
        }
    }
    Ok(text)
}
