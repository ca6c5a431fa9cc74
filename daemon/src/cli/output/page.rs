//! A text for people, line by line.

use super::{Column, TABLE_COLUMNS, columns_wide, table, write};
use crate::diagnostic::harmless;
use anyhow::Result;
use std::fmt::Display;

/// By how much the rest of a line that is too long is indented below its beginning, in columns.
const HANGING: usize = 4;

/// A text for people. A line stays one line, whatever the names in it hold.
#[derive(Debug)]
pub(in crate::cli) struct Page {
    text: String,
    width: Option<usize>,
}

impl Default for Page {
    fn default() -> Self {
        Self { text: String::new(), width: columns_wide().map(usize::from) }
    }
}

impl Page {
    /// Adds a line; one that is wider than the reader's screen is wrapped between words.
    pub(in crate::cli) fn line(&mut self, line: impl Display) {
        let line = line.to_string();
        let shown = harmless::line(&line);
        match self.width {
            Some(width) => table::wrap(&shown, width, HANGING).iter().for_each(|part| self.push(part)),
            None => self.push(&shown),
        }
    }

    /// Adds an empty line.
    pub(in crate::cli) fn gap(&mut self) {
        self.push("");
    }

    /// Adds a table of `rows`, or says that there are none.
    pub(in crate::cli) fn rows<T>(&mut self, rows: &[T], columns: &[Column<T>]) {
        if rows.is_empty() {
            return self.push("none");
        }
        let headings: Vec<&str> = columns.iter().map(Column::heading).collect();
        let cells: Vec<Vec<Vec<String>>> =
            rows.iter().map(|row| columns.iter().map(|column| column.shown(row)).collect()).collect();
        let text = table::render(&headings, &cells, self.width.unwrap_or_else(|| TABLE_COLUMNS.into()));
        self.push(text.trim_end_matches('\n'));
    }

    /// Prints it.
    pub(in crate::cli) fn print(self) -> Result<()> {
        write(self.text.as_bytes())
    }

    fn push(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }
}
