// # {{name}}: does it hold the quality approvals that its customers ask?
//
// Aerospace and defence buyers accept parts from approved firms only: AS9100 for quality management, NADCAP for special
// processes. A `supply.capability` attestation lists the approvals that a firm holds, and lapses with them.
//
// For each required approval, first match wins; the worst counts:
//
// | evidence | risk |
// |---|---|
// | an attestation in force names it | 0 |
// | the same, and it lapses within the notice | 20.00 |
// | it was held and has lapsed | 50.00 |
// | nothing names it | 70.00 |
//
// The approvals and the risk figures are parameters: they are yours, not a standard's. Change this rule into your own: what
// it says of itself stands in `describe`, its parameters in PARAMETERS, its texts in MESSAGES, and what it does in `assessOne`.

import {
  claimed,
  confidenceBp,
  date,
  inForce,
  lastDay,
  messages,
  objectSchema,
  scored,
  today,
  wholeNumber,
  withDefaults,
} from './tierwatch-rule.js';

const MESSAGES = messages({
  NOT_IN_REACH: ['No programme depends on it.', ''],
  NO_CAPABILITY: [
    'Nothing shows which quality approvals it holds.',
    'Ask it for a `supply.capability` attestation with its approvals.',
  ],
  APPROVAL_MISSING: [
    'It does not show the approval {0}.',
    'Ask it for its {0} certificate, or find a source that holds it.',
  ],
  APPROVAL_LAPSED: [
    'Its approval {0} held until {1} and has lapsed.',
    'Ask for the renewal of {0}; inspect its deliveries until then.',
  ],
  APPROVAL_DUE: ['Its approval {0} lapses after {1}.', 'Ask for the date of its next {0} audit.'],
});

const PARAMETERS = {
  required_approvals: {
    description: 'Approvals that every supplier must hold.',
    type: 'array',
    items: { type: 'string', minLength: 1, maxLength: 64 },
    maxItems: 16,
    default: ['AS9100'],
  },
  notice_days: wholeNumber('Days before a lapse from which it is announced.', 60, 0, 365),
  missing_bp: wholeNumber('Risk without an approval, in basis points.', 7000, 0, 10000),
  lapsed_bp: wholeNumber('Risk with an approval that has lapsed, in basis points.', 5000, 0, 10000),
  due_bp: wholeNumber('Risk with an approval that lapses soon, in basis points.', 2000, 0, 10000),
};

let parameters;

/** The three functions of the contract. */
export const plugin = {
  describe() {
    return {
      name: '{{name}}',
      version: '1.0.0',
      dimension: 'quality',
      help: "Whether a supplier holds the quality approvals that the policy asks. The risk figures are the policy's.",
      kinds: ['supply.capability'],
      facts: ['requirement'],
      parameters: JSON.stringify(objectSchema(PARAMETERS)),
      messages: MESSAGES.table,
    };
  },

  configure(text) {
    parameters = withDefaults(PARAMETERS, JSON.parse(text));
  },

  assess(subjects) {
    return subjects.map(assessOne);
  },
};

function assessOne(subject) {
  if (subject.requirement?.criticality === undefined) return MESSAGES.notApplicable('NOT_IN_REACH');
  const capabilities = claimed(subject, 'supply-capability');
  if (capabilities.length === 0) return MESSAGES.unknown('NO_CAPABILITY');
  const answers = parameters.required_approvals.map((approval) => assessApproval(subject, capabilities, approval));
  const riskBp = Math.max(0, ...answers.map((answer) => answer.riskBp));
  return scored(riskBp, confidenceBp(capabilities), answers.flatMap((answer) => answer.findings));
}

/** The risk of one required approval, and what there is to say of it. */
function assessApproval(subject, capabilities, approval) {
  const naming = capabilities.filter((one) => one.claims.val.approvals.includes(approval));
  if (naming.length === 0) {
    return { riskBp: parameters.missing_bp, findings: [MESSAGES.finding('APPROVAL_MISSING', 'high', [approval])] };
  }
  const best = naming.reduce((best, one) => (holdsLonger(one, best) ? one : best));
  const end = lastDay(best);
  if (!inForce(best)) {
    const lapsed = MESSAGES.finding('APPROVAL_LAPSED', 'high', [approval, date(end)], { shownBy: [best] });
    return { riskBp: parameters.lapsed_bp, findings: [lapsed] };
  }
  if (end !== undefined && end - today(subject) < parameters.notice_days) {
    const due = MESSAGES.finding('APPROVAL_DUE', 'low', [approval, date(end)], { shownBy: [best], dueOn: end });
    return { riskBp: parameters.due_bp, findings: [due] };
  }
  return { riskBp: 0, findings: [] };
}

/** What is in force before what has lapsed, then by its end; what has none holds for ever. */
function holdsLonger(one, other) {
  if (inForce(one) !== inForce(other)) return inForce(one);
  return (lastDay(one) ?? Infinity) > (lastDay(other) ?? Infinity);
}
