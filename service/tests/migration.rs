//! Migrating: again, at once, and from a release that is older than the database.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test says what it expects by failing")]

use service::{
    Error, migration,
    testing::{mark_as_newer, on_each_database},
};

#[tokio::test]
async fn migrating_again_and_at_once_changes_nothing() {
    on_each_database(async |backend| {
        let store = &backend.store;
        tokio::try_join!(migration::migrate(store), migration::migrate(store), migration::migrate(store)).unwrap();
        assert!(service::demo::is_empty(&backend).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn a_database_of_a_newer_release_is_refused_in_words() {
    on_each_database(async |backend| {
        mark_as_newer(&backend, "m29991231_000001_future").await;
        let Err(Error::Internal(message)) = migration::migrate(&backend.store).await else {
            panic!("it was migrated by an older release")
        };
        assert!(message.contains("newer release") && message.contains("m29991231_000001_future"), "{message}");
    })
    .await;
}
