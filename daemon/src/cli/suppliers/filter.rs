//! Which suppliers are listed. A filter that nobody passes because its word names nothing is refused.

use crate::{
    diagnostic::spelling,
    model::{
        Facts,
        stored::{FindingJson, ScoreJson},
    },
    network::Profile,
    scoring::group_by::{GroupBy, UNKNOWN},
};
use anyhow::Result;
use std::collections::BTreeSet;

/// A supplier that may be listed.
pub(super) struct Candidate<'a> {
    pub(super) score: &'a ScoreJson<'a>,
    pub(super) facts: &'a Facts,
    pub(super) profile: &'a Profile,
}

impl Candidate<'_> {
    pub(super) fn groups(&self, by: GroupBy) -> Vec<String> {
        by.groups_of(self.profile, self.facts.impact.tier, &self.facts.requirement.programmes)
    }

    /// The rules that add to its risk.
    pub(super) fn adding_rules(&self) -> Vec<String> {
        let adding = self.score.contributions.iter().filter(|part| part.contribution_bp > 0);
        adding.map(|part| part.rule.to_string()).collect()
    }

    /// The codes of its findings, bare or with the rule before them.
    pub(super) fn findings(&self, with_rule: bool) -> Vec<String> {
        let of_rules = self.score.contributions.iter();
        let of_rules = of_rules.flat_map(|part| part.findings.iter().map(|finding| (&*part.rule, finding)));
        let own = self.score.findings.iter().map(|finding| ("", finding));
        let word = |(rule, finding): (&str, &FindingJson<'_>)| {
            if with_rule { format!("{rule}:{}", finding.code) } else { finding.code.to_string() }
        };
        of_rules.chain(own).map(word).collect()
    }

    fn has_text(&self, lower: &str) -> bool {
        let parts = self.score.contributions.iter().flat_map(|part| &part.findings);
        let messages = parts.chain(&*self.score.findings).map(|finding| &finding.message);
        let names = [&self.score.organisation].into_iter().chain(&*self.score.name).chain(&*self.score.aliases);
        names.chain(messages).any(|text| text.to_lowercase().contains(lower))
    }
}

/// Passes suppliers with a text in a name, an identifier or a finding's message, whatever the case.
pub(super) struct Search<'a> {
    text: &'a str,
    lower: String,
    /// The names of those who do not have it, until somebody has.
    others: Vec<String>,
    is_met: bool,
}

impl<'a> Search<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, lower: text.to_lowercase(), others: Vec::new(), is_met: false }
    }

    /// Whether `candidate` has it.
    pub(super) fn finds(&mut self, candidate: &Candidate<'_>) -> bool {
        let finds = candidate.has_text(&self.lower);
        self.is_met |= finds;
        if !self.is_met {
            let score = candidate.score;
            self.others.push(score.name.as_deref().unwrap_or(&score.organisation).to_owned());
        }
        finds
    }

    /// Ends the filter when everybody has been asked.
    ///
    /// # Errors
    /// When nobody has it, with similar names.
    pub(super) fn finish(self) -> Result<()> {
        if self.is_met || self.others.is_empty() {
            return Ok(());
        }
        let known: Vec<&str> = self.others.iter().map(String::as_str).collect();
        Err(spelling::unknown("supplier with the text", self.text, &known, "`tierwatch suppliers` lists them all")
            .into())
    }
}

/// The words of a supplier that a filter looks at.
type FilterWords = Box<dyn Fn(&Candidate<'_>) -> Vec<String>>;
/// Further words, where finding them is expensive.
type More<'a> = Box<dyn FnOnce() -> Result<Vec<String>> + 'a>;

/// One filter: a word that a supplier must have.
pub(super) struct Filter<'a> {
    what: &'static str,
    wanted: String,
    /// The hint that says what lists all its words.
    list: String,
    words: FilterWords,
    known: BTreeSet<String>,
    more: Option<More<'a>>,
    is_met: bool,
}

impl<'a> Filter<'a> {
    /// Passes suppliers that have `wanted` among their `words`.
    pub(super) fn new(
        what: &'static str,
        wanted: impl Into<String>,
        list: impl Into<String>,
        words: impl Fn(&Candidate<'_>) -> Vec<String> + 'static,
    ) -> Self {
        Self {
            what,
            wanted: wanted.into(),
            list: list.into(),
            words: Box::new(words),
            known: BTreeSet::new(),
            more: None,
            is_met: false,
        }
    }

    /// Passes suppliers of the group `wanted`.
    pub(super) fn group(by: GroupBy, wanted: impl Into<String>) -> Self {
        let list = format!("`tierwatch groups --by {}` lists them", by.as_str());
        Self::new(by.as_str(), wanted, list, move |candidate| candidate.groups(by)).knowing([UNKNOWN.to_owned()])
    }

    /// Adds words that name something even if nobody has them.
    #[must_use]
    pub(super) fn knowing(mut self, known: impl IntoIterator<Item = String>) -> Self {
        self.known.extend(known);
        self
    }

    /// Adds further words, which are asked for only before a refusal.
    #[must_use]
    pub(super) fn asking(mut self, more: impl FnOnce() -> Result<Vec<String>> + 'a) -> Self {
        self.more = Some(Box::new(more));
        self
    }

    /// Whether `candidate` passes. The words that it has instead are suggestions for a misspelt word.
    pub(super) fn passes(&mut self, candidate: &Candidate<'_>) -> bool {
        let words = (self.words)(candidate);
        let passes = words.contains(&self.wanted);
        if !passes {
            self.known.extend(words);
        }
        self.is_met |= passes;
        passes
    }

    /// Ends the filter when everybody has been asked.
    ///
    /// # Errors
    /// When the word names nothing: with the known words, similar ones first.
    pub(super) fn finish(mut self) -> Result<()> {
        if self.is_met || self.known.contains(&self.wanted) {
            return Ok(());
        }
        if let Some(more) = self.more.take() {
            self.known.extend(more()?);
        }
        let known: Vec<&str> = self.known.iter().map(String::as_str).collect();
        Ok(spelling::among(self.what, &self.wanted, &known, &self.list).map(drop)?)
    }
}
