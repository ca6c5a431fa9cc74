// What becomes the component: the rule, behind what stands in `tierwatch-guest.js`, which comes first.
import { guarded } from './tierwatch-guest.js';
import { plugin as rule } from './rule.js';

export const plugin = guarded(rule);
