//! What loads and what does not, with the whole sentence.

use super::{
    harness::{built_in_component, host},
    module::{
        HARMLESS, component, core_module, empty_component, importing_component, senseless_component, with_aliases,
    },
};
use crate::rules::{
    bindings_v1 as v1, built_in, component_files,
    limits::MAX_DEFINITIONS,
    manifest::{self, ManifestError},
    read_component,
};
use serde_json::{Value, json};
use std::path::PathBuf;

fn check(bytes: &[u8], expected: &str) {
    let loaded = host().compile("x.wasm", bytes);
    assert_eq!(loaded.map(|_| ()).map_err(|error| error.to_string()), Err(expected.to_owned()));
}

#[test]
fn what_is_no_plugin() {
    check(b"MZ", "plugin `x.wasm`: it is not WebAssembly: build it with the SDK in plugins/sdk");
    check(b"", "plugin `x.wasm`: it is not WebAssembly: build it with the SDK in plugins/sdk");
    check(
        &core_module(&HARMLESS).finish(),
        "plugin `x.wasm`: it is a core module, not a component: build it with the SDK in plugins/sdk and lift it with wit-component",
    );
    check(
        &empty_component(),
        "plugin `x.wasm`: it does not export `tierwatch:rule/plugin@1.0.0`: implement the world `rule` of the contract \
         `tierwatch:rule@1.0.0`",
    );
    check(
        &importing_component(),
        "plugin `x.wasm`: it imports `wasi:clocks/wall-clock@0.2.0`, and a rule imports nothing: build it without WASI, \
         with the SDK in plugins/sdk",
    );
    // This is found out without compiling anything.
    check(
        &senseless_component(),
        "plugin `x.wasm`: it does not export `tierwatch:rule/plugin@1.0.0`: implement the world `rule` of the contract \
         `tierwatch:rule@1.0.0`",
    );
    let truncated = &built_in()[0].component[..1_000];
    let error = host().compile("x.wasm", truncated).map(|_| ()).expect_err("truncated").to_string();
    assert!(error.starts_with("plugin `x.wasm`: it does not compile ("), "{error}");
    assert!(error.ends_with("): build it again with the SDK in plugins/sdk"), "{error}");
}

#[test]
fn a_component_of_too_many_parts() {
    let most = u32::try_from(MAX_DEFINITIONS).expect("a count");
    let refused = |more| host().compile("x.wasm", &with_aliases(component(&HARMLESS), more)).map(|_| ()).err();
    assert_eq!(refused(most - 1_000).map(|error| error.to_string()), None);
    let error = refused(most).expect("too many").to_string();
    assert!(error.contains(" aliases, instances and functions beside its code, and may 20000: "), "{error}");
}

#[test]
fn a_folder_keeps_what_it_can() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("b.wasm"), built_in()[0].component).expect("written");
    std::fs::write(folder.path().join("a.wasm"), "no").expect("written");
    std::fs::write(folder.path().join("README.md"), "no plugin").expect("written");
    let files = component_files(folder.path()).expect("a folder");
    let compile = |path: &PathBuf| host().compile("x.wasm", &read_component(path).expect("a file"));
    let names: Vec<_> = files.iter().map(|path| compile(path).map(|plugin| plugin.manifest().name.clone())).collect();
    assert!(matches!(names.as_slice(), [Err(_), Ok(name)] if **name == *built_in()[0].name), "{names:?}");
}

#[test]
fn built_in_rules_declare_themselves() {
    for built_in in built_in() {
        let plugin = host().compile(built_in.name, built_in.component).expect("a plugin");
        let manifest = plugin.manifest();
        assert_eq!(&*manifest.name, built_in.name);
        if manifest.parameters.get("required").is_some() {
            // The policy decides what this rule is.
            continue;
        }
        // What the schema says of the defaults is what the rule takes.
        let properties = manifest.parameters["properties"].as_object().expect("properties");
        let defaults: serde_json::Map<_, _> =
            properties.iter().map(|(name, property)| (name.clone(), property["default"].clone())).collect();
        plugin.configure(&Value::Object(defaults)).expect("its own defaults");
        plugin.configure(&json!({})).expect("nothing set");
    }
}

/// No schema can say this: each of the two is a share, and the second must be the greater.
#[test]
fn parameters_that_contradict_one_another() {
    let plugin = host().compile("geography", built_in_component("geography")).expect("a plugin");
    let refused = plugin.configure(&json!({"corridor_from_bp": 5_000, "corridor_to_bp": 5_000})).map(|_| ());
    let refused = refused.expect_err("a corridor's risk must rise").to_string();
    assert!(refused.contains("write more than corridor_from_bp, 5000"), "{refused}");
}

#[test]
fn parameters_that_do_not_fit() {
    let plugin = host().compile("cyber-posture", built_in_component("cyber-posture")).expect("a plugin");
    let check = |parameters: Value, expected: &str| {
        let configured = plugin.configure(&parameters);
        assert_eq!(configured.map(|_| ()).map_err(|error| error.to_string()), Err(expected.to_owned()));
    };
    check(
        json!({"grace_days": 400}),
        "plugin `cyber-posture`: its parameters are refused: `/grace_days`: 400 is greater than the maximum of 365: \
         correct them in the policy",
    );
    check(
        json!({"grace_day": 40}),
        "plugin `cyber-posture`: its parameters are refused: `/grace_day`: `grace_day` is no parameter of the rule: write one of grace_days, notice_days, plan_bp, nothing_bp, just_lapsed_bp or 9 more that `tierwatch plugin inspect` lists: correct them in the policy",
    );
    check(
        json!([1]),
        "plugin `cyber-posture`: its parameters are refused: [1] is not of type \"object\": correct them in the policy",
    );
}

#[test]
fn manifests_that_make_no_sense() {
    let good = || v1::Manifest {
        name: "example".into(),
        version: "1.0.0".into(),
        dimension: "test".into(),
        help: "Helps.".into(),
        kinds: vec!["cyber.ce".into()],
        facts: vec![v1::Fact::Needs],
        parameters: "{}".into(),
        messages: vec![v1::Message { code: "CODE".into(), text: "Text {0}.".into(), remedy: String::new() }],
    };
    let check = |change: fn(&mut v1::Manifest), expected: &str| {
        let mut changed = good();
        change(&mut changed);
        let checked = manifest::checked(changed).map(|_| ()).map_err(|error: ManifestError| error.to_string());
        assert_eq!(checked, Err(expected.to_owned()));
    };
    assert!(manifest::checked(good()).is_ok());
    check(
        |manifest| manifest.name = "Cyber".into(),
        "`Cyber` is no name for a rule: write lower-case letters, digits and `-`, at most 64, starting with a letter",
    );
    check(|manifest| manifest.version = "1.0".into(), "`1.0` is no version: write three numbers, as 1.0.0");
    check(|manifest| manifest.help.clear(), "the help is empty or longer than 4096 bytes: shorten it or write one");
    check(
        |manifest| {
            manifest.kinds.clear();
            manifest.facts.clear();
        },
        "it declares neither a kind nor a fact: name in `kinds` and `facts` what it reads",
    );
    check(
        |manifest| manifest.kinds = vec!["revocation".into()],
        "the kind `revocation` is obeyed before a rule sees anything: leave it out of `kinds`",
    );
    check(|manifest| manifest.kinds.push("cyber.ce".into()), "`cyber.ce` is declared twice: leave one out");
    check(|manifest| manifest.facts.push(v1::Fact::Needs), "`needs` is declared twice: leave one out");
    check(
        |manifest| manifest.messages[0].code = "cepWindow".into(),
        "`cepWindow` is no message code: write capital letters, digits and `_`, as CEP_WINDOW",
    );
    check(
        |manifest| manifest.messages[0].text = "Text {16}.".into(),
        "message CODE has the placeholder `{16}`: write {0} to {15}",
    );
    check(|manifest| manifest.messages.push(manifest.messages[0].clone()), "`CODE` is declared twice: leave one out");
    check(
        |manifest| manifest.messages = vec![manifest.messages[0].clone(); 257],
        "there are 257 messages: keep to 256",
    );
    check(
        |manifest| manifest.parameters = "{".into(),
        "its JSON Schema of parameters cannot be read (EOF while parsing an object at line 1 column 1): correct it",
    );
}
