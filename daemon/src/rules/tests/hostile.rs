//! Malicious plugins: each failure is a sentence, and the suppliers beside the victim keep their assessments.

use super::module::{
    AMOUNT, ASSESSMENT, Behaviour, CASE, CONFIDENCE, FINDINGS, FINDINGS_COUNT, HARM_AT, HARMLESS, RISK, RISK_BP,
    answer, answer_with, at, component, recurse,
};
use crate::{
    model::{Assessment, Facts, Instant, Organisation, Outcome},
    rules::{Evaluation, Host, Limits, Rule, Subject},
};
use serde_json::json;
use std::time::Duration;
use wasm_encoder::{BlockType, Ieee32, InstructionSink};

const VICTIM: usize = 77;

fn limits() -> Limits {
    Limits { fuel_per_batch: 2_000_000, memory_bytes: 32 * 1024 * 1024, output_bytes: 1024 * 1024, ..Limits::default() }
}

fn load(limits: Limits, behaviour: &Behaviour) -> Rule {
    let host = Host::new(limits).expect("a host");
    host.load("harm.wasm", &component(behaviour), &json!({})).expect("it loads")
}

/// 100 suppliers, one of them the victim.
fn assess(rule: &Rule) -> Evaluation {
    assess_with(rule, |index| index == VICTIM)
}

/// 100 suppliers, some of them victims.
fn assess_with(rule: &Rule, is_victim: impl Fn(usize) -> bool) -> Evaluation {
    let organisation = Organisation::checked_before("X:1");
    let facts = Facts::default();
    let subjects: Vec<_> = (0..100)
        .map(|index| Subject {
            organisation: &organisation,
            names: &[],
            as_of: Instant::from_unix_seconds(if is_victim(index) { HARM_AT } else { 0 }),
            evidence: &[],
            facts: &facts,
        })
        .collect();
    rule.assess(&subjects)
}

fn check(harm: fn(&mut InstructionSink<'_>), expected: &str) {
    check_with(limits(), harm, expected);
}

fn check_with(limits: Limits, harm: fn(&mut InstructionSink<'_>), expected: &str) {
    let rule = load(limits, &Behaviour { harm, ..HARMLESS });
    let evaluation = assess(&rule);
    assert_eq!(evaluation.assessments.len(), 100);
    for (index, assessment) in evaluation.assessments.iter().enumerate() {
        match (&assessment.outcome, index) {
            (Outcome::Failed(why), VICTIM) => assert_eq!(why, expected),
            (outcome, VICTIM) => panic!("{outcome:?}, not {expected}"),
            (outcome, _) => assert_eq!(outcome, &good(), "beside: {expected}"),
        }
    }
    assert_eq!(evaluation.failures, 1);
    let again = assess(&rule);
    assert_eq!((again.assessments, again.fuel), (evaluation.assessments, evaluation.fuel), "twice the same");
}

fn good() -> Outcome {
    Outcome::Scored { risk_bp: u32::try_from(RISK_BP).expect("a risk"), confidence_bp: 0 }
}

#[test]
fn without_harm_all_is_well() {
    let evaluation = assess(&load(limits(), &HARMLESS));
    assert!(evaluation.assessments.iter().all(|each| each == &Assessment::new(good(), vec![])));
    assert_eq!((evaluation.calls, evaluation.failures), (1, 0));
}

#[test]
fn an_endless_loop() {
    check(
        |code| {
            code.loop_(BlockType::Empty).br(0).end();
        },
        "it used up its 2000000 units of fuel: have its author shorten the work on one supplier, or raise \
         `fuel_per_batch` under [plugins.limits]",
    );
}

#[test]
fn a_rule_that_needs_much_gets_smaller_batches() {
    // About 100 000 units of fuel a supplier, of 2 000 000 for a batch.
    let harm = |code: &mut InstructionSink<'_>| {
        answer(code, FINDINGS_COUNT, 10_000);
        code.loop_(BlockType::Empty);
        answer_with(code, FINDINGS_COUNT, |code| {
            code.local_get(ASSESSMENT).i32_load(at(FINDINGS_COUNT)).i32_const(1).i32_sub();
        });
        code.local_get(ASSESSMENT).i32_load(at(FINDINGS_COUNT)).br_if(0).end();
    };
    let rule = load(limits(), &Behaviour { harm, ..HARMLESS });
    let (first, second) = (assess_with(&rule, |_| true), assess_with(&rule, |_| true));
    assert!(first.assessments.iter().all(|assessment| assessment.outcome == good()), "all were found in the end");
    assert_eq!((first.assessments, second.failures), (second.assessments, 0));
    // Once its need is known no call fails: each uses half of what a batch may, no more and not much less.
    assert!(second.fuel < first.fuel, "{} then {}", first.fuel, second.fuel);
    assert!((10..=20).contains(&second.calls), "{} calls, {} before", second.calls, first.calls);
}

#[test]
fn what_only_the_clock_stops() {
    let harm = |code: &mut InstructionSink<'_>| {
        code.loop_(BlockType::Empty).br(0).end();
    };
    let limits = Limits { wall_clock: Duration::from_millis(100), fuel_per_batch: u64::MAX / 2, ..limits() };
    let evaluation = assess(&load(limits, &Behaviour { harm, ..HARMLESS }));
    let expected = "it ran for more than 0.1 s: have its author look for what waits or copies without end, or raise \
                    `wall_clock_seconds` under [plugins.limits]";
    assert_eq!(evaluation.assessments[VICTIM], Assessment::failed(expected));
    assert_eq!(evaluation.failures, 1);
}

#[test]
fn a_memory_hog() {
    check(
        |code| {
            code.loop_(BlockType::Empty)
                .i32_const(1)
                .memory_grow(0)
                .i32_const(0)
                .i32_ge_s()
                .br_if(0)
                .end()
                .unreachable();
        },
        "it wanted more than its 33554432 bytes of memory: have its author keep less at a time, or raise \
         `memory_mib` under [plugins.limits]",
    );
}

#[test]
fn deep_recursion() {
    let harm = |code: &mut InstructionSink<'_>| {
        code.i32_const(-1).local_set(AMOUNT);
        recurse(code);
    };
    check(harm, "it used up its stack: have its author bound the depth of its recursion");
}

#[test]
fn a_trap() {
    check(
        |code| {
            code.unreachable();
        },
        "it stopped (wasm trap: wasm `unreachable` instruction executed): have its author look for a panic, an \
         overflow or a division by zero in `assess`, on this supplier's evidence",
    );
}

#[test]
fn a_hundred_megabytes_of_findings() {
    let too_much = "it gave back more than 1048576 bytes: have its author report the worst findings only, or raise \
                    `output_kib` under [plugins.limits]";
    // 960 000 findings of 32 bytes, all zero, in memory that was never written.
    check(
        |code| {
            code.i32_const(480).memory_grow(0).drop();
            answer(code, FINDINGS, 65_536 * 12);
            answer(code, FINDINGS_COUNT, 960_000);
        },
        too_much,
    );
    check_with(
        Limits { output_bytes: 64 * 1024 * 1024, ..limits() },
        |code| {
            answer(code, FINDINGS, 65_536 * 12);
            answer(code, FINDINGS_COUNT, 257);
        },
        "it gave 257 findings: have its author keep to the limit of 256 an assessment",
    );
}

#[test]
fn answers_that_break_the_contract() {
    check(
        |code| answer(code, RISK, 10_001),
        "it answered 10001 basis points: have its author keep risk and confidence within 0 to 10000",
    );
    check(
        |code| answer(code, CASE, 9),
        "it broke the contract (unexpected discriminant: 9): build it again with the SDK of its contract's version",
    );
    check(
        |code| {
            answer(code, FINDINGS, 65_536 * 16 - 16);
            answer(code, FINDINGS_COUNT, 1);
        },
        "it broke the contract (list pointer/length out of bounds of memory): build it again with the SDK of its \
         contract's version",
    );
    // `unknown` with message 5 and an empty list of arguments.
    check(
        |code| {
            answer(code, CASE, 2);
            answer(code, RISK, 5);
            answer(code, CONFIDENCE, 0);
            answer(code, 12, 0);
        },
        "it named message 5, which its manifest has not: have its author add it to the manifest",
    );
}

#[test]
fn too_many_answers() {
    let evaluation = assess(&load(limits(), &Behaviour { surplus: 1, ..HARMLESS }));
    let expected = "it gave 2 assessments for 1 suppliers: have its author answer each supplier once, in order";
    assert!(evaluation.assessments.iter().all(|assessment| assessment == &Assessment::failed(expected)));
}

#[test]
fn not_a_number_is_the_same_number_everywhere() {
    // The payload 0x1234 of a signalling NaN would survive an addition on x86-64.
    let harm = |code: &mut InstructionSink<'_>| {
        answer_with(code, CONFIDENCE, |code| {
            code.f32_const(Ieee32::new(0x7fa0_1234)).f32_const(Ieee32::new(0x3f80_0000)).f32_add();
            code.i32_reinterpret_f32().i32_const(0x3fff).i32_and();
        });
    };
    let evaluation = assess(&load(limits(), &Behaviour { harm, ..HARMLESS }));
    assert_eq!(evaluation.assessments[VICTIM].outcome, good());
}

#[test]
fn memory_is_fresh_in_every_batch() {
    // The plugin counts its calls in memory: a second call would find what the first left.
    let harm = |code: &mut InstructionSink<'_>| {
        answer_with(code, RISK, |code| {
            code.i32_const(4_096).i32_load(at(0)).i32_const(1_234).i32_add();
        });
        code.i32_const(4_096).i32_const(1).i32_store(at(0));
    };
    let rule = load(limits(), &Behaviour { harm, ..HARMLESS });
    for _ in 0..3 {
        assert_eq!(assess(&rule).assessments[VICTIM].outcome, good());
    }
}

#[test]
fn a_plugin_that_does_not_start() {
    let check = |configure: fn(&mut InstructionSink<'_>), expected: &str| {
        let host = Host::new(limits()).expect("a host");
        let loaded = host.load("harm.wasm", &component(&Behaviour { configure, ..HARMLESS }), &json!({}));
        assert_eq!(loaded.map(|_| ()).map_err(|error| error.to_string()), Err(expected.to_owned()));
    };
    check(
        |code| {
            code.loop_(BlockType::Empty).br(0).end();
        },
        "plugin `harm.wasm`: when it was started, it used up its 20000000 units of fuel before it was ready: have its \
         author shorten `configure`, or raise `fuel_to_start` under [plugins.limits]",
    );
    check(
        |code| {
            code.unreachable();
        },
        "plugin `harm.wasm`: when it was started, it stopped (wasm trap: wasm `unreachable` instruction executed): \
         have its author look for a panic, an overflow or a division by zero in `configure`",
    );
}
