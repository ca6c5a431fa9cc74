"""# {{name}}: does it hold the quality approvals that its customers ask?

Aerospace and defence buyers accept parts from approved firms only: AS9100 for quality management, NADCAP for special
processes. A `supply.capability` attestation lists the approvals that a firm holds, and lapses with them.

For each required approval, first match wins; the worst counts:

| evidence | risk |
|---|---|
| an attestation in force names it | 0 |
| the same, and it lapses within the notice | 20.00 |
| it was held and has lapsed | 50.00 |
| nothing names it | 70.00 |

The approvals and the risk figures are parameters: they are yours, not a standard's. Change this rule into your own: what
it says of itself stands in `describe`, its parameters in PARAMETERS, its texts in MESSAGES, and what it does in `assess_one`.
"""

import json

from tierwatch_rule import (
    Messages,
    claimed,
    confidence_bp,
    date,
    in_force,
    last_day,
    object_schema,
    scored,
    today,
    whole_number,
    with_defaults,
)
from wit_world.exports.plugin import Assessment, Claims_SupplyCapability, Fact, Manifest, Severity, Subject

MESSAGES = Messages(
    NOT_IN_REACH=("No programme depends on it.", ""),
    NO_CAPABILITY=(
        "Nothing shows which quality approvals it holds.",
        "Ask it for a `supply.capability` attestation with its approvals.",
    ),
    APPROVAL_MISSING=("It does not show the approval {0}.", "Ask it for its {0} certificate, or find a source that holds it."),
    APPROVAL_LAPSED=("Its approval {0} held until {1} and has lapsed.", "Ask for the renewal of {0}; inspect its deliveries until then."),
    APPROVAL_DUE=("Its approval {0} lapses after {1}.", "Ask for the date of its next {0} audit."),
)

PARAMETERS = {
    "required_approvals": {
        "description": "Approvals that every supplier must hold.",
        "type": "array",
        "items": {"type": "string", "minLength": 1, "maxLength": 64},
        "maxItems": 16,
        "default": ["AS9100"],
    },
    "notice_days": whole_number("Days before a lapse from which it is announced.", 60, 0, 365),
    "missing_bp": whole_number("Risk without an approval, in basis points.", 7_000, 0, 10_000),
    "lapsed_bp": whole_number("Risk with an approval that has lapsed, in basis points.", 5_000, 0, 10_000),
    "due_bp": whole_number("Risk with an approval that lapses soon, in basis points.", 2_000, 0, 10_000),
}

#: The parameters of this policy, once `configure` has run.
SET: dict = {}


class Plugin:
    """The three functions of the contract."""

    def describe(self) -> Manifest:
        return Manifest(
            name="{{name}}",
            version="1.0.0",
            dimension="quality",
            help="Whether a supplier holds the quality approvals that the policy asks. The risk figures are the policy's.",
            kinds=["supply.capability"],
            facts=[Fact.REQUIREMENT],
            parameters=json.dumps(object_schema(PARAMETERS)),
            messages=MESSAGES.table,
        )

    def configure(self, parameters: str) -> None:
        # Each call gets a `Plugin` of its own: what must last stands outside.
        SET.update(with_defaults(PARAMETERS, json.loads(parameters)))

    def assess(self, subjects: list[Subject]) -> list[Assessment]:
        return [assess_one(subject, SET) for subject in subjects]


def assess_one(subject: Subject, parameters: dict) -> Assessment:
    if subject.requirement is None or subject.requirement.criticality is None:
        return MESSAGES.not_applicable("NOT_IN_REACH")
    capabilities = claimed(subject, Claims_SupplyCapability)
    if not capabilities:
        return MESSAGES.unknown("NO_CAPABILITY")
    risk_bp, findings = 0, []
    for approval in parameters["required_approvals"]:
        own_bp, finding = assess_approval(subject, capabilities, approval, parameters)
        risk_bp = max(risk_bp, own_bp)
        findings += finding
    return scored(risk_bp, confidence_bp(capabilities), findings)


def assess_approval(subject: Subject, capabilities: list, approval: str, parameters: dict) -> tuple[int, list]:
    """The risk of one required approval, and what there is to say of it."""
    naming = [one for one in capabilities if approval in one.claims.value.approvals]
    if not naming:
        return parameters["missing_bp"], [MESSAGES.finding("APPROVAL_MISSING", Severity.HIGH, approval)]
    # The one that holds longest; one without an end holds for ever.
    best = max(naming, key=lambda one: (in_force(one), last_day(one) is None, last_day(one) or 0))
    end = last_day(best)
    if not in_force(best):
        lapsed = MESSAGES.finding("APPROVAL_LAPSED", Severity.HIGH, approval, date(end), shown_by=[best])
        return parameters["lapsed_bp"], [lapsed]
    if end is not None and end - today(subject) < parameters["notice_days"]:
        due = MESSAGES.finding("APPROVAL_DUE", Severity.LOW, approval, date(end), shown_by=[best], due_on=end)
        return parameters["due_bp"], [due]
    return 0, []
