//! Which component is meant, and which cases.

use super::bed::Bed;
use crate::{
    case::{Case, CaseVocabulary},
    config::policy_file,
    diagnostic::{Diagnostics, spelling},
    model::{DeclaredKinds, Kind},
    policy::{self, Policy},
    rules::{LoadReason, ParameterProblem, Plugin, Rule, built_in, component_files, read_component},
    scoring::rule_set,
};
use anyhow::{Context as _, Result, bail};
use serde_json::{Map, Value};
use std::{
    borrow::Cow,
    fs,
    path::{Path, PathBuf},
};

/// Most cases of one rule.
const MAX_CASES: usize = 10_000;

/// Which rule is meant.
#[derive(Debug, clap::Args)]
pub(super) struct Wanted {
    /// A component, a folder with one, or the name of a built-in rule; with --policy the name of a rule of the policy.
    #[arg(value_name = "FILE|DIR|RULE", default_value = ".")]
    pub(super) plugin: PathBuf,
    /// The policy whose rule it is, with the parameters that stand there.
    #[arg(long, value_name = "FILE")]
    pub(super) policy: Option<PathBuf>,
}

impl Wanted {
    /// What is meant.
    ///
    /// # Errors
    /// When there is none, several, or it cannot be read.
    pub(super) fn found(&self, bed: &Bed) -> Result<FoundComponent> {
        let Some(path) = &self.policy else {
            return Ok(FoundComponent { kinds: bed.kinds.clone(), ..FoundComponent::of(&self.plugin)? });
        };
        let policy = policy_file::policy_at(path, &bed.kinds)?;
        let name = self.plugin.to_string_lossy();
        let cases = path.parent().unwrap_or(Path::new("")).join("cases").join(&*name);
        FoundComponent::of_policy(policy, &name, cases)
    }
}

/// A rule as a policy has it.
struct InPolicy {
    policy: Policy,
    rule: policy::PolicyRule,
    /// The default folder of its cases.
    cases: PathBuf,
}

/// A component that was found.
pub(super) struct FoundComponent {
    /// The path of its file, or its name if it is built in.
    pub(super) origin: String,
    /// The bytes of the component.
    pub(super) bytes: Cow<'static, [u8]>,
    /// The path of its file; `None` if it is built in.
    pub(super) file: Option<PathBuf>,
    in_policy: Option<Box<InPolicy>>,
    /// The declared kinds that the rule gets if it belongs to no policy.
    kinds: DeclaredKinds,
}

/// A case and the file it was read from.
pub(super) struct CaseFile {
    pub(super) path: String,
    pub(super) text: String,
    pub(super) case: Case,
}

impl FoundComponent {
    /// The component that `wanted` names: as a file, as a folder with one component, or as the name of a built-in rule.
    ///
    /// # Errors
    /// When there is none, several, or it cannot be read.
    pub(super) fn of(wanted: &Path) -> Result<Self> {
        if wanted.is_dir() {
            let files = component_files(wanted).with_context(|| format!("cannot list {}", wanted.display()))?;
            return match files.as_slice() {
                [] => bail!("{0} holds no component: run `tierwatch plugin build {0}` first", wanted.display()),
                [file] => Self::read(file),
                [first, ..] => {
                    bail!("{} holds {} components: name one, as {}", wanted.display(), files.len(), first.display())
                }
            };
        }
        if wanted.exists() {
            return Self::read(wanted);
        }
        let built_in = built_in();
        match built_in.iter().find(|rule| Path::new(rule.name) == wanted) {
            Some(rule) => Ok(Self {
                origin: format!("built-in {}", rule.name),
                bytes: rule.component.into(),
                file: None,
                in_policy: None,
                kinds: DeclaredKinds::default(),
            }),
            None => {
                let known: Vec<&str> = built_in.iter().map(|rule| rule.name).collect();
                let what = wanted.display();
                let unknown =
                    spelling::unknown("built-in rule", &what.to_string(), &known, "`tierwatch plugins` lists them");
                bail!("{what} is neither a file nor a folder, and {unknown}")
            }
        }
    }

    /// The rule `name` of `policy`, whose plugin comes with the daemon.
    ///
    /// # Errors
    /// When the policy has no such rule, or its plugin is not built in.
    pub(super) fn of_policy(policy: Policy, name: &str, cases: PathBuf) -> Result<Self> {
        let Some(rule) = policy.rules().find(|rule| *rule.name == *name).cloned() else {
            let known: Vec<&str> = policy.rules().map(|rule| &*rule.name).collect();
            let what = format!("rule of the policy `{}`", policy.name());
            bail!(spelling::unknown(&what, name, &known, "the policy has them under [rules.NAME]"));
        };
        let Some(plugin) = built_in().iter().find(|built_in| built_in.name == &*rule.plugin) else {
            bail!("the plugin `{}` is not built in: name its component, without --policy", rule.plugin);
        };
        Ok(Self {
            origin: format!("built-in {}", plugin.name),
            bytes: plugin.component.into(),
            file: None,
            kinds: policy.kinds().clone(),
            in_policy: Some(Box::new(InPolicy { policy, rule, cases })),
        })
    }

    /// Whether it is a rule of a policy.
    pub(super) fn in_policy(&self) -> bool {
        self.in_policy.is_some()
    }

    /// The rule with these parameters over those of the policy.
    ///
    /// # Errors
    /// When it refuses them.
    pub(super) fn configure(&self, plugin: &Plugin, parameters: &Map<String, Value>) -> Result<Rule> {
        self.configured(plugin, parameters, |_| None)
    }

    /// Shows refused parameters by `shown`, or else in the policy, if there is one.
    fn configured(
        &self,
        plugin: &Plugin,
        parameters: &Map<String, Value>,
        shown: impl FnOnce(&[ParameterProblem]) -> Option<Diagnostics>,
    ) -> Result<Rule> {
        let in_policy = self.in_policy.as_deref();
        let configured = match in_policy {
            None => {
                let name = &plugin.manifest().name;
                plugin.configure_as(name, &Value::Object(parameters.clone()), &self.kinds)
            }
            Some(InPolicy { rule, .. }) => {
                let mut all = rule.parameters.as_object().cloned().unwrap_or_default();
                all.extend(parameters.clone());
                plugin.configure_as(&rule.name, &Value::Object(all), &self.kinds)
            }
        };
        configured.map_err(|error| {
            let LoadReason::Parameters(refused) = &error.reason else { return error.into() };
            match (shown(refused), in_policy) {
                (Some(diagnostics), _) => diagnostics.into(),
                (None, Some(InPolicy { policy, rule, .. })) => rule_set::complaints(policy, &rule.name, refused).into(),
                (None, None) => error.into(),
            }
        })
    }

    /// The rule with the parameters of a case.
    ///
    /// # Errors
    /// When it refuses them: each is shown where it is, in the case or else in the policy.
    pub(super) fn configure_for(&self, plugin: &Plugin, file: &CaseFile) -> Result<Rule> {
        let CaseFile { path, text, case } = file;
        let configured = self.configured(plugin, &case.parameters, |refused| {
            let of_case = |problem: &ParameterProblem| !self.in_policy() || case.parameter_spans.holds(&problem.path);
            refused.iter().all(of_case).then(|| case.complaints(path, text, refused))
        });
        // Diagnostics name their file themselves.
        configured.map_err(|error| if error.is::<Diagnostics>() { error } else { error.context(path.clone()) })
    }

    /// The kinds that the rule reads: those of the policy's parameters, where these decide it.
    pub(super) fn kinds(&self, plugin: &Plugin) -> Vec<Kind> {
        let rule = self.in_policy().then(|| self.configure(plugin, &Map::new()).ok()).flatten();
        rule.as_ref().map_or(plugin.manifest(), Rule::manifest).kinds.clone()
    }

    fn read(path: &Path) -> Result<Self> {
        let file = Some(path.to_owned());
        Ok(Self {
            origin: path.display().to_string(),
            bytes: read_component(path)?.into(),
            file,
            in_policy: None,
            kinds: DeclaredKinds::default(),
        })
    }

    /// The cases at `wanted`, a file or a folder of `*.toml`; those beside the component when it is `None`.
    ///
    /// # Errors
    /// When there are none, or a file is refused: then all that are refused are shown.
    pub(super) fn cases(&self, wanted: Option<&Path>, known: &CaseVocabulary) -> Result<Vec<CaseFile>> {
        let path = match (wanted, &self.file, &self.in_policy) {
            (Some(path), ..) => path.to_owned(),
            (None, Some(file), _) => file.with_file_name("cases"),
            (None, None, Some(in_policy)) => in_policy.cases.clone(),
            (None, None, None) => bail!("the rule is {}: say where its cases are with --cases", self.origin),
        };
        let files = if path.is_dir() { toml_files(&path)? } else { vec![path.clone()] };
        if files.is_empty() {
            bail!("{} holds no case: write one as `*.toml`; plugins/README.md shows how", path.display());
        }
        if files.len() > MAX_CASES {
            bail!("{} holds {} cases: keep to {MAX_CASES}", path.display(), files.len());
        }
        let (mut cases, mut refused) = (Vec::new(), Vec::new());
        for file in files {
            let shown = file.display().to_string();
            let text = fs::read_to_string(&file)
                .with_context(|| format!("cannot read {shown}: name a case file, or a folder of them, with --cases"))?;
            match Case::parse(&shown, &text, known) {
                Ok(case) => cases.push(CaseFile { path: shown, text, case }),
                Err(diagnostics) => refused.push(diagnostics.to_string()),
            }
        }
        if refused.is_empty() { Ok(cases) } else { bail!("{}", refused.join("\n\n")) }
    }
}

/// The `*.toml` files of a folder, by name.
fn toml_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
        files.push(entry?.path());
    }
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    Ok(files)
}
