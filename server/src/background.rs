//! Work that is done beside serving.

use std::time::Duration;

use service::{
    Backend,
    accounts::lifecycle,
    integrations::{self, microsoft},
    outbox, sessions,
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
/// configurations that were removed and accounts that were deleted long ago. Until it is dropped.
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
        match lifecycle::purge(&backend).await {
            Ok(0) => {}
            Ok(purged) => tracing::info!(purged, "accounts were purged that were deleted long ago"),
            Err(error) => tracing::warn!(%error, "not every account could be purged"),
        }
    }
}
