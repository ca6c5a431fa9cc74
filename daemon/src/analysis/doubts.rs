//! What the evidence in force says that is probably a slip. Each statement is fine by itself, so none is refused; together
//! they leave a need without its source, a programme without its requirements, or a share too much.

use crate::{
    model::{BasisPoints, Claims, Organisation, WHOLE_BP, claims::NetworkClaims},
    network::{Network, graph::Need},
};
use rustc_hash::{FxHashMap, FxHasher};
use serde::Serialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    hash::Hasher as _,
};
use strsim::levenshtein;

/// Shares may add up to this much before they contradict one another: they are rounded.
const MAX_SHARES_BP: BasisPoints = WHOLE_BP + 50;
/// Letters and digits that a name must have for one more or less to be a slip.
const MIN_SLIP_CHARS: usize = 5;
/// The most that it may have: looking costs its square, and nobody writes a longer one twice by hand.
const MAX_SLIP_CHARS: usize = 64;
/// By how many letters a programme's name may differ from the one that was meant.
const PROGRAMME_SLIP_CHARS: usize = 2;
/// Most issuers, or sources, that one doubt names.
const MAX_NAMED: usize = 3;

/// What kind of slip it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum DoubtKind {
    /// An item that is written in several ways.
    ItemSpelling,
    /// A source of what its buyer does not need.
    SourceWithoutNeed,
    /// A programme that is only mentioned.
    UnknownProgramme,
    /// Shares that add up to more than the whole.
    Shares,
    /// A buyer that supplies nobody.
    OrphanBuyer,
}

impl DoubtKind {
    /// Its word in outputs, as `item-spelling`.
    #[must_use]
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::ItemSpelling => "item-spelling",
            Self::SourceWithoutNeed => "source-without-need",
            Self::UnknownProgramme => "unknown-programme",
            Self::Shares => "shares",
            Self::OrphanBuyer => "orphan-buyer",
        }
    }
}

/// Something that is probably a slip.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Doubt {
    /// Which kind of slip it may be.
    pub kind: DoubtKind,
    /// The item, the programme or the buyer.
    pub about: String,
    /// What is odd about it, and how to mend it.
    pub text: String,
}

/// Who says something, and how often.
#[derive(Default)]
struct Mentions {
    count: usize,
    issuers: BTreeSet<String>,
}

impl Mentions {
    fn add(&mut self, issuer: &str) {
        self.count += 1;
        self.issuers.insert(issuer.to_owned());
    }

    fn by(&self) -> String {
        named(self.issuers.iter().map(String::as_str))
    }
}

/// What statements mention, as they write it.
#[derive(Default)]
struct Mentioned {
    items: BTreeMap<String, Mentions>,
    programmes: BTreeMap<Organisation, Mentions>,
    /// By buyer: the items that it is said to need.
    needs: BTreeMap<Organisation, BTreeSet<String>>,
    /// By buyer and item: those that say that somebody supplies it.
    sources: BTreeMap<(Organisation, String), Mentions>,
}

impl Mentioned {
    fn add(&mut self, claims: &Claims, issuer: &str) {
        let Some(claims) = claims.network() else { return };
        match claims {
            NetworkClaims::Need(need) => {
                self.item(need.item.as_str(), issuer);
                self.needs.entry(need.buyer.clone()).or_default().insert(need.item.to_string());
                self.programme(&need.buyer, issuer);
            }
            NetworkClaims::Source(source) => {
                self.item(source.item.as_str(), issuer);
                self.sources.entry((source.buyer.clone(), source.item.to_string())).or_default().add(issuer);
                self.programme(&source.buyer, issuer);
            }
            NetworkClaims::EndOfLife(notice) => self.item(notice.item.as_str(), issuer),
            NetworkClaims::Capability(could) => {
                could.items.iter().for_each(|item| self.item(item.as_str(), issuer));
            }
            NetworkClaims::Requirement(asked) => self.programme(&asked.programme, issuer),
            NetworkClaims::Profile(_)
            | NetworkClaims::Site(_)
            | NetworkClaims::Recovery(_)
            | NetworkClaims::Holding(_) => {}
        }
    }

    fn item(&mut self, item: &str, issuer: &str) {
        self.items.entry(item.to_owned()).or_default().add(issuer);
    }

    fn programme(&mut self, name: &Organisation, issuer: &str) {
        if name.is_programme() {
            self.programmes.entry(name.clone()).or_default().add(issuer);
        }
    }
}

/// All doubts about what `said` says, each claim with its issuer and every name in its canonical form, and about the
/// `network` that this makes; sorted.
pub(crate) fn doubts<'c>(network: &Network, said: impl Iterator<Item = (Claims, &'c str)>) -> Vec<Doubt> {
    let mut mentioned = Mentioned::default();
    said.for_each(|(claims, issuer)| mentioned.add(&claims, issuer));
    let mut doubts = spellings(&mentioned.items);
    sources_without_need(&mentioned, &mut doubts);
    unknown_programmes(network, &mentioned.programmes, &mut doubts);
    for node in network.graph().nodes() {
        let buyer = network.organisation(node);
        for need in network.graph().needs(node) {
            doubts.extend(shares(network, buyer, need));
        }
        if !buyer.is_programme() && network.graph().needs(node).len() > 0 && network.graph().buyers(node).is_empty() {
            doubts.push(Doubt {
                kind: DoubtKind::OrphanBuyer,
                about: buyer.to_string(),
                text:
                    "it buys, and nobody buys from it, so no programme depends on what it needs: correct the buyer in \
                       these statements, or have whoever buys from it attest its `supply.source`"
                        .to_owned(),
            });
        }
    }
    doubts.sort();
    doubts
}

fn doubt(kind: DoubtKind, about: impl ToString, text: String) -> Doubt {
    Doubt { kind, about: about.to_string(), text }
}

/// Items that differ in nothing but case, blanks and signs, or in one letter; the one that is written most often is taken
/// for the right one.
fn spellings(items: &BTreeMap<String, Mentions>) -> Vec<Doubt> {
    let mut by_key: BTreeMap<String, Vec<&String>> = BTreeMap::new();
    for item in items.keys() {
        by_key.entry(letters(item)).or_default().push(item);
    }
    // Two names that differ in one letter are one when each has one letter left out, or one of them. What is alike by chance
    // is looked at once more below.
    let mut by_shorter: FxHashMap<u64, BTreeSet<&str>> = FxHashMap::default();
    for key in by_key.keys().filter(|key| (MIN_SLIP_CHARS..=MAX_SLIP_CHARS).contains(&key.chars().count())) {
        by_shorter.entry(hash_of([key.as_str(), ""])).or_default().insert(key);
        for (left_out, character) in key.char_indices() {
            let around = [&key[..left_out], &key[left_out + character.len_utf8()..]];
            by_shorter.entry(hash_of(around)).or_default().insert(key);
        }
    }
    let mut doubts = BTreeSet::new();
    for keys in by_shorter.values().filter(|keys| keys.len() > 1) {
        let slips = keys.iter().filter(|one| keys.iter().any(|other| one != &other && is_slip(one, other)));
        doubt_spellings(items, slips.flat_map(|key| by_key[*key].iter().copied()), &mut doubts);
    }
    by_key.values().for_each(|same| doubt_spellings(items, same.iter().copied(), &mut doubts));
    doubts.into_iter().collect()
}

/// Of two parts of a text, as if they were one.
fn hash_of(parts: [&str; 2]) -> u64 {
    let mut hasher = FxHasher::default();
    parts.iter().flat_map(|part| part.bytes()).for_each(|byte| hasher.write_u8(byte));
    hasher.finish()
}

/// Whether the names may be one: where a digit differs they are meant to be two.
fn is_slip(one: &str, other: &str) -> bool {
    let digits = |key: &str| key.chars().filter(char::is_ascii_digit).collect::<String>();
    levenshtein(one, other) <= 1 && digits(one) == digits(other)
}

fn doubt_spellings<'i>(
    items: &BTreeMap<String, Mentions>,
    same: impl Iterator<Item = &'i String>,
    doubts: &mut BTreeSet<Doubt>,
) {
    let mut same: Vec<&String> = same.collect();
    same.sort_by_key(|item| (std::cmp::Reverse(items[*item].count), *item));
    let Some((right, others)) = same.split_first() else { return };
    for item in others {
        let (its, most) = (&items[*item], items[*right].count);
        let text = format!(
            "{}it may be meant to be `{right}`, which {} say; this is said in {} by {}: write one item in one way",
            blanks_of(item),
            statements(most),
            statements(its.count),
            its.by()
        );
        doubts.insert(doubt(DoubtKind::ItemSpelling, item, text));
    }
}

/// The letters and digits, in lower case.
fn letters(item: &str) -> String {
    item.chars().filter(|character| character.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn sources_without_need(mentioned: &Mentioned, doubts: &mut Vec<Doubt>) {
    for ((buyer, item), mentions) in &mentioned.sources {
        // Where a buyer states no need at all, its sources are all that is known.
        let Some(needs) = mentioned.needs.get(buyer).filter(|needs| !needs.contains(item)) else { continue };
        let text = format!(
            "{}{} of it for {buyer} by {}, which needs {} and not this: correct the item, or attest a `supply.need` of it",
            blanks_of(item),
            statements(mentions.count),
            mentions.by(),
            named(needs.iter().map(String::as_str))
        );
        doubts.push(doubt(DoubtKind::SourceWithoutNeed, item, text));
    }
}

fn unknown_programmes(network: &Network, programmes: &BTreeMap<Organisation, Mentions>, doubts: &mut Vec<Doubt>) {
    let is_known = |name: &&Organisation| network.criticality(name).is_some();
    for (name, mentions) in programmes {
        let needs = network.node(name).is_some_and(|node| network.graph().needs(node).len() > 0);
        let missing = match (is_known(&name), needs) {
            (true, true) => continue,
            (true, false) => "nobody says what it needs",
            (false, true) => "nobody says how much hangs on it or what it asks (`programme.requirement`)",
            (false, false) => "nobody says what it needs, how much hangs on it or what it asks",
        };
        let lower = name.as_str().to_lowercase();
        let distance = |other: &Organisation| levenshtein(&lower, &other.as_str().to_lowercase());
        let near = programmes.keys().filter(|other| *other != name && is_known(other));
        let near = near.map(|other| (distance(other), other)).filter(|(distance, _)| *distance <= PROGRAMME_SLIP_CHARS);
        let meant = near.min().map_or_else(String::new, |(_, other)| format!("; {other} may be meant"));
        let text = format!("{missing}; {} by {}{meant}", statements(mentions.count), mentions.by());
        doubts.push(doubt(DoubtKind::UnknownProgramme, name, text));
    }
}

fn shares(network: &Network, buyer: &Organisation, need: Need<'_>) -> Option<Doubt> {
    let total = need.sources.iter().fold(0, |total: BasisPoints, source| total.saturating_add(source.share_bp));
    if total <= MAX_SHARES_BP {
        return None;
    }
    let percent = |bp: BasisPoints| format!("{}.{:02} %", bp / 100, bp % 100);
    let active = need.sources.iter().filter(|source| source.share_bp > 0);
    let parts: Vec<String> = active
        .map(|source| format!("{} {}", network.organisation(source.supplier), percent(source.share_bp)))
        .collect();
    let text = format!(
        "the shares of its sources of `{}` add up to {}: {}; correct them so that they come to 100 % at most",
        network.item_name(need.item),
        percent(total),
        named(parts.iter().map(String::as_str))
    );
    Some(doubt(DoubtKind::Shares, buyer, text))
}

/// Says of a name what nobody sees.
fn blanks_of(name: &str) -> &'static str {
    if name.trim() == name { "" } else { "it begins or ends with a blank; " }
}

fn statements(count: usize) -> String {
    if count == 1 { "1 statement".to_owned() } else { format!("{count} statements") }
}

/// The first of them, and how many more there are.
fn named<'n>(names: impl Iterator<Item = &'n str> + Clone) -> String {
    let first = names.clone().take(MAX_NAMED).collect::<Vec<_>>().join(", ");
    match names.count().saturating_sub(MAX_NAMED) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::Kind, network::Statement};
    use serde_json::{Value, json};

    fn need(buyer: &str, item: &str) -> (&'static str, Value) {
        ("supply.need", json!({"buyer": buyer, "item": item, "class": "critical"}))
    }

    fn source(supplier: &str, buyer: &str, item: &str, share_bp: u32) -> (&'static str, Value) {
        let claims =
            json!({"supplier": supplier, "buyer": buyer, "item": item, "share_bp": share_bp, "qualified": true});
        ("supply.source", claims)
    }

    fn asks(programme: &str) -> (&'static str, Value) {
        ("programme.requirement", json!({"programme": programme, "criticality": 4}))
    }

    /// Checks what is found in the statements, one of each buyer or programme.
    fn check(said: &[(&'static str, Value)], expected: &[&str]) {
        let claims =
            |(kind, claims): &(&str, Value)| Claims::parse(&Kind::named(kind), &claims.to_string()).expect("claims");
        let claims: Vec<Claims> = said.iter().map(claims).collect();
        let mut by_subject: BTreeMap<Organisation, Vec<Statement>> = BTreeMap::new();
        for one in &claims {
            let subject = match one {
                Claims::SupplyNeed(need) => &need.buyer,
                Claims::SupplySource(source) => &source.buyer,
                Claims::ProgrammeRequirement(asked) => &asked.programme,
                _ => continue,
            };
            by_subject.entry(subject.clone()).or_default().extend(Statement::from_claims(one));
        }
        let mut network = Network::default();
        for (subject, statements) in by_subject {
            network.set(&subject, statements);
        }
        network.settle();
        let found = doubts(&network, claims.into_iter().map(|claims| (claims, "prime")));
        let found: Vec<String> =
            found.iter().map(|doubt| format!("{} {}: {}", doubt.kind.as_str(), doubt.about, doubt.text)).collect();
        assert_eq!(found, expected);
    }

    const P: &str = "PROGRAMME:KESTREL";

    #[test]
    fn what_is_in_order_is_left_alone() {
        check(&[asks(P), need(P, "valve 1"), need(P, "valve 2"), source("GB-COH:00000001", P, "valve 1", 10_000)], &[]);
        check(
            &[
                asks(P),
                need(P, "valve"),
                source("GB-COH:00000001", P, "valve", 5_000),
                source("GB-COH:00000002", P, "valve", 5_050),
            ],
            &[],
        );
    }

    #[test]
    fn an_item_in_two_spellings_is_told_with_the_usual_one() {
        check(
            &[asks(P), need(P, "Y"), source("GB-COH:00000001", P, "Y", 5000), source("GB-COH:00000002", P, "y", 5000)],
            &[
                "item-spelling y: it may be meant to be `Y`, which 2 statements say; this is said in 1 statement by prime: write one item in one way",
                "source-without-need y: 1 statement of it for PROGRAMME:KESTREL by prime, which needs Y and not this: correct the item, or attest a `supply.need` of it",
            ],
        );
        let capability = ("supply.capability", json!({"items": ["forged ring "]}));
        check(
            &[asks(P), need(P, "forged ring"), source("GB-COH:00000001", P, "forged ring", 10_000), capability],
            &[
                "item-spelling forged ring : it begins or ends with a blank; it may be meant to be `forged ring`, which 2 statements say; this is said in 1 statement by prime: write one item in one way",
            ],
        );
        let capability = ("supply.capability", json!({"items": ["Forged-Ring", "forgd ring"]}));
        check(
            &[asks(P), need(P, "forged ring"), source("GB-COH:00000001", P, "forged ring", 10_000), capability],
            &[
                "item-spelling Forged-Ring: it may be meant to be `forged ring`, which 2 statements say; this is said in 1 statement by prime: write one item in one way",
                "item-spelling forgd ring: it may be meant to be `forged ring`, which 2 statements say; this is said in 1 statement by prime: write one item in one way",
            ],
        );
    }

    #[test]
    fn a_slip_is_looked_for_in_names_of_a_length_that_people_write() {
        let usual = "m".repeat(MAX_SLIP_CHARS - 1);
        let said = |item: &str| {
            let capability = ("supply.capability", json!({"items": [item, format!("{item}n")]}));
            [asks(P), need(P, item), source("GB-COH:00000001", P, item, 10_000), capability]
        };
        let expected = format!(
            "item-spelling {usual}n: it may be meant to be `{usual}`, which 3 statements say; this is said in 1 statement by \
             prime: write one item in one way"
        );
        check(&said(&usual), &[&expected]);
        check(&said(&"m".repeat(MAX_SLIP_CHARS)), &[]);
    }

    #[test]
    fn a_programme_by_a_slip_is_told_with_the_one_that_may_be_meant() {
        check(
            &[asks(P), need(P, "valve"), source("GB-COH:00000001", "PROGRAMME:KESTRAL", "valve", 10_000)],
            &[
                "unknown-programme PROGRAMME:KESTRAL: nobody says how much hangs on it or what it asks (`programme.requirement`); 1 statement by prime; PROGRAMME:KESTREL may be meant",
            ],
        );
        check(&[asks(P)], &["unknown-programme PROGRAMME:KESTREL: nobody says what it needs; 1 statement by prime"]);
    }

    #[test]
    fn shares_over_the_whole_and_orphans_are_told() {
        check(
            &[
                asks(P),
                need(P, "valve"),
                source("GB-COH:00000001", P, "valve", 8000),
                source("GB-COH:00000002", P, "valve", 6000),
                source("GB-COH:00000003", "GB-COH:00000009", "steel", 10_000),
            ],
            &[
                "shares PROGRAMME:KESTREL: the shares of its sources of `valve` add up to 140.00 %: GB-COH:00000001 80.00 %, GB-COH:00000002 60.00 %; correct them so that they come to 100 % at most",
                "orphan-buyer GB-COH:00000009: it buys, and nobody buys from it, so no programme depends on what it needs: correct the buyer in these statements, or have whoever buys from it attest its `supply.source`",
            ],
        );
    }
}
