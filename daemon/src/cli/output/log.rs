//! Output of the log: a line for each event, without anything that a terminal would obey. The formatters of
//! `tracing-subscriber` write out escape sequences in messages, but neither in fields nor anything else that hides.

use crate::diagnostic::harmless;
use std::{
    fmt,
    io::{self, Write},
};
use tracing::field::Field;
use tracing_subscriber::{
    field::{MakeExt as _, RecordFields},
    fmt::format::{self, FormatFields, Writer},
};

/// How fields are written for people: the message, then `name=value`, each made harmless.
#[derive(Clone, Copy, Debug)]
pub(in crate::cli) struct HumanFields;

impl<'w> FormatFields<'w> for HumanFields {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'w>, fields: R) -> fmt::Result {
        let one = |writer: &mut Writer<'_>, field: &Field, value: &dyn fmt::Debug| {
            let text = format!("{value:?}");
            let shown = harmless::line(&text);
            match field.name() {
                "message" => write!(writer, "{shown}"),
                name => write!(writer, "{name}={shown}"),
            }
        };
        format::debug_fn(one).delimited(" ").format_fields(writer, fields)
    }
}

/// Writes events that are JSON, one at a time. Characters that a terminal would obey become escapes, so that nothing is lost.
#[derive(Debug)]
pub(in crate::cli) struct JsonEvents<W>(pub(in crate::cli) W);

impl<W: Write> Write for JsonEvents<W> {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        self.0.write_all(harmless::json(&String::from_utf8_lossy(event)).as_bytes())?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Sink(Arc<Mutex<Vec<u8>>>);

    impl Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("nobody panicked").write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(is_json: bool, ansi: bool) -> String {
        let sink = Sink::default();
        let out = sink.clone();
        let builder = tracing_subscriber::fmt().with_ansi(ansi).without_time();
        let event = || tracing::warn!(path = %"a\u{1b}[31m\u{9b}1m\n\u{202e}b", name = "c\u{1b}]0;x\u{7}\u{200b}", "d\u{1b}[2J\ne");
        if is_json {
            let writer = move || JsonEvents(out.clone());
            tracing::subscriber::with_default(builder.json().with_writer(writer).finish(), event);
        } else {
            let writer = move || out.clone();
            tracing::subscriber::with_default(builder.fmt_fields(HumanFields).with_writer(writer).finish(), event);
        }
        String::from_utf8(sink.0.lock().expect("nobody panicked").clone()).expect("UTF-8")
    }

    #[test]
    fn an_event_is_one_line_that_no_terminal_obeys() {
        for (is_json, ansi) in [(false, false), (true, false)] {
            let line = logged(is_json, ansi);
            assert_eq!(line.lines().count(), 1, "{line:?}");
            assert!(!line.trim_end().contains(|c: char| c.is_control() || "\u{202e}\u{200b}".contains(c)), "{line:?}");
        }
        let coloured = logged(false, true);
        assert!(coloured.contains("\u{1b}[33m"), "the level is coloured: {coloured:?}");
        for obeyed in ["\u{1b}[31m", "\u{1b}[2J", "\u{1b}]", "\u{9b}", "\u{202e}", "\u{200b}", "\u{7}"] {
            assert!(!coloured.contains(obeyed), "{obeyed:?} in {coloured:?}");
        }
        let json: serde_json::Value = serde_json::from_str(&logged(true, false)).expect("JSON");
        assert_eq!(json["fields"]["path"], "a\u{1b}[31m\u{9b}1m\n\u{202e}b", "programs read what came");
    }
}
