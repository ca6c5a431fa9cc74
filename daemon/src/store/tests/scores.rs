use super::*;
use crate::{
    model::{Exposure, Method},
    store::scoring::{NewScore, Recorded},
};

fn organisation(name: &str) -> Organisation {
    Organisation::checked_before(name)
}

fn score(name: &str, risk_bp: Option<u32>, body: &str) -> NewScore {
    NewScore {
        organisation: organisation(name),
        as_of: at(0),
        risk_bp,
        band: risk_bp.map_or("unrated", |risk_bp| if risk_bp > 5000 { "high" } else { "low" }).into(),
        coverage_bp: 10_000,
        confidence_bp: 9_500,
        provenance: Digest::of(body.as_bytes()),
        change: Some(r#"{"before":null,"after":1,"cause":"new"}"#.into()),
        body: body.as_bytes().to_vec(),
    }
}

fn scoring(scores: Vec<NewScore>, seconds: i64) -> Scoring {
    Scoring { scores, withdrawn: Vec::new(), artefacts: Vec::new(), exposures: Vec::new(), known_at: at(seconds) }
}

#[test]
fn history_grows_by_what_differs() {
    let bench = Bench::new();
    let store = bench.store();
    let record = |score, seconds| store.record_scores(scoring(vec![score], seconds)).wait().expect("recorded").scores;
    assert_eq!(record(score("CAGE:AAAA1", Some(100), "{1}"), 1), [Recorded::Appended { id: 1 }]);
    assert_eq!(record(score("CAGE:AAAA1", Some(100), "{1}"), 2), [Recorded::Unchanged { id: 1 }]);
    assert_eq!(record(score("CAGE:BBBB2", Some(9000), "{1}"), 2), [Recorded::Appended { id: 2 }]);
    assert_eq!(record(score("CAGE:AAAA1", Some(7000), "{2}"), 3), [Recorded::Appended { id: 3 }]);
    assert_eq!(record(score("CAGE:AAAA1", Some(100), "{1}"), 4), [Recorded::Appended { id: 4 }]);

    let reader = bench.reader();
    let firm = organisation("CAGE:AAAA1");
    let history = |before, limit| {
        let scores = reader.history(&firm, before, limit).expect("read");
        scores.into_iter().map(|score| (score.id, score.previous, score.risk_bp)).collect::<Vec<_>>()
    };
    assert_eq!(history(None, 9), [(4, Some(3), Some(100)), (3, Some(1), Some(7000)), (1, None, Some(100))]);
    assert_eq!(history(Some(4), 1), [(3, Some(1), Some(7000))]);
    let known = |seconds: Option<i64>| reader.score_of(&firm, seconds.map(at)).expect("read").map(|score| score.id);
    assert_eq!([known(None), known(Some(3)), known(Some(2)), known(Some(0))], [Some(4), Some(3), Some(1), None]);

    let same = reader.scores_by_provenance(&Digest::of(b"{1}"), 9).expect("read");
    assert_eq!(same.iter().map(|score| score.id).collect::<Vec<_>>(), [4, 2, 1]);
    let newest = reader.scores_by_provenance(&Digest::of(b"{1}"), 2).expect("read");
    assert_eq!(newest.iter().map(|score| score.id).collect::<Vec<_>>(), [4, 2]);
    let first = reader.score(1).expect("read").expect("is there");
    assert_eq!((first.body.as_str(), first.known_at, first.band.as_str()), ("{1}", at(1), "low"));
    assert_eq!(first.change.as_deref(), Some(r#"{"before":null,"after":1,"cause":"new"}"#));
}

#[test]
fn scores_are_ranked_worst_first_and_the_unrated_last() {
    let bench = Bench::new();
    let store = bench.store();
    let scores = vec![
        score("CAGE:AAAA1", Some(100), "a"),
        score("CAGE:BBBB2", Some(9000), "b"),
        score("CAGE:CCCC3", None, "c"),
        score("CAGE:DDDD4", Some(0), "d"),
        score("CAGE:EEEE5", Some(9000), "e"),
        score("CAGE:FFFF6", None, "f"),
    ];
    store.record_scores(scoring(scores, 1)).wait().expect("recorded");
    let reader = bench.reader();
    let ranking = |band| {
        let ranking = reader.ranking(band).expect("read");
        ranking.iter().map(|one| one.organisation.as_str()[5..6].to_owned()).collect::<String>()
    };
    assert_eq!(ranking(None), "BEADCF");
    assert_eq!(ranking(Some("low")), "AD");
    assert_eq!(ranking(Some("unrated")), "CF");
    let counts = reader.counts().expect("counts").scores;
    assert_eq!(counts, [("high".to_owned(), 2), ("low".to_owned(), 2), ("unrated".to_owned(), 2)]);
    let mut all = String::new();
    reader
        .for_each_score::<StoreError>(|score| {
            all.push_str(&score.body);
            Ok(())
        })
        .expect("read");
    assert_eq!(all, "abcdef");
}

#[test]
fn an_organisation_that_was_merged_away_has_a_history_and_no_score() {
    let bench = Bench::new();
    let store = bench.store();
    let gone = organisation("CAGE:AAAA1");
    let withdrawn = Withdrawn {
        organisation: gone.clone(),
        merged_into: Some(organisation("GB-COH:09506232")),
        cause: WithdrawalCause::Merged,
    };
    let unknown = Withdrawn {
        organisation: organisation("CAGE:ZZZZ9"),
        merged_into: None,
        cause: WithdrawalCause::NothingInForce,
    };
    store.record_scores(scoring(vec![score("CAGE:AAAA1", Some(100), "{1}")], 1)).wait().expect("recorded");
    let withdrawal = Scoring { withdrawn: vec![withdrawn.clone(), unknown, withdrawn], ..scoring(Vec::new(), 5) };
    store.record_scores(withdrawal).wait().expect("recorded");

    let reader = bench.reader();
    assert_eq!(reader.score_of(&gone, None), Ok(None));
    assert!(reader.score_of(&gone, Some(at(4))).expect("read").is_some(), "on that day it still had one");
    assert!(reader.ranking(None).expect("read").is_empty());
    let last = reader.history(&gone, None, 9).expect("read").remove(0);
    let expected = ScoreWithdrawal {
        withdrawn_at: at(5),
        merged_into: Some(organisation("GB-COH:09506232")),
        cause: Some(WithdrawalCause::Merged),
    };
    assert_eq!(last.withdrawal, Some(expected));

    let again = store.record_scores(scoring(vec![score("CAGE:AAAA1", Some(100), "{1}")], 9)).wait().expect("recorded");
    assert_eq!(again.scores, [Recorded::Appended { id: 2 }], "the same bytes, but there was none meanwhile");
    assert_eq!(reader.score_of(&gone, None).expect("read").map(|score| score.id), Some(2));
}

#[test]
fn scores_come_with_what_they_were_made_from() {
    let bench = Bench::new();
    let store = bench.store();
    let facts = Artefact::new(ArtefactKind::Facts, b"facts".as_slice().into());
    for seconds in 1..3 {
        let whole = Scoring {
            artefacts: vec![facts.clone(), facts.clone()],
            ..scoring(vec![score("CAGE:AAAA1", Some(100), "{1}")], seconds)
        };
        store.record_scores(whole).wait().expect("recorded");
    }
    let reader = bench.reader();
    assert_eq!(reader.artefact(&facts.digest()), Ok(Some(b"facts".to_vec())));
    assert_eq!(reader.artefact(&digest(0)), Ok(None));
}

#[test]
fn a_request_that_fails_stores_nothing_and_fails_no_other() {
    let bench = Bench::new();
    let store = bench.store();
    // A probability beyond 1.
    let broken = Exposure { horizon_days: 365, probability: 2.0, low: 0.0, high: 1.0, method: Method::Exact };
    // Sent without waiting, so that they share a transaction with what is sound.
    let pending: Vec<_> = (0..30u32)
        .map(|number| {
            let scores = vec![score("CAGE:AAAA1", Some(number), &format!("{{{number}}}"))];
            let exposures =
                if number % 3 == 0 { vec![(organisation("CAGE:AAAA1"), broken.clone())] } else { Vec::new() };
            store.record_scores(Scoring { exposures, ..scoring(scores, 1) })
        })
        .collect();
    for (number, pending) in pending.into_iter().enumerate() {
        match pending.wait() {
            Ok(_) => assert_ne!(number % 3, 0),
            Err(error) => {
                assert_eq!(number % 3, 0);
                assert!(
                    error.to_string().ends_with("this is a fault of Tierwatch, report it with this line"),
                    "{error}"
                );
            }
        }
    }
    let history = bench.reader().history(&organisation("CAGE:AAAA1"), None, 99).expect("read");
    let risks: Vec<_> = history.iter().rev().filter_map(|score| score.risk_bp).collect();
    assert_eq!(risks, (0..30).filter(|number| number % 3 != 0).collect::<Vec<_>>(), "in the order they were sent");
}
