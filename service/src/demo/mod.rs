//! The data of the demo: two partners, accounts in a dozen countries in every state that a page can
//! show, and a sign-in for every role. The same seed always makes the same data.

mod activity;
mod names;
mod orders;
mod panels;

use domain::{
    account::{AccountStatus, PbxType},
    account_number::AccountNumber,
    activity::ActivityKind,
    country::{CountryCode, catalogue},
    customer::{CustomerForm, CustomerInformation},
    id::{AccountId, PartnerId},
    integrations::Services,
    role::Role,
    time::Timestamp,
};
use sea_orm::{
    ActiveValue::NotSet, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, PaginatorTrait, QueryFilter, QueryTrait,
    Set, Statement,
};
use tokio::sync::mpsc;

use crate::{
    Backend,
    accounts::{add, stored_number},
    activity::{Actor, Record},
    entity::{
        account, account_assignment, account_integration, account_number, account_privilege, account_word,
        activity as activity_entity, activity_word, gateway_code, mail, membership, order_word, partner, partner_order,
        person, problem_report, subscription, support_contact,
    },
    error::{Error, Result},
    passwords,
    search::index::{AccountText, search_text},
    store::{CACHE_SIZE, Transaction},
};

/// The password of every sign-in of the demo.
pub const PASSWORD: &str = "correct horse battery staple";

/// A sign-in of the demo.
#[derive(Clone, Copy, Debug)]
pub struct SignIn {
    /// Address.
    pub email: &'static str,
    /// Name.
    pub name: &'static str,
    /// What it can do, in words for the command line.
    pub description: &'static str,
}

/// The sign-ins of the demo.
pub const SIGN_INS: [SignIn; 6] = [
    SignIn { email: "partner@example.com", name: "Marta Bianchi", description: "partner admin of the first partner" },
    SignIn { email: "manager@example.com", name: "Lucia Neri", description: "account manager with five accounts" },
    SignIn { email: "admin@example.com", name: "Paolo Rossi", description: "account admin of one account" },
    SignIn { email: "user@example.com", name: "Chiara Conti", description: "plain user of that account" },
    SignIn { email: "other@example.com", name: "Jonas Keller", description: "partner admin of the second partner" },
    SignIn { email: "several@example.com", name: "Sofia Marino", description: "member of a partner and of an account" },
];

/// How much data is made.
#[derive(Clone, Copy, Debug)]
pub struct Demo {
    /// Accounts in all.
    pub accounts: u32,
    /// Partners; two of them have sign-ins. The first owns four accounts in five when there are two,
    /// else all own as many.
    pub partners: u32,
    /// Records of activity beside those that tell the accounts' stories.
    pub activity: u32,
}

impl Default for Demo {
    fn default() -> Self {
        Self { accounts: 200, partners: 2, activity: 0 }
    }
}

/// So many accounts show every state; those after them have little, as most accounts do.
const RICH: u32 = 240;

/// Accounts that are deleted: by the index, when, in days before today.
const DELETED: [(u32, i64); 5] = [(20, 1), (61, 29), (102, 12), (143, 5), (184, 20)];

/// Accounts, or records of activity, written in one transaction.
const BATCH: u32 = 10_000;

/// Rows in one statement: few enough for the 32,766 parameters of `SQLite`.
const ROWS: usize = 1000;

/// Whether there is nothing in the database yet.
///
/// # Errors
/// Those of the database.
pub async fn is_empty(backend: &Backend) -> Result<bool> {
    Ok(partner::Entity::find().count(backend.store.reader()).await? == 0)
}

/// Whether the database holds the demo's data: its sign-ins are there.
///
/// # Errors
/// Those of the database.
pub async fn is_demo(backend: &Backend) -> Result<bool> {
    let known = person::Entity::find().filter(person::Column::Email.is_in(SIGN_INS.map(|sign_in| sign_in.email)));
    Ok(known.count(backend.store.reader()).await? == SIGN_INS.len() as u64)
}

/// Whether anybody in the database has a sign-in of the demo, whose password is known to all.
///
/// # Errors
/// Those of the database.
pub async fn has_sign_ins(backend: &Backend) -> Result<bool> {
    let known = person::Entity::find().filter(person::Column::Email.is_in(SIGN_INS.map(|sign_in| sign_in.email)));
    Ok(known.count(backend.store.reader()).await? > 0)
}

/// Removes everything from a database that holds the demo's data.
///
/// # Errors
/// [`Error::Internal`] when it holds something else.
pub async fn clear(backend: &Backend) -> Result<()> {
    if !is_demo(backend).await? {
        return Err(Error::Internal("this is not the demo's data".to_owned()));
    }
    let transaction = begin(backend).await?;
    for table in TABLES {
        transaction.execute_unprepared(&format!("DELETE FROM {table}")).await?;
    }
    transaction.commit().await
}

/// Begins to write data that brings its own records of activity.
async fn begin(backend: &Backend) -> Result<Transaction> {
    let transaction = backend.store.begin().await?;
    transaction.unrecorded("records of activity are part of the demo's data");
    Ok(transaction)
}

/// Every table with data, those first that refer to others.
const TABLES: [&str; 25] = [
    "activity",
    "activity_word",
    "subscription",
    "order_word",
    "partner_order",
    "order_import",
    "mail",
    "problem_report",
    "consent_request",
    "gateway_code",
    "account_privilege",
    "account_integration",
    "removed_integration",
    "sign_in_attempt",
    "rate_limit",
    "known_network",
    "session",
    "account_assignment",
    "membership",
    "support_contact",
    "account_word",
    "account_number",
    "account",
    "person",
    "partner",
];

/// Fills an empty database, telling `progress` now and then how many accounts are there.
///
/// # Errors
/// Those of the database.
pub async fn seed(backend: &Backend, demo: &Demo, progress: impl Fn(u32)) -> Result<()> {
    let partners = demo.partners.max(2);
    let transaction = begin(backend).await?;
    add_partners(&transaction, backend.clock.now().0, partners).await?;
    transaction.commit().await?;
    let (sender, mut batches) = mpsc::channel(1);
    let (demo, database) = (*demo, backend.store.backend());
    let writer = backend.store.writer();
    if database == DbBackend::Sqlite {
        writer.execute_unprepared("PRAGMA cache_size = -262144").await?;
    }
    // Inventing a batch takes as long as writing it: each has a thread of its own.
    let inventor = {
        let backend = backend.clone();
        tokio::task::spawn_blocking(move || invent(&backend, &demo, partners, &sender))
    };
    while let Some((until, statements)) = batches.recv().await {
        let transaction = begin(backend).await?;
        for statement in statements {
            transaction.execute_raw(statement).await?;
        }
        transaction.commit().await?;
        progress(until);
    }
    inventor.await.map_err(|error| Error::Internal(error.to_string()))??;
    if database == DbBackend::Sqlite {
        writer.execute_unprepared(&format!("PRAGMA cache_size = {CACHE_SIZE}")).await?;
    }
    let transaction = begin(backend).await?;
    add_people(&transaction, backend.clock.now().0).await?;
    set_sequences(&transaction).await?;
    transaction.commit().await?;
    backend.store.analyze().await
}

/// Sends the statements that write each batch, and how many accounts are there after it.
fn invent(backend: &Backend, demo: &Demo, partners: u32, sender: &mpsc::Sender<(u32, Vec<Statement>)>) -> Result<()> {
    let accounts = demo.accounts;
    let placed = |index: u32| Placed {
        index,
        account: AccountId(i64::from(index) + 1),
        partner: PartnerId(partner_of(index, partners)),
        accounts,
    };
    let mut source = Source::default();
    let send = |until: u32, batch: Batch| {
        let statements = batch.statements(backend.store.backend());
        sender.blocking_send((until, statements)).map_err(|_| Error::Internal("nobody writes the demo".to_owned()))
    };
    for first in (0..accounts).step_by(BATCH as usize) {
        let until = accounts.min(first + BATCH);
        let mut batch = Batch::default();
        for index in first..until {
            batch.add(backend, &mut source, placed(index))?;
        }
        send(until, batch)?;
    }
    // From a year ago until now, their keys far beyond those of the stories.
    let now = backend.clock.now().0;
    let step = 365 * 86_400_000 / i64::from(demo.activity.max(1));
    for first in (0..demo.activity).step_by(BATCH as usize) {
        let mut batch = Batch::default();
        for number in first..demo.activity.min(first + BATCH) {
            let (id, at) = (i64::from(number) + 1_000_000_000, now - i64::from(demo.activity - number) * step);
            let account = placed(source.below(accounts));
            activity::add_one(&mut batch, &mut source, account, id, Timestamp(at))?;
        }
        send(accounts, batch)?;
    }
    Ok(())
}

/// An account's place in the demo.
#[derive(Clone, Copy)]
struct Placed {
    /// Counted from nought.
    index: u32,
    account: AccountId,
    partner: PartnerId,
    /// How many accounts there will be.
    accounts: u32,
}

impl Placed {
    fn optimises_bandwidth(self) -> bool {
        self.index.is_multiple_of(2)
    }
}

fn partner_of(index: u32, partners: u32) -> i64 {
    if partners == 2 {
        return if index % 5 == 4 { 2 } else { 1 };
    }
    i64::from(index % partners) + 1
}

fn partner_name(index: u32) -> String {
    match index {
        1 => "Northwind Telecom".to_owned(),
        2 => "Alpenblick Kommunikation".to_owned(),
        _ => format!("Partner {index}"),
    }
}

async fn add_partners(transaction: &Transaction, now: i64, partners: u32) -> Result<()> {
    let rows = (1..=partners).map(|index| partner::ActiveModel {
        id: Set(i64::from(index)),
        name: Set(partner_name(index)),
        created_at: Set(now),
    });
    partner::Entity::insert_many(rows).exec_without_returning(transaction).await?;
    Ok(())
}

/// A source of numbers that look random and are the same every time (`SplitMix64`).
#[derive(Default)]
struct Source(u64);

impl Source {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`.
    fn below(&mut self, bound: u32) -> u32 {
        u32::try_from(self.next() % u64::from(bound.max(1))).unwrap_or_default()
    }

    fn one_of<'a, T: ?Sized>(&mut self, choices: &[&'a T]) -> &'a T {
        let index = self.below(u32::try_from(choices.len()).unwrap_or(1));
        choices[index as usize]
    }
}

#[derive(Default)]
struct Batch {
    numbers: Vec<account_number::ActiveModel>,
    accounts: Vec<account::ActiveModel>,
    words: Vec<(i64, String, i64)>,
    contacts: Vec<support_contact::ActiveModel>,
    records: Vec<activity_entity::ActiveModel>,
    integrations: Vec<account_integration::ActiveModel>,
    privileges: Vec<account_privilege::ActiveModel>,
    codes: Vec<gateway_code::ActiveModel>,
    reports: Vec<problem_report::ActiveModel>,
    mails: Vec<mail::ActiveModel>,
    orders: Vec<partner_order::ActiveModel>,
    order_words: Vec<order_word::ActiveModel>,
    subscriptions: Vec<subscription::ActiveModel>,
    activity_words: Vec<activity_word::ActiveModel>,
}

impl Batch {
    fn add(&mut self, backend: &Backend, source: &mut Source, placed: Placed) -> Result<()> {
        let Placed { index, account: AccountId(id), partner: PartnerId(partner), .. } = placed;
        let now = backend.clock.now().0;
        let mut customer = names::customer(source, index);
        let partners_own = panels::PARTNERS_OWN.contains(&index);
        if partners_own {
            customer.name = partner_name(u32::try_from(partner).unwrap_or_default());
        }
        let cloud_location = names::cloud_location(&customer.country);
        let form = customer.clone();
        let customer = checked(&customer)?;
        // Steps of a number that shares no factor with the count visit each number once.
        let step = u64::from(index) * 53_710_021 + 20_120_518;
        let number =
            AccountNumber::from_index(u32::try_from(step % u64::from(AccountNumber::COUNT)).unwrap_or_default());
        let micloud_connect = index % 17 == 3;
        let ordered = if index < RICH { index % 4 != 2 } else { index.is_multiple_of(4) };
        let sap_number = ordered.then(|| format!("{:010}", 1_040_000 + source.below(900_000)));
        let pbx_type = (index % 3 == 1).then(|| PbxType::ALL[source.below(5) as usize].key().to_owned());
        let before = if index % 23 == 7 || index == 143 { AccountStatus::Deactivated } else { AccountStatus::Active };
        let deleted = DELETED.iter().find(|(deleted, _)| *deleted == index).map(|(_, days)| now - days * 86_400_000);
        let status = if deleted.is_some() { AccountStatus::Deleted } else { before };
        let made = now - i64::from(30 + source.below(400)) * 86_400_000;
        let stored = stored_number(number);
        let contact = format!("support{partner}@example.com");
        let words = AccountText {
            name: &customer.name,
            city: customer.city.as_deref(),
            country: customer.country.as_str(),
            number: stored,
            sap_number: sap_number.as_deref(),
            contacts: std::slice::from_ref(&contact),
        }
        .words();
        self.accounts.push(account::ActiveModel {
            id: Set(id),
            status: Set(status.key().to_owned()),
            micloud_connect: Set(micloud_connect),
            deleted_at: Set(deleted),
            status_before: Set(deleted.map(|_| before.key().to_owned())),
            sap_number: Set(sap_number.clone()),
            pbx_type: Set(pbx_type.clone()),
            partners_own: Set(partners_own),
            bandwidth_optimisation: Set(placed.optimises_bandwidth()),
            search_text: Set(search_text(&words)),
            is_indexed: Set(true),
            ..add::row(partner, number, &customer, cloud_location, made)
        });
        self.numbers.push(account_number::ActiveModel { number: Set(stored) });
        self.words.extend(words.into_iter().map(|word| (partner, word, id)));
        self.contacts.push(support_contact::ActiveModel {
            id: NotSet,
            account_id: Set(id),
            email: Set(contact),
            created_at: Set(made),
        });
        let added = form.changes_from(&CustomerForm::default());
        let (kind, by) = (ActivityKind::AccountAdded, Actor::Operator);
        let record = Record {
            at: Timestamp(made),
            partner: PartnerId(partner),
            account: Some(AccountId(id)),
            version: Some(1),
            by,
            kind,
            changes: &added,
            reversal: None,
        };
        self.records.push(activity_entity::ActiveModel { id: Set(activity::record_id(placed, 0)), ..record.row(&[])? });
        let services =
            if partners_own { Services::default() } else { panels::add(self, backend, index, pbx_type.is_some())? };
        orders::add(self, backend, placed, sap_number.as_deref())?;
        activity::add(self, backend, placed, &form, &services)
    }

    fn statements(mut self, database: DbBackend) -> Vec<Statement> {
        // In the order of the primary key, in which a tree grows best.
        self.words.sort_unstable();
        let words = self.words.into_iter().map(|(partner, word, account)| account_word::ActiveModel {
            partner_id: Set(partner),
            word: Set(word),
            account_id: Set(account),
        });
        let mut statements = Vec::new();
        statements.extend(insert::<account_number::Entity>(database, &self.numbers));
        statements.extend(insert::<account::Entity>(database, &self.accounts));
        statements.extend(insert::<account_word::Entity>(database, &words.collect::<Vec<_>>()));
        statements.extend(insert::<support_contact::Entity>(database, &self.contacts));
        statements.extend(insert::<activity_entity::Entity>(database, &self.records));
        statements.extend(insert::<activity_word::Entity>(database, &self.activity_words));
        statements.extend(insert::<partner_order::Entity>(database, &self.orders));
        statements.extend(insert::<order_word::Entity>(database, &self.order_words));
        statements.extend(insert::<subscription::Entity>(database, &self.subscriptions));
        statements.extend(insert::<account_integration::Entity>(database, &self.integrations));
        statements.extend(insert::<account_privilege::Entity>(database, &self.privileges));
        statements.extend(insert::<gateway_code::Entity>(database, &self.codes));
        statements.extend(insert::<problem_report::Entity>(database, &self.reports));
        statements.extend(insert::<mail::Entity>(database, &self.mails));
        statements
    }
}

fn insert<E: EntityTrait>(database: DbBackend, rows: &[E::ActiveModel]) -> Vec<Statement> {
    let insert = |rows: &[E::ActiveModel]| E::insert_many(rows.iter().cloned()).build(database);
    rows.chunks(ROWS).map(insert).collect()
}

fn checked(form: &CustomerForm) -> Result<CustomerInformation> {
    let country = CountryCode::parse(&form.country).map_err(|_| Error::Internal("unknown country".to_owned()))?;
    CustomerInformation::parse(form, Some(catalogue::format(country))).map_err(Error::Invalid)
}

async fn add_people(transaction: &Transaction, now: i64) -> Result<()> {
    let hash = passwords::hash(PASSWORD).await?;
    let rows = SIGN_INS.iter().zip(1..).map(|(sign_in, id)| person::ActiveModel {
        id: Set(id),
        email: Set(sign_in.email.to_owned()),
        name: Set(sign_in.name.to_owned()),
        password_hash: Set(Some(hash.clone())),
        locale: Set(None),
        created_at: Set(now),
    });
    person::Entity::insert_many(rows).exec_without_returning(transaction).await?;
    let seats = [
        (1, Role::PartnerAdmin, 1, None),
        (2, Role::AccountManager, 1, None),
        (3, Role::AccountAdmin, 1, Some(1)),
        (4, Role::User, 1, Some(1)),
        (5, Role::PartnerAdmin, 2, None),
        (6, Role::AccountManager, 2, None),
        (6, Role::AccountAdmin, 1, Some(2)),
    ];
    let rows = seats.iter().zip(1..).map(|(&(person, role, partner, account), id)| membership::ActiveModel {
        id: Set(id),
        person_id: Set(person),
        partner_id: Set(partner),
        account_id: Set(account),
        role: Set(role.key().to_owned()),
        created_at: Set(now),
    });
    membership::Entity::insert_many(rows).exec_without_returning(transaction).await?;
    // The first partner's first accounts are those of indices 0 to 3 and 5.
    // Those of indices 4 and 9 are the second partner's.
    let rows = [(2, 1), (2, 2), (2, 3), (2, 4), (2, 6), (6, 5), (6, 10)].map(|(membership, account)| {
        account_assignment::ActiveModel { membership_id: Set(membership), account_id: Set(account) }
    });
    account_assignment::Entity::insert_many(rows).exec_without_returning(transaction).await?;
    Ok(())
}

/// `PostgreSQL` does not count keys that were given; it is told where to go on.
async fn set_sequences(transaction: &Transaction) -> Result<()> {
    if transaction.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    for table in ["partner", "person", "membership", "account", "problem_report", "partner_order", "activity"] {
        let sql = format!("SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT MAX(id) FROM {table}))");
        transaction.execute_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    }
    Ok(())
}
