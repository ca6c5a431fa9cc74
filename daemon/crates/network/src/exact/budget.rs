//! How much may be tried before giving up, and why there is no exact answer then.

/// Nodes of one diagram unless another limit is asked for: some 40 bytes each while it is built, some 80 in the stages
/// that improve its order, up to some 120 with what is derived from it. Diagrams built at the same time share the limit.
pub const DIAGRAM_NODES: usize = 1 << 25;

/// Stack of each thread that builds, in bytes; there are as many threads as processors. Operations go as deep as a diagram has
/// levels. Address space is taken at once, memory as it is used.
pub(super) const STACK_BYTES: usize = 1 << 30;

/// How much may be tried before giving up.
#[derive(Clone, Copy)]
pub struct Budget<'e> {
    /// Most nodes of one diagram, and of the circuit that is made of all: [`DIAGRAM_NODES`] says what one takes.
    pub nodes: usize,
    /// Whether the caller does not want to wait any longer. Several threads call it often: keep it quick, as a look at a clock.
    pub give_up: &'e (dyn Fn() -> bool + Sync),
}

impl Budget<'_> {
    /// An error once the caller does not want to wait any longer.
    pub(super) fn go_on(&self) -> Result<(), NotExact> {
        if (self.give_up)() { Err(NotExact::GivenUp) } else { Ok(()) }
    }
}

impl Default for Budget<'_> {
    fn default() -> Self {
        Self { nodes: DIAGRAM_NODES, give_up: &|| false }
    }
}

/// Why there is no exact answer. The caller knows what can be done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotExact {
    /// Neither a diagram in any order that was tried nor dividing was small enough.
    #[error("every way that was tried takes more than {limit} nodes")]
    Nodes {
        /// The limit, [`Budget::nodes`].
        limit: usize,
    },
    /// [`Budget::give_up`] said so.
    #[error("the time limit was reached")]
    GivenUp,
    /// The formula has more than [`MAX_FORMULA_GATES`] gates.
    #[error("what stands behind it has more than {MAX_FORMULA_GATES} gates")]
    Gates,
    /// A part that cannot be divided has more than [`MAX_MODULE_LEAVES`] causes.
    #[error("more than {MAX_MODULE_LEAVES} causes hang together")]
    Leaves,
    /// The machine did not give a thread that builds, or its stack.
    #[error("there is no memory for its {} MiB of stack", STACK_BYTES >> 20)]
    Stack,
}

/// How many gates a formula may have: some 100 bytes each.
pub const MAX_FORMULA_GATES: usize = 4_000_000;

/// How many leaves one module may have: the recursion of the diagrams' operations goes as deep.
pub const MAX_MODULE_LEAVES: usize = 50_000;
