//! Compiled components, kept on disk: a component is compiled once for an engine and its settings, by a process of its own
//! that ends afterwards. So what a compiler leaves in its heap never stays in the daemon. That process keeps the functions too,
//! so that only the differences of another version of the component are compiled.
//!
//! A file holds the code, and then a digest over what the code was made from and the code itself. The code is run unchecked,
//! so it is read only from a folder and a file that nobody else can write; otherwise the component is compiled again.

use super::limits::Limits;
use crate::model::Digest;
use rustix::process::geteuid;
use std::{
    fmt::Display,
    fs::{self, DirBuilder, File, OpenOptions},
    hash::{Hash as _, Hasher},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    process::{self, Command, Stdio},
    sync::atomic::{AtomicU64, Ordering},
    thread,
};
use wasmtime::{Engine, component::Component};

/// Bytes of the digest at the end of a file.
const SEAL_BYTES: usize = 32;
/// Largest file that is read, in bytes: code is several times as large as its component.
const MAX_FILE_BYTES: u64 = 1024 * 1024 * 1024;
/// Most files that are kept; the oldest go first.
pub(super) const MAX_FILES: usize = 128;
/// The file with compiled functions, beside those with compiled components; SQLite's auxiliary files begin with its name.
const FUNCTIONS: &str = "functions.db";
/// The permissions that others must not have on the folder and its files.
const OTHERS: u32 = 0o077;

/// Makes files of one process distinct while they are written.
static WRITTEN: AtomicU64 = AtomicU64::new(0);

/// Where compiled components are kept, and what compiles new ones.
#[derive(Clone, Debug)]
pub struct CodeCache {
    folder: PathBuf,
    compiler: Option<CompilerCommand>,
}

/// A command that reads a component from its standard input and writes a [`CompilerAnswer`] to its standard output. Its last
/// argument is the file for compiled functions.
#[derive(Clone, Debug)]
pub struct CompilerCommand {
    /// The path of the executable.
    pub program: PathBuf,
    /// The arguments before the file for compiled functions.
    pub arguments: Vec<String>,
}

/// The subcommand of this program that compiles.
pub(crate) const COMPILE_COMMAND: &str = "compile-component";
/// This program, even when its file has been replaced since the start.
const THIS_PROGRAM: &str = "/proc/self/exe";

/// How the C library gives the compiling process its memory: much at a time and in large pages, since it lives only briefly
/// and somebody waits for the new rule. The daemon's own setting, one heap for all threads, would make its threads wait for
/// one another.
const COMPILER_MEMORY: (&str, &str) = ("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1:glibc.malloc.top_pad=67108864");
/// The variable with the daemon's own setting, which the compiler must not inherit.
const DAEMON_MEMORY: &str = "MALLOC_ARENA_MAX";

impl CodeCache {
    /// Keeps code in `folder`, which is created if its parent exists. Without a compiler the calling process compiles.
    #[must_use]
    pub fn new(folder: PathBuf, compiler: Option<CompilerCommand>) -> Self {
        Self { folder, compiler }
    }

    /// The component of `bytes`, compiled for `engine`.
    ///
    /// # Errors
    /// Why it does not compile.
    pub(super) fn component(&self, engine: &Engine, origin: &str, bytes: &[u8]) -> Result<Component, String> {
        let key = key(engine, bytes);
        let path = self.path(&key);
        match self.kept(engine, &path, &key) {
            Ok(Some(component)) => return Ok(component),
            Ok(None) => {}
            Err(reason) => tracing::warn!(plugin = origin, file = %path.display(), "compiled anew: {reason}"),
        }
        let code = self.compile(engine, origin, bytes)?;
        match self.keep(&path, &key, &code).map(|()| self.kept(engine, &path, &key)) {
            // Mapped from the file, the code takes no memory that the system could not take back.
            Ok(Ok(Some(component))) => return Ok(component),
            // Code that this engine cannot run is removed.
            Ok(_) => drop(fs::remove_file(&path)),
            Err(error) => {
                let folder = self.folder.display();
                tracing::warn!(
                    plugin = origin,
                    "compiled code is not kept ({error}), so each start compiles: let only this user write in {folder}"
                );
            }
        }
        run_code(engine, Code::Bytes(&code)).or_else(|_| in_process(engine, bytes))
    }

    /// Whether there is a file for the code of `bytes`; its content is not checked.
    pub(super) fn has(&self, engine: &Engine, bytes: &[u8]) -> bool {
        self.path(&key(engine, bytes)).is_file()
    }

    fn path(&self, key: &Digest) -> PathBuf {
        self.folder.join(format!("{}.cwasm", hex::encode(key.0)))
    }

    /// The component in the file at `path`; `None` when there is no file.
    fn kept(&self, engine: &Engine, path: &Path, key: &Digest) -> Result<Option<Component>, String> {
        let told = |error: io::Error| error.to_string();
        let mut file = match OpenOptions::new().read(true).custom_flags(no_follow()).open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(told(error)),
        };
        check_folder(&self.folder).map_err(told)?;
        let metadata = file.metadata().map_err(told)?;
        if !metadata.is_file() || !is_ours_alone(&metadata) {
            return Err("others may have written it".to_owned());
        }
        if metadata.len() > MAX_FILE_BYTES {
            return Err(format!("it has more than {MAX_FILE_BYTES} bytes"));
        }
        let mut content = Vec::new();
        file.read_to_end(&mut content).map_err(told)?;
        let (code, sealed) = content.split_at(content.len().saturating_sub(SEAL_BYTES));
        if sealed != seal(key, code).0 {
            return Err("it is damaged".to_owned());
        }
        drop(content);
        run_code(engine, Code::File(path)).map(Some)
    }

    /// Makes the folder, this user's alone, where there is none.
    fn make_folder(&self) -> io::Result<()> {
        match DirBuilder::new().mode(0o700).create(&self.folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => check_folder(&self.folder),
        }
    }

    /// Writes a file under another name and renames it to `path`, so that no start ever sees half of it.
    fn keep(&self, path: &Path, key: &Digest, code: &[u8]) -> io::Result<()> {
        self.make_folder()?;
        let number = WRITTEN.fetch_add(1, Ordering::Relaxed);
        let partial = self.folder.join(format!("{}-{number}.partial", process::id()));
        let write = || {
            // A process with the same number may have died while it wrote.
            let _ = fs::remove_file(&partial);
            let mut file: File = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&partial)?;
            file.write_all(code)?;
            file.write_all(&seal(key, code).0)?;
            file.sync_all()?;
            fs::rename(&partial, path)
        };
        let written = write();
        if written.is_err() {
            let _ = fs::remove_file(&partial);
        }
        written.and_then(|()| self.prune())
    }

    /// Removes the oldest files beyond [`MAX_FILES`].
    fn prune(&self) -> io::Result<()> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(FUNCTIONS) {
                continue;
            }
            let path = entry.path();
            // Another process may remove it first.
            if let Ok(metadata) = fs::symlink_metadata(&path) {
                files.push((metadata.mtime(), path));
            }
        }
        files.sort_unstable();
        for (_, path) in files.iter().take(files.len().saturating_sub(MAX_FILES)) {
            let _ = fs::remove_file(path);
        }
        Ok(())
    }

    fn compile(&self, engine: &Engine, origin: &str, bytes: &[u8]) -> Result<Vec<u8>, String> {
        let precompile = || engine.precompile_component(bytes).map_err(|error| error.root_cause().to_string());
        let Some(compiler) = &self.compiler else { return precompile() };
        let functions = self.make_folder().is_ok().then(|| self.folder.join(FUNCTIONS));
        match compiler.run(bytes, functions.as_deref()) {
            Ok(CompilerAnswer::Code(code)) => Ok(code),
            Ok(CompilerAnswer::Refusal(reason)) => Err(reason),
            Err(reason) => {
                tracing::warn!(plugin = origin, "compiled by the daemon itself, which costs memory: {reason}");
                precompile()
            }
        }
    }
}

impl CompilerCommand {
    /// This program, which must understand [`COMPILE_COMMAND`] as the `tierwatch` command does.
    #[must_use]
    pub(crate) fn this_program(limits: &Limits) -> Self {
        let arguments = [COMPILE_COMMAND.to_owned(), limits.memory_bytes.to_string(), limits.stack_bytes.to_string()];
        Self { program: THIS_PROGRAM.into(), arguments: arguments.into() }
    }

    /// # Errors
    /// Why there was no such process, or how it ended without an answer.
    fn run(&self, bytes: &[u8], functions: Option<&Path>) -> Result<CompilerAnswer, String> {
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .args(functions)
            .env_remove(DAEMON_MEMORY)
            .env(COMPILER_MEMORY.0, COMPILER_MEMORY.1);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(|error| format!("no process to compile in ({error})"))?;
        if let Some(mut input) = child.stdin.take() {
            // A compiler that ends early says why with its exit code.
            let _ = input.write_all(bytes);
        }
        let answer = child.stdout.take().and_then(|mut output| CompilerAnswer::read(&mut output).ok());
        if let Some(answer) = answer {
            // The process still stores its functions, and nobody waits for that. If no thread can start, it stays a zombie until
            // the daemon ends.
            let _ = thread::Builder::new().name("end of a compiler".to_owned()).spawn(move || child.wait());
            return Ok(answer);
        }
        match child.wait() {
            // Whatever killed it by a signal would kill the daemon too.
            Ok(status) if status.code().is_none() => {
                Ok(CompilerAnswer::Refusal(format!("the compiler ended with {status}")))
            }
            Ok(status) => Err(format!("the compiling process ended with {status}")),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// What the compiling process answers.
#[derive(Debug)]
pub(crate) enum CompilerAnswer {
    /// The component's code.
    Code(Vec<u8>),
    /// Why it does not compile.
    Refusal(String),
}

impl CompilerAnswer {
    /// Writes its kind, its length and its bytes, so that the reader knows where it ends.
    ///
    /// # Errors
    /// When nobody reads it.
    pub(crate) fn write(&self, to: &mut impl Write) -> io::Result<()> {
        let (kind, bytes) = match self {
            Self::Code(code) => (0, code.as_slice()),
            Self::Refusal(reason) => (1, reason.as_bytes()),
        };
        to.write_all(&[kind])?;
        to.write_all(&u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_le_bytes())?;
        to.write_all(bytes)?;
        to.flush()
    }

    /// Reads exactly one answer.
    fn read(from: &mut impl Read) -> io::Result<Self> {
        let (mut kind, mut length) = ([0], [0; 8]);
        from.read_exact(&mut kind)?;
        from.read_exact(&mut length)?;
        let length = u64::from_le_bytes(length);
        let mut bytes = Vec::new();
        if from.take(length).read_to_end(&mut bytes)? as u64 != length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        match kind {
            [0] => Ok(Self::Code(bytes)),
            [1] => Ok(Self::Refusal(String::from_utf8_lossy(&bytes).into_owned())),
            _ => Err(io::ErrorKind::InvalidData.into()),
        }
    }
}

/// Compiles in this process.
pub(super) fn in_process(engine: &Engine, bytes: &[u8]) -> Result<Component, String> {
    Component::new(engine, bytes).map_err(|error| error.root_cause().to_string())
}

/// What the code of `bytes` depends on: the component, the engine's version, its settings and the processor.
fn key(engine: &Engine, bytes: &[u8]) -> Digest {
    struct Collected(Vec<u8>);
    impl Hasher for Collected {
        fn write(&mut self, bytes: &[u8]) {
            self.0.extend_from_slice(bytes);
        }
        fn finish(&self) -> u64 {
            0
        }
    }
    let mut all = Collected(Digest::of(bytes).0.to_vec());
    engine.precompile_compatibility_hash().hash(&mut all);
    Digest::of(&all.0)
}

/// A digest over a key and the code that was made for it.
pub(super) fn seal(key: &Digest, code: &[u8]) -> Digest {
    let mut both = key.0.to_vec();
    both.extend_from_slice(&Digest::of(code).0);
    Digest::of(&both)
}

/// Makes an empty file at `path` where there is none; it and its folder must be this user's alone.
pub(super) fn own_file(path: &Path) -> io::Result<()> {
    check_folder(path.parent().unwrap_or(path))?;
    let mut options = OpenOptions::new();
    let file = options.append(true).create(true).mode(0o600).custom_flags(no_follow()).open(path)?;
    let metadata = file.metadata()?;
    if metadata.is_file() && is_ours_alone(&metadata) {
        Ok(())
    } else {
        Err(io::Error::other("others may have written it"))
    }
}

/// Whether the folder is this user's alone.
fn check_folder(folder: &Path) -> io::Result<()> {
    let metadata = fs::symlink_metadata(folder)?;
    if metadata.is_dir() && is_ours_alone(&metadata) {
        return Ok(());
    }
    Err(io::Error::other("others may use the folder"))
}

fn is_ours_alone(metadata: &fs::Metadata) -> bool {
    metadata.uid() == geteuid().as_raw() && metadata.mode() & OTHERS == 0
}

fn no_follow() -> i32 {
    // The flag is a small positive number on every system.
    i32::try_from(rustix::fs::OFlags::NOFOLLOW.bits()).unwrap_or(0)
}

/// Compiled code, in memory or in a file.
enum Code<'a> {
    File(&'a Path),
    Bytes(&'a [u8]),
}

#[expect(
    unsafe_code,
    reason = "the engine runs the code as it is: it comes from a compiler of this same program, either directly or from a \
              file with the right digest that only this user can write, and files are replaced by renaming, never changed"
)]
fn run_code(engine: &Engine, code: Code<'_>) -> Result<Component, String> {
    let told = |error: &dyn Display| error.to_string();
    // SAFETY: see the reason above.
    match code {
        Code::File(path) => unsafe { Component::deserialize_file(engine, path) }.map_err(|error| told(&error)),
        Code::Bytes(bytes) => unsafe { Component::deserialize(engine, bytes) }.map_err(|error| told(&error)),
    }
}
