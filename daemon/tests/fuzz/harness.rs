//! Runs a target: seeds, mutations of them, and a property, within a budget.

use mutatis::{
    Context,
    check::{Check, CheckError},
    mutators,
};
use std::{
    env, fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// How often each seed is mutated before it is taken afresh: far enough from it, and still near something valid.
const MUTATIONS_A_SEED: usize = 12;
/// Longest that one input may take: far more than any needs, on a machine that does other work too.
const MAX_INPUT_TIME: Duration = Duration::from_secs(30);
/// Attempts to make a failing input smaller.
const SHRINKING: usize = 300;
/// Most memory that the process may ever have had, in bytes.
const MAX_MEMORY_BYTES: u64 = 3 << 30;

/// A target: a named property with its mutation.
pub(crate) struct Target<'a> {
    /// The name of its test.
    pub(crate) name: &'a str,
    /// How many inputs are tried where no time is set.
    pub(crate) inputs: usize,
    /// Changes an input.
    pub(crate) mutate: fn(&mut Context, &mut Vec<u8>),
}

impl Target<'_> {
    /// Tries mutations of `seeds`; `holds` returns what is wrong with the result of one.
    ///
    /// # Panics
    /// When something is wrong, or panicked, with the path of the input.
    #[expect(clippy::print_stderr, reason = "whoever fuzzes wants to know how far it went")]
    pub(crate) fn run(&self, seeds: &[Vec<u8>], mut holds: impl FnMut(&[u8]) -> Result<(), String>) {
        if let Some(path) = env::var_os("TIERWATCH_FUZZ_INPUT") {
            let input = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            holds(&input).unwrap_or_else(|wrong| panic!("{}: {wrong}", self.name));
            return;
        }
        let (seconds, seed) = (number("TIERWATCH_FUZZ_SECONDS"), number("TIERWATCH_FUZZ_SEED").unwrap_or(1));
        let (start, mut tried) = (Instant::now(), 0);
        let current = seconds.map(|_| self.kept("current"));
        for round in 0.. {
            let spent = match seconds {
                Some(seconds) => start.elapsed() >= Duration::from_secs(seconds),
                None => tried >= self.inputs,
            };
            if spent {
                break;
            }
            let mutations = seeds.len() * MUTATIONS_A_SEED;
            let mut check = Check::new();
            check.seed(seed.wrapping_add(round)).max_shrink_iters(SHRINKING);
            check.min_iters(mutations).max_iters(mutations);
            let mutate = mutators::from_fn(|context: &mut Context, input: &mut Vec<u8>| {
                (self.mutate)(context, input);
                Ok::<(), mutatis::Error>(())
            });
            let result = check.run_with(mutate, seeds.to_vec(), |input| {
                tried += 1;
                if let Some(current) = &current {
                    // An input that ends the whole process is left behind.
                    fs::write(current, input).map_err(|error| error.to_string())?;
                }
                let started = Instant::now();
                holds(input)?;
                let took = started.elapsed();
                if took > MAX_INPUT_TIME { Err(format!("it took {took:?}")) } else { Ok(()) }
            });
            match result {
                Ok(()) => {}
                Err(CheckError::Failed(failure)) => self.fail(&failure.value, &failure.message, seed),
                Err(error) => panic!("{}: {error}", self.name),
            }
        }
        let most = peak_memory_bytes();
        assert!(most <= MAX_MEMORY_BYTES, "{}: the process had {most} bytes of memory", self.name);
        if let Some(current) = &current {
            let _ = fs::remove_file(current);
            eprintln!("{}: {tried} inputs from seed {seed} in {:.0} s", self.name, start.elapsed().as_secs_f64());
        }
    }

    fn fail(&self, input: &[u8], wrong: &str, seed: u64) -> ! {
        let path = self.kept("failed");
        fs::write(&path, input).expect("the input is kept");
        let (name, path) = (self.name, path.display());
        panic!(
            "{name}, seed {seed}: {wrong}\nthe input is kept, try it again with\n  TIERWATCH_FUZZ_INPUT={path} cargo test \
             --release --workspace --test fuzz {name}"
        );
    }

    /// Where an input of this target is kept.
    fn kept(&self, why: &str) -> PathBuf {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("fuzz");
        fs::create_dir_all(&folder).expect("a folder below target");
        folder.join(format!("{}.{why}", self.name.replace("::", "-")))
    }
}

fn number(variable: &str) -> Option<u64> {
    let text = env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable}={text} is no number")))
}

/// Most resident memory that this process has had.
fn peak_memory_bytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kib| kib.parse().ok()).map_or(0, |kib: u64| kib * 1024)
}
