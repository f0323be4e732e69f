//! The demo: the console with invented data, for this machine only.
#![expect(clippy::print_stderr, reason = "the demo shows its progress")]

use std::{fs, io::Write, net::SocketAddr, path::Path, time::Instant};

use anyhow::{Context, Result, bail};
use service::demo::{self, Demo, PASSWORD, SIGN_INS};

use crate::{config::Config, serve};

/// What the command line asks of the demo.
pub(crate) struct DemoOptions {
    /// Where to listen.
    pub(crate) listen: SocketAddr,
    /// The database; by default one of its own.
    pub(crate) database: Option<String>,
    /// How much data.
    pub(crate) data: Demo,
    /// Whether the data is made anew.
    pub(crate) fresh: bool,
    /// Whether to stop when the data is there.
    pub(crate) seed_only: bool,
}

/// Makes the data unless it is there, and serves the console.
pub(crate) async fn run(config: Config, options: DemoOptions) -> Result<()> {
    if !options.listen.ip().is_loopback() {
        bail!(
            "the demo's passwords are known to all: it listens on a loopback address only, not on {}",
            options.listen
        );
    }
    let database_url = match options.database.clone() {
        Some(url) => url,
        None => own_database(&config, options.fresh)?,
    };
    let config = Config {
        listen: options.listen,
        database_url: Some(database_url.into()),
        public_url: None,
        client_address_header: None,
        trusted_proxies: None,
        metrics_listen: None,
        smtp_url: None,
        mail_folder: Some(config.mail_folder.clone().unwrap_or_else(|| config.data_folder.join("demo").join("mail"))),
        ..config
    };
    make_data(&config, &options).await?;
    if options.seed_only {
        return Ok(());
    }
    serve::serve_demo(config, tell).await
}

/// The demo's own `SQLite` file; removed first when it is to be made anew.
fn own_database(config: &Config, fresh: bool) -> Result<String> {
    let folder = config.data_folder.join("demo");
    fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let file = folder.join("tenantry.db");
    if fresh {
        for suffix in ["", "-wal", "-shm"] {
            remove(Path::new(&format!("{}{suffix}", file.display())))?;
        }
    }
    Ok(format!("sqlite://{}", file.display()))
}

fn remove(file: &Path) -> Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("{} cannot be removed", file.display()))
        }
        _ => Ok(()),
    }
}

async fn make_data(config: &Config, options: &DemoOptions) -> Result<()> {
    let backend = serve::open(config).await?;
    let empty = demo::is_empty(&backend).await?;
    if !empty && !demo::is_demo(&backend).await? {
        bail!("this database holds something else than the demo's data; name another by --database");
    }
    if !empty && options.fresh && options.database.is_some() {
        demo::clear(&backend).await?;
    } else if !empty {
        return Ok(backend.store.close().await?);
    }
    let begun = Instant::now();
    let accounts = options.data.accounts;
    demo::seed(&backend, &options.data, |made| eprintln!("  {made} of {accounts} accounts")).await?;
    eprintln!("Made the data of {accounts} accounts in {:.1} s.", begun.elapsed().as_secs_f64());
    Ok(backend.store.close().await?)
}

fn tell(address: SocketAddr) {
    let sign_ins = SIGN_INS.map(|sign_in| format!("    {:<22} {}", sign_in.email, sign_in.description)).join("\n");
    let text = format!(
        "\n  Tenantry is ready: http://{address}\n\n  Sign in with the password «{PASSWORD}» as\n{sign_ins}\n\n  \
         Stop with Ctrl-C. The data stays; --fresh makes it anew.\n\n"
    );
    // Whoever started the demo may have stopped listening; that is no reason to stop serving.
    let _ = std::io::stdout().write_all(text.as_bytes());
}
