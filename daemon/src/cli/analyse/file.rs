//! A supply network in a plain file: read, checked entry by entry, and turned into what the analyses work on.

use crate::{
    by_name,
    cli::common::text_of,
    diagnostic::spelling::unknown,
    model::{WHOLE_BP, claims::Class},
    network::{
        exposure::{Hazard, Hazards, Shock},
        graph::{Graph, Need, Needs, NodeIx, Source},
        random::stream,
    },
};
use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};
use std::{
    collections::{HashMap, HashSet},
    fs::File,
    io::{self, Read as _},
    path::Path,
};

/// Longest network file, in bytes.
const MAX_NETWORK_BYTES: u64 = 2 << 30;
/// Most problems of one file that are shown; the rest are counted.
const PROBLEMS_TOLD: usize = 20;
/// The hint of an error that names an unknown node.
const NODES_STAND: &str = "`nodes` lists them";
/// Longest buffer, time to switch or time to recover, in days: a thousand years.
const MAX_DAYS: i64 = 365_250;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::cli) struct NetworkFile {
    #[serde(default)]
    nodes: Vec<WireNode>,
    #[serde(default)]
    needs: Vec<WireNeed>,
    #[serde(default)]
    shocks: Vec<WireShock>,
    programmes: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireNode {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    probability: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recover_days: Option<i64>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireNeed {
    node: String,
    #[serde(default)]
    item: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    required_share_bp: Option<i64>,
    #[serde(default)]
    buffer_days: i64,
    sources: Vec<WireSource>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireSource {
    node: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    share_bp: Option<i64>,
    #[serde(default)]
    switch_days: i64,
    #[serde(default = "yes")]
    active: bool,
    #[serde(default = "yes")]
    qualified: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireShock {
    name: String,
    probability: f64,
    nodes: Vec<String>,
}

const fn yes() -> bool {
    true
}

/// A network that makes sense.
pub(super) struct CheckedNetwork {
    pub(super) ids: Vec<String>,
    pub(super) graph: Graph,
    pub(super) hazards: Hazards,
    /// By shock.
    pub(super) shocks: Vec<String>,
    pub(super) recover_days: Vec<Option<u32>>,
    pub(super) programmes: Vec<NodeIx>,
    /// By need in the file.
    pub(super) items: Vec<String>,
}

impl CheckedNetwork {
    /// Reads `path`, or standard input for `-`.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let named = if path == Path::new("-") { "standard input".to_owned() } else { path.display().to_string() };
        let mut bytes = Vec::new();
        let opened: Box<dyn io::Read> = if path == Path::new("-") {
            Box::new(io::stdin().lock())
        } else {
            Box::new(File::open(path).with_context(|| format!("cannot open {named}: name a network file"))?)
        };
        opened
            .take(MAX_NETWORK_BYTES + 1)
            .read_to_end(&mut bytes)
            .with_context(|| format!("cannot read {named}: name a network file"))?;
        if bytes.len() as u64 > MAX_NETWORK_BYTES {
            bail!("{named} is longer than {MAX_NETWORK_BYTES} bytes: analyse a part of it");
        }
        let text = text_of(bytes, &named)?;
        let wire: NetworkFile = by_name::json(&text)
            .with_context(|| format!("{named} is no network file: `tierwatch analyse --help` shows one"))?;
        let mut reading = NetworkReading::default();
        let plain = reading.network(wire);
        if reading.problems.is_empty() {
            return Ok(plain);
        }
        let more = reading.problems.len().saturating_sub(PROBLEMS_TOLD);
        reading.problems.truncate(PROBLEMS_TOLD);
        if more > 0 {
            reading.problems.push(format!("and {more} more"));
        }
        bail!("{named} describes no network:\n  {}", reading.problems.join("\n  "))
    }
}

/// The words that a network's numbers stand for.
pub(in crate::cli) trait NetworkWords {
    /// What a node is called.
    fn id(&self, node: NodeIx) -> String;
    /// Its time to recover, in days.
    fn recover_days(&self, node: NodeIx) -> Option<u32>;
    /// What an item is called.
    fn item(&self, item: u32) -> String;
    /// What a shock is called.
    fn shock(&self, index: usize) -> String;
}

impl NetworkFile {
    /// The part of a network upstream of `programme`, in the format of a file.
    pub(in crate::cli) fn behind(
        graph: &Graph,
        programme: NodeIx,
        hazards: &Hazards,
        words: &impl NetworkWords,
    ) -> Self {
        let mut found = vec![programme];
        let mut is_behind = vec![false; graph.len()];
        is_behind[programme as usize] = true;
        let mut next = 0;
        while let Some(node) = found.get(next) {
            for supplier in graph.suppliers(*node).collect::<Vec<_>>() {
                if !std::mem::replace(&mut is_behind[supplier as usize], true) {
                    found.push(supplier);
                }
            }
            next += 1;
        }
        let node = |node: &NodeIx| WireNode {
            id: words.id(*node),
            probability: hazards.own.get(*node as usize).map(|own| own.probability).filter(|own| *own > 0.0),
            recover_days: words.recover_days(*node).map(i64::from),
        };
        // A need that nothing known can leave unmet is left out of the file.
        let can_fail = |need: &Need<'_>| need.required_weight() > 0;
        let needs = found.iter().flat_map(|buyer| graph.needs(*buyer).filter(can_fail).map(|need| (*buyer, need)));
        let need = |(buyer, need): (NodeIx, Need<'_>)| WireNeed {
            node: words.id(buyer),
            item: words.item(need.item),
            required_share_bp: need.required_share_bp.and_then(|_| i64::try_from(need.required_weight()).ok()),
            buffer_days: i64::from(need.buffer_days),
            sources: need
                .sources
                .iter()
                .map(|source| WireSource {
                    node: words.id(source.supplier),
                    share_bp: need.required_share_bp.map(|_| i64::from(source.share_bp)),
                    switch_days: i64::from(source.switch_days),
                    active: source.active,
                    qualified: source.qualified,
                })
                .collect(),
        };
        let struck = |(index, struck): (usize, &Shock)| WireShock {
            name: words.shock(index),
            probability: struck.hazard.probability,
            nodes: struck.nodes.iter().filter(|node| is_behind[**node as usize]).map(|node| words.id(*node)).collect(),
        };
        Self {
            nodes: found.iter().map(node).collect(),
            needs: needs.map(need).collect(),
            shocks: hazards.shocks.iter().enumerate().map(struck).filter(|shock| !shock.nodes.is_empty()).collect(),
            programmes: vec![words.id(programme)],
        }
    }
}

/// What has been read, and what is wrong with it.
#[derive(Default)]
struct NetworkReading {
    numbers: HashMap<String, NodeIx>,
    problems: Vec<String>,
}

impl NetworkReading {
    fn network(&mut self, wire: NetworkFile) -> CheckedNetwork {
        let mut plain = CheckedNetwork {
            ids: Vec::new(),
            graph: Graph::default(),
            hazards: Hazards::default(),
            shocks: Vec::new(),
            recover_days: Vec::new(),
            programmes: Vec::new(),
            items: wire.needs.iter().map(|need| need.item.clone()).collect(),
        };
        for (index, node) in wire.nodes.into_iter().enumerate() {
            let entry = format!("nodes[{index}] ({})", node.id);
            let probability = self.probability(&entry, node.probability.unwrap_or_default());
            let recover_days = node.recover_days.map(|days| self.days(&entry, "recover_days", days));
            if self.enter(&mut plain, node.id, probability, recover_days).is_none() {
                self.problems.push(format!("{entry} is there twice: remove one"));
            }
        }
        if wire.programmes.is_empty() {
            self.problems.push("programmes is empty: name at least one node whose failure matters".to_owned());
        }
        // A programme need not be listed, since it does not fail by itself; but then it needs something.
        let buyers: HashSet<&str> = wire.needs.iter().map(|need| need.node.as_str()).collect();
        for (index, id) in wire.programmes.into_iter().enumerate() {
            let known = self.numbers.get(&id).copied();
            if known.is_none() && !buyers.contains(id.as_str()) {
                self.unknown(&format!("programmes[{index}]"), &id, &buyers);
                continue;
            }
            let node = known.or_else(|| self.enter(&mut plain, id, 0.0, None));
            plain.programmes.extend(node);
        }
        plain.graph.grow(plain.ids.len());
        let mut needs: Vec<Needs> = plain.ids.iter().map(|_| Needs::default()).collect();
        for (index, need) in wire.needs.into_iter().enumerate() {
            let entry = format!("needs[{index}] ({} needs {})", need.node, need.item);
            let buyer = self.node(&entry, &need.node);
            // Needs of unknown nodes are read too, to report their problems.
            let mut nobody = Needs::default();
            let needs = buyer.map_or(&mut nobody, |buyer| &mut needs[buyer as usize]);
            self.need(&entry, need, index, needs);
        }
        for (buyer, needs) in (0..).zip(needs) {
            plain.graph.set_needs(buyer, &needs);
        }
        for (index, shock) in wire.shocks.into_iter().enumerate() {
            let entry = format!("shocks[{index}] ({})", shock.name);
            let probability = self.probability(&entry, shock.probability);
            let nodes = shock.nodes.iter().filter_map(|node| self.node(&entry, node)).collect();
            // A node may have the name of a shock; their draws must not be the same.
            let hazard = Hazard { probability, stream: stream(&format!("shock {index} {}", shock.name)) };
            plain.hazards.shocks.push(Shock { hazard, nodes });
            plain.shocks.push(shock.name);
        }
        plain
    }

    fn enter(
        &mut self,
        plain: &mut CheckedNetwork,
        id: String,
        probability: f64,
        recover_days: Option<u32>,
    ) -> Option<NodeIx> {
        let number = u32::try_from(plain.ids.len()).ok()?;
        if self.numbers.contains_key(&id) {
            return None;
        }
        self.numbers.insert(id.clone(), number);
        plain.hazards.own.push(Hazard { probability, stream: stream(&id) });
        plain.recover_days.push(recover_days);
        plain.ids.push(id);
        Some(number)
    }

    fn need(&mut self, entry: &str, need: WireNeed, index: usize, needs: &mut Needs) {
        let buffer_days = self.days(entry, "buffer_days", need.buffer_days);
        let required = need.required_share_bp.map(|share| self.share(entry, "required_share_bp", share));
        let given = need.sources.iter().filter(|source| source.share_bp.is_some()).count();
        if required.is_some() && given > 0 && given < need.sources.len() {
            self.problems.push(format!("{entry} has sources with and without share_bp: give it for all or for none"));
        }
        let equal = given < need.sources.len();
        let mut sources = Vec::with_capacity(need.sources.len());
        for source in &need.sources {
            let share_bp = source.share_bp.map_or(1, |share| self.share(entry, "share_bp", share));
            let switch_days = self.days(entry, "switch_days", source.switch_days);
            let supplier = self.node(entry, &source.node);
            sources.extend(supplier.map(|supplier| Source {
                supplier,
                share_bp: if equal { 1 } else { share_bp },
                switch_days,
                active: source.active,
                qualified: source.qualified,
            }));
        }
        sources.sort_by_key(|source| source.supplier);
        if sources.windows(2).any(|two| two[0].supplier == two[1].supplier) {
            self.problems.push(format!("{entry} has a source twice: add their shares up in one"));
        }
        let required_share_bp =
            required.map(|required| if equal { count(required, need.sources.len()) } else { required });
        let item = u32::try_from(index).unwrap_or(u32::MAX);
        let made = Need { item, class: Class::Critical, required_share_bp, buffer_days, sources: &sources };
        let reached: u64 = made.counted().map(|(_, weight)| weight).sum();
        let wanted = required_share_bp.map_or(1, u64::from);
        if reached < wanted {
            let short =
                required.map_or("there are none".to_owned(), |required| format!("they stay under {required} bp"));
            let fix = required.map_or("add one", |_| "add some, or lower required_share_bp");
            // Sources that are no nodes have been reported.
            if made.sources.len() == need.sources.len() {
                self.problems.push(format!(
                    "{entry} is never met by its sources that count (active, or qualified with switch_days within \
                     buffer_days): {short}; {fix}"
                ));
            }
            return;
        }
        needs.push(made);
    }

    fn node(&mut self, entry: &str, id: &str) -> Option<NodeIx> {
        let known = self.numbers.get(id).copied();
        if known.is_none() {
            self.unknown(entry, id, &HashSet::new());
        }
        known
    }

    /// Reports a name that is neither a node's nor among `others`.
    fn unknown(&mut self, entry: &str, id: &str, others: &HashSet<&str>) {
        if self.problems.len() >= PROBLEMS_TOLD {
            return self.problems.push(String::new());
        }
        let mut known: Vec<&str> = self.numbers.keys().map(String::as_str).chain(others.iter().copied()).collect();
        known.sort_unstable();
        known.dedup();
        self.problems.push(if known.is_empty() {
            format!("{entry}: there is no node `{id}`, nor any other: add it to nodes")
        } else {
            format!("{entry}: {}; or add it to nodes", unknown("node", id, &known, NODES_STAND))
        });
    }

    fn probability(&mut self, entry: &str, probability: f64) -> f64 {
        if !(0.0..=1.0).contains(&probability) {
            self.problems.push(format!("{entry} has probability {probability}: write a number from 0 to 1"));
        }
        probability
    }

    fn share(&mut self, entry: &str, key: &str, share: i64) -> u32 {
        let checked = u32::try_from(share).ok().filter(|share| *share <= WHOLE_BP);
        if checked.is_none() {
            self.problems.push(format!("{entry} has {key} {share}: write a whole number from 0 to {WHOLE_BP}"));
        }
        checked.unwrap_or(WHOLE_BP)
    }

    fn days(&mut self, entry: &str, key: &str, days: i64) -> u32 {
        let checked = u32::try_from(days).ok().filter(|_| days <= MAX_DAYS);
        if checked.is_none() {
            self.problems.push(format!("{entry} has {key} {days}: write a whole number of days from 0 to {MAX_DAYS}"));
        }
        checked.unwrap_or_default()
    }
}

/// How many of `sources` equal sources reach `required` basis points, where what they reach is rounded up to a whole one: two
/// of three are 6667, and meet 6666 as well.
fn count(required: u32, sources: usize) -> u32 {
    let sources = u32::try_from(sources).unwrap_or(u32::MAX);
    let whole = u64::from(WHOLE_BP);
    let below = u64::from(required.saturating_sub(1)) * u64::from(sources) / whole;
    u32::try_from(below).unwrap_or(u32::MAX).saturating_add(u32::from(required > 0))
}
