//! The limits of a rule plugin: all of them always on.

use std::time::Duration;

/// Longest name, version, dimension or kind in a manifest, in bytes.
pub(super) const MAX_NAME_BYTES: usize = 64;
/// Longest help, message or remedy in a manifest, in bytes.
pub(super) const MAX_TEXT_BYTES: usize = 4 * 1024;
/// Longest JSON Schema of parameters, in bytes.
pub(super) const MAX_SCHEMA_BYTES: usize = 64 * 1024;
/// Most messages in a manifest.
pub(super) const MAX_MESSAGES: usize = 256;
/// Most texts that a rule compares names with.
pub(super) const MAX_WORDS: usize = 256;
/// Most kinds in a manifest.
pub(super) const MAX_KINDS: usize = 64;
/// Most arguments of one message.
pub(super) const MAX_ARGUMENTS: usize = 16;
/// Longest text that a rule writes as an argument, in bytes.
pub(super) const MAX_ARGUMENT_BYTES: usize = 1024;
/// Longest text with which a rule explains its own failure, in bytes.
pub(super) const MAX_FAILURE_BYTES: usize = 512;
/// Largest assessment with its texts filled in, as it is stored and shown, in bytes: half a kilobyte for each finding that a
/// rule may make by default. The limit of output is for a batch; this one is for what is stored of a supplier for ever.
pub(super) const MAX_ASSESSMENT_BYTES: usize = 128 * 1024;
/// Most schemas that one value may meet in a JSON Schema of parameters, with references expanded.
pub(super) const MAX_SCHEMA_STEPS: u64 = 64 * 1024;
/// How deep a JSON Schema of parameters may be, with references expanded.
pub(super) const MAX_SCHEMA_DEPTH: usize = 128;
/// Most steps that validating a policy's parameters may take: the schema's steps for each value.
pub(super) const MAX_VALIDATION_STEPS: u64 = 20_000_000;
/// Largest compiled pattern of a JSON Schema, in bytes.
pub(super) const MAX_PATTERN_BYTES: usize = 256 * 1024;
/// Most types, aliases, instances and functions that a component may define beside its code: a Python rule has about a thousand.
pub(super) const MAX_DEFINITIONS: u64 = 20_000;
/// Most bytes of a plugin's text that an error shows.
const MAX_SHOWN_BYTES: usize = 256;
/// Most problems with parameters, or imports, that an error lists.
pub(super) const MAX_LISTED: usize = 16;
/// Largest file that is accepted as a component, in bytes: a Python rule with its interpreter is 18 MB.
pub(super) const MAX_COMPONENT_BYTES: u64 = 64 * 1024 * 1024;

/// What one call of a plugin may use.
///
/// Fuel, memory and output are the same for a batch of any size, hence also for one subject alone. What a batch can
/// afford, each of its subjects can afford alone: whether a subject fails never depends on its company, and halving a
/// failing batch finds exactly the subjects that fail alone. If a batch had more than one subject alone, a subject could pass
/// by using what its neighbours leave.
///
/// Fuel is exact to the unit, memory to the page of 64 KiB, output to the byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Fuel for making an instance and configuring it; one unit is about one instruction.
    pub fuel_to_start: u64,
    /// Fuel for assessing a batch, and so for one subject alone.
    pub fuel_per_batch: u64,
    /// Linear memory of one instance, in bytes.
    pub memory_bytes: usize,
    /// Native stack of one call, in bytes.
    pub stack_bytes: usize,
    /// The backstop: time for one call. It must be far more than the fuel can last, because it alone is not
    /// deterministic.
    pub wall_clock: Duration,
    /// What one call may return, in bytes of the host's memory.
    pub output_bytes: usize,
    /// Most findings of one assessment.
    pub findings_per_assessment: usize,
    /// Most subjects in one batch.
    pub batch_subjects: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            fuel_to_start: 20_000_000,
            fuel_per_batch: 50_000_000,
            memory_bytes: 64 * 1024 * 1024,
            stack_bytes: 512 * 1024,
            wall_clock: Duration::from_secs(5),
            output_bytes: 8 * 1024 * 1024,
            findings_per_assessment: 256,
            batch_subjects: 256,
        }
    }
}

/// A plugin's text as an error shows it: an error must stay a sentence, whatever a plugin calls itself.
pub(super) fn shown(text: &str) -> String {
    shortened(text, MAX_SHOWN_BYTES)
}

/// The text, cut to at most `most_bytes`.
pub(super) fn shortened(text: &str, most_bytes: usize) -> String {
    if text.len() <= most_bytes {
        return text.to_owned();
    }
    format!("{}…", &text[..text.floor_char_boundary(most_bytes)])
}
