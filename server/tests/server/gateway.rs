//! The onboarding of gateways, as a gateway meets it.

use axum::{
    body::Body,
    http::{Request, header},
};
use service::testing::on_each_demo;

use crate::browser::{Answer, Browser};

async fn present(browser: &Browser, body: &str) -> Answer {
    let request = Request::post("/api/v1/gateway/onboarding").header(header::CONTENT_TYPE, "application/json");
    browser.send(request.body(Body::from(body.to_owned())).unwrap()).await
}

/// The code on the page of the account of `admin@example.com`.
async fn code(admin: &Browser) -> (String, String) {
    let page = admin.get("/").await.header("location").to_owned();
    let text = admin.get(&page).await.text;
    let (_, rest) = text.split_once("<code>").expect("the page shows a code");
    (page, rest.split('<').next().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn a_gateway_presents_its_code_and_is_on() {
    on_each_demo(async |backend| {
        let gateway = Browser::new(&backend);
        let admin = gateway.signed_in("admin@example.com").await;
        let (page, code) = code(&admin).await;
        let body = |code: &str, pbx_type: &str| format!(r#"{{"code":"{code}","pbx_type":"{pbx_type}","serial":"S1"}}"#);
        for (body, status, error) in [
            (String::new(), 400, "unreadable"),
            (r#"{"code":7}"#.to_owned(), 400, "unreadable"),
            (body("0000-0000-0000-0000", "MX-ONE"), 404, "unknown_code"),
            (body(&code, "PBX 2000"), 422, "invalid"),
        ] {
            let answer = present(&gateway, &body).await;
            assert_eq!(answer.status.as_u16(), status, "{body}: {}", answer.text);
            assert!(answer.text.contains(error), "{}", answer.text);
        }
        let answer = present(&gateway, &body(&code, "MX-ONE")).await;
        let number = page.trim_start_matches("/accounts/");
        assert_eq!(answer.text, format!(r#"{{"account":"{number}","pbx_type":"MX-ONE"}}"#));
        let answer = present(&gateway, &body(&code, "MX-ONE")).await;
        assert_eq!(answer.status.as_u16(), 409);
        let text = admin.get(&page).await.text;
        assert!(text.contains("<dd>MX-ONE</dd>") && !text.contains(&code));
        for _ in 0..8 {
            present(&gateway, &body("0000", "MX-ONE")).await;
        }
        let stopped = present(&gateway, &body("0000", "MX-ONE")).await;
        assert_eq!(stopped.status.as_u16(), 429);
        assert!(stopped.header("retry-after").parse::<u32>().is_ok());
    })
    .await;
}
