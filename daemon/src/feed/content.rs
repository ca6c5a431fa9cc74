//! What a `.json` file holds: one attestation, however it is laid out, or JSON lines of many.

use super::MAX_ATTESTATION_BYTES;
use serde::de::IgnoredAny;

/// How to cut a `.json` file into attestations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// One attestation.
    One,
    /// One attestation on each line.
    Lines,
    /// One attestation over several lines, longer than one may be.
    TooLong,
}

/// A finished file's shape, from its first [`MAX_ATTESTATION_BYTES`] + 1 bytes.
///
/// It is JSON lines when its first line is a JSON value by itself, or when its first two lines both open an object: no
/// pretty-printed JSON does that, so that one bad first line does not spoil the good ones after it.
pub(super) fn shape(head: &[u8]) -> Shape {
    let is_whole = head.len() <= MAX_ATTESTATION_BYTES;
    let mut lines = lines(head);
    match (lines.next(), lines.next()) {
        (Some(first), Some(second)) if is_value(first) || (opens_object(first) && opens_object(second)) => Shape::Lines,
        (Some(_), Some(_)) if !is_whole => Shape::TooLong,
        _ if is_whole => Shape::One,
        _ => Shape::Lines,
    }
}

/// The attestations in the content of a file as the feeds cut it, each with the number of its line where it is one of
/// several; `is_log` says that the file's name ends in `.jsonl`.
#[must_use]
pub(crate) fn documents(content: &[u8], is_log: bool) -> Vec<(Option<usize>, &[u8])> {
    let head = &content[..content.len().min(MAX_ATTESTATION_BYTES + 1)];
    if !is_log && shape(head) != Shape::Lines {
        return vec![(None, content.trim_ascii())];
    }
    let numbered = content.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).enumerate();
    numbered.filter(|(_, line)| !line.is_empty()).map(|(index, line)| (Some(index + 1), line)).collect()
}

/// Whether a file ends in the middle of a JSON value, or is still empty: its writer may not be done.
pub(super) fn is_unfinished(content: &[u8]) -> bool {
    let last = match shape(content) {
        Shape::Lines => lines(content).last().unwrap_or_default(),
        Shape::One | Shape::TooLong => content,
    };
    serde_json::from_slice::<IgnoredAny>(last).is_err_and(|error| error.is_eof())
}

fn lines(content: &[u8]) -> impl Iterator<Item = &[u8]> {
    content.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty())
}

/// Whether a line is a JSON value by itself.
pub(super) fn is_value(line: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(line).is_ok()
}

fn opens_object(line: &[u8]) -> bool {
    line.first() == Some(&b'{')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_one_attestation_or_lines_of_many() {
        let big = "x".repeat(MAX_ATTESTATION_BYTES);
        let check = |content: &str, want| assert_eq!(shape(content.as_bytes()), want, "{:.60}", content);
        check("", Shape::One);
        check("{}", Shape::One);
        check("{}\n", Shape::One);
        check("{\n  \"a\": 1\n}\n", Shape::One);
        check("[\n{}\n]", Shape::One);
        check("{\"a\":\n{", Shape::Lines);
        check("{}\n{}\n", Shape::Lines);
        check("\n\n{}\n\n{}", Shape::Lines);
        check("{bad}\n{}\n{}\n", Shape::Lines);
        check("not json\nat all\n", Shape::One);
        check(&format!("{{\"a\":\"{big}"), Shape::Lines);
        check(&format!("{{\n\"a\":\"{big}"), Shape::TooLong);
        check(&format!("{{}}\n\"{big}"), Shape::Lines);
    }

    #[test]
    fn documents_are_cut_as_the_feeds_cut_them() {
        let check = |content: &str, is_log, want: &[(Option<usize>, &str)]| {
            let found = documents(content.as_bytes(), is_log);
            let want: Vec<_> = want.iter().map(|(line, text)| (*line, text.as_bytes())).collect();
            assert_eq!(found, want, "{content}");
        };
        check(" {}\n", false, &[(None, "{}")]);
        check("{}\n", true, &[(Some(1), "{}")]);
        check("{\n}\n", false, &[(None, "{\n}")]);
        check("{}\r\n\n{bad\n", false, &[(Some(1), "{}"), (Some(3), "{bad")]);
        check("", true, &[]);
    }

    #[test]
    fn a_file_that_breaks_off_is_unfinished() {
        let check = |content: &str, want| assert_eq!(is_unfinished(content.as_bytes()), want, "{content}");
        check("", true);
        check(" \n", true);
        check("{\"a\":", true);
        check("{\n\"a\":", true);
        check("{}\n{\"a\"", true);
        check("{}", false);
        check("{}\n{}", false);
        check("{]", false);
        check("not json", false);
    }
}
