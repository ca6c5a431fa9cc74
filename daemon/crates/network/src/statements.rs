//! What every organisation's attestations say, as numbers, and how a buyer's needs are merged from it.

use super::{
    graph::{Need, Needs, NodeIx, Source},
    interner::Interner,
    profile::Profile,
    statement::{StatedRequirement, Statement},
};
use crate::model::{
    BasisPoints, Date, Organisation,
    claims::{Class, Holding, Text},
};
use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;
use std::{cmp::Reverse, mem};

/// What the attestations about one subject say. Where they contradict each other the first has been kept.
#[derive(Clone, Debug, Default, PartialEq)]
struct SubjectStatements {
    /// Its supplies, sorted by buyer, item and supplier, each once.
    supplies: Box<[Supply]>,
    /// Everything else; absent for most subjects.
    rest: Option<Box<OtherStatements>>,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct OtherStatements {
    profile: Profile,
    /// Its parent.
    parent: Option<NodeIx>,
    /// Its holdings, sorted by owner, each once.
    holdings: Vec<Holding>,
    /// Its notices of items that it stops supplying, sorted by item, each once.
    end_of_life: Vec<(u32, Date)>,
    /// Its requirements, sorted by programme, each once.
    requirements: Vec<(NodeIx, StatedRequirement)>,
}

/// A need, or one source of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Supply {
    buyer: NodeIx,
    item: u32,
    what: SupplyRole,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SupplyRole {
    Need { class: Class, required_share_bp: Option<BasisPoints>, buffer_days: u32 },
    Source { supplier: NodeIx, share_bp: BasisPoints, switch_days: u32, qualified: bool },
}

impl Supply {
    /// What it is about: supplies of one key contradict each other. The need comes before its sources.
    fn key(&self) -> (NodeIx, u32, Option<NodeIx>) {
        let supplier = match self.what {
            SupplyRole::Need { .. } => None,
            SupplyRole::Source { supplier, .. } => Some(supplier),
        };
        (self.buyer, self.item, supplier)
    }
}

/// What a change of statements touches.
#[derive(Clone, Debug, Default)]
pub(super) struct Touched {
    /// Buyers whose needs have to be merged again.
    pub(super) buyers: Vec<NodeIx>,
    /// Organisations that have another parent now.
    pub(super) parents: Vec<NodeIx>,
    /// Organisations that became the parent or an owner of somebody, or ceased to be.
    pub(super) named_as_owner: Vec<NodeIx>,
    /// Suppliers whose notices of items that they stop supplying have changed.
    pub(super) end_of_life: Vec<NodeIx>,
    /// Programmes whose requirements have changed.
    pub(super) programmes: Vec<NodeIx>,
    /// Organisations whose exceptions from a programme's requirements have changed.
    pub(super) exceptions: Vec<NodeIx>,
    /// Organisations that are in other places now.
    pub(super) places: Vec<NodeIx>,
    /// Organisations that recover sooner or later now.
    pub(super) recoveries: Vec<NodeIx>,
    /// Organisations that others own now, or own differently.
    pub(super) holdings: Vec<NodeIx>,
}

/// Everything that is said, by subject.
#[derive(Clone, Debug, Default)]
pub(super) struct Statements {
    pub(super) organisations: Interner<Organisation>,
    pub(super) items: Interner<Text>,
    by_subject: Vec<SubjectStatements>,
    /// By buyer: the other subjects that speak of its needs, if there are any.
    speakers: FxHashMap<NodeIx, Vec<NodeIx>>,
    /// By parent: whose parent it is.
    children: FxHashMap<NodeIx, Vec<NodeIx>>,
    /// By owner: the organisations that it holds a part of, once for each holding.
    held: FxHashMap<Text, Vec<NodeIx>>,
}

impl Statements {
    /// Replaces what `subject`'s attestations say; adds what that changes to `touched`.
    pub(super) fn set(&mut self, subject: &Organisation, statements: Vec<Statement>, touched: &mut Touched) {
        let subject = self.organisations.number(subject);
        let said = self.read(subject, statements);
        self.by_subject.resize_with(self.organisations.len(), SubjectStatements::default);
        let before = mem::replace(&mut self.by_subject[subject as usize], said);
        self.note_supplies(subject, &before, touched);
        self.note_rest(subject, before.rest.as_deref(), touched);
    }

    fn read(&mut self, subject: NodeIx, statements: Vec<Statement>) -> SubjectStatements {
        let mut suppliers = self.read_suppliers(&statements).into_iter();
        let mut supplies: Vec<Supply> = Vec::with_capacity(statements.len());
        // Most subjects state only supplies.
        let mut rest: Option<Box<OtherStatements>> = None;
        for statement in statements {
            // Most are about the subject, and about the item of the one before.
            let item_before = supplies.last().map_or(0, |supply| supply.item);
            match statement {
                Statement::Need { buyer, item, class, required_share_bp, buffer_days } => supplies.push(Supply {
                    buyer: self.organisations.number_again(&buyer, subject),
                    item: self.items.number_again(&item, item_before),
                    what: SupplyRole::Need { class, required_share_bp, buffer_days },
                }),
                Statement::Source { supplier: _, buyer, item, share_bp, qualified, switch_days } => {
                    let supplier = suppliers.next().unwrap_or(subject);
                    supplies.push(Supply {
                        buyer: self.organisations.number_again(&buyer, subject),
                        item: self.items.number_again(&item, item_before),
                        what: SupplyRole::Source { supplier, share_bp, switch_days, qualified },
                    });
                }
                Statement::EndOfLife { item, last_order_on } => {
                    rest.get_or_insert_default().end_of_life.push((self.items.number(&item), last_order_on));
                }
                Statement::Profile(said) => {
                    let rest = rest.get_or_insert_default();
                    if rest.profile.name.is_none() {
                        let parent = said.parent.as_ref().map(|parent| self.organisations.number(parent));
                        rest.parent = parent.filter(|parent| *parent != subject);
                    }
                    rest.profile.identify(said);
                }
                Statement::Site(site) => rest.get_or_insert_default().profile.add_site(site),
                Statement::Recovery(plan) => rest.get_or_insert_default().profile.add_plan(&plan),
                Statement::Capability(could) => rest.get_or_insert_default().profile.add_capability(could),
                Statement::Holding(holding) => {
                    holding.organisation().inspect(|owner| _ = self.organisations.number(owner));
                    rest.get_or_insert_default().holdings.push(holding);
                }
                Statement::Requirement(asked) => {
                    let requirements = &mut rest.get_or_insert_default().requirements;
                    requirements.push((self.organisations.number(&asked.programme), asked));
                }
            }
        }
        supplies.sort_by_key(Supply::key);
        supplies.dedup_by_key(|supply| supply.key());
        if let Some(rest) = &mut rest {
            rest.holdings.sort_by(|a, b| a.owner.cmp(&b.owner));
            rest.holdings.dedup_by(|a, b| a.owner == b.owner);
            rest.end_of_life.sort_by_key(|(item, _)| *item);
            rest.end_of_life.dedup_by_key(|(item, _)| *item);
            rest.requirements.sort_by_key(|(programme, _)| *programme);
            rest.requirements.dedup_by_key(|(programme, _)| *programme);
        }
        SubjectStatements { supplies: supplies.into(), rest: rest.filter(|rest| **rest != OtherStatements::default()) }
    }

    /// The suppliers of all sources in `statements`. Their names are scattered in memory: looking them up in
    /// one go lets the processor wait for many at once.
    fn read_suppliers(&mut self, statements: &[Statement]) -> SmallVec<[NodeIx; 16]> {
        let suppliers = statements.iter().filter_map(|statement| match statement {
            Statement::Source { supplier, .. } => Some(supplier),
            _ => None,
        });
        suppliers.map(|supplier| self.organisations.number(supplier)).collect()
    }

    fn note_supplies(&mut self, subject: NodeIx, before: &SubjectStatements, touched: &mut Touched) {
        let after = &self.by_subject[subject as usize];
        let mut changed: SmallVec<[NodeIx; 16]> = SmallVec::new();
        for (one, other) in [(before, after), (after, before)] {
            changed.extend(one.supplies.iter().filter(|supply| !other.has(supply)).map(|supply| supply.buyer));
        }
        changed.sort_unstable();
        changed.dedup();
        for buyer in &changed {
            if *buyer == subject {
                continue;
            }
            let speakers = self.speakers.entry(*buyer).or_default();
            match (speakers.binary_search(&subject), after.about(*buyer).is_empty()) {
                (Ok(index), true) => drop(speakers.remove(index)),
                (Err(index), false) => speakers.insert(index, subject),
                _ => {}
            }
            if speakers.is_empty() {
                self.speakers.remove(buyer);
            }
        }
        touched.buyers.extend(changed);
    }

    fn note_rest(&mut self, subject: NodeIx, before: Option<&OtherStatements>, touched: &mut Touched) {
        if before.is_none() && self.by_subject[subject as usize].rest.is_none() {
            return;
        }
        let none = OtherStatements::default();
        let before = before.unwrap_or(&none);
        let after = self.by_subject[subject as usize].rest.as_deref().unwrap_or(&none);
        if before.end_of_life != after.end_of_life {
            touched.end_of_life.push(subject);
        }
        if before.requirements != after.requirements {
            touched.programmes.push(subject);
            touched.exceptions.push(subject);
        }
        if !before.profile.is_placed_as(&after.profile) {
            touched.places.push(subject);
        }
        if before.profile.recover_days != after.profile.recover_days {
            touched.recoveries.push(subject);
        }
        if before.holdings != after.holdings {
            touched.holdings.push(subject);
            let owners = before.holdings.iter().chain(&after.holdings).filter_map(Holding::organisation);
            touched.named_as_owner.extend(owners.filter_map(|owner| self.organisations.find(&owner)));
            for holding in &before.holdings {
                let held = self.held.get_mut(&holding.owner.0).into_iter();
                held.for_each(|held| held.retain(|one| *one != subject));
            }
            for holding in &after.holdings {
                self.held.entry(holding.owner.0.clone()).or_default().push(subject);
            }
        }
        if before.parent != after.parent {
            touched.parents.push(subject);
            touched.named_as_owner.extend(before.parent.into_iter().chain(after.parent));
            if let Some(children) = before.parent.and_then(|before| self.children.get_mut(&before)) {
                children.retain(|child| *child != subject);
            }
            if let Some(after) = after.parent {
                self.children.entry(after).or_default().push(subject);
            }
        }
    }

    /// The needs of `buyer` by item name, their sources by supplier name.
    ///
    /// Where several subjects state the same need or source, the buyer counts, then the supplier, then the subject whose name
    /// comes first. A source whose need nobody states implies a critical need without stock that any one source meets.
    pub(super) fn needs_of(&self, buyer: NodeIx) -> Needs {
        let mut supplies: SmallVec<[(NodeIx, Supply); 8]> = SmallVec::new();
        let speakers = self.speakers.get(&buyer).map_or(&[][..], Vec::as_slice);
        for speaker in speakers.iter().copied().chain([buyer]) {
            let about = self.by_subject[speaker as usize].about(buyer);
            supplies.extend(about.iter().map(|supply| (speaker, *supply)));
        }
        supplies.sort_by(|(a_speaker, a), (b_speaker, b)| {
            let belief = |speaker: NodeIx, supply: &Supply| {
                let is_supplier = supply.key().2 == Some(speaker);
                (Reverse(speaker == buyer), Reverse(is_supplier), self.organisations.name(speaker))
            };
            a.key().cmp(&b.key()).then_with(|| belief(*a_speaker, a).cmp(&belief(*b_speaker, b)))
        });
        supplies.dedup_by_key(|(_, supply)| supply.key());
        let mut by_item: SmallVec<[&[(NodeIx, Supply)]; 4]> =
            supplies.chunk_by(|(_, a), (_, b)| a.item == b.item).collect();
        by_item.sort_by_key(|supplies| supplies.first().map(|(_, supply)| self.items.name(supply.item)));
        let mut needs = Needs::default();
        by_item.into_iter().for_each(|supplies| self.push_need(supplies, &mut needs));
        needs
    }

    fn push_need(&self, supplies: &[(NodeIx, Supply)], needs: &mut Needs) {
        let item = supplies.first().map_or(0, |(_, supply)| supply.item);
        let mut need = Need { item, class: Class::Critical, required_share_bp: None, buffer_days: 0, sources: &[] };
        let mut sources: SmallVec<[Source; 8]> = SmallVec::new();
        for (_, supply) in supplies {
            match supply.what {
                SupplyRole::Need { class, required_share_bp, buffer_days } => {
                    need = Need { class, required_share_bp, buffer_days, ..need };
                }
                SupplyRole::Source { supplier, share_bp, switch_days, qualified } => {
                    sources.push(Source { supplier, share_bp, switch_days, qualified, active: share_bp > 0 });
                }
            }
        }
        sources.sort_by_key(|source| self.organisations.name(source.supplier));
        needs.push(Need { sources: &sources, ..need });
    }

    /// The last of the chain of parents; on a cycle of parents, the one of them whose name comes first.
    pub(super) fn ultimate_parent(&self, organisation: NodeIx) -> NodeIx {
        let Some(mut last) = self.parent(organisation) else { return organisation };
        let mut chain = vec![organisation];
        loop {
            if let Some(met) = chain.iter().position(|link| *link == last) {
                let cycle = chain[met..].iter().copied();
                return cycle.min_by_key(|link| self.organisations.name(*link)).unwrap_or(last);
            }
            let Some(parent) = self.parent(last) else { return last };
            chain.push(last);
            last = parent;
        }
    }

    /// `organisation` and all whose chain of parents passes through it.
    pub(super) fn descendants(&self, organisation: NodeIx) -> Vec<NodeIx> {
        closure(organisation, |parent| self.children.get(&parent))
    }

    /// `organisation` and all that it holds a part of, directly or through others.
    pub(super) fn holds(&self, organisation: NodeIx) -> Vec<NodeIx> {
        closure(organisation, |owner| self.held_by(owner))
    }

    /// The last day for orders of `item` from `supplier`, if it stops supplying it.
    pub(super) fn last_order_on(&self, supplier: NodeIx, item: u32) -> Option<Date> {
        let notices = &self.rest(supplier)?.end_of_life;
        notices.binary_search_by_key(&item, |(item, _)| *item).ok().map(|index| notices[index].1)
    }

    /// What is said about `subject` for the programmes, sorted by programme.
    pub(super) fn requirements(&self, subject: NodeIx) -> &[(NodeIx, StatedRequirement)] {
        self.rest(subject).map_or(&[], |rest| &rest.requirements)
    }

    fn parent(&self, organisation: NodeIx) -> Option<NodeIx> {
        self.rest(organisation)?.parent
    }

    /// Whether anybody else names it as a parent or as an owner.
    pub(super) fn is_owner(&self, organisation: NodeIx) -> bool {
        let is_parent = || self.children.get(&organisation).is_some_and(|children| !children.is_empty());
        let holds = || self.held_by(organisation).is_some_and(|held| held.iter().any(|one| *one != organisation));
        is_parent() || holds()
    }

    /// The organisations that it holds a part of, once for each holding.
    fn held_by(&self, owner: NodeIx) -> Option<&Vec<NodeIx>> {
        self.held.get(self.organisations.name(owner).as_str())
    }

    /// What is said of `subject` itself.
    pub(super) fn profile(&self, subject: NodeIx) -> Option<&Profile> {
        self.rest(subject).map(|rest| &rest.profile)
    }

    /// Who holds a part of `subject`, sorted by owner.
    pub(super) fn holdings(&self, subject: NodeIx) -> &[Holding] {
        self.rest(subject).map_or(&[], |rest| &rest.holdings)
    }

    fn rest(&self, subject: NodeIx) -> Option<&OtherStatements> {
        self.by_subject.get(subject as usize)?.rest.as_deref()
    }
}

/// `first` and all that is found by following `next` from it.
fn closure<'a>(first: NodeIx, next: impl Fn(NodeIx) -> Option<&'a Vec<NodeIx>>) -> Vec<NodeIx> {
    let mut seen = FxHashSet::from_iter([first]);
    let mut found = vec![first];
    let mut read = 0;
    while let Some(node) = found.get(read) {
        found.extend(next(*node).into_iter().flatten().filter(|node| seen.insert(**node)));
        read += 1;
    }
    found
}

impl SubjectStatements {
    fn has(&self, supply: &Supply) -> bool {
        let found = self.supplies.binary_search_by_key(&supply.key(), Supply::key);
        found.is_ok_and(|index| self.supplies[index] == *supply)
    }

    /// What is said of the needs of `buyer`.
    fn about(&self, buyer: NodeIx) -> &[Supply] {
        let start = self.supplies.partition_point(|supply| supply.buyer < buyer);
        let count = self.supplies[start..].partition_point(|supply| supply.buyer == buyer);
        &self.supplies[start..start + count]
    }
}

/// What is said for `programme`, among what is said of one subject.
pub(super) fn find(requirements: &[(NodeIx, StatedRequirement)], programme: NodeIx) -> Option<&StatedRequirement> {
    let index = requirements.binary_search_by_key(&programme, |(programme, _)| *programme).ok()?;
    Some(&requirements[index].1)
}
