"""What every Tierwatch rule in Python needs beside the contract's own types, which `componentize-py` makes from wit/.

Risk and confidence are whole basis points, 0 to 10 000; a date is a number of days since 1970-01-01, an instant a number
of seconds. There is no clock, no file and no network: the subject's `as_of` is the only time.
"""

from wit_world.exports import plugin
from wit_world.exports.plugin import (
    Argument_BasisPoints,
    Argument_Date,
    Argument_Name,
    Argument_Number,
    Argument_Text,
    Assessment,
    Attestation,
    Finding,
    Message,
    Outcome_Invalid,
    Outcome_NotApplicable,
    Outcome_Scored,
    Outcome_Unknown,
    Reason,
    Scored,
    State,
    Trust,
)

DAY_SECONDS = 86_400

#: How sure something is that rests on this trust, in basis points.
CONFIDENCE_BP = {
    Trust.UNSIGNED: 1_000,
    Trust.SELF_ASSERTED: 4_000,
    Trust.THIRD_PARTY: 7_500,
    Trust.AUTHORITY: 9_500,
}


class Messages:
    """A rule's messages by code, as `Messages(CODE=("text with {0}", "remedy"))`: assessments carry a message's place."""

    def __init__(self, **texts: tuple[str, str]):
        self.table = [Message(code, text, remedy) for code, (text, remedy) in texts.items()]
        self.places = {code: place for place, code in enumerate(texts)}

    def reason(self, code: str, *arguments) -> Reason:
        return Reason(self.places[code], [argument(value) for value in arguments])

    def finding(self, code: str, severity, *arguments, shown_by=(), due_on: int | None = None) -> Finding:
        reason = self.reason(code, *arguments)
        evidence = [attestation.index for attestation in shown_by]
        return Finding(reason.message, reason.arguments, severity, evidence, due_on)

    def not_applicable(self, code: str, *arguments) -> Assessment:
        """Nothing is required."""
        return Assessment(Outcome_NotApplicable(self.reason(code, *arguments)), [])

    def unknown(self, code: str, *arguments) -> Assessment:
        """Something is required and there is no evidence."""
        return Assessment(Outcome_Unknown(self.reason(code, *arguments)), [])

    def invalid(self, finding: Finding) -> Assessment:
        """The evidence contradicts itself or cannot be; the finding names the attestation that says so."""
        return Assessment(Outcome_Invalid(Reason(finding.message, finding.arguments)), [finding])


def scored(risk_bp: int, confidence_bp: int, findings: list[Finding]) -> Assessment:
    """There is evidence, and this is its risk."""
    return Assessment(Outcome_Scored(Scored(risk_bp, confidence_bp)), findings)


def argument(value):
    """A message's argument: a text, a number, or one of `date`, `name`, `per_cent`."""
    if isinstance(value, str):
        return Argument_Text(value)
    if isinstance(value, int):
        return Argument_Number(value)
    return value


def date(days: int):
    """A day, as an argument."""
    return Argument_Date(days)


def name(handle: int):
    """An organisation, an item or a region by its handle, as an argument."""
    return Argument_Name(handle)


def per_cent(basis_points: int):
    """Basis points, as an argument that is shown as per cent."""
    return Argument_BasisPoints(basis_points)


def claimed(subject: plugin.Subject, claims) -> list[Attestation]:
    """The evidence with these claims, as `Claims_CyberCe`, that counts: it covers the organisation and has started, though
    it may have lapsed since."""
    counts = lambda one: one.covers and one.state != State.UPCOMING and isinstance(one.claims, claims)
    return [one for one in subject.evidence if counts(one)]


def in_force(attestation: Attestation) -> bool:
    """Whether it covers the organisation and holds."""
    return attestation.covers and attestation.state == State.IN_FORCE


def stated(subject: plugin.Subject, claims) -> list[Attestation]:
    """The evidence with these claims that is in force; where all of it has lapsed, what counts."""
    counts = claimed(subject, claims)
    return [one for one in counts if in_force(one)] or counts


def renewals(subject: plugin.Subject, claims) -> list[Attestation]:
    """The evidence with these claims that covers the organisation and starts later."""
    starts = lambda one: one.covers and one.state == State.UPCOMING and isinstance(one.claims, claims)
    return [one for one in subject.evidence if starts(one)]


def last_day(attestation: Attestation) -> int | None:
    """The last day on which it holds; `None` when it says nothing of an end."""
    return None if attestation.valid_until is None else (attestation.valid_until - 1) // DAY_SECONDS


def today(subject: plugin.Subject) -> int:
    """The day that is asked about."""
    return subject.as_of // DAY_SECONDS


def confidence_bp(used: list[Attestation]) -> int:
    """What the weakest trust among `used` allows; 0 when nothing is used."""
    return min((CONFIDENCE_BP[attestation.trust] for attestation in used), default=0)


def whole_number(description: str, default: int, least: int, most: int) -> dict:
    """The JSON Schema of a parameter that is a whole number."""
    return {"description": description, "type": "integer", "minimum": least, "maximum": most, "default": default}


def object_schema(properties: dict) -> dict:
    """The JSON Schema of these parameters and no others."""
    return {"type": "object", "additionalProperties": False, "properties": properties}


def with_defaults(properties: dict, parameters: dict) -> dict:
    """What the policy says, and the default of what it does not say."""
    return {name: property["default"] for name, property in properties.items()} | parameters
