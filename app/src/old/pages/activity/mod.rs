//! The pages of activity: of one account, and of all that a partner's people may see.

mod words;

use std::sync::Arc;

use domain::{
    account_number::AccountNumber,
    activity::ActivityKind,
    customer::{FieldError, FieldErrors},
    order::parse_date,
    role::Role,
    time::Timestamp,
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use service::{
    accounts::information,
    activity::find::{self, ActivityCursor, ActivityPage, ActivityQuery, Of, ActivityRecord},
};

pub(super) use self::words::{address, changes, kind_in_words, person_in_words};
use super::query_value;
use crate::{
    error::WireError,
    islands::LiveForms,
    layout::{Place, framed},
    paths,
    request::{self, Request},
    ui::{Badge, Tone, options},
    wording::Wording,
};

/// What the page's address asks for, read by a name of the query.
///
/// What it gets wrong is as if it had not asked.
#[must_use]
pub fn read_query(value: impl Fn(&str) -> String) -> ActivityQuery {
    let cursor = |name: &str, before: bool| {
        let text = value(name);
        let (at, id) = text.split_once('.')?;
        Some(ActivityCursor { at: Timestamp(at.parse().ok()?), id: id.parse().ok()?, before })
    };
    let text = |name: &str| value(name).chars().filter(|character| *character != '\0').take(200).collect();
    ActivityQuery {
        search: text("q"),
        person: text("person"),
        kind: ActivityKind::from_key(&value("kind")),
        from: parse_date(&value("from")).ok(),
        until: parse_date(&value("until")).ok(),
        cursor: cursor("after", false).or_else(|| cursor("before", true)),
    }
}

/// What of the address is no value that can be asked for.
#[must_use]
pub fn query_errors(value: impl Fn(&str) -> String) -> FieldErrors {
    let kind = value("kind");
    let mut errors = FieldErrors::new();
    if !kind.is_empty() && ActivityKind::from_key(&kind).is_none() {
        errors.push(("kind".to_owned(), FieldError::UnknownChoice));
    }
    for name in ["from", "until"] {
        let day = value(name);
        let error = if day.trim().is_empty() { None } else { parse_date(&day).err() };
        errors.extend(error.map(|error| (name.to_owned(), error)));
    }
    errors
}

/// The query of the page's address that asks for `query`, with the question mark; empty for everything.
fn written(query: &ActivityQuery) -> String {
    let mut parts = Vec::new();
    let mut part = |name: &str, value: &str| {
        if !value.is_empty() {
            parts.push(format!("{name}={}", paths::encode(value)));
        }
    };
    part("q", &query.search);
    part("person", &query.person);
    part("kind", query.kind.map_or("", ActivityKind::key));
    part("from", &query.from.map(|day| day.to_string()).unwrap_or_default());
    part("until", &query.until.map(|day| day.to_string()).unwrap_or_default());
    if let Some(cursor) = query.cursor {
        part(if cursor.before { "before" } else { "after" }, &format!("{}.{}", cursor.at.0, cursor.id));
    }
    if parts.is_empty() { String::new() } else { format!("?{}", parts.join("&")) }
}

/// The activity of one account.
#[component]
pub(super) fn AccountActivityPage() -> impl IntoView {
    let request = request::current();
    let number = use_params_map().with(|params| params.get("number")).unwrap_or_default();
    let query = read_query(query_value);
    super::page(request.clone(), async move {
        let wording = Wording(request.locale);
        let caller = request.caller()?;
        let number = number.parse::<AccountNumber>().map_err(|_| WireError::NotFound)?;
        let seen = super::seen(&request, &caller, Some(number)).await?;
        let page = found(find::find(&request.backend, &caller, Of::Account(number), &query).await)?;
        let name = information::name(&request.backend, &caller, number).await?;
        let of_partner = matches!(caller.seat.role(), Role::PartnerAdmin | Role::AccountManager);
        let title = format!("{} · {name}", wording.activity());
        let frame = super::frame(&request, &title, Place::Account, of_partner.then(|| name.clone())).await?;
        let list = of_partner.then(|| {
            view! { <a href=paths::ACCOUNTS>{wording.accounts()}</a> <span class="soft">" / "</span> }
        });
        let crumbs = view! {
            <p class="crumbs small">
                {list}
                <a href=paths::account(number)><bdi>{name}</bdi></a>
                <span class="soft">" / "{wording.activity()}</span>
            </p>
        };
        let shown = Shown { path: paths::account_activity(number), account: Some(number), query, page, seen };
        Ok(framed(&request, frame, content(&request, crumbs.into_any(), &shown)))
    })
}

/// The activity of all that the partner's people may see.
#[component]
pub(super) fn ActivityPage() -> impl IntoView {
    let request = request::current();
    let query = read_query(query_value);
    super::page(request.clone(), async move {
        let wording = Wording(request.locale);
        let caller = request.caller()?;
        let seen = super::seen(&request, &caller, None).await?;
        let page = found(find::find(&request.backend, &caller, Of::Partner, &query).await)?;
        let frame = super::frame(&request, wording.activity(), Place::Activity, None).await?;
        let shown = Shown { path: paths::ACTIVITY.to_owned(), account: None, query, page, seen };
        Ok(framed(&request, frame, content(&request, ().into_any(), &shown)))
    })
}

/// What a page shows.
struct Shown {
    path: String,
    account: Option<AccountNumber>,
    query: ActivityQuery,
    /// What was found; nothing where more people match than can be followed.
    page: Option<ActivityPage>,
    seen: service::live::RecentRecords,
}

/// What was found; nothing where more people match than can be followed.
fn found(result: service::Result<ActivityPage>) -> Result<Option<ActivityPage>, WireError> {
    match result {
        Ok(page) => Ok(Some(page)),
        Err(service::Error::Invalid(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

impl Shown {
    fn narrowed(&self) -> bool {
        ActivityQuery { cursor: None, ..self.query.clone() } != ActivityQuery::default()
    }
}

fn content(request: &Arc<Request>, crumbs: AnyView, shown: &Shown) -> AnyView {
    let wording = Wording(request.locale);
    let events = match shown.account {
        Some(number) => format!("{}?account={number}", paths::EVENTS),
        None => paths::EVENTS.to_owned(),
    };
    let all = written(&ActivityQuery { cursor: None, ..shown.query.clone() });
    let export = |format: &str| format!("{}/export.{format}{all}", shown.path);
    view! {
        <div class="head">
            <div>
                {crumbs}
                <h1>{wording.activity()}</h1>
                <p class="soft">{wording.activity_lead()}</p>
                <p class="small soft">{wording.export_hint()}</p>
            </div>
            <div class="actions">
                <a class="button" href=export("csv") download="">{wording.export_csv()}</a>
                <a class="button" href=export("jsonl") download="">{wording.export_json()}</a>
            </div>
        </div>
        <section class="panel" id="activity" aria-label=wording.activity()>
            {filter(shown, wording)}
            <div id="results" data-seen=shown.seen.to_string()>{results(request, shown)}</div>
        </section>
        <LiveForms events />
    }
    .into_any()
}

fn filter(shown: &Shown, wording: Wording) -> AnyView {
    let query = &shown.query;
    let kinds = [("", wording.all_kinds())]
        .into_iter()
        .chain(ActivityKind::ALL.iter().map(|&kind| (kind.key(), kind_in_words(kind, wording))));
    let hint = if shown.account.is_some() { "" } else { wording.search_activity_hint() };
    let day = |name: &'static str, label: &'static str, day: Option<_>| {
        let value = day.map(|day: jiff::civil::Date| day.to_string());
        view! {
            <div class="field">
                <label for=name>{label}</label>
                <input type="date" id=name name=name value=value />
            </div>
        }
    };
    view! {
        <form method="get" action=shown.path.clone() role="search" class="filter">
            <div class="field grow">
                <label for="q">{wording.search_activity()}</label>
                <input id="q" name="q" type="search" value=query.search.clone() placeholder=hint autocomplete="off" spellcheck="false" />
            </div>
            <div class="field">
                <label for="person">{wording.activity_person()}</label>
                <input id="person" name="person" value=query.person.clone() placeholder=wording.activity_person_hint() autocomplete="off" spellcheck="false" />
            </div>
            <div class="field">
                <label for="kind">{wording.activity_kind()}</label>
                <select id="kind" name="kind" inner_html=options(kinds, query.kind.map_or("", ActivityKind::key))></select>
            </div>
            {day("from", wording.activity_from(), query.from)}
            {day("until", wording.activity_until(), query.until)}
            <button class="button">{wording.apply()}</button>
        </form>
    }
    .into_any()
}

fn results(request: &Request, shown: &Shown) -> AnyView {
    let wording = Wording(request.locale);
    let Some(page) = shown.page.as_ref().filter(|page| !page.rows.is_empty()) else {
        let (title, lead) = if shown.page.is_none() {
            (wording.activity_too_many_people(), wording.activity_too_many_people_lead())
        } else if shown.narrowed() {
            (wording.activity_none_found(), wording.activity_none_found_lead())
        } else {
            (wording.activity_empty(), wording.activity_empty_lead())
        };
        let clear = shown.narrowed().then(|| {
            view! { <p><a class="button" href=shown.path.clone()>{wording.clear_search()}</a></p> }
        });
        return view! {
            <div class="empty">
                <p class="empty-title">{title}</p>
                <p class="soft">{lead}</p>
                {clear}
            </div>
        }
        .into_any();
    };
    let with_account = shown.account.is_none();
    let rows: Vec<_> = page.rows.iter().map(|record| row(request, record, with_account)).collect();
    let account = with_account.then(|| view! { <th scope="col">{wording.account()}</th> });
    view! {
        <div class="scroll">
            <table class="cards records-table">
                <thead>
                    <tr>
                        <th scope="col">{wording.activity_when()}</th>
                        <th scope="col">{wording.activity_person()}</th>
                        {account}
                        <th scope="col">{wording.activity_kind()}</th>
                        <th scope="col">{wording.activity_changes()}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {pager(shown, page, wording)}
    }
    .into_any()
}

fn row(request: &Request, record: &ActivityRecord, with_account: bool) -> AnyView {
    let wording = Wording(request.locale);
    let account = with_account.then(|| {
        let account = record.account.clone().map(|(number, name)| {
            view! { <a href=paths::account(number)><bdi>{name}</bdi></a> }
        });
        view! { <td class="wraps" data-label=wording.account()>{account}</td> }
    });
    let kind = kind_in_words(record.kind, wording);
    let kind = if record.kind == ActivityKind::AttemptRefused {
        view! { <Badge tone=Tone::Bad label=kind /> }.into_any()
    } else {
        kind.into_any()
    };
    view! {
        <tr id=format!("record-{}", record.id)>
            <td class="when" data-label=wording.activity_when()>{wording.date_and_time(record.at)}</td>
            <td class="wraps" data-label=wording.activity_person()>
                <bdi>{person_in_words(record, wording)}</bdi> {address(record)}
            </td>
            {account}
            <td class="wraps" data-label=wording.activity_kind()>{kind}</td>
            <td class="wraps" data-label=wording.activity_changes()>{changes(request, record)}</td>
        </tr>
    }
    .into_any()
}

fn pager(shown: &Shown, page: &ActivityPage, wording: Wording) -> AnyView {
    let to = |cursor: Option<ActivityCursor>| {
        cursor.map(|cursor| {
            format!("{}{}", shown.path, written(&ActivityQuery { cursor: Some(cursor), ..shown.query.clone() }))
        })
    };
    let first = format!("{}{}", shown.path, written(&ActivityQuery { cursor: None, ..shown.query.clone() }));
    super::pager(first, to(page.previous), to(page.next), wording)
}
