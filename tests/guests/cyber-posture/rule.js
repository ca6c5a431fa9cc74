// cyber-posture in JavaScript: the built-in rule of plugins/cyber-posture once more, with its default parameters.

import { claimed, confidenceBp, date, inForce, messages, name, objectSchema, scored, today } from './tierwatch-rule.js';

const MESSAGES = messages({
  NOTHING_REQUIRED: [
    "No programme that it reaches asks a cyber level of it.",
    "",
  ],
  NO_EVIDENCE: [
    "Level {0} is required and nothing shows its cyber security.",
    "Ask it for its Cyber Essentials certificate, and for its Defence Cyber Certification or its Supplier Assurance Questionnaire at level {0}.",
  ],
  ATTESTED_AHEAD: [
    "A Defence Cyber Certification says that it was attested on {0}, a day that is still to come.",
    "Have {1} send the certification again with the day of the last attestation.",
  ],
  SCOPE: [
    "Evidence from {0} does not cover it and counts as absent.",
    "Ask for a certificate of the whole organisation, or for one that names it in its scope.",
  ],
  CEP_WINDOW: [
    "Its Cyber Essentials Plus of {0} came after {1}, the last day for following its Cyber Essentials of {2}: it counts as Cyber Essentials.",
    "Have it certify to Cyber Essentials again and take the Plus audit within three months.",
  ],
  CE_PLUS_MISSING: [
    "Level {0} needs Cyber Essentials Plus and it has Cyber Essentials only.",
    "Have it take the Plus audit; until then keep data above level 1 from it.",
  ],
  CE_MISSING: [
    "It has no Cyber Essentials certificate, which level {0} needs.",
    "Have it certify to Cyber Essentials; until then share nothing of this contract with it.",
  ],
  CE_PLUS_NONE: [
    "It has no Cyber Essentials Plus certificate, which level {0} needs.",
    "Have it certify to Cyber Essentials and take the Plus audit within three months; until then share nothing of this contract with it.",
  ],
  CE_LAPSED: [
    "Its Cyber Essentials held until {0} and has lapsed.",
    "Have it certify again by {1}; the certificate cannot be extended.",
  ],
  CE_PLUS_LAPSED: [
    "Its Cyber Essentials Plus held until {0} and has lapsed.",
    "Have it certify to Cyber Essentials again and take the Plus audit, by {1}.",
  ],
  CE_DUE: [
    "Its Cyber Essentials lapses after {0} and no renewal is in evidence.",
    "Ask for the date of its renewal.",
  ],
  CE_PLUS_DUE: [
    "Its Cyber Essentials Plus lapses after {0} and no renewal is in evidence.",
    "Ask for the date of its Plus audit: it needs a renewed Cyber Essentials first.",
  ],
  DCC_OVERDUE: [
    "The yearly attestation of its Defence Cyber Certification level {0} was due on {1}.",
    "Have it attest to its certification body now.",
  ],
  DCC_MISSING: [
    "It has no Defence Cyber Certification at level {0}: only its own questionnaire says that it meets the level.",
    "Agree a date for its certification at level {0}.",
  ],
  SHORTFALL: [
    "Its questionnaire reaches level {0} with {1} gaps where level {2} is required; an accepted plan ends on {3}.",
    "Follow the plan's progress: after {3} it no longer counts.",
  ],
  BASE_ONLY: [
    "Beyond its certificate nothing current shows that it meets level {0}: neither certification, questionnaire nor accepted plan.",
    "Ask it for a Supplier Assurance Questionnaire at level {0}, and for a Cyber Implementation Plan where it falls short.",
  ],
});

const DAY_SECONDS = 86400n;
const DAY_MILLISECONDS = 86400000;
const TRUST = ['unsigned', 'self-asserted', 'third-party', 'authority'];

/** The three functions of the contract. */
export const plugin = {
  describe() {
    return {
      name: 'javascript-posture',
      version: '1.0.0',
      dimension: 'cyber',
      help: 'cyber-posture in JavaScript.',
      kinds: ['cyber.ce', 'cyber.ceplus', 'cyber.dcc', 'cyber.saq', 'cyber.cip'],
      facts: ['requirement'],
      parameters: JSON.stringify(objectSchema({})),
      messages: MESSAGES.table,
    };
  },

  configure() {},

  assess(subjects) {
    return subjects.map(assessOne);
  },
};

const startOf = (day) => BigInt(day) * DAY_SECONDS;

function dayOf(instant) {
  const rest = ((instant % DAY_SECONDS) + DAY_SECONDS) % DAY_SECONDS;
  return Number((instant - rest) / DAY_SECONDS);
}

/** A day that the month lacks becomes its last. */
function monthsAfter(day, months) {
  const from = new Date(day * DAY_MILLISECONDS);
  const month = from.getUTCMonth() + months;
  const last = new Date(Date.UTC(from.getUTCFullYear(), month + 1, 0)).getUTCDate();
  return Date.UTC(from.getUTCFullYear(), month, Math.min(from.getUTCDate(), last)) / DAY_MILLISECONDS;
}

function ends(one, months) {
  const scheme = startOf(monthsAfter(dayOf(one.validFrom), months));
  return one.validUntil !== undefined && one.validUntil < scheme ? one.validUntil : scheme;
}

/** Compares two lists of numbers. */
function compare(left, right) {
  for (let place = 0; place < left.length; place += 1) {
    if (left[place] < right[place]) return -1;
    if (left[place] > right[place]) return 1;
  }
  return 0;
}

/** The best by its keys; of equals the last. */
function lastBest(candidates, keys) {
  return candidates.reduce((best, one) => (best && compare(keys(one), keys(best)) < 0 ? best : one), undefined);
}

/** The certificate that lasts longest, then the most trusted; of equals the first. */
function better(kept, one) {
  const keys = (certificate) => [certificate.until, TRUST.indexOf(certificate.one.trust)];
  return kept && compare(keys(one), keys(kept)) <= 0 ? kept : one;
}

function assessOne(subject) {
  const required = subject.requirement?.cyberLevel;
  if (required === undefined) return MESSAGES.notApplicable('NOTHING_REQUIRED');
  const findings = subject.evidence
    .filter((one) => !one.covers)
    .map((one) => MESSAGES.finding('SCOPE', 'medium', [name(one.issuer)], { shownBy: [one] }));
  const known = subject.evidence.filter((one) => one.covers && one.state !== 'upcoming');
  if (known.length === 0) return { ...MESSAGES.unknown('NO_EVIDENCE', required), findings };
  const ahead = claimed(subject, 'cyber-dcc').find((one) => one.claims.val.attestedOn > today(subject));
  if (ahead) {
    const values = [date(ahead.claims.val.attestedOn), name(ahead.issuer)];
    const invalid = MESSAGES.invalid(MESSAGES.finding('ATTESTED_AHEAD', 'high', values, { shownBy: [ahead] }));
    return { ...invalid, findings: [...invalid.findings, ...findings] };
  }
  const [riskBp, used] = answer(subject, known, required, findings);
  return scored(riskBp, confidenceBp(used), findings);
}

function answer(subject, known, required, findings) {
  const plusNeeded = required >= 2;
  let base, any, lapsed;
  for (const one of known) {
    let plus = false;
    if (one.claims.tag === 'cyber-ceplus') {
      const missed = missedWindow(subject, one);
      if (missed) findings.push(missed);
      plus = !missed;
    } else if (one.claims.tag !== 'cyber-ce') continue;
    const certificate = { one, plus, until: ends(one, 12) };
    const counts = plus || !plusNeeded;
    if (certificate.until > subject.asOf) {
      if (counts) base = better(base, certificate);
      else any = better(any, certificate);
    } else if (counts) lapsed = better(lapsed, certificate);
  }
  if (base) return withBase(subject, required, base, findings);
  if (any) {
    findings.push(MESSAGES.finding('CE_PLUS_MISSING', 'high', [required], { shownBy: [any.one] }));
    return [7000, [any.one]];
  }
  if (lapsed) return withLapsed(subject, lapsed, findings);
  findings.push(MESSAGES.finding(plusNeeded ? 'CE_PLUS_NONE' : 'CE_MISSING', 'high', [required]));
  return [9000, known];
}

function missedWindow(subject, plus) {
  const plusOn = dayOf(plus.validFrom);
  const earlier = claimed(subject, 'cyber-ce').filter((one) => dayOf(one.validFrom) <= plusOn);
  const essentials = lastBest(earlier, (one) => [one.validFrom]);
  if (!essentials) return undefined;
  const essentialsOn = dayOf(essentials.validFrom);
  const last = monthsAfter(essentialsOn, 3);
  if (plusOn <= last) return undefined;
  const values = [date(plusOn), date(last), date(essentialsOn)];
  return MESSAGES.finding('CEP_WINDOW', 'medium', values, { shownBy: [plus, essentials] });
}

function withBase(subject, required, certificate, findings) {
  announceLapse(subject, certificate, findings);
  const base = certificate.one;
  const certifications = claimed(subject, 'cyber-dcc').filter(
    (one) => one.claims.val.level >= required && ends(one, 36) > subject.asOf,
  );
  const certification = lastBest(certifications, (one) => [one.claims.val.attestedOn, TRUST.indexOf(one.trust)]);
  if (certification) {
    const dueOn = monthsAfter(certification.claims.val.attestedOn, 12);
    const overdue = subject.asOf >= startOf(dueOn);
    if (overdue) {
      const values = [certification.claims.val.level, date(dueOn)];
      findings.push(MESSAGES.finding('DCC_OVERDUE', 'medium', values, { shownBy: [certification], dueOn }));
    }
    return [overdue ? 2000 : 0, [base, certification]];
  }
  const answered = claimed(subject, 'cyber-saq').filter((one) => ends(one, 12) > subject.asOf);
  const saq = lastBest(answered, (one) => [one.claims.val.level, -one.claims.val.gaps]);
  if (!saq) {
    findings.push(MESSAGES.finding('BASE_ONLY', 'high', [required], { shownBy: [base] }));
    return [6000, [base]];
  }
  const { level, gaps } = saq.claims.val;
  if (level >= required && gaps === 0) {
    findings.push(MESSAGES.finding('DCC_MISSING', 'low', [required], { shownBy: [saq] }));
    return [2500, [base, saq]];
  }
  const plans = claimed(subject, 'cyber-cip').filter(
    (one) => inForce(one) && one.claims.val.accepted && one.claims.val.dueOn >= today(subject),
  );
  const plan = lastBest(plans, (one) => [one.claims.val.dueOn]);
  if (plan) {
    const { dueOn } = plan.claims.val;
    const values = [level, gaps, required, date(dueOn)];
    findings.push(MESSAGES.finding('SHORTFALL', 'medium', values, { shownBy: [saq, plan], dueOn }));
    return [5000, [base, saq, plan]];
  }
  findings.push(MESSAGES.finding('BASE_ONLY', 'high', [required], { shownBy: [base, saq] }));
  return [6000, [base]];
}

function withLapsed(subject, { one, plus, until }, findings) {
  const last = dayOf(until - 1n);
  const just = today(subject) <= last + 30;
  const dueOn = just ? last + 30 : today(subject);
  const code = plus ? 'CE_PLUS_LAPSED' : 'CE_LAPSED';
  findings.push(MESSAGES.finding(code, 'high', [date(last), date(dueOn)], { shownBy: [one], dueOn }));
  return [just ? 8000 : 9000, [one]];
}

function announceLapse(subject, { one, plus, until }, findings) {
  const renewed = subject.evidence.some(
    (other) =>
      other.covers &&
      other.state === 'upcoming' &&
      (other.claims.tag === 'cyber-ceplus' || (!plus && other.claims.tag === 'cyber-ce')),
  );
  if (until - subject.asOf <= 60n * DAY_SECONDS && !renewed) {
    const last = dayOf(until - 1n);
    findings.push(MESSAGES.finding(plus ? 'CE_PLUS_DUE' : 'CE_DUE', 'low', [date(last)], { shownBy: [one], dueOn: last }));
  }
}
