//! What the running daemon knows: the evidence, the network and the current score of every supplier. The clock is an
//! argument and nothing is stored here, so a test can walk it through years, and a start from the store rebuilds it.

use super::{
    answer::{Answer, Archive},
    circuit_breaker::CircuitBreakers,
    costs::Costs,
    credentials::Credentials,
    evaluation::{FleetEvaluation, Scored},
    exposures::{Exposures, Inputs},
    group_by::GroupBy,
    parallel::in_parallel,
    rule_ix::RuleMap,
    scorer::{Scorer, ScoringCase, settled},
};
use crate::{
    attest::{Ledger, Remit},
    model::{
        Attestation, Claims, Digest, Exposure, Facts, Instant, Organisation, OrganisationIx, Score, claims::Named,
    },
    network::{Network, Profile, Statement},
    policy::{self, Policy, Standing},
    store::{WithdrawalCause, Withdrawn},
};
use rustc_hash::{FxHashMap, FxHashSet};
use std::{mem, sync::Arc};

/// Suppliers scored and stored together: bounds the memory of an evaluation of all.
const PART_SUPPLIERS: usize = 8192;

/// The whole state of scoring.
pub struct Fleet {
    ledger: Ledger,
    network: Network,
    pub(super) members: FxHashMap<Organisation, ScoredMember>,
    /// By organisation, for everybody about whom anything is in force.
    known: FxHashMap<Organisation, HeldEvidence>,
    /// Organisations with a score or an exposure in the store; the first evaluation checks whether anything supports it.
    restored: Vec<Organisation>,
    /// Organisations named by stored attestations that today's keys and grants do not admit; also until the first evaluation.
    left_out: FxHashSet<Organisation>,
    pub(super) exposures: Exposures,
    /// Midnight of the day for which everything has been evaluated.
    pub(super) day: Option<Instant>,
    /// Organisations whose rules the next evaluation must look at.
    dirty: FxHashSet<OrganisationIx>,
    pub(super) circuit_breakers: CircuitBreakers,
    /// On how many suppliers each shadow answers differently from the version that counts; 0 for those that count.
    pub(super) differing: RuleMap<usize>,
}

/// What is known of an organisation beside what the network is told of it.
struct HeldEvidence {
    credentials: Credentials,
    /// Its claims about the supply of others that nobody else confirms; they are in no figure.
    hearsay: Box<[Claims]>,
}

/// One scored supplier.
#[derive(Default)]
pub(super) struct ScoredMember {
    facts: Option<(Arc<Facts>, Digest)>,
    /// Each rule's last answer.
    pub(super) answers: RuleMap<Option<Answer>>,
    /// The current score, as stored.
    standing: Option<Standing>,
}

impl Fleet {
    /// Without any organisation.
    #[must_use]
    pub fn new(ledger: Ledger) -> Self {
        Self {
            ledger,
            network: Network::default(),
            members: FxHashMap::default(),
            known: FxHashMap::default(),
            restored: Vec::new(),
            left_out: FxHashSet::default(),
            exposures: Exposures::new(),
            day: None,
            dirty: FxHashSet::default(),
            circuit_breakers: CircuitBreakers::default(),
            differing: RuleMap::default(),
        }
    }

    /// Takes in an attestation that is new to the store.
    pub fn insert(&mut self, attestation: Arc<Attestation>, remit: &Remit) {
        self.ledger.insert(attestation, remit);
    }

    /// Takes back the score that the store holds for an organisation, at start.
    pub fn restore(&mut self, organisation: Organisation, standing: Standing) {
        self.restored.push(organisation.clone());
        self.members.entry(organisation).or_default().standing = Some(standing);
    }

    /// Takes back the exposure that the store holds for an organisation, at start.
    pub(crate) fn restore_exposure(&mut self, organisation: Organisation, exposure: Exposure) {
        self.restored.push(organisation.clone());
        self.exposures.restore(organisation, exposure);
    }

    /// Notes an attestation that is in the store and that today's keys and grants do not admit. Whoever is known only by such
    /// has no score, with this as the reason.
    pub fn leave_out(&mut self, mut attestation: Attestation) {
        for name in attestation.claims.named() {
            if let Named::Organisation(name) = name {
                self.left_out.insert(name.clone());
            }
        }
        self.left_out.insert(attestation.subject);
    }

    /// How many organisations have a score although nothing in the ledger is about them.
    #[must_use]
    pub fn unknown(&self) -> usize {
        let is_known =
            |name: &Organisation| self.ledger.resolve(name).is_some_and(|ix| self.ledger.is_organisation(ix));
        self.standings().filter(|(name, _)| !is_known(name)).count()
    }

    /// The evidence that is known.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The supply network that the evidence makes.
    #[must_use]
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// What `organisation` holds, as of the last evaluation.
    #[must_use]
    pub(crate) fn credentials(&self, organisation: &Organisation) -> Option<&Credentials> {
        self.known.get(organisation).map(|known| &known.credentials)
    }

    /// What is said of the supply of others on its subject's word alone, with that subject, as of the last evaluation. It
    /// is in no figure: the buyer, a third party or an authority may have said the same since.
    pub(crate) fn hearsay(&self) -> impl Iterator<Item = (&Organisation, &Claims)> {
        self.known.iter().flat_map(|(name, known)| known.hearsay.iter().map(move |claims| (name, claims)))
    }

    /// Whether anything supports a score of `name`: something in force about it, or others whose supply or ownership names it.
    /// An organisation of which nobody has ever said more than that it owns another is only a name in a chain of owners.
    fn is_supported(&self, name: &Organisation) -> bool {
        let stands = |ix: OrganisationIx| self.ledger.name(ix) == name && self.ledger.is_organisation(ix);
        self.ledger.resolve(name).is_some_and(stands) && (self.known.contains_key(name) || self.network.is_named(name))
    }

    /// The exposures of everybody, as of the last evaluation.
    #[must_use]
    pub fn exposures(&self) -> &Exposures {
        &self.exposures
    }

    /// Whether what suppliers cost may have changed since it was last computed.
    #[must_use]
    pub(crate) fn are_costs_stale(&self) -> bool {
        self.exposures.are_costs_stale
    }

    /// What every supplier costs the programmes, as of the last evaluation.
    pub(crate) fn take_costs(&mut self) -> Costs {
        self.exposures.are_costs_stale = false;
        Costs::of(&self.network, &self.exposures)
    }

    /// The standing of `organisation`, if it has a score.
    #[must_use]
    pub fn standing(&self, organisation: &Organisation) -> Option<&Standing> {
        self.members.get(organisation)?.standing.as_ref()
    }

    /// The standing of every scored supplier.
    pub(crate) fn standings(&self) -> impl Iterator<Item = (&Organisation, &Standing)> {
        self.members.iter().filter_map(|(name, member)| member.standing.as_ref().map(|standing| (name, standing)))
    }

    /// The next instant after `now` at which a score can change with nothing arriving.
    #[must_use]
    pub(crate) fn next_wake(&self, now: Instant) -> Instant {
        let others = [self.ledger.next_boundary(now), self.circuit_breakers.next_retry(now)];
        others.into_iter().flatten().fold(now.midnight().plus_days(1), Instant::min)
    }

    /// Brings every score up to date at `now`: first the network's statements of those that changed, then the facts of those that
    /// these reach, then the rules whose inputs changed, then the scores. `each` gets the results in parts of bounded size.
    ///
    /// # Errors
    /// The first that `each` returns; what it did not get is evaluated again the next time.
    pub fn evaluate<E>(
        &mut self,
        scorer: &Scorer,
        now: Instant,
        archive: Archive<'_>,
        mut each: impl FnMut(FleetEvaluation) -> Result<(), E>,
    ) -> Result<(), E> {
        let (touched, withdrawn) = self.take_in(now);
        if !withdrawn.is_empty() {
            each(FleetEvaluation { withdrawn, ..FleetEvaluation::default() })?;
        }
        let mut parts = touched.chunks(PART_SUPPLIERS).peekable();
        if parts.peek().is_none() {
            let exposures = self.settle_exposures(scorer.policy());
            if !exposures.is_empty() {
                each(FleetEvaluation { exposures, ..FleetEvaluation::default() })?;
            }
        }
        while let Some(part) = parts.next() {
            let mut evaluation = FleetEvaluation::default();
            let cases: Vec<ScoringCase> = part.iter().filter_map(|name| self.case(name, now)).collect();
            let assessments = self.assess(scorer, now, &cases, archive, &mut evaluation.runs);
            let scores = in_parallel(cases.into_iter().zip(assessments).collect(), |(case, assessments)| {
                let score = scorer.score(&case, assessments);
                (case.facts, score)
            });
            evaluation.scored = scores.into_iter().map(|(facts, score)| self.stand(score, facts)).collect();
            if parts.peek().is_none() {
                evaluation.exposures = self.settle_exposures(scorer.policy());
            }
            each(evaluation)?;
        }
        Ok(())
    }

    /// Brings network and exposures up to date at `now` from the scores that stand, without any rule: what questions about
    /// a stored state need.
    pub(crate) fn settle_without_rules(&mut self, policy: &Policy, now: Instant) {
        let _ = self.take_in(now);
        let _ = self.settle_exposures(policy);
    }

    /// Tells the network of everything that has changed until `now`; returns whom that may touch and who is gone.
    fn take_in(&mut self, now: Instant) -> (Vec<Organisation>, Vec<Withdrawn>) {
        self.dirty.extend(self.ledger.due(now));
        self.dirty.extend(self.ledger.take_dirty());
        if self.day != Some(now.midnight()) || self.circuit_breakers.take_due(now) {
            self.day = Some(now.midnight());
            self.dirty.extend(self.ledger.organisations());
        }
        let dirty = mem::take(&mut self.dirty);
        self.settle_network(&dirty, now)
    }

    /// The exposures that changed, now that the scores stand.
    fn settle_exposures(&mut self, policy: &Policy) -> Vec<(Organisation, Exposure)> {
        let mut exposures = mem::take(&mut self.exposures);
        let standing = |name: &Organisation| self.standing(name);
        let inputs = Inputs {
            network: &self.network,
            own: |name: &Organisation| policy.own_probability(standing(name)),
            policy: policy.exposure(),
        };
        let counts = |name: &Organisation| match name.is_programme() {
            true => self.is_supported(name),
            false => standing(name).is_some(),
        };
        let moved = exposures.settle(&inputs, counts);
        self.exposures = exposures;
        moved
    }

    /// Tells the network what the evidence of `dirty` says now; returns every supplier whose evidence or facts may have
    /// changed, and those that no longer have a score of their own.
    fn settle_network(
        &mut self,
        dirty: &FxHashSet<OrganisationIx>,
        now: Instant,
    ) -> (Vec<Organisation>, Vec<Withdrawn>) {
        let mut touched = FxHashSet::from_iter(mem::take(&mut self.restored));
        for ix in dirty {
            let name = self.ledger.name(*ix).clone();
            let (statements, known) =
                if self.ledger.is_organisation(*ix) { self.statements(*ix, now) } else { (Vec::new(), None) };
            self.network.set(&name, statements);
            match known {
                Some(known) => drop(self.known.insert(name.clone(), known)),
                None => drop(self.known.remove(&name)),
            }
            touched.insert(name);
        }
        for name in self.network.settle() {
            if let Some(member) = self.members.get_mut(&name) {
                member.facts = None;
            }
            self.exposures.touched.insert(name.clone());
            touched.insert(name);
        }
        let (supported, gone): (Vec<_>, Vec<_>) = touched.into_iter().partition(|name| self.is_supported(name));
        let mut touched: Vec<Organisation> = supported.into_iter().filter(|name| !name.is_programme()).collect();
        touched.sort_unstable();
        let mut withdrawn: Vec<Withdrawn> = gone.into_iter().filter_map(|name| self.withdraw(name)).collect();
        withdrawn.sort_unstable_by(|one, other| one.organisation.cmp(&other.organisation));
        self.left_out = FxHashSet::default();
        (touched, withdrawn)
    }

    /// Forgets the score and the exposure of an organisation that nothing supports; `None` when it has neither.
    fn withdraw(&mut self, name: Organisation) -> Option<Withdrawn> {
        let had_score = self.forget(&name).is_some_and(|member| member.standing.is_some());
        let had_exposure = self.exposures.remove(&name);
        self.exposures.touched.insert(name.clone());
        let stands_for_it = self.ledger.canonical(&name);
        let cause = if stands_for_it != name {
            WithdrawalCause::Merged
        } else if self.left_out.contains(&name) {
            WithdrawalCause::NotAdmitted
        } else {
            WithdrawalCause::NothingInForce
        };
        let merged_into = (cause == WithdrawalCause::Merged).then_some(stands_for_it);
        (had_score || had_exposure).then_some(Withdrawn { organisation: name, merged_into, cause })
    }

    /// What the evidence of one organisation that is valid now says about the network, with every name in its canonical
    /// form, and what else is known of it; `None` when nothing about it is in force.
    fn statements(&self, ix: OrganisationIx, now: Instant) -> (Vec<Statement>, Option<HeldEvidence>) {
        let evidence = self.ledger.evidence(ix, now);
        if evidence.in_force.is_empty() {
            return (Vec::new(), None);
        }
        let valid = || evidence.in_force.iter().filter(|attestation| attestation.is_valid_at(now));
        let (mut statements, mut hearsay) = (Vec::new(), Vec::new());
        for attestation in valid() {
            let mut claims = attestation.claims.clone();
            claims.rename(|name| self.ledger.canonical(name));
            if let Claims::ContinuityRecovery(plan) = &mut claims {
                plan.recover_days = plan.time_to_recover(attestation.trust);
            }
            if attestation.is_hearsay(|other, subject| self.ledger.canonical(other) == self.ledger.canonical(subject)) {
                hearsay.push(claims);
            } else {
                statements.extend(Statement::from_claims(&claims));
            }
        }
        (statements, Some(HeldEvidence { credentials: Credentials::of(valid()), hearsay: hearsay.into() }))
    }

    /// Everything that the score of `name` is made from at `now`; `None` when nothing was ever said about it.
    pub fn case(&mut self, name: &Organisation, now: Instant) -> Option<ScoringCase> {
        let ix = self.ledger.resolve(name)?;
        let member = self.members.entry(name.clone()).or_default();
        let (facts, facts_digest) = member
            .facts
            .get_or_insert_with(|| {
                let facts = self.network.facts(name);
                let digest = facts.digest();
                (facts, digest)
            })
            .clone();
        let evidence = self.ledger.evidence(ix, now);
        let as_of = settled(evidence.in_force.iter(), now);
        Some(ScoringCase {
            organisation: name.clone(),
            names: self.ledger.names(ix).to_vec(),
            evidence,
            facts,
            facts_digest,
            as_of,
        })
    }

    /// Makes `score` the current one, and decides whether it says something new.
    fn stand(&mut self, score: Score, facts: Arc<Facts>) -> Scored {
        let member = self.members.entry(score.organisation.clone()).or_default();
        let before = member.standing.replace(Standing::from(&score));
        let moved = before != member.standing;
        let change = if moved { policy::change(before.as_ref(), &score) } else { None };
        let facts_before = before.as_ref().map(|before| before.facts);
        let same =
            before.as_ref().zip(member.standing.as_ref()).is_some_and(|(before, after)| before.is_as_likely(after));
        if !same {
            self.exposures.touched.insert(score.organisation.clone());
        }

        let profile = self.network.profile(&score.organisation);
        let nobody = Profile::default();
        let in_groups = |by: GroupBy| {
            let groups = by.groups_of(profile.unwrap_or(&nobody), facts.impact.tier, &facts.requirement.programmes);
            groups.into_iter().map(move |group| (by, group))
        };
        let groups = GroupBy::ALL.into_iter().flat_map(in_groups).collect();
        Scored { score, facts, facts_before, moved, groups, change }
    }
}
