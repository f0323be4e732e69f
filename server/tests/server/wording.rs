//! What people read, in each language.

use axum::http::StatusCode;
use service::testing::on_each_demo;

use crate::browser::Browser;

/// An account of the demo's first partner, signed in as its admin, and that admin's account number.
async fn partner_and_account(nobody: &Browser) -> (Browser, String) {
    let admin = nobody.signed_in("admin@example.com").await;
    let number = admin.get("/").await.header("location").trim_start_matches("/accounts/").to_owned();
    (nobody.signed_in("partner@example.com").await, number)
}

async fn speak(browser: &Browser, locale: &str) {
    let form = format!("_form=%2Fapi%2Fchoose_locale&locale={locale}&return_to=%2F");
    assert_eq!(browser.post("/support", &form).await.status, StatusCode::SEE_OTHER);
}

/// Posts to a server function, which must succeed.
async fn call(browser: &Browser, function: &str, arguments: &str) {
    let answer = browser.post(&format!("/api/{function}"), arguments).await;
    assert_eq!(answer.status, StatusCode::OK, "{function}: {}", answer.text);
}

async fn assert_contains(browser: &Browser, path: &str, expected: &[&str]) {
    let page = browser.get(path).await.text.replace("<bdi>", "").replace("</bdi>", "");
    for text in expected {
        let main = page.split_once("<tbody").map_or(page.as_str(), |(_, rows)| rows);
        assert!(page.contains(text), "{path} lacks {text}: {main:.2000}");
    }
}

#[tokio::test]
async fn activity_says_how_many_licences_of_an_order_came_and_went() {
    on_each_demo(async |backend| {
        let (partner, number) = partner_and_account(&Browser::new(&backend)).await;
        let file = "tracking_number,product,plan,quantity,purchase_date%0AW-1,Mitel+One,Premier,5,2026-01-10";
        call(&partner, "import_orders", &format!("csv={file}&confirmed=true")).await;
        call(&partner, "assign_order", &format!("order=W-1&version=1&account={number}&quantity=1")).await;
        let correct = format!("order=W-1&version=2&from={number}&account={number}&quantity=3");
        call(&partner, "correct_assignment", &correct).await;
        call(&partner, "remove_assignment", &format!("order=W-1&version=3&from={number}&confirmed=true")).await;
        let path = format!("/accounts/{number}/activity");
        let english =
            ["Order W-1: 1 licence assigned<", "Order W-1: 3 licences instead of 1<", "Order W-1: 3 licences removed<"];
        assert_contains(&partner, &path, &english).await;
        speak(&partner, "it").await;
        let italian = [
            "Ordine W-1: 1 licenza assegnata<",
            "Ordine W-1: 3 licenze invece di 1<",
            "Ordine W-1: 3 licenze rimosse<",
        ];
        assert_contains(&partner, &path, &italian).await;
    })
    .await;
}

#[tokio::test]
async fn a_switched_state_agrees_with_the_gender_of_its_noun() {
    on_each_demo(async |backend| {
        let (partner, number) = partner_and_account(&Browser::new(&backend)).await;
        speak(&partner, "it").await;
        let confirmed = "%5B%7B%22privilege_missing%22%3A%5B%22guest_access%22%2C%5B%22micc%22%5D%5D%7D%5D";
        let arguments = format!("number={number}&privilege=guest_access&on=false&confirmed={confirmed}");
        call(&partner, "switch_privilege", &arguments).await;
        call(&partner, "optimise_bandwidth", &format!("number={number}&on=false")).await;
        let path = format!("/accounts/{number}/activity");
        let italian = [
            "Consenso accesso ospite: Attivo → Disattivato<",
            "Ottimizzazione della larghezza di banda: Attiva → Disattivata<",
        ];
        assert_contains(&partner, &path, &italian).await;
        let on = format!("_form=%2Fapi%2Fswitch_privilege&number={number}&privilege=guest_access&on=true");
        let done = partner.post(&format!("/accounts/{number}"), &on).await;
        let page = partner.follow(&done).await.shown();
        assert!(page.contains("Consenso accesso ospite: Attivo."), "{page}");
    })
    .await;
}

#[tokio::test]
async fn a_missing_field_of_a_new_account_is_named() {
    on_each_demo(async |backend| {
        let partner = Browser::new(&backend).signed_in("partner@example.com").await;
        let empty = "_form=%2Fapi%2Fadd_account&name=&country=&language=&cloud_location=&support_contact=";
        let page = partner.post("/accounts/new", empty).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        for text in [
            "Enter a customer name.",
            "Choose a country.",
            "Choose a default language.",
            "Choose a cloud location.",
            "Enter the e-mail address of a support contact.",
        ] {
            assert!(page.text.contains(text), "{text}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_refused_attempt_says_whether_the_account_could_be_seen() {
    on_each_demo(async |backend| {
        let nobody = Browser::new(&backend);
        let (partner, number) = partner_and_account(&nobody).await;
        let other = nobody.signed_in("other@example.com").await;
        other.post("/api/optimise_bandwidth", &format!("number={number}&on=true")).await;
        let path = format!("/accounts/{number}/activity");
        assert_contains(&partner, &path, &["Change call services: tried on an account they can't see<"]).await;
        speak(&partner, "it").await;
        let italian = ["Modificare i servizi di chiamata: account non visibile a chi ha tentato<"];
        assert_contains(&partner, &path, &italian).await;
    })
    .await;
}
