//! Requests that are sent again under the same key, on both databases.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;

use common::{accounts, admin, own, page, partner};
use domain::{
    country::{CountryCode, catalogue},
    customer::{CustomerForm, CustomerInformation},
    email::EmailAddress,
};
use service::{
    Backend,
    accounts::add::{NewAccount, add},
    contacts,
    idempotency::{self, IdempotencyKey},
    outbox::MailText,
    reports,
    testing::on_each_demo,
};
use tokio::task::JoinSet;

fn keyed(backend: &Backend) -> Backend {
    backend.with_idempotency_key(Some(IdempotencyKey::random().unwrap()))
}

fn account(name: &str) -> NewAccount {
    let form =
        CustomerForm { name: name.into(), country: "IT".into(), language: "it".into(), ..CustomerForm::default() };
    let format = catalogue::format(CountryCode::parse("IT").unwrap());
    NewAccount {
        customer: CustomerInformation::parse(&form, Some(format)).unwrap(),
        cloud_location: "europe".into(),
        support_contact: EmailAddress::parse("help@example.com").unwrap(),
    }
}

#[tokio::test]
async fn an_account_that_is_sent_several_times_at_once_is_added_once() {
    on_each_demo(async |backend| {
        let once = keyed(&backend);
        let mut tasks = JoinSet::new();
        for _ in 0..4 {
            let once = once.clone();
            tasks.spawn(async move { add(&once, &partner(), account("Quince")).await.unwrap() });
        }
        let mut numbers = tasks.join_all().await;
        numbers.dedup();
        assert_eq!(accounts(&backend, &partner(), "Quince").await, numbers);
    })
    .await;
}

#[tokio::test]
async fn other_content_another_key_and_no_key_are_other_requests() {
    on_each_demo(async |backend| {
        let once = keyed(&backend);
        for backend in [&once, &once, &keyed(&backend), &backend, &backend] {
            add(backend, &partner(), account("Quince")).await.unwrap();
        }
        add(&once, &partner(), account("Quince Due")).await.unwrap();
        assert_eq!(accounts(&backend, &partner(), "Quince").await.len(), 5);
    })
    .await;
}

#[tokio::test]
async fn what_was_refused_can_be_sent_again() {
    on_each_demo(async |backend| {
        let once = keyed(&backend);
        let nowhere = NewAccount { cloud_location: "nowhere".into(), ..account("Quince") };
        assert!(add(&once, &partner(), nowhere).await.is_err());
        add(&once, &partner(), account("Quince")).await.unwrap();
        assert_eq!(accounts(&backend, &partner(), "Quince").await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn keys_are_known_for_a_week() {
    on_each_demo(async |backend| {
        let once = keyed(&backend);
        let first = add(&once, &partner(), account("Quince")).await.unwrap();
        let sent = backend.clock.now();
        backend.clock.set(sent.plus_seconds(6 * 24 * 3600));
        idempotency::sweep(&backend).await.unwrap();
        assert_eq!(add(&once, &partner(), account("Quince")).await.unwrap(), first);
        backend.clock.set(sent.plus_seconds(8 * 24 * 3600));
        idempotency::sweep(&backend).await.unwrap();
        assert_ne!(add(&once, &partner(), account("Quince")).await.unwrap(), first);
    })
    .await;
}

#[tokio::test]
async fn a_contact_and_a_report_are_made_once() {
    on_each_demo(async |backend| {
        let number = own(&backend).await;
        let before = page(&backend, number).await;
        let text = |_: &str, subject: &str, _: &str| MailText { subject: subject.into(), body: String::new() };
        let once = keyed(&backend);
        for _ in 0..2 {
            let added = contacts::add(&once, &admin(), number, "new@example.com").await.unwrap();
            assert_eq!(added.as_str(), "new@example.com");
            reports::report(&once, &admin(), number, "Down", "No calls", text).await.unwrap();
        }
        let after = page(&backend, number).await;
        assert_eq!(after.contacts.len(), before.contacts.len() + 1);
        let down = after.reports.iter().filter(|report| report.subject == "Down").count();
        assert_eq!(down, 1);
    })
    .await;
}

#[test]
fn a_key_is_random_and_no_other_text() {
    let key = IdempotencyKey::random().unwrap();
    assert_ne!(key, IdempotencyKey::random().unwrap());
    assert_eq!(IdempotencyKey::parse(&key.to_string()), Some(key));
    for text in ["", "short", "with spaces in it all", "Größe-Größe-Größe", &"a".repeat(65)] {
        assert_eq!(IdempotencyKey::parse(text), None, "{text}");
    }
}
