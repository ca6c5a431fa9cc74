//! Properties of the plugin host, whatever a component is and whatever it returns.

use serde_json::json;
use std::sync::LazyLock;
use tierwatch::{
    case::{Case, CaseVocabulary},
    model::{Argument, Assessment, Instant, Outcome, Reason},
    rules::{Evaluation, Host, Limits, LoadReason, Rule, Subject},
};

/// Small limits, so that a component that uses all of them ends soon; fuel ends long before the clock.
pub(crate) const LIMITS: Limits = Limits {
    fuel_to_start: 3_000_000,
    fuel_per_batch: 1_000_000,
    memory_bytes: 4 * 1024 * 1024,
    stack_bytes: 256 * 1024,
    wall_clock: std::time::Duration::from_secs(20),
    output_bytes: 64 * 1024,
    findings_per_assessment: 16,
    batch_subjects: 256,
};
/// Longest error, in bytes: a sentence, whatever a plugin calls itself.
const MAX_ERROR_BYTES: usize = 16 * 1024;
/// Longest text that a rule writes as an argument, in bytes.
const MAX_ARGUMENT_BYTES: usize = 1024;
/// Largest assessment with its texts filled in, in bytes.
const MAX_ASSESSMENT_BYTES: usize = 128 * 1024;
/// A digest as text, in bytes.
const DIGEST_BYTES: usize = 71;

static HOST: LazyLock<Host> = LazyLock::new(|| Host::new(LIMITS).expect("a host"));

/// A supplier with something of every fact, in its evidence two certificates.
const CASE: &str = r#"
organisation = "GB-COH:09506232"
aliases = ["CAGE:1ABC9"]
[facts.requirement]
cyber_level = 2
criticality = 3
[[facts.needs]]
item = "castings"
class = "major"
hhi_bp = 10000
share_total_bp = 10000
sources = [{ supplier = "GB-COH:00000002", share_bp = 10000 }]
[[attestations]]
kind = "cyber.ce"
issuer = "IASME"
trust = "third-party"
valid_from = 2025-05-10
claims = { certificate = "CE-1", whole_organisation = true }
[[attestations]]
kind = "cyber.ceplus"
issuer = "IASME"
trust = "third-party"
valid_from = 2025-05-10
claims = { certificate = "CEP-1", whole_organisation = true }
[[expected]]
as_of = 2026-05-10
outcome = "unknown"
"#;

static SUPPLIER: LazyLock<Case> =
    LazyLock::new(|| Case::parse("fuzz", CASE, &CaseVocabulary::default()).expect("a case"));

/// Loads a component and lets it assess three suppliers, twice.
pub(crate) fn holds(component: &[u8]) -> Result<(), String> {
    let rule = match HOST.load("fuzz.wasm", component, &json!({})) {
        Ok(rule) => rule,
        Err(error) => {
            if error.to_string().contains("it ran for more than") || matches!(error.reason, LoadReason::Read(_)) {
                return Err(format!("it escaped from fuel: {error}"));
            }
            return short(&error.to_string());
        }
    };
    // The harmed subject and later ones, as in the plugins made by hand.
    let at = |seconds| SUPPLIER.subject(Instant::from_unix_seconds(seconds));
    let subjects = [at(0), at(super::module::HARM_AT + 100), at(1_778_400_000)];
    let evaluation = rule.assess(&subjects);
    bounded(&rule, &subjects, &evaluation)?;
    let again = rule.assess(&subjects);
    let same = again.assessments == evaluation.assessments && again.failures == evaluation.failures;
    if same { Ok(()) } else { Err(format!("{evaluation:?}, then {again:?}")) }
}

fn bounded(rule: &Rule, subjects: &[Subject<'_>], evaluation: &Evaluation) -> Result<(), String> {
    let Evaluation { assessments, fuel, memory_bytes, calls, failures, .. } = evaluation;
    let most_calls = 2 * subjects.len() + 8;
    if assessments.len() != subjects.len() || *calls as usize > most_calls {
        return Err(format!("{} assessments in {calls} calls for {}", assessments.len(), subjects.len()));
    }
    let most_fuel = u64::from(*calls) * (LIMITS.fuel_to_start + LIMITS.fuel_per_batch);
    if *fuel > most_fuel || *memory_bytes > LIMITS.memory_bytes {
        return Err(format!("{fuel} units of fuel and {memory_bytes} bytes of memory in {calls} calls"));
    }
    let failed = assessments.iter().filter(|one| matches!(one.outcome, Outcome::Failed(_))).count();
    if failed != *failures {
        return Err(format!("{failures} failures told, {failed} seen"));
    }
    assessments.iter().try_for_each(|assessment| checked(rule, assessment))
}

/// An assessment that the model allows, no larger than it may be.
fn checked(rule: &Rule, assessment: &Assessment) -> Result<(), String> {
    let mut reasons: Vec<&Reason> = assessment.findings.iter().map(|finding| &finding.reason).collect();
    match &assessment.outcome {
        Outcome::Failed(why) if why.contains("it ran for more than") => return Err(format!("it escaped: {why}")),
        Outcome::Failed(why) => short(why)?,
        Outcome::Scored { risk_bp, confidence_bp } if *risk_bp.max(confidence_bp) > 10_000 => {
            return Err(format!("{assessment:?}"));
        }
        Outcome::Scored { .. } => {}
        Outcome::NotApplicable(reason) | Outcome::Unknown(reason) | Outcome::Invalid(reason) => reasons.push(reason),
    }
    let is_long = |argument: &Argument| matches!(argument, Argument::Text(text) if text.0.len() > MAX_ARGUMENT_BYTES);
    // The texts that people read are made from it.
    let filled = reasons.iter().map(|reason| reason.text().len() + reason.remedy().map_or(0, |remedy| remedy.len()));
    let evidence: usize = assessment.findings.iter().map(|finding| finding.evidence.len() * DIGEST_BYTES).sum();
    if assessment.findings.len() > LIMITS.findings_per_assessment
        || filled.sum::<usize>() + evidence > MAX_ASSESSMENT_BYTES
        || reasons.iter().flat_map(|reason| &reason.arguments).any(is_long)
    {
        return Err("it gave back more than it may".to_owned());
    }
    for reason in reasons {
        if !rule.manifest().messages.contains(&reason.message) {
            return Err(format!("{:?} is not in the manifest", reason.message));
        }
    }
    Ok(())
}

fn short(error: &str) -> Result<(), String> {
    if error.len() <= MAX_ERROR_BYTES { Ok(()) } else { Err(format!("an error of {} bytes", error.len())) }
}
