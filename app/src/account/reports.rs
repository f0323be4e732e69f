//! The panel of reports of problems.

use domain::{
    account_number::AccountNumber,
    mail::Delivery,
    view::reports::{ProblemReport, ReportDelivery},
};
use leptos::prelude::*;

use super::{AccountState, AccountView, Opened, Opener, contacts::why, query_value, read_only_reason};
use crate::{
    error::WireError,
    form::{Hidden, IdempotencyKey, PostForm, Submission},
    message::Done,
    panel::Panel,
    ui::{Badge, TextArea, TextField, Tone},
    wording::Wording,
};

/// The panel.
const PANEL: &str = "problem-reports";

/// The form for a report, in the page's address.
const REPORT: &str = "report";

/// Reports a problem to every support contact.
#[server(prefix = "/api", endpoint = "report_problem")]
pub async fn report_problem(
    number: AccountNumber,
    #[server(default)] subject: String,
    #[server(default)] description: String,
    #[server(default)] idempotency_key: String,
) -> Result<Done<AccountView>, WireError> {
    use crate::{
        message::Outcome,
        request::{current, once, refuse},
    };
    let request = current();
    let caller = request.caller().map_err(refuse)?;
    let text = crate::mail::report(request.locale, &caller.name, number);
    let backend = once(&request, &idempotency_key);
    let report = service::reports::report(&backend, &caller, number, &subject, &description, text);
    report.await.map_err(refuse)?;
    let now = super::view(&request, number).await.map_err(refuse)?;
    Ok(Done::with(Outcome::Reported, super::next(&request, number, PANEL, false), now))
}

/// Sends the mail of a report again that finally failed.
#[server(prefix = "/api", endpoint = "send_report_again")]
pub async fn send_report_again(number: AccountNumber, mail: i64) -> Result<Done<AccountView>, WireError> {
    use crate::{
        message::Outcome,
        request::{current, refuse},
    };
    let request = current();
    let caller = request.caller().map_err(refuse)?;
    let recipient = service::reports::send_again(&request.backend, &caller, number, mail).await.map_err(refuse)?;
    let now = super::view(&request, number).await.map_err(refuse)?;
    Ok(Done::with(
        Outcome::ReportSentAgain(domain::email::readable(&recipient)),
        super::next(&request, number, PANEL, true),
        now,
    ))
}

/// The panel.
#[component]
pub(super) fn ReportsPanel(account: AccountState) -> impl IntoView {
    let wording = Wording::current();
    let may = account.part(|view| read_only_reason(view.information.report).is_none());
    let reports = account.part(|view| view.information.reports.clone());
    let open = query_value("open");
    let submission = Submission::of::<ReportProblem, _>(move |now, sent| account.set(now, sent));
    let is_open = Memo::new(move |_| open.get() == REPORT || submission.is_begun());
    let form = move || {
        may.get().then(|| {
            if is_open.get() {
                view! { <ReportForm account submission /> }.into_any()
            } else {
                view! { <Opener account panel=PANEL what=REPORT label=wording.report_problem() /> }.into_any()
            }
        })
    };
    view! {
        <Panel id=PANEL heading=wording.problem_reports()>
            <div class="body">
                {move || reports.with(Vec::is_empty).then(|| view! { <p class="soft">{wording.reports_none()}</p> })}
                <ul class="rows">
                    {move || {
                        let may = may.get();
                        reports.get().into_iter().map(|report| view! { <Report account report may /> }).collect_view()
                    }}
                </ul>
                {form}
            </div>
        </Panel>
    }
}

#[component]
fn ReportForm(account: AccountState, submission: Submission) -> impl IntoView {
    let wording = Wording::current();
    let required = Some(wording.required());
    let problem =
        move || submission.problem(wording).map(|problem| view! { <p class="notice bad" role="alert">{problem}</p> });
    super::close_when_done(account, submission);
    view! {
        <Opened>
            <p class="soft">{wording.report_lead()}</p>
            {problem}
            <PostForm submission action=account.panel_path(PANEL) class="fields" keeps=true>
                <Hidden name="number" value=account.number.to_string() />
                <IdempotencyKey submission />
                <TextField
                    name="subject" label=wording.report_subject() value=submission.typed_or("subject", "")
                    error=submission.field_error("subject", wording) required
                />
                <TextArea
                    name="description" label=wording.report_description() value=submission.typed_or("description", "")
                    hint=wording.report_description_hint() error=submission.field_error("description", wording) required
                />
                <div class="six">
                    <button class="button main" aria-disabled=submission.busy()>{wording.send_report()}</button>
                </div>
            </PostForm>
            <Opener account panel=PANEL what="" label=wording.cancel() discards=submission />
        </Opened>
    }
}

#[component]
fn Report(account: AccountState, report: ProblemReport, may: bool) -> impl IntoView {
    let wording = Wording::current();
    let by = wording.report_by(&wording.date_and_time(report.at), &report.person_name);
    view! {
        <li>
            <div class="grow">
                <p><b><bdi>{report.subject}</bdi></b></p>
                <p class="soft small">{by}</p>
                <p class="lines" dir="auto">{report.description}</p>
                <ul class="small deliveries">
                    {report.deliveries.into_iter().map(|delivery| view! { <DeliveryRow account delivery may /> }).collect_view()}
                </ul>
            </div>
        </li>
    }
}

/// What became of the mail to one contact; one that failed can be sent again.
#[component]
fn DeliveryRow(account: AccountState, delivery: ReportDelivery, may: bool) -> impl IntoView {
    let wording = Wording::current();
    let (tone, label) = match delivery.delivery {
        Delivery::Waiting => (Tone::Neutral, wording.delivery_waiting()),
        Delivery::Sent => (Tone::Good, wording.delivery_sent()),
        Delivery::Failed => (Tone::Bad, wording.delivery_failed()),
    };
    let why = why(delivery.delivery, delivery.failure, delivery.detail.as_deref(), wording);
    let mail = delivery.id.to_string();
    let submission =
        Submission::among::<SendReportAgain, _>(&[("mail", &mail)], move |now, sent| account.set(now, sent));
    let name = wording.send_again_to(&account.readable(&delivery.recipient));
    let again = (may && delivery.delivery == Delivery::Failed).then(|| {
        view! {
            <PostForm submission action=account.panel_path(PANEL)>
                <Hidden name="number" value=account.number.to_string() />
                <Hidden name="mail" value=mail />
                <button class="button small" aria-label=name>{wording.send_again()}</button>
            </PostForm>
            {move || submission.first_problem(wording).map(|problem| view! { <p class="notice bad" role="alert">{problem}</p> })}
        }
    });
    view! {
        <li>
            <bdi>{account.readable(&delivery.recipient)}</bdi> " " <Badge tone label /> " " <span class="soft">{why}</span>
            {again}
        </li>
    }
}
