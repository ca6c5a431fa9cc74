//! What a rule that burns all its fuel costs those beside it: the time of the built-in rules over the same suppliers, alone
//! and beside such a rule, in rounds by turns; and what such a rule costs itself.
//!
//! `cargo bench --bench isolation`; a run takes about a minute.

#![allow(clippy::print_stdout, reason = "a benchmark prints its table")]

mod common;
#[path = "../src/rules/tests/module.rs"]
#[allow(dead_code, reason = "each user of these plugins needs a part of them")]
mod module;

use common::{Supplier, print_machine};
use module::{AMOUNT, Behaviour, HARM_AT, HARMLESS, burn, component};
use serde_json::{Value, json};
use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant as Clock},
};
use tierwatch::{
    model::{Claims, Instant, Kind},
    rules::{Host, Limits, Rule, Subject, built_in},
};
use wasm_encoder::InstructionSink;

/// Enough for a round of some hundredths of a second.
const SUPPLIERS: usize = 4_096;
/// Alone and beside, by turns.
const ROUNDS: usize = 40;
/// 2026-05-09
const AS_OF: i64 = 20_582 * 86_400;
/// What the plugins beside may burn.
const BURNT: usize = 64;

/// What a plugin made by hand does on every supplier.
type Harm = fn(&mut InstructionSink<'_>);

/// A plugin that assesses nobody within its fuel.
fn endless(code: &mut InstructionSink<'_>) {
    code.i32_const(i32::MAX).local_set(AMOUNT);
    burn(code);
}

/// A plugin that takes about half of the fuel of a batch for one supplier, and is done.
fn nearly(code: &mut InstructionSink<'_>) {
    code.i32_const(4_000_000).local_set(AMOUNT);
    burn(code);
}

fn main() {
    print_machine();
    let host = Host::new(Limits::default()).expect("a host");
    let load = |rule: &tierwatch::rules::BuiltIn| host.load(rule.name, rule.component, &json!({})).expect("a rule");
    // What `expression` asks is written by policies.
    let rules: Vec<Rule> = built_in().iter().filter(|rule| rule.name != "expression").map(load).collect();
    let suppliers: Vec<_> = (0..SUPPLIERS).map(supplier).collect();
    let subjects: Vec<_> = suppliers.iter().map(|supplier| supplier.subject(AS_OF)).collect();
    println!("{} built-in rules over {SUPPLIERS} suppliers, batches of {}", rules.len(), host.limits().batch_subjects);

    let behaviours: [(&str, Harm); 2] = [("burns it all and fails", endless), ("burns half of it and answers", nearly)];
    for (what, harm) in behaviours {
        let burner = host.load("burner", &component(&Behaviour { harm, ..HARMLESS }), &json!({})).expect("a rule");
        own_cost(what, &burner, &suppliers);
        let burnt: Vec<_> = suppliers.iter().take(BURNT).map(|supplier| supplier.subject(HARM_AT)).collect();
        let (alone, after, beside) =
            compare(&rules, &subjects, || drop(burner.assess(&burnt[..4])), || drop(burner.assess(&burnt)));
        println!("beside a rule that {what}:");
        line("the others alone", alone, rules.len(), alone);
        line("  after it, on the same thread", after, rules.len(), alone);
        line("  while it runs on another thread", beside, rules.len(), alone);
    }
}

/// What the burning rule itself takes, for one batch.
fn own_cost(what: &str, burner: &Rule, suppliers: &[Supplier]) {
    let batch: Vec<_> = suppliers.iter().take(256).map(|supplier| supplier.subject(HARM_AT)).collect();
    let started = Clock::now();
    let evaluation = burner.assess(&batch);
    let took = started.elapsed();
    println!(
        "\na rule that {what}: 256 suppliers in {} calls, {} failures, {:.0} million units of fuel, {:.2} s ({:.1} ms each)",
        evaluation.calls,
        evaluation.failures,
        evaluation.fuel as f64 / 1e6,
        took.as_secs_f64(),
        took.as_secs_f64() * 1e3 / 256.0,
    );
}

/// The median time of the rules over the subjects: alone, right after a call of the burning rule, and while it runs.
fn compare(
    rules: &[Rule],
    subjects: &[Subject<'_>],
    before: impl Fn(),
    beside: impl Fn() + Sync,
) -> (Duration, Duration, Duration) {
    let others = || {
        let started = Clock::now();
        for rule in rules {
            assert_eq!(rule.assess(subjects).failures, 0);
        }
        started.elapsed()
    };
    let (mut alone, mut after, mut during) = (Vec::new(), Vec::new(), Vec::new());
    others();
    for _ in 0..ROUNDS {
        alone.push(others());
        before();
        after.push(others());
        let (running, done) = (AtomicBool::new(false), AtomicBool::new(false));
        thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    running.store(true, Ordering::Relaxed);
                    beside();
                }
            });
            while !running.load(Ordering::Relaxed) {
                thread::yield_now();
            }
            during.push(others());
            done.store(true, Ordering::Relaxed);
        });
    }
    (median(alone), median(after), median(during))
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn line(what: &str, time: Duration, rules: usize, alone: Duration) {
    let assessments = (SUPPLIERS * rules) as f64;
    let slower = 100.0 * (time.as_secs_f64() / alone.as_secs_f64() - 1.0);
    println!("  {what:<34} {:>9.0} assessments/s  {slower:+.1} %", assessments / time.as_secs_f64());
}

/// A supplier with the usual certificates, one of ten without.
fn supplier(number: usize) -> Supplier {
    let certificate = json!({"certificate": "C-1", "whole_organisation": true});
    let claims = [
        ("cyber.ce", certificate.clone()),
        ("cyber.ceplus", certificate),
        ("cyber.saq", json!({"level": 2})),
        ("entity.status", json!({"status": "active"})),
        ("continuity.recovery", json!({"recover_days": 30})),
    ];
    let valid_from = Instant::from_unix_seconds(AS_OF).plus_days(-100);
    let parsed = |(kind, claims): (&str, Value)| {
        (valid_from, Claims::parse(&Kind::named(kind), &claims.to_string()).expect("claims"))
    };
    Supplier::new(number, claims.into_iter().skip(if number.is_multiple_of(10) { 3 } else { 0 }).map(parsed))
}
