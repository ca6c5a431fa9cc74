//! `tierwatch plugin record`

use super::{
    bed::Bed,
    found::{FoundComponent, Wanted},
};
use crate::{
    attest::Evidence,
    case::{self, Case},
    cli::{attest::parse_handling, common::snapshot, done::Done, output::print_bytes},
    diagnostic::ParameterSpans,
    model::{Assessment, Attestation, Handling, Kind},
    rules::Rule,
    scoring::scorer,
};
use anyhow::{Result, bail};
use serde_json::{Map, Value};
use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    sync::Arc,
};

/// Print what the daemon would hand to a rule about one supplier, with the rule's answer, as a case for `plugin test`.
///
/// An attestation whose handling label is stricter than --up-to stays out, and a comment says so. The network's facts carry no
/// label: look at them before the case leaves your hands.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Record {
    /// `SCHEME:ID`, an alias, or a part of a name.
    organisation: String,
    /// A component, a folder with one, or the name of a built-in rule or of one of the policy: only the kinds and facts that it
    /// declares are recorded.
    #[arg(long, value_name = "FILE|DIR|RULE")]
    plugin: PathBuf,
    /// The policy whose rule it is, instead of the configuration's.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// The strictest label that may be in the case.
    #[arg(long, value_name = "LABEL", default_value = "TLP:GREEN", value_parser = parse_handling)]
    up_to: Handling,
}

impl Record {
    pub(in crate::cli) fn run(self, config: &Path) -> Result<Done> {
        let mut snapshot = snapshot(config)?;
        let bed = Bed::new(config)?;
        let name = self.plugin.to_string_lossy();
        let of_policy = snapshot.policy().rules().find(|rule| *rule.name == *name && rule.plugin != rule.name);
        let found = match (&self.policy, of_policy) {
            (Some(_), _) => Wanted { plugin: self.plugin.clone(), policy: self.policy.clone() }.found(&bed)?,
            (None, Some(_)) => FoundComponent::of_policy(snapshot.policy().clone(), &name, PathBuf::new())?,
            (None, None) => Wanted { plugin: self.plugin.clone(), policy: None }.found(&bed)?,
        };
        let plugin = bed.host.compile(&found.origin, &found.bytes)?;
        let (name, _) = snapshot.find(&self.organisation)?;
        let known = snapshot.case(&name);
        let Some(known) = known.filter(|_| !name.is_programme()) else {
            bail!("{name} is no supplier of whom anything is attested: `tierwatch suppliers` lists them");
        };
        let rule = snapshot.policy().rules().find(|rule| rule.plugin == plugin.manifest().name && !found.in_policy());
        let parameters = rule.and_then(|rule| rule.parameters.as_object().cloned()).unwrap_or_default();
        let rule = found.configure(&plugin, &parameters)?;
        print_bytes(self.recorded(&rule, parameters, &known)?.as_bytes())?;
        Ok(Done::Fine)
    }

    /// The text of the case, after a comment on what is not in it.
    fn recorded(&self, rule: &Rule, parameters: Map<String, Value>, known: &scorer::ScoringCase) -> Result<String> {
        let kinds = &rule.manifest().kinds;
        let (shown, withheld): (Vec<_>, Vec<_>) = declared(&known.evidence, kinds)
            .into_iter()
            .partition(|one| one.handling.is_none_or(|label| label <= self.up_to));
        let mut text = String::new();
        for one in &withheld {
            let label = one.handling.and_then(|label| serde_json::to_value(label).ok());
            let label = label.as_ref().and_then(Value::as_str).unwrap_or_default();
            let _ = writeln!(text, "# Withheld: {} {} ({label})", one.kind(), one.digest.short());
        }
        let as_of = scorer::settled(shown.iter(), known.as_of);
        let mut case = Case {
            about: Some(format!("{} as it was known on {}", known.organisation, as_of.date())),
            organisation: known.organisation.clone(),
            names: known.names.clone(),
            parameters,
            parameter_spans: ParameterSpans::default(),
            facts: known.facts.only(&rule.manifest().facts),
            ids: shown.iter().map(|one| one.digest.short()).collect(),
            attestations: shown,
            expected: Vec::new(),
        };
        let answered = rule.assess(&[case.subject(as_of)]).assessments.pop();
        let answered = answered.unwrap_or_else(|| Assessment::failed("no answer"));
        case.expected.push(case.answered(as_of, &answered));
        Ok(text + &case::write(&case))
    }
}

/// The attestations in force of the declared kinds.
fn declared(evidence: &Evidence, kinds: &[Kind]) -> Vec<Arc<Attestation>> {
    evidence.in_force.iter().filter(|one| kinds.contains(&one.kind())).cloned().collect()
}
