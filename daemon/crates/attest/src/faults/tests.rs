use super::*;
use crate::model::Claims;

#[track_caller]
fn check(kind: &str, json: &str, expected: Option<&str>) {
    let kind = Kind::named(kind);
    let told = Claims::parse(&kind, json).err().map(|error| faults_of_claims(&kind, json, &error).to_string());
    assert_eq!(told.as_deref(), expected, "{kind} {json}");
}

#[test]
fn everything_wrong_is_named_at_once() {
    check("supply.source", "{}", Some("it lacks `buyer`, `item`, `qualified`, `share_bp`, `supplier`"));
    check(
        "ownership.holding",
        r#"{"owner":"X","percent_ppm":250100}"#,
        Some("it lacks `owner_country`, `percent`; `percent_ppm` is no field (did you mean `percent`?)"),
    );
    check(
        "cyber.cmmc",
        r#"{"level":2,"status":"final","status_on":"2026-01-01","poam":[{"points":1},{}]}"#,
        Some("it lacks `poam[0].requirement`, `poam[1].points`, `poam[1].requirement`"),
    );
    check("clearance.personnel", r#"[{"level":"GB:SC"}]"#, Some("it lacks `[0].count`"));
    check("cyber.saq", r#"{"level":9,"gaps":0}"#, Some("`level` cannot be 9: write a whole number, 0 to 3"));
    check(
        "cyber.saq",
        r#"{"level":true,"gaps":4294967296}"#,
        Some(
            "`gaps` cannot be 4294967296: write a whole number, 0 or more; `level` cannot be true: write a whole number, 0 to 3",
        ),
    );
    check(
        "cyber.cmmc",
        r#"{"level":2,"status":"finale","status_on":"2026-05-09T14:30:00Z","affirmed_on":"9 May","poam":[{"requirement":"","points":"x"},7]}"#,
        Some(
            "`affirmed_on` cannot be `9 May`: write a day, as 2026-05-09; \
             `poam[0].points` cannot be `x`: write a whole number, 0 to 255; \
             `poam[0].requirement` cannot be ``: write 1 to 1024 bytes; \
             `poam[1]` cannot be 7: write an object with the names of its fields; \
             `status` cannot be `finale` (did you mean `final`?); \
             `status_on` is a day: write 2026-05-09",
        ),
    );
}

#[test]
fn what_is_wrong_is_told_with_what_to_write() {
    check(
        "foci.mitigation",
        r#"{"instrument":"handshake","accepted_by":1}"#,
        Some(
            "`accepted_by` cannot be 1: write a text; `instrument` cannot be `handshake`: \
             write `board-resolution`, `sca`, `ssa`, `proxy`, `voting-trust`",
        ),
    );
    check(
        "site",
        r#"{"region":"R","share_bp":1,"latitude":"52.9","longitude":-181}"#,
        Some(
            "`latitude` cannot be `52.9`: write a number, -90 to 90; `longitude` cannot be -181: write a number, -180 to 180",
        ),
    );
    check(
        "incident",
        r#"{"severity":1,"opened_on":"May","reported_at":"2026-05-09","closed_on":null}"#,
        Some("`opened_on` cannot be `May`: write a day or a time, as 2026-05-09 or 2026-05-09T14:30:00Z"),
    );
    check(
        "revocation",
        r#"{"digest":"abc","reason":"r"}"#,
        Some("`digest` cannot be `abc`: write 64 hexadecimal digits"),
    );
    check(
        "cyber.ce",
        r#"{"certificate":"C","whole_organisation":"yes","entities":[1]}"#,
        Some(
            "`entities[0]` cannot be 1: write an organisation as SCHEME:ID; `whole_organisation` cannot be `yes`: write `true` or `false`",
        ),
    );
    check(
        "screening",
        r#"{"list":"1260H","outcome":"none","from":"2026-01-01","foo":1}"#,
        Some("`foo` is no field (there are entry, from, list, measure, outcome, until)"),
    );
    check("cyber.saq", r#"{"level":"\n\u001b[31m"}"#, Some("`level` cannot be `␊␛[31m`: write a whole number, 0 to 3"));
    check("clearance.personnel", "7", Some("the whole cannot be 7: write a list of objects"));
    check("cyber.saq", "[1,2]", Some("the whole cannot be a list: write an object with the names of its fields"));
    check("cyber.saq", r#"{"level":1}"#, None);
}

#[test]
fn the_fields_beside_the_claims_are_named() {
    let plain = |json: &str| faults_of_plain(json).map(|faults| faults.to_string());
    assert_eq!(plain("{}").as_deref(), Some("it lacks `claims`, `issued_at`, `kind`, `subject`"));
    let expected =
        "it lacks `issued_at`, `claims.whole_organisation`; `valid_untill` is no field (did you mean `valid_until`?)";
    let found =
        plain(r#"{"kind":"cyber.ce","subject":"GB-COH:1","valid_untill":"2027-01-01","claims":{"certificate":"C"}}"#);
    assert_eq!(found.as_deref(), Some(expected));
    let fields = r#""issued_at":"2026-05-09","claims":{"level":1},"scope":7,"evidence":[{"name":"n","digest":"x"}],"supersedes":"y","handling":"AMBER""#;
    let expected = |at: &str| {
        format!(
            "`{at}evidence[0].digest` cannot be `x`: write 64 hexadecimal digits; `{at}handling` cannot be `AMBER` \
             (did you mean `TLP:AMBER`?); `{at}scope` cannot be 7: write a text; `{at}supersedes` cannot be `y`: \
             write a list: 64 hexadecimal digits"
        )
    };
    let found = plain(&format!(r#"{{"kind":"cyber.saq","subject":"GB-COH:1",{fields}}}"#));
    assert_eq!(found, Some(expected("")));
    let statement = |predicate: &str, subject: &str| {
        let json = format!(
            r#"{{"_type":"t","subject":{subject},"predicateType":"urn:tierwatch:attestation:cyber.saq:v1","predicate":{predicate}}}"#
        );
        faults_of_signed(&json).map(|faults| faults.to_string())
    };
    assert_eq!(statement(&format!("{{{fields}}}"), "[]"), Some(expected("predicate.")));
    let told = statement(r#"{"issued_at":"2026-05-09","claims":{"level":1},"kind":"cyber.saq"}"#, "[7]");
    let expected = "`predicate.kind` is no field (there are claims, evidence, handling, issued_at, scope, supersedes, \
        valid_from, valid_until); `subject[0]` cannot be 7: write an object with the names of its fields";
    assert_eq!(told.as_deref(), Some(expected));
}

#[test]
fn what_is_not_shown_or_not_counted_is_said() {
    let missing = |count: usize| Faults {
        found: (0..count).map(|number| Fault::Missing(format!("`field-{number:04}`"))).collect(),
        are_more: count == MAX_FAULTS,
    };
    assert!(missing(18).listed().ends_with("`field-0013`; and 4 more"), "{}", missing(18).listed());
    assert!(missing(20).listed().ends_with("`field-0013`; and at least 6 more"), "{}", missing(20).listed());
    let long = |number: usize| format!("{number} {}", "x".repeat(500));
    let several = Faults::first((0..3).map(long), 5);
    assert!(several.listed().ends_with("x…; and 2 more"), "{}", several.listed());
    assert!(several.to_string().len() > 1500, "all of it for a terminal");
    let cut = Faults::first((0..30).map(|number| number.to_string()), 2);
    assert_eq!((cut.listed(), cut.to_string()), ("0; 1; and more".to_owned(), "0; 1; and more".to_owned()));
    for faults in [missing(20), several] {
        assert!(faults.listed().chars().count() <= 240, "a refusal shows all of it: {}", faults.listed());
    }
}

/// A stranger's document costs no more to refuse than what is told of it.
#[test]
fn no_more_faults_are_looked_for_than_are_told() {
    let many = |fields: usize| -> String {
        let fields: Vec<String> = (0..fields).map(|number| format!("\"a{number}\":1")).collect();
        format!("{{{}}}", fields.join(","))
    };
    let empty = format!("[{}]", vec!["{}"; 5000].join(","));
    for (what, kind, json, found) in [
        ("fields that are unknown", "cyber.ce", many(5000), 2 + MAX_FAULTS),
        ("things that lack their fields", "cyber.cmmc", format!("{{\"poam\":{empty}}}"), MAX_FAULTS),
        (
            "both",
            "cyber.cmmc",
            format!("{{\"poam\":{empty},{}}}", &many(5000)[1..].trim_end_matches('}')),
            2 * MAX_FAULTS,
        ),
        ("what cannot be", "clearance.personnel", format!("[{}]", vec!["7"; 5000].join(",")), MAX_FAULTS),
        ("as many as are told", "clearance.personnel", format!("[{}]", vec!["7"; MAX_FAULTS].join(",")), MAX_FAULTS),
    ] {
        let faults = faults_by_schema(&Kind::named(kind), &json).expect(what);
        assert_eq!(faults.found.len(), found, "{what}");
        assert_eq!(faults.are_more, what != "as many as are told", "{what}");
    }
}
