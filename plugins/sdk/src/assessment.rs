//! Making assessments and findings.

use crate::{
    bindings::plugin::{Argument, Assessment, Attestation, Date, Finding, Outcome, Reason, Scored, Severity},
    message::Code,
};

/// The whole, in basis points: the worst risk, the full share.
pub const WHOLE_BP: u32 = 10_000;

impl Assessment {
    /// An answer with a risk, from evidence.
    #[must_use]
    pub fn scored(risk_bp: u32, confidence_bp: u32, findings: Vec<Finding>) -> Self {
        Self { outcome: Outcome::Scored(Scored { risk_bp, confidence_bp }), findings }
    }

    /// The answer where nothing is required.
    #[must_use]
    pub fn not_applicable(message: impl Code, arguments: Vec<Argument>) -> Self {
        Self { outcome: Outcome::NotApplicable(reason(message, arguments)), findings: Vec::new() }
    }

    /// The answer where something is required and there is no evidence.
    #[must_use]
    pub fn unknown(message: impl Code, arguments: Vec<Argument>) -> Self {
        Self { outcome: Outcome::Unknown(reason(message, arguments)), findings: Vec::new() }
    }

    /// The answer to evidence that contradicts itself or is impossible; the finding names the attestation.
    #[must_use]
    pub fn invalid(contradiction: Finding) -> Self {
        let reason = Reason { message: contradiction.message, arguments: contradiction.arguments.clone() };
        Self { outcome: Outcome::Invalid(reason), findings: vec![contradiction] }
    }

    /// The same with these findings after its own.
    #[must_use]
    pub fn with(mut self, findings: Vec<Finding>) -> Self {
        self.findings.extend(findings);
        self
    }
}

impl Finding {
    /// A finding that no attestation shows and that is not due at any time.
    #[must_use]
    pub fn new(message: impl Code, severity: Severity, arguments: Vec<Argument>) -> Self {
        Self { message: message.index(), arguments, severity, evidence: Vec::new(), due_on: None }
    }

    /// The same, shown by this attestation too.
    #[must_use]
    pub fn shown_by(mut self, attestation: &Attestation) -> Self {
        self.evidence.push(attestation.index);
        self
    }

    /// The same, to be remedied by the end of this day.
    #[must_use]
    pub fn due(mut self, date: Date) -> Self {
        self.due_on = Some(date);
        self
    }
}

fn reason(message: impl Code, arguments: Vec<Argument>) -> Reason {
    Reason { message: message.index(), arguments }
}
