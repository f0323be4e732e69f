//! Records of activity: written, found, exported; on both databases.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;

use common::{accounts, admin, manager, other_partner, own, page, partner, user};
use domain::view::activity::{ActivityCursor, ActivityPage, ActivityQuery};
use domain::{
    account_number::AccountNumber,
    activity::ActivityKind,
    country::{CountryCode, catalogue},
    customer::{CustomerField, CustomerForm, CustomerInformation},
    locale::Locale,
    time::Timestamp,
};
use futures_util::TryStreamExt;
use service::{
    Backend, Error,
    accounts::{information, lifecycle},
    activity::{
        export::{Format, export},
        find::{Of, find},
    },
    contacts, integrations,
    testing::{on_each_demo, rate_limits, rows},
};

fn search(text: &str) -> ActivityQuery {
    ActivityQuery { search: text.into(), ..ActivityQuery::default() }
}

async fn all(backend: &Backend, query: &ActivityQuery) -> ActivityPage {
    find(backend, &partner(), Of::Partner, query).await.unwrap()
}

#[tokio::test]
async fn what_was_refused_is_recorded_and_nothing_else_happens() {
    on_each_demo(async |backend| {
        let number = own(&backend).await;
        let name = page(&backend, number).await.customer.name;
        let refused = lifecycle::delete(&backend, &manager(), number, &name).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
        let latest = &page(&backend, number).await.activity[0];
        assert_eq!((latest.kind, latest.person_name.as_str()), (ActivityKind::AttemptRefused, "Lucia Neri"));
        assert_eq!(
            (latest.changes[0].new.as_str(), latest.changes[0].old.as_str()),
            ("delete_account", "partner_admin_only")
        );
        // Of somebody of another partner no more is told than that somebody tried.
        let refused = integrations::optimise_bandwidth(&backend, &other_partner(), number, true).await;
        assert!(matches!(refused, Err(Error::NotFound)), "{refused:?}");
        let latest = &page(&backend, number).await.activity[0];
        assert_eq!((latest.kind, latest.person_name.as_str()), (ActivityKind::AttemptRefused, ""));
        // What concerns the whole partner stands in the partner's.
        let _ = service::orders::import::import(&backend, &manager(), "", None).await;
        let latest = &all(&backend, &ActivityQuery::default()).await.rows[0];
        assert_eq!((latest.kind, latest.account.is_none()), (ActivityKind::AttemptRefused, true));
    })
    .await;
}

#[tokio::test]
async fn nobody_fills_the_activity_with_refused_attempts() {
    on_each_demo(async |backend| {
        let number = own(&backend).await;
        let attempt = async || integrations::optimise_bandwidth(&backend, &other_partner(), number, true).await;
        let refusals = async || {
            let query = ActivityQuery { kind: Some(ActivityKind::AttemptRefused), ..ActivityQuery::default() };
            let exported = export(backend.clone(), &partner(), Of::Partner, query, Format::JsonLines).await.unwrap();
            let pieces: Vec<String> = exported.try_collect().await.unwrap();
            pieces.concat().lines().count()
        };
        for _ in 0..100 {
            assert!(matches!(attempt().await, Err(Error::NotFound)));
        }
        let recorded = refusals().await;
        assert!(matches!(attempt().await, Err(Error::RateLimited { .. })));
        assert_eq!(refusals().await, recorded);
        let later = backend.clock.now().0 + 15 * 60 * 1000;
        backend.clock.set(Timestamp(later));
        assert!(matches!(attempt().await, Err(Error::NotFound)));
        assert!(refusals().await > recorded);
    })
    .await;
}

#[tokio::test]
async fn what_is_hidden_and_what_is_missing_are_refused_recorded_and_limited_alike() {
    on_each_demo(async |backend| {
        let (hidden, missing) = (own(&backend).await, AccountNumber::parse("100000008").unwrap());
        let attempt = async |number| {
            let refused = integrations::optimise_bandwidth(&backend, &other_partner(), number, true).await;
            let recorded = find(&backend, &other_partner(), Of::Partner, &ActivityQuery::default()).await.unwrap();
            let latest = &recorded.rows[0];
            let record = (latest.kind, latest.changes.clone(), latest.account.clone(), latest.person_name.clone());
            (format!("{refused:?}"), record, rate_limits(&backend).await)
        };
        let mut counted = 0;
        for round in 0..50 {
            for number in if round % 2 == 0 { [hidden, missing] } else { [missing, hidden] } {
                let (refused, record, limits) = attempt(number).await;
                counted += 1;
                assert_eq!(refused, "Err(NotFound)");
                assert_eq!((record.0, &record.2), (ActivityKind::AttemptRefused, &None));
                assert_eq!((record.1[0].old.as_str(), record.3.as_str()), ("hidden", "Jonas Keller"));
                assert_eq!(limits.iter().map(|(count, _)| count).sum::<i32>(), counted);
            }
        }
        let before = rows(&backend, "activity").await;
        let (hidden, missing) = (attempt(hidden).await, attempt(missing).await);
        assert!(hidden.0.contains("RateLimited"), "{}", hidden.0);
        assert_eq!(hidden, missing);
        assert_eq!(rows(&backend, "activity").await, before);
        assert_eq!(hidden.2[0].0, counted);
    })
    .await;
}

#[tokio::test]
async fn an_export_breaks_off_when_its_person_may_no_longer_see_the_account() {
    on_each_demo(async |backend| {
        let number = own(&backend).await;
        for round in 0..1100 {
            integrations::optimise_bandwidth(&backend, &admin(), number, page_bandwidth(round)).await.unwrap();
        }
        let query = ActivityQuery::default();
        let exported = export(backend.clone(), &admin(), Of::Account(number), query, Format::JsonLines).await.unwrap();
        let mut pieces = std::pin::pin!(exported);
        assert!(pieces.try_next().await.unwrap().is_some());
        lifecycle::deactivate(&backend, &partner(), number).await.unwrap();
        assert!(matches!(pieces.try_next().await, Err(Error::NotFound)));
    })
    .await;
}

#[tokio::test]
async fn a_record_is_found_by_words_person_kind_and_day() {
    on_each_demo(async |backend| {
        let number = own(&backend).await;
        contacts::add(&backend, &admin(), number, "zanzibar@example.net").await.unwrap();
        let one = |page: ActivityPage| {
            assert_eq!(page.rows.len(), 1, "{:?}", page.rows);
            page.rows.into_iter().next().unwrap()
        };
        let record = one(all(&backend, &search("ZANZI")).await);
        assert_eq!((record.kind, record.person_name.as_str()), (ActivityKind::SupportContactAdded, "Paolo Rossi"));
        assert_eq!(record.account.unwrap().0, number);
        one(all(&backend, &search("zanzibar net")).await);
        assert!(all(&backend, &search("zanzibar nothing")).await.rows.is_empty());
        assert!(all(&backend, &search("--")).await.rows.is_empty());
        let query = ActivityQuery { person: "ross pa".into(), kind: Some(record.kind), ..search("zanzibar") };
        one(all(&backend, &query).await);
        assert!(all(&backend, &ActivityQuery { person: "nobody".into(), ..search("") }).await.rows.is_empty());
        let today = backend.clock.now().date();
        let query = ActivityQuery { from: Some(today), until: Some(today), ..ActivityQuery::default() };
        assert!(one(all(&backend, &query).await).at == backend.clock.now());
        let query = ActivityQuery { until: Some(today.yesterday().unwrap()), ..search("zanzibar") };
        assert!(all(&backend, &query).await.rows.is_empty());
        // By the account: all that was done to it, and nothing else.
        let by_account = all(&backend, &search(&number.to_string())).await;
        assert!(by_account.rows.len() > 1);
        assert!(by_account.rows.iter().all(|row| row.account.as_ref().is_some_and(|(found, _)| *found == number)));
        let on_account = find(&backend, &admin(), Of::Account(number), &search("zanzibar")).await.unwrap();
        one(on_account);
    })
    .await;
}

#[tokio::test]
async fn a_word_of_many_records_is_found_as_one_of_few() {
    on_each_demo(async |backend| {
        let number = own(&backend).await;
        for round in 0..2100 {
            integrations::optimise_bandwidth(&backend, &admin(), number, page_bandwidth(round)).await.unwrap();
        }
        contacts::add(&backend, &admin(), number, "zanzibar@example.net").await.unwrap();
        // «on» is in thousands of records: the order of time is walked.
        let many = all(&backend, &search("on")).await;
        assert_eq!(many.rows.len(), 50);
        assert!(many.rows.iter().all(|row| row.kind == ActivityKind::CallServiceSwitched));
        assert_eq!(all(&backend, &search("zanzibar example")).await.rows.len(), 1);
    })
    .await;
}

const fn page_bandwidth(round: u32) -> bool {
    round % 2 == 1
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repeat() {
    on_each_demo(async |backend| {
        for query in [
            ActivityQuery::default(),
            ActivityQuery { person: "m".into(), ..search("") },
            ActivityQuery { person: "marta".into(), ..search("") },
        ] {
            let mut query = query;
            let (mut seen, mut pages) = (Vec::new(), Vec::new());
            loop {
                let page = all(&backend, &query).await;
                seen.extend(page.rows.iter().map(|row| (row.at, row.id)));
                pages.push(page.clone());
                let Some(next) = page.next else { break };
                query.cursor = Some(next);
            }
            assert!(seen.is_sorted_by(|one, other| one > other), "later first, each once");
            assert!(pages.len() > 1, "there is more than a page");
            let last = pages.len() - 1;
            query.cursor = pages[last].previous;
            assert_eq!(all(&backend, &query).await.rows, pages[last - 1].rows);
        }
    })
    .await;
}

#[tokio::test]
async fn each_sees_what_is_theirs_and_nothing_else() {
    on_each_demo(async |backend| {
        let number = own(&backend).await;
        let everything = ActivityQuery::default();
        let mine = accounts(&backend, &manager(), "").await;
        let mut query = everything.clone();
        let mut of_manager = 0;
        loop {
            let page = find(&backend, &manager(), Of::Partner, &query).await.unwrap();
            of_manager += page.rows.len();
            assert!(page.rows.iter().all(|row| mine.contains(&row.account.as_ref().unwrap().0)));
            match page.next {
                Some(next) => query.cursor = Some(next),
                None => break,
            }
        }
        assert!(of_manager > 5);
        let theirs = accounts(&backend, &other_partner(), "").await;
        let page = find(&backend, &other_partner(), Of::Partner, &everything).await.unwrap();
        assert!(page.rows.iter().all(|row| row.account.as_ref().is_none_or(|(found, _)| theirs.contains(found))));
        assert!(!find(&backend, &admin(), Of::Account(number), &everything).await.unwrap().rows.is_empty());
        for (caller, of) in [
            (admin(), Of::Partner),
            (user(), Of::Partner),
            (user(), Of::Account(number)),
            (other_partner(), Of::Account(number)),
            (manager(), Of::Account(theirs[0])),
        ] {
            let result = find(&backend, &caller, of, &everything).await;
            assert!(matches!(result, Err(Error::NotFound)), "{caller:?} {of:?} {result:?}");
            let result = export(backend.clone(), &caller, of, everything.clone(), Format::Csv(Locale::En)).await;
            assert!(matches!(result.map(|_| ()), Err(Error::NotFound)));
        }
    })
    .await;
}

#[tokio::test]
async fn an_export_holds_every_record_in_both_forms() {
    on_each_demo(async |backend| {
        let number = own(&backend).await;
        let form = CustomerForm {
            name: "=HYPERLINK(\"x\")".into(),
            city: "Città, «nuova»".into(),
            ..page(&backend, number).await.customer
        };
        let format = catalogue::format(CountryCode::parse(&form.country).unwrap());
        let customer = CustomerInformation::parse(&form, Some(format)).unwrap();
        information::save(&backend, &partner(), number, 1, &customer).await.unwrap();
        // More than are read at once.
        for round in 0..1100 {
            integrations::optimise_bandwidth(&backend, &admin(), number, page_bandwidth(round)).await.unwrap();
        }
        let text = async |format| {
            let pieces =
                export(backend.clone(), &partner(), Of::Account(number), ActivityQuery::default(), format).await;
            pieces.unwrap().try_collect::<String>().await.unwrap()
        };
        let lines = text(Format::JsonLines).await;
        let objects: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(objects.len() > 1100);
        let saved = objects.iter().find(|object| object["kind"] == "customer_information_changed").unwrap();
        assert_eq!(saved["account_id"], number.to_string());
        assert_eq!((&saved["person_id"], &saved["person_email"]), (&1.into(), &"partner@example.com".into()));
        assert!(saved["changes"].as_array().unwrap().iter().any(|change| change["new"] == form.city));
        let table = text(Format::Csv(Locale::En)).await;
        let mut table = csv::Reader::from_reader(table.as_bytes());
        assert_eq!(
            table.headers().unwrap().iter().collect::<Vec<_>>().join(" "),
            "time person person_id person_email account_id account kind field old new"
        );
        let rows: Vec<csv::StringRecord> = table.records().map(Result::unwrap).collect();
        let changes: usize = objects.iter().map(|object| object["changes"].as_array().unwrap().len().max(1)).sum();
        assert_eq!(rows.len(), changes);
        let name =
            rows.iter().find(|row| &row[7] == CustomerField::Name.key() && row[9].contains("HYPERLINK")).unwrap();
        assert_eq!((&name[2], &name[3]), ("1", "partner@example.com"));
        assert_eq!(&name[9], "'=HYPERLINK(\"x\")", "a spreadsheet takes it for text");
        assert_eq!(&name[0], "2026-01-15T10:00:00Z");
    })
    .await;
}

#[tokio::test]
async fn a_cursor_of_nowhere_is_no_harm() {
    on_each_demo(async |backend| {
        for at in [i64::MIN, 0, i64::MAX] {
            for before in [false, true] {
                let cursor = Some(ActivityCursor { at: Timestamp(at), id: i64::MAX, before });
                all(&backend, &ActivityQuery { cursor, ..ActivityQuery::default() }).await;
            }
        }
    })
    .await;
}
