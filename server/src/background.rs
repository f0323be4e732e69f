//! Work that is done beside serving.

use std::time::Duration;

use service::{Backend, sessions};

/// How often ended sessions are removed.
const EVERY: Duration = Duration::from_hours(1);

/// Removes ended sessions now and then, until it is dropped.
pub(crate) async fn sweep(backend: Backend) {
    let mut interval = tokio::time::interval(EVERY);
    loop {
        interval.tick().await;
        if let Err(error) = sessions::sweep(&backend).await {
            tracing::warn!(%error, "ended sessions could not be removed");
        }
    }
}
