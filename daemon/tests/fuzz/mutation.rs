//! How inputs are changed: bytes, the tokens of a text, and the modules and sections of a component.

use mutatis::{Context, Rng};
use std::{
    ops::Range,
    panic::{AssertUnwindSafe, catch_unwind},
};
use wasm_mutate::WasmMutate;

/// Longest input that is made, in bytes.
const MAX_INPUT_BYTES: usize = 256 * 1024;
/// Mutations that `wasm-mutate` looks for before it gives up.
const WASM_MUTATE_FUEL: u64 = 1_000;

/// Numbers at the edges of types, of memory and of the contract's limits.
const NUMBERS: [u32; 20] = [
    0,
    1,
    2,
    7,
    8,
    15,
    16,
    17,
    255,
    256,
    4_096,
    10_000,
    10_001,
    65_535,
    65_536,
    0x00ff_ffff,
    i32::MAX as u32,
    i32::MAX as u32 + 1,
    u32::MAX - 7,
    u32::MAX,
];

/// Words at the edges of every format that is read.
const WORDS: [&str; 44] = [
    "",
    "0",
    "-1",
    "1",
    "-0",
    "0.5",
    "1e400",
    "-1e-400",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551616",
    "4294967296",
    "10001",
    "NaN",
    "inf",
    "null",
    "true",
    "[]",
    "{}",
    "[[[[[[[[[[[[[[[[[[[[",
    "{\"a\":{\"a\":{\"a\":",
    "\"",
    "'''",
    "\\u0000",
    "\\ud800",
    "\u{0}",
    "\u{1b}[31m",
    "\u{feff}",
    "\u{202e}",
    "é",
    "🛩",
    "\n",
    "\r\n",
    ",",
    ":",
    "#",
    "0000-01-01",
    "9999-12-31",
    "2024-02-29",
    "2026-05-10T24:00:00Z",
    "2026-05-10T23:59:60+23:59",
    "GB-COH:00000000",
    "PROGRAMME:X",
    "a.b.c",
];

/// Changes some bytes.
pub(crate) fn bytes(context: &mut Context, input: &mut Vec<u8>) {
    let shrink = context.shrink();
    let rng = context.rng();
    let range = range(rng, input.len());
    if shrink {
        input.drain(range);
        return;
    }
    match index(rng, 8) {
        0 => drop(input.drain(range)),
        1 => {
            let copy = input[range].to_vec();
            let to = index(rng, input.len() + 1);
            input.splice(to..to, copy);
        }
        2 => range.for_each(|at| input[at] = rng.gen_u8()),
        3 | 4 => word(rng, input),
        5 => {
            let to = index(rng, input.len() + 1);
            input.insert(to, rng.gen_u8());
        }
        _ => {
            if let Some(byte) = input.get_mut(range.start) {
                *byte ^= 1 << index(rng, 8);
            }
        }
    }
    input.truncate(MAX_INPUT_BYTES);
}

/// Overwrites four bytes, where the contract's memory layout has its numbers.
fn word(rng: &mut Rng, input: &mut [u8]) {
    let at = index(rng, input.len() / 4) * 4;
    let number = NUMBERS[index(rng, NUMBERS.len())];
    // Near to what is there as often as anything.
    if let Some(four) = input.get_mut(at..at + 4) {
        let old = u32::from_le_bytes([four[0], four[1], four[2], four[3]]);
        let new = if rng.gen_bool() { number } else { old.wrapping_add(number % 33).wrapping_sub(16) };
        four.copy_from_slice(&new.to_le_bytes());
    }
}

/// Changes the tokens or lines of a text, sometimes its bytes.
pub(crate) fn text(context: &mut Context, input: &mut Vec<u8>) {
    if index(context.rng(), 8) == 0 {
        return bytes(context, input);
    }
    let shrink = context.shrink();
    let rng = context.rng();
    let tokens = if rng.gen_bool() { tokens(input) } else { lines(input) };
    let Some(token) = rng.choose(&tokens).cloned() else { return };
    let other = tokens[index(rng, tokens.len())].clone();
    let operation = if shrink { 0 } else { index(rng, 6) };
    match operation {
        0 => drop(input.drain(token)),
        1 => {
            let copy = input[token].to_vec();
            input.splice(other.start..other.start, copy);
        }
        2 => {
            let copy = input[other].to_vec();
            input.splice(token, copy);
        }
        3 => {
            let copy = input[token.clone()].repeat(1 << index(rng, 10));
            input.splice(token, copy);
        }
        _ => drop(input.splice(token, WORDS[index(rng, WORDS.len())].bytes())),
    }
    input.truncate(MAX_INPUT_BYTES);
}

/// Runs of letters and digits, runs of white space, and everything else byte by byte.
fn tokens(input: &[u8]) -> Vec<Range<usize>> {
    let class = |byte: u8| match byte {
        b if b.is_ascii_alphanumeric() || b"_-.+".contains(&b) || !b.is_ascii() => 0,
        b if b.is_ascii_whitespace() => 1,
        _ => 2,
    };
    let mut found: Vec<Range<usize>> = Vec::new();
    for (at, byte) in input.iter().enumerate() {
        match found.last_mut() {
            Some(last) if class(*byte) != 2 && class(input[last.start]) == class(*byte) => last.end = at + 1,
            _ => found.push(at..at + 1),
        }
    }
    found
}

fn lines(input: &[u8]) -> Vec<Range<usize>> {
    let mut start = 0;
    let line = |line: &[u8]| {
        start += line.len();
        start - line.len()..start
    };
    input.split_inclusive(|byte| *byte == b'\n').map(line).collect()
}

/// Changes the core module of a component as `wasm-mutate` does, or a section of either, or bytes.
pub(crate) fn component(context: &mut Context, input: &mut Vec<u8>) {
    let (shrink, choice) = (context.shrink(), index(context.rng(), 8));
    let changed = match choice {
        _ if shrink => sections(context.rng(), input),
        0..=3 => core_module(input).and_then(|module| {
            let changed = wasm_mutated(context.rng().gen_u64(), &input[module.clone()])?;
            Some(with_core_module(input, &module, &changed))
        }),
        4 => sections(context.rng(), input),
        5 => core_module(input).and_then(|module| {
            let changed = sections(context.rng(), &input[module.clone()])?;
            Some(with_core_module(input, &module, &changed))
        }),
        _ => None,
    };
    match changed {
        Some(changed) => *input = changed,
        None => bytes(context, input),
    }
}

/// A mutated module; `None` where none is found, or the library fails on the result of earlier mutations.
fn wasm_mutated(seed: u64, module: &[u8]) -> Option<Vec<u8>> {
    let mutate = || {
        let mut mutate = WasmMutate::default();
        mutate.seed(seed).fuel(WASM_MUTATE_FUEL).preserve_semantics(seed.is_multiple_of(4));
        mutate.run(module).ok()?.find_map(Result::ok)
    };
    catch_unwind(AssertUnwindSafe(mutate)).ok().flatten()
}

/// Removes, duplicates or moves a section.
fn sections(rng: &mut Rng, wasm: &[u8]) -> Option<Vec<u8>> {
    let found = section_ranges(wasm);
    let (from, to) = (index(rng, found.len()), index(rng, found.len()));
    let mut whole: Vec<&[u8]> = found.iter().map(|section| &wasm[section.whole.clone()]).collect();
    let section = *whole.get(from)?;
    match index(rng, 3) {
        0 => {
            whole.remove(from);
        }
        1 => whole.insert(to, section),
        _ => whole.swap(from, to),
    }
    Some([&wasm[..8], whole.concat().as_slice()].concat())
}

/// A section: its identifier, where it is with its header, and where its content is.
struct Section {
    id: u8,
    whole: Range<usize>,
    content: Range<usize>,
}

/// The sections of a module or component as far as they can be told apart.
fn section_ranges(wasm: &[u8]) -> Vec<Section> {
    let mut found = Vec::new();
    let mut at = 8;
    while let Some(id) = wasm.get(at) {
        let Some((bytes, start)) = leb(wasm, at + 1) else { break };
        let Some(end) = start.checked_add(bytes).filter(|end| *end <= wasm.len()) else { break };
        found.push(Section { id: *id, whole: at..end, content: start..end });
        at = end;
    }
    found
}

/// The first core module inside a component.
fn core_module(component: &[u8]) -> Option<Range<usize>> {
    section_ranges(component).into_iter().find(|section| section.id == 1).map(|section| section.content)
}

fn with_core_module(component: &[u8], old: &Range<usize>, new: &[u8]) -> Vec<u8> {
    let found = section_ranges(component).into_iter().find(|section| section.content == *old);
    let whole = found.map_or(0..0, |section| section.whole);
    let mut changed = component[..whole.start].to_vec();
    changed.push(1);
    let mut left = new.len();
    while left >= 128 {
        changed.push(u8::try_from(left % 128).unwrap_or(0) | 128);
        left /= 128;
    }
    changed.push(u8::try_from(left).unwrap_or(0));
    changed.extend_from_slice(new);
    changed.extend_from_slice(&component[whole.end..]);
    changed
}

/// An unsigned number of up to 32 bits, and where it ends.
fn leb(wasm: &[u8], mut at: usize) -> Option<(usize, usize)> {
    let mut value = 0_usize;
    for shift in [0, 7, 14, 21, 28] {
        let byte = *wasm.get(at)?;
        at += 1;
        value |= usize::from(byte & 127) << shift;
        if byte < 128 {
            return Some((value, at));
        }
    }
    None
}

/// A number below `end`, or 0.
fn index(rng: &mut Rng, end: usize) -> usize {
    rng.gen_index(end).unwrap_or(0)
}

/// A short run inside `len`.
fn range(rng: &mut Rng, len: usize) -> Range<usize> {
    let start = index(rng, len);
    let most = 1 << index(rng, 7);
    start..(start + 1 + index(rng, most)).min(len)
}
