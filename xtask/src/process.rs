//! Other programs: started, waited for, and named when they fail.
//!
//! A command that holds something which must be given back (a PostgreSQL, a folder) calls
//! [`outlive_signals`] first. Ctrl-C then ends the program that is running, its end is reported here
//! as an error, and that error unwinds through everything that has to be given back.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::thread;

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// The program being waited for; 0 while there is none.
static RUNNING: AtomicI32 = AtomicI32::new(0);

/// From now on a signal that asks this program to end ends the program it waits for instead.
pub(crate) fn outlive_signals() -> Result<()> {
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM]).context("cannot listen for signals")?;
    thread::spawn(move || {
        for signal in &mut signals {
            INTERRUPTED.store(true, Ordering::SeqCst);
            // Ctrl-C has reached the program already: a terminal sends it to all of them.
            if signal != SIGINT {
                end_running();
            }
        }
    });
    Ok(())
}

/// Whether someone asked this program to end.
pub(crate) fn interrupted() -> bool {
    INTERRUPTED.load(Ordering::SeqCst)
}

fn end_running() {
    if let Some(pid) = Pid::from_raw(RUNNING.load(Ordering::SeqCst)) {
        // It may have ended by itself in this very moment, which is as good.
        let _ = kill_process(pid, Signal::TERM);
    }
}

/// Runs a program on this terminal; an error unless it ends well.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let mut child = spawn(command)?;
    let status = wait(&mut child)?;
    check(command, status)
}

/// Runs a program and returns what it printed; its complaints go to this terminal.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let mut child = spawn(command.stdout(Stdio::piped()))?;
    let mut text = String::new();
    let read = match child.stdout.take() {
        Some(mut stdout) => stdout.read_to_string(&mut text),
        None => Ok(0),
    };
    let status = wait(&mut child)?;
    check(command, status)?;
    read.with_context(|| format!("cannot read what `{}` prints", line(command)))?;
    Ok(text)
}

fn spawn(command: &mut Command) -> Result<Child> {
    if interrupted() {
        bail!("interrupted");
    }
    let child = command.stdin(Stdio::null()).spawn().with_context(|| format!("cannot start `{}`", line(command)))?;
    RUNNING.store(child.id().cast_signed(), Ordering::SeqCst);
    Ok(child)
}

fn wait(child: &mut Child) -> Result<ExitStatus> {
    let status = child.wait();
    RUNNING.store(0, Ordering::SeqCst);
    status.context("cannot wait for a program")
}

fn check(command: &Command, status: ExitStatus) -> Result<()> {
    if interrupted() {
        bail!("interrupted");
    }
    if !status.success() {
        bail!("`{}` failed ({status})", line(command));
    }
    Ok(())
}

/// A command as one would type it.
fn line(command: &Command) -> String {
    let program = Path::new(command.get_program());
    std::iter::once(program.file_name().unwrap_or(program.as_os_str()))
        .chain(command.get_args())
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

    use super::*;

    #[test]
    fn a_program_that_fails_is_named_with_its_arguments() {
        let error = run(Command::new("false").arg("--really")).unwrap_err();
        assert_eq!(error.to_string(), "`false --really` failed (exit status: 1)");
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let error = run(&mut Command::new("no-such-program")).unwrap_err();
        assert_eq!(error.to_string(), "cannot start `no-such-program`");
    }

    #[test]
    fn what_a_program_prints_is_returned() {
        assert_eq!(output(Command::new("echo").arg("hello")).unwrap(), "hello\n");
    }
}
