//! The release binary, serving, and what the system says about its process.

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

use super::http::{Connection, Request};
use crate::postgres::free_port;

/// How long the server may take to start or to stop.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often it is asked whether it is ready: often enough to tell a millisecond.
const GLANCE: Duration = Duration::from_micros(200);

/// The command of the binary, with nothing of this environment in its configuration.
pub(crate) fn tenantry(program: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("TENANTRY_DATA_FOLDER", folder).current_dir(folder).stdin(Stdio::null());
    command
}

/// A server that listens. Dropping it ends it.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// From starting the program until it said that it is ready.
    pub(crate) ready_after: Duration,
}

impl Server {
    /// Starts one as operators do, with a log in a file, and waits until it is ready.
    pub(crate) fn start(program: &Path, database_url: &str, folder: &Path) -> Result<Self> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()?));
        let log = folder.join("server.log");
        let mut command = tenantry(program, folder);
        command.arg("serve").env("DATABASE_URL", database_url).env("TENANTRY_LISTEN", address.to_string());
        command.stdout(Stdio::null()).stderr(File::create(&log)?);
        let begun = Instant::now();
        let child = command.spawn().with_context(|| format!("cannot start {}", program.display()))?;
        let mut server = Self { child, address, ready_after: Duration::ZERO };
        server.wait_until_ready(begun, &log)?;
        server.ready_after = begun.elapsed();
        Ok(server)
    }

    fn wait_until_ready(&mut self, begun: Instant, log: &Path) -> Result<()> {
        while begun.elapsed() < PATIENCE {
            if is_ready(self.address) {
                return Ok(());
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("the server ended by itself ({status}):\n{}", end_of(log));
            }
            sleep(GLANCE);
        }
        bail!("the server was not ready after {PATIENCE:?}:\n{}", end_of(log))
    }

    /// The time for which the processors have worked for it.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        cpu(&format!("/proc/{}/stat", self.child.id()))
    }

    /// Its resident memory in bytes: now (`VmRSS`), at its highest (`VmHWM`), or without what it
    /// only maps from files (`RssAnon`).
    pub(crate) fn memory(&self, which: &str) -> Result<u64> {
        let path = format!("/proc/{}/status", self.child.id());
        memory(&read(&path)?, which).with_context(|| format!("no {which} in {path}"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // In order, as operators do; it is given up on only when it does not go.
        if let Some(pid) = Pid::from_raw(self.child.id().cast_signed()) {
            let _ = kill_process(pid, Signal::TERM);
        }
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            sleep(GLANCE);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn is_ready(address: SocketAddr) -> bool {
    let request = Request::new("GET", "/readyz", &[], "");
    Connection::open(address).and_then(|mut connection| connection.send(&request)?.expect_status(200)).is_ok()
}

/// The last lines of a log.
pub(crate) fn end_of(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(10)..].join("\n")
}

/// The time for which the processors have worked for this program.
pub(crate) fn own_cpu() -> Result<Duration> {
    cpu("/proc/self/stat")
}

/// The time for which the processors have worked for anyone.
pub(crate) fn all_cpu() -> Result<Duration> {
    let stat = read("/proc/stat")?;
    duration(all_ticks(&stat).context("/proc/stat has another shape")?)
}

fn cpu(path: &str) -> Result<Duration> {
    let stat = read(path)?;
    duration(ticks(&stat).with_context(|| format!("{path} has another shape"))?)
}

fn read(path: &str) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("{path} cannot be read; only Linux has it"))
}

fn duration(ticks: u64) -> Result<Duration> {
    let milliseconds = ticks.checked_mul(1_000).context("too many ticks")? / rustix::param::clock_ticks_per_second();
    Ok(Duration::from_millis(milliseconds))
}

/// Ticks in the program and in the kernel on its behalf. The program's name, in brackets, may have
/// anything in it.
fn ticks(stat: &str) -> Option<u64> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

/// Ticks of all processors but those in which they were idle or waited for a disk.
fn all_ticks(stat: &str) -> Option<u64> {
    let fields = stat.lines().next()?.strip_prefix("cpu ")?.split_whitespace();
    let fields: Vec<u64> = fields.map(str::parse).collect::<Result<_, _>>().ok()?;
    let [user, nice, system, _idle, _waiting, interrupts, soft, ..] = fields.as_slice() else { return None };
    Some(user + nice + system + interrupts + soft)
}

fn memory(status: &str, which: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(which)?.strip_prefix(':'))?;
    let kibibytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_found_behind_any_name() {
        let stat = "42 (a) b (c) S 1 42 42 0 -1 4194560 900 0 0 0 120 30 0 0 20 0 5 0 100 1 2";
        assert_eq!(ticks(stat), Some(150));
        assert_eq!(all_ticks("cpu  10 2 5 900 50 1 3 7 0 0\ncpu0 5 1 2 450 25 0 1 3 0 0\n"), Some(21));
    }

    #[test]
    fn memory_is_found_by_its_name() {
        let status = "VmHWM:\t   20480 kB\nVmRSS:\t   10240 kB\n";
        assert_eq!(memory(status, "VmRSS"), Some(10_485_760));
        assert_eq!(memory(status, "Vm"), None);
    }
}
