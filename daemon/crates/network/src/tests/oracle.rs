//! The network's facts by their definitions, with maps and loops: slow and obvious.

use super::oracle_ownership::ownership;
use crate::{
    StatedRequirement, Statement,
    model::{
        Facts, Organisation, Requirement,
        claims::{Class, EntityProfile, Text},
        facts::{ClearanceRequirement, Impact, Loss, NeedFacts, SourceFacts},
    },
};
use std::collections::{BTreeMap, BTreeSet};

type Names = BTreeSet<Organisation>;

/// What each subject says.
pub(super) type Said = BTreeMap<Organisation, Vec<Statement>>;

/// Needs by buyer and item.
type Needs = BTreeMap<(Organisation, Text), NeedFacts>;

/// The rank of a statement of `speaker` about a source: the lowest counts.
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
            region_hhi_bp: 0,
            corridor_hhi_bp: 0,
            country_hhi_bp: 0,
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

fn profile<'s>(said: &'s Said, organisation: &Organisation) -> Option<&'s EntityProfile> {
    said.get(organisation)?.iter().find_map(|statement| match statement {
        Statement::Profile(profile) => Some(profile),
        _ => None,
    })
}

pub(super) fn parent(said: &Said, organisation: &Organisation) -> Option<Organisation> {
    profile(said, organisation)?.parent.clone().filter(|parent| parent != organisation)
}

fn ultimate_parent(said: &Said, organisation: &Organisation) -> Organisation {
    let mut last = organisation.clone();
    // After this many steps it is on the cycle, if there is one.
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

fn asked<'s>(said: &'s Said, subject: &Organisation, programme: &Organisation) -> Option<&'s StatedRequirement> {
    said.get(subject)?.iter().find_map(|statement| match statement {
        Statement::Requirement(asked) if asked.programme == *programme => Some(asked),
        _ => None,
    })
}

/// The requirement of `subject`; `reached` has the distance to each programme.
fn requirement(said: &Said, subject: &Organisation, reached: &BTreeMap<Organisation, u32>) -> Requirement {
    let stated = said.get(subject).into_iter().flatten().filter_map(|statement| match statement {
        Statement::Requirement(asked) => Some(asked.programme.clone()),
        _ => None,
    });
    let all: Names = stated.chain(reached.keys().cloned()).filter(|programme| programme != subject).collect();
    let general = |programme| reached.get(programme).and_then(|_| asked(said, programme, programme));
    let every: Vec<&StatedRequirement> =
        all.iter().filter_map(|programme| asked(said, subject, programme).or_else(|| general(programme))).collect();
    let asked: Vec<&StatedRequirement> = all
        .iter()
        .filter_map(|programme| {
            let is_near = |asked: &&StatedRequirement| asked.flow_tiers.is_none_or(|tiers| reached[programme] <= tiers);
            asked(said, subject, programme).or_else(|| general(programme).filter(is_near))
        })
        .collect();
    let mut clearances = Vec::new();
    let nations = |nation: bool| {
        asked
            .iter()
            .filter_map(move |asked| Some((asked.clearance_level?, asked.headcount)))
            .filter(move |(level, _)| (level.nation() == crate::model::claims::Nation::Gb) == nation)
    };
    for nation in [true, false] {
        let Some(level) = nations(nation).map(|(level, _)| level).max() else { continue };
        let headcount = nations(nation).filter(|(l, _)| *l == level).map(|(_, headcount)| headcount).max().unwrap_or(0);
        clearances.push(ClearanceRequirement { level, headcount });
    }
    Requirement {
        cyber_level: asked.iter().filter_map(|asked| asked.cyber_level).max(),
        cmmc_level: asked.iter().filter_map(|asked| asked.cmmc_level).max(),
        criticality: every.iter().map(|asked| asked.criticality).max(),
        clearances,
        programmes: reached.keys().cloned().collect(),
    }
}

/// Where supply comes from: two units meet if these have something in common.
type Place = BTreeSet<String>;

/// A supplier's places by parts of 10 000; what is missing is unknown.
type Places<'p> = &'p dyn Fn(&Organisation) -> Vec<(Place, u64)>;

/// The probability that two random units of the supply meet.
fn meeting_bp(need: &NeedFacts, places: Places<'_>) -> u32 {
    let unknown = || Place::from(["unknown".to_owned()]);
    let mut units: Vec<(Place, u128)> = Vec::new();
    for source in &need.sources {
        let mut missing = 10_000;
        for (place, part) in places(&source.supplier) {
            missing -= part;
            units.push((place, u128::from(source.share_bp) * u128::from(part)));
        }
        units.push((unknown(), u128::from(source.share_bp) * u128::from(missing)));
    }
    let known: u128 = units.iter().map(|(_, part)| part).sum();
    units.push((unknown(), 100_000_000_u128.saturating_sub(known)));
    let mut meeting = 0;
    for (one, one_part) in &units {
        meeting +=
            units.iter().filter(|(other, _)| !one.is_disjoint(other)).map(|(_, part)| one_part * part).sum::<u128>();
    }
    u32::try_from((meeting + 500_000_000_000) / 1_000_000_000_000).map_or(10_000, |bp| bp.min(10_000))
}

/// The sites of `organisation`, each as the place that `of` makes of it, if it is known.
fn sites(said: &Said, organisation: &Organisation, of: impl Fn(&Text, &[Text]) -> Place) -> Vec<(Place, u64)> {
    let mut found: BTreeMap<Place, u64> = BTreeMap::new();
    for statement in said.get(organisation).into_iter().flatten() {
        if let Statement::Site(site) = statement {
            *found.entry(of(&site.region, &site.corridors)).or_default() += u64::from(site.share_bp);
        }
    }
    let all = found.values().sum::<u64>().max(10_000);
    found.into_iter().filter(|(place, _)| !place.is_empty()).map(|(place, part)| (place, part * 10_000 / all)).collect()
}

fn concentrate(said: &Said, need: &mut NeedFacts) {
    let one = |name: &dyn ToString| Place::from([name.to_string()]);
    let hhi_bp = |places: Places<'_>| meeting_bp(need, places);
    let parent_bp = hhi_bp(&|supplier| vec![(one(&ultimate_parent(said, supplier)), 10_000)]);
    let country_bp =
        hhi_bp(&|supplier| profile(said, supplier).map(|known| (one(&known.country), 10_000)).into_iter().collect());
    let corridor_bp = hhi_bp(&|supplier| sites(said, supplier, |_, route| route.iter().map(Text::to_string).collect()));
    let region_bp = hhi_bp(&|supplier| {
        let sites = sites(said, supplier, |region, _| one(region));
        let seat = profile(said, supplier).and_then(|known| known.region.as_ref());
        match seat {
            Some(seat) if sites.is_empty() => vec![(one(seat), 10_000)],
            _ => sites,
        }
    });
    (need.hhi_bp, need.region_hhi_bp, need.corridor_hhi_bp, need.country_hhi_bp) =
        (parent_bp, region_bp, corridor_bp, country_bp);
}

/// The day on which each organisation stops when `failed` fails, iterated until nothing changes.
fn stop_days(needs: &Needs, failed: &Organisation) -> BTreeMap<Organisation, u32> {
    let mut days = BTreeMap::from([(failed.clone(), 0)]);
    loop {
        let mut next = BTreeMap::from([(failed.clone(), 0)]);
        for ((buyer, _), need) in needs.iter().filter(|((buyer, _), _)| buyer != failed) {
            let moments: BTreeSet<u32> = days.values().copied().collect();
            let down_on = |day: u32| days.iter().filter(|(_, at)| **at <= day).map(|(name, _)| name.clone()).collect();
            let Some(short_on) = moments.into_iter().find(|day| !is_met(need, &down_on(*day))) else { continue };
            let day = short_on + need.buffer_days;
            let known = next.entry(buyer.clone()).or_insert(day);
            *known = day.min(*known);
        }
        if next == days {
            return days;
        }
        days = next;
    }
}

fn recover_days(said: &Said, organisation: &Organisation) -> Option<u32> {
    let plans = said.get(organisation)?.iter().filter_map(|statement| match statement {
        Statement::Recovery(plan) => Some(plan.recover_days),
        _ => None,
    });
    plans.max()
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
        let reached: BTreeMap<Organisation, u32> =
            below.iter().filter_map(|(p, distances)| Some(((*p).clone(), *distances.get(one)?))).collect();
        let down = cascades[one].last().expect("itself");
        let single: Vec<_> = programmes.iter().copied().filter(|p| *p != one && down.contains(*p)).cloned().collect();
        let (days, recover_days) = (stop_days(&needs, one), recover_days(said, one));
        let mut own: Vec<NeedFacts> =
            needs.iter().filter(|((b, _), _)| b == one).map(|(_, need)| need.clone()).collect();
        for need in &mut own {
            concentrate(said, need);
            need.share_total_bp = need.sources.iter().map(|source| source.share_bp).sum();
            need.shared_upstream = shared_upstream(one, need, &cascades);
        }
        Facts {
            needs: own,
            impact: Impact {
                buyers: u32::try_from(everyone.iter().filter(|b| supplies(one, b, false)).count()).expect("few"),
                survive_days: single.iter().map(|p| days[p]).min(),
                recover_days,
                single_point_of: single
                    .into_iter()
                    .map(|p| Loss {
                        hidden: !supplies(one, &p, true),
                        criticality: asked(said, &p, &p).map(|asked| asked.criticality),
                        survive_days: days[&p],
                        down_days: recover_days.map(|recover_days| recover_days.saturating_sub(days[&p])),
                        programme: p,
                    })
                    .collect(),
                tier: below.values().filter_map(|distances| distances.get(one)).min().copied(),
            },
            requirement: requirement(said, one, &reached),
            ownership: ownership(said, one),
        }
    };
    everyone.iter().map(|one| (one.clone(), facts(one))).collect()
}
