//! Requirements of OWASP ASVS that no test of a feature covers; docs/asvs.md names the others.

use std::path::Path;

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use server::{PLAIN_ROUTES, function_routes, page_routes};
use service::{
    demo::PASSWORD,
    testing::{hide_table, on_each_demo},
};

use crate::browser::{Answer, Browser};

/// The number of the account of `admin@example.com`.
async fn own_number(admin: &Browser) -> String {
    admin.get("/").await.header("location").trim_start_matches("/accounts/").to_owned()
}

async fn sign_in(nobody: &Browser) -> Answer {
    let password = PASSWORD.replace(' ', "+");
    let form = format!("_form=%2Fapi%2Fsign_in&email=admin%40example.com&password={password}");
    nobody.post("/sign-in", &form).await
}

fn encode(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[tokio::test]
async fn a_name_stays_one_value_in_json_and_in_the_pages_data() {
    on_each_demo(async |backend| {
        let partner = Browser::new(&backend).signed_in("partner@example.com").await;
        let name = "Zanzibar \",\"x\":{} </script><!--";
        let form =
            format!("name={}&country=IT&language=it&cloud_location=europe&support_contact=a%40b.example", encode(name));
        assert_eq!(partner.post("/api/add_account", &form).await.status, StatusCode::OK);
        let found = partner.post("/api/find_accounts", "search=zanzibar").await;
        let found: serde_json::Value = serde_json::from_str(&found.text).unwrap();
        assert!(found.to_string().contains(&serde_json::to_string(name).unwrap()));
        let page = partner.get("/accounts?q=zanzibar").await.text;
        assert!(page.contains("Zanzibar") && !page.contains("{} </script>"), "{page}");
    })
    .await;
}

#[tokio::test]
async fn cookies_are_for_this_site_and_for_no_script() {
    on_each_demo(async |backend| {
        let nobody = Browser::new(&backend);
        let signed_in = sign_in(&nobody).await;
        let locale = nobody.post("/support", "_form=%2Fapi%2Fchoose_locale&locale=it&return_to=%2Fsupport").await;
        for answer in [&signed_in, &locale] {
            let mut cookies = answer.headers.get_all(header::SET_COOKIE).iter().peekable();
            assert!(cookies.peek().is_some());
            for cookie in cookies {
                let cookie = cookie.to_str().unwrap();
                let attributes: Vec<&str> = cookie.split(';').skip(1).map(str::trim).collect();
                for attribute in ["HttpOnly", "SameSite=Lax", "Path=/"] {
                    assert!(attributes.contains(&attribute), "{cookie} lacks {attribute}");
                }
                assert!(!attributes.iter().any(|attribute| attribute.starts_with("Domain")), "{cookie}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn the_token_of_a_session_is_in_its_cookie_only() {
    on_each_demo(async |backend| {
        let nobody = Browser::new(&backend);
        let answer = sign_in(&nobody).await;
        let cookie = answer.header("set-cookie").split(';').next().unwrap();
        let admin = nobody.with_cookie(cookie);
        let page = format!("/accounts/{}", own_number(&admin).await);
        for path in [page.as_str(), "/profile", "/support"] {
            let answer = admin.get(path).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}");
            assert!(!answer.text.contains(cookie.split_once('=').unwrap().1), "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn no_other_origin_may_read_an_answer() {
    on_each_demo(async |backend| {
        let nobody = Browser::new(&backend);
        for method in [Method::GET, Method::OPTIONS] {
            for path in ["/sign-in", "/api/find_accounts", "/healthz", "/pkg/tenantry.css"] {
                let request = Request::builder()
                    .method(&method)
                    .uri(path)
                    .header(header::ORIGIN, "https://evil.example")
                    .header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST");
                let answer = nobody.send(request.body(Body::empty()).unwrap()).await;
                let allowed = answer.headers.keys().find(|name| name.as_str().starts_with("access-control-allow"));
                assert_eq!(allowed, None, "{method} {path}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn every_answer_says_what_its_body_is_and_in_which_encoding() {
    on_each_demo(async |backend| {
        let partner = Browser::new(&backend).signed_in("partner@example.com").await;
        let number = own_number(&Browser::new(&backend).signed_in("admin@example.com").await).await;
        let path = |path: String| {
            path.replace("{number}", &number).replace("{order}", "TN-100001").replace("{file}", "export.csv")
        };
        let mut answers = Vec::new();
        // A stream of events has no end to wait for.
        for route in PLAIN_ROUTES.iter().filter(|route| **route != "/events").map(|route| (*route).to_owned()) {
            answers.push((path(route.clone()), partner.get(&path(route)).await));
        }
        for route in page_routes() {
            answers.push((path(route.clone()), partner.get(&path(route)).await));
        }
        for route in function_routes().into_iter().filter(|route| route != "/api/sign_out") {
            answers.push((route.clone(), partner.post(&route, "number=1").await));
        }
        for route in ["/nowhere", "/robots.txt", "/activity/export.jsonl"] {
            answers.push((route.to_owned(), partner.get(route).await));
        }
        for (path, answer) in answers.iter().filter(|(_, answer)| !answer.text.is_empty()) {
            let kind = answer.header("content-type");
            // JSON and SVG are UTF-8 by definition.
            let known = ["application/json", "application/x-ndjson", "image/svg+xml"].contains(&kind);
            assert!(known || kind.ends_with("; charset=utf-8"), "{path} ({}): {kind:?}", answer.status);
        }
    })
    .await;
}

#[tokio::test]
async fn trace_is_refused_and_echoes_nothing() {
    on_each_demo(async |backend| {
        let nobody = Browser::new(&backend);
        for path in ["/", "/sign-in", "/api/sign_in", "/healthz", "/nowhere"] {
            let request = Request::builder().method(Method::TRACE).uri(path).header("x-probe", "echo-of-a-header");
            let answer = nobody.send(request.body(Body::empty()).unwrap()).await;
            assert!(answer.status.is_client_error(), "{path}: {}", answer.status);
            assert!(!answer.text.contains("echo-of-a-header"), "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn fields_that_a_form_does_not_have_change_nothing() {
    on_each_demo(async |backend| {
        let admin = Browser::new(&backend).signed_in("admin@example.com").await;
        let number = own_number(&admin).await;
        let before = service::testing::dump(&backend, 1).await;
        let extra =
            "&id=2&partner_id=2&status=deleted&sap_number=666&cloud_location=canada&deleted_at=1&role=partner_admin";
        let call = format!("number={number}&on=true{extra}");
        assert_eq!(admin.post("/api/optimise_bandwidth", &call).await.status, StatusCode::OK);
        assert_eq!(
            admin.post("/api/optimise_bandwidth", &format!("number={number}&on=true")).await.status,
            StatusCode::OK
        );
        assert_eq!(admin.post("/api/rename", &format!("name=Anna{extra}")).await.status, StatusCode::OK);
        let after = service::testing::dump(&backend, 1).await;
        let of_account = |rows: &[String]| rows.iter().filter(|row| !row.contains("optimis")).count();
        assert_eq!(of_account(&before), of_account(&after));
        let page = admin.get(&format!("/accounts/{number}")).await;
        assert_eq!(page.status, StatusCode::OK, "neither deleted nor another partner's");
        assert!(!page.text.contains("666</") && !page.text.contains("Canada</dd>"));
        assert_eq!(admin.get("/orders").await.status, StatusCode::NOT_FOUND, "the role is what it was");
    })
    .await;
}

#[tokio::test]
async fn arguments_are_read_from_the_body_only_and_each_once() {
    on_each_demo(async |backend| {
        let admin = Browser::new(&backend).signed_in("admin@example.com").await;
        let in_query = admin.post("/api/rename?name=Query", "").await;
        assert!(in_query.status.is_client_error(), "{}", in_query.status);
        let twice = admin.post("/api/rename", "name=First&name=Second").await;
        assert!(twice.status.is_client_error(), "{}", twice.status);
        let both = admin.post("/api/rename?name=Query", "name=Body").await;
        assert_eq!(both.status, StatusCode::OK);
        let profile = admin.get("/profile").await.text;
        assert!(profile.contains("value=\"Body\"") && !profile.contains("Query"), "{profile}");
    })
    .await;
}

#[tokio::test]
async fn a_password_has_12_characters_and_may_have_many_more() {
    on_each_demo(async |backend| {
        let admin = Browser::new(&backend).signed_in("admin@example.com").await;
        let change = async |new: &str| {
            let form = format!("password={}&new_password={}", encode(PASSWORD), encode(new));
            admin.post("/api/change_password", &form).await.status
        };
        let long = "seven tundra cupolas sang brisk zebra waltzes under quartz lamps by the dock";
        assert!(long.len() > 64);
        assert_eq!(change("qz7!vw Kp2#").await, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(change(&long.repeat(20)).await, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(change(long).await, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn an_internal_error_tells_its_reference_and_nothing_else() {
    on_each_demo(async |backend| {
        let admin = Browser::new(&backend).signed_in("admin@example.com").await;
        let number = own_number(&admin).await;
        hide_table(&backend, "activity").await;
        let page = admin.get(&format!("/accounts/{number}/activity")).await;
        let call = admin.post("/api/optimise_bandwidth", &format!("number={number}&on=false")).await;
        for answer in [page, call] {
            assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
            let text = answer.text;
            assert!(text.to_lowercase().contains("reference"), "{text}");
            for detail in ["no such table", "relation", "SELECT ", "INSERT ", "sqlx", "panicked", ".rs"] {
                assert!(!text.contains(detail), "{detail}: {text}");
            }
        }
    })
    .await;
}

/// Whether a file of the repository named `module` has a function `test`.
fn is_there(folder: &Path, module: &str, test: &str) -> bool {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.into_iter().any(|path| {
        if path.is_dir() {
            return !path.ends_with("target") && is_there(&path, module, test);
        }
        let is_module = path.extension().is_some_and(|kind| kind == "rs") && path.file_stem().unwrap() == module;
        is_module && std::fs::read_to_string(&path).unwrap().contains(&format!("fn {test}("))
    })
}

#[test]
fn every_test_that_the_list_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let list = std::fs::read_to_string(root.join("docs/asvs.md")).unwrap();
    let code = list.lines().flat_map(|row| row.split('`').skip(1).step_by(2));
    let gone: Vec<_> = code
        .filter_map(|code| code.split_once("::"))
        .filter(|(module, test)| {
            !["domain", "service", "app", "server"].iter().any(|room| is_there(&root.join(room), module, test))
        })
        .collect();
    assert!(gone.is_empty(), "{gone:?}");
}
