//! The stories about who buys what: needs that are rewritten so that what the network shows is known in advance.

use super::{
    catalogue::PRODUCTS,
    defects::Defect,
    stories::{MIN_CAST, tell},
    story::Expectation,
    structure::{Buyer, PlannedNeed, PlannedSource, TIERS},
    world::{World, programme},
};
use crate::model::claims::Class;

const SINGLE_SOURCE: &str = "single-source";

/// Stock of the programmes, of their makers and of the makers' suppliers in the stories of hidden single points, in days.
const DIAMOND_BUFFER_DAYS: [u32; 3] = [20, 15, 30];
/// Days that the hidden single points need to recover, as they say themselves; more than all that stock lasts.
const APEX_RECOVER_DAYS: u32 = 90;

/// Changes the structure for the stories about who buys what.
pub(super) fn rewire(world: &mut World) {
    if world.structure.organisations() < MIN_CAST {
        return;
    }
    for diamond in &DIAMONDS {
        meet_again(world, diamond);
    }
    known_needs(world);
}

fn need(world: &World, class: Class, buffer_days: u32, sources: Vec<PlannedSource>) -> PlannedNeed {
    let item = world.structure.product(sources[0].supplier).item;
    PlannedNeed { item, class, required_share_bp: None, buffer_days, sources }
}

/// Two programmes that look dual-sourced: two makers of one system, who both buy a part from the same two suppliers, who
/// both depend on one organisation of tier 3. Numbers are positions in a tier; makers of one item stand a catalogue apart.
struct Diamond {
    id: &'static str,
    /// Not in order of name: they are sorted when told.
    programmes: [u32; 2],
    makers: [u32; 2],
    suppliers: [u32; 2],
    apex: u32,
    planted: &'static str,
}

const DIAMONDS: [Diamond; 2] = [
    Diamond {
        id: "hidden-forge",
        programmes: [0, 1],
        makers: [0, 8],
        suppliers: [0, 10],
        apex: 0,
        planted: "Two programmes buy landing gear from two makers, who buy legs from two machinists, who both buy forgings here alone.",
    },
    Diamond {
        id: "hidden-board-maker",
        programmes: [4, 3],
        makers: [2, 10],
        suppliers: [2, 12],
        apex: 3,
        planted: "Two programmes buy mission computers from two makers, who buy processor modules from two firms, who both buy boards here alone.",
    },
];

fn meet_again(world: &mut World, diamond: &Diamond) {
    let number = |tier: usize| {
        let start = world.structure.tier(tier).start;
        move |position: u32| start + position
    };
    let (makers, suppliers) = (diamond.makers.map(number(0)), diamond.suppliers.map(number(1)));
    let apex = number(2)(diamond.apex);
    let [programme_days, maker_days, supplier_days] = DIAMOND_BUFFER_DAYS;
    for number in diamond.programmes {
        let system = need(world, Class::Critical, programme_days, halves(makers[0], makers[1]));
        world.set_need(Buyer::Programme(number), system);
    }
    for maker in makers {
        let part = need(world, Class::Critical, maker_days, halves(suppliers[0], suppliers[1]));
        world.set_need(Buyer::Firm(maker), part);
    }
    for supplier in suppliers {
        let bottleneck = need(world, Class::Critical, supplier_days, vec![PlannedSource::active(apex, 10_000)]);
        world.set_need(Buyer::Firm(supplier), bottleneck);
    }
    let mut programmes = diamond.programmes.map(programme).to_vec();
    programmes.sort();
    tell(world, diamond.id, apex, diamond.planted, vec![Expectation::HiddenSinglePoint { programmes }]);
    for maker in makers {
        let planted = "Its two sources of one part both depend on one organisation upstream.";
        tell(world, "shared-upstream", maker, planted, vec![Expectation::Finding { code: "SHARED_UPSTREAM" }]);
    }
    for firm in makers.into_iter().chain(suppliers) {
        world.set_defect(firm, Defect::Healthy);
    }
    world.set_defect(apex, Defect::SlowToRecover(APEX_RECOVER_DAYS));
    let planted = "It says that it needs 90 days to recover, and the first programme stops after 65 or sooner.";
    tell(world, "slow-recovery", apex, planted, vec![Expectation::Finding { code: "TOO_SLOW" }]);
}

/// How a rewritten need is made of a source and another maker of the same item.
type Sources = fn(u32, u32) -> Vec<PlannedSource>;

/// Buyers of tier 3 whose worst need has a known risk: their suppliers need nothing themselves.
const KNOWN_NEEDS: [(&str, &str, Class, Sources, u32); 6] = [
    (
        "sole-critical",
        "Only one organisation can make what it needs; the alternate is a claim.",
        Class::SoleCritical,
        |one, other| vec![PlannedSource::active(one, 10_000), PlannedSource::idle(other, true, 20)],
        9000,
    ),
    (
        "usable-alternate",
        "One source, and one idle alternate that is on before the stock runs out.",
        Class::Critical,
        |one, other| vec![PlannedSource::active(one, 10_000), PlannedSource::idle(other, true, 20)],
        7000,
    ),
    (
        "slow-alternate",
        "One source; the alternate needs 40 days and the stock lasts 30.",
        Class::Critical,
        |one, other| vec![PlannedSource::active(one, 10_000), PlannedSource::idle(other, true, 40)],
        10_000,
    ),
    (
        "unqualified-alternate",
        "One source; the alternate is not qualified.",
        Class::Major,
        |one, other| vec![PlannedSource::active(one, 10_000), PlannedSource::idle(other, false, 10)],
        6000,
    ),
    ("one-parent", "Its two sources belong to one group.", Class::Critical, halves, 10_000),
    ("end-of-life", "One of its two sources will not make the item any more.", Class::Critical, halves, 8000),
];

/// Stock of the rewritten needs, in days.
const KNOWN_NEED_BUFFER_DAYS: u32 = 30;

fn halves(one: u32, other: u32) -> Vec<PlannedSource> {
    vec![PlannedSource::active(one, 5000), PlannedSource::active(other, 5000)]
}

fn known_needs(world: &mut World) {
    for (id, planted, class, sources, risk_bp) in KNOWN_NEEDS {
        let Some((buyer, one, other)) = trio(world) else { return };
        world.quieten(Buyer::Firm(buyer));
        let need = need(world, class, KNOWN_NEED_BUFFER_DAYS, sources(one, other));
        world.set_need(Buyer::Firm(buyer), need);
        let defect = match id {
            "one-parent" => Defect::OwnedBy(1),
            "end-of-life" => Defect::EndOfLife,
            _ => Defect::Healthy,
        };
        world.set_defect(buyer, Defect::Healthy);
        world.set_defect(one, defect);
        world.set_defect(other, if defect == Defect::EndOfLife { Defect::Healthy } else { defect });
        tell(world, id, buyer, planted, vec![Expectation::Risk { rule: SINGLE_SOURCE, risk_bp }]);
    }
}

/// A buyer of tier 3, its source of something, and another who makes the same; none of them plays a part yet.
fn trio(world: &World) -> Option<(u32, u32, u32)> {
    let step = u32::try_from(PRODUCTS[TIERS - 1].len()).ok()?;
    let makers = world.structure.tier(TIERS - 1);
    world.structure.tier(TIERS - 2).skip(1).find_map(|buyer| {
        let one = world.needs(Buyer::Firm(buyer)).first()?.sources.first()?.supplier;
        let other = if makers.contains(&(one + step)) { one + step } else { one.checked_sub(step)? };
        let free = [buyer, one, other].iter().all(|firm| !world.is_cast(*firm));
        (free && makers.contains(&other)).then_some((buyer, one, other))
    })
}
