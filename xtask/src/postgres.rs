//! A private PostgreSQL for tests: on loopback, in a temporary folder, gone when it is dropped.

use std::fs::{self, File};
use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::process;
use crate::progress::say;
use crate::system;

/// Where Debian and its kin keep one folder for each version, off the PATH.
const VERSIONS: &str = "/usr/lib/postgresql";

/// How long the server may take to start or to stop, on a slow machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often it is looked at meanwhile.
const GLANCE: Duration = Duration::from_millis(20);

/// Runs a PostgreSQL until someone asks this program to end.
pub(crate) fn run() -> Result<()> {
    process::outlive_signals()?;
    let mut cluster = Cluster::start()?;
    println!("{}", cluster.url());
    say("PostgreSQL runs until Ctrl-C; tests find it by");
    say(format_args!("    export TENANTRY_TEST_POSTGRES={}", cluster.url()));
    while !process::interrupted() {
        cluster.check()?;
        sleep(GLANCE);
    }
    say("stopping PostgreSQL");
    Ok(())
}

/// A running PostgreSQL. Dropping it stops it and removes its folder.
#[derive(Debug)]
pub(crate) struct Cluster {
    server: Child,
    port: u16,
    folder: TempDir,
}

impl Cluster {
    /// Makes an empty cluster and starts it, installing PostgreSQL where that is possible.
    pub(crate) fn start() -> Result<Self> {
        let binaries = ensure_binaries()?;
        say(format_args!("starting a PostgreSQL of {}", binaries.display()));
        let owner = Owner::find()?;
        let folder = tempfile::Builder::new().prefix("tenantry-postgres-").tempdir()?;
        owner.take(folder.path())?;
        initialise(&binaries, owner, folder.path())?;

        let port = free_port()?;
        let mut cluster = Self { server: serve(&binaries, owner, folder.path(), port)?, port, folder };
        cluster.wait_until_ready()?;
        Ok(cluster)
    }

    /// How to reach it, as the one user there is, who may do everything.
    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// An error if the server has ended by itself.
    fn check(&mut self) -> Result<()> {
        let Some(status) = self.server.try_wait()? else {
            return Ok(());
        };
        let log = fs::read_to_string(log_file(self.folder.path())).unwrap_or_default();
        bail!("PostgreSQL ended by itself ({status}):\n{log}")
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            self.check()?;
            if process::interrupted() {
                bail!("interrupted");
            }
            if is_ready(self.folder.path()) {
                return Ok(());
            }
            sleep(GLANCE);
        }
        Err(anyhow!("PostgreSQL was not ready after {PATIENCE:?}"))
    }

    /// Ends the open connections and the server, in order.
    fn stop(&mut self) {
        let asked =
            Pid::from_raw(self.server.id().cast_signed()).is_some_and(|pid| kill_process(pid, Signal::INT).is_ok());
        let start = Instant::now();
        while asked && start.elapsed() < PATIENCE {
            if matches!(self.server.try_wait(), Ok(Some(_))) {
                return;
            }
            sleep(GLANCE);
        }
        // It is gone or beyond asking; there is nobody left to report a failure to.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.stop();
    }
}

/// As whom the server runs: it refuses to be root.
#[derive(Clone, Copy, Debug)]
enum Owner {
    Myself,
    Other { user: u32, group: u32 },
}

impl Owner {
    fn find() -> Result<Self> {
        if !system::is_root() {
            return Ok(Self::Myself);
        }
        ["postgres", "nobody"]
            .into_iter()
            .find_map(|name| {
                let user = id("-u", name)?;
                let group = id("-g", name)?;
                Some(Self::Other { user, group })
            })
            .context("PostgreSQL does not run as root, and there is no user postgres or nobody")
    }

    /// Gives a folder to this user.
    fn take(self, folder: &Path) -> Result<()> {
        if let Self::Other { user, group } = self {
            chown(folder, Some(user), Some(group))?;
        }
        Ok(())
    }

    /// A command that runs as this user.
    fn command(self, program: &Path, folder: &Path) -> Command {
        let mut command = Command::new(program);
        // The folder it is started in may be closed to this user.
        command.current_dir(folder).stdin(Stdio::null());
        if let Self::Other { user, group } = self {
            command.uid(user).gid(group);
        }
        command
    }
}

/// A number of a user, by the system's own program, which also knows users from elsewhere.
fn id(which: &str, name: &str) -> Option<u32> {
    let output = Command::new("id").args([which, name]).output().ok()?;
    str::from_utf8(&output.stdout).ok()?.trim().parse().ok()
}

/// The folder of PostgreSQL's programs.
fn ensure_binaries() -> Result<PathBuf> {
    if let Some(folder) = find_binaries() {
        return Ok(folder);
    }
    system::install("PostgreSQL", &["postgresql"])?;
    find_binaries().context("PostgreSQL was installed, but its initdb is nowhere to be found")
}

pub(crate) fn find_binaries() -> Option<PathBuf> {
    let on_path = system::find("initdb").and_then(|file| file.parent().map(Path::to_owned));
    on_path
        .into_iter()
        .chain(packaged_binaries(Path::new(VERSIONS)))
        .find(|folder| ["initdb", "postgres"].iter().all(|program| system::is_program(&folder.join(program))))
}

/// The folders of the packaged versions, the newest first.
fn packaged_binaries(versions: &Path) -> Vec<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = fs::read_dir(versions)
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let version = path.file_name()?.to_str()?.parse().ok()?;
            Some((version, path.join("bin")))
        })
        .collect();
    found.sort_by(|one, other| other.cmp(one));
    found.into_iter().map(|(_, path)| path).collect()
}

fn initialise(binaries: &Path, owner: Owner, folder: &Path) -> Result<()> {
    let output = owner
        .command(&binaries.join("initdb"), folder)
        .arg("--pgdata")
        .arg(data_folder(folder))
        .args(["--username=postgres", "--auth=trust"])
        .args(["--encoding=UTF8", "--locale=C.UTF-8"])
        // Nobody needs this cluster after a power cut.
        .arg("--no-sync")
        .output()
        .context("cannot start initdb")?;
    if !output.status.success() {
        bail!("initdb failed:\n{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

fn serve(binaries: &Path, owner: Owner, folder: &Path, port: u16) -> Result<Child> {
    let log = File::create(log_file(folder))?;
    owner
        .command(&binaries.join("postgres"), folder)
        .arg("-D")
        .arg(data_folder(folder))
        .args(["-c", "listen_addresses=127.0.0.1"])
        .args(["-c", &format!("port={port}")])
        .args(["-c", "unix_socket_directories="])
        .args(["-c", "max_connections=200"])
        .stdout(log.try_clone()?)
        .stderr(log)
        // Ctrl-C on the terminal is not for it: it must outlast the tests that use it, and is
        // stopped when they have ended.
        .process_group(0)
        .spawn()
        .context("cannot start postgres")
}

fn data_folder(folder: &Path) -> PathBuf {
    folder.join("data")
}

fn log_file(folder: &Path) -> PathBuf {
    folder.join("log")
}

/// Whether the server accepts connections: it says so in its own file, in the line where `pg_ctl`
/// looks too.
fn is_ready(folder: &Path) -> bool {
    fs::read_to_string(data_folder(folder).join("postmaster.pid"))
        .is_ok_and(|text| text.lines().nth(7).is_some_and(|line| line.trim() == "ready"))
}

/// A port that nobody listens on. Someone could take it in the moment before PostgreSQL does; that
/// PostgreSQL then says so.
pub(crate) fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

    use std::net::TcpStream;

    use super::*;

    #[test]
    fn the_newest_packaged_version_comes_first() {
        let folder = tempfile::tempdir().unwrap();
        for version in ["9", "15", "17", "common"] {
            fs::create_dir(folder.path().join(version)).unwrap();
        }
        let found = packaged_binaries(folder.path());
        let expected = ["17/bin", "15/bin", "9/bin"].map(|it| folder.path().join(it));
        assert_eq!(found, expected);
    }

    #[test]
    fn a_cluster_serves_and_leaves_nothing_behind() {
        // Only `cargo xtask test` promises that PostgreSQL is installed.
        if find_binaries().is_none() {
            return;
        }
        let cluster = Cluster::start().unwrap();
        let address = ("127.0.0.1", cluster.port);
        let folder = cluster.folder.path().to_owned();
        assert!(TcpStream::connect(address).is_ok());

        drop(cluster);
        assert!(TcpStream::connect(address).is_err());
        assert!(!folder.exists());
    }
}
