//! The panels of support contacts and of reports of problems.

use domain::{
    customer::{FieldError, FieldErrors},
    email::readable,
    foreign_text,
    mail::MailFailure,
    rights::Decision,
};
use leptos::{prelude::*, server_fn::ServerFn};
use service::{
    contacts::{FoundPerson, SupportContact},
    outbox::Delivery,
    reports::{ReportDelivery, ProblemReport},
};

use super::{AccountContext, read_only_reason, services::field_error};
use crate::{
    api::{AddContact, RemoveContact, ReportProblem, SendReportAgain, SendTestMessage},
    error::WireError,
    forms,
    islands::ContactField,
    ui::{Badge, Field, Panel, TextField, Tone, isolated},
    wording::Wording,
};

/// The panels.
const SUPPORT_CONTACTS: &str = "support-contacts";
const PROBLEM_REPORTS: &str = "problem-reports";

/// The form for a report, in the page's address.
const REPORT: &str = "report";

/// The panel of support contacts. `candidates` are the people that the name just typed may mean.
pub(super) fn contacts(
    context: &AccountContext,
    all: &[SupportContact],
    candidates: Vec<FoundPerson>,
    edit: Decision,
) -> AnyView {
    let wording = context.wording;
    let reason = read_only_reason(edit);
    let only = all.len() == 1;
    let rows = rows(context, all, only, reason.is_none());
    let (said, problem) = outcome(context);
    let add = reason.is_none().then(|| add(context, candidates));
    let said = super::said(context, SUPPORT_CONTACTS, &said, problem);
    view! {
        <Panel id=SUPPORT_CONTACTS heading=wording.support_contacts()>
            <div class="body">
                <p class="soft">{wording.support_contacts_lead()}</p>
                {reason.map(|reason| view! { <p class="notice neutral">{wording.reason(reason)}</p> })}
                {add}
                <ul class="rows">{rows}</ul>
            </div>
            {said}
        </Panel>
    }
    .into_any()
}

/// The most places of removed contacts that a page shows.
const PLACES_MAX: usize = 20;

/// The contacts in the order in which they were added, and the places of those removed on this page.
fn rows(context: &AccountContext, all: &[SupportContact], only: bool, may: bool) -> Vec<AnyView> {
    let is_there = |id: &i64| all.iter().any(|contact| contact.id == *id);
    let gone = context.gone.split(',').take(PLACES_MAX).filter_map(|id| id.parse().ok()).filter(|id| !is_there(id));
    let mut rows: Vec<(i64, Option<&SupportContact>)> =
        gone.map(|id| (id, None)).chain(all.iter().map(|contact| (contact.id, Some(contact)))).collect();
    rows.sort_by_key(|(id, _)| *id);
    rows.dedup_by_key(|(id, _)| *id);
    let row = |(id, contact): (i64, Option<&SupportContact>)| match contact {
        Some(shown) => self::contact(context, shown, only, may),
        None => removed(id, context.wording),
    };
    rows.into_iter().map(row).collect()
}

/// The place of a contact that was removed, as high as the contact was.
fn removed(id: i64, wording: Wording) -> AnyView {
    view! {
        <li class="removed" id=format!("contact-{id}")>
            <p class="grow soft">{wording.contact_place_empty()}</p>
            <span class="button small" aria-hidden="true">{wording.send_test_message()}</span>
            <span class="button small" aria-hidden="true">{wording.remove()}</span>
        </li>
    }
    .into_any()
}

/// What the last form of the panel led to, but for the adding of a contact, which shows at its field.
fn outcome(context: &AccountContext) -> (String, Option<String>) {
    let (request, wording) = (&context.request, context.wording);
    let refused = request
        .posted::<RemoveContact>()
        .and_then(|(_, error)| error)
        .or_else(|| request.posted::<SendTestMessage>().and_then(|(_, error)| error));
    let problem = refused.map(|error| match &error {
        WireError::Invalid { fields } if !fields.is_empty() => wording.field_error(&fields[0].1),
        error => wording.wire_error(error),
    });
    let said = match context.done.split_once(':') {
        Some(("contact-added", email)) => wording.contact_added(&isolated(&readable(email))),
        Some(("contact-removed", email)) => wording.contact_removed(&isolated(&readable(email))),
        Some(("test", email)) => wording.test_message_on_its_way(&isolated(&readable(email))),
        _ => String::new(),
    };
    (said, problem)
}

fn contact(context: &AccountContext, shown: &SupportContact, only: bool, may: bool) -> AnyView {
    let wording = context.wording;
    let email = readable(&shown.email);
    let who = match &shown.name {
        Some(name) => {
            view! { <b><bdi>{name.clone()}</bdi></b> " " <span class="soft"><bdi>{email}</bdi></span> }.into_any()
        }
        None => view! { <b><bdi>{email}</bdi></b> }.into_any(),
    };
    let mail = shown.last_mail.as_ref().map(|mail| {
        let (tone, label) = match mail.delivery {
            Delivery::Waiting => (Tone::Neutral, wording.mail_waiting()),
            Delivery::Sent => (Tone::Good, wording.mail_sent()),
            Delivery::Failed => (Tone::Bad, wording.mail_failed()),
        };
        let why = why(mail.delivery, mail.failure, mail.detail.as_deref(), wording);
        view! {
            <p class="small"><Badge tone label /> " " <span class="soft">{why}</span></p>
        }
    });
    let form = |path: &'static str, label: &'static str, name: String, disabled: bool| {
        view! {
            <form method="post" action=context.action(SUPPORT_CONTACTS) data-live="">
                <input type="hidden" name=forms::FORM value=path />
                <input type="hidden" name="number" value=context.number.to_string() />
                <input type="hidden" name="email" value=shown.email.clone() />
                {(path == SendTestMessage::PATH).then(forms::idempotency_field)}
                <button class="button small" aria-label=name disabled=disabled>{label}</button>
            </form>
        }
    };
    let name = wording.send_test_message_to(&readable(&shown.email));
    let test = may.then(|| form(SendTestMessage::PATH, wording.send_test_message(), name, false));
    let removal =
        may.then(|| form(RemoveContact::PATH, wording.remove(), wording.remove_named(&readable(&shown.email)), only));
    view! {
        <li id=format!("contact-{}", shown.id)>
            <div class="grow">
                <p>{who}</p>
                {mail}
                {(only && may).then(|| view! { <p class="small soft">{wording.last_contact_reason()}</p> })}
            </div>
            {test}
            {removal}
        </li>
    }
    .into_any()
}

/// Why a mail was not sent, so far; what its mail server says of the recipient is quoted.
fn why(delivery: Delivery, failure: Option<MailFailure>, detail: Option<&str>, wording: Wording) -> Option<String> {
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

fn add(context: &AccountContext, candidates: Vec<FoundPerson>) -> AnyView {
    let wording = context.wording;
    let (typed, error) = match context.request.posted::<AddContact>() {
        Some((form, error)) => (form.contact, error),
        None => (String::new(), None),
    };
    let error = error.map(|error| match &error {
        WireError::Invalid { fields } if !fields.is_empty() => wording.field_error(&fields[0].1),
        error => wording.wire_error(error),
    });
    let number = context.number;
    let people: Vec<_> = candidates
        .into_iter()
        .map(|person| {
            let label = format!("{} ({})", person.name, readable(&person.email));
            view! {
                <li>
                    <form method="post" action=context.action(SUPPORT_CONTACTS) data-live="">
                        <input type="hidden" name=forms::FORM value=AddContact::PATH />
                        <input type="hidden" name="number" value=context.number.to_string() />
                        <input type="hidden" name="contact" value=person.email />
                        {forms::idempotency_field()}
                        <button class="button small">{label}</button>
                    </form>
                </li>
            }
        })
        .collect();
    let people = (!people.is_empty()).then(|| {
        view! {
            <div>
                <p class="small">{wording.several_people()}</p>
                <ul class="rows">{people}</ul>
            </div>
        }
    });
    view! {
        <form method="post" action=context.action(SUPPORT_CONTACTS) class="adding" novalidate=true data-live="">
            <input type="hidden" name=forms::FORM value=AddContact::PATH />
            <input type="hidden" name="number" value=context.number.to_string() />
            {forms::idempotency_field()}
            <Field name="contact" label=wording.add_contact_label() hint=Some(wording.add_contact_hint())
                error=Signal::stored(error) width="grow">
                <ContactField number typed />
            </Field>
            <button class="button">{wording.add_contact()}</button>
        </form>
        {people}
    }
    .into_any()
}

/// Whether a refused name meant several people, who are to be shown to choose from.
pub(super) fn ambiguous(context: &AccountContext) -> Option<String> {
    let (form, error) = context.request.posted::<AddContact>()?;
    let several = |fields: &FieldErrors| fields.iter().any(|(_, error)| *error == FieldError::SeveralPeople);
    matches!(error, Some(WireError::Invalid { fields }) if several(&fields)).then_some(form.contact)
}

/// The panel of reports.
pub(super) fn reports(context: &AccountContext, all: Vec<ProblemReport>, may: Decision) -> AnyView {
    let wording = context.wording;
    let posted = context.request.posted::<ReportProblem>();
    let open = posted.is_some() || context.open == REPORT;
    let (subject, description, error) = match posted {
        Some((form, error)) => (form.subject, form.description, error),
        None => (String::new(), String::new(), None),
    };
    let (fields, problem) = match error {
        Some(WireError::Invalid { fields }) if !fields.is_empty() => (fields, None),
        Some(error) => (Vec::new(), Some(wording.wire_error(&error))),
        None => (Vec::new(), None),
    };
    let problem = problem.or_else(|| {
        let (_, error) = context.request.posted::<SendReportAgain>()?;
        error.map(|error| wording.wire_error(&error))
    });
    let said = match context.done.split_once(':') {
        Some(("report-again", recipient)) => wording.report_sent_again(recipient),
        None if context.done == "reported" => wording.report_sent().to_owned(),
        _ => String::new(),
    };
    let may = read_only_reason(may).is_none();
    let form = may.then(|| {
        if open {
            form(context, subject, description, &fields)
        } else {
            super::opener(context, PROBLEM_REPORTS, REPORT, wording.report_problem())
        }
    });
    let none = all.is_empty().then(|| view! { <p class="soft">{wording.reports_none()}</p> });
    let rows: Vec<_> = all.into_iter().map(|one| report(context, one, may)).collect();
    let said = super::said(context, PROBLEM_REPORTS, &said, problem);
    view! {
        <Panel id=PROBLEM_REPORTS heading=wording.problem_reports()>
            <div class="body">
                {none}
                <ul class="rows">{rows}</ul>
                {form}
            </div>
            {said}
        </Panel>
    }
    .into_any()
}

fn form(context: &AccountContext, subject: String, description: String, errors: &FieldErrors) -> AnyView {
    let wording = context.wording;
    let required = Some(wording.required());
    let described = errors.iter().find(|(name, _)| name == "description").map(|(_, error)| wording.field_error(error));
    let invalid = described.is_some().then_some("true");
    view! {
        <div class="opened">
            <p class="soft">{wording.report_lead()}</p>
            <form method="post" action=context.action(PROBLEM_REPORTS) class="fields" novalidate=true data-live="">
                <input type="hidden" name=forms::FORM value=ReportProblem::PATH />
                <input type="hidden" name="number" value=context.number.to_string() />
                {forms::idempotency_field()}
                <TextField name="subject" label=wording.report_subject() value=subject
                    error=field_error(errors, "subject", wording) required />
                <div class="field six">
                    <label for="description">
                        {wording.report_description()}
                        <span class="required" aria-hidden="true">" *"</span>
                    </label>
                    <textarea id="description" name="description" rows="5" aria-required="true" aria-invalid=invalid
                        aria-describedby="description-error description-hint">{description}</textarea>
                    <p class="hint" id="description-hint">{wording.report_description_hint()}</p>
                    <p class="error" id="description-error">{described}</p>
                </div>
                <div class="six"><button class="button main">{wording.send_report()}</button></div>
            </form>
            {super::opener(context, PROBLEM_REPORTS, "", wording.cancel())}
        </div>
    }
    .into_any()
}

fn report(context: &AccountContext, shown: ProblemReport, may: bool) -> AnyView {
    let wording = context.wording;
    let by = wording.report_by(&wording.date_and_time(shown.at), &shown.person_name);
    let deliveries: Vec<_> = shown.deliveries.iter().map(|one| delivery(context, one, may)).collect();
    view! {
        <li>
            <div class="grow">
                <p><b><bdi>{shown.subject}</bdi></b></p>
                <p class="soft small">{by}</p>
                <p class="lines" dir="auto">{shown.description}</p>
                <ul class="small deliveries">{deliveries}</ul>
            </div>
        </li>
    }
    .into_any()
}

/// What became of the mail to one contact; one that failed can be sent again.
fn delivery(context: &AccountContext, shown: &ReportDelivery, may: bool) -> AnyView {
    let wording = context.wording;
    let (tone, label) = match shown.delivery {
        Delivery::Waiting => (Tone::Neutral, wording.delivery_waiting()),
        Delivery::Sent => (Tone::Good, wording.delivery_sent()),
        Delivery::Failed => (Tone::Bad, wording.delivery_failed()),
    };
    let why = why(shown.delivery, shown.failure, shown.detail.as_deref(), wording);
    let again = (may && shown.delivery == Delivery::Failed).then(|| {
        view! {
            <form method="post" action=context.action(PROBLEM_REPORTS) data-live="">
                <input type="hidden" name=forms::FORM value=SendReportAgain::PATH />
                <input type="hidden" name="number" value=context.number.to_string() />
                <input type="hidden" name="mail" value=shown.id.to_string() />
                <button class="button small" aria-label=wording.send_again_to(&shown.recipient)>
                    {wording.send_again()}
                </button>
            </form>
        }
    });
    view! {
        <li>
            <bdi>{readable(&shown.recipient)}</bdi> " " <Badge tone label /> " " <span class="soft">{why}</span>
            {again}
        </li>
    }
    .into_any()
}
