//! How commands end, and the exit code for each ending.

/// The ending of a command that returned no error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Done {
    /// It did what was asked.
    Fine,
    /// It did its work and found what its caller should know of.
    Difference,
    /// It was told to stop, and left nothing half done.
    Interrupted,
    /// It failed, and the log has said why.
    Failed,
}

/// The exit code of a command that Ctrl-C ended, as shells have it.
pub(super) const INTERRUPTED: u8 = 130;
