//! `tierwatch attest key|sign|verify`

use super::{
    common::{check_feed, config_if_any, identifiers, parse_instant, text_of},
    done::Done,
    output::{Output, Page, print_bytes, print_json},
};
use crate::{
    attest::{
        Refusal, Verified, dsse,
        keys::{Algorithm, SigningKey},
        kinds::Kinds,
        statement::{self, Draft},
    },
    by_name,
    config::{
        Config, trust,
        vocabulary::{Vocabulary, vocabulary},
        warnings::COMMAND_LINE_FEED,
    },
    diagnostic::spelling,
    feed::documents,
    model::{Attestation, Digest, Handling, Identifiers, Instant, Kind, Organisation, organisation::NotAnOrganisation},
};
use anyhow::{Context as _, Result, anyhow, bail};
use serde::{Deserialize as _, de::value::StrDeserializer};
use serde_json::json;
use std::{
    fs,
    io::{self, Read as _, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

/// Where all kinds stand.
const KINDS_LISTED: &str =
    "`tierwatch template` lists the built-in ones, [[kinds]] in the configuration declares others";

/// Make keys; sign and verify attestations.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Attest {
    /// Make a key pair; the private key goes to a file, the public one to standard output.
    Key(KeyArgs),
    /// Sign one attestation and print its envelope.
    Sign(SignArgs),
    /// Verify attestations with the configuration's keys and grants, as the daemon would.
    Verify(VerifyArgs),
}

#[derive(Debug, clap::Args)]
pub(super) struct KeyArgs {
    /// Where the private key goes; the file must not be there yet.
    file: PathBuf,
    /// The signature scheme.
    #[arg(long, value_enum, default_value = "ed25519")]
    algorithm: KeyAlgorithm,
    /// Whose key it is: the issuer of what it signs, SCHEME:ID when that is an organisation; the file's name by default.
    #[arg(long)]
    owner: Option<String>,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum KeyAlgorithm {
    /// Ed25519 (RFC 8032).
    Ed25519,
    /// ECDSA over P-256 with SHA-256.
    EcdsaP256,
}

#[derive(Debug, clap::Args)]
pub(super) struct SignArgs {
    /// The private key; more than one signs for a threshold.
    #[arg(long, required = true)]
    key: Vec<PathBuf>,
    /// The organisation that it is about, as GB-COH:09506232.
    #[arg(long)]
    subject: String,
    /// The kind, as cyber.ce.
    #[arg(long)]
    kind: String,
    /// The claims as JSON, or @FILE to read them.
    #[arg(long)]
    claims: String,
    /// When it is said; now by default.
    #[arg(long, value_parser = parse_instant)]
    issued_at: Option<Instant>,
    /// When it starts to hold; when it is said by default.
    #[arg(long, value_parser = parse_instant)]
    valid_from: Option<Instant>,
    /// When it stops to hold; a date means to the end of that day.
    #[arg(long, value_parser = parse_end)]
    valid_until: Option<Instant>,
    /// What part of the organisation it speaks of.
    #[arg(long)]
    scope: Option<String>,
    /// The digest of an attestation that this one replaces.
    #[arg(long, value_name = "DIGEST")]
    supersedes: Vec<Digest>,
    /// Who may see it, as TLP:AMBER.
    #[arg(long, value_parser = parse_handling)]
    handling: Option<Handling>,
}

#[derive(Debug, clap::Args)]
pub(super) struct VerifyArgs {
    /// The file; standard input when absent.
    file: Option<PathBuf>,
    /// The feed that it would come from.
    #[arg(long, default_value = COMMAND_LINE_FEED)]
    feed: String,
}

fn parse_end(text: &str) -> Result<Instant, String> {
    Instant::parse_end(text).map_err(|error| error.to_string())
}

pub(super) fn parse_handling(text: &str) -> Result<Handling, String> {
    Handling::deserialize(StrDeserializer::<serde::de::value::Error>::new(text)).map_err(|_| {
        format!("`{text}` is no label: write TLP:CLEAR, TLP:GREEN, TLP:AMBER, TLP:AMBER+STRICT or TLP:RED")
    })
}

impl Attest {
    pub(super) fn run(self, config: &Path, output: Output) -> Result<Done> {
        match self {
            Self::Key(key) => key.run(config),
            Self::Sign(sign) => sign.run(config),
            Self::Verify(verify) => verify.run(config, output),
        }
    }
}

impl KeyArgs {
    fn run(self, config: &Path) -> Result<Done> {
        let path = &self.file;
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or("key");
        // Before the key is made: what trust.toml would refuse is refused here.
        let owner = owner(config, self.owner.as_deref().unwrap_or(stem))?;
        let algorithm = match self.algorithm {
            KeyAlgorithm::Ed25519 => Algorithm::Ed25519,
            KeyAlgorithm::EcdsaP256 => Algorithm::EcdsaP256,
        };
        let key = SigningKey::generate(algorithm);
        // Readable by nobody else, and never over another key.
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .with_context(|| format!("cannot make {}: name a file that is not there yet", path.display()))?;
        file.write_all(key.to_pem()?.as_bytes())?;
        file.sync_all()?;
        let public = key.public();
        let id = public.id();
        // TOML's own quoting: what Rust escapes in a text (a combining accent, say) is not what TOML reads.
        let quoted = |text: &str| toml::Value::from(text).to_string();
        let text = format!(
            "# For trust.toml; the key's id is {id}\n[[key]]\nname = {}\nowner = {}\npublic_key = '''\n{}\n'''\n",
            quoted(stem),
            quoted(&owner),
            public.to_pem()?.trim_end()
        );
        print_bytes(text.as_bytes())?;
        Ok(Done::Fine)
    }
}

/// Whose key it is, spelled as trust.toml reads it. A scheme of a configuration that is not here is left to its daemon.
fn owner(config: &Path, text: &str) -> Result<String> {
    let config = config_if_any(config)?;
    let identifiers = config.as_ref().map_or_else(Identifiers::default, identifiers);
    match identifiers.parse_speaker(text) {
        Ok(organisation) => Ok(organisation.map_or_else(|| text.to_owned(), |organisation| organisation.to_string())),
        Err(NotAnOrganisation::Scheme(_)) if config.is_none() => Ok(text.to_owned()),
        Err(error) => Err(error.into()),
    }
}

impl SignArgs {
    fn run(self, config: &Path) -> Result<Done> {
        let keys = self.key.iter().map(|path| read_key(path)).collect::<Result<Vec<_>>>()?;
        let text = match self.claims.strip_prefix('@') {
            Some(path) => {
                let bytes = fs::read(path).with_context(|| {
                    format!("cannot read the claims in {path}: name a file after the @, or write the JSON itself")
                })?;
                text_of(bytes, path)?
            }
            None => self.claims.clone(),
        };
        let claims = by_name::json(&text).map_err(|error| match self.claims.strip_prefix('@') {
            Some(path) => anyhow!("{path} holds no JSON ({error}): write into it what `tierwatch template` shows for the kind"),
            None => anyhow!("the claims are no JSON ({error}): write what `tierwatch template` shows for the kind, or @FILE to read them"),
        })?;
        let issued_at = self.issued_at.unwrap_or_else(Instant::now);
        let (subject, kind) = self.check(config, &text, issued_at)?;
        let draft = Draft {
            subject: &subject,
            kind: &kind,
            issued_at,
            valid_from: self.valid_from,
            valid_until: self.valid_until,
            scope: self.scope.as_deref(),
            claims: &claims,
            evidence: &[],
            supersedes: &self.supersedes,
            handling: self.handling,
        };
        draft.check_span().map_err(|refusal| match (self.issued_at, self.valid_from, self.valid_until) {
            (None, None, Some(until)) => anyhow!(
                "`--valid-until` ends at {until}, which has passed, and what is said now holds from now on: write a later one, or when it was said as `--issued-at`"
            ),
            _ => anyhow!("{refusal}"),
        })?;
        let payload = statement::write(&draft);
        let signers: Vec<&SigningKey> = keys.iter().collect();
        let envelope = dsse::sign(statement::PAYLOAD_TYPE, payload.as_bytes(), &signers);
        print_bytes(format!("{envelope}\n").as_bytes())?;
        Ok(Done::Fine)
    }
}

impl SignArgs {
    /// Checks what is about to be said as a daemon with this configuration would. Without one, as every daemon does: who signs
    /// need not have the configuration of those who read it, and a kind may be declared there.
    fn check(&self, config: &Path, claims: &str, issued_at: Instant) -> Result<(Organisation, Kind)> {
        let Some(config) = config_if_any(config)? else {
            let (identifiers, kinds) = (Identifiers::default(), Kinds::default());
            let (subject, kind) = (identifiers.parse(&self.subject)?, Kind::named(&self.kind));
            let known: Vec<&str> = Kind::BUILT_IN.iter().map(Kind::as_str).collect();
            if kinds.named(&self.kind).is_some() {
                let claims = kinds.read_claims(&identifiers, &subject, &kind, claims)?;
                kinds.check_past(&claims, issued_at)?;
            } else if spelling::nearest(&self.kind, &known).is_some() {
                return Err(spelling::unknown("kind", &self.kind, &known, KINDS_LISTED).into());
            } else if !claims.trim_start().starts_with('{') {
                bail!("the claims of the kind {kind} are no object: write its fields between braces");
            }
            return Ok((subject, kind));
        };
        let Vocabulary { identifiers, kinds, .. } = vocabulary(&config)?;
        let subject = identifiers.parse(&self.subject)?;
        let kind = kinds.named(&self.kind).ok_or_else(|| {
            let known: Vec<&str> = Kind::BUILT_IN.iter().map(Kind::as_str).chain(kinds.declared()).collect();
            spelling::unknown("kind", &self.kind, &known, KINDS_LISTED)
        })?;
        let claims = kinds.read_claims(&identifiers, &subject, &kind, claims)?;
        kinds.check_past(&claims, issued_at)?;
        Ok((subject, kind))
    }
}

pub(super) fn read_key(path: &Path) -> Result<SigningKey> {
    let bytes = fs::read(path)
        .with_context(|| format!("cannot read the key {}: make one with `tierwatch attest key`", path.display()))?;
    let pem = text_of(bytes, &path.display().to_string())?;
    SigningKey::from_pem(&pem).with_context(|| path.display().to_string())
}

impl VerifyArgs {
    fn run(self, config: &Path, output: Output) -> Result<Done> {
        output.no_csv("a verification")?;
        let config = Config::read(config)?;
        let verifier = trust::verifier(&config)?.verifier;
        check_feed(&self.feed, &config, &verifier.options().trust)?;
        let mut bytes = Vec::new();
        match &self.file {
            Some(path) => bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?,
            None => _ = io::stdin().lock().read_to_end(&mut bytes)?,
        }
        let is_log =
            self.file.as_ref().is_some_and(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
        let now = Instant::now();
        let verify = |(line, document)| DocumentVerdict { line, verdict: verifier.verify(document, &self.feed, now) };
        let answers: Vec<DocumentVerdict> = documents(&bytes, is_log).into_iter().map(verify).collect();
        match (output, answers.as_slice()) {
            (Output::Json, [one]) if one.line.is_none() => print_json(&one.json())?,
            (Output::Json, all) => print_json(&all.iter().map(DocumentVerdict::json).collect::<Vec<_>>())?,
            (_, all) => {
                let mut page = Page::default();
                all.iter().for_each(|answer| answer.add_to(&mut page));
                page.print()?;
            }
        }
        if answers.iter().any(|answer| answer.verdict.is_err()) {
            return Ok(Done::Difference);
        }
        if answers.iter().all(|answer| answer.verdict.as_ref().is_ok_and(Vec::is_empty)) {
            bail!("the file holds no claim that Tierwatch reads");
        }
        Ok(Done::Fine)
    }
}

/// What one document came to.
struct DocumentVerdict {
    /// Where it stands, when it is one of several.
    line: Option<usize>,
    verdict: Result<Vec<Verified>, Refusal>,
}

impl DocumentVerdict {
    fn json(&self) -> serde_json::Value {
        let mut answer = match &self.verdict {
            Ok(verified) => {
                let attestations: Vec<_> = verified.iter().map(|one| &one.attestation).collect();
                match self.line {
                    None => return json!(attestations),
                    Some(_) => json!({"attestations": attestations}),
                }
            }
            Err(refusal) => json!({"reason": refusal.code(), "sentence": refusal.to_string()}),
        };
        if let Some(line) = self.line {
            answer["line"] = line.into();
        }
        answer
    }

    fn add_to(&self, page: &mut Page) {
        let line = self.line.map_or_else(String::new, |line| format!("line {line}: "));
        match &self.verdict {
            Ok(verified) => {
                verified.iter().for_each(|one| page.line(format_args!("{line}{}", good(&one.attestation))));
            }
            Err(refusal) => page.line(format_args!("{line}refused ({}): {refusal}", refusal.code())),
        }
    }
}

fn good(one: &Attestation) -> String {
    let until = one.valid_until.map_or("without end".to_owned(), |until| format!("until {until}"));
    format!(
        "good: {} about {} by {} ({}), from {} {until}, {}",
        one.kind(),
        one.subject,
        one.issuer,
        one.trust.as_str(),
        one.valid_from,
        one.digest
    )
}
