//! The `tierwatch` command: parse, run, report, exit code; nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    tierwatch::main()
}
