//! What the addresses of the lists ask for, by HTTP.

use service::testing::on_each_demo;

use crate::browser::Browser;

#[tokio::test]
async fn what_is_searched_for_is_decoded_once() {
    on_each_demo(async |backend| {
        let partner = Browser::new(&backend).signed_in("partner@example.com").await;
        for path in ["/accounts", "/orders", "/activity"] {
            let page = partner.get(&format!("{path}?q=A%2542C")).await;
            assert!(page.text.contains("value=\"A%42C\""), "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn all_is_a_text_like_any_other() {
    on_each_demo(async |backend| {
        let partner = Browser::new(&backend).signed_in("partner@example.com").await;
        let all = partner.get("/accounts?q=all&status=all").await.text;
        assert!(all.contains("value=\"all\"") && !all.contains("156 accounts"), "not every account");
    })
    .await;
}

#[tokio::test]
async fn accounts_that_nearly_match_are_shown_and_said_to_be_such() {
    on_each_demo(async |backend| {
        let partner = Browser::new(&backend).signed_in("partner@example.com").await;
        let page = partner.get("/accounts?q=spdition").await.text;
        assert!(page.contains("No exact match.") && page.contains("Spedition"));
        let page = partner.get("/accounts?q=spedition").await.text;
        assert!(!page.contains("No exact match."));
    })
    .await;
}

#[tokio::test]
async fn countries_are_sorted_by_the_name_that_is_shown() {
    on_each_demo(async |backend| {
        let partner = Browser::new(&backend).signed_in("partner@example.com").await;
        let mut shown = Vec::new();
        let mut path = "/accounts?sort=country".to_owned();
        loop {
            let page = partner.get(&path).await.text;
            let cells = page.split("data-label=\"Country\">").skip(1);
            shown.extend(cells.map(|cell| cell.split('<').next().unwrap().to_owned()));
            let Some(next) =
                page.split("href=\"").filter_map(|link| link.split('"').next()).find(|to| to.contains("after="))
            else {
                break;
            };
            path = next.replace("&amp;", "&");
        }
        assert!(shown.len() == 156 && shown.is_sorted() && shown.first() != shown.last(), "{shown:?}");
    })
    .await;
}

#[tokio::test]
async fn an_export_of_what_cannot_be_asked_for_says_so_instead_of_holding_everything() {
    on_each_demo(async |backend| {
        let partner = Browser::new(&backend).signed_in("partner@example.com").await;
        for (query, field) in [("from=2026-02-30", "from: "), ("until=1", "until: "), ("kind=nonsense", "kind: ")] {
            let answer = partner.get(&format!("/activity/export.csv?{query}")).await;
            assert_eq!(
                (answer.status.as_u16(), answer.text.starts_with(field)),
                (422, true),
                "{query}: {}",
                answer.text
            );
        }
    })
    .await;
}
