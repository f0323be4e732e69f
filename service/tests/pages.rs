//! What protects from harm done by the account page: own accounts, removals, stale edits; on both databases.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;

use domain::view::integrations::IntegrationView;
use std::{future::ready, pin::Pin, sync::Arc, sync::Mutex};

use common::{accounts, admin, own, page, partner, refused, user};
use domain::{
    account_number::AccountNumber,
    country::{CountryCode, catalogue},
    customer::{CustomerForm, CustomerInformation, FieldError},
    email::EmailAddress,
    integrations::{Effect, IntegrationKey, Privilege, State, Wanted},
    rights::{Decision, Reason},
};
use secrecy::ExposeSecret;
use service::{
    Backend, Error,
    accounts::{information, lifecycle},
    contacts,
    integrations::{
        self, RESTORABLE_DAYS,
        microsoft::{Checked, Credentials, RegistrationForm, TokenEndpoint, register},
    },
    testing::{NOW, on_each_demo},
    undo::{UNDO_SECONDS, undo},
};

fn key(text: &str) -> IntegrationKey {
    IntegrationKey::parse(text).unwrap()
}

fn email(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

fn day(days: i64) -> domain::time::Timestamp {
    NOW.plus_seconds(days * 24 * 3600)
}

async fn integration(backend: &Backend, number: AccountNumber, name: &str) -> IntegrationView {
    let services = page(backend, number).await.services;
    services.integrations.into_iter().find(|one| one.application.key == key(name)).unwrap()
}

/// Makes a change with what it causes confirmed; gives its record.
async fn change(backend: &Backend, number: AccountNumber, wanted: &Wanted) -> i64 {
    let record = match integrations::change(backend, &partner(), number, wanted, &[]).await {
        Err(Error::Unconfirmed(effects)) => {
            integrations::change(backend, &partner(), number, wanted, &effects).await.unwrap()
        }
        result => result.unwrap(),
    };
    record.unwrap()
}

async fn remove_teams(backend: &Backend, number: AccountNumber) -> i64 {
    change(backend, number, &Wanted::Remove { key: key("microsoft-teams") }).await
}

/// Remembers the secrets that it was asked about, and accepts them.
#[derive(Debug, Default)]
struct Endpoint(Mutex<Vec<String>>);

impl TokenEndpoint for Endpoint {
    fn check<'a>(&'a self, credentials: &'a Credentials) -> Pin<Box<dyn Future<Output = Checked> + Send + 'a>> {
        self.0.lock().unwrap().push(credentials.client_secret.expose_secret().to_owned());
        Box::pin(ready(Checked::Accepted))
    }
}

/// The secret with which Teams is set up.
async fn secret(backend: &Backend, number: AccountNumber) -> String {
    let endpoint = Arc::new(Endpoint::default());
    let backend = Backend { token_endpoint: endpoint.clone(), ..backend.clone() };
    let registration = integration(&backend, number, "microsoft-teams").await.registration.unwrap();
    let (key, client_secret) = (key("microsoft-teams"), String::new().into());
    let form = RegistrationForm {
        key,
        registration: &registration,
        client_secret,
        new_secret: false,
        presence_both_ways: false,
    };
    register(&backend, &admin(), number, &form).await.unwrap();
    let asked = endpoint.0.lock().unwrap();
    asked[0].clone()
}

#[tokio::test]
async fn the_partners_own_account_stays_in_use() {
    on_each_demo(async |backend| {
        let number = accounts(&backend, &partner(), "northwind telecom").await[0];
        let own = Decision::Forbidden(Reason::PartnersOwnAccount);
        let shown = page(&backend, number).await;
        assert_eq!((shown.deactivate, shown.delete), (own, own));
        let is_refused = |result| matches!(result, Err(Error::Forbidden(Reason::PartnersOwnAccount)));
        assert!(is_refused(lifecycle::deactivate(&backend, &partner(), number).await));
        assert!(is_refused(lifecycle::delete(&backend, &partner(), number, &shown.customer.name).await));
        assert_eq!(page(&backend, number).await.status, shown.status);
    })
    .await;
}

#[tokio::test]
async fn an_account_out_of_use_is_not_made_the_partners_own() {
    on_each_demo(async |backend| {
        let number = own(&backend).await;
        for one in page(&backend, number).await.services.integrations.into_iter().filter(|one| one.on) {
            change(&backend, number, &Wanted::Switch { key: one.application.key, on: false }).await;
        }
        lifecycle::deactivate(&backend, &partner(), number).await.unwrap();
        assert!(service::partners::mark_own_account(&backend, number).await.is_err());
        lifecycle::reactivate(&backend, &partner(), number).await.unwrap();
        service::partners::mark_own_account(&backend, number).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_removed_integration_is_restored_with_its_secret_and_all_it_caused() {
    on_each_demo(async |backend| {
        let number = own(&backend).await;
        let before = integration(&backend, number, "microsoft-teams").await;
        let stored = secret(&backend, number).await;
        let before = IntegrationView { presence_both_ways: false, ..before };
        let record = remove_teams(&backend, number).await;
        let removed = integration(&backend, number, "microsoft-teams").await;
        assert_eq!((removed.state, removed.registration.is_none()), (State::Off, true));
        assert_eq!(removed.removed.unwrap().record, record);
        assert_eq!(removed.removed.unwrap().until, day(RESTORABLE_DAYS));
        // Long after other changes could be undone, and by whoever may remove it.
        backend.clock.set(day(RESTORABLE_DAYS - 1));
        integrations::sweep(&backend).await.unwrap();
        assert!(matches!(undo(&backend, &user(), number, record).await, Err(Error::NotFound)));
        // What brought a configuration back is taken back by Remove only, which asks.
        assert_eq!(undo(&backend, &admin(), number, record).await.unwrap(), None);
        let restoring = page(&backend, number).await.activity[0].id;
        assert!(matches!(undo(&backend, &admin(), number, restoring).await, Err(Error::Outdated)));
        let after = integration(&backend, number, "microsoft-teams").await;
        assert_eq!((after.state, after.registration, after.removed), (before.state, before.registration, None));
        assert_eq!(secret(&backend, number).await, stored);
        assert!(matches!(undo(&backend, &admin(), number, record).await, Err(Error::NotFound | Error::Outdated)));
    })
    .await;
}

#[tokio::test]
async fn a_removed_configuration_is_kept_for_thirty_days() {
    on_each_demo(async |backend| {
        let number = own(&backend).await;
        let record = remove_teams(&backend, number).await;
        backend.clock.set(day(RESTORABLE_DAYS));
        assert!(integration(&backend, number, "microsoft-teams").await.removed.is_none());
        assert!(matches!(undo(&backend, &partner(), number, record).await, Err(Error::Outdated)));
        integrations::sweep(&backend).await.unwrap();
        backend.clock.set(NOW);
        assert!(integration(&backend, number, "microsoft-teams").await.removed.is_none());
    })
    .await;
}

#[tokio::test]
async fn a_removed_integration_comes_back_paused_where_something_of_it_has_changed() {
    on_each_demo(async |backend| {
        let number = own(&backend).await;
        let remove = Wanted::Remove { key: key("microsoft-teams") };
        // It comes back beside what it needed; that its presence went both ways is not restored.
        change(&backend, number, &Wanted::Switch { key: key("micollab"), on: false }).await;
        change(&backend, number, &Wanted::Switch { key: key("micollab"), on: true }).await;
        let record = change(&backend, number, &remove).await;
        change(&backend, number, &Wanted::Switch { key: key("microsoft-teams"), on: true }).await;
        assert!(matches!(undo(&backend, &partner(), number, record).await, Err(Error::Outdated)));
        change(&backend, number, &Wanted::Remove { key: key("microsoft-teams") }).await;
        undo(&backend, &partner(), number, record).await.unwrap();
        assert!(integration(&backend, number, "microsoft-teams").await.registration.is_some());
    })
    .await;
}

#[tokio::test]
async fn a_removed_contact_is_restored_where_it_stood() {
    on_each_demo(async |backend| {
        let number = own(&backend).await;
        contacts::add(&backend, &admin(), number, "help@example.com").await.unwrap();
        let before = page(&backend, number).await.contacts;
        let remove = async |text: &str| contacts::remove(&backend, &partner(), number, &email(text)).await.unwrap();
        let first = remove("support1@example.com").await.unwrap();
        let second = remove("help@example.com").await.unwrap();
        assert_eq!(first.id, before[0].id);
        assert!(matches!(undo(&backend, &admin(), number, first.record).await, Err(Error::NotFound)));
        undo(&backend, &partner(), number, first.record).await.unwrap();
        let undone = undo(&backend, &partner(), number, second.record).await.unwrap().unwrap();
        assert_eq!(page(&backend, number).await.contacts, before);
        // What was undone can be done again.
        undo(&backend, &partner(), number, undone).await.unwrap();
        assert_eq!(page(&backend, number).await.contacts, before[..2]);
        assert!(matches!(undo(&backend, &partner(), number, second.record).await, Err(Error::Outdated)));
    })
    .await;
}

#[tokio::test]
async fn a_removed_contact_that_was_added_again_is_not_restored() {
    on_each_demo(async |backend| {
        let number = own(&backend).await;
        let removed = contacts::remove(&backend, &partner(), number, &email("support1@example.com")).await.unwrap();
        contacts::add(&backend, &admin(), number, "support1@example.com").await.unwrap();
        assert!(matches!(undo(&backend, &partner(), number, removed.unwrap().record).await, Err(Error::Outdated)));
        let removed = contacts::remove(&backend, &partner(), number, &email("support1@example.com")).await.unwrap();
        backend.clock.set(NOW.plus_seconds(UNDO_SECONDS + 1));
        assert!(matches!(undo(&backend, &partner(), number, removed.unwrap().record).await, Err(Error::Outdated)));
        let last = &page(&backend, number).await.contacts[0].email;
        assert_eq!(
            refused(contacts::remove(&backend, &partner(), number, &email(last)).await),
            FieldError::LastContact
        );
    })
    .await;
}

#[tokio::test]
async fn what_only_turns_more_on_is_done_without_a_question() {
    on_each_demo(async |backend| {
        let number = own(&backend).await;
        change(&backend, number, &Wanted::Switch { key: key("micc"), on: false }).await;
        assert!(!page(&backend, number).await.services.privileges[1].on);
        assert!(!integration(&backend, number, "micc").await.asks);
        let on = Wanted::Switch { key: key("micc"), on: true };
        let record = integrations::change(&backend, &partner(), number, &on, &[]).await.unwrap().unwrap();
        assert!(page(&backend, number).await.services.privileges[1].on);
        // What turns something off asks, and undoing turns off what came with it.
        assert!(integration(&backend, number, "micc").await.asks);
        let off = Wanted::Switch { key: key("micc"), on: false };
        let Err(Error::Unconfirmed(effects)) = integrations::change(&backend, &partner(), number, &off, &[]).await
        else {
            panic!("it turns a privilege off")
        };
        assert!(effects.contains(&Effect::PrivilegeOff(Privilege::GuestAccess)));
        undo(&backend, &partner(), number, record).await.unwrap();
        assert!(!page(&backend, number).await.services.privileges[1].on);
    })
    .await;
}

fn parse(form: &CustomerForm) -> CustomerInformation {
    let format = catalogue::format(CountryCode::parse(&form.country).unwrap());
    CustomerInformation::parse(form, Some(format)).unwrap()
}

#[tokio::test]
async fn an_edit_from_long_ago_asks_about_each_value_that_differs() {
    on_each_demo(async |backend| {
        let number = own(&backend).await;
        let first = page(&backend, number).await;
        for turn in 0..120 {
            let shown = page(&backend, number).await;
            let form = CustomerForm { address2: format!("Scala {turn}"), ..shown.customer };
            information::save(&backend, &admin(), number, shown.version, &parse(&form)).await.unwrap();
        }
        let wanted = CustomerForm { city: "Carpi".into(), ..first.customer.clone() };
        let saving = information::save(&backend, &partner(), number, first.version, &parse(&wanted)).await;
        let Err(Error::Conflict(conflict)) = saving else { panic!("{saving:?}") };
        assert_eq!(conflict.fields, wanted.differing(&conflict.stored));
        assert_eq!((conflict.merged.city.as_str(), conflict.by.as_str()), ("Carpi", "Paolo Rossi"));
        // Not quite so long ago, what the edit left alone is kept.
        let version = conflict.version - 100;
        let wanted = CustomerForm { address2: "Scala 19".into(), ..wanted };
        let saved = information::save(&backend, &partner(), number, version, &parse(&wanted)).await.unwrap();
        assert_eq!((saved.customer.city.as_str(), saved.customer.address2.as_str()), ("Carpi", "Scala 119"));
    })
    .await;
}
