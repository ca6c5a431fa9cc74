//! What commands print: one list in three shapes (a table for people, JSON and CSV for programs), texts for people, and
//! bytes as they are.
//!
//! Names come from strangers. Whatever is printed here is made harmless on its way out ([`harmless`]), and nothing is printed
//! anywhere else.

mod column;
mod log;
mod page;
mod table;

pub(super) use column::{Column, Unit, column, figure, lines};
pub(super) use log::{HumanFields, JsonEvents};
pub(super) use page::Page;

use crate::{diagnostic::harmless, policy::Points};
use anyhow::{Context as _, Result, bail};
use column::csv_cell;
use serde::Serialize;
use std::io::{self, IsTerminal as _, Write as _};

/// Width of a table where neither the terminal nor `COLUMNS` says one, in columns.
const TABLE_COLUMNS: u16 = 120;
/// The narrowest width of a terminal that is accepted, in columns.
const MIN_TERMINAL_COLUMNS: u16 = 40;

/// How a list is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Output {
    /// For people.
    #[default]
    Table,
    /// An array of objects, or one object.
    Json,
    /// One table: a header and a line a row. Figures have their unit in the header.
    Csv,
}

impl Output {
    /// Refuses CSV for output that is no list.
    pub(super) fn no_csv(self, what: &str) -> Result<()> {
        if self == Self::Csv {
            bail!("{what} is no list and has no CSV: ask for --output json");
        }
        Ok(())
    }
}

/// Prints `rows`; a table also says so when there are none.
pub(super) fn print_rows<T: Serialize>(output: Output, rows: &[T], columns: &[Column<T>]) -> Result<()> {
    match output {
        Output::Json => print_json(&rows),
        Output::Csv => print_csv(rows, columns),
        Output::Table => {
            let mut page = Page::default();
            page.rows(rows, columns);
            page.print()
        }
    }
}

/// Prints one value as JSON, with a newline.
pub(super) fn print_json<T: Serialize>(value: &T) -> Result<()> {
    write(harmless::json(&serde_json::to_string_pretty(value)?).as_bytes())?;
    write(b"\n")
}

/// Prints a text for people. Names in it must have gone through [`Page`], or they could begin a line.
pub(super) fn print_text(text: &str) -> Result<()> {
    let mut page = Page::default();
    text.lines().for_each(|line| page.line(line));
    page.print()
}

/// Notes on standard error what a person should know beside the answer.
pub(super) fn print_note(note: &str) {
    // A terminal that has gone away reads nothing.
    let _ = writeln!(io::stderr().lock(), "note: {}", harmless::line(note));
}

/// Prints bytes for a program unchanged: keys, envelopes, scripts, what somebody sent.
pub(super) fn print_bytes(bytes: &[u8]) -> Result<()> {
    write(bytes)
}

/// Writes to standard output. A reader that has gone away (`| head`) ends the program quietly.
fn write(bytes: &[u8]) -> Result<()> {
    match io::stdout().lock().write_all(bytes) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => std::process::exit(0),
        written => written.context("cannot write to standard output"),
    }
}

fn print_csv<T>(rows: &[T], columns: &[Column<T>]) -> Result<()> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(columns.iter().map(Column::csv_heading))?;
    for row in rows {
        writer.write_record(columns.iter().map(|column| csv_cell(&column.csv(row))))?;
    }
    write(&writer.into_inner()?)
}

/// The width of the reader's screen: the terminal's, or what `COLUMNS` says; `None` for a file or a pipe.
fn columns_wide() -> Option<u16> {
    let terminal = || rustix::termios::tcgetwinsize(io::stdout()).ok().map(|size| size.ws_col);
    let said = || std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let columns = if io::stdout().is_terminal() { terminal().filter(|columns| *columns > 0) } else { None };
    columns.or_else(said).filter(|columns| *columns >= MIN_TERMINAL_COLUMNS)
}

/// Basis points as people read risk: 6 120 is `61.2`.
pub(super) fn risk(risk_bp: u32) -> String {
    Points(risk_bp).to_string()
}

/// Basis points as a whole percentage.
pub(super) fn percent(bp: u32) -> String {
    format!("{} %", whole_percent(bp))
}

/// Basis points as whole hundredths, for a column of percentages.
pub(super) fn whole_percent(bp: u32) -> String {
    ((bp + 50) / 100).to_string()
}

/// What a supplier costs the programmes, in points of 100 of a programme of criticality 1.
pub(super) fn cost(cost: f64) -> String {
    format!("{:.1}", cost * 100.0)
}

/// A probability as a percentage, with two decimals.
pub(super) fn probability(probability: f64) -> String {
    format!("{} %", hundredths(probability))
}

/// A probability as hundredths with two decimals, for a column of percentages; never 0 for what can happen, never 100 for
/// what may not.
pub(super) fn hundredths(probability: f64) -> String {
    let percent = probability * 100.0;
    let shown = format!("{percent:.2}");
    match shown.as_str() {
        "0.00" if percent > 0.0 => format!("{percent:.1e}"),
        "100.00" if percent < 100.0 => percent.to_string(),
        _ => shown,
    }
}

#[cfg(test)]
mod tests {
    use super::probability;

    #[test]
    fn a_rare_probability_is_a_number() {
        let check = |value, expected| assert_eq!(probability(value), expected);
        check(0.0, "0.00 %");
        check(0.000_012_3, "1.2e-3 %");
        check(0.000_2, "0.02 %");
        check(0.5, "50.00 %");
        check(0.999_996, "99.9996 %");
        check(1.0, "100.00 %");
    }
}
