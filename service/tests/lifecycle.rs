//! Deactivating, deleting, restoring, purging, undoing, and telling of it; on both databases.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;

use common::{accounts, admin, manager, own, page, partner, refused, user};
use domain::account::RESTORABLE_DAYS;
use domain::view::accounts::{AccountQuery, StatusFilter};
use domain::view::activity::ActivityQuery;
use domain::{
    account::AccountStatus,
    account_number::AccountNumber,
    activity::ActivityKind,
    country::{CountryCode, catalogue},
    customer::{CustomerForm, CustomerInformation, FieldError},
    email::EmailAddress,
    id::{AccountId, MembershipId, PartnerId, PersonId},
    integrations::{IntegrationKey, Privilege, Wanted},
    rights::{Decision, Reason},
    role::{Caller, Seat},
    text::Difference,
};
use proptest::{collection::vec, prelude::*, test_runner::TestRunner};
use service::{
    Backend, Error, Settings, Store, StoreOptions,
    accounts::{
        add::{self, NewAccount},
        information, lifecycle,
        list::{self},
    },
    activity::find::{Of, find},
    clock::Clock,
    contacts, integrations,
    live::{Relay, Topic},
    sessions,
    testing::{NOW, dump, on_each_demo, with_postgres},
    undo::{UNDO_SECONDS, undo},
};

async fn saved(backend: &Backend, caller: &Caller, number: AccountNumber, edit: impl Fn(&mut CustomerForm)) -> i64 {
    let page = page(backend, number).await;
    let mut form = page.customer;
    edit(&mut form);
    let format = catalogue::format(CountryCode::parse(&form.country).unwrap());
    let customer = CustomerInformation::parse(&form, Some(format)).unwrap();
    information::save(backend, caller, number, page.version, &customer).await.unwrap().undo.unwrap()
}

async fn listed(backend: &Backend, caller: &Caller, status: StatusFilter) -> Vec<AccountNumber> {
    let query = AccountQuery { status, ..AccountQuery::default() };
    list::list(backend, caller, &query).await.unwrap().rows.into_iter().map(|row| row.number).collect()
}

#[tokio::test]
async fn deactivating_ends_sessions_at_once_and_keeps_everything() {
    on_each_demo(async |backend| {
        let number = own(&backend).await;
        let sign_in =
            async || sessions::sign_in(&backend, "admin@example.com", service::demo::PASSWORD, "test", None).await;
        let token = sign_in().await.unwrap();
        assert!(sessions::find(&backend, &token).await.unwrap().is_some());
        lifecycle::deactivate(&backend, &partner(), number).await.unwrap();
        assert!(sessions::find(&backend, &token).await.unwrap().is_none());
        assert!(matches!(sign_in().await, Err(Error::Unauthenticated)));
        assert_eq!(page(&backend, number).await.status, AccountStatus::Deactivated);
        lifecycle::reactivate(&backend, &partner(), number).await.unwrap();
        assert!(sessions::find(&backend, &token).await.unwrap().is_none(), "what has ended stays so");
        sign_in().await.unwrap();
        let kinds: Vec<_> = page(&backend, number).await.activity.iter().take(2).map(|record| record.kind).collect();
        assert_eq!(kinds, [ActivityKind::AccountReactivated, ActivityKind::AccountDeactivated]);
        for caller in [manager(), admin()] {
            let result = lifecycle::deactivate(&backend, &caller, number).await;
            assert!(matches!(result, Err(Error::Forbidden(Reason::PartnerAdminOnly))), "{result:?}");
        }
        assert!(matches!(lifecycle::deactivate(&backend, &user(), number).await, Err(Error::NotFound)));
    })
    .await;
}

#[tokio::test]
async fn deleting_takes_the_name_and_leaves_the_list() {
    on_each_demo(async |backend| {
        let number = own(&backend).await;
        let name = page(&backend, number).await.customer.name;
        let delete = async |typed: &str| lifecycle::delete(&backend, &partner(), number, typed).await;
        assert_eq!(refused(delete("").await), FieldError::Required);
        assert_eq!(refused(delete("\u{200B}\u{3164}").await), FieldError::Required);
        let difference = Difference { after: "Rossi".into(), expected: Some("C".into()), typed: None };
        assert_eq!(refused(delete("Rossi").await), FieldError::OtherName { difference });
        delete(&format!("  {} ", name.to_uppercase().replace(' ', "\u{A0} "))).await.unwrap();
        assert!(!accounts(&backend, &partner(), &name).await.contains(&number));
        assert!(listed(&backend, &partner(), StatusFilter::Deleted).await.contains(&number));
        assert!(listed(&backend, &manager(), StatusFilter::Deleted).await.is_empty());
        assert!(matches!(information::find(&backend, &manager(), number).await, Err(Error::NotFound)));
        let page = page(&backend, number).await;
        assert_eq!(page.edit, Decision::Forbidden(Reason::AccountDeleted));
        assert_eq!((page.restore, page.deleted_at), (Decision::Allowed, Some(NOW)));
        let result = contacts::add(&backend, &partner(), number, "a@example.com").await;
        assert!(matches!(result, Err(Error::Forbidden(Reason::AccountDeleted))), "{result:?}");
        lifecycle::restore(&backend, &partner(), number).await.unwrap();
        assert!(accounts(&backend, &manager(), &name).await.contains(&number));
    })
    .await;
}

#[tokio::test]
async fn a_name_is_typed_to_delete_as_it_is_seen() {
    on_each_demo(async |backend| {
        let number = own(&backend).await;
        for (name, typed) in [
            ("L’Oréal – Nord", "l'ore\u{301}al - nord"),
            ("ROSSI «Città»", "rossi \"città\""),
            ("Cafe\u{301} Ro\u{AD}ma", "Café Roma"),
        ] {
            saved(&backend, &partner(), number, |form| form.name = name.into()).await;
            lifecycle::delete(&backend, &partner(), number, typed).await.unwrap();
            lifecycle::restore(&backend, &partner(), number).await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn an_account_can_be_restored_for_thirty_days_and_not_longer() {
    on_each_demo(async |backend| {
        let number = own(&backend).await;
        let name = page(&backend, number).await.customer.name;
        lifecycle::delete(&backend, &partner(), number, &name).await.unwrap();
        let over = domain::account::restorable_until(NOW);
        assert_eq!(over, NOW.plus_seconds(RESTORABLE_DAYS * 24 * 3600));
        backend.clock.set(over.plus_seconds(-1));
        let of_demo = lifecycle::purge(&backend).await.unwrap();
        assert!(of_demo > 0, "the demo's were deleted earlier");
        assert_eq!(page(&backend, number).await.status, AccountStatus::Deleted);
        backend.clock.set(over);
        assert_eq!(lifecycle::purge(&backend).await.unwrap(), 1);
        assert!(matches!(information::find(&backend, &partner(), number).await, Err(Error::NotFound)));
        assert!(matches!(lifecycle::restore(&backend, &partner(), number).await, Err(Error::NotFound)));
        assert_eq!(lifecycle::purge(&backend).await.unwrap(), 0);
        assert!(dump(&backend, 1).await.is_empty(), "nothing is left of it");
        let query = ActivityQuery { kind: Some(ActivityKind::AccountPurged), search: name, ..ActivityQuery::default() };
        let records = find(&backend, &partner(), Of::Partner, &query).await.unwrap().rows;
        assert_eq!(records.len(), 1);
        assert!(records[0].changes.iter().any(|change| change.old == number.to_string()));
    })
    .await;
}

/// Something done to the account before it is deleted.
#[derive(Clone, Debug)]
enum Step {
    Switch(&'static str, bool),
    Privilege(Privilege, bool),
    Bandwidth(bool),
    Name(String),
    Contact(u8),
    Active(bool),
}

fn step() -> impl Strategy<Value = Step> {
    let keys = prop::sample::select(&["micollab", "mitel-one", "micc", "microsoft-teams", "cloudlink-gateway"][..]);
    prop_oneof![
        (keys, any::<bool>()).prop_map(|(key, on)| Step::Switch(key, on)),
        (prop::sample::select(Privilege::ALL), any::<bool>()).prop_map(|(which, on)| Step::Privilege(which, on)),
        any::<bool>().prop_map(Step::Bandwidth),
        "[A-Z][a-z]{2,9}( [A-Z][a-z]{2,9}){0,2}".prop_map(Step::Name),
        any::<u8>().prop_map(Step::Contact),
        any::<bool>().prop_map(Step::Active),
    ]
}

async fn take(backend: &Backend, number: AccountNumber, step: &Step) {
    let change = async |wanted: Wanted| {
        if let Err(Error::Unconfirmed(effects)) = integrations::change(backend, &partner(), number, &wanted, &[]).await
        {
            integrations::change(backend, &partner(), number, &wanted, &effects).await.unwrap();
        }
    };
    match step {
        Step::Switch(key, on) => change(Wanted::Switch { key: IntegrationKey::parse(key).unwrap(), on: *on }).await,
        Step::Privilege(privilege, on) => {
            change(Wanted::Privilege { privilege: *privilege, on: *on, by: "Marta Bianchi".into() }).await;
        }
        Step::Bandwidth(on) => {
            integrations::optimise_bandwidth(backend, &partner(), number, *on).await.unwrap();
        }
        Step::Name(name) => {
            if page(backend, number).await.customer.name != *name {
                saved(backend, &partner(), number, |form| form.name.clone_from(name)).await;
            }
        }
        Step::Contact(which) => {
            let _ = contacts::add(backend, &partner(), number, &format!("c{}@example.com", which % 9)).await;
        }
        Step::Active(true) => lifecycle::reactivate(backend, &partner(), number).await.unwrap(),
        Step::Active(false) => lifecycle::deactivate(backend, &partner(), number).await.unwrap(),
    }
}

#[test]
fn delete_then_restore_gives_back_exactly_what_was_there() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(on_each_demo(async |backend| {
        let number = own(&backend).await;
        let mut runner = TestRunner::new(ProptestConfig { cases: 24, failure_persistence: None, ..Default::default() });
        let handle = tokio::runtime::Handle::current();
        // The runner is not asynchronous: it asks the runtime from a thread of its own.
        tokio::task::block_in_place(|| {
            runner
                .run(&vec(step(), 0..12), |steps| {
                    handle.block_on(async {
                        for step in &steps {
                            take(&backend, number, step).await;
                        }
                        let before = dump(&backend, 1).await;
                        let name = page(&backend, number).await.customer.name;
                        lifecycle::delete(&backend, &partner(), number, &name).await.unwrap();
                        prop_assert_ne!(&dump(&backend, 1).await, &before);
                        lifecycle::restore(&backend, &partner(), number).await.unwrap();
                        prop_assert_eq!(dump(&backend, 1).await, before);
                        Ok(())
                    })
                })
                .unwrap();
        });
    }));
}

#[tokio::test]
async fn a_save_is_undone_unless_the_same_field_was_saved_since() {
    on_each_demo(async |backend| {
        let number = own(&backend).await;
        let before = page(&backend, number).await;
        let record = saved(&backend, &partner(), number, |form| form.city = "Ostia".into()).await;
        // Another field may be saved meanwhile.
        saved(&backend, &admin(), number, |form| form.address2 = "Scala B".into()).await;
        let undone = undo(&backend, &partner(), number, record).await.unwrap().unwrap();
        let after = page(&backend, number).await;
        assert_eq!((&after.customer.city, after.customer.address2.as_str()), (&before.customer.city, "Scala B"));
        assert_eq!(after.version, before.version + 3);
        assert_eq!(after.activity[0].kind, ActivityKind::ChangeUndone);
        assert!(accounts(&backend, &partner(), "ostia").await.is_empty());
        // What was undone can be done again, and that cannot be undone by others.
        assert!(matches!(undo(&backend, &admin(), number, undone).await, Err(Error::NotFound)));
        let again = undo(&backend, &partner(), number, undone).await.unwrap().unwrap();
        assert_eq!(page(&backend, number).await.customer.city, "Ostia");
        saved(&backend, &admin(), number, |form| form.city = "Latina".into()).await;
        assert!(matches!(undo(&backend, &partner(), number, again).await, Err(Error::Outdated)));
        assert_eq!(page(&backend, number).await.customer.city, "Latina");
    })
    .await;
}

#[tokio::test]
async fn a_switch_is_undone_with_all_it_caused() {
    on_each_demo(async |backend| {
        let number = own(&backend).await;
        let key = IntegrationKey::parse("micollab").unwrap();
        let state = async || {
            let services = page(&backend, number).await.services;
            let on: Vec<_> = services.integrations.iter().map(|one| (one.on, one.presence_both_ways)).collect();
            (on, services.privileges.iter().map(|one| (one.on, one.set_by.clone())).collect::<Vec<_>>())
        };
        let before = state().await;
        let off = Wanted::Switch { key: key.clone(), on: false };
        let Err(Error::Unconfirmed(effects)) = integrations::change(&backend, &partner(), number, &off, &[]).await
        else {
            panic!("it causes something")
        };
        let record = integrations::change(&backend, &partner(), number, &off, &effects).await.unwrap().unwrap();
        assert_ne!(state().await, before);
        undo(&backend, &partner(), number, record).await.unwrap();
        assert_eq!(state().await, before);
        // Once more, and somebody else changes something of it meanwhile.
        let record = integrations::change(&backend, &partner(), number, &off, &effects).await.unwrap().unwrap();
        let on = Wanted::Switch { key, on: true };
        if let Err(Error::Unconfirmed(effects)) = integrations::change(&backend, &admin(), number, &on, &[]).await {
            integrations::change(&backend, &admin(), number, &on, &effects).await.unwrap();
        }
        assert!(matches!(undo(&backend, &partner(), number, record).await, Err(Error::Outdated)));
        let record = integrations::optimise_bandwidth(&backend, &admin(), number, false).await.unwrap().unwrap();
        backend.clock.set(NOW.plus_seconds(UNDO_SECONDS + 1));
        assert!(matches!(undo(&backend, &admin(), number, record).await, Err(Error::Outdated)));
    })
    .await;
}

#[tokio::test]
async fn what_was_never_switched_before_is_undone_too() {
    on_each_demo(async |backend| {
        let form = page(&backend, own(&backend).await).await.customer;
        let format = catalogue::format(CountryCode::parse(&form.country).unwrap());
        let new = NewAccount {
            customer: CustomerInformation::parse(&form, Some(format)).unwrap(),
            cloud_location: "europe".into(),
            support_contact: EmailAddress::parse("help@example.com").unwrap(),
        };
        let number = add::add(&backend, &partner(), new).await.unwrap();
        let wanted = Wanted::Switch { key: IntegrationKey::parse("micc").unwrap(), on: true };
        let record = integrations::change(&backend, &partner(), number, &wanted, &[]).await.unwrap().unwrap();
        assert!(page(&backend, number).await.services.privileges.iter().any(|one| one.on));
        undo(&backend, &partner(), number, record).await.unwrap();
        let services = page(&backend, number).await.services;
        assert!(services.integrations.iter().all(|one| !one.on));
        assert!(services.privileges.iter().all(|one| !one.on));
    })
    .await;
}

#[tokio::test]
async fn undo_goes_through_rights() {
    on_each_demo(async |backend| {
        let mine = accounts(&backend, &manager(), "").await;
        let number = *mine.iter().find(|_| true).unwrap();
        let record = saved(&backend, &manager(), number, |form| form.address2 = "Scala B".into()).await;
        let elsewhere = Seat::AccountManager { partner: PartnerId(1), membership: MembershipId(99) };
        let moved = Caller { seat: elsewhere, ..manager() };
        assert!(matches!(undo(&backend, &moved, number, record).await, Err(Error::NotFound)));
        let colleague = Caller { person: PersonId(1), ..manager() };
        assert!(matches!(undo(&backend, &colleague, number, record).await, Err(Error::NotFound)));
        let other = *mine.iter().find(|other| **other != number).unwrap();
        assert!(matches!(undo(&backend, &manager(), other, record).await, Err(Error::NotFound)));
        undo(&backend, &manager(), number, record).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn who_listens_hears_of_what_was_committed_and_of_nothing_else() {
    on_each_demo(async |backend| {
        let number = own(&backend).await;
        let listen = |topic| backend.store.live().listen(topic);
        let mut account = listen(Topic::Account(AccountId(1)));
        let mut partners = listen(Topic::Partner(PartnerId(1)));
        let other = listen(Topic::Partner(PartnerId(2)));
        assert!(contacts::add(&backend, &partner(), number, "nobody at all").await.is_err());
        assert!(!account.has_changed().unwrap());
        contacts::add(&backend, &partner(), number, "a@example.com").await.unwrap();
        let record = page(&backend, number).await.activity[0].id;
        assert_eq!(account.borrow_and_update().record, record);
        assert_eq!(partners.borrow_and_update().record, record);
        assert!(!other.has_changed().unwrap());
        backend.store.live().stop();
        assert!(account.changed().await.is_err(), "who listens is told when nothing more will come");
    })
    .await;
}

#[tokio::test]
async fn processes_on_one_postgresql_tell_each_other() {
    with_postgres(async |url| {
        let open = async || {
            let store = Store::connect(&StoreOptions { url: url.clone(), max_connections: 4 }).await.unwrap();
            service::migration::migrate(&store).await.unwrap();
            Backend::new(store, Clock::fixed(NOW), Settings::new(&[7; 32]))
        };
        let (one, other) = (open().await, open().await);
        service::demo::seed(&one, &service::demo::Demo { accounts: 10, ..Default::default() }, |_| ()).await.unwrap();
        let relays = [&one, &other].map(|backend| Relay::listen(&backend.store));
        let relays = futures_util::future::join_all(relays).await;
        let relays: Vec<_> = relays.into_iter().map(|relay| tokio::spawn(relay.unwrap().unwrap().run())).collect();
        let mut heard = other.store.live().listen(Topic::Account(AccountId(1)));
        let number = own(&one).await;
        integrations::optimise_bandwidth(&one, &partner(), number, false).await.unwrap().unwrap();
        heard.changed().await.unwrap();
        assert_eq!(heard.borrow().record, page(&one, number).await.activity[0].id);
        for relay in relays {
            relay.abort();
        }
    })
    .await;
}
