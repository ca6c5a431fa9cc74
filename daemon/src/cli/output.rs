//! One list, three shapes: a table for people, JSON and CSV for programs.

use crate::policy::Points;
use anyhow::{Context as _, Result};
use comfy_table::{ContentArrangement, Table, presets::UTF8_HORIZONTAL_ONLY};
use serde::Serialize;
use std::io::{self, IsTerminal as _, Write as _};

/// Width of a table where the terminal does not say, in columns.
const TABLE_COLUMNS: u16 = 120;

/// How a list is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Output {
    /// For people.
    #[default]
    Table,
    /// An array of objects, or one object.
    Json,
    /// A header and a line a row.
    Csv,
}

/// A column of a list: its heading and how a row fills it.
pub(super) struct Column<T> {
    heading: &'static str,
    cell: fn(&T) -> String,
}

/// A column.
pub(super) const fn column<T>(heading: &'static str, cell: fn(&T) -> String) -> Column<T> {
    Column { heading, cell }
}

/// Prints `rows`; a table also says so when there are none.
pub(super) fn print_rows<T: Serialize>(output: Output, rows: &[T], columns: &[Column<T>]) -> Result<()> {
    match output {
        Output::Json => print_json(&rows),
        Output::Csv => print_csv(rows, columns),
        Output::Table if rows.is_empty() => print_text("none\n"),
        Output::Table => print_text(&format!("{}\n", table(rows, columns))),
    }
}

/// Prints one value as JSON, with a newline.
pub(super) fn print_json<T: Serialize>(value: &T) -> Result<()> {
    print_text(&format!("{}\n", serde_json::to_string_pretty(value)?))
}

/// Prints `text` as it is. A reader that has gone away (`| head`) ends the program quietly.
pub(super) fn print_text(text: &str) -> Result<()> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => std::process::exit(0),
        written => written.context("cannot write to standard output"),
    }
}

/// The rows as a table, fitted to the terminal.
pub(super) fn table<T>(rows: &[T], columns: &[Column<T>]) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(terminal_columns());
    table.set_header(columns.iter().map(|column| column.heading));
    for row in rows {
        table.add_row(columns.iter().map(|column| (column.cell)(row)));
    }
    table
}

fn terminal_columns() -> u16 {
    if !io::stdout().is_terminal() {
        return TABLE_COLUMNS;
    }
    rustix::termios::tcgetwinsize(io::stdout())
        .ok()
        .map(|size| size.ws_col)
        .filter(|columns| *columns >= 40)
        .unwrap_or(TABLE_COLUMNS)
}

fn print_csv<T>(rows: &[T], columns: &[Column<T>]) -> Result<()> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(columns.iter().map(|column| column.heading))?;
    for row in rows {
        writer.write_record(columns.iter().map(|column| (column.cell)(row)))?;
    }
    print_text(&String::from_utf8(writer.into_inner()?)?)
}

/// Basis points as people read risk, as in every other place: 6 120 is `61.2`.
pub(super) fn risk(risk_bp: u32) -> String {
    Points(risk_bp).to_string()
}

/// Basis points as a whole percentage.
pub(super) fn percent(bp: u32) -> String {
    format!("{} %", (bp + 50) / 100)
}

/// A probability as a percentage, with two decimals; never 0 for what can happen, never 100 for what can be otherwise.
pub(super) fn probability(probability: f64) -> String {
    let percent = probability * 100.0;
    let shown = format!("{percent:.2}");
    match shown.as_str() {
        "0.00" if percent > 0.0 => format!("{percent:.1e} %"),
        "100.00" if probability < 1.0 => "over 99.99 %".to_owned(),
        _ => format!("{shown} %"),
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
        check(0.999_999_9, "over 99.99 %");
        check(1.0, "100.00 %");
    }
}
