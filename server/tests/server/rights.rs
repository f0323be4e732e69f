//! Every page and every server function, tried as each kind of person. The list is read from the
//! router, so that a new address fails here until it is reviewed.

use std::fmt::Write;

use crate::browser::Browser;
use domain::{
    id::{AccountId, PartnerId, PersonId},
    role::{Caller, Seat},
};
use server::{PLAIN_ROUTES, function_routes, page_routes};
use service::{
    Backend,
    accounts::information,
    testing::{on_each_demo, rate_limits},
};

/// Who tries. The account in question is that of `admin@example.com`; the third is an account
/// manager of its partner to whom it is assigned, the last two are of another account and partner.
const PEOPLE: [&str; 6] = [
    "nobody",
    "user@example.com",
    "admin@example.com",
    "manager@example.com",
    "partner@example.com",
    "other@example.com",
];

/// An order of the demo, assigned to that account.
const ORDER: &str = "TN-100001";

/// The width of a column of the snapshot.
const WIDTH: usize = 42;

async fn account_number(backend: &Backend) -> String {
    let seat = Seat::AccountAdmin { partner: PartnerId(1), account: AccountId(1) };
    let caller = Caller { person: PersonId(3), name: String::new(), seat };
    information::own_number(backend, &caller).await.expect("the demo has an account 1").to_string()
}

/// Arguments that would do something if the person may.
fn arguments(function: &str, number: &str) -> String {
    let customer = "name=A&country=IT&language=it";
    match function {
        "/api/sign_in" => "email=nobody%40example.com&password=wrong".to_owned(),
        "/api/choose_membership" => "membership=1".to_owned(),
        "/api/choose_locale" => "locale=it".to_owned(),
        "/api/format_of_country" => "country=FR".to_owned(),
        "/api/find_accounts" => "search=rossi".to_owned(),
        "/api/add_account" => format!("{customer}&cloud_location=europe&support_contact=a%40b.example"),
        "/api/save_customer_information" => format!("{customer}&number={number}&version=1"),
        "/api/find_people" => format!("number={number}&typed=marta"),
        "/api/add_contact" => format!("number={number}&contact=a%40b.example"),
        "/api/remove_contact" => format!("number={number}&email=nobody%40b.example"),
        "/api/send_test_message" => format!("number={number}&email=support1%40example.com"),
        "/api/report_problem" => format!("number={number}&subject=A&description=B"),
        "/api/send_report_again" => format!("number={number}&mail=1"),
        "/api/switch_integration" => format!("number={number}&key=mitel-voice-assist&on=true"),
        "/api/remove_integration" => format!("number={number}&key=mitel-voice-assist"),
        "/api/renew_gateway_code"
        | "/api/begin_consent"
        | "/api/deactivate_account"
        | "/api/reactivate_account"
        | "/api/restore_account"
        | "/api/load_account"
        | "/api/load_consequences" => format!("number={number}"),
        "/api/set_up_registration" => format!("number={number}&key=microsoft-teams"),
        "/api/switch_privilege" => format!("number={number}&privilege=guest_access&on=true"),
        "/api/optimise_bandwidth" => format!("number={number}&on=false"),
        "/api/undo" => format!("number={number}&record=1"),
        "/api/delete_account" => format!("number={number}&name=Another"),
        "/api/import_orders" | "/api/preview_orders" => "csv=tracking_number".to_owned(),
        "/api/load_order" => format!("number={ORDER}"),
        "/api/sign_out"
        | "/api/load_customer_choices"
        | "/api/load_new_account"
        | "/api/list_accounts"
        | "/api/list_orders"
        | "/api/list_activity"
        | "/api/import_facts"
        | "/api/memberships"
        | "/api/end_consent" => String::new(),
        "/api/assign_order" => format!("order={ORDER}&version=99&account={number}&quantity=1"),
        "/api/correct_assignment" => {
            format!("order={ORDER}&version=99&from={number}&account={number}&quantity=1")
        }
        "/api/remove_assignment" => format!("order={ORDER}&version=99&from={number}&confirmed=true"),
        "/api/undo_removal" => format!("order={ORDER}&version=99&account={number}&number={ORDER}-1&quantity=1"),
        "/api/rename" => "name=Somebody".to_owned(),
        "/api/change_password" => "password=wrong&new_password=long+enough+to+do".to_owned(),
        unknown => panic!("{unknown} is new: say here what it is called with, and review the snapshot"),
    }
}

#[tokio::test]
async fn every_address_answers_each_kind_of_person_as_reviewed() {
    on_each_demo(async |backend| {
        let number = account_number(&backend).await;
        let nobody = Browser::new(&backend);
        let mut pages: Vec<String> = page_routes();
        let mut functions = function_routes();
        pages.sort();
        // Last comes what keeps people from signing in.
        functions.sort_by_key(|path| (path == "/api/deactivate_account", path.clone()));
        let mut table = format!("{:<39}{}", "", PEOPLE.map(|person| format!("{person:<WIDTH$}")).concat());
        table.truncate(table.trim_end().len());
        table.push('\n');
        for path in pages {
            let mut row = format!("GET  {path:<34}");
            let path = path.replace("{number}", &number).replace("{order}", ORDER);
            for person in PEOPLE {
                let answer = sign_in(&nobody, person).await.get(&path).await;
                let target = if answer.header("location").is_empty() { "" } else { " " };
                // A key is another one each time.
                let location = answer.header("location").split("?key=").next().unwrap_or_default();
                let target = format!("{target}{}", location.replace(&number, "{number}"));
                let _ = write!(row, "{:<WIDTH$}", format!("{}{target}", answer.status.as_u16()));
            }
            let _ = writeln!(table, "{}", row.trim_end());
        }
        for path in PLAIN_ROUTES {
            let mut row = format!("GET  {path:<34}");
            let of_account = if path == "/events" { "?account={number}" } else { "" };
            let path = format!("{path}{of_account}").replace("{number}", &number).replace("{file}", "export.csv");
            for person in PEOPLE {
                let status = sign_in(&nobody, person).await.status(&path).await;
                let _ = write!(row, "{:<WIDTH$}", status.as_u16());
            }
            let _ = writeln!(table, "{}", row.trim_end());
        }
        for path in functions {
            let mut row = format!("POST {path:<34}");
            for person in PEOPLE {
                let answer = sign_in(&nobody, person).await.post(&path, &arguments(&path, &number)).await;
                let _ = write!(row, "{:<WIDTH$}", answer.status.as_u16());
            }
            let _ = writeln!(table, "{}", row.trim_end());
        }
        insta::assert_snapshot!("routes", table);
    })
    .await;
}

async fn sign_in(nobody: &Browser, person: &str) -> Browser {
    if person == "nobody" { nobody.clone() } else { nobody.signed_in(person).await }
}

#[tokio::test]
async fn what_may_not_be_seen_answers_exactly_as_what_does_not_exist() {
    on_each_demo(async |backend| {
        let number = account_number(&backend).await;
        let other = Browser::new(&backend).signed_in("other@example.com").await;
        let without_variables = |text: &str| {
            let start = text.find("<body").expect("a page");
            let end = text.find("__RESOLVED_RESOURCES").expect("a page");
            let body = &text[start..end];
            let body = body[..body.rfind("<script").unwrap_or(body.len())].to_owned();
            body.replace(&number, "").replace("100000008", "")
        };
        let hidden = other.get(&format!("/accounts/{number}")).await;
        let missing = other.get("/accounts/100000008").await;
        assert_eq!((hidden.status.as_u16(), missing.status.as_u16()), (404, 404));
        assert_eq!(without_variables(&hidden.text), without_variables(&missing.text));
    })
    .await;
}

#[tokio::test]
async fn every_function_answers_and_counts_the_hidden_as_it_does_the_missing() {
    const MISSING: &str = "100000008";
    on_each_demo(async |backend| {
        let hidden = account_number(&backend).await;
        let counted = async || rate_limits(&backend).await.iter().map(|(count, _)| count).sum::<i32>();
        let mut functions = function_routes();
        functions.retain(|path| arguments(path, "NUMBER").contains("NUMBER"));
        assert!(functions.len() > 15, "{functions:?}");
        // Of another partner, and of another account of the same partner.
        for person in ["other@example.com", "several@example.com"] {
            let browser = Browser::new(&backend).signed_in(person).await;
            // Who has several works from their account; to the other this membership is hidden too.
            browser.post("/api/choose_membership", "membership=7").await;
            for path in &functions {
                let tried = async |number: &str| {
                    let before = counted().await;
                    let answer = browser.post(path, &arguments(path, number)).await;
                    (answer.status, answer.text.replace(number, ""), counted().await - before)
                };
                let (hidden, missing) = (tried(&hidden).await, tried(MISSING).await);
                assert_eq!(hidden, missing, "{path} as {person}");
                assert!(hidden.0.is_client_error(), "{path} as {person}: {}", hidden.0);
            }
        }
    })
    .await;
}
