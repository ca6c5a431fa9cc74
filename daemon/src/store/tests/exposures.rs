use super::*;
use crate::{
    model::{Exposure, Method},
    store::{WithdrawalCause, Withdrawn},
};

fn organisation(name: &str) -> Organisation {
    Organisation::checked_before(name)
}

fn exposure(probability: f64, method: Method) -> Exposure {
    Exposure { horizon_days: 365, probability, low: probability / 2.0, high: probability * 2.0, method }
}

fn simulated(probability: f64) -> Exposure {
    exposure(probability, Method::MonteCarlo { scenarios: 4096, not_exact_because: "it is followed".into() })
}

fn record(bench: &Bench, exposures: &[(&str, Exposure)], withdrawn: &[&str], seconds: i64) {
    let named = |(name, exposure): &(&str, Exposure)| (organisation(name), exposure.clone());
    let gone = |name: &&str| Withdrawn {
        organisation: organisation(name),
        merged_into: None,
        cause: WithdrawalCause::NothingInForce,
    };
    let scoring = Scoring {
        scores: Vec::new(),
        withdrawn: withdrawn.iter().map(gone).collect(),
        artefacts: Vec::new(),
        exposures: exposures.iter().map(named).collect(),
        known_at: at(seconds),
    };
    bench.store().record_scores(scoring).wait().expect("recorded");
}

fn history(bench: &Bench, name: &str, limit: usize) -> Vec<(i64, f64)> {
    let found = bench.reader().exposures_of(&organisation(name), limit).expect("read");
    found
        .into_iter()
        .map(|stored| (stored.known_at.unix_seconds() - at(0).unix_seconds(), stored.exposure.probability))
        .collect()
}

fn standing(bench: &Bench) -> Vec<(String, Exposure)> {
    let mut found = Vec::new();
    let each = |name: Organisation, exposure| -> Result<(), StoreError> {
        found.push((name.to_string(), exposure));
        Ok(())
    };
    bench.reader().for_each_exposure(each).expect("read");
    found
}

#[test]
fn an_exposure_is_history_when_it_differs() {
    let bench = Bench::new();
    let exact = exposure(0.25, Method::Exact);
    record(&bench, &[("CAGE:BBBB2", simulated(0.5)), ("CAGE:AAAA1", simulated(0.1))], &[], 1);
    record(&bench, &[("CAGE:AAAA1", simulated(0.1))], &[], 2);
    record(&bench, &[("CAGE:AAAA1", simulated(0.2))], &[], 3);
    record(&bench, &[("CAGE:AAAA1", exact.clone())], &[], 4);
    assert_eq!(history(&bench, "CAGE:AAAA1", 9), [(4, 0.25), (3, 0.2), (1, 0.1)]);
    assert_eq!(history(&bench, "CAGE:AAAA1", 2), [(4, 0.25), (3, 0.2)]);
    assert_eq!(history(&bench, "CAGE:CCCC3", 9), []);
    let expected = [("CAGE:AAAA1".to_owned(), exact), ("CAGE:BBBB2".to_owned(), simulated(0.5))];
    assert_eq!(standing(&bench), expected);
}

#[test]
fn who_is_withdrawn_has_no_exposure_and_may_come_back() {
    let bench = Bench::new();
    record(&bench, &[("CAGE:AAAA1", simulated(0.1)), ("CAGE:BBBB2", simulated(0.5))], &[], 1);
    record(&bench, &[], &["CAGE:AAAA1"], 2);
    assert_eq!(standing(&bench), [("CAGE:BBBB2".to_owned(), simulated(0.5))]);
    assert_eq!(history(&bench, "CAGE:AAAA1", 9), []);
    record(&bench, &[("CAGE:AAAA1", simulated(0.3))], &[], 3);
    assert_eq!(history(&bench, "CAGE:AAAA1", 9), [(3, 0.3)]);
    assert_eq!(standing(&bench).len(), 2);
}
