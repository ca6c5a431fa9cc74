//! Why a component does not become a rule.

use super::{
    bindings_v1 as v1,
    call::CallError,
    limits::{MAX_COMPONENT_BYTES, MAX_DEFINITIONS, MAX_VALIDATION_STEPS},
    manifest::ManifestError,
};
use std::ops::Range;

/// Why a plugin does not load.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoadReason {
    /// The file cannot be read.
    #[error("it cannot be read ({0}): check the path and its permissions")]
    Read(String),
    /// The file is larger than any component should be.
    #[error("it has more than {MAX_COMPONENT_BYTES} bytes: build it without debug information")]
    TooLarge,
    /// It is no WebAssembly at all.
    #[error("it is not WebAssembly: build it with the SDK in plugins/sdk")]
    NotWasm,
    /// A module instead of a component.
    #[error(
        "it is a core module, not a component: build it with the SDK in plugins/sdk and lift it with wit-component"
    )]
    CoreModule,
    /// The engine refuses it.
    #[error("it does not compile ({0}): build it again with the SDK in plugins/sdk")]
    Compile(String),
    /// It imports something.
    #[error("it imports {}, and a rule imports nothing: build it without WASI, with the SDK in plugins/sdk", .0.join(", "))]
    Imports(Vec<String>),
    /// It is a component of another world.
    #[error(
        "it does not export `{}`: implement the world `rule` of the contract `tierwatch:rule@1.0.0`",
        v1::INTERFACE
    )]
    World,
    /// It is made of more than any rule needs.
    #[error(
        "it defines {0} types, aliases, instances and functions beside its code, and may {MAX_DEFINITIONS}: build it with the \
         SDK in plugins/sdk"
    )]
    Definitions(u64),
    /// It exports the interface in another shape.
    #[error("its `{face}` is not the contract's ({0}): build it with the WIT in plugins/wit/1.0.0", face = v1::INTERFACE)]
    Shape(String),
    /// It fails when it is asked what it is or given its parameters.
    #[error("when it was started, {0}")]
    Start(CallError),
    /// Its manifest makes no sense.
    #[error("its manifest is refused: {0}")]
    Manifest(ManifestError),
    /// The policy's parameters do not fit the manifest's schema, or the rule refuses them.
    #[error("its parameters are refused:{}: correct them in the policy", listed(.0))]
    Parameters(Vec<ParameterProblem>),
    /// The manifest's schema asks for too much work on the policy's parameters.
    #[error(
        "checking its parameters could take more than {MAX_VALIDATION_STEPS} steps: shorten them, or have its author simplify \
         its JSON Schema"
    )]
    ParametersSteps,
}

/// What is wrong with one parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParameterProblem {
    /// JSON Pointer to it.
    pub path: String,
    /// The part of it that is wrong, in bytes, where it is a text.
    pub within: Option<Range<usize>>,
    /// What is wrong.
    pub message: String,
    /// What to write instead, where the rule says so.
    pub fix: Option<String>,
}

fn listed(problems: &[ParameterProblem]) -> String {
    let line = |ParameterProblem { path, message, fix, .. }: &ParameterProblem| {
        let path = if path.is_empty() { String::new() } else { format!(" `{path}`:") };
        format!("{path} {message}{}", fix.as_ref().map_or_else(String::new, |fix| format!(": {fix}")))
    };
    problems.iter().map(line).collect::<Vec<_>>().join(";")
}
