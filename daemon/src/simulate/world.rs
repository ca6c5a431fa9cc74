//! The whole simulated network: its structure, what the stories changed, and which programmes each organisation reaches.

use super::{
    Options,
    catalogue::{PROGRAMMES, ProgrammeSpec},
    defects::{Defect, by_chance},
    firm::{Firm, name_of},
    names,
    story::Story,
    structure::{Buyer, PlannedNeed, Structure},
};
use crate::model::{Date, Organisation, claims::Class};
use smallvec::SmallVec;
use std::{
    borrow::Cow,
    collections::{BTreeSet, HashMap},
};

/// Programmes that one organisation reaches, sorted; few, because buyers choose suppliers near them.
pub(super) type ReachedProgrammes = SmallVec<[u32; 4]>;

/// The level that suppliers who see no secrets must meet for a programme that has some.
pub(super) const RELIEVED_CYBER_LEVEL: u8 = 1;

/// What is asked of one organisation.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct FirmRequirement {
    /// Cyber Security Model level.
    pub(super) cyber_level: u8,
    /// How many people must hold a Security Check.
    pub(super) headcount: u32,
}

/// The network. Needs and organisations are made when asked for; only the stories' changes and the reach are kept.
pub(super) struct World {
    pub(super) seed: u64,
    pub(super) today: Date,
    pub(super) structure: Structure,
    pub(super) stories: Vec<Story>,
    /// Whom the demonstration's replacement file heals.
    pub(super) worst: Option<u32>,
    /// Groups that own several organisations.
    pub(super) groups: BTreeSet<u32>,
    /// The groups among them whose own owners are stated.
    pub(super) holding_groups: BTreeSet<u32>,
    rewired: HashMap<Buyer, Vec<PlannedNeed>>,
    defects: HashMap<u32, Defect>,
    /// By organisation: the programmes it reaches. An idle source reaches too: it must be fit before it is needed.
    reach: Vec<ReachedProgrammes>,
}

impl World {
    pub(super) fn new(options: &Options) -> Self {
        let structure = Structure::new(options.seed, options.organisations);
        Self {
            seed: options.seed,
            today: options.today,
            structure,
            stories: Vec::new(),
            worst: None,
            groups: BTreeSet::new(),
            holding_groups: BTreeSet::new(),
            rewired: HashMap::new(),
            defects: HashMap::new(),
            reach: Vec::new(),
        }
    }

    /// Walks down from the programmes, tier after tier, so that a buyer's reach is complete before its suppliers'.
    pub(super) fn follow_sources(&mut self) {
        let mut reach = vec![ReachedProgrammes::new(); self.structure.organisations() as usize];
        for programme in 0..self.structure.programmes() {
            self.hand_down(&mut reach, Buyer::Programme(programme), &[programme]);
        }
        for buyer in 0..self.structure.organisations() {
            let above = reach[buyer as usize].clone();
            self.hand_down(&mut reach, Buyer::Firm(buyer), &above);
        }
        self.reach = reach;
    }

    fn hand_down(&self, reach: &mut [ReachedProgrammes], buyer: Buyer, programmes: &[u32]) {
        for source in self.needs(buyer).iter().flat_map(|need| &need.sources) {
            let known = &mut reach[source.supplier as usize];
            for programme in programmes {
                if let Err(index) = known.binary_search(programme) {
                    known.insert(index, *programme);
                }
            }
        }
    }

    /// What `buyer` needs, with what the stories changed.
    pub(super) fn needs(&self, buyer: Buyer) -> Cow<'_, [PlannedNeed]> {
        match self.rewired.get(&buyer) {
            Some(needs) => Cow::Borrowed(needs),
            None => Cow::Owned(self.structure.needs(buyer)),
        }
    }

    /// Replaces the buyer's need of the same item, or adds one.
    pub(super) fn set_need(&mut self, buyer: Buyer, need: PlannedNeed) {
        let needs = self.rewired.entry(buyer).or_insert_with(|| self.structure.needs(buyer));
        needs.retain(|known| known.item != need.item);
        needs.push(need);
    }

    /// Makes all needs of the buyer minor, so that one need that is set afterwards decides.
    pub(super) fn quieten(&mut self, buyer: Buyer) {
        let needs = self.rewired.entry(buyer).or_insert_with(|| self.structure.needs(buyer));
        for need in needs {
            need.class = Class::Minor;
            need.required_share_bp = None;
        }
    }

    pub(super) fn firm(&self, number: u32) -> Firm {
        Firm::new(self.seed, &self.structure, number)
    }

    pub(super) fn organisation(&self, number: u32) -> Organisation {
        name_of(self.seed, &self.structure, number)
    }

    pub(super) fn defect(&self, number: u32) -> Defect {
        let by_chance = || by_chance(self.seed, number, self.structure.tier_of(number));
        self.defects.get(&number).copied().unwrap_or_else(by_chance)
    }

    pub(super) fn set_defect(&mut self, number: u32, defect: Defect) {
        if let Defect::OwnedBy(group) | Defect::HeldThrough(group) = defect {
            self.groups.insert(group);
        }
        if let Defect::HeldThrough(group) = defect {
            self.holding_groups.insert(group);
        }
        self.defects.insert(number, defect);
    }

    /// Whether a story is about this organisation.
    pub(super) fn is_cast(&self, number: u32) -> bool {
        self.defects.contains_key(&number)
    }

    pub(super) fn reach(&self, number: u32) -> &[u32] {
        &self.reach[number as usize]
    }

    /// The highest of what the programmes that it reaches ask.
    pub(super) fn asked(&self, firm: &Firm) -> FirmRequirement {
        let relieved = firm.tier >= 2 || firm.is_abroad();
        self.reach(firm.number).iter().map(|programme| programme_spec(*programme)).fold(
            FirmRequirement::default(),
            |asked, spec| {
                let (cyber_level, headcount) = match spec.clearance {
                    Some(_) if relieved => (RELIEVED_CYBER_LEVEL, 0),
                    Some((_, headcount)) => (spec.cyber_level, headcount),
                    None => (spec.cyber_level, 0),
                };
                FirmRequirement {
                    cyber_level: asked.cyber_level.max(cyber_level),
                    headcount: asked.headcount.max(headcount),
                }
            },
        )
    }

    /// The programmes that ask for cleared people, and say that this organisation needs none.
    pub(super) fn relieving(&self, firm: &Firm) -> impl Iterator<Item = u32> {
        let relieved = firm.tier >= 2 || firm.is_abroad();
        self.reach(firm.number)
            .iter()
            .copied()
            .filter(move |programme| relieved && programme_spec(*programme).clearance.is_some())
    }

    /// The day `days` days before today; after it, if negative.
    pub(super) fn days_ago(&self, days: impl Into<i64>) -> Date {
        self.today.start().plus_days(-days.into()).date()
    }
}

/// What programme `number` asks; the catalogue's programmes come round again.
pub(super) fn programme_spec(number: u32) -> &'static ProgrammeSpec {
    &PROGRAMMES[number as usize % PROGRAMMES.len()]
}

/// The name of programme `number`.
pub(super) fn programme(number: u32) -> Organisation {
    names::programme(programme_spec(number).name, number as usize / PROGRAMMES.len())
}
