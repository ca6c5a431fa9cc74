//! After any sequence of changes the facts are those of the definitions, and exactly those organisations are returned whose
//! facts have changed, or whom others have begun or ceased to name.

use super::{
    oracle::{Said, all_facts, parent},
    organisation,
};
use crate::{
    Network, StatedRequirement, Statement,
    model::{
        Date, Facts, Organisation,
        claims::{Class, ClearanceLevel, EntityProfile, Holding, Recovery, Site},
    },
};
use proptest::{option, prelude::*, sample::select};
use std::collections::BTreeMap;

const NAMES: [&str; 12] = ["P", "P2", "A", "B", "C", "D", "E", "F", "G", "H", "I", "J"];

fn anyone() -> impl Strategy<Value = Organisation> {
    select(&NAMES[..]).prop_map(organisation)
}

/// `None` is the subject itself: what it says of its own needs counts most.
fn buyer() -> impl Strategy<Value = Option<Organisation>> {
    prop_oneof![2 => Just(None), 1 => anyone().prop_map(Some)]
}

fn item() -> impl Strategy<Value = &'static str> {
    select(&["X", "Y"][..])
}

fn source(subject: Organisation) -> impl Strategy<Value = Statement> {
    let share_bp = select(&[0, 0, 2000, 3000, 5000, 5000, 10_000][..]);
    (buyer(), anyone(), item(), share_bp, any::<bool>(), select(&[0, 20][..])).prop_map(
        move |(buyer, supplier, item, share_bp, qualified, switch_days)| Statement::Source {
            supplier,
            buyer: buyer.unwrap_or_else(|| subject.clone()),
            item: item.into(),
            share_bp,
            qualified,
            switch_days,
        },
    )
}

fn need(subject: Organisation) -> impl Strategy<Value = Statement> {
    let class = select(&[Class::Critical, Class::Minor][..]);
    (buyer(), item(), class, option::of(select(&[0, 2000, 6000, 10_000][..])), select(&[0, 20][..])).prop_map(
        move |(buyer, item, class, required_share_bp, buffer_days)| Statement::Need {
            buyer: buyer.unwrap_or_else(|| subject.clone()),
            item: item.into(),
            class,
            required_share_bp,
            buffer_days,
        },
    )
}

fn requirement() -> impl Strategy<Value = Statement> {
    let clearance = option::of(select(&[ClearanceLevel::GbSc, ClearanceLevel::GbDv, ClearanceLevel::UsSecret][..]));
    let levels = (option::of(0..=3_u8), option::of(1..=3_u8), clearance, 0..9_u32);
    (select(&["P", "P2"][..]), 1..=5_u8, levels, option::of(0..4_u32)).prop_map(
        |(programme, criticality, (cyber_level, cmmc_level, clearance_level, headcount), flow_tiers)| {
            let programme = organisation(programme);
            Statement::Requirement(StatedRequirement {
                programme,
                criticality,
                cyber_level,
                cmmc_level,
                clearance_level,
                headcount,
                flow_tiers,
            })
        },
    )
}

fn place() -> impl Strategy<Value = &'static str> {
    select(&["North", "South"][..])
}

fn profile() -> impl Strategy<Value = Statement> {
    (select(&["GB", "FR"][..]), option::of(place()), option::of(anyone())).prop_map(|(country, region, parent)| {
        Statement::Profile(EntityProfile {
            name: "A name".into(),
            country: country.into(),
            region: region.map(Into::into),
            sme: None,
            sectors: Vec::new(),
            clusters: Vec::new(),
            parent,
            aliases: Vec::new(),
        })
    })
}

fn site() -> impl Strategy<Value = Statement> {
    let corridors = prop::collection::vec(select(&["M1", "M5", "M6"][..]), 0..3);
    (place(), corridors, select(&[3000, 5000, 10_000][..])).prop_map(|(region, corridors, share_bp)| {
        let corridors = corridors.into_iter().map(Into::into).collect();
        Statement::Site(Site { region: region.into(), corridors, share_bp, latitude: None, longitude: None })
    })
}

fn recovery() -> impl Strategy<Value = Statement> {
    (option::of(item()), select(&[0, 15, 30][..])).prop_map(|(item, recover_days)| {
        Statement::Recovery(Recovery { item: item.map(Into::into), recover_days, tested_on: None })
    })
}

fn holding() -> impl Strategy<Value = Statement> {
    let owner = option::weighted(0.8, anyone());
    (owner, select(&["GB", "FR"][..]), select(&[200_000, 333_333, 500_000, 1_000_000][..])).prop_map(
        |(owner, country, percent_ppm)| {
            let owner = owner.map_or("A fund".into(), |owner| owner.as_str().into());
            Statement::Holding(Holding { owner, owner_country: country.into(), percent_ppm })
        },
    )
}

fn statement(subject: Organisation) -> impl Strategy<Value = Statement> {
    let last_order_on = select(vec![Date::new(2026, 1, 1), Date::new(2027, 1, 1)]);
    let end_of_life = (item(), last_order_on)
        .prop_map(|(item, on)| Statement::EndOfLife { item: item.into(), last_order_on: on.expect("a date") });
    prop_oneof![
        12 => source(subject.clone()),
        5 => need(subject),
        1 => requirement(),
        1 => end_of_life,
        2 => profile(),
        2 => site(),
        1 => recovery(),
        2 => holding(),
    ]
}

/// One change: who says what now, and whether it takes effect at once.
fn change() -> impl Strategy<Value = (Organisation, Vec<Statement>, bool)> {
    anyone().prop_flat_map(|subject| {
        let statements = prop::collection::vec(statement(subject.clone()), 0..9);
        (Just(subject), statements, any::<bool>())
    })
}

/// The facts of one, and whether anybody's supply or ownership names it.
type Known = BTreeMap<Organisation, (Facts, bool)>;

fn all_known(said: &Said) -> Known {
    let everyone: Vec<Organisation> = NAMES.iter().map(|name| organisation(name)).collect();
    let facts = all_facts(said, &everyone);
    let is_named = |one: &Organisation| {
        let mut sources = facts.values().flat_map(|facts| &facts.needs).flat_map(|need| &need.sources);
        !facts[one].needs.is_empty()
            || sources.any(|source| source.supplier == *one)
            || everyone.iter().any(|child| parent(said, child).as_ref() == Some(one))
            || said.iter().any(|(held, statements)| held != one && statements.iter().any(|said| is_held_by(said, one)))
    };
    facts.iter().map(|(one, facts)| (one.clone(), (facts.clone(), is_named(one)))).collect()
}

fn is_held_by(said: &Statement, owner: &Organisation) -> bool {
    matches!(said, Statement::Holding(holding) if holding.owner.as_str() == owner.as_str())
}

fn check(network: &mut Network, said: &Said, known: &mut Known) {
    let expected = all_known(said);
    let told = network.settle();
    for (one, (facts, is_named)) in &expected {
        assert_eq!((&*network.facts(one), network.is_named(one)), (facts, *is_named), "{one}");
    }
    let changed: Vec<Organisation> =
        expected.iter().filter(|(one, facts)| known.get(*one) != Some(*facts)).map(|(one, _)| one.clone()).collect();
    assert_eq!(told, changed);
    *known = expected;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn facts_are_right_after_any_changes(changes in prop::collection::vec(change(), 1..24)) {
        let mut network = Network::default();
        let mut said = Said::new();
        let nothing = |name: &&str| (organisation(name), (Facts::default(), false));
        let mut known: Known = NAMES.iter().map(nothing).collect();
        for (subject, statements, settles) in changes {
            network.set(&subject, statements.clone());
            said.insert(subject, statements);
            if settles {
                check(&mut network, &said, &mut known);
            }
        }
        check(&mut network, &said, &mut known);
        prop_assert!(network.settle().is_empty());
    }
}
