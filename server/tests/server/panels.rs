//! The panels of the account page as a browser without JavaScript sees them.

use service::{Backend, testing::on_each_demo};

use crate::browser::{Answer, Browser};

async fn partner(backend: &Backend) -> Browser {
    Browser::new(backend).signed_in("partner@example.com").await
}

/// The path of the account of the demo's account admin.
async fn own_path(backend: &Backend) -> String {
    let admin = Browser::new(backend).signed_in("admin@example.com").await;
    admin.get("/").await.header("location").to_owned()
}

/// The path of the first account that a search lists.
async fn found_path(browser: &Browser, search: &str) -> String {
    let list = browser.get(&format!("/accounts?q={search}")).await.text;
    let start = list.find("href=\"/accounts/").unwrap() + 6;
    let rest = list[start..].split('"').next().unwrap();
    let next = list[start..]
        .split("href=\"")
        .find(|link| link.starts_with("/accounts/") && link.as_bytes()[10].is_ascii_digit());
    next.map_or(rest, |link| link.split('"').next().unwrap()).to_owned()
}

/// Posts the form of a server function to the page, with more fields of it.
async fn post(browser: &Browser, path: &str, form: &str, fields: &str) -> Answer {
    let number = path.split('?').next().unwrap().rsplit('/').next().unwrap();
    browser.post(path, &format!("_form=%2Fapi%2F{form}&number={number}&{fields}")).await
}

/// The address to which a form that was done leads, without the part of the page.
fn destination(answer: &Answer) -> String {
    assert_eq!(answer.status, 303);
    answer.header("location").split('#').next().unwrap().to_owned()
}

/// The record of the change that the message on the page offers to undo.
fn record_to_undo(page: &str) -> String {
    let form = &page[page.find("value=\"/api/undo\"").unwrap()..];
    form.split("name=\"record\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

/// The text of the page from the element with `id` on.
fn from_id<'a>(page: &'a str, id: &str) -> &'a str {
    &page[page.find(&format!("id=\"{id}\"")).unwrap()..]
}

#[tokio::test]
async fn the_partners_own_account_is_offered_neither_deactivating_nor_deleting() {
    on_each_demo(async |backend| {
        let partner = partner(&backend).await;
        let path = found_path(&partner, "northwind+telecom").await;
        for open in ["", "?open=delete", "?open=deactivate"] {
            let page = partner.get(&format!("{path}{open}")).await.text;
            let panel = from_id(&page, "lifecycle");
            assert!(panel.contains("be deactivated or deleted."), "{panel}");
            assert!(!page.contains("/api/deactivate_account") && !page.contains("/api/delete_account"));
            assert!(!panel.contains("ask-delete") && !panel.contains("ask-deactivate"));
        }
        assert_eq!(post(&partner, &path, "deactivate_account", "").await.status, 403);
        assert_eq!(post(&partner, &path, "delete_account", "name=Northwind+Telecom").await.status, 403);
    })
    .await;
}

#[tokio::test]
async fn removed_contacts_leave_their_places_empty_and_can_be_undone() {
    on_each_demo(async |backend| {
        let (partner, path) = (partner(&backend).await, own_path(&backend).await);
        for email in ["one", "two"] {
            let added = post(&partner, &path, "add_contact", &format!("contact={email}%40b.example")).await;
            assert_eq!(added.status, 303);
        }
        let places = |page: &str| -> Vec<bool> {
            let panel = page[page.find("id=\"support-contacts\"").unwrap()..].split("</section>").next().unwrap();
            let rows = panel.split("<li").skip(1);
            rows.map(|row| !row.contains("class=\"removed\"")).collect()
        };
        let removed = post(&partner, &path, "remove_contact", "email=partner%40example.com").await;
        let first = destination(&removed);
        let removed = post(&partner, &first, "remove_contact", "email=one%40b.example").await;
        let both = destination(&removed);
        let page = partner.follow(&removed).await.shown();
        assert_eq!(places(&page), [true, false, false, true]);
        assert!(page.contains("<bdi>one@b.example</bdi> was removed."));
        // What else is done on the page leaves the places as they are.
        let tested = post(&partner, &both, "send_test_message", "email=two%40b.example").await;
        assert_eq!(places(&partner.get(&destination(&tested)).await.text), [true, false, false, true]);
        let record = record_to_undo(&page);
        let undone = post(&partner, &both, "undo", &format!("record={record}&place=support-contacts")).await;
        assert_eq!(places(&partner.get(&destination(&undone)).await.text), [true, false, true, true]);
        for nonsense in ["gone=x,,9999999999999999999999", "gone=%3Cb%3E", "gone=-1"] {
            assert_eq!(partner.get(&format!("{path}?{nonsense}")).await.status, 200);
        }
    })
    .await;
}

#[tokio::test]
async fn adding_a_contact_stands_above_the_list_that_it_makes_longer() {
    on_each_demo(async |backend| {
        let (partner, path) = (partner(&backend).await, own_path(&backend).await);
        let page = partner.get(&path).await.text;
        let panel = from_id(&page, "support-contacts");
        assert!(panel.find("/api/add_contact").unwrap() < panel.find("/api/remove_contact").unwrap());
    })
    .await;
}

#[tokio::test]
async fn what_was_done_is_said_at_the_heading_of_its_panel() {
    on_each_demo(async |backend| {
        let (partner, path) = (partner(&backend).await, own_path(&backend).await);
        let switched = post(&partner, &path, "switch_integration", "key=mitel-voice-assist&on=true").await;
        let page = partner.follow(&switched).await.shown();
        let panel = from_id(&page, "integrations").split("</header>").next().unwrap();
        assert!(panel.contains("Mitel Voice Assist: On."), "{panel}");
    })
    .await;
}

#[tokio::test]
async fn removing_an_integration_asks_with_the_focus_on_cancel_and_is_undone() {
    on_each_demo(async |backend| {
        let (partner, path) = (partner(&backend).await, own_path(&backend).await);
        let asked = post(&partner, &path, "remove_integration", "key=microsoft-teams").await;
        assert_eq!(asked.status, 409);
        assert!(partner.get(&path).await.text.contains(&format!("action=\"{path}#cancel\"")), "it has the focus");
        let dialogue = asked.text.split("<dialog").nth(1).unwrap().split("</dialog>").next().unwrap();
        let buttons: Vec<&str> = dialogue.split("<button").skip(1).collect();
        assert!(buttons[0].contains("button danger") && buttons[0].contains(">Remove<"), "{}", buttons[0]);
        assert!(buttons[1].contains("id=\"cancel\"") && buttons[1].contains(">Cancel<"), "{}", buttons[1]);
        let confirmed = dialogue.split("name=\"confirmed\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        let confirmed = confirmed.replace("&quot;", "%22");
        let fields = format!("key=microsoft-teams&confirmed={confirmed}");
        let removed = post(&partner, &path, "remove_integration", &fields).await;
        let page = partner.follow(&removed).await.shown();
        let record = record_to_undo(&page);
        assert!(page.contains("Microsoft Teams: Off. Its configuration can be restored for 30 days."));
        // Also once the message is gone, and for others.
        let admin = Browser::new(&backend).signed_in("admin@example.com").await;
        let page = admin.get(&path).await.shown();
        assert!(page.contains(">Restore configuration<"));
        let undone = post(&admin, &path, "undo", &format!("record={record}&place=integrations")).await;
        assert!(!admin.get(&destination(&undone)).await.text.contains(">Restore configuration<"));
    })
    .await;
}

#[tokio::test]
async fn a_switch_that_only_turns_more_on_says_what_it_turned_on() {
    on_each_demo(async |backend| {
        let (partner, path) = (partner(&backend).await, own_path(&backend).await);
        let off = post(&partner, &path, "switch_integration", "key=micc&on=false").await;
        let confirmed = off.text.split("name=\"confirmed\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        let confirmed = confirmed.replace("&quot;", "%22");
        let off =
            post(&partner, &path, "switch_integration", &format!("key=micc&on=false&confirmed={confirmed}")).await;
        assert_eq!(off.status, 303);
        let on = post(&partner, &path, "switch_integration", "key=micc&on=true").await;
        let page = partner.follow(&on).await.shown();
        assert!(page.contains("MiCC: On. Allow guest access was turned on."));
        assert!(page.contains(">Undo<"));
    })
    .await;
}
