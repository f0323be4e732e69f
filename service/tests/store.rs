//! Reaching the database.
#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

use futures_util::future::try_join_all;
use sea_orm::{ConnectionTrait, Database};
use service::{
    Backend, Settings, Store, StoreOptions,
    clock::Clock,
    demo, migration,
    testing::{NOW, on_each_database, with_postgres},
};

#[tokio::test]
async fn a_database_that_gives_each_connection_a_session_is_not_pooled() {
    on_each_database(async |backend| assert!(!backend.store.is_pooled_by_transaction().await.unwrap())).await;
}

#[tokio::test]
async fn connections_that_postgresql_has_ended_are_replaced_unnoticed() {
    const CONNECTIONS: u32 = 4;
    with_postgres(async |url| {
        let store = Store::connect(&StoreOptions { url: url.clone(), max_connections: CONNECTIONS }).await.unwrap();
        migration::migrate(&store).await.unwrap();
        let backend = Backend::new(store, Clock::fixed(NOW), Settings::new(&[7; 32]));
        let ask_all = async || try_join_all((0..CONNECTIONS).map(|_| demo::is_empty(&backend))).await;
        ask_all().await.unwrap();
        let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
            WHERE datname = current_database() AND pid <> pg_backend_pid()";
        Database::connect(&url).await.unwrap().execute_unprepared(others).await.unwrap();
        assert_eq!(ask_all().await.unwrap(), vec![true; CONNECTIONS as usize]);
        backend.store.close().await.unwrap();
    })
    .await;
}
