//! Files that nobody but the account of the server may read.

use std::{fs, io, path::Path};

use anyhow::{Context, Result};

/// Has every file that this process makes, or a library in it, readable by its own account only.
pub(crate) fn keep_private() {
    #[cfg(unix)]
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
}

/// Makes `folder` unless it is there.
pub(crate) fn make_folder(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))
}

/// Takes the files of a `SQLite` database away from others, where an earlier release had let them read.
pub(crate) fn close_database(url: &str) {
    let Some(file) = url.strip_prefix("sqlite:") else { return };
    let file = file.strip_prefix("//").unwrap_or(file);
    let file = file.split_once('?').map_or(file, |(file, _)| file);
    for suffix in ["", "-wal", "-shm"] {
        let file = format!("{file}{suffix}");
        match close(Path::new(&file)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(file, %error, "others on this machine may be able to read the database");
            }
            _ => {}
        }
    }
}

#[cfg(unix)]
fn close(file: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mut permissions = fs::metadata(file)?.permissions();
    let mode = permissions.mode();
    if mode & 0o077 != 0 {
        permissions.set_mode(mode & !0o077);
        fs::set_permissions(file, permissions)?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn close(_file: &Path) -> io::Result<()> {
    Ok(())
}
