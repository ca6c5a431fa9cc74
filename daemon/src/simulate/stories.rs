//! The demonstration's cast: who plays which part, chosen so that the tool's answer is known in advance. Everyone here has
//! a defect in the evidence; who buys what is changed in `rewiring`. A network too small for a part goes without it.

use super::{
    defects::Defect,
    names,
    story::{Expectation, Story},
    world::World,
};

const CYBER: &str = "cyber-posture";
const CLEARANCE: &str = "clearance";
const EXPIRY: &str = "expiry-horizon";

/// The stories of evidence need at least this many organisations.
pub(super) const MIN_CAST: u32 = 200;

/// Which organisations may play a part.
#[derive(Clone, Copy)]
enum Casting {
    /// Tiers 1 and 2: CE Plus and cleared people are asked for.
    Cleared,
    /// Tiers 1 and 2, where a programme asks for four people or more.
    MuchCleared,
    /// Tiers 3 and 4: a small or medium enterprise that must have CE.
    Small,
}

impl Casting {
    fn fits(self, world: &World, number: u32) -> bool {
        let firm = world.firm(number);
        let asked = world.asked(&firm);
        let fits = match self {
            Self::Cleared => asked.cyber_level >= 2 && asked.headcount > 0,
            Self::MuchCleared => asked.cyber_level >= 2 && asked.headcount >= 4,
            Self::Small => firm.tier >= 2 && firm.sme && asked.cyber_level == 1,
        };
        fits && !firm.is_abroad() && !world.is_cast(number)
    }
}

/// Gives everyone in the stories of evidence a part.
pub(super) fn cast(world: &mut World) {
    if world.structure.organisations() < MIN_CAST {
        return;
    }
    let lapses_on = |days: i64, risk_bp| {
        let held_on = world.days_ago(-days).plus_months(-12);
        vec![Expectation::LapsesOn { date: held_on.plus_months(12) }, Expectation::Risk { rule: EXPIRY, risk_bp }]
    };
    // 17 days are left of the 90 that a renewal takes; 5 of 30, with the renewal at hand.
    let (soon, sooner) = (lapses_on(18, 6489), lapses_on(6, 3333));
    let roles = ROLES.iter().map(|(id, part, defect, planted, shows)| (*id, *part, *defect, *planted, shows.to_vec()));
    let roles = roles.chain([
        ("lapsing-soon", Casting::Cleared, Defect::CertificateLapsing(18), "CE Plus lapses in 18 days.", soon),
        (
            "renewed-early",
            Casting::Small,
            Defect::CertificateRenewed(6),
            "CE lapses in 6 days and the next is issued.",
            sooner,
        ),
    ]);
    // Parts are spread over the tiers: each search starts where the last one ended.
    let mut next = 0;
    for (id, part, defect, planted, shows) in roles.collect::<Vec<_>>() {
        let organisations = world.structure.organisations();
        let found = (0..organisations).map(|step| (next + step) % organisations).find(|firm| part.fits(world, *firm));
        let Some(firm) = found else { continue };
        next = firm + 3;
        world.set_defect(firm, defect);
        if defect == Defect::Withdrawn {
            world.worst = Some(firm);
        }
        let mut shows = shows;
        if defect == Defect::CertifiedByAlias {
            shows.push(Expectation::Merged { alias: names::lei(firm) });
        }
        tell(world, id, firm, planted, shows);
    }
}

type StoryRole = (&'static str, Casting, Defect, &'static str, &'static [Expectation]);

const fn cyber(risk_bp: u32) -> Expectation {
    Expectation::Risk { rule: CYBER, risk_bp }
}

const fn clearance(risk_bp: u32) -> Expectation {
    Expectation::Risk { rule: CLEARANCE, risk_bp }
}

const fn risk(rule: &'static str, risk_bp: u32) -> Expectation {
    Expectation::Risk { rule, risk_bp }
}

const fn finding(code: &'static str) -> Expectation {
    Expectation::Finding { code }
}

const fn evidence(kind: &'static str) -> Expectation {
    Expectation::Evidence { kind }
}

const NO_CYBER: &[Expectation] = &[Expectation::Outcome { rule: CYBER, outcome: "unknown" }];

const ROLES: &[StoryRole] = &[
    (
        "worst",
        Casting::MuchCleared,
        Defect::Withdrawn,
        "Facility clearance withdrawn, nobody cleared, CE Plus lapsed 75 days ago.",
        &[clearance(10_000), cyber(9000)],
    ),
    ("lapsed-days", Casting::Cleared, Defect::CertificateLapsed(12), "CE Plus lapsed 12 days ago.", &[cyber(8000)]),
    ("lapsed-months", Casting::Cleared, Defect::CertificateLapsed(60), "CE Plus lapsed 60 days ago.", &[cyber(9000)]),
    ("revoked", Casting::Cleared, Defect::CertificateRevoked, "CE Plus was revoked; CE is left.", &[cyber(7000)]),
    (
        "plus-too-late",
        Casting::Cleared,
        Defect::PlusTooLate,
        "CE Plus came ten days after the three months that follow CE.",
        &[cyber(7000), finding("CEP_WINDOW")],
    ),
    ("plus-missing", Casting::Cleared, Defect::PlusMissing, "CE, where CE Plus is asked for.", &[cyber(7000)]),
    (
        "provisional",
        Casting::Cleared,
        Defect::ClearanceProvisional,
        "Its facility clearance is provisional.",
        &[clearance(5000)],
    ),
    (
        "self-asserted-clearance",
        Casting::Cleared,
        Defect::ClearanceSelfAsserted,
        "Only it says that its facility is cleared.",
        &[clearance(6000)],
    ),
    (
        "sponsor-ended",
        Casting::Cleared,
        Defect::SponsorEnded,
        "The sponsoring contract ended 25 days ago.",
        &[clearance(6000), risk(EXPIRY, 9000)],
    ),
    (
        "reviews-due",
        Casting::Cleared,
        Defect::ReviewsDue,
        "All its cleared people are due for review within 180 days.",
        &[clearance(5000)],
    ),
    (
        "too-few-cleared",
        Casting::Cleared,
        Defect::TooFewCleared,
        "Half of the cleared people it needs.",
        &[clearance(5000)],
    ),
    (
        "suspended",
        Casting::Small,
        Defect::CertificateSuspended,
        "Its CE certificate is suspended.",
        &[cyber(9000), evidence("suspension")],
    ),
    (
        "scope-elsewhere",
        Casting::Small,
        Defect::ScopeElsewhere,
        "Its CE certificate covers another organisation only.",
        &[cyber(9000), finding("SCOPE")],
    ),
    ("certificate-alone", Casting::Small, Defect::CertificateAlone, "CE and nothing on the controls.", &[cyber(6000)]),
    (
        "plan-accepted",
        Casting::Small,
        Defect::PlanAccepted,
        "Its answers fall short; a plan is accepted.",
        &[cyber(5000)],
    ),
    ("no-certificate-1", Casting::Small, Defect::NoCyber, "No cyber evidence at all.", NO_CYBER),
    ("no-certificate-2", Casting::Small, Defect::NoCyber, "No cyber evidence at all.", NO_CYBER),
    ("no-certificate-3", Casting::Small, Defect::NoCyber, "No cyber evidence at all.", NO_CYBER),
    (
        "profile-conflict",
        Casting::Small,
        Defect::ProfileConflict,
        "It tells another region and size of itself than the register.",
        &[finding("CONFLICT")],
    ),
    (
        "incident",
        Casting::Small,
        Defect::IncidentOpen,
        "A severity 2 incident is open.",
        &[evidence("incident"), risk("adverse-events", 5000)],
    ),
    (
        "administration",
        Casting::Small,
        Defect::Administration,
        "It is in administration.",
        &[evidence("entity.status"), risk("adverse-events", 10_000)],
    ),
    (
        "four-regions",
        Casting::Small,
        Defect::FourRegions,
        "It works in four regions alike.",
        &[risk("geography", 1354)],
    ),
    (
        "one-corridor",
        Casting::Small,
        Defect::OneCorridor,
        "It works in two regions, and both use the M6.",
        &[risk("geography", 3000)],
    ),
    (
        "held-through",
        Casting::Cleared,
        Defect::HeldThrough(2),
        "A group holds 75 % of it, and a fund in France holds 40 % of the group: 30 %.",
        &[risk("foci", 3000)],
    ),
    (
        "alias",
        Casting::Small,
        Defect::CertifiedByAlias,
        "Its certificates name its LEI, the network its company number; the register ties the two.",
        &[cyber(0)],
    ),
];

pub(super) fn tell(world: &mut World, id: &'static str, number: u32, planted: &str, shows: Vec<Expectation>) {
    let firm = world.firm(number);
    world.stories.push(Story {
        id,
        organisation: firm.organisation,
        name: firm.name,
        planted: planted.to_owned(),
        shows,
    });
}
