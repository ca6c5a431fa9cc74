//! What a case says and what it leaves out, and how answers differ from it.

use super::{Case, CaseVocabulary, Expected, ExpectedFinding};
use crate::model::{
    Instant, Severity, Trust,
    facts::{Facts, SourceFacts},
};

fn case(text: &str) -> Case {
    Case::parse("case.toml", text, &CaseVocabulary::default()).unwrap_or_else(|diagnostics| panic!("{diagnostics}"))
}

/// What every case must have.
const LEAST: &str = "organisation = \"GB-COH:9506232\"\n[[expected]]\nas_of = 2026-05-10\noutcome = \"unknown\"\n";

#[test]
fn what_is_left_out_is_as_if_nothing_were_said() {
    let least = case(LEAST);
    assert_eq!(least.organisation.as_str(), "GB-COH:09506232", "in its scheme's spelling");
    assert_eq!((least.names.len(), &least.facts, least.parameters.len()), (1, &Facts::default(), 0));
    let expected = Expected {
        as_of: Instant::parse_start("2026-05-10").expect("a date"),
        outcome: "unknown",
        risk_bp: None,
        confidence_bp: None,
        reason: None,
        findings: None,
    };
    assert_eq!(least.expected, [expected]);
}

#[test]
fn an_organisation_has_so_many_aliases_and_no_more() {
    let aliases = |many: usize| {
        let names: Vec<String> = (0..many).map(|number| format!("\"CAGE:{number:05}\"")).collect();
        Case::parse("case.toml", &format!("aliases = [{}]\n{LEAST}", names.join(", ")), &CaseVocabulary::default())
    };
    assert_eq!(aliases(32).expect("as many as are allowed").names.len(), 33);
    let refused = aliases(33).expect_err("one too many").to_string();
    assert!(refused.contains("there are too many aliases") && refused.contains("keep to 32"), "{refused}");
}

#[test]
fn facts_need_only_what_matters() {
    let facts = case(&format!(
        "{LEAST}[facts.requirement]\ncyber_level = 2\n[[facts.needs]]\nitem = \"castings\"\nclass = \"major\"\nhhi_bp = 10000\n\
         share_total_bp = 10000\nsources = [{{ supplier = \"GB-COH:00000002\", share_bp = 10000 }}]\n"
    ))
    .facts;
    assert_eq!(facts.requirement.cyber_level, Some(2));
    assert_eq!((facts.needs[0].buffer_days, facts.needs[0].required_share_bp), (0, None));
    assert_eq!(facts.needs[0].region_hhi_bp, 10_000, "all in one unknown place");
    let SourceFacts { supplier, ultimate_parent, qualified, switch_days, .. } = &facts.needs[0].sources[0];
    assert_eq!((ultimate_parent, *qualified, *switch_days), (supplier, true, 0));
}

#[test]
fn an_attestation_is_dated_as_in_the_field() {
    let case = case(&format!(
        "aliases = [\"CAGE:1ABC9\"]\n{LEAST}[[attestations]]\nkind = \"cyber.dcc\"\nissuer = \"IASME\"\ntrust = \"self\"\n\
         valid_from = 2025-05-10\nvalid_until = \"2026-05-09\"\nissued_at = 2025-05-11T10:00:00Z\nhandling = \"TLP:AMBER\"\n\
         claims = {{ level = 2, attested_on = 2025-05-10 }}\n"
    ));
    let attestation = &case.attestations[0];
    assert_eq!(case.ids, ["attestation 1"]);
    assert_eq!(case.names.len(), 2);
    assert_eq!((&attestation.subject, attestation.trust), (&case.organisation, Trust::Own));
    assert_eq!(attestation.valid_until.expect("an end").to_string(), "2026-05-10T00:00:00Z", "the whole last day");
    assert_eq!(attestation.issued_at.to_string(), "2025-05-11T10:00:00Z");
}

fn finding(code: &str, severity: Option<Severity>) -> ExpectedFinding {
    ExpectedFinding { code: code.to_owned(), severity, message: None, due_on: None, evidence: None }
}

fn answer(outcome: &'static str, risk_bp: Option<u32>, findings: &[ExpectedFinding]) -> Expected {
    let as_of = Instant::parse_start("2026-05-10").expect("a date");
    Expected { as_of, outcome, risk_bp, confidence_bp: Some(7500), reason: None, findings: Some(findings.to_vec()) }
}

#[test]
fn only_what_is_said_is_compared() {
    #[track_caller]
    fn check(expected: &Expected, got: &Expected, differences: &[&str]) {
        let found: Vec<String> = expected.differences(got).iter().map(ToString::to_string).collect();
        assert_eq!(found, differences);
    }
    let high = |code| finding(code, Some(Severity::High));
    let got = answer("scored", Some(5000), &[high("A"), high("B"), high("C")]);
    check(&got, &got, &[]);
    check(&Expected { confidence_bp: None, findings: None, ..got.clone() }, &got, &[]);
    check(
        &answer("scored", Some(5001), &[finding("A", None), high("B"), high("C")]),
        &got,
        &["risk_bp: expected 5001, got 5000"],
    );
    let unknown = Expected { confidence_bp: None, reason: Some("NONE".to_owned()), ..answer("unknown", None, &[]) };
    check(&Expected { findings: None, ..unknown.clone() }, &got, &["outcome: expected unknown NONE, got scored 5000"]);
    check(
        &unknown,
        &got,
        &[
            "outcome: expected unknown NONE, got scored 5000",
            "+ finding A high",
            "+ finding B high",
            "+ finding C high",
        ],
    );
    // The longest common subsequence stays: one is missing, one is new, one has another severity.
    let low = finding("C", Some(Severity::Low));
    check(
        &answer("scored", Some(5000), &[high("A"), high("X"), low]),
        &got,
        &["- finding X high", "- finding C low", "+ finding B high", "+ finding C high"],
    );
    check(
        &answer("scored", Some(5000), &[high("B"), high("A")]),
        &got,
        &["- finding B high", "+ finding B high", "+ finding C high"],
    );
}

/// An attestation of a kind that nobody reads would reach no rule, and the case would pass for it.
#[test]
fn a_kind_must_be_one_that_something_declares() {
    let of_kind = |kind: &str| {
        format!(
            "{LEAST}[[attestations]]\nkind = \"{kind}\"\nissuer = \"MOD\"\ntrust = \"authority\"\nvalid_from = 2026-01-01\n\
             claims = {{ level = \"gold\" }}\n"
        )
    };
    let refused = |kind: &str, known: &CaseVocabulary| {
        Case::parse("case.toml", &of_kind(kind), known).map_err(|no| no.to_string())
    };
    let nothing = CaseVocabulary::default();
    let slip = refused("clearance.facilty", &nothing).expect_err("nobody declares it");
    assert!(slip.contains("`clearance.facilty` is no kind"), "{slip}");
    assert!(slip.contains("did you mean `clearance.facility`?") && slip.contains("case.toml:"), "{slip}");
    let foreign = refused("approval.nadcap", &nothing).expect_err("nobody declares it");
    assert!(foreign.contains("[[kinds]]"), "{foreign}");
    let declared = CaseVocabulary { kinds: ["approval.nadcap".into()].into(), ..CaseVocabulary::default() };
    assert_eq!(refused("approval.nadcap", &declared).map(|case| case.attestations.len()), Ok(1));
}
