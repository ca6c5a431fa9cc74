//! How wide a text is on a terminal.

use unicode_width::UnicodeWidthStr as _;

/// The width of `text` on a screen, in columns.
pub(super) fn width_of(text: &str) -> usize {
    text.width()
}
