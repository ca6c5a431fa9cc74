//! A written score is read back, to the byte and to the word.

use super::*;
use crate::{Argument, Organisation, Trust, assessment::Message, score::ConflictDigests};
use std::sync::Arc;

fn as_of() -> Instant {
    Instant::from_unix_seconds(1_767_225_600)
}

fn reason(text: &str, remedy: &str) -> Reason {
    let message = Message { code: "CODE".to_owned(), text: text.to_owned(), remedy: remedy.to_owned() };
    Reason { message: Arc::new(message), arguments: vec![Argument::Number(3), Argument::BasisPoints(2501)] }
}

fn score(outcome: Outcome, findings: Vec<Finding>, stale_since: Option<Instant>) -> Score {
    let risk_bp = match outcome {
        Outcome::Scored { risk_bp, .. } => Some(risk_bp),
        Outcome::NotApplicable(_) => None,
        Outcome::Unknown(_) | Outcome::Invalid(_) | Outcome::Failed(_) => Some(7000),
    };
    let contribution = Contribution {
        rule: "mine".into(),
        outcome,
        risk_bp,
        weight: 1,
        gate: false,
        contribution_bp: 0,
        findings,
        stale_since,
    };
    let nothing = Digest::of(b"");
    let provenance = Provenance::new(vec![], vec![], nothing, vec![], vec![], nothing, as_of());
    Score {
        organisation: Organisation::checked_before("GB-COH:1"),
        name: None,
        aliases: vec![],
        as_of: as_of(),
        risk_bp,
        band: "high".into(),
        coverage_bp: 0,
        confidence_bp: 0,
        certain: Vec::new(),
        contributions: vec![contribution],
        findings: vec![],
        provenance,
    }
}

fn stored(outcome: Outcome, findings: Vec<Finding>, stale_since: Option<Instant>) -> String {
    json(&score(outcome, findings, stale_since))
}

fn json(score: &Score) -> String {
    String::from_utf8(score.to_bytes()).expect("JSON is text")
}

fn assessment(json: &str, rule: &str) -> Option<Assessment> {
    ScoreJson::parse(json).expect("a stored score").assessment(rule)
}

#[test]
fn what_is_read_back_says_the_same() {
    let finding = |remedy: &str, due_on| Finding {
        reason: reason("{0} of {1}", remedy),
        severity: Severity::High,
        evidence: vec![Digest::of(b"one")],
        due_on,
    };
    let findings = || vec![finding("Mend {0}.", None), finding("", "2026-05-09".parse().ok())];
    for outcome in [
        Outcome::Scored { risk_bp: 6200, confidence_bp: 9500 },
        Outcome::NotApplicable(reason("not {{0}", "")),
        Outcome::Unknown(reason("{0}", "")),
        Outcome::Invalid(reason("", "")),
    ] {
        let said = Assessment { outcome, findings: findings(), stale_since: Some(as_of()) };
        let first = assessment(&stored(said.outcome.clone(), findings(), None), "mine").expect("it is there");
        assert_eq!(first.digest(), said.digest(), "{said:?}");
        assert_eq!(first.stale_since, Some(as_of()), "it speaks of the instant of its score");
        let later = Some(Instant::from_unix_seconds(1));
        let again = assessment(&stored(first.outcome, first.findings, later), "mine").expect("it is there");
        assert_eq!(again.stale_since, later, "what was stale has its own instant");
        assert_ne!(again.digest(), said.digest());
    }
}

#[test]
fn a_failure_is_not_worth_keeping() {
    let failed = stored(Outcome::Failed("it stopped".to_owned()), vec![], None);
    assert_eq!(assessment(&failed, "mine"), None);
    assert_eq!(assessment(&failed, "another"), None);
    assert!(ScoreJson::parse("{}").is_err());
}

#[test]
fn the_bytes_are_these_and_read_back_they_are_written_again() {
    let finding = Finding {
        reason: reason("\"{0}\"\n{1} é", "Mend {0}."),
        severity: Severity::Critical,
        evidence: vec![Digest::of(b"one")],
        due_on: "2026-05-09".parse().ok(),
    };
    let one = Digest::of(b"one");
    let mut full = score(Outcome::Unknown(reason("none", "")), vec![finding.clone()], Some(as_of()));
    full.name = Some("A \"name\"".into());
    full.aliases = vec![Organisation::checked_before("CAGE:1AB23")];
    full.certain = vec!["mine:CODE".to_owned()];
    full.findings = vec![finding];
    full.provenance = Provenance::new(
        vec![(one, Trust::ThirdParty)],
        vec![ConflictDigests { winner: one, others: vec![(one, Trust::Authority)] }],
        one,
        vec![("mine".into(), one)],
        vec![("mine".into(), one)],
        one,
        as_of(),
    );
    let mut bare = score(Outcome::Failed("it \"stopped\"".to_owned()), vec![], None);
    bare.risk_bp = None;
    for score in [full, bare] {
        let json = json(&score);
        let read = ScoreJson::parse(&json).expect("a stored score");
        assert_eq!(serde_json::to_string(&read).expect("JSON"), json);
        let (mut made, mut kept) = (Vec::new(), Vec::new());
        ScoreJson::from(&score).contributions.append_to(&mut made);
        read.contributions.append_to(&mut kept);
        assert_eq!(made, kept);
        assert!(json.contains(std::str::from_utf8(&kept).expect("text")));
        assert!(matches!(read.band, Cow::Borrowed("high")), "what needs no copy is none");
    }
}
