//! Databases for tests: every test of a use case runs on `SQLite` and on `PostgreSQL`.
#![expect(clippy::expect_used, reason = "a test that has no database can only fail")]
#![expect(clippy::print_stdout, reason = "a failing test says on which database")]

use domain::time::Timestamp;
use sea_orm::{ColumnTrait, ConnectionTrait, Database, EntityTrait, QueryFilter};

use crate::{Backend, Settings, Store, StoreOptions, clock::Clock, demo, entity, migration, random};

/// The time at which the clock of a test stands until it is set: 2026-01-15T10:00:00Z.
pub const NOW: Timestamp = Timestamp(1_768_471_200_000);

/// Runs `test` on each database, empty but for the schema, with a clock that stands at [`NOW`].
///
/// # Panics
/// When `test` does, or when there is no `PostgreSQL`: `TENANTRY_TEST_POSTGRES` must hold the URL of
/// one in which databases may be created; `cargo xtask test` starts one, `cargo xtask postgres` too.
pub async fn on_each_database(test: impl AsyncFn(Backend)) {
    on_sqlite(&test).await;
    on_postgres(&test).await;
}

/// The same with the data of the demo in it, some 200 accounts of two partners.
///
/// # Panics
/// As [`on_each_database`].
pub async fn on_each_demo(test: impl AsyncFn(Backend)) {
    on_each_database(async |backend| {
        demo::seed(&backend, &demo::Demo::default(), |_| ()).await.expect("the demo's data is made");
        test(backend).await;
    })
    .await;
}

/// Makes the database look as if a newer release had migrated it.
///
/// # Panics
/// When the database refuses it.
pub async fn mark_as_newer(backend: &Backend, migration: &str) {
    let sql = format!("INSERT INTO seaql_migrations (version, applied_at) VALUES ('{migration}', 0)");
    backend.store.writer().execute_unprepared(&sql).await.expect("a migration can be noted");
}

/// Everything that is stored of an account, but for its records of activity: row by row, as text.
///
/// # Panics
/// When the database cannot be read.
pub async fn dump(backend: &Backend, account: i64) -> Vec<String> {
    let database = backend.store.reader();
    let mut all = Vec::new();
    /// The rows of each table whose column says that they are the account's.
    macro_rules! dump {
        ($($table:ident.$column:ident),*) => {$(
            let own = entity::$table::Column::$column.eq(account);
            let rows = entity::$table::Entity::find().filter(own).all(database).await.expect("a table can be read");
            all.extend(rows.iter().map(|row| format!("{}: {row:?}", stringify!($table))));
        )*};
    }
    dump!(
        account.Id,
        account_word.AccountId,
        support_contact.AccountId,
        membership.AccountId,
        account_assignment.AccountId,
        account_integration.AccountId,
        account_privilege.AccountId,
        gateway_code.AccountId,
        consent_request.AccountId,
        problem_report.AccountId,
        mail.AccountId,
        subscription.AccountId
    );
    all.sort();
    all
}

async fn on_sqlite(test: &impl AsyncFn(Backend)) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = format!("sqlite://{}/tenantry.db", folder.path().display());
    println!("on SQLite");
    run(url, test).await;
}

async fn on_postgres(test: &impl AsyncFn(Backend)) {
    println!("on PostgreSQL");
    with_postgres(async |url| run(url, test).await).await;
}

/// Runs `test` with the URL of an empty `PostgreSQL` database of its own.
///
/// # Panics
/// As [`on_each_database`].
pub async fn with_postgres(test: impl AsyncFn(String)) {
    let server = std::env::var("TENANTRY_TEST_POSTGRES").expect(
        "TENANTRY_TEST_POSTGRES is not set: run the tests by `cargo xtask test`, or start a PostgreSQL for them by \
         `cargo xtask postgres` and set it to the URL printed",
    );
    let name = format!("test_{}", random::hex(&random::bytes::<8>().expect("randomness")));
    let admin = Database::connect(&server).await.expect("PostgreSQL answers");
    admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.expect("a database can be created");
    let (host, _) = server.rsplit_once('/').expect("the URL names a database");
    test(format!("{host}/{name}")).await;
    admin.execute_unprepared(&format!("DROP DATABASE {name} WITH (FORCE)")).await.expect("it can be dropped");
}

async fn run(url: String, test: &impl AsyncFn(Backend)) {
    let store = Store::connect(&StoreOptions { url, max_connections: 8 }).await.expect("the database opens");
    migration::migrate(&store).await.expect("it can be migrated");
    let clock = Clock::fixed(NOW);
    test(Backend::new(store.clone(), clock, Settings::new(&[7; 32]))).await;
    store.close().await.expect("it can be closed");
}
