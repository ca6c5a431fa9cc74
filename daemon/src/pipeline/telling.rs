//! What the log says of scores that move: a line each where each has its own cause, one line for all where they share a cause,
//! as a reload or midnight.

use crate::{model::BasisPoints, policy::Change, scoring::evaluation::Scored, store::Withdrawn};
use std::cmp::Reverse;

/// Most scores with a line each where the passing of time moves them.
const MAX_TOLD_ONE_BY_ONE: usize = 20;
/// Most suppliers that a line for all names.
const MAX_NAMED: usize = 5;

/// Why scores may move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Occasion {
    /// Evidence came or went: each score moves for its own reason.
    Evidence,
    /// The store held no score, and the feeds are not read through yet: the number of suppliers is logged once they are.
    FirstIntake,
    /// Another configuration, policy or plugin was taken: the line of the reload says what it moves.
    Reload,
    /// The same, while nothing could be scored: what it moves is logged once that is known.
    ReloadPutOff,
    /// The daemon has not run for a while, or ran with another configuration.
    Start,
    /// A day is over, or something starts or stops to hold.
    Time,
}

/// Logs one evaluation.
pub(super) struct Telling {
    occasion: Occasion,
    moves: Moves,
    /// Lines that are logged one by one if there are only a few.
    waiting: Vec<Decision>,
}

/// What an evaluation changed in existing scores.
#[derive(Debug, Default)]
pub(super) struct Moves {
    /// Suppliers whose risk or band changed.
    pub(super) moved: usize,
    /// Suppliers that are in another band now.
    pub(super) rebanded: usize,
    /// Suppliers that have no score any more.
    pub(super) withdrawn: usize,
    /// The suppliers to name, in this order.
    named: Vec<(Weight, String)>,
}

/// Decides who is named first: who has no score any more, then who is in another band, then who moves furthest.
type Weight = (bool, bool, u64);

/// What a line is about.
enum Decision {
    Score(Box<Scored>),
    Withdrawal(Withdrawn),
}

/// The line of one score: the movement for people, and its figures in points for programs.
macro_rules! tell_score {
    ($level:ident, $one:expr) => {
        if let Scored { score, change: Some(change), .. } = $one {
            tracing::$level!(
                organisation = %score.organisation,
                name = score.name.as_ref().map(|name| name.as_str()),
                risk_before = change.before.as_ref().and_then(|before| points(before.risk_bp)),
                risk_after = points(change.after.risk_bp),
                band_before = change.before.as_ref().map(|before| &*before.band),
                band_after = &*change.after.band,
                cause = change.cause(),
                provenance = %score.provenance.digest.short(),
                "{}",
                change.headline()
            );
        }
    };
}

/// The line of one organisation that has no score, or no exposure, any more.
macro_rules! tell_withdrawal {
    ($level:ident, $one:expr) => {{
        let Withdrawn { organisation, merged_into, cause } = $one;
        let (code, sentence) = (cause.as_str(), cause.sentence());
        if organisation.is_programme() {
            tracing::$level!(programme = %organisation, cause = code, "it has no exposure any more: {sentence}");
        } else {
            let merged_into = merged_into.as_ref().map_or("", |name| name.as_str());
            tracing::$level!(%organisation, merged_into, cause = code, "it has no score any more: {sentence}");
        }
    }};
}

/// Basis points as points of 100.
fn points(risk_bp: Option<BasisPoints>) -> Option<f64> {
    risk_bp.map(|risk_bp| f64::from(risk_bp) / 100.0)
}

impl Decision {
    fn tell(&self) {
        match self {
            Self::Score(one) => tell_score!(info, &**one),
            Self::Withdrawal(one) => tell_withdrawal!(info, one),
        }
    }

    fn tell_in_detail(&self) {
        match self {
            Self::Score(one) => tell_score!(debug, &**one),
            Self::Withdrawal(one) => tell_withdrawal!(debug, one),
        }
    }
}

impl Telling {
    pub(super) fn new(occasion: Occasion) -> Self {
        Self { occasion, moves: Moves::default(), waiting: Vec::new() }
    }

    /// Notes a score that is stored.
    pub(super) fn score(&mut self, one: Scored) {
        let Some(change) = &one.change else { return };
        if self.moves.count(change) {
            self.decide(Decision::Score(Box::new(one)));
        } else {
            tell_score!(debug, &one);
        }
    }

    /// Notes an organisation whose score or exposure is withdrawn.
    pub(super) fn withdrawal(&mut self, one: Withdrawn) {
        self.moves.count_withdrawal(&one);
        self.decide(Decision::Withdrawal(one));
    }

    fn decide(&mut self, decision: Decision) {
        match self.occasion {
            Occasion::Evidence => decision.tell(),
            Occasion::FirstIntake | Occasion::Reload | Occasion::ReloadPutOff => decision.tell_in_detail(),
            Occasion::Start | Occasion::Time if !self.is_much() => self.waiting.push(decision),
            Occasion::Start | Occasion::Time => {
                self.waiting.drain(..).for_each(|decision| decision.tell_in_detail());
                decision.tell_in_detail();
            }
        }
    }

    /// Whether one line stands for all.
    fn is_much(&self) -> bool {
        self.moves.moved + self.moves.withdrawn > MAX_TOLD_ONE_BY_ONE
    }

    /// Logs what waits, and returns what the evaluation changed; `suppliers` have a score now.
    pub(super) fn end(self, suppliers: usize) -> Moves {
        self.waiting.iter().for_each(Decision::tell);
        let Moves { moved, rebanded, withdrawn, .. } = self.moves;
        let because = match self.occasion {
            Occasion::ReloadPutOff => "by the last reload",
            Occasion::Start => "since the daemon last ran",
            Occasion::Time => "by the passing of time",
            Occasion::Evidence | Occasion::FirstIntake | Occasion::Reload => return self.moves,
        };
        if self.occasion == Occasion::ReloadPutOff || self.is_much() {
            tracing::info!(moved, rebanded, withdrawn, "{because}, {}", self.moves.of(suppliers + withdrawn));
        }
        self.moves
    }
}

impl Moves {
    /// Counts a score that changed; false when it is the first, or when neither its risk nor its band changed.
    fn count(&mut self, change: &Change) -> bool {
        let Some(before) = change.before.as_ref().filter(|_| change.moves()) else { return false };
        let is_rebanded = before.band != change.after.band;
        self.moved += 1;
        self.rebanded += usize::from(is_rebanded);
        let moved_bp = change.moved_bp().map_or(u64::MAX, i64::unsigned_abs);
        self.name((false, is_rebanded, moved_bp), || format!("{} {}", change.organisation, change.headline()));
        true
    }

    fn count_withdrawal(&mut self, one: &Withdrawn) {
        if one.organisation.is_programme() {
            return;
        }
        self.withdrawn += 1;
        self.name((true, false, 0), || format!("{} without a score", one.organisation));
    }

    /// Adds a supplier to those to name, if it is among the first.
    fn name(&mut self, weight: Weight, text: impl FnOnce() -> String) {
        let index = self.named.partition_point(|(other, _)| Reverse(*other) <= Reverse(weight));
        if index < MAX_NAMED {
            self.named.insert(index, (weight, text()));
            self.named.truncate(MAX_NAMED);
        }
    }

    /// `146 of 302 suppliers move, 2 into another band, most of all CAGE:9A00P 30.9 → 90.0 (+59.1, moderate → critical); …`
    pub(super) fn of(&self, suppliers: usize) -> String {
        let Self { moved, rebanded, withdrawn, named } = self;
        let mut said = format!("{moved} of {suppliers} suppliers move, {rebanded} into another band");
        if *withdrawn > 0 {
            said += &format!(", and {withdrawn} have no score any more");
        }
        let named: Vec<&str> = named.iter().map(|(_, text)| text.as_str()).collect();
        match named.len() {
            0 => said,
            few if few == moved + withdrawn => format!("{said}: {}", named.join("; ")),
            _ => format!("{said}, most of all {}", named.join("; ")),
        }
    }
}

impl<'a> FromIterator<&'a Change> for Moves {
    fn from_iter<I: IntoIterator<Item = &'a Change>>(changes: I) -> Self {
        let mut moves = Self::default();
        for change in changes {
            let _ = moves.count(change);
        }
        moves
    }
}
