//! A table that fits: words are never broken, so that identifiers can be copied. Where the columns cannot stand side by side,
//! each row is a paragraph of its own.

use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width, presets::UTF8_HORIZONTAL_ONLY};
use unicode_width::UnicodeWidthStr;

/// Longest word that a column must fit, in columns; longer ones are no identifiers, and are broken.
const MAX_WORD_COLUMNS: usize = 40;
/// Columns that a cell takes beside its content.
const PADDING: usize = 2;
/// The width of the line between two columns.
const SEPARATOR: usize = 1;

/// The table of `rows`, each cell being lines, within `width` columns.
pub(super) fn render(headings: &[&str], rows: &[Vec<Vec<String>>], width: usize) -> String {
    let needed: Vec<usize> = (0..headings.len())
        .map(|at| {
            let cells = rows.iter().filter_map(|row| row.get(at)).flatten().map(String::as_str);
            cells.chain([headings[at]]).map(longest_word).max().unwrap_or_default()
        })
        .collect();
    let least = needed.iter().map(|word| word + PADDING + SEPARATOR).sum::<usize>().saturating_sub(SEPARATOR);
    if least > width { paragraphs(headings, rows, width) } else { table(headings, rows, &needed, width) }
}

fn longest_word(text: &str) -> usize {
    text.split(' ').map(UnicodeWidthStr::width).max().unwrap_or_default().min(MAX_WORD_COLUMNS)
}

fn table(headings: &[&str], rows: &[Vec<Vec<String>>], needed: &[usize], width: usize) -> String {
    let columns = |columns: usize| u16::try_from(columns).unwrap_or(u16::MAX);
    let mut table = Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(columns(width));
    table.set_header(headings);
    for row in rows {
        table.add_row(row.iter().map(|lines| lines.join("\n")));
    }
    let bounds = needed.iter().map(|word| ColumnConstraint::LowerBoundary(Width::Fixed(columns(word + PADDING))));
    table.set_constraints(bounds);
    table.to_string()
}

/// The rows below one another: a heading and its cell on each line.
fn paragraphs(headings: &[&str], rows: &[Vec<Vec<String>>], width: usize) -> String {
    let indent = headings.iter().map(|heading| heading.width()).max().unwrap_or_default() + PADDING;
    let mut text = String::new();
    for (number, row) in rows.iter().enumerate() {
        if number > 0 {
            text.push('\n');
        }
        for (heading, lines) in headings.iter().zip(row).filter(|(_, lines)| lines.iter().any(|line| !line.is_empty()))
        {
            let padding = " ".repeat(indent - heading.width());
            for (at, line) in lines.iter().enumerate() {
                let begin = if at == 0 { format!("{heading}{padding}") } else { " ".repeat(indent) };
                for part in wrap(&format!("{begin}{line}"), width, indent) {
                    text.push_str(part.trim_end());
                    text.push('\n');
                }
            }
        }
    }
    text
}

/// `line` in parts of at most `width` columns, broken between words; what follows the first is indented. A wider word
/// sticks out: it may be an identifier, and is not broken.
pub(super) fn wrap(line: &str, width: usize, hanging: usize) -> Vec<String> {
    if line.width() <= width {
        return vec![line.to_owned()];
    }
    let indent = " ".repeat(hanging);
    let mut parts = Vec::new();
    let begin = line.len() - line.trim_start().len();
    let mut part = line[..begin].to_owned();
    // Whether the part has a word yet.
    let mut begun = false;
    for word in line[begin..].split(' ') {
        if begun && part.width() + 1 + word.width() > width {
            parts.push(std::mem::replace(&mut part, indent.clone()));
            begun = false;
        }
        if begun {
            part.push(' ');
        }
        // Runs of spaces align text within a line, and mean nothing where it is broken.
        if !word.is_empty() || begun {
            part.push_str(word);
            begun = true;
        }
    }
    parts.push(part);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cells(rows: &[&[&str]]) -> Vec<Vec<Vec<String>>> {
        let cell = |text: &&str| text.split('|').map(str::to_owned).collect();
        rows.iter().map(|row| row.iter().map(cell).collect()).collect()
    }

    #[test]
    fn columns_stand_side_by_side_while_no_word_breaks() {
        let rows = cells(&[&["XI-LEI:724500PMK2A2M1SQQ228", "Otterstoke Structures Ltd", "61.2"]]);
        let headings = ["organisation", "name", "risk"];
        let narrow = render(&headings, &rows, 49);
        assert!(narrow.contains(" XI-LEI:724500PMK2A2M1SQQ228 "), "{narrow}");
        assert!(narrow.contains("────") && narrow.lines().all(|line| line.width() <= 49), "{narrow}");
        let narrower = render(&headings, &rows, 48);
        assert_eq!(
            narrower,
            "organisation  XI-LEI:724500PMK2A2M1SQQ228\nname          Otterstoke Structures Ltd\nrisk          61.2\n"
        );
    }

    #[test]
    fn a_line_breaks_between_words_and_hangs() {
        assert_eq!(wrap("  aaa bbb ccc", 9, 4), ["  aaa bbb", "    ccc"]);
        assert_eq!(wrap("short", 9, 4), ["short"]);
        assert_eq!(wrap("a GB-COH:09506232 b", 9, 2), ["a", "  GB-COH:09506232", "  b"]);
    }

    proptest! {
        #[test]
        fn no_word_is_lost_or_broken(
            rows in prop::collection::vec(prop::collection::vec("[a-zA-Z0-9:é -]{0,60}", 4), 1..4),
            width in 40usize..140,
        ) {
            let headings = ["organisation", "name", "brings down", "since"];
            let cells: Vec<Vec<Vec<String>>> =
                rows.iter().map(|row| row.iter().map(|cell| vec![cell.clone()]).collect()).collect();
            let text = render(&headings, &cells, width);
            for word in rows.iter().flatten().flat_map(|cell| cell.split(' ')) {
                prop_assert!(word.width() > MAX_WORD_COLUMNS || text.contains(word), "`{}` is broken:\n{}", word, text);
            }
        }
    }
}
