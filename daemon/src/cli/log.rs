//! The log: on standard error, for people or as one JSON object a line, with priorities where journald reads it.

use super::output::{HumanFields, JsonEvents};
use crate::config::{Log, LogFormat};
use anyhow::{Context as _, Result, anyhow};
use std::{env, fmt, io, io::IsTerminal as _};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::{
    EnvFilter,
    fmt::{
        FmtContext, FormatEvent, FormatFields,
        format::{Format, Writer},
    },
    registry::LookupSpan,
};

/// Sends the log to standard error.
pub(super) fn start_log(log: &Log) -> Result<()> {
    let filter: EnvFilter = log.filter.parse().context("log.filter is no filter of log lines")?;
    // A line that cannot be written is lost; reporting that on the same stream would end the daemon.
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).log_internal_errors(false);
    let journal = is_journal(env::var("JOURNAL_STREAM").ok().as_deref());
    let started = match log.format {
        LogFormat::Json => {
            let format = Prioritised { journal, format: Format::default().json() };
            builder.json().with_writer(|| JsonEvents(io::stderr())).event_format(format).try_init()
        }
        LogFormat::Human => {
            let format = Format::default().with_target(false).with_ansi(!journal && io::stderr().is_terminal());
            let format = Prioritised { journal, format };
            builder.fmt_fields(HumanFields).event_format(format).try_init()
        }
    };
    started.map_err(|error| anyhow!("the log is started twice: {error}"))
}

/// Whether standard error is the stream to journald that the service manager names, `DEVICE:INODE`: a program that was
/// started with its output elsewhere inherits the name too.
fn is_journal(named: Option<&str>) -> bool {
    let stream = rustix::fs::fstat(io::stderr()).map(|stat| format!("{}:{}", stat.st_dev, stat.st_ino));
    named.is_some_and(|named| stream.is_ok_and(|stream| stream == named))
}

/// Puts `<N>`, syslog's number of the level, before each line: journald takes it off and files the line under it.
struct Prioritised<F> {
    journal: bool,
    format: F,
}

impl<S, N, F> FormatEvent<S, N> for Prioritised<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        if self.journal {
            write!(writer, "<{}>", priority(*event.metadata().level()))?;
        }
        self.format.format_event(context, writer, event)
    }
}

/// Syslog's severity (RFC 5424, section 6.2.1): 3 is an error, 4 a warning, 6 information, 7 for debugging.
fn priority(level: Level) -> u8 {
    match level {
        Level::ERROR => 3,
        Level::WARN => 4,
        Level::INFO => 6,
        _ => 7,
    }
}
