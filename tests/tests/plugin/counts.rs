//! Code that is added to the worked rules, so that they count by the words for evidence.

/// The words for evidence mean the same in every language. Each counts the certificates in force, those that are usable
/// (ten each), stated (a hundred), renewals (a thousand) and matches on a list (five thousand); `tests/words` has the
/// expected results.
pub(crate) const COUNTS: [(&str, &[(&str, &str)]); 3] = [
    (
        "rust-approvals/src/lib.rs",
        &[
            ("vec![\"supply.capability\".into()]", "vec![\"supply.capability\".into(), \"cyber.ce\".into(), \"screening\".into()]"),
            (
                "subject: &Subject) -> Assessment {",
                "subject: &Subject) -> Assessment {
        let essentials = |one: &&Attestation| matches!(one.claims, Claims::CyberCe(_));
        let is_match = |one: &&Attestation| {
            let Claims::Screening(one) = &one.claims else { return false };
            one.list == \"1260H\" && one.outcome == tierwatch_rule::ScreeningOutcome::Match && one.measure.is_some()
                && (one.from, one.until) == (Some(20513), Some(20877)) && one.entry.is_some()
        };
        let stated = subject.stated(|claims| if let Claims::CyberCe(one) = claims { Some(one) } else { None }).len();
        let risk_bp = subject.in_force().filter(essentials).count() + 10 * subject.usable().filter(essentials).count()
            + 100 * stated + 1_000 * subject.renewals().filter(essentials).count()
            + 5_000 * subject.in_force().filter(is_match).count();
        if subject.requirement.as_ref().is_some_and(|asked| asked.cyber_level == Some(1)) {
            return Assessment::scored(risk_bp as u32, 0, vec![]);
        }",
            ),
        ],
    ),
    (
        "python-approvals/rule.py",
        &[
            ("    claimed,\n", "    claimed,\n    renewals,\n    stated,\n"),
            ("import Assessment, ", "import Assessment, Claims_CyberCe, Claims_Screening, ScreeningOutcome, "),
            ("[\"supply.capability\"]", "[\"supply.capability\", \"cyber.ce\", \"screening\"]"),
            (
                "parameters: dict) -> Assessment:",
                "parameters: dict) -> Assessment:
    if subject.requirement is not None and subject.requirement.cyber_level == 1:
        holds = [one for one in subject.evidence if isinstance(one.claims, Claims_CyberCe) and in_force(one)]
        rest = [word(subject, Claims_CyberCe) for word in (claimed, stated, renewals)]
        found = [one.claims.value for one in subject.evidence if isinstance(one.claims, Claims_Screening) and in_force(one)]
        are = [one.list == '1260H' and one.outcome == ScreeningOutcome.MATCH and one.from_ == 20513 and one.until == 20877
            and one.measure is not None and one.entry is not None for one in found]
        return scored(5_000 * sum(are) + sum(len(of) * 10**index for index, of in enumerate([holds, *rest])), 0, [])",
            ),
        ],
    ),
    (
        "javascript-approvals/rule.js",
        &[
            ("  claimed,\n", "  claimed,\n  renewals,\n  stated,\n"),
            ("['supply.capability']", "['supply.capability', 'cyber.ce', 'screening']"),
            (
                "function assessOne(subject) {",
                "function assessOne(subject) {
  if (subject.requirement?.cyberLevel === 1) {
    const holds = subject.evidence.filter((one) => one.claims.tag === 'cyber-ce' && inForce(one));
    const rest = [claimed, stated, renewals].map((word) => word(subject, 'cyber-ce'));
    const found = subject.evidence.filter((one) => one.claims.tag === 'screening' && inForce(one)).map((one) => one.claims.val);
    const are = found.filter((one) => one.list === '1260H' && one.outcome === 'match' && one.from === 20513 && one.until === 20877
      && one.measure !== undefined && one.entry !== undefined);
    return scored([holds, ...rest].reduce((sum, of, index) => sum + of.length * 10 ** index, 5000 * are.length), 0, []);
  }",
            ),
        ],
    ),
];

/// The same for an expression.
pub(crate) const COUNTS_IN_AN_EXPRESSION: &str = "
[rules.words]
plugin = \"expression\"
[rules.words.parameters.otherwise]
confidence = 0
risk = \"in_force(cyber.ce).size() + 10 * usable(cyber.ce).size() + 100 * stated(cyber.ce).size() + 1000 * renewals(cyber.ce).size() + 5000 * in_force(screening).filter(s, s.list == '1260H' && s.outcome == 'match' && has(s.measure) && s.?from.orValue(today) == date('2026-03-01') && s.?until.orValue(today) == date('2027-02-28') && has(s.entry)).size()\"
";
