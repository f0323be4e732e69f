//! Serving: opening the database, listening, stopping without losing what is under way.

use std::{net::SocketAddr, sync::Arc};

use anyhow::{Context, Result, bail};
use service::{Backend, Store, clock::Clock, demo, live::Relay, migration};
use tokio::{net::TcpListener, signal};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    background, config::Config, connections, files, http, mail, microsoft::MicrosoftIdentityPlatform, site::Files,
};

/// Opens the database of `config` and migrates it.
pub(crate) async fn open(config: &Config) -> Result<Backend> {
    if config.database_url.is_none() {
        files::make_folder(&config.data_folder)?;
    }
    let options = config.store_options()?;
    files::close_database(&options.url);
    let store = Store::connect(&options).await.context("the database cannot be opened")?;
    if store.is_pooled_by_transaction().await.context("the database cannot be asked")? {
        bail!(
            "database_url leads to a connection pooler in transaction mode, such as PgBouncer: give the address of \
             PostgreSQL itself, or of a pool in session mode"
        );
    }
    migration::migrate(&store).await.context("the database cannot be migrated")?;
    let mut backend = Backend::new(store, Clock::default(), config.settings()?);
    backend.token_endpoint = Arc::new(MicrosoftIdentityPlatform::new(&config.microsoft_login_url)?);
    service::check_key(&backend).await?;
    Ok(backend)
}

/// Serves the console until the process is told to stop.
pub(crate) async fn serve(config: Config) -> Result<()> {
    for warning in config.warnings() {
        tracing::warn!("{warning}");
    }
    let backend = open(&config).await?;
    if !config.listen.ip().is_loopback() && demo::has_sign_ins(&backend).await? {
        bail!(
            "this database holds sign-ins of the demo, whose password is known to all: it is served on a loopback address \
             only, not on {}; name another database",
            config.listen
        );
    }
    serve_backend(backend, config, |_| ()).await
}

/// Serves the demo until the process is told to stop; `ready` is told the address.
pub(crate) async fn serve_demo(config: Config, ready: impl FnOnce(SocketAddr)) -> Result<()> {
    let backend = open(&config).await?;
    serve_backend(backend, config, ready).await
}

async fn serve_backend(backend: Backend, config: Config, ready: impl FnOnce(SocketAddr)) -> Result<()> {
    let listener = listen(config.listen).await?;
    let address = listener.local_addr()?;
    let state = http::AppState::new(backend.clone(), Files::load()?, &config);
    let stop = CancellationToken::new();
    let tasks = TaskTracker::new();
    let run = |task: BoxFuture| tasks.spawn(stop.clone().run_until_cancelled_owned(task));
    if let Some(metrics) = config.metrics_listen {
        let listener = listen(metrics).await?;
        tracing::info!(address = %listener.local_addr()?, "metrics are served apart");
        tasks.spawn(connections::serve(listener, http::metrics_router(state.clone()), stop.clone()));
    }
    if let Some(relay) = Relay::listen(&backend.store).await.context("changes of other processes cannot be heard")? {
        run(Box::pin(relay.run()));
    }
    run(Box::pin(state.clone().run_upkeep()));
    run(Box::pin(background::sweep(backend.clone())));
    run(Box::pin(background::check_integrations(backend.clone())));
    run(Box::pin(mail::send_all(backend.clone(), mail::Mailer::new(&config)?)));
    tasks.spawn(told_to_stop(backend.clone(), stop.clone()));
    tracing::info!(%address, "listening");
    ready(address);
    connections::serve(listener, http::router(state), stop).await;
    tasks.close();
    tasks.wait().await;
    backend.store.close().await?;
    Ok(())
}

/// Background work, which ends when it is dropped.
type BoxFuture = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;

async fn listen(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))
}

/// Waits for the signal to stop, and passes it on to everything that runs.
async fn told_to_stop(backend: Backend, stop: CancellationToken) {
    signal_to_stop().await;
    tracing::info!("stopping");
    backend.store.live().stop();
    stop.cancel();
}

/// Waits for the signal to stop.
async fn signal_to_stop() {
    let interrupted = signal::ctrl_c();
    #[cfg(unix)]
    {
        let Ok(mut terminated) = signal::unix::signal(signal::unix::SignalKind::terminate()) else {
            let _ = interrupted.await;
            return;
        };
        tokio::select! {
            _ = interrupted => {}
            _ = terminated.recv() => {}
        }
    }
    #[cfg(not(unix))]
    let _ = interrupted.await;
}
