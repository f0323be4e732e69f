//! Work that is done beside serving.

use std::time::Duration;

use service::{
    Backend,
    accounts::lifecycle,
    idempotency,
    integrations::{self, microsoft},
    orders::import,
    outbox, search, sessions,
};

/// How often what is over is removed.
const EVERY: Duration = Duration::from_hours(1);

/// How often credentials are checked that others may have let expire.
const CHECK_EVERY: Duration = Duration::from_hours(6);

/// Checks the credentials of integrations now and then, until it is dropped. Not at the start: whoever
/// restarts a server does not want to wait for Microsoft.
pub(crate) async fn check_integrations(backend: Backend) {
    loop {
        tokio::time::sleep(CHECK_EVERY).await;
        if let Err(error) = microsoft::recheck_all(&backend).await {
            tracing::warn!(%error, "credentials of integrations could not be checked");
        }
    }
}

/// Removes now and then what is over: sessions, requests for consent, mail that arrived long ago,
/// configurations that were removed and accounts that were deleted long ago. Brings up to date by what rows of an
/// older release are found. Until it is dropped.
pub(crate) async fn sweep(backend: Backend) {
    let mut interval = tokio::time::interval(EVERY);
    loop {
        interval.tick().await;
        let (sessions, consents, mail, removed) = tokio::join!(
            sessions::sweep(&backend),
            microsoft::sweep(&backend),
            outbox::sweep(&backend),
            integrations::sweep(&backend)
        );
        for error in [sessions, consents, mail, removed].into_iter().filter_map(Result::err) {
            tracing::warn!(%error, "what is over could not be removed");
        }
        if let Err(error) = idempotency::sweep(&backend).await {
            tracing::warn!(%error, "keys of requests that are over could not be removed");
        }
        if let Err(error) = import::resume_all(&backend).await {
            tracing::warn!(%error, "imports that were interrupted could not be completed");
        }
        match lifecycle::purge(&backend).await {
            Ok(0) => {}
            Ok(purged) => tracing::info!(purged, "accounts were purged that were deleted long ago"),
            Err(error) => tracing::warn!(%error, "not every account could be purged"),
        }
        // At the start all that an older release has written, later what one that still runs has.
        match search::refresh(&backend).await {
            Ok(0) => {}
            Ok(rows) => tracing::info!(rows, "rows of an older release can be searched"),
            Err(error) => tracing::warn!(%error, "not every row of an older release can be searched"),
        }
    }
}
