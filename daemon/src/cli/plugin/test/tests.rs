//! The rules that come with the daemon pass their cases, `plugins/NAME/cases/*.toml`, as the rules of other authors do: what
//! `tierwatch plugin test NAME --cases plugins/NAME/cases` runs. Rules and cases are found in their folders; there is no list.

use super::{groups, run};
use crate::{
    case::{CaseVocabulary, Expected},
    cli::plugin::{bed::Bed, found::FoundComponent},
    model::DeclaredKinds,
    rules::{Host, Limits, built_in},
};
use anyhow::Result;
use std::{collections::BTreeSet, path::Path};

#[test]
fn built_in_rules_pass_their_cases() {
    let host = Host::new(Limits::default()).expect("a host");
    let bed = Bed { host, known: CaseVocabulary::default(), kinds: DeclaredKinds::default(), component_signers: None };
    let mut wrong = String::new();
    for rule in built_in() {
        // A file that is no case is refused at its line, and a folder that holds none by its name, as an author is told.
        wrong += &problems(&bed, rule.name).unwrap_or_else(|error| format!("{}: {error:#}\n", rule.name));
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// What is wrong with the rule `name` or its cases, a line each.
fn problems(bed: &Bed, name: &str) -> Result<String> {
    let found = FoundComponent::of(Path::new(name))?;
    let plugin = bed.host.compile(&found.origin, &found.bytes)?;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("plugins").join(name).join("cases");
    let cases = found.cases(Some(&folder), &bed.known(&plugin, &found.kinds(&plugin)))?;
    let tested = run(&groups(&found, &plugin, &cases)?);
    let asked = cases.iter().flat_map(|file| file.case.expected.iter().map(move |expected| (file, expected)));
    assert_eq!(asked.clone().count(), tested.len(), "{name}: each is asked");
    let mut wrong = String::new();
    for ((file, expected), one) in asked.zip(&tested) {
        let about = file.case.about.as_deref().unwrap_or_default();
        let mut differences = one.differences.clone();
        if one.same && as_said(expected) != as_said(&one.answered) {
            differences.push("a case of ours leaves out nothing but messages, and this one does:".to_owned());
            let left_out = as_said(&one.answered).differences(&as_said(expected));
            differences.extend(left_out.iter().map(ToString::to_string));
        }
        for difference in differences {
            wrong += &format!("{}: {about}\n  {} {difference}\n", file.path, one.as_of);
        }
    }
    let codes: BTreeSet<&str> = tested.iter().flat_map(|one| one.answered.codes()).collect();
    for message in &plugin.manifest().messages {
        if !codes.contains(message.code.as_str()) {
            wrong += &format!("{name}: no case makes it say {}\n", message.code);
        }
    }
    Ok(wrong)
}

/// An answer without the sentences, which follow from the message and its arguments.
fn as_said(expected: &Expected) -> Expected {
    let mut said = expected.clone();
    for finding in said.findings.iter_mut().flatten() {
        finding.message = None;
    }
    said
}
