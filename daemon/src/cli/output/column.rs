//! A column of a list: its heading, its unit, and how a row fills it.

use crate::diagnostic::harmless;

/// Joins the lines of a cell where a cell has only one line.
const LINE_BREAK: &str = "; ";

/// What a figure counts. A table shows it beside each figure, CSV in the heading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Unit {
    /// A number by itself.
    None,
    /// Parts of a hundred.
    Percent,
    /// The difference of two percentages.
    Points,
    /// Days.
    Days,
}

impl Unit {
    fn suffix(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Percent => " %",
            Self::Points => " points",
            Self::Days => " days",
        }
    }

    fn heading(self) -> &'static str {
        match self {
            Self::Percent => " percent",
            _ => self.suffix(),
        }
    }
}

/// How a row fills a cell.
enum Cell<T> {
    Text(fn(&T) -> String),
    Lines(fn(&T) -> Vec<String>),
    Figure(Unit, fn(&T) -> Option<String>),
}

/// A column of a list.
pub(in crate::cli) struct Column<T> {
    heading: &'static str,
    cell: Cell<T>,
}

/// A column of texts.
pub(in crate::cli) const fn column<T>(heading: &'static str, cell: fn(&T) -> String) -> Column<T> {
    Column { heading, cell: Cell::Text(cell) }
}

/// A column whose cells have several lines.
pub(in crate::cli) const fn lines<T>(heading: &'static str, cell: fn(&T) -> Vec<String>) -> Column<T> {
    Column { heading, cell: Cell::Lines(cell) }
}

/// A column of figures, without their unit; `None` where there is none.
pub(in crate::cli) const fn figure<T>(heading: &'static str, unit: Unit, cell: fn(&T) -> Option<String>) -> Column<T> {
    Column { heading, cell: Cell::Figure(unit, cell) }
}

impl<T> Column<T> {
    pub(super) fn heading(&self) -> &'static str {
        self.heading
    }

    /// The lines of a table's cell.
    pub(super) fn shown(&self, row: &T) -> Vec<String> {
        let shown = |text: String| harmless::line(&text).into_owned();
        match &self.cell {
            Cell::Text(cell) => vec![shown(cell(row))],
            Cell::Lines(cell) => cell(row).into_iter().map(shown).collect(),
            Cell::Figure(unit, cell) => {
                vec![cell(row).map_or_else(|| "-".to_owned(), |figure| figure + unit.suffix())]
            }
        }
    }

    pub(super) fn csv_heading(&self) -> String {
        match &self.cell {
            Cell::Figure(unit, _) => format!("{}{}", self.heading, unit.heading()),
            Cell::Text(_) | Cell::Lines(_) => self.heading.to_owned(),
        }
    }

    pub(super) fn csv(&self, row: &T) -> String {
        match &self.cell {
            Cell::Text(cell) => cell(row),
            Cell::Lines(cell) => cell(row).join(LINE_BREAK),
            Cell::Figure(_, cell) => cell(row).unwrap_or_default(),
        }
    }
}

/// A cell of CSV that no spreadsheet executes: what would be a formula begins with an apostrophe
/// (OWASP, "CSV Injection"); numbers stay numbers.
pub(super) fn csv_cell(text: &str) -> String {
    let shown = harmless::line(text);
    let begins = shown.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    // A dash alone is no formula.
    let runs = begins && shown != "-" && shown.parse::<f64>().is_err();
    if runs { format!("'{shown}") } else { shown.into_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_is_guarded() {
        let check = |text, expected| assert_eq!(csv_cell(text), expected);
        check("=HYPERLINK(\"x\")", "'=HYPERLINK(\"x\")");
        check("@SUM(1)", "'@SUM(1)");
        check("+1-cmd|' /C calc'!A0", "'+1-cmd|' /C calc'!A0");
        check("-A1", "'-A1");
        check("＝A1", "'＝A1");
        check(" =A1", "' =A1");
        check("\t=A1", "␉=A1");
        check("-3.25", "-3.25");
        check("-", "-");
        check("+3.25", "+3.25");
        check("Smith & Sons - Forgings", "Smith & Sons - Forgings");
        check("Line\nBreak", "Line␊Break");
        check("", "");
    }

    #[test]
    fn a_unit_stands_beside_the_figure_or_in_the_heading() {
        const COLUMNS: [Column<f64>; 3] = [
            figure("change", Unit::Points, |row| Some(format!("{row:+.2}"))),
            figure("exposure", Unit::Percent, |row| Some(format!("{row}"))),
            figure("survives", Unit::Days, |_| None),
        ];
        let shown: Vec<_> = COLUMNS.iter().map(|column| column.shown(&-1.5).concat()).collect();
        assert_eq!(shown, ["-1.50 points", "-1.5 %", "-"]);
        let headings: Vec<_> = COLUMNS.iter().map(Column::csv_heading).collect();
        assert_eq!(headings, ["change points", "exposure percent", "survives days"]);
        let csv: Vec<_> = COLUMNS.iter().map(|column| csv_cell(&column.csv(&-1.5))).collect();
        assert_eq!(csv, ["-1.50", "-1.5", ""]);
    }
}
