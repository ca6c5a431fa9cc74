//! Files that the configuration names, read within their limits.

use anyhow::{Context as _, Result, bail};
use std::{
    fs::{self, File},
    io::Read as _,
    path::Path,
};

/// The text of a configured file, which must not be larger than its limit.
pub(crate) fn read_text(path: &Path, max_bytes: usize, what: &str) -> Result<String> {
    let shown = path.display();
    let file = File::open(path)
        .with_context(|| format!("cannot read the {what} in {shown}: correct the path in the configuration"))?;
    if fs::metadata(path)?.is_dir() {
        bail!("{shown} is a folder, not a file of {what}: name the file in the configuration");
    }
    let mut text = String::new();
    let limit = u64::try_from(max_bytes).unwrap_or(u64::MAX);
    file.take(limit + 1).read_to_string(&mut text).with_context(|| format!("{shown} is not UTF-8 text"))?;
    if text.len() > max_bytes {
        bail!("{shown} is larger than {max_bytes} bytes, the most for {what}: split it or remove what is not used");
    }
    Ok(text)
}
