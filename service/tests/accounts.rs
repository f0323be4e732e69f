//! Accounts: adding, finding, listing, saving; each on both databases.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test says what it expects by failing")]

use domain::view::accounts::{AccountQuery, AccountSort, StatusFilter};
use std::collections::HashSet;

use domain::{
    account::AccountStatus,
    account_number::AccountNumber,
    country::{CountryCode, catalogue},
    customer::{CustomerField, CustomerForm, CustomerInformation, FieldError},
    email::EmailAddress,
    id::{AccountId, MembershipId, PartnerId, PersonId},
    locale::Locale,
    rights::{Decision, Reason},
    role::{Caller, Seat},
};
use service::{
    Backend, Error,
    accounts::{
        add::{self, NewAccount},
        information,
        list::{self},
    },
    search::Limits,
    testing::on_each_demo,
};

fn caller(seat: Seat) -> Caller {
    Caller { person: PersonId(1), name: "Marta Bianchi".into(), seat }
}

fn partner_admin() -> Caller {
    caller(Seat::PartnerAdmin { partner: PartnerId(1) })
}

fn manager() -> Caller {
    caller(Seat::AccountManager { partner: PartnerId(1), membership: MembershipId(2) })
}

fn other_partner() -> Caller {
    caller(Seat::PartnerAdmin { partner: PartnerId(2) })
}

fn account_admin() -> Caller {
    caller(Seat::AccountAdmin { partner: PartnerId(1), account: AccountId(1) })
}

fn user() -> Caller {
    caller(Seat::User { partner: PartnerId(1), account: AccountId(1) })
}

fn parse(form: &CustomerForm) -> CustomerInformation {
    CustomerInformation::parse(form, Some(catalogue::format(CountryCode::parse(&form.country).unwrap()))).unwrap()
}

async fn rossi(backend: &Backend) -> AccountNumber {
    information::own_number(backend, &account_admin()).await.unwrap()
}

fn search(text: &str) -> AccountQuery {
    AccountQuery { search: text.into(), ..AccountQuery::default() }
}

async fn names(backend: &Backend, caller: &Caller, query: &AccountQuery) -> Vec<String> {
    list::list(backend, caller, query).await.unwrap().rows.into_iter().map(|row| row.name).collect()
}

/// Every row of every page, in order.
async fn all(
    backend: &Backend,
    caller: &Caller,
    mut query: AccountQuery,
) -> Vec<domain::view::accounts::ListedAccount> {
    let mut rows = Vec::new();
    loop {
        let page = list::list(backend, caller, &query).await.unwrap();
        rows.extend(page.rows);
        match page.next {
            Some(next) => query.cursor = Some(next),
            None => return rows,
        }
    }
}

#[tokio::test]
async fn a_partner_lists_their_accounts_and_nobody_elses() {
    on_each_demo(async |backend| {
        let own = all(&backend, &partner_admin(), AccountQuery::default()).await;
        let others = all(&backend, &other_partner(), AccountQuery::default()).await;
        assert_eq!((own.len(), others.len()), (156, 39));
        let own: HashSet<_> = own.iter().map(|row| row.number).collect();
        assert!(others.iter().all(|row| !own.contains(&row.number)));
        assert_eq!(all(&backend, &manager(), AccountQuery::default()).await.len(), 5);
        for caller in [account_admin(), user()] {
            assert!(matches!(list::list(&backend, &caller, &AccountQuery::default()).await, Err(Error::NotFound)));
        }
    })
    .await;
}

#[tokio::test]
async fn every_order_pages_forward_and_back_without_gap_or_repeat() {
    on_each_demo(async |backend| {
        for sort in [AccountSort::Name, AccountSort::Number, AccountSort::City, AccountSort::Country] {
            for descending in [false, true] {
                let query = AccountQuery { sort, descending, ..AccountQuery::default() };
                let rows = all(&backend, &partner_admin(), query.clone()).await;
                let distinct: HashSet<_> = rows.iter().map(|row| row.number).collect();
                assert_eq!((rows.len(), distinct.len()), (156, 156), "{sort:?} {descending}");
                assert_sorted(&rows, sort, descending);

                let first = list::list(&backend, &partner_admin(), &query).await.unwrap();
                let second = AccountQuery { cursor: first.next.clone(), ..query.clone() };
                let second = list::list(&backend, &partner_admin(), &second).await.unwrap();
                let back = AccountQuery { cursor: second.previous, ..query };
                let back = list::list(&backend, &partner_admin(), &back).await.unwrap();
                assert_eq!(back.rows, first.rows, "{sort:?} {descending}");
                assert_eq!(back.previous, None);
            }
        }
    })
    .await;
}

fn assert_sorted(rows: &[domain::view::accounts::ListedAccount], sort: AccountSort, descending: bool) {
    let key = |row: &domain::view::accounts::ListedAccount| match sort {
        AccountSort::Number => row.number.to_string(),
        // By the name that is shown.
        AccountSort::Country => catalogue::name(CountryCode::parse(&row.country).unwrap(), Locale::En).to_owned(),
        // Sorted by folded text, of which the first letter without accents is enough to tell.
        AccountSort::Name => row.name.chars().take(1).collect::<String>().to_lowercase().replace('é', "e"),
        AccountSort::City => row.city.clone().unwrap_or_default().chars().take(1).collect::<String>().to_lowercase(),
    };
    assert!(
        rows.windows(2).all(|pair| if descending {
            key(&pair[0]) >= key(&pair[1])
        } else {
            key(&pair[0]) <= key(&pair[1])
        }),
        "{sort:?} {descending}"
    );
}

#[tokio::test]
async fn search_finds_by_the_beginning_of_words_and_by_account_id() {
    on_each_demo(async |backend| {
        let number = rossi(&backend).await;
        let caller = partner_admin();
        for typed in [
            "Rossi Ceramiche S.p",
            "rossi CERA moden",
            &number.to_string(),
            &number.grouped(),
            &number.to_string()[..7],
        ] {
            assert!(
                names(&backend, &caller, &search(typed)).await.contains(&"Rossi Ceramiche S.p.A.".into()),
                "{typed}"
            );
        }
        for typed in ["ossi", "rossi zzzz", "%", "_", "'; DROP TABLE account; --", "\u{10FFFF}"] {
            let page = list::list(&backend, &caller, &search(typed)).await.unwrap();
            assert!(page.similar || page.rows.is_empty(), "{typed}");
        }
        assert!(names(&backend, &other_partner(), &search(&number.to_string())).await.is_empty());
        assert!(names(&backend, &manager(), &search("spedition")).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn every_way_of_searching_finds_the_same() {
    on_each_demo(async |backend| {
        let ways = [(1000, 1000), (0, 1000), (0, 60), (0, 1), (20, 100)];
        let sorts = [AccountSort::Name, AccountSort::Number, AccountSort::City, AccountSort::Country];
        for caller in [partner_admin(), manager()] {
            for (place, text) in
                ["s", "a", "s a", "rossi", "milano", "gmbh", "7", "46", "italia", "svizz", "support1@example", "s.p.a."]
                    .into_iter()
                    .enumerate()
            {
                for (status, sort) in [StatusFilter::All, StatusFilter::Active, StatusFilter::Deleted]
                    .into_iter()
                    .flat_map(|status| [(status, sorts[place % 4]), (status, AccountSort::Country)])
                {
                    for descending in [false, true] {
                        let query = AccountQuery { status, sort, descending, ..search(text) };
                        let mut found = Vec::new();
                        for (gather, walk) in ways {
                            let limits = Limits { gather, walk };
                            let first = list::list_within(&backend, &caller, &query, limits).await.unwrap();
                            let query = AccountQuery { cursor: first.next.clone(), ..query.clone() };
                            let second = list::list_within(&backend, &caller, &query, limits).await.unwrap();
                            found.push((first, second));
                        }
                        let same = found.iter().all(|pages| *pages == found[0]);
                        assert!(same, "{caller:?} {text} {status:?} {sort:?}, descending: {descending}");
                    }
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn the_filter_by_status_and_the_count_agree_with_the_rows() {
    on_each_demo(async |backend| {
        let caller = partner_admin();
        let mut sum = 0;
        for (filter, status) in
            [(StatusFilter::Active, AccountStatus::Active), (StatusFilter::Deactivated, AccountStatus::Deactivated)]
        {
            let query = AccountQuery { status: filter, ..AccountQuery::default() };
            let total = list::list(&backend, &caller, &query).await.unwrap().total;
            let rows = all(&backend, &caller, query).await;
            assert!(!rows.is_empty() && rows.iter().all(|row| row.status == status));
            assert_eq!(total, rows.len() as u64);
            sum += total;
        }
        assert_eq!(list::list(&backend, &caller, &AccountQuery::default()).await.unwrap().total, sum);
    })
    .await;
}

fn new_account() -> NewAccount {
    NewAccount {
        customer: parse(&CustomerForm {
            name: "Żółty Młyn Sp. z o.o.".into(),
            country: "PL".into(),
            language: "en".into(),
            ..CustomerForm::default()
        }),
        cloud_location: "europe".into(),
        support_contact: EmailAddress::parse("help@northwind.example").unwrap(),
    }
}

#[tokio::test]
async fn an_added_account_is_found_by_the_very_next_request() {
    on_each_demo(async |backend| {
        let number = add::add(&backend, &partner_admin(), new_account()).await.unwrap();
        assert_eq!(names(&backend, &partner_admin(), &search("zolty mlyn")).await, ["Żółty Młyn Sp. z o.o."]);
        let page = information::find(&backend, &partner_admin(), number).await.unwrap();
        assert_eq!((page.version, page.status, page.cloud_location.as_str()), (1, AccountStatus::Active, "europe"));
        assert_eq!(page.customer, new_account().customer.to_form());
    })
    .await;
}

#[tokio::test]
async fn only_a_partner_admin_adds_accounts_and_only_in_a_known_location() {
    on_each_demo(async |backend| {
        let refused = add::add(&backend, &manager(), new_account()).await;
        assert!(matches!(refused, Err(Error::Forbidden(Reason::PartnerAdminOnly))));
        for caller in [account_admin(), user()] {
            assert!(matches!(add::add(&backend, &caller, new_account()).await, Err(Error::NotFound)));
        }
        let elsewhere = NewAccount { cloud_location: "atlantis".into(), ..new_account() };
        assert!(matches!(add::add(&backend, &partner_admin(), elsewhere).await, Err(Error::Invalid(_))));
    })
    .await;
}

#[tokio::test]
async fn what_may_not_be_seen_is_as_what_does_not_exist() {
    on_each_demo(async |backend| {
        let number = rossi(&backend).await;
        let form = parse(&information::find(&backend, &partner_admin(), number).await.unwrap().customer);
        for caller in [other_partner(), user()] {
            assert!(matches!(information::find(&backend, &caller, number).await, Err(Error::NotFound)));
            let saved = information::save(&backend, &caller, number, 1, &form).await;
            assert!(matches!(saved, Err(Error::NotFound)));
        }
        let nobodys = AccountNumber::from_index(77);
        assert!(matches!(information::find(&backend, &partner_admin(), nobodys).await, Err(Error::NotFound)));
        for caller in [manager(), account_admin()] {
            assert_eq!(information::find(&backend, &caller, number).await.unwrap().edit, Decision::Allowed);
        }
    })
    .await;
}

#[tokio::test]
async fn a_saved_change_is_stored_and_found_under_its_new_words() {
    on_each_demo(async |backend| {
        let (caller, number) = (account_admin(), rossi(&backend).await);
        let page = information::find(&backend, &caller, number).await.unwrap();
        let wanted =
            CustomerForm { name: "Terracotta Sassuolo".into(), city: "Sassuolo".into(), ..page.customer.clone() };
        let saved = information::save(&backend, &caller, number, page.version, &parse(&wanted)).await.unwrap();
        assert_eq!((saved.version, &saved.customer), (page.version + 1, &wanted));
        assert_eq!(information::find(&backend, &caller, number).await.unwrap().customer, wanted);
        assert_eq!(names(&backend, &partner_admin(), &search("terracotta sass")).await, ["Terracotta Sassuolo"]);
        let old = names(&backend, &partner_admin(), &search(&format!("rossi {number}"))).await;
        assert!(old.is_empty(), "found under a word that is gone: {old:?}");

        let again = information::save(&backend, &caller, number, saved.version, &parse(&wanted)).await.unwrap();
        assert_eq!(again.version, saved.version, "saving what is stored changes nothing");
    })
    .await;
}

#[tokio::test]
async fn two_edits_merge_or_are_for_a_person_to_choose() {
    on_each_demo(async |backend| {
        let number = rossi(&backend).await;
        let (one, other) = (account_admin(), partner_admin());
        let page = information::find(&backend, &one, number).await.unwrap();
        let first = CustomerForm { city: "Sassuolo".into(), ..page.customer.clone() };
        information::save(&backend, &one, number, page.version, &parse(&first)).await.unwrap();

        let second = CustomerForm { business_type: "retail".into(), ..page.customer.clone() };
        let merged = information::save(&backend, &other, number, page.version, &parse(&second)).await.unwrap();
        assert_eq!((merged.customer.city.as_str(), merged.customer.business_type.as_str()), ("Sassuolo", "retail"));

        let third = CustomerForm { city: "Carpi".into(), address2: "Ufficio 3".into(), ..page.customer.clone() };
        let Err(Error::Conflict(conflict)) =
            information::save(&backend, &other, number, page.version, &parse(&third)).await
        else {
            panic!("the same field was changed by two")
        };
        assert_eq!(
            (conflict.fields.as_slice(), conflict.stored.city.as_str()),
            (&[CustomerField::City][..], "Sassuolo")
        );
        assert_eq!(
            information::find(&backend, &one, number).await.unwrap().customer,
            merged.customer,
            "nothing changed"
        );

        let saved =
            information::save(&backend, &other, number, conflict.version, &parse(&conflict.merged)).await.unwrap();
        let expected = CustomerForm { business_type: "retail".into(), ..third };
        assert_eq!(saved.customer, expected, "the choice, with what each had changed elsewhere");
    })
    .await;
}

#[tokio::test]
async fn no_merge_stores_a_province_that_the_country_does_not_have() {
    on_each_demo(async |backend| {
        let number = rossi(&backend).await;
        let (one, other) = (account_admin(), partner_admin());
        let page = information::find(&backend, &one, number).await.unwrap();
        let germany = CustomerForm {
            country: "DE".into(),
            subdivision: String::new(),
            postal_code: "10115".into(),
            ..page.customer.clone()
        };
        information::save(&backend, &one, number, page.version, &parse(&germany)).await.unwrap();
        let bolzano = CustomerForm { subdivision: "IT-BZ".into(), ..page.customer.clone() };
        let Err(Error::Conflict(conflict)) =
            information::save(&backend, &other, number, page.version, &parse(&bolzano)).await
        else {
            panic!("the province was merged into another country")
        };
        assert_eq!(conflict.fields, [CustomerField::Subdivision]);
        let format = catalogue::format(CountryCode::parse(&conflict.merged.country).unwrap());
        let refused = CustomerInformation::parse(&conflict.merged, Some(format)).unwrap_err();
        assert_eq!(refused, [("subdivision".to_owned(), FieldError::ForeignSubdivision)]);
        assert_eq!(information::find(&backend, &one, number).await.unwrap().customer, germany);
    })
    .await;
}

#[tokio::test]
async fn what_only_a_machine_tells_apart_is_no_change() {
    on_each_demo(async |backend| {
        let (caller, number) = (account_admin(), rossi(&backend).await);
        let page = information::find(&backend, &caller, number).await.unwrap();
        let typed = CustomerForm {
            name: format!("\u{200F}{}\u{AD}", page.customer.name.replace(' ', "\u{A0} ")),
            postal_code: "I-４１ １２１".into(),
            ..page.customer.clone()
        };
        let saved = information::save(&backend, &caller, number, page.version, &parse(&typed)).await.unwrap();
        assert_eq!((saved.version, saved.undo, saved.customer), (page.version, None, page.customer));
    })
    .await;
}

#[tokio::test]
async fn a_name_is_found_however_it_was_composed() {
    on_each_demo(async |backend| {
        let (caller, number) = (account_admin(), rossi(&backend).await);
        let page = information::find(&backend, &caller, number).await.unwrap();
        let typed = CustomerForm { name: "Za\u{AD}rdinoniere\u{301} Sud".into(), ..page.customer };
        let saved = information::save(&backend, &caller, number, page.version, &parse(&typed)).await.unwrap();
        assert_eq!(saved.customer.name, "Zardinonieré Sud");
        assert_eq!(names(&backend, &partner_admin(), &search("zardinonieré")).await, ["Zardinonieré Sud"]);
        let pasted = search(&format!("Account ID {}", number.grouped()));
        assert_eq!(names(&backend, &partner_admin(), &pasted).await, ["Zardinonieré Sud"]);
    })
    .await;
}

#[tokio::test]
async fn a_version_that_never_was_is_refused() {
    on_each_demo(async |backend| {
        let (caller, number) = (account_admin(), rossi(&backend).await);
        let page = information::find(&backend, &caller, number).await.unwrap();
        for version in [0, -1, page.version + 1, i64::MAX, i64::MIN] {
            let Err(Error::Invalid(errors)) =
                information::save(&backend, &caller, number, version, &parse(&page.customer)).await
            else {
                panic!("{version} was taken")
            };
            assert_eq!(errors, [("version".to_owned(), FieldError::UnknownChoice)]);
        }
    })
    .await;
}

#[tokio::test]
async fn many_writers_of_one_account_lose_no_update() {
    on_each_demo(async |backend| {
        let (caller, number) = (partner_admin(), rossi(&backend).await);
        let fields = [CustomerField::Name, CustomerField::Address1, CustomerField::Address2, CustomerField::City];
        let page = information::find(&backend, &caller, number).await.unwrap();
        let writers = fields.into_iter().map(|field| {
            let (backend, caller, page) = (backend.clone(), caller.clone(), page.clone());
            tokio::spawn(async move {
                let mut wanted = page.customer.clone();
                *wanted.get_mut(field) = format!("changed {}", field.key());
                information::save(&backend, &caller, number, page.version, &parse(&wanted)).await.unwrap();
            })
        });
        for writer in writers.collect::<Vec<_>>() {
            writer.await.unwrap();
        }
        let after = information::find(&backend, &caller, number).await.unwrap();
        assert_eq!(after.version, page.version + 4);
        for field in fields {
            assert_eq!(after.customer.get(field), format!("changed {}", field.key()));
        }
    })
    .await;
}
