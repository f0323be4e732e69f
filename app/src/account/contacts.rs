//! The panel of support contacts.

use domain::{
    account_number::AccountNumber,
    customer::FieldError,
    email::EmailAddress,
    foreign_text,
    mail::{Delivery, MailFailure},
    view::contacts::{FoundPerson, SupportContact},
};
use leptos::prelude::*;

use super::{AccountState, AccountView, GONE, query_value, read_only_reason};
use crate::{
    error::WireError,
    form::{Hidden, IdempotencyKey, PostForm, Submission},
    message::Done,
    panel::Panel,
    ui::{
        Badge, Field, Tone,
        combobox::{Combobox, Offer},
    },
    wording::Wording,
};

/// The panel.
const PANEL: &str = "support-contacts";

/// The most places of removed contacts that a page shows.
const PLACES_MAX: usize = 20;

/// The people of the account's partner that what was typed may mean.
#[server(prefix = "/api", endpoint = "find_people")]
pub async fn find_people(
    number: AccountNumber,
    #[server(default)] typed: String,
) -> Result<Vec<FoundPerson>, WireError> {
    use crate::request::{current, refuse};
    let request = current();
    let caller = request.caller().map_err(refuse)?;
    let found = service::contacts::find_people(&request.backend, &caller, number, &typed).await.map_err(refuse)?;
    Ok(found
        .into_iter()
        .map(|person| FoundPerson { email: domain::email::readable(&person.email), name: person.name })
        .collect())
}

/// Adds a support contact.
#[server(prefix = "/api", endpoint = "add_contact")]
pub async fn add_contact(
    number: AccountNumber,
    #[server(default)] contact: String,
    #[server(default)] idempotency_key: String,
) -> Result<Done<AccountView>, WireError> {
    use crate::{
        message::Outcome,
        request::{current, once, refuse},
    };
    let request = current();
    let caller = request.caller().map_err(refuse)?;
    let backend = once(&request, &idempotency_key);
    let email = service::contacts::add(&backend, &caller, number, &contact).await.map_err(refuse)?;
    let now = super::view(&request, number).await.map_err(refuse)?;
    Ok(Done::with(
        Outcome::ContactAdded(domain::email::readable(email.as_str())),
        super::next(&request, number, PANEL, true),
        now,
    ))
}

/// Removes a support contact, unless it is gone already.
#[server(prefix = "/api", endpoint = "remove_contact")]
pub async fn remove_contact(number: AccountNumber, email: EmailAddress) -> Result<Done<AccountView>, WireError> {
    use crate::{
        message::Outcome,
        request::{current, refuse},
    };
    let request = current();
    let caller = request.caller().map_err(refuse)?;
    let removed = service::contacts::remove(&request.backend, &caller, number, &email).await.map_err(refuse)?;
    let now = super::view(&request, number).await.map_err(refuse)?;
    let next = with_gone(&super::next(&request, number, PANEL, true), removed.map(|removed| removed.id));
    let done = Done::with(Outcome::ContactRemoved(domain::email::readable(email.as_str())), next, now);
    Ok(done.undone_by(number, removed.map(|removed| removed.record)))
}

/// An address with one more contact whose place stays empty.
#[cfg(feature = "ssr")]
fn with_gone(address: &str, id: Option<i64>) -> String {
    use crate::paths::{value_in, with_value};
    let Some(id) = id else { return address.to_owned() };
    let (address, fragment) = address.split_once('#').unwrap_or((address, ""));
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let gone = value_in(query, GONE).map_or_else(|| id.to_string(), |gone| format!("{gone},{id}"));
    format!("{path}?{}#{fragment}", with_value(query, GONE, &gone))
}

/// Sends a test message to a support contact.
#[server(prefix = "/api", endpoint = "send_test_message")]
pub async fn send_test_message(
    number: AccountNumber,
    email: EmailAddress,
    #[server(default)] idempotency_key: String,
) -> Result<Done<AccountView>, WireError> {
    use crate::{
        message::Outcome,
        request::{current, once, refuse},
    };
    let request = current();
    let caller = request.caller().map_err(refuse)?;
    let text = crate::mail::test_message(request.locale, &caller.name);
    let backend = once(&request, &idempotency_key);
    service::contacts::send_test(&backend, &caller, number, &email, text).await.map_err(refuse)?;
    let now = super::view(&request, number).await.map_err(refuse)?;
    Ok(Done::with(
        Outcome::TestMessageSent(domain::email::readable(email.as_str())),
        super::next(&request, number, PANEL, true),
        now,
    ))
}

/// The panel.
#[component]
pub(super) fn ContactsPanel(account: AccountState) -> impl IntoView {
    let wording = Wording::current();
    let edit = account.part(|view| view.information.edit_contacts);
    let reason = move || read_only_reason(edit.get());
    let may = move || reason().is_none();
    let contacts = account.part(|view| view.information.contacts.clone());
    // Those removed on this page keep their places.
    let gone = RwSignal::new(gone(&query_value(GONE).get_untracked()));
    let rows = move || {
        let all = contacts.get();
        let only = all.len() == 1;
        let is_gone = |id: &i64| all.iter().all(|contact| contact.id != *id);
        let mut rows: Vec<(i64, Option<SupportContact>)> =
            gone.get().into_iter().filter(is_gone).map(|id| (id, None)).collect();
        rows.extend(all.iter().map(|contact| (contact.id, Some(contact.clone()))));
        rows.sort_by_key(|(id, _)| *id);
        rows.into_iter().map(|(id, contact)| (id, contact, only)).collect::<Vec<_>>()
    };
    view! {
        <Panel id=PANEL heading=wording.support_contacts()>
            <div class="body">
                <p class="soft">{wording.support_contacts_lead()}</p>
                {move || reason().map(|reason| view! { <p class="notice neutral">{wording.reason(reason)}</p> })}
                {move || may().then(|| view! { <AddContactForm account /> })}
                <ul class="rows">
                    {move || {
                        let row = |(id, contact, only): (i64, Option<SupportContact>, bool)| match contact {
                            Some(contact) => view! { <Contact account contact only may=may() gone /> }.into_any(),
                            None => view! { <EmptyPlace id /> }.into_any(),
                        };
                        rows().into_iter().map(row).collect_view()
                    }}
                </ul>
            </div>
        </Panel>
    }
}

/// The contacts that an address says were removed.
fn gone(text: &str) -> Vec<i64> {
    text.split(',').take(PLACES_MAX).filter_map(|id| id.parse().ok()).collect()
}

/// The place of a contact that was removed, as high as the contact was.
#[component]
fn EmptyPlace(id: i64) -> impl IntoView {
    let wording = Wording::current();
    view! {
        <li class="removed" id=format!("contact-{id}")>
            <p class="grow soft">{wording.contact_place_empty()}</p>
            <span class="button small" aria-hidden="true">{wording.send_test_message()}</span>
            <span class="button small" aria-hidden="true">{wording.remove()}</span>
        </li>
    }
}

#[component]
fn Contact(
    account: AccountState,
    contact: SupportContact,
    only: bool,
    may: bool,
    gone: RwSignal<Vec<i64>>,
) -> impl IntoView {
    let wording = Wording::current();
    let id = contact.id;
    let email = account.readable(&contact.email);
    let same = [("email", contact.email.as_str())];
    let test = Submission::among::<SendTestMessage, _>(&same, move |now, sent| account.set(now, sent));
    let removal = Submission::among::<RemoveContact, _>(&same, move |now, sent| {
        gone.update(|gone| {
            gone.push(id);
            if gone.len() > PLACES_MAX {
                gone.remove(0);
            }
        });
        account.set(now, sent);
    });
    let who = match &contact.name {
        Some(name) => {
            view! { <b><bdi>{name.clone()}</bdi></b> " " <span class="soft"><bdi>{email.clone()}</bdi></span> }
                .into_any()
        }
        None => view! { <b><bdi>{email.clone()}</bdi></b> }.into_any(),
    };
    let mail = contact.last_mail.map(|mail| {
        let (tone, label) = match mail.delivery {
            Delivery::Waiting => (Tone::Neutral, wording.mail_waiting()),
            Delivery::Sent => (Tone::Good, wording.mail_sent()),
            Delivery::Failed => (Tone::Bad, wording.mail_failed()),
        };
        let why = why(mail.delivery, mail.failure, mail.detail.as_deref(), wording);
        view! { <p class="small"><Badge tone label /> " " <span class="soft">{why}</span></p> }
    });
    let (number, address) = (account.number.to_string(), contact.email);
    let problem = move || {
        [test, removal].into_iter().find_map(|submission| submission.first_problem(wording)).map(|problem| {
            view! { <p class="notice bad" role="alert">{problem}</p> }
        })
    };
    let (test_name, removal_name) = (wording.send_test_message_to(&email), wording.remove_named(&email));
    let (test_number, test_address) = (number.clone(), address.clone());
    let buttons = may.then(|| {
        view! {
            <PostForm submission=test action=account.panel_path(PANEL)>
                <Hidden name="number" value=test_number />
                <Hidden name="email" value=test_address />
                <IdempotencyKey submission=test />
                <button class="button small" aria-label=test_name>
                    {wording.send_test_message()}
                </button>
            </PostForm>
            <PostForm submission=removal action=account.panel_path(PANEL)>
                <Hidden name="number" value=number />
                <Hidden name="email" value=address />
                <button
                    class="button small" aria-label=removal_name
                    aria-disabled=only.then_some("true") aria-describedby=only.then_some("last-contact")
                >
                    {wording.remove()}
                </button>
            </PostForm>
        }
    });
    view! {
        <li id=format!("contact-{id}")>
            <div class="grow">
                <p>{who}</p>
                {mail}
                {(only && may).then(|| view! { <p class="small soft" id="last-contact">{wording.last_contact_reason()}</p> })}
                {problem}
            </div>
            {buttons}
        </li>
    }
}

/// Why a mail was not sent, so far; what its mail server says of the recipient is quoted.
pub(super) fn why(
    delivery: Delivery,
    failure: Option<MailFailure>,
    detail: Option<&str>,
    wording: Wording,
) -> Option<String> {
    let detail = detail.map(|detail| foreign_text::one_line(detail, 300));
    let reason = match (failure, detail) {
        (Some(failure), Some(detail)) if !failure.is_operators() => {
            wording.mail_failure_quoted(wording.mail_failure(failure), &detail)
        }
        (Some(failure), _) => wording.mail_failure(failure).to_owned(),
        (None, detail) => detail?,
    };
    Some(if delivery == Delivery::Waiting { wording.mail_retrying(&reason) } else { reason })
}

#[component]
fn AddContactForm(account: AccountState) -> impl IntoView {
    let wording = Wording::current();
    let submission = Submission::of::<AddContact, _>(move |now, sent| account.set(now, sent));
    let error = Signal::derive(move || submission.first_problem(wording));
    let typed = submission.typed_or("contact", "");
    let number = account.number;
    view! {
        <PostForm submission action=account.panel_path(PANEL) class="adding" resets=true keeps=true>
            <Hidden name="number" value=number.to_string() />
            <IdempotencyKey submission />
            <Field name="contact" label=wording.add_contact_label() hint=Some(wording.add_contact_hint()) error width="grow">
                <ContactField number typed=typed.clone() />
            </Field>
            <button class="button" aria-disabled=submission.busy()>{wording.add_contact()}</button>
        </PostForm>
        <Candidates account submission />
    }
}

/// The people that a refused name may mean, to choose from.
#[component]
fn Candidates(account: AccountState, submission: Submission) -> impl IntoView {
    let wording = Wording::current();
    let number = account.number;
    let is_ambiguous = move || {
        submission.error().with(|error| {
            matches!(error, Some(WireError::Invalid { fields })
                if fields.iter().any(|(_, error)| *error == FieldError::SeveralPeople))
        })
    };
    let people = Resource::new(
        move || is_ambiguous().then(|| submission.last_value("contact").unwrap_or_default()),
        move |typed| async move {
            match typed {
                Some(typed) => find_people(number, typed).await.unwrap_or_default(),
                None => Vec::new(),
            }
        },
    );
    view! {
        <Transition>
            {move || Suspend::new(async move {
                let people = people.await;
                (!people.is_empty()).then(|| {
                    view! {
                        <div>
                            <p class="small">{wording.several_people()}</p>
                            <ul class="rows">
                                {people.into_iter().map(|person| view! { <Candidate account person /> }).collect_view()}
                            </ul>
                        </div>
                    }
                })
            })}
        </Transition>
    }
}

#[component]
fn Candidate(account: AccountState, person: FoundPerson) -> impl IntoView {
    let submission =
        Submission::among::<AddContact, _>(&[("contact", &person.email)], move |now, sent| account.set(now, sent));
    let label = format!("{} ({})", person.name, person.email);
    view! {
        <li>
            <PostForm submission action=account.panel_path(PANEL)>
                <Hidden name="number" value=account.number.to_string() />
                <Hidden name="contact" value=person.email />
                <IdempotencyKey submission />
                <button class="button small">{label}</button>
            </PostForm>
        </li>
    }
}

/// The field for a new contact: offers people of the partner, takes any address. Without JavaScript it takes a name
/// or an address as it is typed.
#[component]
fn ContactField(number: AccountNumber, typed: String) -> impl IntoView {
    let wording = Wording::current();
    let combobox = Combobox::new(
        "contact",
        Box::new(move |typed| {
            Box::pin(async move {
                let found = find_people(number, typed).await.ok()?;
                let offer = |person: FoundPerson| Offer {
                    title: person.name,
                    details: person.email.clone(),
                    value: person.email,
                };
                Some(found.into_iter().map(offer).collect())
            })
        }),
        Box::new(Combobox::take),
    );
    view! {
        <div class="combobox">
            {combobox.field(typed)}
            {combobox.list(wording.people(), wording.nobody_found(), move |count| wording.people_found(count))}
        </div>
    }
}
