//! Probabilities as sums and products of independent parts: formulas are compiled to this.
//!
//! Every node stands for something that happens or not. A choice is independent of what it chooses between, and the parts
//! of "any" and "all" share no event. So a forward pass of plain arithmetic gives the probabilities, and a backward pass
//! their slopes by event.

use rustc_hash::FxHashMap;

/// A node's index; its parts come before it.
pub(super) type CircuitIx = u32;

/// Something that never happens.
pub(super) const FALSE: CircuitIx = 0;
/// Something that always happens.
pub(super) const TRUE: CircuitIx = 1;

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum CircuitNode {
    False,
    True,
    Event(u32),
    /// `down` if `part` happens, else `up`.
    Choice {
        part: CircuitIx,
        down: CircuitIx,
        up: CircuitIx,
    },
    /// Any of some independent parts; `parts[start..end]`.
    Or {
        start: u32,
        end: u32,
    },
    /// All of some independent parts.
    And {
        start: u32,
        end: u32,
    },
}

/// Nodes, and the parts of those that have many.
pub(super) struct Circuit {
    nodes: Vec<CircuitNode>,
    parts: Vec<CircuitIx>,
    choices: FxHashMap<(CircuitIx, CircuitIx, CircuitIx), CircuitIx>,
    /// Most nodes.
    limit: usize,
}

/// The circuit has reached its limit of nodes.
#[derive(Debug)]
pub(super) struct Full;

impl Circuit {
    /// An empty circuit of at most `limit` nodes.
    pub(super) fn new(limit: usize) -> Self {
        Self {
            nodes: vec![CircuitNode::False, CircuitNode::True],
            parts: Vec::new(),
            choices: FxHashMap::default(),
            limit,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Forgets all nodes but the first `len`.
    pub(super) fn truncate(&mut self, len: usize) {
        self.nodes.truncate(len);
        self.choices.retain(|_, index| (*index as usize) < len);
    }

    fn push(&mut self, node: CircuitNode) -> Result<CircuitIx, Full> {
        let index = u32::try_from(self.nodes.len()).map_err(|_| Full)?;
        if self.nodes.len() >= self.limit {
            return Err(Full);
        }
        self.nodes.push(node);
        Ok(index)
    }

    pub(super) fn event(&mut self, event: u32) -> Result<CircuitIx, Full> {
        self.push(CircuitNode::Event(event))
    }

    pub(super) fn choice(&mut self, part: CircuitIx, down: CircuitIx, up: CircuitIx) -> Result<CircuitIx, Full> {
        if down == up {
            return Ok(down);
        }
        if (down, up) == (TRUE, FALSE) {
            return Ok(part);
        }
        if let Some(known) = self.choices.get(&(part, down, up)) {
            return Ok(*known);
        }
        let index = self.push(CircuitNode::Choice { part, down, up })?;
        self.choices.insert((part, down, up), index);
        Ok(index)
    }

    pub(super) fn any(&mut self, parts: &[CircuitIx]) -> Result<CircuitIx, Full> {
        let (start, end) = self.many(parts)?;
        self.push(CircuitNode::Or { start, end })
    }

    pub(super) fn all(&mut self, parts: &[CircuitIx]) -> Result<CircuitIx, Full> {
        let (start, end) = self.many(parts)?;
        self.push(CircuitNode::And { start, end })
    }

    fn many(&mut self, parts: &[CircuitIx]) -> Result<(u32, u32), Full> {
        let start = u32::try_from(self.parts.len()).map_err(|_| Full)?;
        self.parts.extend_from_slice(parts);
        Ok((start, u32::try_from(self.parts.len()).map_err(|_| Full)?))
    }

    /// The parts of a node that has many.
    fn slice(&self, start: u32, end: u32) -> &[CircuitIx] {
        &self.parts[start as usize..end as usize]
    }

    /// By node: its probability, from those of the events.
    pub(super) fn probabilities(&self, event: impl Fn(u32) -> f64) -> Vec<f64> {
        let mut known: Vec<f64> = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            let of = |index: CircuitIx| known[index as usize];
            known.push(match *node {
                CircuitNode::False => 0.0,
                CircuitNode::True => 1.0,
                CircuitNode::Event(number) => event(number),
                CircuitNode::Choice { part, down, up } => of(part) * of(down) + (1.0 - of(part)) * of(up),
                CircuitNode::Or { start, end } => any(self.slice(start, end).iter().map(|part| of(*part))),
                CircuitNode::And { start, end } => self.slice(start, end).iter().map(|part| of(*part)).product(),
            });
        }
        known
    }

    /// By event: the slope of `root`'s probability in the event's.
    pub(super) fn slopes(&self, root: CircuitIx, probabilities: &[f64], events: usize) -> Vec<f64> {
        let of = |index: CircuitIx| probabilities[index as usize];
        let mut slopes = vec![0.0; self.nodes.len()];
        slopes[root as usize] = 1.0;
        let mut by_event = vec![0.0; events];
        let mut before: Vec<f64> = Vec::new();
        for (index, node) in self.nodes.iter().enumerate().rev() {
            let slope = slopes[index];
            match *node {
                CircuitNode::False | CircuitNode::True => {}
                CircuitNode::Event(number) => by_event[number as usize] += slope,
                CircuitNode::Choice { part, down, up } => {
                    slopes[part as usize] += slope * (of(down) - of(up));
                    slopes[down as usize] += slope * of(part);
                    slopes[up as usize] += slope * (1.0 - of(part));
                }
                CircuitNode::Or { start, end } | CircuitNode::And { start, end } => {
                    // A part's slope is the product of what the others leave to it.
                    let leaves = |part: CircuitIx| {
                        if matches!(node, CircuitNode::Or { .. }) { 1.0 - of(part) } else { of(part) }
                    };
                    let parts = self.slice(start, end);
                    before.clear();
                    let mut product = slope;
                    for part in parts {
                        before.push(product);
                        product *= leaves(*part);
                    }
                    let mut after = 1.0;
                    for (part, before) in parts.iter().zip(&before).rev() {
                        slopes[*part as usize] += before * after;
                        after *= leaves(*part);
                    }
                }
            }
        }
        by_event
    }
}

/// The probability of any of some independent parts. Small ones are added instead of being subtracted from one, which would
/// lose their last digits.
fn any(parts: impl Iterator<Item = f64>) -> f64 {
    parts.fold(0.0, |sum, part| sum + part - sum * part)
}
