//! # expression: rules that a policy writes, without code
//!
//! A policy names this plugin for a rule of its own and says in CEL (the Common Expression Language, <https://cel.dev>) when
//! which answer holds:
//!
//! ```toml
//! [rules.sme-without-certificate]
//! plugin = "expression"
//! weight = 2
//!
//! [rules.sme-without-certificate.parameters.let]
//! certificates = "in_force(cyber.ce) + in_force(cyber.ceplus)"
//!
//! [[rules.sme-without-certificate.parameters.clauses]]
//! when = "certificates.size() > 0"
//! risk = 0
//! confidence = "certificates"
//!
//! [rules.sme-without-certificate.parameters.otherwise]
//! risk = 8000
//! confidence = 9500
//! findings = ["NO_CERTIFICATE"]
//!
//! [rules.sme-without-certificate.parameters.messages.NO_CERTIFICATE]
//! text = "It holds no cyber certificate."
//! severity = "high"
//! ```
//!
//! `rules/README.md` is the manual: every variable, field and function. Only the kinds and facts that the expressions name
//! cross into the sandbox, and only a change of those makes the rule run again.

mod answer;
pub mod language;
mod parameters;
mod plan;
mod show;

use parameters::Parameters;
use plan::{Body, MISFIT, Plan};
use std::collections::BTreeMap;
use tierwatch_rule::{Assessment, Manifest, Message, Problem, Rule, Subject, Tailored};

const HELP: &str = "A rule that the policy writes as expressions (CEL): clauses in order, each with a condition, a risk or a \
    reason, and findings. What it reads and says is what the policy writes.";

/// A policy's rule.
#[derive(Debug)]
pub struct Expressions {
    plan: Plan,
    manifest: Manifest,
}

impl Rule for Expressions {
    type Parameters = String;

    fn manifest() -> Manifest {
        Manifest {
            name: env!("CARGO_PKG_NAME").into(),
            version: env!("CARGO_PKG_VERSION").into(),
            dimension: "policy".into(),
            help: HELP.into(),
            kinds: language::vocabulary::KINDS.iter().map(|kind| kind.name.into()).collect(),
            facts: language::vocabulary::GIVEN.iter().filter_map(|given| given.fact).collect(),
            parameters: parameters::schema(),
            messages: vec![],
        }
    }

    fn configure(parameters: String) -> Result<Self, Vec<Problem>> {
        let parameters: Parameters =
            serde_json::from_str(&parameters).map_err(|error| vec![Problem::of("", error.to_string())])?;
        let plan = plan::plan(&parameters)?;
        let manifest = Manifest {
            dimension: parameters.dimension,
            help: parameters.help,
            kinds: plan.kinds.clone(),
            facts: plan.facts.clone(),
            messages: messages(&plan, parameters.messages),
            ..Self::manifest()
        };
        Ok(Self { plan, manifest })
    }

    fn tailored(&self) -> Option<Tailored> {
        Some(Tailored { manifest: self.manifest.clone(), words: self.plan.words.clone() })
    }

    fn assess(&self, subject: &Subject) -> Assessment {
        self.plan.assess(subject)
    }
}

tierwatch_rule::export!(Expressions);

/// Those that the policy writes, or those that show one expression, and what is said of evidence that does not fit its schema.
fn messages(plan: &Plan, written: BTreeMap<String, parameters::Message>) -> Vec<Message> {
    let mut messages: Vec<Message> = match &plan.body {
        Body::Show(show) => show.messages(),
        Body::Clauses(_) => written
            .into_iter()
            .map(|(code, message)| Message { code, text: message.text, remedy: message.remedy })
            .collect(),
    };
    if plan.misfit.is_some() {
        messages.push(Message {
            code: MISFIT.into(),
            text: "What {0} attests as `{1}` does not fit the schema of that kind: {2}.".into(),
            remedy: "Have {0} attest it anew, or let the schema of `{1}` take both.".into(),
        });
    }
    messages
}
