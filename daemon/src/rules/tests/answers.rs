//! Which answers of a rule are accepted: each limit at its value, and one beyond.

use crate::{
    model::{Assessment, Facts, Instant, Organisation, Outcome, assessment::Message},
    rules::{
        Subject, bindings_v1 as v1,
        lift::{Lift, MessageForm},
        limits::{MAX_ARGUMENT_BYTES, MAX_ASSESSMENT_BYTES, MAX_FAILURE_BYTES},
        lower::Crossing,
    },
};
use std::sync::Arc;

/// What an answer about one supplier becomes, by a manifest with these texts and remedies.
fn lifted(messages: &[(&str, &str)], answer: v1::Assessment) -> Result<Assessment, String> {
    let message = |(index, (text, remedy)): (usize, &(&str, &str))| {
        Arc::new(Message { code: format!("M{index}"), text: (*text).into(), remedy: (*remedy).into() })
    };
    let forms: Vec<MessageForm> =
        messages.iter().enumerate().map(message).map(|message| MessageForm::of(&message)).collect();
    let (organisation, facts) = (Organisation::checked_before("X:1"), Facts::default());
    let as_of = Instant::from_unix_seconds(0);
    let subject = Subject { organisation: &organisation, names: &[], as_of, evidence: &[], facts: &facts };
    let (crossing, subjects) = (Crossing::new(&[], &[], Vec::new()), [subject]);
    let batch = crossing.batch(&subjects);
    let lift = Lift { forms: &forms, batch: &batch, findings_max: 256 };
    lift.assessment(0, answer).map_err(|breach| breach.to_string())
}

fn scored(findings: Vec<v1::Finding>) -> v1::Assessment {
    v1::Assessment { outcome: v1::Outcome::Scored(v1::Scored { risk_bp: 1, confidence_bp: 1 }), findings }
}

fn finding(message: u32, arguments: Vec<v1::Argument>) -> v1::Finding {
    v1::Finding { message, arguments, severity: v1::Severity::Low, evidence: Vec::new(), due_on: None }
}

fn text(bytes: usize) -> v1::Argument {
    v1::Argument::Text("x".repeat(bytes))
}

#[test]
fn as_many_arguments_as_the_texts_take() {
    let messages = [("Plain.", ""), ("It is {0}.", "Ask {0} for {2}.")];
    for (message, takes) in [(0, 0), (1, 3)] {
        for got in 0..5 {
            let arguments = (0..got).map(v1::Argument::Number).collect();
            let answer = lifted(&messages, scored(vec![finding(message, arguments)])).map(|_| ());
            let refused = format!(
                "it gave message M{message} {got} arguments, and its texts take {takes}: have its author give it {takes}"
            );
            assert_eq!(answer, if got == takes { Ok(()) } else { Err(refused) });
        }
    }
    let unknown = v1::Outcome::Unknown(v1::Reason { message: 1, arguments: Vec::new() });
    let refused = lifted(&messages, v1::Assessment { outcome: unknown, findings: Vec::new() });
    assert!(refused.is_err_and(|why| why.starts_with("it gave message M1 0 arguments")), "a reason is a message too");
}

#[test]
fn an_argument_has_a_length() {
    let answer = |bytes| lifted(&[("It is {0}.", "")], scored(vec![finding(0, vec![text(bytes)])])).map(|_| ());
    assert_eq!(answer(MAX_ARGUMENT_BYTES), Ok(()));
    assert_eq!(
        answer(MAX_ARGUMENT_BYTES + 1),
        Err("it gave message M0 an argument of 1025 bytes: have its author keep to 1024, or pass on a handle".into())
    );
}

/// Whatever is accepted is no longer than the limit when it is written out, however often it repeats itself.
#[test]
fn an_assessment_has_a_size() {
    let too_large = "its answer comes to more than 131072 bytes with its texts filled in: have its author report the worst \
                     findings only";
    let repeated = "{0}".repeat(1_000);
    for template in ["{0}", repeated.as_str(), &"t".repeat(4_000)] {
        let arguments = if template.contains('{') { 1 } else { 0 };
        for (findings, bytes) in [(1, 100), (1, 200), (256, 1), (256, 300), (256, 1_024), (30, 1_024)] {
            let findings = (0..findings).map(|_| finding(0, (0..arguments).map(|_| text(bytes)).collect())).collect();
            match lifted(&[(template, template)], scored(findings)) {
                Ok(assessment) => {
                    let written = serde_json::to_string(&assessment.findings).expect("JSON").len();
                    assert!(written <= MAX_ASSESSMENT_BYTES, "{written} bytes");
                }
                Err(why) => assert_eq!(why, too_large),
            }
        }
    }
    let many = v1::Finding { evidence: vec![0; 10_000], ..finding(0, Vec::new()) };
    assert_eq!(lifted(&[("Plain.", "")], scored(vec![many])), Err(too_large.into()), "digests count");
}

#[test]
fn a_rule_says_how_it_failed() {
    let failed = |arguments| {
        let outcome = v1::Outcome::Invalid(v1::Reason { message: u32::MAX, arguments });
        lifted(&[], v1::Assessment { outcome, findings: Vec::new() }).expect("a failure").outcome
    };
    assert_eq!(
        failed(vec![v1::Argument::Text("KeyError: 'x'\nat rule.py, line 7".into())]),
        Outcome::Failed("it failed with KeyError: 'x' at rule.py, line 7: have its author correct it".into())
    );
    assert_eq!(
        failed(Vec::new()),
        Outcome::Failed("it failed and does not say how: have its author look for it".into())
    );
    let Outcome::Failed(long) = failed(vec![text(1_000_000)]) else { panic!("it failed") };
    assert!(long.len() < MAX_FAILURE_BYTES + 100, "{} bytes", long.len());
}
