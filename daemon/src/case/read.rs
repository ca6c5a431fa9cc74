//! From the text of a case file to a [`Case`], with everything that is wrong at its place.

use super::{Case, CaseVocabulary, Expected, ExpectedFinding};
use crate::{
    diagnostic::{Diagnostics, Parameters, Problems, Section, Span, fill, spelling::nearest},
    model::{
        Attestation, Claims, Date, Digest, Facts, Handling, Instant, Kind, Organisation, Outcome, Severity, Trust,
        WHOLE_BP, time::NotATime,
    },
};
use serde::de::DeserializeOwned;
use std::{fmt::Display, marker::PhantomData, sync::Arc};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// Longest text of a case, in bytes.
const MAX_TEXT_BYTES: usize = 1024;
/// Most names of one organisation.
const MAX_NAMES: usize = 32;
/// What a list in the facts may leave out of its tables.
/// Where nobody says where the supply is, it is all in one place.
const NEED_DEFAULTS: &str =
    "buffer_days = 0\nsources = []\nregion_hhi_bp = 10000\ncorridor_hhi_bp = 10000\ncountry_hhi_bp = 10000\n";
const SOURCE_DEFAULTS: &str = "qualified = true\nswitch_days = 0\n";

impl Case {
    /// Reads the text of a case file; `file_name` is shown as it is given.
    ///
    /// # Errors
    /// [`Diagnostics`] with everything that is wrong, at its place.
    pub fn parse(file_name: &str, text: &str, known: &CaseVocabulary) -> Result<Self, Diagnostics> {
        let problems = Problems::new(file_name, text);
        let table = problems.parse_toml()?;
        let case = CaseReader { known: known.clone() }.case(Section::of_file(&problems, table.get_ref(), "a case"));
        match (problems.finish(()), case) {
            (Err(diagnostics), _) => Err(diagnostics),
            (Ok(()), Some(case)) => Ok(case),
            (Ok(()), None) => unreachable!("a case that lacks something has a problem that says so"),
        }
    }
}

struct CaseReader {
    known: CaseVocabulary,
}

/// An attestation and what the expectations call it.
type NamedAttestation = (String, Arc<Attestation>);

impl CaseReader {
    fn case(mut self, mut file: Section<'_>) -> Option<Case> {
        file.require("organisation", "organisation = \"GB-COH:09506232\"");
        file.require("expected", "[[expected]]` with `as_of = 2026-05-10` and `outcome = \"scored\"");
        let about = file.text("about", MAX_TEXT_BYTES).map(|text| (*text.get_ref()).to_owned());
        let organisation = self.organisation(&mut file, "organisation");
        let aliases = self.aliases(&mut file);
        let parameters = file.section("parameters").map(Parameters::read).unwrap_or_default();
        let own = self.known.kinds_parameter.as_ref().and_then(|name| parameters.values.get(name)?.as_object());
        self.known.kinds.extend(own.into_iter().flatten().map(|(kind, _)| kind.as_str().into()));
        let facts = self.facts(&mut file);
        let found: Vec<Option<NamedAttestation>> = file
            .sections("attestations")
            .into_iter()
            .enumerate()
            .map(|(index, section)| self.attestation(section, index, organisation.as_ref()))
            .collect();
        let named: Vec<NamedAttestation> = found.into_iter().flatten().collect();
        let ids: Vec<String> = named.iter().map(|(id, _)| id.clone()).collect();
        for (index, id) in ids.iter().enumerate() {
            if ids[..index].contains(id) {
                file.problem(file.span(), format!("two attestations have the id `{id}`"), "give each an id of its own");
            }
        }
        let expected: Vec<_> = file.sections("expected").into_iter().map(|section| expected(section, &ids)).collect();
        file.finish();
        let organisation = organisation?;
        let mut names: Vec<Organisation> = aliases.into_iter().chain([organisation.clone()]).collect();
        names.sort_unstable();
        names.dedup();
        let attestations = named.into_iter().map(|(_, attestation)| attestation).collect();
        let expected = expected.into_iter().collect::<Option<_>>()?;
        Some(Case {
            about,
            organisation,
            names,
            parameters: parameters.values,
            parameter_spans: parameters.spans,
            facts: facts?,
            attestations,
            ids,
            expected,
        })
    }

    fn organisation(&self, section: &mut Section<'_>, key: &'static str) -> Option<Organisation> {
        let name = section.text(key, MAX_TEXT_BYTES)?;
        self.checked(section, name.span(), name.get_ref())
    }

    fn checked(&self, section: &Section<'_>, span: Span, name: &str) -> Option<Organisation> {
        match self.known.identifiers.parse(name) {
            Ok(organisation) => Some(organisation),
            Err(error) => {
                refused(section, span, &error);
                None
            }
        }
    }

    fn aliases(&self, file: &mut Section<'_>) -> Vec<Organisation> {
        let Some(span) = file.value("aliases").map(Spanned::span) else { return Vec::new() };
        let names = typed::<Vec<String>>(file, "aliases").unwrap_or_default();
        if names.len() > MAX_NAMES {
            file.problem(span, "there are too many aliases", format!("keep to {MAX_NAMES}"));
            return Vec::new();
        }
        names.iter().filter_map(|name| self.checked(file, span.clone(), name)).collect()
    }

    /// Facts that are left out have the values that they have in an empty network.
    fn facts(&self, file: &mut Section<'_>) -> Option<Facts> {
        let Some(value) = file.value("facts") else { return Some(Facts::default()) };
        let nothing = toml::to_string(&Facts::default()).unwrap_or_default();
        let mut value = value.clone();
        if let DeValue::Table(table) = value.get_mut() {
            fill(table, defaults(&nothing));
            for need in tables(table, "needs") {
                fill(need, defaults(NEED_DEFAULTS));
                for source in tables(need, "sources") {
                    fill(source, defaults(SOURCE_DEFAULTS));
                    if let (false, Some(supplier)) = (source.contains_key("ultimate_parent"), source.get("supplier")) {
                        let supplier = supplier.clone();
                        source.insert(Spanned::new(supplier.span(), "ultimate_parent".into()), supplier);
                    }
                }
            }
        }
        file.problems().typed(PhantomData::<Facts>, value)
    }

    fn attestation(
        &self,
        mut section: Section<'_>,
        index: usize,
        about: Option<&Organisation>,
    ) -> Option<(String, Arc<Attestation>)> {
        section.require("kind", "kind = \"cyber.ce\"");
        section.require("issuer", "issuer = \"IASME\"");
        section.require("trust", "trust = \"third-party\"");
        section.require("valid_from", "valid_from = 2026-05-10");
        section.require("claims", "[attestations.claims]` and what the kind claims below it, as `level = 2");
        let id = section.text("id", MAX_TEXT_BYTES).map(|id| (*id.get_ref()).to_owned());
        let id = id.unwrap_or_else(|| format!("attestation {}", index + 1));
        let kind = self.kind(&mut section);
        let issuer = section.text("issuer", MAX_TEXT_BYTES).map(|issuer| Arc::from(*issuer.get_ref()));
        let trust = typed::<Trust>(&mut section, "trust");
        let valid_from = instant(&mut section, "valid_from", Instant::parse_start);
        let valid_until = instant(&mut section, "valid_until", Instant::parse_end);
        let issued_at = instant(&mut section, "issued_at", Instant::parse_start).or(valid_from);
        let subject = match section.value("subject") {
            Some(_) => self.organisation(&mut section, "subject"),
            None => about.cloned(),
        };
        let scope = section.text("scope", MAX_TEXT_BYTES).map(|scope| (*scope.get_ref()).into());
        let handling = typed::<Handling>(&mut section, "handling");
        let claims = section.value("claims").map(Spanned::span);
        let claims = kind.as_ref().zip(claims).and_then(|(kind, span)| self.claims(&mut section, kind, span));
        section.finish();
        let attestation = Attestation {
            digest: Digest::of(id.as_bytes()),
            subject: subject?,
            issuer: issuer?,
            issued_at: issued_at?,
            valid_from: valid_from?,
            valid_until,
            trust: trust?,
            scope,
            claims: claims?,
            evidence: Vec::new(),
            supersedes: Vec::new(),
            handling,
        };
        Some((id, Arc::new(attestation)))
    }

    /// A kind that nobody declares is a slip: its attestations would reach no rule, and the case would show nothing.
    fn kind(&self, section: &mut Section<'_>) -> Option<Kind> {
        let name = section.text("kind", MAX_TEXT_BYTES)?;
        let kind = Kind::named(name.get_ref());
        let Kind::Declared(declared) = &kind else { return Some(kind) };
        if self.known.kinds.contains(declared) {
            return Some(kind);
        }
        let built_in = Kind::BUILT_IN.iter().map(Kind::as_str);
        let all: Vec<&str> = built_in.chain(self.known.kinds.iter().map(|kind| &**kind)).collect();
        let fix = match nearest(declared, &all) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "name a kind that the rule reads, or one under [[kinds]] of the configuration that --config names"
                .to_owned(),
        };
        section.problem(name.span(), format!("`{declared}` is no kind"), fix);
        None
    }

    fn claims(&self, section: &mut Section<'_>, kind: &Kind, span: Span) -> Option<Claims> {
        let mut claims = section.typed("claims", kind)?;
        match claims.spell(&self.known.identifiers) {
            Ok(()) => Some(claims),
            Err(error) => {
                let sentence = error.fault.to_string();
                let (message, fix) = sentence.split_once(": ").unwrap_or((&sentence, "write SCHEME:ID"));
                section.problem(span, format!("`{}`: {message}", error.field), fix);
                None
            }
        }
    }
}

fn refused(section: &Section<'_>, span: Span, error: &dyn Display) {
    let sentence = error.to_string();
    let (message, fix) = sentence.split_once(": ").unwrap_or((&sentence, "write SCHEME:ID"));
    section.problem(span, message, fix);
}

fn expected(mut section: Section<'_>, ids: &[String]) -> Option<Expected> {
    section.require("as_of", "as_of = 2026-05-10");
    section.require("outcome", "outcome = \"scored\"");
    let as_of = instant(&mut section, "as_of", Instant::parse_start);
    let word = section.text("outcome", MAX_TEXT_BYTES);
    let outcome = word.as_ref().and_then(|word| {
        let known = Outcome::WORDS.into_iter().find(|known| known == word.get_ref());
        if known.is_none() {
            let fix = format!("write one of {}", Outcome::WORDS.join(", "));
            section.problem(word.span(), format!("`{}` is no outcome", word.get_ref()), fix);
        }
        known
    });
    let mut basis_points = |key| section.number(key, 0..=WHOLE_BP).map(Spanned::into_inner);
    let (risk_bp, confidence_bp) = (basis_points("risk_bp"), basis_points("confidence_bp"));
    let reason = section.text("reason", MAX_TEXT_BYTES).map(|code| (*code.get_ref()).to_owned());
    match outcome {
        Some("scored") => {
            section.require("risk_bp", "risk_bp = 5000");
            refuse(&section, "reason", "only an outcome that is no score has a reason");
        }
        Some(_) => {
            refuse(&section, "risk_bp", "only a score has a risk");
            refuse(&section, "confidence_bp", "only a score has a confidence");
        }
        None => {}
    }
    let findings = section.value("findings").is_some().then(|| section.sections("findings"));
    let findings =
        findings.map(|sections| sections.into_iter().map(|one| finding(one, ids)).collect::<Option<Vec<_>>>());
    section.finish();
    let findings = match findings {
        Some(findings) => Some(findings?),
        None => None,
    };
    Some(Expected { as_of: as_of?, outcome: outcome?, risk_bp, confidence_bp, reason, findings })
}

fn refuse(section: &Section<'_>, key: &str, why: &str) {
    if let Some((key, _)) = section.table().get_key_value(key) {
        section.problem(key.span(), why, "remove it, or correct the outcome");
    }
}

fn finding(mut section: Section<'_>, ids: &[String]) -> Option<ExpectedFinding> {
    section.require("code", "code = \"CE_LAPSED\"");
    let code = section.text("code", MAX_TEXT_BYTES).map(|code| (*code.get_ref()).to_owned());
    let severity = typed::<Severity>(&mut section, "severity");
    let message = section.text("message", 4 * MAX_TEXT_BYTES).map(|text| (*text.get_ref()).to_owned());
    let due_on = typed::<Date>(&mut section, "due_on");
    let span = section.value("evidence").map(Spanned::span);
    let evidence = typed::<Vec<String>>(&mut section, "evidence");
    for (id, span) in evidence.iter().flatten().zip(span.iter().cycle()) {
        if !ids.contains(id) {
            let fix = match ids.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ") {
                none if none.is_empty() => format!("add `id = \"{id}\"` to an attestation"),
                known => format!("name one of {known}"),
            };
            section.problem(span.clone(), format!("no attestation has the id `{id}`"), fix);
        }
    }
    section.finish();
    Some(ExpectedFinding { code: code?, severity, message, due_on, evidence })
}

fn typed<T: DeserializeOwned>(section: &mut Section<'_>, key: &'static str) -> Option<T> {
    section.typed(key, PhantomData::<T>)
}

/// A date or an instant, with or without quotes.
fn instant(
    section: &mut Section<'_>,
    key: &'static str,
    parse: fn(&str) -> Result<Instant, NotATime>,
) -> Option<Instant> {
    let span = section.value(key)?.span();
    let text = typed::<String>(section, key)?;
    match parse(&text) {
        Ok(instant) => Some(instant),
        Err(_) => {
            let fix = "write a date as 2026-05-09 or an instant as 2026-05-09T14:30:00Z";
            section.problem(span, format!("`{text}` is not a time"), fix);
            None
        }
    }
}

fn defaults(text: &str) -> DeTable<'_> {
    DeTable::parse(text).map(Spanned::into_inner).unwrap_or_default()
}

/// The tables of a list.
fn tables<'t, 'a>(table: &'t mut DeTable<'a>, key: &str) -> impl Iterator<Item = &'t mut DeTable<'a>> {
    let list = table.get_mut(key).map(Spanned::get_mut);
    let items = match list {
        Some(DeValue::Array(items)) => Some(items.iter_mut()),
        _ => None,
    };
    items.into_iter().flatten().filter_map(|item| match item.get_mut() {
        DeValue::Table(table) => Some(table),
        _ => None,
    })
}
