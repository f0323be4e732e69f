//! Text of people on pages without JavaScript: addresses by country, e-mail, names of other scripts.

use form_urlencoded::Serializer;
use service::testing::on_each_demo;

use crate::browser::{Answer, Browser};

async fn own_account(browser: &Browser) -> String {
    browser.get("/").await.header("location").to_owned()
}

/// The fields of the form of customer information, as an account of Modena has them.
const MODENA: [(&str, &str); 9] = [
    ("history[shown]", "IT"),
    ("name", "Rossi"),
    ("country", "IT"),
    ("subdivision", "IT-MO"),
    ("address1", "Via Emilia 1"),
    ("city", "Modena"),
    ("postal_code", "41121"),
    ("language", "it"),
    ("business_type", ""),
];

/// Posts the form of customer information of the account at `path`, with `changed` fields.
async fn save(browser: &Browser, path: &str, changed: &[(&str, &str)]) -> Answer {
    let page = browser.get(path).await.text;
    let mut form = Serializer::new(String::new());
    form.append_pair("_form", "/api/save_customer_information");
    form.append_pair("number", path.rsplit('/').next().unwrap());
    form.append_pair("version", value(&page, "version").unwrap());
    let kept = MODENA.iter().filter(|(name, _)| !changed.iter().any(|(other, _)| other == name));
    form.extend_pairs(kept).extend_pairs(changed);
    browser.post(path, &form.finish()).await
}

/// The value of the hidden or text field `name`.
fn value<'a>(page: &'a str, name: &str) -> Option<&'a str> {
    let mut tags = page.split('<').filter(|tag| tag.starts_with("input") && tag.contains(&format!("name=\"{name}\"")));
    tags.find_map(|tag| tag.split("value=\"").nth(1)?.split('"').next())
}

#[tokio::test]
async fn what_was_typed_for_a_country_comes_back_with_it() {
    on_each_demo(async |backend| {
        let admin = Browser::new(&backend).signed_in("admin@example.com").await;
        let path = own_account(&admin).await;
        let update = ("_again", "1");
        let hong_kong = save(&admin, &path, &[("country", "HK"), update]).await;
        assert_eq!(hong_kong.status, 200);
        assert_eq!(value(&hong_kong.text, "postal_code"), None);
        assert!(hong_kong.text.contains("belonged to the former country: Province / State, Postal / ZIP code."));
        let remembered = ["subdivision", "postal_code"].map(|field| format!("history[places][IT][{field}]"));
        let remembered = remembered.each_ref().map(|name| (name.as_str(), value(&hong_kong.text, name).unwrap()));
        assert_eq!(remembered.map(|(_, value)| value), ["IT-MO", "41121"]);
        let mut back = vec![("history[shown]", "HK"), ("subdivision", ""), update];
        back.extend(remembered);
        let italy = save(&admin, &path, &back).await;
        assert_eq!(value(&italy.text, "postal_code"), Some("41121"));
        assert!(italy.text.contains("value=\"IT-MO\" selected"));
    })
    .await;
}

#[tokio::test]
async fn a_province_does_not_go_along_to_another_country() {
    on_each_demo(async |backend| {
        let admin = Browser::new(&backend).signed_in("admin@example.com").await;
        let path = own_account(&admin).await;
        // What says of no country that its fields are shown is refused whole.
        let code = [("history[shown]", ""), ("country", "DE"), ("subdivision", "IT-BZ"), ("postal_code", "10115")];
        let refused = save(&admin, &path, &code).await;
        assert_eq!(refused.status, 422);
        assert!(refused.text.contains("This is a province of another country."));
        let saved = save(&admin, &path, &[("country", "DE"), ("subdivision", "IT-BZ"), ("postal_code", "10115")]).await;
        assert_eq!(saved.status, 303);
        let page = admin.follow(&saved).await;
        assert_eq!(value(&page.text, "subdivision"), Some(""));
        assert!(page.text.contains("belonged to the former country: Province / State."));
    })
    .await;
}

#[tokio::test]
async fn values_of_people_stand_isolated() {
    on_each_demo(async |backend| {
        let admin = Browser::new(&backend).signed_in("admin@example.com").await;
        let path = own_account(&admin).await;
        let before = admin.get(&path).await;
        let name = value(&before.text, "name").unwrap().to_owned();
        let hebrew = "שירותי ענן (1999)!";
        assert_eq!(save(&admin, &path, &[("name", hebrew)]).await.status, 303);
        let page = admin.get(&path).await.text;
        assert!(page.contains(&format!("<bdi>{hebrew}</bdi></h1>")));
        assert!(page.contains(&format!("Customer name: <bdi>{name}</bdi> → <bdi>{hebrew}</bdi>")));
        let partner = Browser::new(&backend).signed_in("partner@example.com").await;
        let list = partner.get("/accounts?q=%D7%A9%D7%99%D7%A8%D7%95%D7%AA%D7%99").await.text;
        assert!(list.contains(&format!("<bdi>{hebrew}</bdi></a>")));
    })
    .await;
}

#[tokio::test]
async fn spaces_around_an_address_do_not_keep_anybody_out() {
    on_each_demo(async |backend| {
        let nobody = Browser::new(&backend);
        let page = nobody.get("/sign-in").await.text;
        let field = page.split('<').find(|tag| tag.contains("id=\"email\"")).unwrap();
        assert!(field.contains("type=\"text\"") && field.contains("inputmode=\"email\""), "{field}");
        for typed in [" admin@example.com\u{A0}", "\u{200F}Admin@Example.com\u{3000}"] {
            let typed: String = form_urlencoded::byte_serialize(typed.as_bytes()).collect();
            nobody.signed_in(&typed).await;
        }
    })
    .await;
}

#[tokio::test]
async fn an_address_of_another_script_is_shown_readable() {
    on_each_demo(async |backend| {
        let admin = Browser::new(&backend).signed_in("admin@example.com").await;
        let path = own_account(&admin).await;
        let number = path.rsplit('/').next().unwrap();
        let form = format!("_form=%2Fapi%2Fadd_contact&number={number}&contact=info%40m%C3%BCller.example");
        let added = admin.post(&path, &form).await;
        assert_eq!(added.status, 303);
        let page = admin.get(added.header("location").split('#').next().unwrap()).await.text;
        assert!(page.contains("<bdi>info@müller.example</bdi>"));
        assert_eq!(value(&page, "email").map(|email| email.contains('ü')), Some(false));
    })
    .await;
}

#[tokio::test]
async fn nothing_of_oneself_is_offered_in_the_fields_of_a_customer() {
    on_each_demo(async |backend| {
        let partner = Browser::new(&backend).signed_in("partner@example.com").await;
        let page = partner.get("/accounts/new").await.text;
        for name in ["name", "country", "address1", "address2", "city", "subdivision", "postal_code"] {
            let tag = page.split('<').find(|tag| tag.contains(&format!("id=\"{name}\""))).unwrap();
            assert!(tag.contains("autocomplete=\"xoff\""), "{tag}");
        }
    })
    .await;
}
