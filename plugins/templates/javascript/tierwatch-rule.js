// What every Tierwatch rule in JavaScript needs beside the contract in wit/.
//
// Risk and confidence are whole basis points, 0 to 10 000; a date is a number of days since 1970-01-01, an instant a
// BigInt of seconds. There is no clock, no file and no network: the subject's `asOf` is the only time.

const DAY_SECONDS = 86400n;

/** How sure something is that rests on this trust, in basis points. */
const CONFIDENCE_BP = { unsigned: 1000, 'self-asserted': 4000, 'third-party': 7500, authority: 9500 };

/** A rule's messages by code, as `messages({CODE: ['text with {0}', 'remedy']})`: assessments carry a message's place. */
export function messages(texts) {
  const codes = Object.keys(texts);
  const reason = (code, values) => {
    const message = codes.indexOf(code);
    if (message < 0) throw new Error(`no message ${code}`);
    return { message, arguments: values.map(argument) };
  };
  return {
    table: codes.map((code) => ({ code, text: texts[code][0], remedy: texts[code][1] })),
    /** What was found; `shownBy` and `dueOn` may be left out. */
    finding(code, severity, values, { shownBy = [], dueOn } = {}) {
      return { ...reason(code, values), severity, evidence: shownBy.map((one) => one.index), dueOn };
    },
    /** Nothing is required. */
    notApplicable: (code, ...values) => ({ outcome: { tag: 'not-applicable', val: reason(code, values) }, findings: [] }),
    /** Something is required and there is no evidence. */
    unknown: (code, ...values) => ({ outcome: { tag: 'unknown', val: reason(code, values) }, findings: [] }),
    /** The evidence contradicts itself or cannot be; the finding names the attestation that says so. */
    invalid: (finding) => ({
      outcome: { tag: 'invalid', val: { message: finding.message, arguments: finding.arguments } },
      findings: [finding],
    }),
  };
}

/** There is evidence, and this is its risk. */
export function scored(riskBp, confidenceBp, findings) {
  return { outcome: { tag: 'scored', val: { riskBp, confidenceBp } }, findings };
}

/** A message's argument: a text, a number, or one of `date`, `name`, `perCent`. */
function argument(value) {
  if (typeof value === 'string') return { tag: 'text', val: value };
  if (typeof value === 'number') return { tag: 'number', val: BigInt(value) };
  return value;
}

/** A day, as an argument. */
export const date = (days) => ({ tag: 'date', val: days });

/** An organisation, an item or a region by its handle, as an argument. */
export const name = (handle) => ({ tag: 'name', val: handle });

/** Basis points, as an argument that is shown as per cent. */
export const perCent = (basisPoints) => ({ tag: 'basis-points', val: basisPoints });

/** The evidence with these claims, as 'cyber-ce', that counts: it covers the organisation and has started, though it may
 *  have lapsed since. */
export function claimed(subject, claims) {
  return subject.evidence.filter((one) => one.covers && one.state !== 'upcoming' && one.claims.tag === claims);
}

/** Whether it covers the organisation and holds. */
export const inForce = (attestation) => attestation.covers && attestation.state === 'in-force';

/** The evidence with these claims that is in force; where all of it has lapsed, what counts. */
export function stated(subject, claims) {
  const counts = claimed(subject, claims);
  const holds = counts.filter(inForce);
  return holds.length === 0 ? counts : holds;
}

/** The evidence with these claims that covers the organisation and starts later. */
export function renewals(subject, claims) {
  return subject.evidence.filter((one) => one.covers && one.state === 'upcoming' && one.claims.tag === claims);
}

/** The last day on which it holds; `undefined` when it says nothing of an end. */
export function lastDay(attestation) {
  return attestation.validUntil === undefined ? undefined : day(attestation.validUntil - 1n);
}

/** The day that is asked about. */
export const today = (subject) => day(subject.asOf);

/** The day that an instant lies in; BigInt rounds towards zero, days towards the past. */
function day(instant) {
  const rest = ((instant % DAY_SECONDS) + DAY_SECONDS) % DAY_SECONDS;
  return Number((instant - rest) / DAY_SECONDS);
}

/** What the weakest trust among `used` allows; 0 when nothing is used. */
export function confidenceBp(used) {
  return used.length === 0 ? 0 : Math.min(...used.map((one) => CONFIDENCE_BP[one.trust]));
}

/** The JSON Schema of a parameter that is a whole number. */
export function wholeNumber(description, defaultValue, minimum, maximum) {
  return { description, type: 'integer', minimum, maximum, default: defaultValue };
}

/** The JSON Schema of these parameters and no others. */
export function objectSchema(properties) {
  return { type: 'object', additionalProperties: false, properties };
}

/** What the policy says, and the default of what it does not say. */
export function withDefaults(properties, parameters) {
  const defaults = Object.entries(properties).map(([name, property]) => [name, property.default]);
  return { ...Object.fromEntries(defaults), ...parameters };
}
