//! Serving: opening the database, listening, stopping without losing what is under way.

use std::{future::IntoFuture, net::SocketAddr, sync::Arc};

use anyhow::{Context, Result};
use service::{Backend, Store, StoreOptions, clock::Clock, live::Relay, migration};
use tokio::{net::TcpListener, signal, sync::watch};

use crate::{background, config::Config, http, mail, microsoft::MicrosoftIdentityPlatform, site::Files};

/// Opens the database of `config` and migrates it.
pub(crate) async fn open(config: &Config) -> Result<Backend> {
    let url = config.database_url();
    if config.database_url.is_none() {
        let folder = &config.data_folder;
        std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    }
    let options: StoreOptions = url.parse().map_err(anyhow::Error::msg)?;
    let options = StoreOptions { max_connections: config.max_connections, ..options };
    let store = Store::connect(&options).await.context("the database cannot be opened")?;
    migration::migrate(&store).await.context("the database cannot be migrated")?;
    let mut backend = Backend::new(store, Clock::default(), config.settings()?);
    backend.token_endpoint = Arc::new(MicrosoftIdentityPlatform::new(&config.microsoft_login_url)?);
    service::check_key(&backend).await?;
    Ok(backend)
}

/// Serves the console until the process is told to stop; `ready` is told the address.
pub(crate) async fn serve(config: Config, ready: impl FnOnce(SocketAddr)) -> Result<()> {
    let backend = open(&config).await?;
    let listener =
        TcpListener::bind(config.listen).await.with_context(|| format!("cannot listen on {}", config.listen))?;
    let address = listener.local_addr()?;
    let state = http::AppState::new(backend.clone(), Files::load()?, &config);
    let app = http::router(state).into_make_service_with_connect_info::<SocketAddr>();
    let relay = Relay::listen(&backend.store).await.context("changes of other processes cannot be heard")?;
    let relaying = relay.map(|relay| tokio::spawn(relay.run()));
    let sweeping = tokio::spawn(background::sweep(backend.clone()));
    let checking = tokio::spawn(background::check_integrations(backend.clone()));
    for warning in config.warnings() {
        tracing::warn!("{warning}");
    }
    let mailer = mail::Mailer::new(&config)?;
    let sending = tokio::spawn(mail::send_all(backend.clone(), mailer));
    tracing::info!(%address, "listening");
    ready(address);
    let (stop, mut stopping) = watch::channel(false);
    let live = backend.store.live().clone();
    let serving = axum::serve(listener, app).with_graceful_shutdown(async move {
        told_to_stop().await;
        tracing::info!("stopping");
        live.stop();
        let _ = stop.send(true);
    });
    let grace = async {
        let _ = stopping.wait_for(|stopping| *stopping).await;
        tokio::time::sleep(std::time::Duration::from_secs(20)).await;
    };
    tokio::select! {
        result = serving.into_future() => result?,
        () = grace => tracing::warn!("some requests did not end in time"),
    }
    sweeping.abort();
    sending.abort();
    checking.abort();
    if let Some(relaying) = relaying {
        relaying.abort();
    }
    backend.store.close().await?;
    Ok(())
}

/// Waits for the signal to stop.
async fn told_to_stop() {
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
