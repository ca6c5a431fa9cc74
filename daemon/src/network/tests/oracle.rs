//! The network's facts by their definitions, with maps and loops: slow, and plain to see.

use crate::{
    model::{
        Facts, Organisation, Requirement,
        claims::{Class, Text},
        facts::{ClearanceRequirement, Impact, NeedFacts, SourceFacts},
    },
    network::{ProgrammeRequirement, Statement},
};
use std::collections::{BTreeMap, BTreeSet};

type Names = BTreeSet<Organisation>;

/// What each subject says.
pub(super) type Said = BTreeMap<Organisation, Vec<Statement>>;

/// Needs by buyer and item.
type Needs = BTreeMap<(Organisation, Text), NeedFacts>;

/// How far a statement of `speaker` about a source is believed: less is more.
fn doubt(speaker: &Organisation, buyer: &Organisation, supplier: Option<&Organisation>) -> (u8, Organisation) {
    let rank = if speaker == buyer { 0 } else { 1 + u8::from(Some(speaker) != supplier) };
    (rank, speaker.clone())
}

fn needs(said: &Said) -> Needs {
    let mut best: BTreeMap<(Organisation, Text, Option<Organisation>), (_, Statement)> = BTreeMap::new();
    for (speaker, statements) in said {
        for statement in statements {
            let (buyer, item, supplier) = match statement {
                Statement::Need { buyer, item, .. } => (buyer, item, None),
                Statement::Source { supplier, buyer, item, .. } => (buyer, item, Some(supplier)),
                _ => continue,
            };
            let doubt = doubt(speaker, buyer, supplier);
            let key = (buyer.clone(), item.clone(), supplier.cloned());
            if best.get(&key).is_none_or(|(known, _)| doubt < *known) {
                best.insert(key, (doubt, statement.clone()));
            }
        }
    }
    let mut needs = Needs::new();
    for ((buyer, item, _), (_, statement)) in best {
        let need = needs.entry((buyer, item.clone())).or_insert(NeedFacts {
            item: item.clone(),
            class: Class::Critical,
            required_share_bp: None,
            buffer_days: 0,
            sources: Vec::new(),
            hhi_bp: 0,
            share_total_bp: 0,
            shared_upstream: None,
        });
        match statement {
            Statement::Need { class, required_share_bp, buffer_days, .. } => {
                *need = NeedFacts { class, required_share_bp, buffer_days, ..need.clone() };
            }
            Statement::Source { supplier, share_bp, qualified, switch_days, .. } => need.sources.push(SourceFacts {
                ultimate_parent: ultimate_parent(said, &supplier),
                last_order_on: last_order_on(said, &supplier, &item),
                supplier,
                share_bp,
                qualified,
                switch_days,
            }),
            _ => unreachable!("only needs and sources were kept"),
        }
    }
    needs
}

fn last_order_on(said: &Said, supplier: &Organisation, wanted: &Text) -> Option<crate::model::Date> {
    said.get(supplier)?.iter().find_map(|statement| match statement {
        Statement::EndOfLife { item, last_order_on } if item == wanted => Some(*last_order_on),
        _ => None,
    })
}

fn parent(said: &Said, organisation: &Organisation) -> Option<Organisation> {
    let profile = said.get(organisation)?.iter().find_map(|statement| match statement {
        Statement::Profile { parent } => Some(parent.clone()),
        _ => None,
    });
    profile.flatten().filter(|parent| parent != organisation)
}

fn ultimate_parent(said: &Said, organisation: &Organisation) -> Organisation {
    let mut last = organisation.clone();
    // Long enough to be on the cycle, if there is one.
    for _ in 0..100 {
        match parent(said, &last) {
            Some(parent) => last = parent,
            None => return last,
        }
    }
    let mut cycle = Names::new();
    while cycle.insert(last.clone()) {
        last = parent(said, &last).expect("on a cycle");
    }
    cycle.pop_first().expect("a cycle")
}

fn counts(need: &NeedFacts, source: &SourceFacts) -> bool {
    source.share_bp > 0 || (source.qualified && source.switch_days <= need.buffer_days)
}

fn is_met(need: &NeedFacts, down: &Names) -> bool {
    let counted: Vec<&SourceFacts> = need.sources.iter().filter(|source| counts(need, source)).collect();
    let up = || counted.iter().filter(|source| !down.contains(&source.supplier));
    let Some(required) = need.required_share_bp else { return counted.is_empty() || up().count() > 0 };
    let all: u32 = counted.iter().map(|source| source.share_bp).sum();
    let unknown = if all < required { 10_000 - all } else { 0 };
    up().map(|source| source.share_bp).sum::<u32>() + unknown >= required
}

/// Who is down `rounds` tiers after `failed` has failed, for 0, 1, 2 … rounds until nobody else goes down.
fn cascade(needs: &Needs, failed: &Organisation) -> Vec<Names> {
    let mut rounds = vec![Names::from([failed.clone()])];
    loop {
        let down = rounds.last().expect("the first");
        let mut next = down.clone();
        next.extend(needs.iter().filter(|(_, need)| !is_met(need, down)).map(|((buyer, _), _)| buyer.clone()));
        if next == *down {
            return rounds;
        }
        rounds.push(next);
    }
}

/// By programme, the distance of everyone who supplies it.
fn distances(needs: &Needs, programme: &Organisation) -> BTreeMap<Organisation, u32> {
    let mut distances = BTreeMap::new();
    let mut level = Names::from([programme.clone()]);
    let mut distance = 0;
    while !level.is_empty() {
        distance += 1;
        let bought = needs.iter().filter(|((buyer, _), _)| level.contains(buyer)).flat_map(|(_, need)| &need.sources);
        let suppliers: Names = bought.map(|source| source.supplier.clone()).collect();
        level = suppliers.into_iter().filter(|supplier| !distances.contains_key(supplier)).collect();
        distances.extend(level.iter().map(|supplier| (supplier.clone(), distance)));
    }
    distances
}

fn asked<'s>(said: &'s Said, subject: &Organisation, programme: &Organisation) -> Option<&'s ProgrammeRequirement> {
    said.get(subject)?.iter().find_map(|statement| match statement {
        Statement::Requirement(asked) if asked.programme == *programme => Some(asked),
        _ => None,
    })
}

fn requirement(said: &Said, subject: &Organisation, reached: Names) -> Requirement {
    let stated = said.get(subject).into_iter().flatten().filter_map(|statement| match statement {
        Statement::Requirement(asked) => Some(asked.programme.clone()),
        _ => None,
    });
    let all: Names = stated.chain(reached.clone()).filter(|programme| programme != subject).collect();
    let asked: Vec<&ProgrammeRequirement> = all
        .iter()
        .filter_map(|programme| {
            asked(said, subject, programme)
                .or_else(|| reached.contains(programme).then(|| asked(said, programme, programme)).flatten())
        })
        .collect();
    let mut clearances = Vec::new();
    let nations = |nation: bool| {
        asked
            .iter()
            .filter_map(move |asked| Some((asked.clearance_level?, asked.headcount)))
            .filter(move |(level, _)| (level.nation() == crate::model::claims::Nation::GB) == nation)
    };
    for nation in [true, false] {
        let Some(level) = nations(nation).map(|(level, _)| level).max() else { continue };
        let headcount = nations(nation).filter(|(l, _)| *l == level).map(|(_, headcount)| headcount).max().unwrap_or(0);
        clearances.push(ClearanceRequirement { level, headcount });
    }
    Requirement {
        cyber_level: asked.iter().filter_map(|asked| asked.cyber_level).max(),
        cmmc_level: asked.iter().filter_map(|asked| asked.cmmc_level).max(),
        criticality: asked.iter().map(|asked| asked.criticality).max(),
        clearances,
        programmes: reached.into_iter().collect(),
    }
}

fn hhi_bp(need: &NeedFacts) -> u32 {
    let mut shares: BTreeMap<&Organisation, u64> = BTreeMap::new();
    for source in &need.sources {
        *shares.entry(&source.ultimate_parent).or_default() += u64::from(source.share_bp);
    }
    let unknown = 10_000_u64.saturating_sub(shares.values().sum());
    let squares: u64 = shares.values().map(|share| share * share).sum::<u64>() + unknown * unknown;
    u32::try_from((squares + 5000) / 10_000).expect("small").min(10_000)
}

fn shared_upstream(
    buyer: &Organisation,
    need: &NeedFacts,
    cascades: &BTreeMap<Organisation, Vec<Names>>,
) -> Option<Organisation> {
    let counted: Names =
        need.sources.iter().filter(|source| counts(need, source)).map(|source| source.supplier.clone()).collect();
    let only = if counted.len() == 1 { counted.first() } else { None };
    let candidates = cascades.iter().filter(|(failed, _)| *failed != buyer && Some(*failed) != only);
    let lasting = candidates.filter_map(|(failed, rounds)| {
        let stops = rounds.iter().position(|down| counted.is_subset(down))?;
        (!counted.is_empty()).then_some((stops, failed))
    });
    lasting.min().map(|(_, failed)| failed.clone())
}

/// The facts of everyone in `everyone`.
pub(super) fn all_facts(said: &Said, everyone: &[Organisation]) -> BTreeMap<Organisation, Facts> {
    let needs = needs(said);
    let cascades: BTreeMap<_, _> = everyone.iter().map(|failed| (failed.clone(), cascade(&needs, failed))).collect();
    let programmes: Vec<_> = everyone.iter().filter(|one| one.is_programme()).collect();
    let below: BTreeMap<_, _> = programmes.iter().map(|programme| (*programme, distances(&needs, programme))).collect();
    let supplies = |supplier: &Organisation, buyer: &Organisation, idle_too: bool| {
        let bought = needs.iter().filter(|((b, _), _)| b == buyer).flat_map(|(_, need)| &need.sources);
        bought.into_iter().any(|source| source.supplier == *supplier && (idle_too || source.share_bp > 0))
    };
    let facts = |one: &Organisation| {
        let reached: Names = programmes.iter().filter(|p| below[*p].contains_key(one)).copied().cloned().collect();
        let down = cascades[one].last().expect("itself");
        let single: Vec<_> = programmes.iter().copied().filter(|p| *p != one && down.contains(*p)).cloned().collect();
        let mut own: Vec<NeedFacts> =
            needs.iter().filter(|((b, _), _)| b == one).map(|(_, need)| need.clone()).collect();
        for need in &mut own {
            need.hhi_bp = hhi_bp(need);
            need.share_total_bp = need.sources.iter().map(|source| source.share_bp).sum();
            need.shared_upstream = shared_upstream(one, need, &cascades);
        }
        Facts {
            needs: own,
            impact: Impact {
                buyers: u32::try_from(everyone.iter().filter(|b| supplies(one, b, false)).count()).expect("few"),
                hidden_single_point_of: single.iter().filter(|p| !supplies(one, p, true)).cloned().collect(),
                single_point_of: single,
                tier: below.values().filter_map(|distances| distances.get(one)).min().copied(),
            },
            requirement: requirement(said, one, reached),
        }
    };
    everyone.iter().map(|one| (one.clone(), facts(one))).collect()
}
