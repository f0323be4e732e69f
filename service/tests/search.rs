//! Search of accounts, orders and activity by one folding; on both databases.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod common;

use common::{accounts, admin, manager, other_partner, own, page, partner, refused};
use domain::view::accounts::{AccountQuery, AccountSort};
use domain::view::activity::ActivityQuery;
use domain::view::orders::OrderQuery;
use domain::{
    account_number::AccountNumber,
    country::{CountryCode, catalogue},
    customer::{CustomerForm, CustomerInformation, FieldError},
    email::EmailAddress,
    locale::Locale,
};
use service::{
    Backend,
    accounts::{
        add::{self, NewAccount},
        information,
        list::{self},
    },
    activity::find::{Of, find, find_within},
    contacts,
    orders::{import::import, list::list_within},
    search::{self, Limits},
    testing::{make_stale, on_each_database, on_each_demo, partner_row},
};

async fn add(backend: &Backend, name: &str, country: &str, city: &str) -> AccountNumber {
    let form = CustomerForm {
        name: name.into(),
        country: country.into(),
        city: city.into(),
        language: "en".into(),
        ..CustomerForm::default()
    };
    let format = catalogue::format(CountryCode::parse(country).unwrap());
    let new = NewAccount {
        customer: CustomerInformation::parse(&form, Some(format)).unwrap(),
        cloud_location: "europe".into(),
        support_contact: EmailAddress::parse("help@example.com").unwrap(),
    };
    add::add(backend, &partner(), new).await.unwrap()
}

async fn list_by(backend: &Backend, query: AccountQuery) -> Vec<String> {
    let page = list::list(backend, &partner(), &query).await.unwrap();
    page.rows.into_iter().map(|row| row.name).collect()
}

/// What people type, and the name that it finds.
const TYPED: [(&str, &[&str]); 14] = [
    ("ΠΑΠΑΔΟΠΟΥΛΟΣ ΑΕ", &["παπαδοπουλος", "Παπαδόπουλος", "παπαδοπουλοσ"]),
    ("株式会社日本電気", &["日本電気", "電気", "株式会社日本"]),
    ("الأمل للاتصالات", &["أمل", "الامل", "امل", "الأم"]),
    ("مكتبة علي", &["مكتبه", "مكتـبة", "على", "علی"]),
    ("O'Connor Ltd", &["oconnor", "o’connor", "O Connor", "connor", "o'con"]),
    ("Müller Söhne", &["mueller", "muller", "MÜLLER soehne", "mu", "mue"]),
    ("Schroeder Bau", &["schröder", "schroder", "schroeder"]),
    ("Groß Straßenbau", &["gross", "strassenbau", "groß"]),
    ("Verde S.p.A.", &["spa verde", "s.p.a.", "SpA"]),
    ("Nord-Est Trasporti", &["nordest", "nord est", "nord-est", "est"]),
    ("Ｆｕｌｌ Ｗｉｄｔｈ", &["full width"]),
    ("삼성전자", &["전자", "삼성"]),
    ("บริษัทไทย", &["ไทย"]),
    ("Århus Smørrebrød", &["aarhus", "arhus", "smorrebrod", "smoerre"]),
];

#[tokio::test]
async fn names_are_found_in_every_script_and_spelling() {
    on_each_database(async |backend| {
        partner_row(&backend).await;
        for (name, _) in TYPED {
            add(&backend, name, "IT", "").await;
        }
        for (name, typed) in TYPED {
            for typed in typed {
                let query = AccountQuery { search: (*typed).into(), ..AccountQuery::default() };
                let page = list::list(&backend, &partner(), &query).await.unwrap();
                assert!(!page.similar && page.rows.iter().any(|row| row.name == name), "{typed}: {:?}", page.rows);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn accounts_are_found_by_contact_country_and_any_digits() {
    on_each_demo(async |backend| {
        let number = own(&backend).await;
        let digits = number.to_string();
        contacts::add(&backend, &admin(), number, "quokka.desk@zebra-mail.example").await.unwrap();
        for typed in
            ["quokka", "quokka.desk@zebra-mail.example", "zebramail", "desk@zebra", &digits[4..], &digits[2..7]]
        {
            assert!(accounts(&backend, &partner(), typed).await.contains(&number), "{typed}");
        }
        contacts::remove(&backend, &admin(), number, &EmailAddress::parse("quokka.desk@zebra-mail.example").unwrap())
            .await
            .unwrap();
        assert!(accounts(&backend, &partner(), "quokka").await.is_empty());
        let german =
            list_by(&backend, AccountQuery { search: "Germania gmbh".into(), ..AccountQuery::default() }).await;
        assert!(!german.is_empty() && german.iter().all(|name| name.contains("GmbH")), "{german:?}");
        let sap = page(&backend, number).await.sap_number.unwrap();
        for typed in [sap.as_str(), sap.trim_start_matches('0')] {
            assert!(accounts(&backend, &partner(), typed).await.contains(&number), "{typed}");
        }
        assert!(accounts(&backend, &other_partner(), &digits).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn what_differs_by_one_letter_is_offered_where_nothing_matches() {
    on_each_demo(async |backend| {
        let find = async |typed: &str| {
            let query = AccountQuery { search: typed.into(), ..AccountQuery::default() };
            list::list(&backend, &partner(), &query).await.unwrap()
        };
        let right = find("spedition").await;
        assert!(!right.similar && right.total > 0);
        for typed in ["spdition", "psedition", "speditoin", "spedittion"] {
            let page = find(typed).await;
            assert!(page.similar, "{typed}");
            assert_eq!(page.rows, right.rows, "{typed}");
        }
        assert_eq!(find("xqzzyx").await.total, 0);
    })
    .await;
}

#[tokio::test]
async fn a_name_is_the_account_of_that_name_and_of_no_other() {
    on_each_database(async |backend| {
        partner_row(&backend).await;
        add(&backend, "Al Porto S.r.l. Filiale Nord", "IT", "").await;
        let short = add(&backend, "Verdi Prova", "IT", "").await;
        let long = add(&backend, "Verdi Prova Due", "IT", "").await;
        let resolve = async |typed: &str| list::resolve(&backend, &partner(), typed).await;
        for typed in ["Al Porto S.r.l. Filiale Sud", "Al Porto", "Verdi", "al porto srl filiale nrod"] {
            assert_eq!(refused(resolve(typed).await), FieldError::UnknownAccount, "{typed}");
        }
        assert_eq!(resolve("Verdi Prova").await.unwrap(), short);
        assert_eq!(resolve(" verdi  prova DUE ").await.unwrap(), long);
        assert_eq!(resolve(&long.grouped()).await.unwrap(), long);
        add(&backend, "Verdi Prova", "IT", "").await;
        assert_eq!(refused(resolve("Verdi Prova").await), FieldError::SeveralAccounts);
        assert_eq!(refused(resolve(" ").await), FieldError::Required);
    })
    .await;
}

#[tokio::test]
async fn names_sort_by_the_value_of_numbers_and_without_leading_quotes() {
    on_each_database(async |backend| {
        partner_row(&backend).await;
        let sorted = ["«Alba» Hotel", "Bar Sport", "Negozio 2", "Negozio 10", "Negozio 100", "Négozio Nord", "“Zeta”"];
        for place in [3, 6, 0, 5, 1, 4, 2] {
            add(&backend, sorted[place], "IT", "").await;
        }
        assert_eq!(list_by(&backend, AccountQuery::default()).await, sorted);
        let falling = list_by(&backend, AccountQuery { descending: true, ..AccountQuery::default() }).await;
        assert!(falling.iter().rev().eq(&sorted));
    })
    .await;
}

#[tokio::test]
async fn countries_sort_by_the_name_that_is_shown() {
    on_each_database(async |backend| {
        partner_row(&backend).await;
        for country in ["CH", "DE", "AT", "ES", "DE"] {
            add(&backend, country, country, "").await;
        }
        let sorted = async |locale, search: &str| {
            list_by(
                &backend,
                AccountQuery { sort: AccountSort::Country, locale, search: search.into(), ..AccountQuery::default() },
            )
            .await
        };
        // Austria, Germany, Spain, Switzerland; Austria, Germania, Spagna, Svizzera.
        assert_eq!(sorted(Locale::En, "").await, ["AT", "DE", "DE", "ES", "CH"]);
        assert_eq!(sorted(Locale::It, "help").await, ["AT", "DE", "DE", "ES", "CH"]);
        add(&backend, "NL", "NL", "").await;
        add(&backend, "PL", "PL", "").await;
        // Netherlands, Poland; Paesi Bassi, Polonia.
        assert_eq!(sorted(Locale::En, "").await, ["AT", "DE", "DE", "NL", "PL", "ES", "CH"]);
        add(&backend, "GB", "GB", "").await;
        // United Kingdom; Regno Unito.
        assert_eq!(sorted(Locale::En, "").await.last().unwrap(), "GB");
        assert_eq!(sorted(Locale::It, "help").await, sorted(Locale::It, "").await);
        assert_eq!(sorted(Locale::It, "").await, ["AT", "DE", "DE", "NL", "PL", "GB", "ES", "CH"]);
    })
    .await;
}

#[tokio::test]
async fn orders_and_activity_find_what_the_list_of_accounts_finds() {
    on_each_demo(async |backend| {
        let limits = [Limits { gather: 0, walk: 10_000 }, Limits::default()];
        let number = add(&backend, "Müller-Lüdenscheidt O'Brien", "DE", "Köln").await;
        let csv = format!(
            "tracking_number,product,plan,quantity,purchase_date,account\nZ-1,Mitel One,A,2,2026-01-01,{number}\n"
        );
        import(&backend, &partner(), &csv, None).await.unwrap();
        for typed in ["mueller", "muller obrien", "Koeln", "luedenscheidt", &number.to_string()[3..], "z-1"] {
            let orders = OrderQuery { search: typed.into(), ..OrderQuery::default() };
            let activity = ActivityQuery { search: typed.into(), ..ActivityQuery::default() };
            for limits in limits {
                let page = list_within(&backend, &partner(), &orders, limits).await.unwrap();
                let found = page.rows.iter().any(|row| row.order.tracking_number.as_str() == "Z-1");
                assert!(found, "{typed} {limits:?}: {:?}", page.rows);
                let page = find_within(&backend, &partner(), Of::Partner, &activity, limits).await.unwrap();
                let found = page.rows.iter().any(|row| row.account.as_ref().is_some_and(|(found, _)| *found == number));
                assert!(found, "{typed} {limits:?}: {:?}", page.rows);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn each_way_of_searching_orders_and_activity_finds_the_same() {
    on_each_demo(async |backend| {
        for caller in [partner(), manager()] {
            for typed in ["tn", "po", "rossi", "a", "s", "italia", "mitel 1"] {
                let (mut orders, mut records) = (Vec::new(), Vec::new());
                for gather in [0, 20, 100_000] {
                    let limits = Limits { gather, ..Limits::default() };
                    let query = OrderQuery { search: typed.into(), ..OrderQuery::default() };
                    orders.push(list_within(&backend, &caller, &query, limits).await.unwrap());
                    let query = ActivityQuery { search: typed.into(), ..ActivityQuery::default() };
                    records.push(find_within(&backend, &caller, Of::Partner, &query, limits).await.unwrap());
                }
                assert!(orders.iter().all(|page| *page == orders[0]), "orders: {typed} {caller:?}");
                let ids: Vec<Vec<_>> =
                    records.iter().map(|page| page.rows.iter().map(|row| row.id).collect()).collect();
                assert!(records.iter().all(|page| *page == records[0]), "activity: {typed} {caller:?} {ids:?}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn rows_of_an_older_release_are_found_after_a_refresh_that_may_break_off() {
    on_each_demo(async |backend| {
        let number = own(&backend).await;
        let customer = page(&backend, number).await.customer;
        let before = accounts(&backend, &partner(), &customer.name).await;
        make_stale(&backend).await;
        assert!(accounts(&backend, &partner(), &customer.name).await.is_empty());
        assert!(search::refresh(&backend).await.unwrap() > 0);
        assert_eq!(accounts(&backend, &partner(), &customer.name).await, before);
        let orders = OrderQuery { search: "tn-1".into(), ..OrderQuery::default() };
        assert!(!list_within(&backend, &partner(), &orders, Limits::default()).await.unwrap().rows.is_empty());
        let records = ActivityQuery { search: "micollab".into(), ..ActivityQuery::default() };
        assert!(!find(&backend, &partner(), Of::Partner, &records).await.unwrap().rows.is_empty());
        assert_eq!(search::refresh(&backend).await.unwrap(), 0, "nothing is left");
        let saved = information::find(&backend, &partner(), number).await.unwrap();
        assert_eq!(saved.customer, customer);
    })
    .await;
}
