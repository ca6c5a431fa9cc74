//! `tierwatch attest key|sign|verify`

use super::{
    COMMAND_LINE_FEED, Done, check_feed,
    output::{Output, Page, print_bytes, print_json},
    parse_instant,
};
use crate::{
    attest::{
        dsse,
        keys::{Algorithm, SigningKey},
        statement::{self, Draft},
    },
    config::Config,
    model::{Claims, Digest, Handling, Identifiers, Instant, Kind},
    pipeline::setup,
};
use anyhow::{Context as _, Result, bail};
use std::{
    fs,
    io::{self, Read as _, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

/// Make keys; sign and verify attestations.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Attest {
    /// Make a key pair; the private key goes to a file, the public one to standard output.
    Key(Key),
    /// Sign one attestation and print its envelope.
    Sign(Sign),
    /// Verify attestations with the configuration's keys and grants, as the daemon would.
    Verify(Verify),
}

#[derive(Debug, clap::Args)]
pub(super) struct Key {
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
pub(super) struct Sign {
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
pub(super) struct Verify {
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
    serde_json::from_value(serde_json::Value::from(text)).map_err(|_| {
        format!("`{text}` is no label: write TLP:CLEAR, TLP:GREEN, TLP:AMBER, TLP:AMBER+STRICT or TLP:RED")
    })
}

impl Attest {
    pub(super) fn run(self, config: &Path, output: Output) -> Result<Done> {
        match self {
            Self::Key(key) => key.run(),
            Self::Sign(sign) => sign.run(),
            Self::Verify(verify) => verify.run(config, output),
        }
    }
}

impl Key {
    fn run(self) -> Result<Done> {
        let algorithm = match self.algorithm {
            KeyAlgorithm::Ed25519 => Algorithm::Ed25519,
            KeyAlgorithm::EcdsaP256 => Algorithm::EcdsaP256,
        };
        let key = SigningKey::generate(algorithm);
        let path = &self.file;
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
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or("key");
        let owner = self.owner.as_deref().unwrap_or(stem);
        let id = public.id();
        let text = format!(
            "# For trust.toml; the key's id is {id}\n[[key]]\nname = {stem:?}\nowner = {owner:?}\npublic_key = '''\n{}\n'''\n",
            public.to_pem()?.trim_end()
        );
        print_bytes(text.as_bytes())?;
        Ok(Done::Fine)
    }
}

impl Sign {
    fn run(self) -> Result<Done> {
        let keys = self.key.iter().map(|path| read_key(path)).collect::<Result<Vec<_>>>()?;
        let text = match self.claims.strip_prefix('@') {
            Some(path) => fs::read_to_string(path).with_context(|| {
                format!("cannot read the claims in {path}: name a file after the @, or write the JSON itself")
            })?,
            None => self.claims,
        };
        let kind = Kind::named(&self.kind);
        // The daemon that receives it may know more schemes and kinds than this command, which therefore only checks what
        // every daemon knows.
        let subject = Identifiers::default().parse(&self.subject)?;
        Claims::parse(&kind, &text)
            .with_context(|| format!("these are no claims of the kind {kind}: correct the field it names"))?;
        let payload = statement::write(&Draft {
            subject: &subject,
            kind: &kind,
            issued_at: self.issued_at.unwrap_or_else(Instant::now),
            valid_from: self.valid_from,
            valid_until: self.valid_until,
            scope: self.scope.as_deref(),
            claims: &serde_json::from_str(&text)?,
            evidence: &[],
            supersedes: &self.supersedes,
            handling: self.handling,
        });
        let signers: Vec<&SigningKey> = keys.iter().collect();
        let envelope = dsse::sign(statement::PAYLOAD_TYPE, payload.as_bytes(), &signers);
        print_bytes(format!("{envelope}\n").as_bytes())?;
        Ok(Done::Fine)
    }
}

pub(super) fn read_key(path: &Path) -> Result<SigningKey> {
    let pem = fs::read_to_string(path)
        .with_context(|| format!("cannot read the key {}: make one with `tierwatch attest key`", path.display()))?;
    SigningKey::from_pem(&pem).with_context(|| path.display().to_string())
}

impl Verify {
    fn run(self, config: &Path, output: Output) -> Result<Done> {
        output.no_csv("a verification")?;
        let config = Config::read(config)?;
        let verifier = setup::verifier(&config)?.verifier;
        check_feed(&self.feed, &config, &verifier.options().trust)?;
        let mut page = Page::default();
        let mut bytes = Vec::new();
        match &self.file {
            Some(path) => bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?,
            None => _ = io::stdin().lock().read_to_end(&mut bytes)?,
        }
        let verified = match verifier.verify(bytes.trim_ascii(), &self.feed, Instant::now()) {
            Ok(verified) => verified,
            Err(refusal) => {
                if output == Output::Json {
                    print_json(&serde_json::json!({"reason": refusal.code(), "sentence": refusal.to_string()}))?;
                } else {
                    page.line(format_args!("refused ({}): {refusal}", refusal.code()));
                    page.print()?;
                }
                return Ok(Done::Difference);
            }
        };
        let attestations: Vec<_> = verified.iter().map(|one| &one.attestation).collect();
        if output == Output::Json {
            print_json(&attestations)?;
            return Ok(Done::Fine);
        }
        for one in attestations {
            let until = one.valid_until.map_or("without end".to_owned(), |until| format!("until {until}"));
            page.line(format_args!(
                "good: {} about {} by {} ({}), from {} {until}, {}",
                one.kind(),
                one.subject,
                one.issuer,
                one.trust.as_str(),
                one.valid_from,
                one.digest
            ));
        }
        page.print()?;
        if verified.is_empty() {
            bail!("the file holds no claim that Tierwatch reads");
        }
        Ok(Done::Fine)
    }
}
