//! Who the organisations are, where they work, who owns them, and which facts follow.

use super::{need, organisation, profile, source};
use crate::{
    Network, StatedRequirement, Statement,
    model::{
        Claims, Organisation,
        claims::Kind,
        facts::{Impact, NeedFacts, Ownership},
    },
};

fn said(kind: &str, claims: &str) -> Statement {
    let claims = Claims::parse(&Kind::named(kind), claims).expect("claims");
    Statement::from_claims(&claims).expect("about the network")
}

fn network(said: Vec<(&str, Vec<Statement>)>) -> Network {
    let mut network = Network::default();
    for (subject, statements) in said {
        network.set(&organisation(subject), statements);
    }
    network.settle();
    network
}

fn site(region: &str, share_bp: u32, corridors: &[&str]) -> Statement {
    let claims = serde_json::json!({"region": region, "share_bp": share_bp, "corridors": corridors});
    said("site", &claims.to_string())
}

fn holding(owner: &str, country: &str, percent: f64) -> Statement {
    let claims = serde_json::json!({"owner": owner, "owner_country": country, "percent": percent});
    said("ownership.holding", &claims.to_string())
}

fn in_country(country: &str) -> Statement {
    said("entity.profile", &format!(r#"{{"name":"A name","country":"{country}"}}"#))
}

#[test]
fn claims_are_kept_and_the_first_of_a_contradiction_counts() {
    let network = network(vec![(
        "A",
        vec![
            said(
                "entity.profile",
                r#"{"name":"A","country":"GB","region":"Wales","sme":true,"sectors":["space"],"clusters":["North"],"parent":"T:A"}"#,
            ),
            said("entity.profile", r#"{"name":"B","country":"FR","parent":"T:B"}"#),
            said("continuity.recovery", r#"{"item":"X","recover_days":31}"#),
            said("continuity.recovery", r#"{"recover_days":40}"#),
            said("supply.capability", r#"{"items":["Y","X"],"approvals":["AS9100"]}"#),
            site("Wales", 3000, &["M4", "M4"]),
            site("Devon", 2000, &["M5", "M4"]),
        ],
    )]);
    let a = organisation("A");
    let profile = network.profile(&a).expect("a profile");
    assert_eq!((profile.country.as_ref().expect("known").as_str(), profile.sme), ("GB", Some(true)));
    assert_eq!((profile.sectors[0].as_str(), profile.clusters[0].as_str()), ("space", "North"));
    assert_eq!(
        network.ultimate_parent(network.node(&a).expect("known")),
        &a,
        "nobody is its own parent, nor of another's word"
    );
    assert_eq!(profile.recover_days, Some(40), "the longest plan counts");
    assert_eq!((profile.items.as_slice(), profile.approvals.len()), (&["X".into(), "Y".into()][..], 1));
    let regions: Vec<_> = profile.regions().map(|(region, share_bp)| (region.as_str(), share_bp)).collect();
    assert_eq!(regions, [("Devon", 2000), ("Wales", 3000)]);
    let corridors: Vec<_> = profile.corridors().into_iter().map(|(name, share_bp)| (name.as_str(), share_bp)).collect();
    assert_eq!(corridors, [("M4", 5000), ("M5", 2000)]);
    assert!(profile.is_behind("M4") && !profile.is_behind("M5") && !profile.is_in_region("Wales"));
    assert!(network.profile(&organisation("B")).is_none(), "nobody says who B is");
}

/// Checks the concentration by region, corridor and country after statements of A and B, which supply half of P's need each.
fn check_places(said: [Vec<Statement>; 2], expected: (u32, u32, u32)) {
    let [a, b] = said;
    let buys = vec![source("A", "P", "X", 5000), source("B", "P", "X", 5000)];
    let network = network(vec![("P", buys), ("A", a.clone()), ("B", b.clone())]);
    let facts = network.facts(&organisation("P"));
    let NeedFacts { region_hhi_bp, corridor_hhi_bp, country_hhi_bp, .. } = facts.needs[0];
    assert_eq!((region_hhi_bp, corridor_hhi_bp, country_hhi_bp), expected, "{a:?} {b:?}");
}

#[test]
fn concentration_is_by_region_corridor_and_country() {
    check_places([vec![], vec![]], (10_000, 10_000, 10_000));
    check_places([vec![in_country("GB")], vec![in_country("FR")]], (10_000, 10_000, 5000));
    check_places([vec![in_country("GB")], vec![in_country("GB")]], (10_000, 10_000, 10_000));
    // One has its seat in Wales, the other's is unknown.
    check_places([vec![profile(Some("Wales"), None)], vec![]], (5000, 10_000, 5000));
    // A site counts, wherever the seat is; the origin of the part without a site is unknown.
    check_places(
        [vec![profile(Some("Wales"), None), site("Devon", 5000, &["M5"])], vec![profile(Some("Wales"), None)]],
        (2500 * 2500 / 10_000 * 2 + 2500, 2500 * 2500 / 10_000 + 7500 * 7500 / 10_000, 10_000),
    );
    // Corridors: M6 and M42 meet M6 and do not meet M1.
    check_places([vec![site("W", 10_000, &["M6", "M42"])], vec![site("E", 10_000, &["M6"])]], (5000, 10_000, 10_000));
    check_places([vec![site("W", 10_000, &["M6", "M42"])], vec![site("E", 10_000, &["M1"])]], (5000, 5000, 10_000));
    // A quarter each by M6 or M1, half by both: only M6 alone and M1 alone do not meet.
    check_places(
        [vec![site("W", 5000, &["M6"]), site("E", 5000, &["M1"])], vec![site("S", 10_000, &["M1", "M6"])]],
        (625 * 2 + 2500, 10_000 - 625 * 2, 10_000),
    );
    // Sites that add up to more than the whole are scaled down to it.
    check_places(
        [vec![site("W", 10_000, &["M6"]), site("E", 10_000, &["M1"])], vec![site("W", 10_000, &["M6"])]],
        (7500 * 7500 / 10_000 + 625, 7500 * 7500 / 10_000 + 625, 10_000),
    );
}

#[test]
fn a_move_is_told_and_a_settled_version_is_another() {
    let buys = vec![source("A", "P", "X", 5000), source("B", "P", "X", 5000)];
    let mut network = network(vec![("P", buys), ("A", vec![site("Wales", 10_000, &[])])]);
    let (a, version) = (organisation("A"), network.places_version());
    network.set(&a, vec![site("Wales", 10_000, &[])]);
    assert!(network.settle().is_empty());
    assert_eq!(network.places_version(), version);
    network.set(&a, Vec::new());
    assert_eq!(network.settle(), [organisation("P")], "its buyer's supply comes from nobody knows where now");
    assert_ne!(network.places_version(), version);
}

/// Example 4 with a criticality for P: who stands behind it, and what is lost with it.
#[test]
fn impact_is_which_programmes_when_and_for_how_long() {
    let asked = Statement::Requirement(StatedRequirement {
        programme: organisation("P"),
        criticality: 4,
        cyber_level: None,
        cmmc_level: None,
        clearance_level: None,
        headcount: 0,
        flow_tiers: None,
    });
    let recovers = |days: u32| said("continuity.recovery", &format!(r#"{{"recover_days":{days}}}"#));
    let mut network = network(vec![
        ("P", vec![source("A", "P", "X", 10_000), need("P", "X", None, 10), asked]),
        ("A", vec![source("B", "A", "Y", 5000), source("C", "A", "Y", 5000), need("A", "Y", None, 5), recovers(8)]),
        ("B", vec![source("D", "B", "Z", 10_000), need("B", "Z", None, 20)]),
        ("C", vec![source("D", "C", "Z", 10_000), need("C", "Z", None, 7)]),
        ("D", vec![recovers(39)]),
    ]);
    let check = |network: &Network, name: &str, expected: &str| {
        let Impact { single_point_of, survive_days, recover_days, .. } = &network.facts(&organisation(name)).impact;
        let losses: Vec<String> = single_point_of
            .iter()
            .map(|loss| {
                format!(
                    "{} {} {:?} {} {:?}",
                    loss.programme, loss.hidden, loss.criticality, loss.survive_days, loss.down_days
                )
            })
            .collect();
        assert_eq!(format!("{} / {survive_days:?} {recover_days:?}", losses.join("; ")), expected, "{name}");
    };
    check(&network, "D", "PROGRAMME:P true Some(4) 35 Some(4) / Some(35) Some(39)");
    check(&network, "A", "PROGRAMME:P false Some(4) 10 Some(0) / Some(10) Some(8)");
    check(&network, "B", " / None None");
    // Stock in the middle of the path.
    network.set(&organisation("B"), vec![source("D", "B", "Z", 10_000), need("B", "Z", None, 50)]);
    assert_eq!(network.settle(), [organisation("B"), organisation("D")]);
    check(&network, "D", "PROGRAMME:P true Some(4) 65 Some(0) / Some(65) Some(39)");
}

/// D and E behind it bring P down through B at once and through C after 20 days; then B needs nobody any more. The
/// same failures bring P down, over as many tiers: only the days have changed.
#[test]
fn who_no_longer_brings_a_buyer_down_may_have_more_time() {
    let mut network = network(vec![
        ("P", vec![source("B", "P", "X", 10_000), source("C", "P", "Y", 10_000)]),
        ("B", vec![source("D", "B", "Z", 10_000)]),
        ("C", vec![source("D", "C", "Z", 10_000), need("C", "Z", None, 20)]),
        ("D", vec![source("E", "D", "W", 10_000)]),
    ]);
    let survive_days = |network: &Network, name| network.facts(&organisation(name)).impact.survive_days;
    assert_eq!((survive_days(&network, "D"), survive_days(&network, "E")), (Some(0), Some(0)));
    network.set(&organisation("B"), Vec::new());
    // P too: there is nobody upstream of its one source of X any more.
    assert_eq!(network.settle(), ["P", "B", "D", "E"].map(organisation));
    assert_eq!((survive_days(&network, "D"), survive_days(&network, "E")), (Some(20), Some(20)));
}

#[test]
fn more_routes_than_are_told_apart_are_one_unknown_place() {
    let suppliers: Vec<String> = (0..100).map(|number| format!("S{number}")).collect();
    let mut network = Network::default();
    for (number, supplier) in suppliers.iter().enumerate() {
        network.set(&organisation(supplier), vec![site("W", 10_000, &[&format!("road {number}")])]);
    }
    network.set(&organisation("P"), suppliers.iter().map(|supplier| source(supplier, "P", "X", 100)).collect());
    network.settle();
    let facts = network.facts(&organisation("P"));
    // 64 hundredths apart, 36 together.
    assert_eq!(facts.needs[0].corridor_hhi_bp, 64 + 36 * 36);
}

fn owned(network: &Network, name: &str) -> Ownership {
    network.facts(&organisation(name)).ownership.clone().expect("holdings are attested")
}

/// `owner country per cent` of each owner, then of each country, then what is undisclosed.
fn shown(ownership: &Ownership) -> String {
    let percent = |ppm: u32| f64::from(ppm) / 10_000.0;
    let owners = ownership.owners.iter().map(|o| format!("{} {} {}", o.owner, o.country, percent(o.effective_ppm)));
    let countries = ownership.countries.iter().map(|c| format!("{} {}", c.country, percent(c.effective_ppm)));
    let (owners, countries): (Vec<_>, Vec<_>) = (owners.collect(), countries.collect());
    let opaque = if ownership.opaque { " opaque" } else { "" };
    format!("{} | {} | {}{opaque}", owners.join(", "), countries.join(", "), percent(ownership.undisclosed_ppm))
}

#[test]
fn holdings_are_followed_through_their_owners() {
    let check = |said: Vec<(&str, Vec<Statement>)>, expected: &str| {
        assert_eq!(shown(&owned(&network(said), "S")), expected);
    };
    check(vec![("S", vec![holding("A fund", "FR", 25.01)])], "A fund FR 25.01 | FR 25.01 | 74.99");
    check(
        vec![
            ("S", vec![holding("T:H", "GB", 50.0), holding("T:G", "GB", 50.0)]),
            ("H", vec![holding("A fund", "FR", 60.0)]),
        ],
        "A fund FR 30, T:G GB 50, T:H GB 50 | FR 30, GB 100 | 20",
    );
    // Two chains of 15 % to one owner.
    check(
        vec![
            ("S", vec![holding("T:H", "GB", 50.0), holding("T:G", "GB", 50.0)]),
            ("H", vec![holding("T:F", "FR", 30.0)]),
            ("G", vec![holding("T:F", "FR", 30.0)]),
        ],
        "T:F FR 30, T:G GB 50, T:H GB 50 | FR 30, GB 100 | 70",
    );
    // The owner of a French owner does not add to what France holds.
    check(
        vec![("S", vec![holding("T:H", "FR", 50.0)]), ("H", vec![holding("T:F", "FR", 100.0)])],
        "T:F FR 50, T:H FR 50 | FR 50 | 50",
    );
    check(
        vec![
            ("S", vec![holding("T:H", "GB", 80.0)]),
            ("H", vec![holding("T:S", "GB", 50.0), holding("T:H", "GB", 10.0)]),
        ],
        "T:H GB 80 | GB 80 | 100 opaque",
    );
    assert!(network(vec![("S", Vec::new())]).facts(&organisation("S")).ownership.is_none());
}

#[test]
fn long_chains_of_holdings_end() {
    let name = |number: usize| format!("O{number}");
    let mut said: Vec<(Organisation, Vec<Statement>)> = vec![(organisation("S"), vec![holding("T:O0", "GB", 100.0)])];
    said.extend(
        (0..100).map(|number| {
            (organisation(&name(number)), vec![holding(&format!("T:{}", name(number + 1)), "GB", 100.0)])
        }),
    );
    let mut network = Network::default();
    for (subject, statements) in said {
        network.set(&subject, statements);
    }
    network.settle();
    let ownership = owned(&network, "S");
    assert_eq!((ownership.owners.len(), ownership.opaque, ownership.undisclosed_ppm), (33, true, 1_000_000));
    // Two owners at every step, who own the same two: 2^30 chains.
    let pair = |number: usize| {
        vec![holding(&format!("T:A{number}"), "GB", 50.0), holding(&format!("T:B{number}"), "GB", 50.0)]
    };
    network.set(&organisation("S"), pair(0));
    for number in 0..30 {
        network.set(&organisation(&format!("A{number}")), pair(number + 1));
        network.set(&organisation(&format!("B{number}")), pair(number + 1));
    }
    network.settle();
    assert!(owned(&network, "S").opaque, "not all of them are followed");
}

#[test]
fn a_holding_far_away_is_told_to_all_below() {
    let mut network = network(vec![
        ("S", vec![holding("T:H", "GB", 50.0)]),
        ("H", vec![holding("T:F", "GB", 60.0)]),
        ("G", vec![holding("T:F", "GB", 60.0)]),
    ]);
    network.set(&organisation("F"), vec![holding("A fund", "FR", 100.0)]);
    assert_eq!(network.settle(), ["F", "G", "H", "S"].map(organisation));
    network.set(&organisation("H"), Vec::new());
    assert_eq!(network.settle(), ["H", "S"].map(organisation));
    assert_eq!(shown(&owned(&network, "S")), "T:H GB 50 | GB 50 | 50");
}
