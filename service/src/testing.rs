//! Databases for tests: every test of a use case runs on `SQLite` and on `PostgreSQL`.
#![expect(clippy::expect_used, reason = "a test that has no database can only fail")]
#![expect(clippy::print_stdout, reason = "a failing test says on which database")]

use domain::{
    activity::ActivityKind,
    country::{CountryCode, catalogue},
    customer::{CustomerForm, CustomerInformation},
    email::EmailAddress,
    id::{PartnerId, PersonId},
    rights::Action,
    role::{Caller, Seat},
    time::Timestamp,
};
use sea_orm::{ColumnTrait, ConnectionTrait, Database, EntityTrait, PaginatorTrait, QueryFilter, Statement};

use crate::{
    Backend, Settings, Store, StoreOptions,
    accounts::{
        self,
        add::{self, NewAccount},
        lifecycle,
    },
    clock::Clock,
    demo, entity, migration,
    orders::import,
    random,
};

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

/// Renames a table, so that whatever reads it fails.
///
/// # Panics
/// When the database refuses it.
pub async fn hide_table(backend: &Backend, table: &str) {
    let sql = format!("ALTER TABLE {table} RENAME TO {table}_hidden");
    backend.store.writer().execute_unprepared(&sql).await.expect("a table can be renamed");
}

/// Adds the partner with the key 1 to an empty database.
///
/// # Panics
/// When the database refuses it.
pub async fn partner_row(backend: &Backend) {
    let sql = "INSERT INTO partner (id, name, created_at) VALUES (1, 'Northwind Telecom', 0)";
    backend.store.writer().execute_unprepared(sql).await.expect("a partner can be added");
}

/// Takes from every row what it is found and sorted by, as if a release that knew of no search had written it.
///
/// # Panics
/// When the database refuses it.
pub async fn make_stale(backend: &Backend) {
    for sql in [
        "DELETE FROM account_word",
        "DELETE FROM order_word",
        "DELETE FROM activity_word",
        "UPDATE account SET search_text = '', name_key = '', city_key = '', is_indexed = FALSE",
        "UPDATE partner_order SET search_text = '', is_indexed = FALSE",
        "UPDATE activity SET search_text = NULL, person_key = '', is_indexed = FALSE",
    ] {
        backend.store.writer().execute_unprepared(sql).await.expect("rows can be changed");
    }
}

/// The number of rows of `table`.
///
/// # Panics
/// When the database cannot be read.
pub async fn rows(backend: &Backend, table: &str) -> i64 {
    let sql = format!("SELECT COUNT(*) AS count FROM {table}");
    let row = backend.store.reader().query_one_raw(Statement::from_string(backend.store.backend(), sql)).await;
    let row = row.expect("rows can be counted").expect("a count has a row");
    row.try_get("", "count").expect("it is a number")
}

/// The attempts counted against each limit, and when its window ends.
///
/// # Panics
/// When the database cannot be read.
pub async fn rate_limits(backend: &Backend) -> Vec<(i32, i64)> {
    let sql = "SELECT count, expires_at FROM rate_limit ORDER BY key_hash";
    let rows = backend.store.reader().query_all_raw(Statement::from_string(backend.store.backend(), sql)).await;
    let number = |row: sea_orm::QueryResult| {
        (row.try_get("", "count").expect("a count"), row.try_get("", "expires_at").expect("a time"))
    };
    rows.expect("limits can be read").into_iter().map(number).collect()
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
        removed_integration.AccountId,
        gateway_code.AccountId,
        consent_request.AccountId,
        problem_report.AccountId,
        mail.AccountId,
        subscription.AccountId
    );
    all.sort();
    all
}

/// What is stored that cannot be: orders of which more or fewer licences are assigned than is noted,
/// accounts that are deleted by half, words of what is gone.
///
/// # Panics
/// When the database cannot be read.
pub async fn inconsistencies(backend: &Backend) -> Vec<String> {
    const CHECKS: [(&str, &str); 4] = [
        (
            "licences of an order are lost or assigned twice",
            "SELECT tracking_number AS what FROM partner_order o WHERE quantity <> remaining + \
             (SELECT COALESCE(SUM(s.quantity), 0) FROM subscription s WHERE s.order_id = o.id)",
        ),
        (
            "an account is deleted by half",
            "SELECT name AS what FROM account WHERE (status = 'deleted') <> (deleted_at IS NOT NULL) \
             OR (status = 'deleted') <> (status_before IS NOT NULL)",
        ),
        (
            "an order cannot be found",
            "SELECT tracking_number AS what FROM partner_order o WHERE NOT EXISTS \
             (SELECT 1 FROM order_word w WHERE w.order_id = o.id)",
        ),
        (
            "an account cannot be found",
            "SELECT name AS what FROM account a WHERE NOT EXISTS (SELECT 1 FROM account_word w WHERE w.account_id = a.id)",
        ),
    ];
    let database = backend.store.reader();
    let mut found = Vec::new();
    for (what, sql) in CHECKS {
        let rows = database.query_all_raw(Statement::from_string(backend.store.backend(), sql)).await;
        for row in rows.expect("a check can be made") {
            let which: String = row.try_get("", "what").expect("a check names what it found");
            found.push(format!("{what}: {which}"));
        }
    }
    found
}

/// How many orders and how many imports there are whose tracking numbers begin with `K`, and whether
/// `account` is deleted.
///
/// # Panics
/// When the database cannot be read.
pub async fn imports_and_status(backend: &Backend, account: i64) -> (usize, usize, bool) {
    let database = backend.store.reader();
    let orders = entity::partner_order::Entity::find()
        .filter(entity::partner_order::Column::TrackingNumber.starts_with("K"))
        .count(database);
    let imports = entity::activity::Entity::find()
        .filter(entity::activity::Column::Kind.eq(ActivityKind::OrdersImported.key()))
        .count(database);
    let row = entity::account::Entity::find_by_id(account).one(database).await.expect("an account can be read");
    let count = |count: Result<u64, _>| usize::try_from(count.expect("rows can be counted")).unwrap_or(usize::MAX);
    (count(orders.await), count(imports.await), row.expect("it is there").deleted_at.is_some())
}

/// Adds `count` accounts with licences of an order each, and deletes them; gives the key of each and
/// what is stored of it.
///
/// # Panics
/// When that fails.
pub async fn delete_some(backend: &Backend, count: usize) -> Vec<(i64, Vec<String>)> {
    let caller = Caller {
        person: PersonId(1),
        name: "Marta Bianchi".to_owned(),
        seat: Seat::PartnerAdmin { partner: PartnerId(1) },
    };
    let form = CustomerForm {
        name: "Quince".to_owned(),
        country: "IT".to_owned(),
        language: "it".to_owned(),
        ..CustomerForm::default()
    };
    let format = catalogue::format(CountryCode::parse("IT").expect("a country"));
    let mut deleted = Vec::new();
    for _ in 0..count {
        let new = NewAccount {
            customer: CustomerInformation::parse(&form, Some(format)).expect("a customer"),
            cloud_location: "europe".to_owned(),
            support_contact: EmailAddress::parse("help@example.com").expect("an address"),
        };
        let number = add::add(backend, &caller, new).await.expect("an account is added");
        let csv = format!(
            "tracking_number,product,plan,quantity,purchase_date,account\nP-{number},Mitel One,A,9,2026-01-01,{number}"
        );
        import::import(backend, &caller, &csv, None).await.expect("an order is imported");
        lifecycle::delete(backend, &caller, number, "Quince").await.expect("an account is deleted");
        let row = accounts::authorise(backend.store.reader(), &caller, Action::ViewAccount, number).await;
        let id = row.expect("it is there").id;
        deleted.push((id, dump(backend, id).await));
    }
    deleted
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
