//! Components that were valid before they were changed.

use super::{
    harness::Target,
    module::{
        Behaviour, CASE, CONFIDENCE, FINDINGS, FINDINGS_COUNT, HARMLESS, RISK, answer, burn, component, recurse,
        with_instances,
    },
    mutation, sandbox,
};
use tierwatch::rules::built_in;
use wasm_encoder::InstructionSink;

/// Rules made by hand, a few kilobytes each: compiling one takes some milliseconds.
fn by_hand() -> Vec<Vec<u8>> {
    let grow = |code: &mut InstructionSink<'_>| {
        code.i32_const(10).memory_grow(0).drop();
    };
    let find = |code: &mut InstructionSink<'_>| {
        answer(code, FINDINGS, 8 * 65_536);
        answer(code, FINDINGS_COUNT, 3);
    };
    let say = |code: &mut InstructionSink<'_>| {
        answer(code, CASE, 2);
        answer(code, RISK, 0);
        answer(code, CONFIDENCE, 8 * 65_536);
        answer(code, 12, 2);
    };
    let harms: [fn(&mut InstructionSink<'_>); 6] = [|_| {}, burn, recurse, grow, find, say];
    let mut seeds: Vec<_> = harms.map(|harm| component(&Behaviour { harm, ..HARMLESS })).into();
    seeds.push(component(&Behaviour { configure: grow, surplus: 1, elements: 100, ..HARMLESS }));
    seeds.push(with_instances(component(&HARMLESS), 3, 1, 0));
    seeds
}

#[test]
fn components() {
    let target = Target { name: "components::components", inputs: 400, mutate: mutation::component };
    target.run(&by_hand(), sandbox::holds);
}

/// The rules that come with the daemon, changed: a tenth of a second each to compile.
#[test]
fn built_in_components() {
    let target = Target { name: "components::built_in_components", inputs: 1, mutate: mutation::component };
    let all = std::env::var_os("TIERWATCH_FUZZ_SECONDS").is_some();
    let seeds: Vec<_> = built_in().iter().map(|rule| rule.component.to_vec()).collect();
    target.run(if all { &seeds } else { &seeds[..1] }, sandbox::holds);
}
