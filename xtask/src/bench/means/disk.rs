//! How long the disk itself takes to make something durable.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;

/// Often enough for a median, and done within seconds on a slow disk.
const TIMES: usize = 300;

/// The sorted times of appending 4 KiB to a file in `folder` and waiting until the disk has them.
pub(crate) fn sync_times(folder: &Path) -> Result<Vec<Duration>> {
    let path = folder.join("sync-probe");
    let mut file = File::create(&path)?;
    let mut times = Vec::with_capacity(TIMES);
    for _ in 0..TIMES {
        let begun = Instant::now();
        file.write_all(&[7; 4096])?;
        file.sync_data()?;
        times.push(begun.elapsed());
    }
    fs::remove_file(path)?;
    times.sort_unstable();
    Ok(times)
}
