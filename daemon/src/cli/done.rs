//! How commands end, and what the shell is told of it.

/// What a command ended with, when it did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Done {
    /// As asked.
    Fine,
    /// It did its work and found what its caller should know of.
    Difference,
    /// It was told to stop, and left nothing half done.
    Interrupted,
    /// It failed, and the log has said why.
    Failed,
}

/// What a shell gives for a command that Ctrl-C ended.
pub(super) const INTERRUPTED: u8 = 130;
