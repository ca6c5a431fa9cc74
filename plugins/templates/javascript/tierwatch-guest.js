// What stands between the daemon and `rule.js`: no clock and no dice, and an exception that says what went wrong and where.
//
// A component is a picture of the engine's memory just after `rule.js` was loaded. What a clock or a die says while that is
// done would be the component's answer for ever, so that both throw from here on, while it is built and in every call.

const CLOCK = "a rule has no clock; the subject's `asOf` is the only time";
const DICE = 'a rule has no dice; compute a number from the evidence';

function forbidden(name, instead) {
  return () => {
    throw new Error(`${name}: ${instead}`);
  };
}

/** Puts what throws in the place of what is there. */
function forbid(owner, path, names, instead) {
  for (const name of names) {
    if (owner?.[name] !== undefined) {
      Object.defineProperty(owner, name, { value: forbidden(`${path}.${name}`, instead), configurable: false });
    }
  }
}

forbid(Math, 'Math', ['random'], DICE);
forbid(globalThis.crypto, 'crypto', ['getRandomValues', 'randomUUID'], DICE);
forbid(Date, 'Date', ['now'], CLOCK);
forbid(globalThis.performance, 'performance', ['now', 'mark', 'measure'], CLOCK);
for (const name of ['instant', 'plainDateISO', 'plainDateTimeISO', 'plainTimeISO', 'zonedDateTimeISO']) {
  forbid(globalThis.Temporal?.Now, 'Temporal.Now', [name], CLOCK);
}

/** A date of a time that is given. */
class TimelessDate extends Date {
  constructor(...time) {
    if (time.length === 0) forbidden('new Date()', CLOCK)();
    super(...time);
  }
}
Object.defineProperty(TimelessDate, 'name', { value: 'Date' });
Date.prototype.constructor = TimelessDate;
globalThis.Date = TimelessDate;

/** By this message a rule says that it failed on a supplier: the contract's greatest number. */
const FAILURE = 0xffffffff;

/** The three functions of the contract, as the daemon calls them. */
export function guarded(rule) {
  // Asked while the component is built, so that what is wrong with it is said then.
  const manifest = rule.describe();
  return {
    describe: () => manifest,

    configure(text) {
      try {
        return rule.configure(text);
      } catch (error) {
        // The rule's own problems.
        if (Array.isArray(error)) throw error;
        throw [{ path: '', message: `\`configure\` failed with ${told(error)}: correct the parameters or the rule` }];
      }
    },

    // One at a time, so that who fails fails alone.
    assess: (subjects) => subjects.map((subject) => assessOne(rule, subject)),
  };
}

function assessOne(rule, subject) {
  try {
    const answers = rule.assess([subject]);
    if (answers.length !== 1) throw new Error(`assess gave ${answers.length} assessments for one supplier`);
    return answers[0];
  } catch (error) {
    // How much memory is left depends on whoever came before: the daemon tries again without them.
    if (error === 'out of memory') throw error;
    const text = { tag: 'text', val: told(error) };
    return { outcome: { tag: 'invalid', val: { message: FAILURE, arguments: [text] } }, findings: [] };
  }
}

/** Its type, its text and the line of the rule that it comes from. */
function told(error) {
  if (!(error instanceof Error)) return `a thrown ${typeof error}: ${String(error)}`;
  const frames = (error.stack ?? '').split('\n').filter((frame) => !/tierwatch-(guest|rule|entry)\.js/.test(frame));
  const place = /([^@/ ]+\.js):(\d+)/.exec(frames.find((frame) => frame.includes('.js:')) ?? '');
  return `${error.name}: ${error.message}${place ? ` (${place[1]}, line ${place[2]})` : ''}`;
}
