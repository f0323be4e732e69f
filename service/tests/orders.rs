//! Orders and subscriptions, on both databases.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;

use domain::view::orders::{OrderFilter, OrderQuery};
use std::{future::poll_fn, pin::pin, task::Poll};

use common::{accounts, admin, manager, other_partner, own, page, partner, refused, user};
use domain::{
    account_number::AccountNumber,
    activity::ActivityKind,
    customer::FieldError,
    integrations::{Effect, IntegrationKey, Wanted},
    order::{SubscriptionStatus, TrackingNumber},
    order_file::OrderColumn,
};
use service::{
    Backend, Error,
    accounts::lifecycle,
    demo,
    idempotency::IdempotencyKey,
    integrations,
    orders::{
        self,
        assign::{assign, correct, remove, undo_removal},
        import::{import, preview, resume_all},
        list::list,
    },
    testing::{inconsistencies, on_each_demo},
};
use tokio::task::JoinSet;

const FILE: &str = "Tracking number;Product;Plan;Quantity;Purchase date;Start date;End date;SAP order;\
    SAP customer number;Purchase orders\n\
    X-1;Mitel One;Premier;10;2026-01-10;;2027-01-09;4500001;0009990001;\"PQ-7, PQ-8\"\n\
    x-2;miteam-meetings;Annual;3;2026-01-11;2026-03-01;;;;\n\
    ;Mitel One;Premier;10;2026-01-10;;;;;\n\
    X-1;Mitel One;Premier;10;2026-01-10;;;;;\n\
    X-3;Unheard of;;many;10.1.2026;;2020-01-01;;;\n";

fn number(text: &str) -> TrackingNumber {
    TrackingNumber::parse(text).unwrap()
}

async fn found(backend: &Backend, filter: OrderFilter, search: &str) -> Vec<String> {
    let query = OrderQuery { search: search.into(), filter, cursor: None };
    let page = list(backend, &partner(), &query).await.unwrap();
    page.rows.into_iter().map(|row| row.order.tracking_number.to_string()).collect()
}

async fn some_accounts(backend: &Backend) -> (AccountNumber, AccountNumber) {
    let own = own(backend).await;
    let other = accounts(backend, &manager(), "").await.into_iter().find(|number| *number != own).unwrap();
    (own, other)
}

#[tokio::test]
async fn a_preview_names_each_bad_row_and_changes_nothing() {
    on_each_demo(async |backend| {
        let before = found(&backend, OrderFilter::All, "").await;
        let preview = preview(&backend, &partner(), FILE).await.unwrap();
        let good: Vec<_> = preview.good.iter().map(|row| (row.line, row.order.tracking_number.as_str())).collect();
        assert_eq!(good, [(2, "X-1"), (3, "X-2")]);
        let bad = preview
            .bad
            .iter()
            .map(|row| (row.line, row.faults.iter().map(|fault| (fault.column, fault.value.as_str())).collect()))
            .collect::<Vec<(u64, Vec<_>)>>();
        assert_eq!(
            bad,
            [
                (4, vec![(Some(OrderColumn::TrackingNumber), "")]),
                (5, vec![(Some(OrderColumn::TrackingNumber), "X-1")]),
                (
                    6,
                    vec![
                        (Some(OrderColumn::Product), "Unheard of"),
                        (Some(OrderColumn::Plan), ""),
                        (Some(OrderColumn::Quantity), "many"),
                        (Some(OrderColumn::PurchaseDate), "10.1.2026"),
                    ]
                ),
            ]
        );
        assert_eq!(preview.bad[1].faults[0].error, FieldError::SameAsLine { line: 2 });
        assert_eq!(found(&backend, OrderFilter::All, "").await, before);
        for csv in ["", "a,b\n1,2"] {
            let error = refused(orders::import::preview(&backend, &partner(), csv).await);
            assert!(matches!(error, FieldError::File(_)), "{csv}: {error:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_import_is_found_by_every_number_and_cannot_be_repeated() {
    on_each_demo(async |backend| {
        let told_another = import(&backend, &partner(), FILE, Some(3)).await;
        assert!(matches!(told_another, Err(Error::Outdated)), "{told_another:?}");
        let imported = import(&backend, &partner(), FILE, Some(2)).await.unwrap();
        assert_eq!(imported.orders, 2);
        for search in ["x-1", "4500001", "pq-7", "PQ8"] {
            assert_eq!(found(&backend, OrderFilter::All, search).await, ["X-1"], "{search}");
        }
        assert_eq!(found(&backend, OrderFilter::Import(imported.import), "").await, ["X-2", "X-1"]);
        assert_eq!(refused(import(&backend, &partner(), FILE, None).await), FieldError::NothingToImport);
        let order = orders::find(&backend, &partner(), &number("x-2")).await.unwrap().order;
        assert_eq!((order.status, order.remaining), (SubscriptionStatus::Pending, 3));
        assert!(matches!(orders::find(&backend, &other_partner(), &number("X-2")).await, Err(Error::NotFound)));
        assert!(matches!(import(&backend, &manager(), FILE, None).await, Err(Error::Forbidden(_))));
        assert!(matches!(import(&backend, &admin(), FILE, None).await, Err(Error::NotFound)));
    })
    .await;
}

#[tokio::test]
async fn a_file_can_name_the_account_of_each_order() {
    on_each_demo(async |backend| {
        let number_of_own = own(&backend).await;
        let csv = format!(
            "tracking_number,product,plan,quantity,purchase_date,account\nY-1,Mitel One,A,2,2026-01-01,{}\n\
             Y-2,Mitel One,A,2,2026-01-01,123456789\n",
            number_of_own.grouped()
        );
        let preview = preview(&backend, &partner(), &csv).await.unwrap();
        let fault = &preview.bad[0].faults[0];
        assert_eq!((fault.column, &fault.error), (Some(OrderColumn::Account), &FieldError::UnknownAccount));
        import(&backend, &partner(), &csv, None).await.unwrap();
        assert!(page(&backend, number_of_own).await.subscriptions.iter().any(|one| one.number == "Y-1-1"));
    })
    .await;
}

#[tokio::test]
async fn an_order_is_split_corrected_and_brings_the_sap_number() {
    on_each_demo(async |backend| {
        import(&backend, &partner(), FILE, None).await.unwrap();
        let (one, other) = some_accounts(&backend).await;
        let order = number("X-1");
        let sap_before = page(&backend, other).await.sap_number;
        assign(&backend, &manager(), &order, 1, one, 6).await.unwrap();
        assert_eq!(page(&backend, one).await.sap_number.as_deref(), Some("0009990001"));
        assert!(accounts(&backend, &partner(), "0009990001").await.contains(&one));
        assert_eq!(refused(assign(&backend, &partner(), &order, 2, other, 5).await), FieldError::Quantity { max: 4 });
        assign(&backend, &partner(), &order, 2, other, 4).await.unwrap();
        let shown = |page: domain::view::account::AccountInformation| {
            let found = page.subscriptions.into_iter().find(|one| one.tracking_number == "X-1");
            found.map(|found| (found.number, found.assigned, found.order.map(|order| (order.ordered, order.free))))
        };
        assert_eq!(shown(page(&backend, one).await), Some(("X-1-1".into(), 6, Some((10, 0)))));
        // To the people of the account, what else was ordered is not told.
        let own = service::accounts::information::find(&backend, &admin(), one).await.unwrap();
        assert_eq!(shown(own), Some(("X-1-1".into(), 6, None)));
        // All of it was for the other account.
        correct(&backend, &partner(), &order, 3, one, other, 6).await.unwrap();
        assert_eq!(shown(page(&backend, one).await), None);
        assert_eq!(shown(page(&backend, other).await).unwrap().1, 10);
        correct(&backend, &partner(), &order, 4, other, other, 3).await.unwrap();
        assert_eq!(shown(page(&backend, other).await), Some(("X-1-2".into(), 3, Some((10, 7)))));
        correct(&backend, &partner(), &order, 5, other, other, 0).await.unwrap();
        let details = orders::find(&backend, &partner(), &order).await.unwrap();
        assert_eq!((details.order.remaining, details.assignments.len()), (10, 0));
        assert_ne!(page(&backend, one).await.sap_number.as_deref(), Some("0009990001"));
        assert_eq!(page(&backend, other).await.sap_number, sap_before);
        let latest = &page(&backend, other).await.activity[0];
        assert_eq!(latest.kind, ActivityKind::OrderCorrected);
        assert_eq!((latest.changes[0].old.as_str(), latest.changes[0].new.as_str()), ("3", ""));
    })
    .await;
}

#[tokio::test]
async fn of_two_who_assign_the_same_order_at_once_one_is_told() {
    on_each_demo(async |backend| {
        import(&backend, &partner(), FILE, None).await.unwrap();
        let (one, other) = some_accounts(&backend).await;
        let mut tasks = JoinSet::new();
        for to in [one, other] {
            let backend = backend.clone();
            tasks.spawn(async move { assign(&backend, &partner(), &number("X-1"), 1, to, 10).await });
        }
        let results = tasks.join_all().await;
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
        assert!(results.iter().any(|result| matches!(result, Err(Error::Outdated))), "{results:?}");
        let details = orders::find(&backend, &partner(), &number("X-1")).await.unwrap();
        assert_eq!((details.order.remaining, details.assignments.len()), (0, 1));
    })
    .await;
}

#[tokio::test]
async fn corrections_that_meet_in_a_circle_both_end() {
    on_each_demo(async |backend| {
        import(&backend, &partner(), FILE, None).await.unwrap();
        let (one, other) = some_accounts(&backend).await;
        assign(&backend, &partner(), &number("X-1"), 1, one, 5).await.unwrap();
        assign(&backend, &partner(), &number("X-2"), 1, other, 3).await.unwrap();
        let mut tasks = JoinSet::new();
        for (order, from, to, quantity) in [("X-1", one, other, 5), ("X-2", other, one, 3)] {
            let backend = backend.clone();
            tasks.spawn(async move { correct(&backend, &partner(), &number(order), 2, from, to, quantity).await });
        }
        for result in tasks.join_all().await {
            result.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn managers_see_the_orders_of_their_accounts_and_assign_to_them() {
    on_each_demo(async |backend| {
        import(&backend, &partner(), FILE, None).await.unwrap();
        let mine = accounts(&backend, &manager(), "").await;
        let all = accounts(&backend, &partner(), "").await;
        let foreign = *all.iter().find(|number| !mine.contains(number)).unwrap();
        let to_foreign = assign(&backend, &manager(), &number("X-1"), 1, foreign, 1).await;
        assert_eq!(refused(to_foreign), FieldError::UnknownAccount);
        assign(&backend, &partner(), &number("X-1"), 1, foreign, 10).await.unwrap();
        let correction = correct(&backend, &manager(), &number("X-1"), 2, foreign, mine[0], 10).await;
        assert!(matches!(correction, Err(Error::NotFound)), "{correction:?}");
        assert_eq!(page(&backend, foreign).await.activity[0].kind, ActivityKind::AttemptRefused);
        for version in [1, 2, 3] {
            let hidden = assign(&backend, &manager(), &number("X-1"), version, mine[0], 1).await;
            let missing = assign(&backend, &manager(), &number("X-404"), version, mine[0], 1).await;
            assert_eq!(
                (format!("{hidden:?}"), format!("{missing:?}")),
                ("Err(NotFound)".into(), "Err(NotFound)".into())
            );
        }
        // Nothing is left of it, and what was assigned is none of theirs.
        assert!(matches!(orders::find(&backend, &manager(), &number("X-1")).await, Err(Error::NotFound)));
        for version in [1, 2] {
            let result = assign(&backend, &manager(), &number("X-1"), version, mine[0], 1).await;
            assert!(matches!(result, Err(Error::NotFound)), "{result:?}");
        }
        let query = OrderQuery { search: "X-1".into(), ..OrderQuery::default() };
        assert!(list(&backend, &manager(), &query).await.unwrap().rows.is_empty());
        for caller in [admin(), user()] {
            assert!(matches!(list(&backend, &caller, &query).await, Err(Error::NotFound)));
            let result = assign(&backend, &caller, &number("X-2"), 1, mine[0], 1).await;
            assert!(matches!(result, Err(Error::NotFound)), "{result:?}");
        }
        let rows = list(&backend, &manager(), &OrderQuery::default()).await.unwrap().rows;
        let of_others =
            |row: &&domain::view::orders::ListedOrder| row.assignments.iter().any(|one| one.account.is_none());
        assert!(rows.iter().filter(of_others).all(|row| row.order.remaining > 0 || row.accounts > 1));
    })
    .await;
}

#[tokio::test]
async fn each_filter_shows_what_it_says_page_by_page() {
    on_each_demo(async |backend| {
        use SubscriptionStatus::{Expired, Expiring};
        for filter in [OrderFilter::All, OrderFilter::Unassigned, OrderFilter::Expiring, OrderFilter::Expired] {
            let mut query = OrderQuery { filter, ..OrderQuery::default() };
            let mut all = Vec::new();
            let mut begins = 0;
            loop {
                let page = list(&backend, &partner(), &query).await.unwrap();
                begins = begins.max(all.len());
                for row in &page.rows {
                    let order = &row.order;
                    let right = match filter {
                        OrderFilter::All | OrderFilter::Import(_) => true,
                        OrderFilter::Unassigned => order.remaining > 0,
                        OrderFilter::Expiring => order.status == Expiring,
                        OrderFilter::Expired => order.status == Expired,
                    };
                    assert!(right, "{filter:?}: {order:?}");
                }
                all.extend(page.rows.into_iter().map(|row| row.order.tracking_number));
                match page.next {
                    Some(next) => query.cursor = Some(next),
                    None => break,
                }
            }
            let mut unique = all.clone();
            unique.sort();
            unique.dedup();
            assert!(!all.is_empty() && unique.len() == all.len(), "{filter:?}");
            if let Some(cursor) = query.cursor {
                let back = domain::view::orders::OrderCursor { before: true, ..cursor };
                let page = list(&backend, &partner(), &OrderQuery { cursor: Some(back), ..query }).await.unwrap();
                // The last page begins after the cursor's order, and this one ends before it.
                let (end, count) = (begins - 1, page.rows.len());
                assert!(page.rows.iter().map(|row| &row.order.tracking_number).eq(&all[end - count..end]));
            }
        }
        let (own, _) = some_accounts(&backend).await;
        let name = page(&backend, own).await.customer.name;
        let by_account = found(&backend, OrderFilter::All, &name).await;
        let subscriptions = page(&backend, own).await.subscriptions;
        assert!(!by_account.is_empty());
        assert!(subscriptions.iter().all(|one| by_account.contains(&one.tracking_number)));
    })
    .await;
}

#[tokio::test]
async fn an_integration_that_goes_off_says_which_licences_stay() {
    on_each_demo(async |backend| {
        let number = own(&backend).await;
        let key = IntegrationKey::parse("mitel-one").unwrap();
        let licences: i64 = page(&backend, number)
            .await
            .subscriptions
            .iter()
            .filter(|one| one.application == key && one.status != SubscriptionStatus::Expired)
            .map(|one| one.assigned)
            .sum();
        assert!(licences > 0);
        let on = Wanted::Switch { key: key.clone(), on: true };
        let off = Wanted::Switch { key: key.clone(), on: false };
        if let Err(Error::Unconfirmed(effects)) = integrations::change(&backend, &partner(), number, &on, &[]).await {
            integrations::change(&backend, &partner(), number, &on, &effects).await.unwrap();
        }
        match integrations::change(&backend, &partner(), number, &off, &[]).await {
            Err(Error::Unconfirmed(effects)) => {
                assert!(effects.contains(&Effect::LicencesStay(key, licences.unsigned_abs())), "{effects:?}");
            }
            other => panic!("{other:?}"),
        }
    })
    .await;
}

#[tokio::test]
async fn what_a_purged_account_had_goes_back_to_its_orders() {
    on_each_demo(async |backend| {
        import(&backend, &partner(), FILE, None).await.unwrap();
        let (_, other) = some_accounts(&backend).await;
        assign(&backend, &partner(), &number("X-1"), 1, other, 10).await.unwrap();
        let name = page(&backend, other).await.customer.name;
        lifecycle::delete(&backend, &partner(), other, &name).await.unwrap();
        assert_eq!(orders::find(&backend, &partner(), &number("X-1")).await.unwrap().order.remaining, 0);
        let later = backend.clock.now().plus_seconds(31 * 24 * 3600);
        backend.clock.set(later);
        assert!(lifecycle::purge(&backend).await.unwrap() > 0);
        let details = orders::find(&backend, &partner(), &number("X-1")).await.unwrap();
        assert_eq!((details.order.remaining, details.assignments.len()), (10, 0));
    })
    .await;
}

/// A file of `count` orders, each for the account `to`, whose SAP number is that of the last.
fn many(prefix: &str, count: u32, to: AccountNumber) -> String {
    let header = "tracking_number,product,plan,quantity,purchase_date,sap_customer_number,account";
    let row = |place| format!("{prefix}-{place},Mitel One,A,2,2026-01-01,{prefix}9{place},{to}");
    std::iter::once(header.to_owned()).chain((1..=count).map(row)).map(|line| line + "\n").collect()
}

#[tokio::test]
async fn a_file_of_many_orders_is_imported_whole_with_their_accounts() {
    on_each_demo(async |backend| {
        let (own, _) = some_accounts(&backend).await;
        let before = page(&backend, own).await.subscriptions.len();
        let csv = many("M", 250, own);
        assert_eq!(import(&backend, &partner(), &csv, Some(250)).await.unwrap().orders, 250);
        let after = page(&backend, own).await;
        assert_eq!(after.subscriptions.len(), before + 250);
        assert_eq!(after.sap_number.as_deref(), Some("M9250"));
        assert!(accounts(&backend, &partner(), "M9250").await.contains(&own));
        assert!(accounts(&backend, &partner(), "M9100").await.is_empty());
        assert_eq!(after.activity[0].kind, ActivityKind::OrderAssigned);
        let last = orders::find(&backend, &partner(), &number("M-250")).await.unwrap();
        assert_eq!((last.order.remaining, last.assignments[0].number.as_str()), (0, "M-250-1"));
        assert_eq!(inconsistencies(&backend).await, Vec::<String>::new());
    })
    .await;
}

/// Runs `work` until it has been polled `polls` times, and gives it up then.
async fn cut_off<T>(polls: u32, work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    let mut count = 0;
    poll_fn(|context| {
        if count == polls {
            return Poll::Ready(None);
        }
        count += 1;
        work.as_mut().poll(context).map(Some)
    })
    .await
}

#[tokio::test]
async fn an_import_that_is_cut_off_anywhere_is_there_whole_or_not_at_all_once_resumed() {
    on_each_demo(async |backend| {
        let (own, _) = some_accounts(&backend).await;
        let mut kept = 0;
        for round in 0..12_u32 {
            let prefix = format!("C{round}");
            let csv = many(&prefix, 350, own);
            let done = cut_off(2_u32.pow(round), import(&backend, &partner(), &csv, None)).await;
            resume_all(&backend).await.unwrap();
            let preview = preview(&backend, &partner(), &csv).await.unwrap();
            assert!([0, 350].contains(&preview.bad.len()), "{} of 350 after {round}", preview.bad.len());
            assert!(done.is_none() || preview.good.is_empty());
            kept += usize::from(preview.good.is_empty());
            assert_eq!(inconsistencies(&backend).await, Vec::<String>::new());
        }
        assert!(kept > 0);
    })
    .await;
}

fn keyed(backend: &Backend) -> Backend {
    backend.with_idempotency_key(Some(IdempotencyKey::random().unwrap()))
}

#[tokio::test]
async fn an_import_that_is_sent_again_leads_to_the_first() {
    on_each_demo(async |backend| {
        let (own, _) = some_accounts(&backend).await;
        let csv = many("S", 150, own);
        let once = keyed(&backend);
        let mut tasks = JoinSet::new();
        for csv in [csv.clone(), csv.replace('\n', "\r\n")] {
            let once = once.clone();
            tasks.spawn(async move { import(&once, &partner(), &csv, Some(150)).await.unwrap() });
        }
        let imported = tasks.join_all().await;
        assert_eq!(imported[0], imported[1]);
        assert_eq!(import(&once, &partner(), &csv, Some(150)).await.unwrap(), imported[0]);
        assert_eq!(refused(import(&keyed(&backend), &partner(), &csv, None).await), FieldError::NothingToImport);
    })
    .await;
}

#[tokio::test]
async fn a_cut_off_import_that_is_sent_again_is_completed() {
    on_each_demo(async |backend| {
        let (own, _) = some_accounts(&backend).await;
        for round in 0..12_u32 {
            let (once, csv) = (keyed(&backend), many(&format!("A{round}"), 250, own));
            cut_off(2_u32.pow(round), import(&once, &partner(), &csv, Some(250))).await;
            assert_eq!(import(&once, &partner(), &csv, Some(250)).await.unwrap().orders, 250, "{round}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_assignment_that_is_sent_again_is_made_once() {
    on_each_demo(async |backend| {
        import(&backend, &partner(), FILE, None).await.unwrap();
        let (account, _) = some_accounts(&backend).await;
        let once = keyed(&backend);
        for _ in 0..2 {
            assign(&once, &partner(), &number("X-1"), 1, account, 4).await.unwrap();
        }
        assert_eq!(orders::find(&backend, &partner(), &number("X-1")).await.unwrap().order.remaining, 6);
        let another = assign(&keyed(&backend), &partner(), &number("X-1"), 1, account, 4).await;
        assert!(matches!(another, Err(Error::Outdated)), "{another:?}");
    })
    .await;
}

#[tokio::test]
async fn a_removal_is_undone_under_the_number_of_before() {
    on_each_demo(async |backend| {
        import(&backend, &partner(), FILE, None).await.unwrap();
        let (one, other) = some_accounts(&backend).await;
        let order = number("X-1");
        assign(&backend, &partner(), &order, 1, one, 5).await.unwrap();
        let removed = remove(&backend, &partner(), &order, 2, one).await.unwrap();
        assert_eq!((removed.number.as_str(), removed.quantity), ("X-1-1", 5));
        for number in ["X-1-2", "X-1-0", "X-1-01", "X-2-1", ""] {
            let forged = domain::view::orders::RemovedAssignment { number: number.into(), ..removed.clone() };
            let result = undo_removal(&backend, &partner(), &order, 3, &forged).await;
            assert!(matches!(result, Err(Error::Outdated)), "{number}: {result:?}");
        }
        undo_removal(&backend, &partner(), &order, 3, &removed).await.unwrap();
        let details = orders::find(&backend, &partner(), &order).await.unwrap();
        assert_eq!((details.order.remaining, details.assignments[0].number.as_str()), (5, "X-1-1"));
        assert_eq!(page(&backend, one).await.activity[0].kind, ActivityKind::ChangeUndone);
        let removed = remove(&backend, &partner(), &order, 4, one).await.unwrap();
        assign(&backend, &partner(), &order, 5, other, 8).await.unwrap();
        let result = undo_removal(&backend, &partner(), &order, 6, &removed).await;
        assert!(matches!(result, Err(Error::Outdated)), "{result:?}");
        assert_eq!(inconsistencies(&backend).await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn the_demo_is_cleared_with_all_that_was_imported_into_it() {
    on_each_demo(async |backend| {
        import(&backend, &partner(), FILE, None).await.unwrap();
        demo::clear(&backend).await.unwrap();
        demo::seed(&backend, &demo::Demo::default(), |_| ()).await.unwrap();
        assert_eq!(inconsistencies(&backend).await, Vec::<String>::new());
    })
    .await;
}
