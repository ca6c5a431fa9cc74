//! Limits are exact: what uses a limit to its last unit, page or byte passes, and what uses one more fails; alone, in
//! company, in batches of any size, on one thread or many, and twice the same.

use super::module::{
    AMOUNT, Behaviour, CASE, CONFIDENCE, FINDINGS, FINDINGS_COUNT, HARM_AT, HARMLESS, PAGES, RISK, answer, answer_with,
    at, burn, component, recurse, with_instances,
};
use crate::{
    config::Config,
    model::{Assessment, Facts, Instant, Organisation, Outcome},
    rules::{
        CodeCache, Evaluation, Host, Limits, Rule, Subject,
        bindings_v1::{Argument, Assessment as Answer},
        built_in,
        call::{Call, CallError},
        host::{MAX_PARTS, TABLE_ELEMENTS},
        limits::MAX_COMPONENT_BYTES,
        load::read_component,
        load_reason::LoadReason,
        watchdog::MAX_CALLS,
    },
};
use serde_json::json;
use std::{collections::BTreeSet, path::Path, sync::mpsc, thread, time::Duration};
use wasm_encoder::{HeapType, InstructionSink};

const PAGE_BYTES: usize = 65_536;

/// Enough of everything for what the tests' plugins do.
fn limits() -> Limits {
    Limits { fuel_per_batch: 2_000_000, memory_bytes: 512 * PAGE_BYTES, output_bytes: 1024 * 1024, ..Limits::default() }
}

fn load(limits: Limits, harm: fn(&mut InstructionSink<'_>)) -> Rule {
    load_with(limits, &Behaviour { harm, ..HARMLESS })
}

fn load_with(limits: Limits, behaviour: &Behaviour) -> Rule {
    load_bytes(limits, &component(behaviour)).expect("it loads")
}

fn load_bytes(limits: Limits, bytes: &[u8]) -> Result<Rule, LoadReason> {
    let host = Host::new(limits).expect("a host");
    host.load("harm.wasm", bytes, &json!({})).map_err(|error| error.reason)
}

/// Assesses one subject for each amount; `None` is a subject that is not harmed.
fn assess(rule: &Rule, amounts: &[Option<i64>]) -> Evaluation {
    let organisation = Organisation::checked_before("X:1");
    let facts = Facts::default();
    let subject = |amount: &Option<i64>| Subject {
        organisation: &organisation,
        names: &[],
        as_of: Instant::from_unix_seconds(amount.map_or(0, |amount| HARM_AT + amount)),
        evidence: &[],
        facts: &facts,
    };
    rule.assess(&amounts.iter().map(subject).collect::<Vec<_>>())
}

/// Why the rule fails on an amount; asserts that it is the same alone, beside unharmed subjects, and twice.
fn failure(rule: &Rule, amount: i64) -> Option<String> {
    let mut company = vec![None; 100];
    company[77] = Some(amount);
    let mut verdicts = BTreeSet::new();
    for _ in 0..2 {
        let alone = assess(rule, &[Some(amount)]);
        let mut together = assess(rule, &company);
        assert_eq!(together.assessments.swap_remove(77), alone.assessments[0], "alone and in company");
        assert!(together.assessments.iter().all(|assessment| !has_failed(assessment)), "the others of {amount}");
        verdicts.insert(match &alone.assessments[0].outcome {
            Outcome::Failed(why) => Some(why.to_string()),
            _ => None,
        });
    }
    assert_eq!(verdicts.len(), 1, "twice the same: {verdicts:?}");
    verdicts.pop_first().flatten()
}

fn has_failed(assessment: &Assessment) -> bool {
    matches!(assessment.outcome, Outcome::Failed(_))
}

/// Asserts that an amount passes and the next one fails, with a sentence that starts with `expected`.
fn check(rule: &Rule, last_good: i64, expected: &str) {
    assert_eq!(failure(rule, last_good), None, "{last_good}");
    let why = failure(rule, last_good + 1).unwrap_or_default();
    assert!(why.starts_with(expected), "{}: {why:?}", last_good + 1);
}

/// Fuel for assessing one subject of this amount.
fn fuel_for(rule: &Rule, amount: i64) -> u64 {
    let evaluation = assess(rule, &[Some(amount)]);
    evaluation.fuel - evaluation.fuel_to_start
}

#[test]
fn fuel_to_the_unit() {
    let burning = |fuel_per_batch| load(Limits { fuel_per_batch, ..limits() }, burn);
    let rounds = 100_000;
    let fuel = fuel_for(&burning(2_000_000), rounds);
    check(&burning(fuel), rounds, &format!("it used up its {fuel} units of fuel: "));
    assert_eq!(failure(&burning(fuel - 1), rounds - 1), None);
    assert!(failure(&burning(fuel - 1), rounds).is_some(), "one unit less");
    // Nothing of what it does comes after a loop or a call, where the engine checks fuel.
    let straight = |code: &mut InstructionSink<'_>| (0..100).for_each(|_| answer(code, CONFIDENCE, 0));
    let writing = |fuel_per_batch| load(Limits { fuel_per_batch, ..limits() }, straight);
    let fuel = fuel_for(&writing(2_000_000), 0);
    for (fuel, fails) in [(fuel - 400, true), (fuel - 1, true), (fuel, false), (fuel + 1, false)] {
        assert_eq!(has_failed(&assess(&writing(fuel), &[Some(0)]).assessments[0]), fails, "{fuel}");
    }
}

#[test]
fn fuel_that_is_used_is_what_is_told() {
    let burning = |fuel_per_batch| load(Limits { fuel_per_batch, ..limits() }, burn);
    let fuel = fuel_for(&burning(2_000_000), 1_000);
    assert_eq!(fuel_for(&burning(fuel), 1_000), fuel, "to the last unit");
    assert_eq!(fuel_for(&burning(fuel - 1), 1_000), fuel - 1, "never more than the limit");
    // Each further round costs the same.
    let round = fuel_for(&burning(2_000_000), 1_001) - fuel;
    assert_eq!(fuel_for(&burning(2_000_000), 2_000), fuel + 1_000 * round);
}

#[test]
fn fuel_of_every_rule_to_the_unit() {
    let folder = tempfile::tempdir().expect("a folder");
    let cache = CodeCache::new(folder.path().join("compiled"), None);
    let host = |fuel_per_batch| {
        Host::with_cache(Limits { fuel_per_batch, ..Limits::default() }, cache.clone()).expect("a host")
    };
    for built_in in built_in() {
        let parameters = match built_in.name {
            "expression" => json!({"kinds": ["cyber.ce"], "otherwise": {"risk": 1000, "confidence": 9000}}),
            _ => json!({}),
        };
        let load = |host: &Host| host.load(built_in.name, built_in.component, &parameters).expect("a rule");
        let amounts = [None; 20];
        let first = assess(&load(&host(50_000_000)), &amounts);
        assert_eq!((first.calls, first.failures), (1, 0), "{}", built_in.name);
        let fuel = first.fuel - first.fuel_to_start;
        let exact = assess(&load(&host(fuel)), &amounts);
        assert_eq!((exact.calls, exact.assessments), (1, first.assessments.clone()), "{}", built_in.name);
        let less = assess(&load(&host(fuel - 1)), &amounts);
        assert!(less.calls > 1 && less.failures == 0, "{}: the batch is halved", built_in.name);
        assert_eq!(less.assessments, first.assessments, "{}: with the same answers", built_in.name);
    }
}

#[test]
fn fuel_to_start_to_the_unit() {
    let configure = |code: &mut InstructionSink<'_>| {
        (0..1_000).for_each(|_| {
            code.i32_const(0).drop();
        });
    };
    let starting = |fuel_to_start| {
        load_bytes(Limits { fuel_to_start, ..limits() }, &component(&Behaviour { configure, ..HARMLESS }))
    };
    let fuel = assess(&starting(20_000_000).expect("it loads"), &[None]).fuel_to_start;
    assert!(fuel > 1_000, "{fuel}");
    assert!(!has_failed(&assess(&starting(fuel).expect("to the last unit"), &[None]).assessments[0]));
    let why = starting(fuel - 1).map(|_| ()).expect_err("one unit less").to_string();
    let less = fuel - 1;
    assert!(
        why.starts_with(&format!("when it was started, it used up its {less} units of fuel before it was ready")),
        "{why}"
    );
}

#[test]
fn memory_to_the_page() {
    let grow = |code: &mut InstructionSink<'_>| {
        code.local_get(AMOUNT).memory_grow(0).i32_const(0).i32_lt_s();
        code.if_(wasm_encoder::BlockType::Empty).unreachable().end();
    };
    let left = 512 - i64::try_from(PAGES).expect("few");
    // Half a page more is no page more.
    for more in [0, PAGE_BYTES / 2, PAGE_BYTES - 1] {
        let memory_bytes = 512 * PAGE_BYTES + more;
        let rule = load(Limits { memory_bytes, ..limits() }, grow);
        check(&rule, left, &format!("it wanted more than its {memory_bytes} bytes of memory: "));
        assert_eq!(assess(&rule, &[Some(left)]).memory_bytes, 512 * PAGE_BYTES);
    }
    // The memory that it starts with counts.
    let starting = |pages| load_bytes(limits(), &component(&Behaviour { pages, ..HARMLESS }));
    assert!(!has_failed(&assess(&starting(512).expect("512 pages"), &[None]).assessments[0]));
    let why = starting(513).map(|_| ()).expect_err("513 pages");
    assert!(matches!(why, LoadReason::Compile(_)), "{why}");
}

/// The deepest recursion that this much stack lasts for.
fn depth(rule: &Rule) -> i64 {
    let (mut good, mut bad) = (0, 1_000_000);
    while bad - good > 1 {
        let middle = i64::midpoint(good, bad);
        let failed = has_failed(&assess(rule, &[Some(middle)]).assessments[0]);
        *(if failed { &mut bad } else { &mut good }) = middle;
    }
    good
}

#[test]
fn stack_to_the_same_depth_everywhere() {
    let with_stack =
        |stack_bytes| load(Limits { stack_bytes, fuel_per_batch: 100_000_000, ..Limits::default() }, recurse);
    let rule = with_stack(256 * 1024);
    let deepest = depth(&rule);
    check(&rule, deepest, "it used up its stack: ");
    for thread_bytes in [1024 * 1024, 8 * 1024 * 1024] {
        let rule = rule.clone();
        let elsewhere = thread::Builder::new().stack_size(thread_bytes).spawn(move || depth(&rule));
        assert_eq!(elsewhere.expect("a thread").join().expect("a depth"), deepest);
    }
    // Each call takes the same stack; a few more lead to the first one.
    let frame_bytes = 256 * 1024 / deepest;
    let twice = depth(&with_stack(512 * 1024));
    assert!((deepest * 2..deepest * 2 + 4096 / frame_bytes).contains(&twice), "{deepest}, then {twice}");
}

/// Answers `unknown` with one text of [`AMOUNT`] bytes.
fn say(code: &mut InstructionSink<'_>) {
    code.i32_const(4_096).i32_const(0).i32_store(at(0));
    code.i32_const(4_096).i32_const(8 * 65_536).i32_store(at(8));
    code.i32_const(4_096).local_get(AMOUNT).i32_store(at(12));
    answer(code, CASE, 2);
    answer(code, RISK, 1);
    answer(code, CONFIDENCE, 4_096);
    answer(code, 12, 1);
}

#[test]
fn output_to_the_byte() {
    // Few bytes, since a text has a limit of its own.
    let output_bytes = 1_100;
    let rule = load(Limits { output_bytes, ..limits() }, say);
    // An assessment with an argument, as the host keeps them, and the text.
    let text = output_bytes - size_of::<Answer>() - size_of::<Argument>();
    let last = i64::try_from(text).expect("few");
    let why = format!("it gave back more than {output_bytes} bytes: ");
    assert!(!has_failed(&assess(&rule, &[Some(last)]).assessments[0]));
    let more = assess(&rule, &[Some(last + 1)]);
    assert!(matches!(&more.assessments[0].outcome, Outcome::Failed(reason) if reason.starts_with(&why)), "{more:?}");
    check(&rule, last, &why);
    // Subjects that do not fit together fit alone.
    assert_eq!(assess(&rule, &[Some(last); 5]).failures, 0);
}

#[test]
fn counts_of_an_answer() {
    let arguments = |code: &mut InstructionSink<'_>| {
        answer(code, CASE, 2);
        answer(code, RISK, 1);
        answer(code, CONFIDENCE, 8 * 65_536);
        answer_with(code, 12, |code| {
            code.local_get(AMOUNT);
        });
    };
    check(&load(limits(), arguments), 1, "it gave message TOLD 2 arguments, and its texts take 1: ");
    let findings = |code: &mut InstructionSink<'_>| {
        answer(code, FINDINGS, 8 * 65_536);
        answer_with(code, FINDINGS_COUNT, |code| {
            code.local_get(AMOUNT);
        });
    };
    check(&load(limits(), findings), 256, "it gave 257 findings: ");
    check(&load(Limits { findings_per_assessment: 3, ..limits() }, findings), 3, "it gave 4 findings: ");
}

#[test]
fn tables_to_the_element() {
    let grow = |code: &mut InstructionSink<'_>| {
        code.ref_null(HeapType::FUNC).local_get(AMOUNT).table_grow(0).i32_const(0).i32_lt_s();
        code.if_(wasm_encoder::BlockType::Empty).unreachable().end();
    };
    check(
        &load(limits(), grow),
        i64::try_from(TABLE_ELEMENTS).expect("few"),
        "it stopped (wasm trap: wasm `unreachable`",
    );
    let starting = |elements| load_bytes(limits(), &component(&Behaviour { elements, ..HARMLESS }));
    let most = TABLE_ELEMENTS as u64;
    assert!(starting(most).is_ok());
    assert!(matches!(starting(most + 1), Err(LoadReason::Compile(_))));
}

#[test]
fn parts_of_a_component() {
    let with = |more, tables, memories| {
        load_bytes(limits(), &with_instances(component(&HARMLESS), more, tables, memories)).map(|_| ())
    };
    // The plugin itself is an instance with a table and a memory; a module has one table at most.
    assert_eq!(with(MAX_PARTS - 1, 1, 0), Ok(()));
    assert!(matches!(with(MAX_PARTS, 0, 0), Err(LoadReason::Compile(_))), "instances");
    assert!(matches!(with(1, 2, 0), Err(LoadReason::Compile(_))), "tables");
    assert!(matches!(with(1, 0, 1), Err(LoadReason::Compile(_))), "memories");
}

#[test]
fn files_of_components() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("large.wasm");
    let file = std::fs::File::create(&path).expect("a file");
    for (bytes, too_large) in [(MAX_COMPONENT_BYTES, false), (MAX_COMPONENT_BYTES + 1, true)] {
        file.set_len(bytes).expect("a length");
        let read = read_component(&path).map(|content| content.len() as u64).map_err(|error| error.reason);
        assert_eq!(read, if too_large { Err(LoadReason::TooLarge) } else { Ok(bytes) });
    }
}

#[test]
fn calls_at_once() {
    let host = Host::new(limits()).expect("a host");
    let mut running: Vec<_> = (0..MAX_CALLS).map(|_| host.core.watchdog.enter()).collect();
    let (sender, entered) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(|| {
            let _running = host.core.watchdog.enter();
            sender.send(()).expect("somebody waits");
        });
        assert!(entered.recv_timeout(Duration::from_millis(100)).is_err(), "one too many");
        running.pop();
        entered.recv_timeout(Duration::from_secs(60)).expect("a call has ended");
    });
}

/// Some burn so much that they fail alone, some so much that they fail in company, some nothing.
fn mixed() -> Vec<Option<i64>> {
    (0..300_i64)
        .map(|index| {
            [None, Some(1_000), Some(120_000), Some(1_000_000)]
                [usize::from(index % 7 == 3) + usize::from(index % 5 == 1) + usize::from(index % 35 == 31)]
        })
        .collect()
}

#[test]
fn failures_are_the_same_in_batches_of_any_size_on_any_thread() {
    let expected = assess(&load(limits(), burn), &mixed()).assessments;
    let failed = expected.iter().filter(|assessment| has_failed(assessment)).count();
    assert!((5..100).contains(&failed), "{failed}");
    for batch_subjects in [1, 2, 3, 100, 256, 1_000] {
        let rule = load(Limits { batch_subjects, ..limits() }, burn);
        assert_eq!(assess(&rule, &mixed()).assessments, expected, "{batch_subjects}");
    }
    let rule = load(limits(), burn);
    thread::scope(|scope| {
        let running: Vec<_> = (0..8).map(|_| scope.spawn(|| assess(&rule, &mixed()).assessments)).collect();
        for thread in running {
            assert_eq!(thread.join().expect("assessments"), expected);
        }
    });
}

#[test]
fn what_failing_costs_is_bounded() {
    let limits = Limits { fuel_per_batch: 100_000, ..limits() };
    let burning = load(limits, burn);
    let cost = |amounts: &[Option<i64>]| {
        let evaluation = assess(&burning, amounts);
        let (calls, most) = (evaluation.calls as usize, 2 * amounts.len() + 8 - evaluation.failures);
        assert!(calls <= most, "{calls} calls for {} subjects of which {} fail", amounts.len(), evaluation.failures);
        calls
    };
    let endless = Some(1_000_000);
    assert_eq!(cost(&[endless; 256]), 264, "all of a batch");
    assert_eq!(cost(&[endless; 1_024]), 1_024 + 8, "all of many batches");
    let one = |at: usize| (0..256).map(|index| (index == at).then_some(1_000_000)).collect::<Vec<_>>();
    let most = [0, 1, 77, 128, 254, 255].map(|at| cost(&one(at))).into_iter().max().expect("some");
    assert!(most <= 25, "{most} calls to find one");
    for every in 2..20 {
        cost(&(0..256).map(|index| (index % every == 0).then_some(1_000_000)).collect::<Vec<_>>());
    }
}

/// Every sentence that says `raise KEY under [plugins.limits]` must name a key that the configuration can hold there.
#[test]
fn the_limits_that_sentences_name_can_be_set() {
    let sentences = [
        CallError::Fuel(1).to_string(),
        CallError::StartFuel(1, Call::Configure).to_string(),
        CallError::WallClock(Duration::from_secs(1)).to_string(),
        CallError::Memory(1).to_string(),
        CallError::Output(1).to_string(),
    ];
    for sentence in sentences {
        let (before, section) = sentence.split_once("` under [").expect("it names a section");
        let (_, key) = before.rsplit_once('`').expect("it names a key");
        let section = section.split_once(']').map_or(section, |(section, _)| section);
        let text = format!("data_dir = \"d\"\npolicy = \"p\"\ntrust = \"t\"\n[{section}]\n{key} = true\n");
        let refused = Config::parse("tierwatch.toml", &text, Path::new("")).expect_err("true is no number");
        assert!(refused.to_string().contains("not a whole number"), "{sentence}: {refused}");
    }
}
