//! What holds for every request: bad input gets a clear answer, nothing leaks, nothing is lost.

use crate::browser::Browser;
use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use service::{Backend, testing::on_each_demo};

const SAVE: &str = "_form=%2Fapi%2Fsave_customer_information";

/// The page of the account of `admin@example.com`.
async fn account_page(admin: &Browser) -> String {
    admin.get("/").await.header("location").to_owned()
}

async fn admin(backend: &Backend) -> Browser {
    Browser::new(backend).signed_in("admin@example.com").await
}

/// A form for the page's account, with one field changed.
fn form(page: &str, field: &str, value: &str) -> String {
    let number = page.trim_start_matches("/accounts/");
    let mut fields =
        vec![("number", number), ("version", "1"), ("name", "Rossi"), ("country", "IT"), ("language", "it")];
    fields.retain(|(name, _)| *name != field);
    fields.push((field, value));
    let fields: Vec<String> = fields.into_iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
    format!("{SAVE}&{}", fields.join("&"))
}

fn encode(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat()
}

#[tokio::test]
async fn bad_input_is_answered_clearly_and_changes_nothing() {
    on_each_demo(async |backend| {
        let admin = admin(&backend).await;
        let page = account_page(&admin).await;
        let before = admin.get(&page).await.text;
        for (field, value, status) in [
            ("name", "x".repeat(121).as_str(), 422),
            ("name", "x".repeat(50_000).as_str(), 422),
            ("name", "\u{0}", 422),
            ("name", "abc\u{202E}def", 422),
            ("name", " ", 422),
            ("country", "ZZ", 422),
            ("country", "I", 422),
            ("country", "\u{1F600}", 422),
            ("postal_code", "99", 422),
            ("subdivision", "US-CA", 422),
            ("language", "xx", 422),
            ("business_type", "<script>", 422),
            ("version", "0", 422),
            ("version", "99999", 422),
            ("version", "9223372036854775807", 422),
            ("version", "9223372036854775808", 400),
            ("version", "one", 400),
            ("number", "100000008", 404),
            ("number", "123456789", 400),
            ("number", "' OR 1=1", 400),
        ] {
            let answer = admin.post(&page, &form(&page, field, value)).await;
            assert_eq!(answer.status.as_u16(), status, "{field} {:.30}: {:.300}", value, answer.text);
        }
        // Each page has idempotency keys of its own.
        let inputs = |text: &str| {
            let main = &text[text.find("<main").unwrap()..text.find("</main>").unwrap()];
            let mut parts = main.split("name=\"idempotency_key\" value=\"");
            let first = parts.next().unwrap().to_owned();
            parts.fold(first, |all, part| all + &part[part.find('"').unwrap()..])
        };
        assert_eq!(inputs(&admin.get(&page).await.text), inputs(&before));
    })
    .await;
}

#[tokio::test]
async fn a_refused_form_comes_back_as_it_was_typed() {
    on_each_demo(async |backend| {
        let admin = admin(&backend).await;
        let page = account_page(&admin).await;
        let answer = admin.post(&page, &form(&page, "postal_code", "\"><b>4112")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.text.contains("value=\"&quot;&gt;&lt;b&gt;4112\""), "typed text comes back, and as text");
        assert!(answer.text.contains("Not a valid postal code for this country. Example: "));
    })
    .await;
}

#[tokio::test]
async fn a_name_never_becomes_markup() {
    on_each_demo(async |backend| {
        let admin = admin(&backend).await;
        let page = account_page(&admin).await;
        let saved = admin.post(&page, &form(&page, "name", "</title><script>alert(1)</script>\"'<img src=x>")).await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER);
        let text = admin.get(&page).await.text;
        assert!(!text.contains("<script>alert") && !text.contains("<img"), "{text}");
        assert!(text.contains("<title>&lt;/title&gt;&lt;script&gt;"), "{text}");
    })
    .await;
}

#[tokio::test]
async fn bodies_that_are_no_forms_or_too_large_are_refused() {
    on_each_demo(async |backend| {
        let admin = admin(&backend).await;
        let page = account_page(&admin).await;
        let large = "x".repeat(10 * 1024 * 1024);
        assert_eq!(admin.post(&page, &large).await.status, StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(admin.post("/api/find_accounts", &large).await.status, StatusCode::PAYLOAD_TOO_LARGE);
        for arguments in
            ["", "number=1&version=1", "number=100000008&version=one", "number=100000008&version=1&choice=x"]
        {
            let answer = admin.post("/api/save_customer_information", arguments).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{arguments}");
        }
        for (kind, body) in [("application/json", "{}"), ("multipart/form-data", "x"), ("", "")] {
            let request = Request::post(&page).header(header::CONTENT_TYPE, kind).body(Body::from(body)).unwrap();
            assert_eq!(admin.send(request).await.status, StatusCode::BAD_REQUEST, "{kind}");
        }
        for body in ["", "_form=", "_form=%2Fapi%2Funknown", "_form=%2Fapi%2Fsave_customer_information", "\u{FFFD}&&=&"]
        {
            assert_eq!(admin.post(&page, body).await.status, StatusCode::BAD_REQUEST, "{body}");
        }
        let request = Request::post(&page)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(vec![0xFF, 0xFE, 0x00]))
            .unwrap();
        assert_eq!(admin.send(request).await.status, StatusCode::BAD_REQUEST);
    })
    .await;
}

#[tokio::test]
async fn another_site_can_make_nobody_change_anything() {
    on_each_demo(async |backend| {
        let admin = admin(&backend).await;
        let page = account_page(&admin).await;
        for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")] {
            let request = Request::post(&page)
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .header(header::HOST, "127.0.0.1:3000")
                .header(name, value)
                .body(Body::from(form(&page, "name", "Taken over")))
                .unwrap();
            assert_eq!(admin.send(request).await.status, StatusCode::FORBIDDEN, "{name}");
        }
        assert!(!admin.get(&page).await.text.contains("Taken over"));
    })
    .await;
}

#[tokio::test]
async fn broken_cookies_are_as_none() {
    on_each_demo(async |backend| {
        let nobody = Browser::new(&backend);
        for cookie in ["", "abc", &"0".repeat(64), "%00; tenantry_locale=xx", "=;=;"] {
            let answer = nobody.with_cookie(&format!("tenantry_session={cookie}")).get("/accounts").await;
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{cookie}");
            assert_eq!(answer.header("location"), "/sign-in?next=%2Faccounts");
        }
    })
    .await;
}

#[tokio::test]
async fn odd_addresses_and_queries_are_answered() {
    on_each_demo(async |backend| {
        let partner = Browser::new(&backend).signed_in("partner@example.com").await;
        for path in [
            "/accounts/abc",
            "/accounts/-1",
            "/accounts/99999999999999999999",
            "/accounts/%00",
            "/nowhere",
            "/pkg/../../etc/passwd",
        ] {
            assert_eq!(partner.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
        }
        for query in [
            "q=%00",
            "q=%FF%FE",
            "q=%25_",
            "status=nonsense",
            "sort=nonsense&order=nonsense",
            "after=1",
            "after=..",
            "after=100000008.%00zz",
            "before=100000008.",
            "after=100000008.%F4%8F%BF%BF",
            "q=a&q=b",
        ] {
            assert_eq!(partner.get(&format!("/accounts?{query}")).await.status, StatusCode::OK, "{query}");
        }
        let long = format!("/accounts?q={}", "a+".repeat(20_000));
        assert_eq!(partner.get(&long).await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn signing_in_leads_on_within_this_site_only() {
    on_each_demo(async |backend| {
        let nobody = Browser::new(&backend);
        let sign_in = |next: &str| {
            let password = encode(service::demo::PASSWORD);
            format!("_form=%2Fapi%2Fsign_in&email=partner%40example.com&password={password}&next={}", encode(next))
        };
        for (next, location) in [
            ("/accounts?q=a", "/accounts?q=a"),
            ("", "/accounts"),
            ("https://evil.example/", "/accounts"),
            ("//evil.example/", "/accounts"),
            ("/\\evil.example", "/accounts"),
            ("/\r\nSet-Cookie: a=b", "/accounts"),
        ] {
            let answer = nobody.post("/sign-in", &sign_in(next)).await;
            assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, location), "{next}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_refused_sign_in_says_the_same_whoever_it_was() {
    on_each_demo(async |backend| {
        let nobody = Browser::new(&backend);
        let mut answers = Vec::new();
        for email in ["partner@example.com", "unknown@example.com"] {
            let answer = nobody
                .post("/sign-in", &format!("_form=%2Fapi%2Fsign_in&email={}&password=wrong", encode(email)))
                .await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
            let (_, page) = answer.text.split_once("<main").unwrap();
            let (page, _) = page.split_once("</main>").unwrap();
            answers.push(page.replace(email, ""));
        }
        assert_eq!(answers[0], answers[1]);
    })
    .await;
}

#[tokio::test]
async fn every_answer_carries_the_headers_that_protect_people() {
    on_each_demo(async |backend| {
        let nobody = Browser::new(&backend);
        for path in ["/sign-in", "/nowhere", "/healthz", "/legal", "/api/sign_in"] {
            let answer = nobody.get(path).await;
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
            assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{path}");
            assert_eq!(answer.header("cache-control"), "no-store", "{path}");
            assert!(answer.header("content-security-policy").starts_with("default-src 'none'"), "{path}");
            assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
            assert!(!answer.header("content-security-policy").contains("unsafe-inline"), "{path}");
            assert!(!answer.header("x-request-id").is_empty(), "{path}");
        }
        let page = nobody.get("/sign-in").await;
        let policy = page.header("content-security-policy").to_owned();
        let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).unwrap();
        assert!(page.text.matches("<script").count() > 0);
        assert_eq!(page.text.matches("<script").count(), page.text.matches(&format!("nonce=\"{nonce}\"")).count());
        assert_ne!(policy, nobody.get("/sign-in").await.header("content-security-policy"), "a nonce is used once");
    })
    .await;
}

#[tokio::test]
async fn the_language_is_the_persons_then_the_browsers() {
    on_each_demo(async |backend| {
        let nobody = Browser::new(&backend);
        let ask = async |browser: &Browser, path: &str| {
            let request = Request::get(path).header(header::ACCEPT_LANGUAGE, "it-IT,it;q=0.9,en;q=0.5");
            browser.send(request.body(Body::empty()).unwrap()).await.text
        };
        assert!(ask(&nobody, "/sign-in").await.contains(">Accedi</h1>"));
        assert!(nobody.get("/sign-in").await.text.contains(">Sign in</h1>"));
        let chosen = nobody.with_cookie("tenantry_locale=en");
        assert!(ask(&chosen, "/sign-in").await.contains(">Sign in</h1>"));

        let partner = nobody.signed_in("partner@example.com").await;
        let answer =
            partner.post("/accounts", "_form=%2Fapi%2Fchoose_locale&locale=it&return_to=%2Faccounts%3Fq%3Da").await;
        assert_eq!(answer.header("location"), "/accounts?q=a");
        let elsewhere = nobody.signed_in("partner@example.com").await;
        assert!(elsewhere.get("/accounts").await.text.contains("lang=\"it\""), "remembered for the person");
    })
    .await;
}

#[tokio::test]
async fn operators_see_that_it_runs() {
    on_each_demo(async |backend| {
        let nobody = Browser::new(&backend);
        nobody.get("/sign-in").await;
        assert_eq!(nobody.get("/healthz").await.text, "ok\n");
        assert_eq!(nobody.get("/readyz").await.status, StatusCode::OK);
        let metrics = nobody.get("/metrics").await.text;
        assert!(metrics.contains("http_requests_total{method=\"GET\",route=\"/sign-in\",status=\"200\"}"), "{metrics}");
    })
    .await;
}

/// A request of which every part is given.
fn request(method: &str, uri: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Request<Body> {
    let builder = Request::builder().method(method).uri(uri);
    headers.iter().fold(builder, |builder, (name, value)| builder.header(*name, *value)).body(body.into()).unwrap()
}

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

#[tokio::test]
async fn a_target_that_names_no_path_is_refused() {
    on_each_demo(async |backend| {
        let nobody = Browser::new(&backend);
        for (method, target) in [("GET", "evil:80"), ("CONNECT", "evil:80"), ("POST", "evil"), ("OPTIONS", "*")] {
            let answer = nobody.send(request(method, target, &[], "")).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{method} {target}");
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{method} {target}");
        }
        let absolute =
            nobody.send(request("GET", "http://127.0.0.1:3000/legal", &[("host", "evil.example")], "")).await;
        assert_eq!(absolute.status, StatusCode::OK, "the request's line goes before the header");
        let absolute = nobody.send(request("GET", "http://evil.example/legal", &[], "")).await;
        assert_eq!(absolute.status, StatusCode::MISDIRECTED_REQUEST);
    })
    .await;
}

#[tokio::test]
async fn only_hosts_of_this_server_are_answered() {
    on_each_demo(async |backend| {
        let nobody = Browser::new(&backend);
        for (host, status) in [("localhost", 200), ("[::1]:3000", 200), ("evil.example", 421), ("a b", 400), ("", 400)]
        {
            let answer = nobody.send(request("GET", "/legal", &[("host", host)], "")).await;
            assert_eq!(answer.status.as_u16(), status, "{host}");
        }
        let two = nobody.send(request("GET", "/legal", &[("host", "localhost"), ("host", "localhost")], "")).await;
        assert_eq!(two.status, StatusCode::BAD_REQUEST);
        let refused =
            nobody.send(request("GET", "/", &[("host", "evil.example"), ("accept-language", "it")], "")).await;
        assert!(
            refused.text.contains("evil.example") && refused.text.contains("imposta `public_url`"),
            "{}",
            refused.text
        );
        let probe = nobody.send(request("GET", "/healthz", &[("host", "any.name")], "")).await;
        assert_eq!(probe.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn a_refused_origin_is_told_what_to_configure() {
    on_each_demo(async |backend| {
        let nobody = Browser::new(&backend);
        let headers = [FORM, ("host", "127.0.0.1:3000"), ("origin", "http://console.example.com")];
        let answer = nobody.send(request("POST", "/sign-in", &headers, "_form=%2Fapi%2Fsign_in")).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        for expected in ["set `public_url = \"http://console.example.com\"`", "127.0.0.1:3000"] {
            assert!(answer.text.contains(expected), "{}", answer.text);
        }
    })
    .await;
}

#[tokio::test]
async fn another_tools_cookie_of_the_same_name_signs_nobody_out() {
    on_each_demo(async |backend| {
        let admin = admin(&backend).await;
        let own = admin.cookie().to_owned();
        for other in ["tenantry_session=another", &format!("tenantry_session={}", "0".repeat(64)), "session=x"] {
            for cookies in [format!("{other}; {own}"), format!("{own}; {other}")] {
                let answer = admin.with_cookie(&cookies).get("/profile").await;
                assert_eq!(answer.status, StatusCode::OK, "{cookies:.40}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn cookies_are_kept_from_scripts_and_other_sites() {
    on_each_demo(async |backend| {
        let answer = Browser::new(&backend)
            .post("/sign-in", "_form=%2Fapi%2Fchoose_locale&locale=it&return_to=%2Fsign-in")
            .await;
        let cookie = answer.header("set-cookie");
        for part in ["tenantry_locale=it", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=31536000"] {
            assert!(cookie.contains(part), "{cookie}");
        }
    })
    .await;
}

#[tokio::test]
async fn every_page_asks_for_itself_again_when_a_browser_shows_what_it_kept() {
    on_each_demo(async |backend| {
        let admin = admin(&backend).await;
        for path in ["/sign-in", "/profile", "/nowhere"] {
            assert!(admin.get(path).await.text.contains("addEventListener('pageshow'"), "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn the_id_of_a_request_is_ours_and_the_reference_of_an_error() {
    on_each_demo(async |backend| {
        let admin = admin(&backend).await;
        let page = account_page(&admin).await;
        let asked = admin.send(request("GET", "/legal", &[("x-request-id", &"a".repeat(300_000))], "")).await;
        assert_eq!(asked.header("x-request-id").len(), 36);
        backend.store.clone().close().await.unwrap();
        for (method, path) in [("GET", page.as_str()), ("POST", &page), ("POST", "/api/find_accounts")] {
            let answer = admin.send(request(method, path, &[FORM, ("accept", "text/html")], "search=a")).await;
            assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{method} {path}");
            assert!(answer.text.contains(answer.header("x-request-id")), "{method} {path}: {}", answer.text);
        }
    })
    .await;
}

#[tokio::test]
async fn a_server_function_never_leads_to_the_referer() {
    on_each_demo(async |backend| {
        let headers = [FORM, ("accept", "text/html"), ("referer", "https://evil.example/")];
        let answer = Browser::new(&backend).send(request("POST", "/api/find_accounts", &headers, "search=a")).await;
        assert_eq!((answer.status, answer.header("location")), (StatusCode::UNAUTHORIZED, ""));
    })
    .await;
}

#[tokio::test]
async fn an_invented_method_is_counted_with_the_others() {
    on_each_demo(async |backend| {
        let nobody = Browser::new(&backend);
        let method = format!("INVENTED{}", "A".repeat(50_000));
        assert_eq!(nobody.send(request(&method, "/sign-in", &[], "")).await.status, StatusCode::METHOD_NOT_ALLOWED);
        let metrics = nobody.get("/metrics").await.text;
        assert!(!metrics.contains("INVENTED"));
        assert!(
            metrics.contains("http_requests_total{method=\"other\",route=\"/sign-in\",status=\"405\"}"),
            "{metrics}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_session_has_only_so_many_streams() {
    on_each_demo(async |backend| {
        let partner = Browser::new(&backend).signed_in("partner@example.com").await;
        let mut open = Vec::new();
        for _ in 0..20 {
            let stream = partner.open("/events").await;
            assert_eq!(
                (stream.status(), &stream.headers()["x-accel-buffering"]),
                (StatusCode::OK, &"no".parse().unwrap())
            );
            open.push(stream);
        }
        assert_eq!(partner.status("/events").await, StatusCode::TOO_MANY_REQUESTS);
        open.pop();
        assert_eq!(partner.status("/events").await, StatusCode::OK);
        let elsewhere = Browser::new(&backend).signed_in("partner@example.com").await;
        assert_eq!(elsewhere.status("/events").await, StatusCode::OK);
    })
    .await;
}
