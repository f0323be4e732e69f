//! Support contacts, reports, the outbox, integrations and privileges; each on both databases.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test says what it expects by failing")]

use domain::mail::Delivery;
use domain::view::account::AccountInformation;
use domain::view::accounts::AccountQuery;
use domain::view::integrations::IntegrationView;
use std::{collections::BTreeSet, sync::Arc};

use domain::{
    account_number::AccountNumber,
    activity::ActivityKind,
    customer::FieldError,
    email::EmailAddress,
    id::{AccountId, MembershipId, PartnerId, PersonId},
    integrations::{Effect, IntegrationKey, Privilege, State, Wanted},
    mail::MailFailure,
    rights::Reason,
    role::{Caller, Seat},
};
use service::{
    Backend, Error,
    accounts::{
        information::{self},
        list::{self},
    },
    contacts,
    integrations::{
        self,
        gateway::{self, Onboarding, OnboardingError},
    },
    outbox::{self, MailText, SendError},
    reports,
    testing::{on_each_demo, rows},
};
use tokio::task::JoinSet;

fn admin() -> Caller {
    let seat = Seat::AccountAdmin { partner: PartnerId(1), account: AccountId(1) };
    Caller { person: PersonId(3), name: "Paolo Rossi".into(), seat }
}

fn partner() -> Caller {
    Caller { person: PersonId(1), name: "Marta Bianchi".into(), seat: Seat::PartnerAdmin { partner: PartnerId(1) } }
}

fn other_partner() -> Caller {
    Caller { person: PersonId(5), name: "Jonas Keller".into(), seat: Seat::PartnerAdmin { partner: PartnerId(2) } }
}

fn user() -> Caller {
    let seat = Seat::User { partner: PartnerId(1), account: AccountId(1) };
    Caller { person: PersonId(4), name: "Chiara Conti".into(), seat }
}

async fn own(backend: &Backend) -> AccountNumber {
    information::own_number(backend, &admin()).await.unwrap()
}

async fn page(backend: &Backend, number: AccountNumber) -> AccountInformation {
    information::find(backend, &partner(), number).await.unwrap()
}

/// The account of the demo that is called so.
async fn named(backend: &Backend, name: &str) -> AccountNumber {
    let query = AccountQuery { search: name.into(), ..AccountQuery::default() };
    list::list(backend, &partner(), &query).await.unwrap().rows[0].number
}

fn email(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

fn key(text: &str) -> IntegrationKey {
    IntegrationKey::parse(text).unwrap()
}

fn text() -> MailText {
    MailText { subject: "Subject".into(), body: "Body".into() }
}

fn emails(page: &AccountInformation) -> Vec<&str> {
    page.contacts.iter().map(|contact| contact.email.as_str()).collect()
}

async fn integration(backend: &Backend, number: AccountNumber, name: &str) -> IntegrationView {
    let services = page(backend, number).await.services;
    services.integrations.into_iter().find(|one| one.application.key == key(name)).unwrap()
}

/// Changes something, confirming whatever it causes.
async fn change(backend: &Backend, number: AccountNumber, wanted: Wanted) -> Vec<Effect> {
    match integrations::change(backend, &partner(), number, &wanted, &[]).await {
        Ok(_) => Vec::new(),
        Err(Error::Unconfirmed(effects)) => {
            integrations::change(backend, &partner(), number, &wanted, &effects).await.unwrap();
            effects
        }
        Err(error) => panic!("{wanted:?}: {error}"),
    }
}

async fn switch(backend: &Backend, number: AccountNumber, name: &str, on: bool) -> Vec<Effect> {
    change(backend, number, Wanted::Switch { key: key(name), on }).await
}

fn refused(result: Result<impl std::fmt::Debug, Error>) -> FieldError {
    match result {
        Err(Error::Invalid(fields)) => fields[0].1.clone(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn contacts_are_added_by_address_or_by_name_and_never_twice() {
    on_each_demo(async |backend| {
        let number = own(&backend).await;
        contacts::add(&backend, &admin(), number, " Help@Example.com ").await.unwrap();
        contacts::add(&backend, &partner(), number, "luc ner").await.unwrap();
        let page = page(&backend, number).await;
        let expected = ["support1@example.com", "partner@example.com", "help@example.com", "manager@example.com"];
        assert_eq!(emails(&page), expected);
        assert_eq!(page.contacts[3].name.as_deref(), Some("Lucia Neri"));
        let add = async |typed: &str| refused(contacts::add(&backend, &admin(), number, typed).await);
        assert_eq!(add("help@example.com").await, FieldError::Duplicate);
        assert_eq!(add("").await, FieldError::Required);
        assert_eq!(add("nobody at all").await, FieldError::NobodyFound);
        // Jonas Keller belongs to the other partner.
        assert_eq!(add("jonas").await, FieldError::NobodyFound);
        assert_eq!(add("example").await, FieldError::SeveralPeople);
        assert!(contacts::find_people(&backend, &admin(), number, "keller").await.unwrap().is_empty());
        assert!(matches!(contacts::add(&backend, &other_partner(), number, "a@b.example").await, Err(Error::NotFound)));
        assert!(matches!(contacts::add(&backend, &user(), number, "a@b.example").await, Err(Error::NotFound)));
    })
    .await;
}

#[tokio::test]
async fn a_contact_with_an_at_sign_is_an_address_and_never_somebodys_name() {
    on_each_demo(async |backend| {
        let number = own(&backend).await;
        let before = emails(&page(&backend, number).await).len();
        let add = async |typed: &str| contacts::add(&backend, &admin(), number, typed).await;
        assert_eq!(refused(add("manager@example com").await), FieldError::EmailSpace);
        assert_eq!(refused(add("manager＠example").await), FieldError::EmailDomain);
        assert_eq!(refused(add("Zoë@example.com").await), FieldError::EmailCharacter { character: 'ë' });
        assert_eq!(emails(&page(&backend, number).await).len(), before);
        assert_eq!(add("\u{200F}info@müller.example\u{A0}").await.unwrap().as_str(), "info@xn--mller-kva.example");
        assert_eq!(refused(add("info@xn--mller-kva.example").await), FieldError::Duplicate);
    })
    .await;
}

#[tokio::test]
async fn the_last_contact_stays_also_when_two_are_removed_at_once() {
    on_each_demo(async |backend| {
        let number = own(&backend).await;
        let (one, two) = (email("support1@example.com"), email("partner@example.com"));
        let (admin, partner) = (admin(), partner());
        let (one, two) = tokio::join!(
            contacts::remove(&backend, &admin, number, &one),
            contacts::remove(&backend, &partner, number, &two)
        );
        let results = [one, two].map(|result| result.map(drop).map_err(|error| refused(Err::<(), _>(error))));
        assert!(results.contains(&Ok(())) && results.contains(&Err(FieldError::LastContact)), "{results:?}");
        assert_eq!(page(&backend, number).await.contacts.len(), 1);
        // What is gone already is gone.
        contacts::remove(&backend, &admin, number, &email("nobody@example.com")).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_report_goes_to_every_contact_and_shows_what_became_of_it() {
    on_each_demo(async |backend| {
        let number = own(&backend).await;
        let before = outbox::take(&backend, 100).await.unwrap().len();
        let wrong = reports::report(&backend, &admin(), number, " ", "", |_, _, _| text()).await;
        let Err(Error::Invalid(fields)) = wrong else { panic!("it was accepted") };
        assert_eq!(fields.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["subject", "description"]);
        let made = |account: &str, subject: &str, description: &str| MailText {
            subject: format!("{account}: {subject}"),
            body: description.to_owned(),
        };
        reports::report(&backend, &admin(), number, "No calls", "Since\r\nnoon.", made).await.unwrap();
        let mails = outbox::take(&backend, 100).await.unwrap();
        assert_eq!((before, mails.len()), (0, 2));
        assert_eq!(mails[0].subject, "Rossi Ceramiche S.p.A.: No calls");
        assert_eq!(mails[0].body, "Since\nnoon.");
        outbox::sent(&backend, &mails[0]).await.unwrap();
        outbox::failed(&backend, &mails[1], &no_such_user()).await.unwrap();
        let report = &page(&backend, number).await.reports[0];
        assert_eq!((report.subject.as_str(), report.person_name.as_str()), ("No calls", "Paolo Rossi"));
        let deliveries: BTreeSet<_> =
            report.deliveries.iter().map(|one| (one.delivery as u8, one.detail.clone())).collect();
        let expected = [(Delivery::Sent as u8, None), (Delivery::Failed as u8, Some("550 no such user".to_owned()))];
        assert_eq!(deliveries, BTreeSet::from(expected));
        assert!(matches!(
            reports::report(&backend, &user(), number, "a", "b", |_, _, _| text()).await,
            Err(Error::NotFound)
        ));
    })
    .await;
}

#[tokio::test]
async fn mail_is_limited_by_person_by_account_and_by_recipient_outside() {
    on_each_demo(async |backend| {
        let number = own(&backend).await;
        let seat = Seat::AccountManager { partner: PartnerId(1), membership: MembershipId(2) };
        let manager = Caller { person: PersonId(2), name: "Lucia Neri".into(), seat };
        let report =
            async |caller: &Caller, number| reports::report(&backend, caller, number, "a", "b", |_, _, _| text()).await;
        // One of the account's two contacts is a person of the partner, the other is outside.
        for _ in 0..5 {
            report(&admin(), number).await.unwrap();
        }
        for mail in outbox::take(&backend, 100).await.unwrap() {
            outbox::sent(&backend, &mail).await.unwrap();
        }
        let before = rows(&backend, "mail").await;
        assert!(matches!(report(&admin(), number).await, Err(Error::RateLimited { .. })), "to the recipients");
        let contacts = page(&backend, number).await.contacts;
        let address = email(&contacts.iter().find(|contact| contact.email != "partner@example.com").unwrap().email);
        let test = contacts::send_test(&backend, &partner(), number, &address, |_| text()).await;
        assert!(matches!(test, Err(Error::RateLimited { .. })), "{test:?}");
        assert_eq!(rows(&backend, "mail").await, before);

        // Of colleagues it is the person and the account that are limited.
        for contact in contacts {
            if contact.email != "partner@example.com" {
                contacts::remove(&backend, &admin(), number, &email(&contact.email)).await.unwrap();
            }
        }
        for _ in 5..10 {
            report(&admin(), number).await.unwrap();
        }
        assert!(matches!(report(&admin(), number).await, Err(Error::RateLimited { .. })), "of the person");
        for _ in 10..20 {
            report(&partner(), number).await.unwrap();
        }
        assert!(matches!(report(&manager, number).await, Err(Error::RateLimited { .. })), "of the account");
        backend.clock.set(backend.clock.now().plus_seconds(3600));
        report(&admin(), number).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_mail_is_in_one_hand_at_a_time_and_comes_back_when_that_is_gone() {
    on_each_demo(async |backend| {
        let number = own(&backend).await;
        let to = email("support1@example.com");
        contacts::send_test(&backend, &admin(), number, &to, |_| text()).await.unwrap();
        // While it is under way no second one is sent.
        contacts::send_test(&backend, &admin(), number, &to, |_| text()).await.unwrap();
        let mut takers = JoinSet::new();
        for _ in 0..8 {
            let backend = backend.clone();
            takers.spawn(async move { outbox::take(&backend, 10).await.unwrap() });
        }
        let taken: Vec<_> = takers.join_all().await.into_iter().flatten().collect();
        assert_eq!(taken.len(), 1);
        assert!(outbox::take(&backend, 10).await.unwrap().is_empty());
        let now = backend.clock.now();
        backend.clock.set(now.plus_seconds(outbox::LEASE));
        let again = outbox::take(&backend, 10).await.unwrap();
        assert_eq!((again[0].id, again[0].attempts), (taken[0].id, 2));
    })
    .await;
}

#[tokio::test]
async fn mail_that_arrived_is_forgotten_after_a_month_and_what_did_not_is_kept() {
    on_each_demo(async |backend| {
        let number = own(&backend).await;
        let last_mails = async || -> Vec<_> {
            page(&backend, number)
                .await
                .contacts
                .into_iter()
                .map(|one| one.last_mail.map(|mail| mail.delivery))
                .collect()
        };
        let new = contacts::add(&backend, &admin(), number, "new@example.org").await.unwrap();
        contacts::send_test(&backend, &admin(), number, &new, |_| text()).await.unwrap();
        for mail in outbox::take(&backend, 10).await.unwrap() {
            outbox::sent(&backend, &mail).await.unwrap();
        }
        outbox::sweep(&backend).await.unwrap();
        assert_eq!(last_mails().await, [Some(Delivery::Sent), Some(Delivery::Failed), Some(Delivery::Sent)]);
        backend.clock.set(backend.clock.now().plus_seconds(31 * 24 * 3600));
        outbox::sweep(&backend).await.unwrap();
        // The report's mails are still there: the page shows what became of them.
        assert_eq!(last_mails().await, [Some(Delivery::Sent), Some(Delivery::Failed), None]);
        assert_eq!(page(&backend, number).await.reports[0].deliveries.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_sent_is_tried_again_later_each_time_and_fails_in_the_end() {
    on_each_demo(async |backend| {
        let number = own(&backend).await;
        contacts::send_test(&backend, &admin(), number, &email("support1@example.com"), |_| text()).await.unwrap();
        let last_mail = async || page(&backend, number).await.contacts[0].last_mail.clone().unwrap();
        let mut attempts = 0;
        while last_mail().await.delivery == Delivery::Waiting {
            let mails = outbox::take(&backend, 10).await.unwrap();
            if let Some(mail) = mails.first() {
                attempts += 1;
                outbox::failed(&backend, mail, &busy()).await.unwrap();
                assert!(outbox::take(&backend, 10).await.unwrap().is_empty(), "it is not tried again at once");
            }
            backend.clock.set(backend.clock.now().plus_seconds(24 * 3600));
        }
        assert_eq!((attempts, last_mail().await.delivery), (9, Delivery::Failed));
        assert_eq!(last_mail().await.failure, Some(MailFailure::Busy));
        assert_eq!(last_mail().await.detail.as_deref(), Some("450 try later"));
    })
    .await;
}

fn no_such_user() -> SendError {
    SendError { failure: MailFailure::Mailbox, permanent: true, detail: "550 no such user".into() }
}

fn busy() -> SendError {
    SendError { failure: MailFailure::Busy, permanent: false, detail: "450 try later".into() }
}

fn sign_in_refused() -> SendError {
    SendError { failure: MailFailure::SignIn, permanent: true, detail: "535 wrong password".into() }
}

#[tokio::test]
async fn the_operators_fault_is_tried_again_until_it_is_put_right_and_never_counts_against_a_recipient() {
    on_each_demo(async |backend| {
        let number = own(&backend).await;
        contacts::send_test(&backend, &admin(), number, &email("support1@example.com"), |_| text()).await.unwrap();
        let last_mail = async || page(&backend, number).await.contacts[0].last_mail.clone().unwrap();
        for _ in 0..30 {
            let mails = outbox::take(&backend, 10).await.unwrap();
            outbox::failed(&backend, &mails[0], &sign_in_refused()).await.unwrap();
            assert_eq!(last_mail().await.delivery, Delivery::Waiting);
            assert!(outbox::take(&backend, 10).await.unwrap().is_empty(), "it is not tried again at once");
            backend.clock.set(backend.clock.now().plus_seconds(900));
        }
        assert_eq!(last_mail().await.failure, Some(MailFailure::SignIn));
        // What is put right is noticed without waiting for the next attempt.
        let mails = outbox::take(&backend, 10).await.unwrap();
        outbox::failed(&backend, &mails[0], &sign_in_refused()).await.unwrap();
        assert!(outbox::take(&backend, 10).await.unwrap().is_empty());
        outbox::retry_after_repair(&backend).await.unwrap();
        let mails = outbox::take(&backend, 10).await.unwrap();
        // The first refusal by the recipient's own server is still the first.
        outbox::failed(&backend, &mails[0], &busy()).await.unwrap();
        backend.clock.set(backend.clock.now().plus_seconds(30));
        let mails = outbox::take(&backend, 10).await.unwrap();
        outbox::sent(&backend, &mails[0]).await.unwrap();
        let mail = last_mail().await;
        assert_eq!((mail.delivery, mail.failure, mail.detail), (Delivery::Sent, None, None));
    })
    .await;
}

#[tokio::test]
async fn who_lost_the_lease_of_a_mail_cannot_mark_it_as_failed() {
    on_each_demo(async |backend| {
        let number = own(&backend).await;
        contacts::send_test(&backend, &admin(), number, &email("support1@example.com"), |_| text()).await.unwrap();
        let last_mail = async || page(&backend, number).await.contacts[0].last_mail.clone().unwrap();
        let slow = outbox::take(&backend, 1).await.unwrap().remove(0);
        backend.clock.set(backend.clock.now().plus_seconds(outbox::LEASE));
        let other = outbox::take(&backend, 1).await.unwrap().remove(0);
        outbox::failed(&backend, &slow, &no_such_user()).await.unwrap();
        assert_eq!(last_mail().await.delivery, Delivery::Waiting, "another is sending it");
        // A repair leaves what is being sent to who sends it.
        outbox::retry_after_repair(&backend).await.unwrap();
        assert!(outbox::take(&backend, 1).await.unwrap().is_empty());
        outbox::sent(&backend, &other).await.unwrap();
        outbox::failed(&backend, &slow, &no_such_user()).await.unwrap();
        outbox::failed(&backend, &other, &no_such_user()).await.unwrap();
        let mail = last_mail().await;
        assert_eq!((mail.delivery, mail.failure), (Delivery::Sent, None));
    })
    .await;
}

#[tokio::test]
async fn a_mail_of_a_report_that_failed_can_be_sent_again() {
    on_each_demo(async |backend| {
        let number = own(&backend).await;
        let delivery = async |id: i64| {
            let page = page(&backend, number).await;
            let found = page.reports.into_iter().flat_map(|one| one.deliveries).find(|one| one.id == id);
            found.map(|one| (one.delivery, one.failure)).unwrap()
        };
        reports::report(&backend, &admin(), number, "No calls", "Since noon", |_, _, _| text()).await.unwrap();
        let mail = outbox::take(&backend, 1).await.unwrap().remove(0);
        let again = async |caller: &Caller| reports::send_again(&backend, caller, number, mail.id).await;
        assert!(matches!(again(&admin()).await, Err(Error::NotFound)), "it may still arrive");
        outbox::failed(&backend, &mail, &no_such_user()).await.unwrap();
        assert_eq!(delivery(mail.id).await, (Delivery::Failed, Some(MailFailure::Mailbox)));
        for stranger in [user(), other_partner()] {
            assert!(matches!(again(&stranger).await, Err(Error::NotFound)));
        }
        assert_eq!(again(&admin()).await.unwrap(), mail.recipient);
        assert_eq!(delivery(mail.id).await, (Delivery::Waiting, None));
        assert_eq!(page(&backend, number).await.activity[0].kind, ActivityKind::ReportSentAgain);
        let taken = outbox::take(&backend, 10).await.unwrap();
        assert!(taken.iter().any(|one| one.id == mail.id));
    })
    .await;
}

#[tokio::test]
async fn what_a_mail_server_says_is_cleaned_before_it_is_stored() {
    on_each_demo(async |backend| {
        let number = own(&backend).await;
        contacts::send_test(&backend, &admin(), number, &email("support1@example.com"), |_| text()).await.unwrap();
        let mail = outbox::take(&backend, 1).await.unwrap().remove(0);
        let detail = format!("550 \u{1b}[31mno\u{0}\u{202e}such{}", "x".repeat(5000));
        outbox::failed(&backend, &mail, &SendError { detail, ..no_such_user() }).await.unwrap();
        let detail = page(&backend, number).await.contacts[0].last_mail.clone().unwrap().detail.unwrap();
        assert!(detail.starts_with("550 [31mno suchxxx") && detail.len() == 300, "{detail}");
    })
    .await;
}

#[tokio::test]
async fn a_switch_does_what_was_confirmed_and_nothing_else() {
    on_each_demo(async |backend| {
        let number = own(&backend).await;
        assert_eq!(switch(&backend, number, "mitel-one", true).await, []);
        // MiCollab leaves; Mitel One still wants the privilege, Teams' presence does not go both ways any more.
        let off = Wanted::Switch { key: key("micollab"), on: false };
        let Err(Error::Unconfirmed(effects)) = integrations::change(&backend, &partner(), number, &off, &[]).await
        else {
            panic!("it did not ask")
        };
        assert_eq!(effects, [Effect::PresenceOneWay(key("microsoft-teams"))]);
        assert_eq!(integration(&backend, number, "micollab").await.state, State::On);
        // Somebody switches Mitel One off before the answer: more would happen than was confirmed.
        switch(&backend, number, "mitel-one", false).await;
        let Err(Error::Unconfirmed(more)) = integrations::change(&backend, &partner(), number, &off, &effects).await
        else {
            panic!("it happened without being confirmed")
        };
        assert_eq!(more.len(), 2);
        integrations::change(&backend, &partner(), number, &off, &more).await.unwrap();
        let services = page(&backend, number).await.services;
        assert!(!services.privileges[0].on);
        assert!(!integration(&backend, number, "microsoft-teams").await.presence_both_ways);
        let unknown = Wanted::Switch { key: key("unheard-of"), on: true };
        assert!(matches!(
            integrations::change(&backend, &partner(), number, &unknown, &[]).await,
            Err(Error::NotFound)
        ));
        assert!(matches!(integrations::change(&backend, &user(), number, &off, &[]).await, Err(Error::NotFound)));
    })
    .await;
}

#[tokio::test]
async fn the_partners_own_account_takes_no_integrations() {
    on_each_demo(async |backend| {
        let number = named(&backend, "northwind telecom").await;
        let on = Wanted::Switch { key: key("micollab"), on: true };
        assert!(matches!(
            integrations::change(&backend, &partner(), number, &on, &[]).await,
            Err(Error::Forbidden(Reason::PartnersOwnAccount))
        ));
        // Another is made so by the operator, once nothing is on any more.
        let other = named(&backend, "a").await;
        for one in page(&backend, other).await.services.integrations.into_iter().filter(|one| one.on) {
            assert!(service::partners::mark_own_account(&backend, other).await.is_err());
            switch(&backend, other, one.application.key.as_str(), false).await;
        }
        service::partners::mark_own_account(&backend, other).await.unwrap();
        assert!(matches!(
            integrations::change(&backend, &partner(), other, &on, &[]).await,
            Err(Error::Forbidden(Reason::PartnersOwnAccount))
        ));
        integrations::optimise_bandwidth(&backend, &partner(), number, false).await.unwrap();
        assert!(!page(&backend, number).await.services.bandwidth_optimisation);
    })
    .await;
}

#[tokio::test]
async fn many_at_once_lose_nothing_and_leave_nothing_half_done() {
    on_each_demo(async |backend| {
        let number = own(&backend).await;
        let names = ["micc", "micollab", "mitel-one", "miteam-meetings", "mivoice-business", "mitel-voice-assist"];
        let mut writers = JoinSet::new();
        for writer in 0..64_usize {
            let backend = backend.clone();
            writers.spawn(async move {
                let wanted = Wanted::Switch { key: key(names[writer % names.len()]), on: writer % 5 < 3 };
                let mut confirmed = Vec::new();
                loop {
                    match integrations::change(&backend, &partner(), number, &wanted, &confirmed).await {
                        Ok(_) => return,
                        Err(Error::Unconfirmed(effects)) => confirmed = effects,
                        Err(error) => panic!("{error}"),
                    }
                }
            });
        }
        writers.join_all().await;
        let services = page(&backend, number).await.services;
        for privilege in services.privileges {
            assert_eq!(privilege.on, !privilege.wanted_by.is_empty() || privilege.set_by.is_some(), "{privilege:?}");
        }
        // The last word about each stands: a switch to what it is changes nothing.
        for one in services.integrations.iter().filter(|one| names.contains(&one.application.key.as_str())) {
            let same = Wanted::Switch { key: one.application.key.clone(), on: one.on };
            integrations::change(&backend, &partner(), number, &same, &[]).await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn a_gateway_is_taken_in_once_by_its_code() {
    on_each_demo(async |backend| {
        let number = own(&backend).await;
        let waiting = integration(&backend, number, "cloudlink-gateway").await;
        assert_eq!(waiting.state, State::NeedsSetUp);
        gateway::renew(&backend, &admin(), number).await.unwrap();
        let renewed = integration(&backend, number, "cloudlink-gateway").await.gateway_code.unwrap().code;
        let old = waiting.gateway_code.unwrap().code;
        let present = async |code: &str, pbx_type: &str| {
            gateway::onboard(&backend, "192.0.2.1", &Onboarding { code, pbx_type, serial: "SN-1" }).await
        };
        assert!(matches!(present(&old, "MX-ONE").await, Err(OnboardingError::Unknown)));
        assert!(matches!(
            present(&renewed, "PBX 2000").await,
            Err(OnboardingError::Other(Error::Invalid(fields))) if fields[0].0 == "pbx_type"
        ));
        let typed = renewed.to_lowercase().replace('-', " ");
        let (one, two) = tokio::join!(present(&typed, "MX-ONE"), present(&renewed, "MX-ONE"));
        let results = [one, two];
        assert_eq!(results.iter().filter(|result| matches!(result, Ok(taken) if *taken == number)).count(), 1);
        assert_eq!(results.iter().filter(|result| matches!(result, Err(OnboardingError::Used))).count(), 1);
        let account = page(&backend, number).await;
        assert_eq!(account.pbx_type.as_deref(), Some("MX-ONE"));
        assert_eq!(integration(&backend, number, "cloudlink-gateway").await.state, State::On);
    })
    .await;
}

#[tokio::test]
async fn a_code_expires_and_guessing_is_stopped() {
    on_each_demo(async |backend| {
        let number = own(&backend).await;
        let code = integration(&backend, number, "cloudlink-gateway").await.gateway_code.unwrap().code;
        let present = async |source: &str, code: &str| {
            gateway::onboard(&backend, source, &Onboarding { code, pbx_type: "MX-ONE", serial: "SN-1" }).await
        };
        backend.clock.set(backend.clock.now().plus_seconds(8 * 24 * 3600));
        assert!(matches!(present("192.0.2.1", &code).await, Err(OnboardingError::Expired)));
        assert!(integration(&backend, number, "cloudlink-gateway").await.gateway_code.unwrap().expired);
        for _ in 0..10 {
            assert!(matches!(present("192.0.2.2", "0000-0000-0000-0000").await, Err(OnboardingError::Unknown)));
        }
        let stopped = present("192.0.2.2", "0000-0000-0000-0000").await;
        assert!(matches!(stopped, Err(OnboardingError::Other(Error::RateLimited { .. }))));
        // Whoever comes from elsewhere is not stopped by it.
        assert!(matches!(present("192.0.2.3", "0000").await, Err(OnboardingError::Unknown)));
    })
    .await;
}

#[tokio::test]
async fn a_key_that_is_another_is_noticed_at_the_start() {
    on_each_demo(async |backend| {
        service::check_key(&backend).await.unwrap();
        service::check_key(&backend).await.unwrap();
        let mut settings = (*backend.settings).clone();
        settings.sealer = service::Sealer::new(&[8; 32]);
        let other = Backend { settings: Arc::new(settings), ..backend };
        let Err(Error::Internal(message)) = service::check_key(&other).await else { panic!("it was not noticed") };
        assert!(message.contains("encryption_key"), "{message}");
    })
    .await;
}

#[tokio::test]
async fn a_privilege_says_why_it_is_on() {
    on_each_demo(async |backend| {
        let number = own(&backend).await;
        let guests = async || page(&backend, number).await.services.privileges[1].clone();
        assert_eq!(guests().await.wanted_by, ["MiCC"]);
        switch(&backend, number, "micc", false).await;
        assert!(!guests().await.on);
        let on = |on| Wanted::Privilege { privilege: Privilege::GuestAccess, on, by: "Marta Bianchi".into() };
        assert_eq!(change(&backend, number, on(true)).await, []);
        assert_eq!(guests().await.set_by.as_deref(), Some("Marta Bianchi"));
        switch(&backend, number, "micc", true).await;
        let effects = change(&backend, number, on(false)).await;
        assert_eq!(effects, [Effect::PrivilegeMissing(Privilege::GuestAccess, vec![key("micc")])]);
        assert_eq!(integration(&backend, number, "micc").await.missing, [Privilege::GuestAccess]);
    })
    .await;
}
