//! The supply network as its users ask about it: how likely a programme is down, what if, who else, and for whom.

use serde_json::{Value, json};
use std::fs;
use tierwatch_tests::{Site, evidence};

/// The demonstration network, all of it scored and stored.
fn ingested() -> Site {
    let site = Site::simulated(320);
    let answer = site.run(&["ingest", "feed"]);
    assert!(matches!(answer.code, Some(0 | 3)), "{}", answer.stderr);
    site
}

fn asked(site: &Site, command: &[&str]) -> Value {
    site.run(&[command, &["--output", "json"]].concat()).json()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("not a list: {value}"))
}

fn word<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("no `{key}` in {value}"))
}

fn number(value: &Value, key: &str) -> f64 {
    value[key].as_f64().unwrap_or_else(|| panic!("no number `{key}` in {value}"))
}

fn find<'a>(rows: &'a Value, key: &str, name: &str) -> Option<&'a Value> {
    list(rows).iter().find(|row| row[key] == name)
}

/// A programme with a hidden single point, and that point.
fn hidden_point(programmes: &Value) -> (&str, &Value) {
    for row in list(programmes) {
        if let Some(point) = list(&row["single_points"]).iter().find(|point| point["hidden"] == true) {
            return (word(row, "programme"), point);
        }
    }
    panic!("a hidden single point is planted, and none is in {programmes}")
}

#[test]
fn a_programme_says_how_likely_it_is_down_and_why() {
    let site = ingested();
    let programmes = asked(&site, &["programmes"]);
    assert_eq!(list(&programmes).len(), 6, "{programmes}");
    for row in list(&programmes) {
        let exposure = &row["exposure"];
        let (low, probability, high) =
            (number(exposure, "low"), number(exposure, "probability"), number(exposure, "high"));
        assert!(0.0 < low && low <= probability && probability <= high && high < 1.0, "{exposure}");
        assert!(["exact", "monte-carlo"].contains(&word(exposure, "method")), "{exposure}");
        for point in list(&row["single_points"]) {
            assert_eq!(point["hidden"] == true, number(point, "tier") > 1.0, "{point}");
        }
    }
    let (programme, point) = hidden_point(&programmes);
    let followed = number(&find(&programmes, "programme", programme).expect("it is listed")["exposure"], "probability");
    let one = asked(&site, &["programmes", programme]);
    let probability = number(&one["exposure"], "probability");
    assert!((probability - followed).abs() < 0.05, "{probability} was asked for and {followed} follows every change");
    let roots = list(&one["roots"]);
    assert!(!roots.is_empty(), "{one}");
    let attributed: f64 = roots.iter().map(|root| number(root, "attributed")).sum();
    assert!(0.0 < attributed && attributed <= probability + 1e-9, "{attributed} of {probability}");
    for need in list(&one["needs"]) {
        for hhi_bp in ["hhi_bp", "region_hhi_bp", "corridor_hhi_bp", "country_hhi_bp"] {
            assert!((1.0..=10_000.0).contains(&number(need, hhi_bp)), "{need}");
        }
    }
    assert!(roots.iter().all(|root| number(root, "birnbaum") >= 0.0 && number(root, "fussell_vesely") <= 1.0), "{one}");

    let text = site.run(&["programmes", programme]).expect(0);
    let behind = "what is behind the probability";
    for shown in ["down within 365 days", word(point, "organisation"), "hidden", "HHI by parent", behind] {
        assert!(text.contains(shown), "`{shown}` is not in\n{text}");
    }
    let explained = asked(&site, &["explain", word(point, "organisation")]);
    assert!(number(&explained["exposure"], "probability") > 0.0, "{}", explained["exposure"]);
    check_loss(&site, &one, point, &explained);

    // Everything upstream of it is written to a file that can be analysed anywhere.
    let file = site.run(&["programmes", programme, "--network"]).expect(0);
    fs::write(site.path("network.json"), file).expect("the folder is ours");
    let analysed = asked(&site, &["analyse", "network.json", "--node-limit", "1"]);
    let points = |value: &Value, id: &str| -> Vec<String> {
        let mut points: Vec<String> =
            list(&value["single_points"]).iter().map(|point| word(point, id).to_owned()).collect();
        points.sort();
        points
    };
    assert_eq!(points(&analysed[0], "id"), points(&one, "organisation"));
    let alone = number(&analysed[0], "probability");
    assert!((alone - followed).abs() < 0.05, "{alone} from the file and {followed} from the store");

    // The daemon finds the same from the same store, and shows it.
    let daemon = site.start_ready();
    let shown = daemon.metrics().sum("tierwatch_programme_exposure_ratio", &[&format!("programme=\"{programme}\"")]);
    assert_eq!(shown, Some(followed), "the metric and the list agree");
}

/// What the programme says of one of its single points is what `explain` and `suppliers` say of that supplier.
fn check_loss(site: &Site, programme: &Value, point: &Value, explained: &Value) {
    let name = word(programme, "programme");
    let impact = &explained["facts"]["impact"];
    let loss = find(&impact["single_point_of"], "programme", name).expect("it brings the programme down");
    let expected = [&point["survives_days"], &point["down_days"], &point["hidden"], &programme["criticality"]];
    assert_eq!([&loss["survive_days"], &loss["down_days"], &loss["hidden"], &loss["criticality"]], expected);
    assert_eq!(impact["recover_days"], point["recover_days"]);
    let organisation = word(point, "organisation");
    let suppliers = Value::Array(site.suppliers());
    let listed = find(&suppliers, "organisation", organisation).expect("it is a supplier");
    assert!(list(&listed["single_point_of"]).contains(&name.into()), "{listed}");
    assert_eq!(listed["survive_days"], impact["survive_days"]);

    let points = &programme["single_points"];
    let ways = &find(points, "organisation", organisation).expect("it is one of them")["ways"];
    let mut buyers = list(&ways["second_source"]).iter().map(|need| word(need, "buyer"));
    let buyer = buyers.rfind(|buyer| !buyer.starts_with("PROGRAMME:")).expect("a second source would help");
    let text = site.run(&["explain", organisation]).expect(0) + &site.run(&["explain", buyer]).expect(0);
    for shown in
        ["SINGLE POINT OF FAILURE", &format!("stops after {} days", loss["survive_days"]), "concentration (HHI)"]
    {
        assert!(text.contains(shown), "`{shown}` is not in\n{text}");
    }
}

/// `--dual-source` at any one need that is said to stop a single point leaves its programme up when that fails for certain.
#[test]
fn a_second_source_helps_where_it_is_said_to() {
    let site = ingested();
    let programmes = asked(&site, &["programmes"]);
    let (programme, point) = hidden_point(&programmes);
    let failing = word(point, "organisation");
    let one = asked(&site, &["programmes", programme]);
    let ways = &find(&one["single_points"], "organisation", failing).expect("it is one of them")["ways"];
    // Any supplier that does not fail will do.
    let suppliers = site.suppliers();
    let other = suppliers.iter().map(|row| word(row, "organisation")).find(|other| *other != failing).expect("another");
    let needs = list(&ways["second_source"]);
    assert!(!needs.is_empty(), "{ways}");
    for need in needs {
        let source = format!("{other}:{}:{}", word(need, "buyer"), word(need, "item"));
        let moved = asked(&site, &["what-if", "--programmes", "--fail", failing, "--dual-source", &source]);
        let after = find(&moved, "organisation", programme).map_or(0.0, |row| number(row, "after"));
        assert!(after < 0.9, "{source} leaves {programme} at {after}");
    }
}

#[test]
fn what_if_moves_what_a_change_reaches_and_stores_nothing() {
    let site = ingested();
    let before = asked(&site, &["programmes"]);
    let (programme, point) = hidden_point(&before);
    let organisation = word(point, "organisation");
    let moved = asked(&site, &["what-if", "--fail", organisation]);
    let certain = find(&moved, "organisation", programme).expect("its programme moves");
    assert!((number(certain, "after") - 1.0).abs() < 1e-12, "{certain}");
    let was = &find(&before, "programme", programme).expect("it is there")["exposure"];
    assert!((number(certain, "before") - number(was, "probability")).abs() < 1e-12, "{certain} {was}");
    for row in list(&before) {
        let name = word(row, "programme");
        let reaches = list(&asked(&site, &["explain", organisation])["facts"]["requirement"]["programmes"])
            .contains(&row["programme"]);
        assert!(reaches || find(&moved, "organisation", name).is_none(), "{name} is not reached and moves");
    }
    let worse = asked(&site, &["what-if", "--programmes", "--score", &format!("{organisation}=10000")]);
    let better = asked(&site, &["what-if", "--programmes", "--score", &format!("{organisation}=0")]);
    assert!(list(&worse).iter().all(|row| number(row, "change") > 0.0), "{worse}");
    assert!(list(&better).iter().all(|row| number(row, "change") < 0.0), "{better}");
    assert!(find(&worse, "organisation", programme).is_some() || find(&better, "organisation", programme).is_some());

    let closed = asked(&site, &["what-if", "--close-region", "West Midlands", "--close-corridor", "M6"]);
    assert!(list(&closed).iter().any(|row| row["programme"] == true), "{closed}");
    assert!(list(&closed).iter().all(|row| number(row, "change") > 0.0), "{closed}");
    let refused = site.run(&["what-if", "--close-corridor", "Silk Road"]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains("name one of A") && refused.stderr.contains("M6"), "{}", refused.stderr);
    assert_eq!(asked(&site, &["programmes"]), before, "nothing is stored");
}

/// A fragile need for which somebody else could be adopted: the buyer, the item, and who comes first.
fn replaceable(site: &Site) -> (String, String, Value) {
    for row in list(&asked(site, &["programmes"])) {
        let one = asked(site, &["programmes", word(row, "programme")]);
        for need in list(&one["single_points"]).iter().flat_map(|point| list(&point["ways"]["second_source"])) {
            let (buyer, item) = (word(need, "buyer"), word(need, "item"));
            let answer = site.run(&["explain", buyer, "--output", "json"]);
            if answer.code != Some(0) {
                continue;
            }
            let facts = answer.json();
            let its = list(&facts["facts"]["needs"]).iter().find(|its| its["item"] == *item).expect("it needs it");
            let found = asked(site, &["alternatives", buyer, item]);
            if list(&its["sources"]).len() == 1 && !list(&found).is_empty() {
                return (buyer.to_owned(), item.to_owned(), found);
            }
        }
    }
    panic!("no need of a single source can be met by anybody else");
}

#[test]
fn alternatives_and_opportunities_are_two_sides_of_one_adoption() {
    let site = ingested();
    let (buyer, item, found) = replaceable(&site);
    let lacks: Vec<usize> = list(&found).iter().map(|row| list(&row["lacks"]).len()).collect();
    assert!(lacks.is_sorted(), "who lacks least comes first: {lacks:?}");
    let explained = asked(&site, &["explain", &buyer]);
    let need = list(&explained["facts"]["needs"]).iter().find(|need| need["item"] == item).expect("it needs it");
    for source in list(&need["sources"]) {
        assert!(find(&found, "supplier", word(source, "supplier")).is_none(), "a present source is no alternative");
    }
    let first = &list(&found)[0];
    let supplier = word(first, "supplier");

    let adopted = asked(&site, &["what-if", "--dual-source", &format!("{supplier}:{buyer}:{item}")]);
    for gain in list(&first["programmes"]) {
        let after = find(&adopted, "organisation", word(gain, "programme"))
            .map_or(gain["before"].as_f64(), |row| row["after"].as_f64());
        assert_eq!(gain["after"].as_f64(), after, "what-if says the same of {gain}");
    }
    let opportunities = asked(&site, &["opportunities", supplier]);
    let same = list(&opportunities).iter().find(|row| row["buyer"] == *buyer && row["item"] == *item);
    assert_eq!(same.map(|row| &row["programmes"]), Some(&first["programmes"]), "{opportunities}");

    // With a part of the supply from the first day it helps as well, and nobody else moves.
    let added = asked(&site, &["what-if", "--programmes", "--add-source", &format!("{supplier}:{buyer}:{item}")]);
    for row in list(&added) {
        assert!(number(row, "change") < 0.0, "a source more makes nothing worse: {row}");
        assert!(find(&first["programmes"], "programme", word(row, "organisation")).is_some(), "{row} is not behind it");
    }
    check_preferences(&site, &buyer, &item, &found);

    let last = list(&found).last().expect("there is one");
    let explained = asked(&site, &["explain", word(last, "supplier")]);
    assert_eq!(explained["score"]["organisation"], last["supplier"]);
    let clusters = asked(&site, &["groups", "--by", "cluster"]);
    let cluster = list(&clusters).iter().find(|row| row["group"] != "unknown").expect("there are clusters");
    let members = asked(&site, &["opportunities", "--cluster", word(cluster, "group"), "-n", "5"]);
    let gains: Vec<f64> = list(&members).iter().map(|row| number(row, "gain")).collect();
    assert!(!gains.is_empty() && gains.is_sorted_by(|one, other| one >= other), "{gains:?}");
}

/// With the region or the cluster of the last one preferred, its members come first, and the others follow in their order.
fn check_preferences(site: &Site, buyer: &str, item: &str, found: &Value) {
    let last = word(list(found).last().expect("there is one"), "supplier");
    for by in ["region", "cluster"] {
        let groups = asked(site, &["groups", "--by", by]);
        let preferred = list(&groups).iter().map(|group| word(group, "group")).filter(|group| *group != "unknown");
        let asked_for = |group: &str| asked(site, &["alternatives", buyer, item, &format!("--prefer-{by}"), group]);
        let is_preferred = |row: &&Value| row["preferred"] == true;
        let rows = preferred.map(asked_for).find(|rows| {
            let its_own = find(rows, "supplier", last).expect("a preference leaves nobody out");
            its_own["preferred"] == true
        });
        // Not everybody belongs to a cluster.
        let Some(rows) = rows else { continue };
        let first = list(&rows).iter().take_while(is_preferred).count();
        assert!(first > 0 && !list(&rows)[first..].iter().any(|row| is_preferred(&row)), "{by}: {rows}");
        let others = |rows: &Value, left_out: &[&str]| -> Vec<String> {
            let names = list(rows).iter().map(|row| word(row, "supplier"));
            names.filter(|name| !left_out.contains(name)).map(str::to_owned).collect()
        };
        let before: Vec<&str> = list(&rows)[..first].iter().map(|row| word(row, "supplier")).collect();
        assert_eq!(others(&rows, &before), others(found, &before), "{by}");
    }
}

#[test]
fn groups_roll_every_supplier_up() {
    let site = ingested();
    let suppliers = site.suppliers();
    let worst = suppliers.iter().filter_map(|supplier| supplier["risk_bp"].as_u64()).max();
    for by in ["sme", "tier"] {
        let groups = asked(&site, &["groups", "--by", by]);
        let count: u64 = list(&groups).iter().filter_map(|group| group["count"].as_u64()).sum();
        assert_eq!(count, suppliers.len() as u64, "everyone is in one group by {by}");
        assert_eq!(list(&groups).iter().filter_map(|group| group["risk_worst_bp"].as_u64()).max(), worst);
        assert!(list(&groups).iter().all(|group| number(group, "exposure_mean") <= number(group, "exposure_worst")));
    }
    let daemon = site.start_ready();
    let shown = daemon.metrics().sum("tierwatch_group_suppliers", &["by=\"sme\""]);
    assert_eq!(shown, Some(suppliers.len() as f64), "the metric counts the same");
    let programmes = asked(&site, &["groups", "--by", "programme"]);
    assert!(find(&programmes, "group", "PROGRAMME:KESTREL").is_some(), "{programmes}");
    let csv = site.run(&["groups", "--by", "region", "--output", "csv"]).expect(0);
    assert!(csv.starts_with("group,suppliers,mean risk,worst risk,worst,"), "{csv}");
}

#[test]
fn slips_in_the_stored_evidence_are_listed() {
    let site = Site::new();
    let key = site.authority();
    let need = |buyer: &str, item: &str| {
        key.sign(buyer, "supply.need", &json!({"buyer": buyer, "item": item, "class": "critical"}), &[])
    };
    let source = |supplier: u32, buyer: &str, item: &str, share_bp: u32| {
        let supplier = evidence::supplier(supplier);
        let claims =
            json!({"supplier": supplier, "buyer": buyer, "item": item, "share_bp": share_bp, "qualified": true});
        key.sign(&supplier, "supply.source", &claims, &[])
    };
    let programme = evidence::PROGRAMME;
    let good = [evidence::requirement(&key), need(programme, "Y"), source(1, programme, "Y", 10_000)].concat();
    fs::write(site.path("feed/good.jsonl"), good).expect("the folder is ours");
    let _ = site.run(&["ingest", "feed"]).expect(0);
    let checked = site.run(&["check", "--data", "--output", "json"]).json();
    assert_eq!(checked["data"], json!([]));

    let slips = [
        source(2, programme, "y", 10_000),
        source(3, programme, "Y", 4000),
        source(4, "PROGRAMME:TSET", "valve", 10_000),
        source(5, &evidence::supplier(99), "steel", 10_000),
    ];
    fs::write(site.path("feed/slips.jsonl"), slips.concat()).expect("the folder is ours");
    let _ = site.run(&["ingest", "feed"]).expect(0);
    let answer = site.run(&["check", "--data", "--output", "json"]);
    assert_eq!(answer.code, Some(3), "{}", answer.stderr);
    let checked: Value = serde_json::from_str(&answer.stdout).expect("JSON");
    let found: Vec<(&str, &str)> =
        list(&checked["data"]).iter().map(|doubt| (word(doubt, "kind"), word(doubt, "about"))).collect();
    let orphan = evidence::supplier(99);
    let expected = [
        ("item-spelling", "y"),
        ("source-without-need", "y"),
        ("unknown-programme", "PROGRAMME:TSET"),
        ("shares", programme),
        ("orphan-buyer", &orphan),
    ];
    assert_eq!(found, expected);
    let text = site.run(&["check", "--data"]);
    assert_eq!(text.code, Some(3), "{}", text.stderr);
    for shown in ["5 doubts", "140.00 %", "PROGRAMME:TEST may be", "`Y`"] {
        assert!(text.stdout.contains(shown), "`{shown}` is not in\n{}", text.stdout);
    }
}
