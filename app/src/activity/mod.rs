//! The pages of activity: of one account, and of all that a partner's people may see.

mod address;
mod kinds;
#[cfg(feature = "ssr")]
mod words;

use domain::{
    account_number::AccountNumber,
    activity::{ActivityKind, Change},
    customer::FieldErrors,
    time::Timestamp,
    view::{
        activity::{ActivityCursor, ActivityQuery},
        paging::Page,
    },
};
use jiff::civil::Date;
use leptos::{prelude::*, web_sys};
use leptos_router::hooks::use_params_map;
use serde::{Deserialize, Serialize};

pub use self::address::{query_errors, read_query};
#[cfg(feature = "ssr")]
pub(crate) use self::words::record_view;
use self::{address::write, kinds::kind_in_words};
use crate::{
    error::WireError,
    form::form_query,
    layout::WorkingIn,
    live::Live,
    navigation,
    page::{PageTitle, loaded, resource},
    paths,
    session::Session,
    ui::{Badge, Pager, Tone, options, with_isolates},
    wording::Wording,
};

/// A record of activity as pages show it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordView {
    /// Its key.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// Who, in words.
    pub person: String,
    /// Their address, which no other person can have.
    pub email: Option<String>,
    /// What was done.
    pub kind: ActivityKind,
    /// From which values to which, in words.
    pub changes: Vec<String>,
    /// The account, with its present name.
    pub account: Option<(AccountNumber, String)>,
    /// The changes as they were recorded, for the server alone.
    #[serde(skip)]
    pub recorded: Vec<Change>,
}

/// A page of activity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ActivityView {
    /// The name of the account, if the activity is of one.
    pub account: Option<String>,
    /// What was found; nothing where more people match than can be followed.
    pub page: Option<Page<RecordView, ActivityCursor>>,
    /// What of the address is no value that can be asked for.
    pub errors: FieldErrors,
}

/// The activity of an account, or of all that the caller may see, that the query of an address asks for.
#[server(prefix = "/api", endpoint = "list_activity")]
pub async fn list_activity(
    #[server(default)] account: Option<String>,
    #[server(default)] query: String,
) -> Result<ActivityView, WireError> {
    use service::{
        accounts::information,
        activity::find::{Of, find},
    };

    use crate::request::{current, refuse};
    let request = current();
    let caller = request.caller().map_err(refuse)?;
    let number = account.map(|number| number.parse::<AccountNumber>()).transpose();
    let number = number.map_err(|_| refuse(WireError::NotFound))?;
    let of = number.map_or(Of::Partner, Of::Account);
    let page = match find(&request.backend, &caller, of, &read_query(&query)).await {
        Ok(page) => Some(Page {
            rows: page.rows.into_iter().map(|record| record_view(&request, record)).collect(),
            previous: page.previous,
            next: page.next,
        }),
        Err(service::Error::Invalid(_)) => None,
        Err(error) => return Err(refuse(error)),
    };
    let account = match number {
        Some(number) => Some(information::name(&request.backend, &caller, number).await.map_err(refuse)?),
        None => None,
    };
    Ok(ActivityView { account, page, errors: query_errors(&query) })
}

/// The activity of one account.
#[component]
pub(crate) fn AccountActivityPage() -> impl IntoView {
    let params = use_params_map();
    let number = Memo::new(move |_| params.with(|params| params.get("number")).unwrap_or_default());
    let query = navigation::query();
    let view = resource(move || (number.get(), query()), |(number, query)| list_activity(Some(number), query));
    loaded(view, move |view| {
        let number = number.get_untracked();
        view! { <Activity number=number.parse().ok() view /> }
    })
}

/// The activity of all that the partner's people may see.
#[component]
pub(crate) fn ActivityPage() -> impl IntoView {
    let query = navigation::query();
    let view = resource(query, |query| list_activity(None, query));
    loaded(view, |view| view! { <Activity number=None view /> })
}

#[component]
fn Activity(number: Option<AccountNumber>, view: ActivityView) -> impl IntoView {
    let wording = Wording::current();
    let query = read_query(&navigation::query()());
    let path = number.map_or_else(|| paths::ACTIVITY.to_owned(), paths::account_activity);
    let all = write(&ActivityQuery { cursor: None, ..query.clone() });
    let export = |format: &str| format!("{path}/export.{format}{all}");
    let ids: Vec<i64> = view.page.iter().flat_map(|page| page.rows.iter().map(|record| record.id)).collect();
    let is_first = query.cursor.is_none();
    Live::current().listen_to(number, move || if is_first { ids.clone() } else { Vec::new() });
    let of_partner = Session::current().person_untracked().is_some_and(|person| person.is_of_partner());
    let (title, crumbs) = match number.zip(view.account) {
        Some((number, name)) => {
            if of_partner {
                WorkingIn::account(Signal::stored(name.clone()));
            }
            let list = of_partner.then(|| {
                view! { <a href=paths::ACCOUNTS>{wording.accounts()}</a> <span class="soft">" / "</span> }
            });
            let title = format!("{} · {name}", wording.activity());
            let crumbs = view! {
                <p class="crumbs small">
                    {list}
                    <a href=paths::account(number)><bdi>{name}</bdi></a>
                    <span class="soft">" / "{wording.activity()}</span>
                </p>
            };
            (title, Some(crumbs))
        }
        None => (wording.activity().to_owned(), None),
    };
    view! {
        <PageTitle title />
        <div class="head">
            <div>
                {crumbs}
                <h1 tabindex="-1">{wording.activity()}</h1>
                <p class="soft">{wording.activity_lead()}</p>
                <p class="small soft">{wording.export_hint()}</p>
            </div>
            <div class="actions">
                <a class="button" href=export("csv") download="" rel="external">{wording.export_csv()}</a>
                <a class="button" href=export("jsonl") download="" rel="external">{wording.export_json()}</a>
            </div>
        </div>
        <section class="panel" id="activity" aria-label=wording.activity()>
            <Filter number path=path.clone() query=query.clone() errors=view.errors />
            <div id="results"><Results path with_account=number.is_none() query page=view.page /></div>
        </section>
    }
}

#[component]
fn Filter(number: Option<AccountNumber>, path: String, query: ActivityQuery, errors: FieldErrors) -> impl IntoView {
    let wording = Wording::current();
    let kinds = [("", wording.all_kinds())]
        .into_iter()
        .chain(ActivityKind::ALL.iter().map(|&kind| (kind.key(), kind_in_words(kind, wording))));
    let kinds = options(kinds, query.kind.map_or("", ActivityKind::key));
    let hint = if number.is_some() { "" } else { wording.search_activity_hint() };
    let go = navigation::navigator();
    let own = path.clone();
    let on_submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        go.open(&format!("{own}{}", write(&read_query(&form_query(&event)))));
    };
    let day = |name: &'static str, label: &'static str, day: Option<Date>| {
        let error = errors.iter().find(|(field, _)| field == name).map(|(_, error)| wording.field_error(error));
        let describes = error.is_some().then(|| format!("{name}-error"));
        view! {
            <div class="field">
                <label for=name>{label}</label>
                <input
                    type="date" id=name name=name value=day.map(|day| day.to_string())
                    aria-invalid=describes.is_some().then_some("true") aria-describedby=describes.clone()
                />
                {error.map(|error| view! { <p class="error" id=describes>{error}</p> })}
            </div>
        }
    };
    view! {
        <form method="get" action=path role="search" class="filter" on:submit=on_submit>
            <div class="field grow">
                <label for="q">{wording.search_activity()}</label>
                <input id="q" name="q" type="search" value=query.search placeholder=hint autocomplete="off" spellcheck="false" />
            </div>
            <div class="field">
                <label for="person">{wording.activity_person()}</label>
                <input id="person" name="person" value=query.person placeholder=wording.activity_person_hint() autocomplete="off" spellcheck="false" />
            </div>
            <div class="field">
                <label for="kind">{wording.activity_kind()}</label>
                <select id="kind" name="kind" inner_html=kinds></select>
            </div>
            {day("from", wording.activity_from(), query.from)}
            {day("until", wording.activity_until(), query.until)}
            <button class="button">{wording.apply()}</button>
        </form>
    }
}

#[component]
fn Results(
    path: String,
    with_account: bool,
    query: ActivityQuery,
    page: Option<Page<RecordView, ActivityCursor>>,
) -> impl IntoView {
    let wording = Wording::current();
    let narrowed = ActivityQuery { cursor: None, ..query.clone() } != ActivityQuery::default();
    let too_many = page.is_none();
    let Some(Page { rows, previous, next }) = page.filter(|page| !page.rows.is_empty()) else {
        let (title, lead) = if too_many {
            (wording.activity_too_many_people(), wording.activity_too_many_people_lead())
        } else if narrowed {
            (wording.activity_none_found(), wording.activity_none_found_lead())
        } else {
            (wording.activity_empty(), wording.activity_empty_lead())
        };
        return view! {
            <div class="empty">
                <p class="empty-title">{title}</p>
                <p class="soft">{lead}</p>
                {narrowed.then(|| view! { <p><a class="button" href=path>{wording.clear_search()}</a></p> })}
            </div>
        }
        .into_any();
    };
    let to = |cursor| format!("{path}{}", write(&ActivityQuery { cursor, ..query.clone() }));
    let (first, previous) = (to(None), previous.map(|cursor| to(Some(cursor))));
    let next = next.map(|cursor| to(Some(cursor)));
    view! {
        <div class="scroll">
            <table class="cards records-table">
                <thead>
                    <tr>
                        <th scope="col">{wording.activity_when()}</th>
                        <th scope="col">{wording.activity_person()}</th>
                        {with_account.then(|| view! { <th scope="col">{wording.account()}</th> })}
                        <th scope="col">{wording.activity_kind()}</th>
                        <th scope="col">{wording.activity_changes()}</th>
                    </tr>
                </thead>
                <tbody>{rows.into_iter().map(|record| view! { <Row record with_account /> }).collect_view()}</tbody>
            </table>
        </div>
        <Pager first previous next />
    }
    .into_any()
}

#[component]
fn Row(record: RecordView, with_account: bool) -> impl IntoView {
    let wording = Wording::current();
    let account = with_account.then(|| {
        let account = record.account.map(|(number, name)| {
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
                <bdi>{record.person}</bdi> {record.email.map(|email| view! { <span class="soft small">" " {email}</span> })}
            </td>
            {account}
            <td class="wraps" data-label=wording.activity_kind()>{kind}</td>
            <td class="wraps" data-label=wording.activity_changes()><Changes changes=record.changes /></td>
        </tr>
    }
}

/// From which values to which: a list with a row for each; nothing where nothing changed.
#[component]
fn Changes(changes: Vec<String>) -> impl IntoView {
    (!changes.is_empty()).then(|| {
        let rows = changes.into_iter().map(|change| view! { <li inner_html=with_isolates(&change)></li> });
        view! { <ul class="changes small">{rows.collect_view()}</ul> }
    })
}

/// The latest records of an account, in its page.
#[component]
pub(crate) fn Records(
    /// The records, the latest first.
    records: Vec<RecordView>,
) -> impl IntoView {
    let wording = Wording::current();
    let rows = records.into_iter().map(|record| {
        view! {
            <li id=format!("record-{}", record.id)>
                <p class="small soft">
                    {wording.date_and_time(record.at)} " · " <bdi>{record.person}</bdi>
                    {record.email.map(|email| view! { <span class="soft small">" " {email}</span> })}
                </p>
                <p><b>{kind_in_words(record.kind, wording)}</b></p>
                <Changes changes=record.changes />
            </li>
        }
    });
    view! { <ul class="records">{rows.collect_view()}</ul> }
}
