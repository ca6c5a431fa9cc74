//! # {{name}}: does it hold the quality approvals that its customers ask?
//!
//! Aerospace and defence buyers accept parts from approved firms only: AS9100 for quality management, NADCAP for special
//! processes. A `supply.capability` attestation lists the approvals that a firm holds, and lapses with them.
//!
//! For each required approval, first match wins; the worst counts:
//!
//! | evidence | risk |
//! |---|---|
//! | an attestation in force names it | 0 |
//! | the same, and it lapses within the notice | 20.00 |
//! | it was held and has lapsed | 50.00 |
//! | nothing names it | 70.00 |
//!
//! The approvals and the risk figures are parameters: they are yours, not a standard's. Change this rule into your own: what
//! it says of itself stands in `manifest`, its parameters and its texts in the two lists below, and what it does in `assess`.

use tierwatch_rule::{
    Argument, Assessment, Attestation, Claims, Date, Fact, Finding, Manifest, Problem, Rule, Severity, Subject, WHOLE_BP,
    confidence_bp, date_of, messages, parameters, within,
};

messages! {
    NOT_IN_REACH: "No programme depends on it." => "";
    NO_CAPABILITY: "Nothing shows which quality approvals it holds."
        => "Ask it for a `supply.capability` attestation with its approvals.";
    APPROVAL_MISSING: "It does not show the approval {0}."
        => "Ask it for its {0} certificate, or find a source that holds it.";
    APPROVAL_LAPSED: "Its approval {0} held until {1} and has lapsed."
        => "Ask for the renewal of {0}; inspect its deliveries until then.";
    APPROVAL_DUE: "Its approval {0} lapses after {1}." => "Ask for the date of its next {0} audit.";
}

parameters! {
    /// Approvals that every supplier must hold.
    required_approvals: Vec<String> = vec!["AS9100".to_owned()],
        r#""type":"array","items":{"type":"string","minLength":1,"maxLength":64},"maxItems":16"#;
    /// Days before a lapse from which it is announced.
    notice_days: u32 = 60, within(0, 365);
    /// Risk without an approval, in basis points.
    missing_bp: u32 = 7_000, within(0, WHOLE_BP);
    /// Risk with an approval that has lapsed, in basis points.
    lapsed_bp: u32 = 5_000, within(0, WHOLE_BP);
    /// Risk with an approval that lapses soon, in basis points.
    due_bp: u32 = 2_000, within(0, WHOLE_BP);
}

struct Approvals(Parameters);

impl Rule for Approvals {
    type Parameters = Parameters;

    fn manifest() -> Manifest {
        Manifest {
            name: "{{name}}".into(),
            version: "1.0.0".into(),
            dimension: "quality".into(),
            help: "Whether a supplier holds the quality approvals that the policy asks. The risk figures are the policy's."
                .into(),
            kinds: vec!["supply.capability".into()],
            facts: vec![Fact::Requirement],
            parameters: Parameters::schema(),
            messages: Message::table(),
        }
    }

    fn configure(parameters: Parameters) -> Result<Self, Vec<Problem>> {
        Ok(Self(parameters))
    }

    fn assess(&self, subject: &Subject) -> Assessment {
        if subject.requirement.as_ref().and_then(|requirement| requirement.criticality).is_none() {
            return Assessment::not_applicable(Message::NOT_IN_REACH, vec![]);
        }
        let capabilities: Vec<_> = subject.usable().filter(|one| matches!(one.claims, Claims::SupplyCapability(_))).collect();
        if capabilities.is_empty() {
            return Assessment::unknown(Message::NO_CAPABILITY, vec![]);
        }
        let (mut risk_bp, mut findings) = (0, Vec::new());
        for approval in &self.0.required_approvals {
            let (own_bp, finding) = self.approval(subject, &capabilities, approval);
            risk_bp = risk_bp.max(own_bp);
            findings.extend(finding);
        }
        Assessment::scored(risk_bp, confidence_bp(capabilities), findings)
    }
}

tierwatch_rule::export!(Approvals);

impl Approvals {
    /// The risk of one required approval, and what there is to say of it.
    fn approval(&self, subject: &Subject, capabilities: &[&Attestation], approval: &str) -> (u32, Option<Finding>) {
        let name = Argument::Text(approval.to_owned());
        let naming = capabilities.iter().filter(|one| names(one, approval));
        // The one that holds longest, the first of equals; one without an end holds for ever.
        let holds = |one: &Attestation| (one.is_in_force(), last_day(one).unwrap_or(Date::MAX));
        let Some(best) = naming.reduce(|best, one| if holds(one) > holds(best) { one } else { best }) else {
            return (self.0.missing_bp, Some(Finding::new(Message::APPROVAL_MISSING, Severity::High, vec![name])));
        };
        let Some(end) = last_day(best) else { return (0, None) };
        let arguments = vec![name, Argument::Date(end)];
        if !best.is_in_force() {
            let lapsed = Finding::new(Message::APPROVAL_LAPSED, Severity::High, arguments);
            return (self.0.lapsed_bp, Some(lapsed.shown_by(best)));
        }
        if i64::from(end) - i64::from(date_of(subject.as_of)) < i64::from(self.0.notice_days) {
            let due = Finding::new(Message::APPROVAL_DUE, Severity::Low, arguments);
            return (self.0.due_bp, Some(due.shown_by(best).due(end)));
        }
        (0, None)
    }
}

/// Whether it claims this approval.
fn names(attestation: &Attestation, approval: &str) -> bool {
    matches!(&attestation.claims, Claims::SupplyCapability(capability) if capability.approvals.iter().any(|one| one == approval))
}

/// The last day on which it holds; `None` when it says nothing of an end.
fn last_day(attestation: &Attestation) -> Option<Date> {
    attestation.valid_until.map(|until| date_of(until - 1))
}
