"""cyber-posture in Python: the built-in rule of plugins/cyber-posture once more, with its default parameters."""

import json
from datetime import date as civil

from tierwatch_rule import (
    CONFIDENCE_BP,
    DAY_SECONDS,
    Messages,
    claimed,
    confidence_bp,
    date,
    in_force,
    name,
    object_schema,
    scored,
    today,
)
from wit_world.exports.plugin import (
    Assessment,
    Attestation,
    Claims_CyberCe,
    Claims_CyberCeplus,
    Claims_CyberCip,
    Claims_CyberDcc,
    Claims_CyberSaq,
    Fact,
    Manifest,
    Severity,
    State,
    Subject,
)

MESSAGES = Messages(
    NOTHING_REQUIRED=(
        "No programme that it reaches asks a cyber level of it.",
        "",
    ),
    NO_EVIDENCE=(
        "Level {0} is required and nothing shows its cyber security.",
        "Ask it for its Cyber Essentials certificate, and for its Defence Cyber Certification or its Supplier Assurance Questionnaire at level {0}.",
    ),
    ATTESTED_AHEAD=(
        "A Defence Cyber Certification says that it was attested on {0}, a day that is still to come.",
        "Have {1} send the certification again with the day of the last attestation.",
    ),
    SCOPE=(
        "Evidence from {0} does not cover it and counts as absent.",
        "Ask for a certificate of the whole organisation, or for one that names it in its scope.",
    ),
    CEP_WINDOW=(
        "Its Cyber Essentials Plus of {0} came after {1}, the last day for following its Cyber Essentials of {2}: it counts as Cyber Essentials.",
        "Have it certify to Cyber Essentials again and take the Plus audit within three months.",
    ),
    CE_PLUS_MISSING=(
        "Level {0} needs Cyber Essentials Plus and it has Cyber Essentials only.",
        "Have it take the Plus audit; until then keep data above level 1 from it.",
    ),
    CE_MISSING=(
        "It has no Cyber Essentials certificate, which level {0} needs.",
        "Have it certify to Cyber Essentials; until then share nothing of this contract with it.",
    ),
    CE_PLUS_NONE=(
        "It has no Cyber Essentials Plus certificate, which level {0} needs.",
        "Have it certify to Cyber Essentials and take the Plus audit within three months; until then share nothing of this contract with it.",
    ),
    CE_LAPSED=(
        "Its Cyber Essentials held until {0} and has lapsed.",
        "Have it certify again by {1}; the certificate cannot be extended.",
    ),
    CE_PLUS_LAPSED=(
        "Its Cyber Essentials Plus held until {0} and has lapsed.",
        "Have it certify to Cyber Essentials again and take the Plus audit, by {1}.",
    ),
    CE_DUE=(
        "Its Cyber Essentials lapses after {0} and no renewal is in evidence.",
        "Ask for the date of its renewal.",
    ),
    CE_PLUS_DUE=(
        "Its Cyber Essentials Plus lapses after {0} and no renewal is in evidence.",
        "Ask for the date of its Plus audit: it needs a renewed Cyber Essentials first.",
    ),
    DCC_OVERDUE=(
        "The yearly attestation of its Defence Cyber Certification level {0} was due on {1}.",
        "Have it attest to its certification body now.",
    ),
    DCC_MISSING=(
        "It has no Defence Cyber Certification at level {0}: only its own questionnaire says that it meets the level.",
        "Agree a date for its certification at level {0}.",
    ),
    SHORTFALL=(
        "Its questionnaire reaches level {0} with {1} gaps where level {2} is required; an accepted plan ends on {3}.",
        "Follow the plan's progress: after {3} it no longer counts.",
    ),
    BASE_ONLY=(
        "Beyond its certificate nothing current shows that it meets level {0}: neither certification, questionnaire nor accepted plan.",
        "Ask it for a Supplier Assurance Questionnaire at level {0}, and for a Cyber Implementation Plan where it falls short.",
    ),
)

CERTIFICATE_MONTHS, PLUS_WINDOW_MONTHS, CERTIFICATION_MONTHS = 12, 3, 36
ATTESTATION_MONTHS, QUESTIONNAIRE_MONTHS = 12, 12
GRACE_DAYS, NOTICE_DAYS = 30, 60
EPOCH = civil(1970, 1, 1).toordinal()


class Plugin:
    """The three functions of the contract."""

    def describe(self) -> Manifest:
        return Manifest(
            name="python-posture",
            version="1.0.0",
            dimension="cyber",
            help="cyber-posture in Python.",
            kinds=["cyber.ce", "cyber.ceplus", "cyber.dcc", "cyber.saq", "cyber.cip"],
            facts=[Fact.REQUIREMENT],
            parameters=json.dumps(object_schema({})),
            messages=MESSAGES.table,
        )

    def configure(self, parameters: str) -> None:
        return None

    def assess(self, subjects: list[Subject]) -> list[Assessment]:
        return [assess_one(subject) for subject in subjects]


def months_after(day: int, months: int) -> int:
    start = civil.fromordinal(day + EPOCH)
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    first, following = civil(year, month + 1, 1), civil(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    # A day that the month lacks becomes its last.
    return min(first.toordinal() + start.day - 1, following.toordinal() - 1) - EPOCH


def day_of(instant: int) -> int:
    return instant // DAY_SECONDS


def ends(one: Attestation, months: int) -> int:
    scheme = months_after(day_of(one.valid_from), months) * DAY_SECONDS
    return scheme if one.valid_until is None else min(one.valid_until, scheme)


def last_best(candidates, key):
    """The best, of equals the last."""
    return max(reversed(list(candidates)), key=key, default=None)


def usable(subject: Subject) -> list[Attestation]:
    return [one for one in subject.evidence if one.covers and one.state != State.UPCOMING]


def assess_one(subject: Subject) -> Assessment:
    if subject.requirement is None or subject.requirement.cyber_level is None:
        return MESSAGES.not_applicable("NOTHING_REQUIRED")
    required = subject.requirement.cyber_level
    findings = [
        MESSAGES.finding("SCOPE", Severity.MEDIUM, name(one.issuer), shown_by=[one])
        for one in subject.evidence
        if not one.covers
    ]
    known = usable(subject)
    if not known:
        unknown = MESSAGES.unknown("NO_EVIDENCE", required)
        return Assessment(unknown.outcome, findings)
    for one in claimed(subject, Claims_CyberDcc):
        attested_on = one.claims.value.attested_on
        if attested_on > today(subject):
            ahead = MESSAGES.finding("ATTESTED_AHEAD", Severity.HIGH, date(attested_on), name(one.issuer), shown_by=[one])
            invalid = MESSAGES.invalid(ahead)
            return Assessment(invalid.outcome, invalid.findings + findings)
    risk_bp, used = answer(subject, known, required, findings)
    return scored(risk_bp, confidence_bp(used), findings)


def answer(subject: Subject, known: list, required: int, findings: list) -> tuple[int, list]:
    plus_needed = required >= 2
    kept = {"base": [], "any": [], "lapsed": []}
    for one in known:
        if isinstance(one.claims, Claims_CyberCe):
            plus = False
        elif isinstance(one.claims, Claims_CyberCeplus):
            missed = missed_window(subject, one)
            if missed is not None:
                findings.append(missed)
            plus = missed is None
        else:
            continue
        until, counts = ends(one, CERTIFICATE_MONTHS), plus or not plus_needed
        if until > subject.as_of:
            kept["base" if counts else "any"].append((until, CONFIDENCE_BP[one.trust], one, plus))
        elif counts:
            kept["lapsed"].append((until, CONFIDENCE_BP[one.trust], one, plus))
    # Of equals the first.
    base, essentials, lapsed = (max(kept[slot], key=lambda one: one[:2], default=None) for slot in ("base", "any", "lapsed"))
    if base is not None:
        return with_base(subject, required, base, findings)
    if essentials is not None:
        findings.append(MESSAGES.finding("CE_PLUS_MISSING", Severity.HIGH, required, shown_by=[essentials[2]]))
        return 7000, [essentials[2]]
    if lapsed is not None:
        return with_lapsed(subject, lapsed, findings)
    findings.append(MESSAGES.finding("CE_PLUS_NONE" if plus_needed else "CE_MISSING", Severity.HIGH, required))
    return 9000, known


def missed_window(subject: Subject, plus: Attestation):
    plus_on = day_of(plus.valid_from)
    earlier = [one for one in claimed(subject, Claims_CyberCe) if day_of(one.valid_from) <= plus_on]
    essentials = last_best(earlier, lambda one: one.valid_from)
    if essentials is None:
        return None
    essentials_on = day_of(essentials.valid_from)
    last = months_after(essentials_on, PLUS_WINDOW_MONTHS)
    if plus_on <= last:
        return None
    given = (date(plus_on), date(last), date(essentials_on))
    return MESSAGES.finding("CEP_WINDOW", Severity.MEDIUM, *given, shown_by=[plus, essentials])


def with_base(subject: Subject, required: int, certificate: tuple, findings: list) -> tuple[int, list]:
    announce_lapse(subject, certificate, findings)
    base = certificate[2]
    certifications = [
        one
        for one in claimed(subject, Claims_CyberDcc)
        if one.claims.value.level >= required and ends(one, CERTIFICATION_MONTHS) > subject.as_of
    ]
    certification = last_best(certifications, lambda one: (one.claims.value.attested_on, CONFIDENCE_BP[one.trust]))
    if certification is not None:
        due_on = months_after(certification.claims.value.attested_on, ATTESTATION_MONTHS)
        overdue = subject.as_of >= due_on * DAY_SECONDS
        if overdue:
            given = (certification.claims.value.level, date(due_on))
            findings.append(
                MESSAGES.finding("DCC_OVERDUE", Severity.MEDIUM, *given, shown_by=[certification], due_on=due_on)
            )
        return (2000 if overdue else 0), [base, certification]
    answered = [one for one in claimed(subject, Claims_CyberSaq) if ends(one, QUESTIONNAIRE_MONTHS) > subject.as_of]
    saq = last_best(answered, lambda one: (one.claims.value.level, -one.claims.value.gaps))
    if saq is None:
        findings.append(MESSAGES.finding("BASE_ONLY", Severity.HIGH, required, shown_by=[base]))
        return 6000, [base]
    level, gaps = saq.claims.value.level, saq.claims.value.gaps
    if level >= required and gaps == 0:
        findings.append(MESSAGES.finding("DCC_MISSING", Severity.LOW, required, shown_by=[saq]))
        return 2500, [base, saq]
    plans = [
        one
        for one in claimed(subject, Claims_CyberCip)
        if in_force(one) and one.claims.value.accepted and one.claims.value.due_on >= today(subject)
    ]
    plan = last_best(plans, lambda one: one.claims.value.due_on)
    if plan is not None:
        due_on = plan.claims.value.due_on
        given = (level, gaps, required, date(due_on))
        findings.append(MESSAGES.finding("SHORTFALL", Severity.MEDIUM, *given, shown_by=[saq, plan], due_on=due_on))
        return 5000, [base, saq, plan]
    findings.append(MESSAGES.finding("BASE_ONLY", Severity.HIGH, required, shown_by=[base, saq]))
    return 6000, [base]


def with_lapsed(subject: Subject, certificate: tuple, findings: list) -> tuple[int, list]:
    until, _, one, plus = certificate
    last = day_of(until - 1)
    just = today(subject) <= last + GRACE_DAYS
    due_on = last + GRACE_DAYS if just else today(subject)
    code = "CE_PLUS_LAPSED" if plus else "CE_LAPSED"
    findings.append(MESSAGES.finding(code, Severity.HIGH, date(last), date(due_on), shown_by=[one], due_on=due_on))
    return (8000 if just else 9000), [one]


def announce_lapse(subject: Subject, certificate: tuple, findings: list) -> None:
    until, _, base, plus = certificate
    kinds = (Claims_CyberCeplus,) if plus else (Claims_CyberCe, Claims_CyberCeplus)
    renewed = any(
        one.covers and one.state == State.UPCOMING and isinstance(one.claims, kinds) for one in subject.evidence
    )
    if until - subject.as_of <= NOTICE_DAYS * DAY_SECONDS and not renewed:
        last = day_of(until - 1)
        code = "CE_PLUS_DUE" if plus else "CE_DUE"
        findings.append(MESSAGES.finding(code, Severity.LOW, date(last), shown_by=[base], due_on=last))
