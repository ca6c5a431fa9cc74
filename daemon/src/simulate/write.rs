//! From the world to files: organisations in chunks, signed in parallel, written in order.

use super::{
    Options, SimulateError, bad, evidence, identity,
    planned::{PlannedAttestation, Signer},
    replacement,
    sign::{OfficeKeys, attestation_digest},
    staging::staged,
    story::{BadInput, Story},
    supply,
    trust::{self, WriteTrustError},
    world::World,
};
use crate::model::{Claims, Kind};
use rayon::prelude::*;
use serde::Serialize;
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{BufWriter, Write as _},
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// Organisations whose attestations are in memory at once.
const CHUNK_ORGANISATIONS: u32 = 1024;
/// The largest buffer before a file, in bytes; there are few files.
const BUFFER_BYTES: usize = 256 * 1024;

/// How far the writing has got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Organisations done.
    pub done: u32,
    /// Organisations in all.
    pub organisations: u32,
    /// Attestations written so far.
    pub attestations: u64,
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WrittenNetwork {
    /// Organisations in the four tiers.
    pub organisations: u32,
    /// Programmes above them.
    pub programmes: u32,
    /// Attestations that must be accepted, without duplicates.
    pub attestations: u64,
    /// Of them, those that say who supplies whom.
    pub sources: u64,
    /// Bytes in the feed.
    pub feed_bytes: u64,
    /// The planted stories.
    pub stories: Vec<Story>,
    /// The planted input that must be refused.
    pub bad_inputs: Vec<BadInput>,
    /// The file that heals the worst supplier, relative to the folder; only a network with stories has one.
    pub replacement: Option<PathBuf>,
}

/// Writes a network into `dir` (made when it is not there), telling `progress` after every chunk.
///
/// # Errors
/// [`SimulateError`] when the options are out of range, the folder already holds a feed, or a file cannot be written.
pub fn write_demo(
    dir: &Path,
    options: &Options,
    progress: &mut dyn FnMut(Progress),
) -> Result<WrittenNetwork, SimulateError> {
    options.check()?;
    let feed_dir = dir.join("feed");
    if feed_dir.exists() {
        return Err(SimulateError::Exists(feed_dir));
    }
    let world = staged(options);
    let keys = OfficeKeys::new(options.seed);
    let mut feed = FeedWriter { dir: feed_dir, logs: BTreeMap::new(), attestations: 0, sources: 0, bytes: 0 };
    write_programmes(&world, &keys, &mut feed)?;
    write_firms(&world, options, &keys, &mut feed, progress)?;
    let bad_inputs = write_bad(&world, options, &keys, &mut feed)?;
    feed.finish()?;
    write_trust(dir, options, &world, &keys)?;
    let replacement = write_replacement(dir, &world, &keys)?;
    let written = WrittenNetwork {
        organisations: world.structure.organisations(),
        programmes: world.structure.programmes(),
        attestations: feed.attestations,
        sources: feed.sources,
        feed_bytes: feed.bytes,
        stories: world.stories,
        bad_inputs,
        replacement,
    };
    let summary = serde_json::to_vec_pretty(&written)
        .unwrap_or_else(|error| unreachable!("a summary holds only strings and numbers: {error}"));
    write_file(&dir.join("stories.json"), &summary)?;
    write_file(&dir.join("tierwatch.toml"), trust::configuration(options).as_bytes())?;
    Ok(written)
}

fn write_programmes(world: &World, keys: &OfficeKeys, feed: &mut FeedWriter) -> Result<(), SimulateError> {
    let mut drafts: Vec<PlannedAttestation> =
        (0..world.structure.programmes()).flat_map(|number| supply::of_programme(world, number)).collect();
    drafts.extend(identity::groups(world));
    let signed: Vec<_> = drafts.par_iter().map(|draft| Signed::new(draft, keys)).collect();
    signed.iter().try_for_each(|signed| feed.put(signed))
}

fn write_firms(
    world: &World,
    options: &Options,
    keys: &OfficeKeys,
    feed: &mut FeedWriter,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), SimulateError> {
    let organisations = world.structure.organisations();
    let mut done = 0;
    while done < organisations {
        let end = organisations.min(done + CHUNK_ORGANISATIONS);
        let sign = |number| -> Vec<Signed> {
            evidence::of_firm(world, options, number).iter().map(|draft| Signed::new(draft, keys)).collect()
        };
        let chunk: Vec<_> = (done..end).into_par_iter().map(sign).collect();
        chunk.iter().flatten().try_for_each(|signed| feed.put(signed))?;
        done = end;
        progress(Progress { done, organisations, attestations: feed.attestations });
    }
    Ok(())
}

fn write_bad(
    world: &World,
    options: &Options,
    keys: &OfficeKeys,
    feed: &mut FeedWriter,
) -> Result<Vec<BadInput>, SimulateError> {
    let good_line = keys.sign(&supply::requirement(world, 0));
    let mut inputs = Vec::new();
    for (input, bytes) in bad::all(world, keys, &good_line) {
        let path = feed.dir.join(&input.file);
        write_file(&path, &bytes)?;
        // A feed waits for the rest of a file that looks as if it were still being written; these files are complete.
        let written = File::options().append(true).open(&path).and_then(|file| file.set_modified(arrived_at(options)));
        written.map_err(|source| SimulateError::Io { path, source })?;
        feed.bytes += bytes.len() as u64;
        inputs.push(input);
    }
    Ok(inputs)
}

/// The start of the day before today.
fn arrived_at(options: &Options) -> SystemTime {
    let seconds = options.today.start().plus_days(-1).unix_seconds();
    UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).unwrap_or(0))
}

fn write_trust(dir: &Path, options: &Options, world: &World, keys: &OfficeKeys) -> Result<(), SimulateError> {
    let path = dir.join("trust.toml");
    let io = |source| SimulateError::Io { path: path.clone(), source };
    let mut out = BufWriter::new(File::create(&path).map_err(io)?);
    trust::write(&mut out, options, &world.structure, keys).map_err(|error| match error {
        WriteTrustError::Io(source) => io(source),
        WriteTrustError::Key(error) => error.into(),
    })?;
    out.flush().map_err(io)
}

fn write_replacement(dir: &Path, world: &World, keys: &OfficeKeys) -> Result<Option<PathBuf>, SimulateError> {
    let Some(replacement) = replacement::of_world(world, keys) else { return Ok(None) };
    let path = Path::new("try").join(replacement.file_name);
    write_file(&dir.join(&path), replacement.text.as_bytes())?;
    Ok(Some(path))
}

fn write_file(path: &Path, bytes: &[u8]) -> Result<(), SimulateError> {
    let io = |source| SimulateError::Io { path: path.to_owned(), source };
    path.parent().map_or(Ok(()), fs::create_dir_all).map_err(io)?;
    fs::write(path, bytes).map_err(io)
}

/// A signed attestation and the file of the feed that it goes into.
struct Signed {
    file: FeedFile,
    line: String,
    is_source: bool,
}

/// Where in the feed an attestation lies.
enum FeedFile {
    /// At the end of this file of JSON lines.
    Log(&'static str),
    /// In a file of its own.
    Notice(String),
}

impl Signed {
    fn new(draft: &PlannedAttestation, keys: &OfficeKeys) -> Self {
        let file = match draft.claims.kind() {
            kind @ (Kind::Revocation | Kind::Suspension | Kind::Incident | Kind::SupplyEndOfLife) => {
                FeedFile::Notice(format!("notices/{kind}-{}.json", attestation_digest(draft).short()))
            }
            _ => FeedFile::Log(log_of(draft.signer)),
        };
        Self { file, line: keys.sign(draft) + "\n", is_source: matches!(draft.claims, Claims::SupplySource(_)) }
    }
}

/// The file of JSON lines that holds what `signer` issues.
fn log_of(signer: Signer) -> &'static str {
    match signer {
        Signer::Office(office) => office.log(),
        Signer::PrimeAndProgrammes => super::issuers::Office::Programmes.log(),
        Signer::Firm(_) => "suppliers.jsonl",
    }
}

/// The feed's folder, with the files that grow held open.
struct FeedWriter {
    dir: PathBuf,
    logs: BTreeMap<&'static str, (PathBuf, BufWriter<File>)>,
    attestations: u64,
    sources: u64,
    bytes: u64,
}

impl FeedWriter {
    fn put(&mut self, signed: &Signed) -> Result<(), SimulateError> {
        match &signed.file {
            FeedFile::Notice(file) => write_file(&self.dir.join(file), signed.line.as_bytes())?,
            FeedFile::Log(name) => {
                let (path, log) = self.log(name)?;
                let written = log.write_all(signed.line.as_bytes());
                written.map_err(|source| SimulateError::Io { path: path.clone(), source })?;
            }
        }
        self.attestations += 1;
        self.sources += u64::from(signed.is_source);
        self.bytes += signed.line.len() as u64;
        Ok(())
    }

    fn log(&mut self, name: &'static str) -> Result<&mut (PathBuf, BufWriter<File>), SimulateError> {
        use std::collections::btree_map::Entry;
        match self.logs.entry(name) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(entry) => {
                let path = self.dir.join(name);
                let io = |source| SimulateError::Io { path: path.clone(), source };
                path.parent().map_or(Ok(()), fs::create_dir_all).map_err(io)?;
                let log = BufWriter::with_capacity(BUFFER_BYTES, File::create(&path).map_err(io)?);
                Ok(entry.insert((path, log)))
            }
        }
    }

    fn finish(&mut self) -> Result<(), SimulateError> {
        for (path, log) in self.logs.values_mut() {
            log.flush().map_err(|source| SimulateError::Io { path: path.clone(), source })?;
        }
        Ok(())
    }
}
