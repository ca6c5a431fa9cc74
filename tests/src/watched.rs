//! A child process whose output is read line by line while it runs, and that never outlives its test.

use crate::{DEADLINE, eventually};
use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process, prlimit};
use std::{
    io::{BufRead as _, BufReader, Read},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Instant,
};

/// A running process and everything that it has written so far.
#[derive(Debug)]
pub struct Watched {
    child: Child,
    lines: Arc<Lines>,
}

#[derive(Debug, Default)]
struct Lines {
    so_far: Mutex<Written>,
    more: Condvar,
}

#[derive(Debug, Default)]
struct Written {
    lines: Vec<String>,
    /// How many of standard output and standard error have ended.
    ended: usize,
}

impl Lines {
    fn lock(&self) -> MutexGuard<'_, Written> {
        self.so_far.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watched {
    /// Starts `command`.
    ///
    /// # Panics
    /// When it cannot be started.
    #[must_use]
    pub fn start(command: &mut Command) -> Self {
        let piped = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = piped.spawn().expect("the process starts");
        let lines = Arc::new(Lines::default());
        let (stdout, stderr) = (child.stdout.take().expect("it is piped"), child.stderr.take().expect("it is piped"));
        follow(stdout, Arc::clone(&lines));
        follow(stderr, Arc::clone(&lines));
        Self { child, lines }
    }

    /// Waits for a line in which `find` finds something; lines already written count.
    ///
    /// # Panics
    /// After [`DEADLINE`] or when the process has ended, with all that was written.
    pub fn line<T>(&self, what: &str, find: impl FnMut(&str) -> Option<T>) -> T {
        self.line_after(0, what, find)
    }

    /// The same among the lines from the `first`th on.
    ///
    /// # Panics
    /// As [`Watched::line`].
    pub fn line_after<T>(&self, first: usize, what: &str, mut find: impl FnMut(&str) -> Option<T>) -> T {
        let started = Instant::now();
        let mut next = first;
        let mut written = self.lines.lock();
        loop {
            while let Some(line) = written.lines.get(next) {
                next += 1;
                if let Some(found) = find(line) {
                    return found;
                }
            }
            let left = DEADLINE.saturating_sub(started.elapsed());
            let in_vain = left.is_zero() || written.ended == 2;
            assert!(!in_vain, "no line with {what} in:\n{}", written.lines.join("\n"));
            written = self.lines.more.wait_timeout(written, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// How many lines were written so far.
    #[must_use]
    pub fn lines_written(&self) -> usize {
        self.lines.lock().lines.len()
    }

    /// Everything that was written so far.
    #[must_use]
    pub fn text(&self) -> String {
        self.lines.lock().lines.join("\n")
    }

    /// The number of the process.
    #[must_use]
    pub fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Whether it handles `signal`: before that, the signal would end it.
    #[must_use]
    pub fn catches(&self, signal: Signal) -> bool {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
        let caught = caught.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
        caught & (1 << (signal.as_raw() - 1)) != 0
    }

    /// Sends it a signal.
    ///
    /// # Panics
    /// When it is gone.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("the process is there");
    }

    /// Limits the size of the files that it writes, as a full disk does; `None`: no limit.
    ///
    /// # Panics
    /// When it is gone.
    pub fn limit_file_size(&self, bytes: Option<u64>) {
        let limit = Rlimit { current: bytes, maximum: None };
        prlimit(Some(Pid::from_child(&self.child)), Resource::Fsize, limit).expect("the process is there");
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// When it has not ended by [`DEADLINE`].
    pub fn wait(&mut self) -> ExitStatus {
        eventually("the end of the process", || self.child.try_wait().expect("it can be waited for"))
    }

    /// Ends it at once, as a crash would (SIGKILL).
    ///
    /// # Panics
    /// When it cannot be killed.
    pub fn kill(&mut self) {
        self.child.kill().expect("it can be killed");
        self.wait();
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        // It may have ended already, which is fine.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn follow(output: impl Read + Send + 'static, lines: Arc<Lines>) {
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            lines.lock().lines.push(line);
            lines.more.notify_all();
        }
        lines.lock().ended += 1;
        lines.more.notify_all();
    });
}
