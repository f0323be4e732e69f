//! The fields of customer information, as the Account information page and adding an account have them.

use domain::{
    country::CountryFormat,
    customer::{CustomerField, CustomerForm, CustomerInformation, FieldError, FieldErrors},
};
use leptos::{either::Either, prelude::*, task::spawn_local, web_sys};
use serde::{Deserialize, Serialize};

use super::page::field_value;
use crate::{
    api::format_of_country,
    ui::{ChoiceField, TextField, options},
    wording::Wording,
};

/// How a country's addresses are asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CountryShape {
    /// The country's format. Of the subdivisions only their kind goes to the browser at first: the
    /// page has them already.
    pub format: Option<CountryFormat>,
    /// Whether a subdivision is chosen from a list.
    pub listed: bool,
    /// The entries of that list; in the browser empty until the country changes.
    #[serde(skip)]
    pub options: String,
}

impl CountryShape {
    /// The shape for a country's format, with the entry of `selected` chosen.
    pub(crate) fn new(format: Option<&CountryFormat>, selected: &str, wording: Wording) -> Self {
        let Some(format) = format else { return Self { format: None, listed: false, options: String::new() } };
        let listed = !format.subdivisions.is_empty();
        let entries = format.subdivisions.iter().map(|entry| (entry.code.as_str(), entry.name.as_str()));
        let options = if listed {
            options(std::iter::once(("", wording.choose())).chain(entries), selected)
        } else {
            String::new()
        };
        let format = CountryFormat { subdivisions: Vec::new(), ..format.clone() };
        Self { format: Some(format), listed, options }
    }
}

impl CountryShape {
    /// Whether this is the shape of `country`.
    pub(super) fn is_of(&self, country: &str) -> bool {
        self.format.as_ref().map_or("", |format| format.code.as_str()) == country
    }
}

/// What people read where `value` is chosen or typed in a field.
#[cfg(feature = "ssr")]
pub(crate) fn label_of(field: CustomerField, value: &str, wording: Wording) -> String {
    use domain::{
        account::BusinessType,
        country::{CountryCode, catalogue},
        locale::Language,
    };
    let name = match field {
        CustomerField::Country => CountryCode::parse(value).ok().map(|code| catalogue::name(code, wording.0)),
        CustomerField::Language => {
            Language::from_tag(value).map(|language| catalogue::language_name(language, wording.0))
        }
        CustomerField::BusinessType => BusinessType::from_key(value).map(|kind| wording.business(kind)),
        // A listed subdivision says of which country it is: CA-ON.
        CustomerField::Subdivision => value.split_once('-').and_then(|(country, _)| {
            let mut listed = catalogue::format(CountryCode::parse(country).ok()?).subdivisions.iter();
            listed.find(|subdivision| subdivision.code == value).map(|subdivision| subdivision.name.as_str())
        }),
        _ => None,
    };
    name.unwrap_or(value).to_owned()
}

/// What people read where `value` is chosen or typed in a field, as the page's own lists have it.
#[cfg(not(feature = "ssr"))]
pub(super) fn label_of(field: CustomerField, value: &str, _wording: Wording) -> String {
    let entry =
        document().query_selector(&format!("select#{} option[value='{}']", field.key(), value.replace('\'', "")));
    let label = entry.ok().flatten().and_then(|entry| entry.text_content());
    label.unwrap_or_else(|| value.to_owned())
}

/// Reads customer information from a form on the page.
pub(super) fn read(form: &web_sys::HtmlFormElement) -> CustomerForm {
    let mut read = CustomerForm::default();
    for field in CustomerField::ALL {
        *read.get_mut(field) = field_value(form, field.key());
    }
    read
}

/// What is wrong with `form` by the rules of the country's shape. While the shape of a country just
/// chosen is still on its way, that is for the server to say.
pub(super) fn check(form: &CustomerForm, shape: &CountryShape) -> FieldErrors {
    if !shape.is_of(&form.country) {
        return FieldErrors::default();
    }
    CustomerInformation::parse(form, shape.format.as_ref()).err().unwrap_or_default()
}

/// What is wrong with the field `name`, in words.
pub(super) fn error_of(errors: RwSignal<FieldErrors>, name: &'static str, wording: Wording) -> Signal<Option<String>> {
    let find = move |errors: &FieldErrors| {
        let (_, error): &(String, FieldError) = errors.iter().find(|(field, _)| field == name)?;
        Some(wording.customer_error(name, error))
    };
    Signal::derive(move || errors.with(find))
}

/// Gets the shape of the country that was just chosen, then does what was waiting for it.
pub(super) fn change_country(
    country: String,
    shape: RwSignal<CountryShape>,
    wording: Wording,
    then: impl FnOnce() + 'static,
) {
    spawn_local(async move {
        if country.is_empty() {
            shape.set(CountryShape::new(None, "", wording));
        } else if let Ok(format) = format_of_country(country).await {
            shape.set(CountryShape::new(Some(&format), "", wording));
        }
        // Only in the next frame is the new field on the page.
        request_animation_frame(then);
    });
}

/// Entries of long lists, which only the server has.
#[derive(Clone, Debug, Default)]
struct Lists {
    countries: String,
    languages: String,
    business_types: String,
}

impl Lists {
    #[cfg(feature = "ssr")]
    fn new(form: &CustomerForm, wording: Wording) -> Self {
        use domain::{
            account::BusinessType,
            country::{CountryCode, catalogue},
            locale::Language,
        };
        let choose = || std::iter::once(("", wording.choose()));
        let countries = catalogue::countries(wording.0).iter().map(|(code, name)| (CountryCode::as_str(code), *name));
        let languages =
            Language::ALL.into_iter().map(|language| (language.tag(), catalogue::language_name(language, wording.0)));
        let business_types = BusinessType::ALL.iter().map(|kind| (kind.key(), wording.business(*kind)));
        let not_given = std::iter::once(("", wording.not_given()));
        Self {
            countries: options(choose().chain(countries), &form.country),
            languages: options(choose().chain(languages), &form.language),
            business_types: options(not_given.chain(business_types), &form.business_type),
        }
    }

    #[cfg(not(feature = "ssr"))]
    fn new(_form: &CustomerForm, _wording: Wording) -> Self {
        Self::default()
    }
}

/// The fields. What they hold is read from the form, not kept here: what somebody typed before the
/// WebAssembly came is theirs.
#[component]
pub(super) fn CustomerFields(
    /// What they hold at first.
    form: CustomerForm,
    /// How the country's addresses are asked for.
    shape: RwSignal<CountryShape>,
    /// What is wrong.
    errors: RwSignal<FieldErrors>,
    /// Whether they can only be read.
    read_only: bool,
) -> impl IntoView {
    let wording = Wording::current();
    let error = move |field: CustomerField| error_of(errors, field.key(), wording);
    let lists = Lists::new(&form, wording);
    let required = Some(wording.required());
    view! {
        <TextField
            name="name" label=wording.customer_name() value=form.name error=error(CustomerField::Name)
            required width="four" autocomplete="organization" read_only
        />
        <ChoiceField
            name="country" label=wording.country() options=lists.countries error=error(CustomerField::Country)
            required width="two" read_only
        />
        {update_country(read_only, wording)}
        <TextField
            name="address1" label=wording.address() value=form.address1 error=error(CustomerField::Address1)
            width="three" autocomplete="address-line1" read_only
        />
        <TextField
            name="address2" label=wording.address_line2() value=form.address2 error=error(CustomerField::Address2)
            width="three" autocomplete="address-line2" read_only
        />
        <TextField
            name="city" label=wording.city() value=form.city error=error(CustomerField::City)
            width="two" autocomplete="address-level2" read_only
        />
        <Subdivision shape value=form.subdivision error=error(CustomerField::Subdivision) read_only />
        <PostalCode shape value=form.postal_code error=error(CustomerField::PostalCode) read_only />
        <ChoiceField
            name="language" label=wording.default_language() options=lists.languages
            error=error(CustomerField::Language) required width="three" read_only
        />
        <ChoiceField
            name="business_type" label=wording.business_type() options=lists.business_types
            hint=Some(wording.business_type_hint()) error=error(CustomerField::BusinessType) width="three" read_only
        />
    }
}

/// Without JavaScript, a button brings the fields of the country that was chosen. The unseen one
/// before it is what Enter presses, for that is a form's first. They are written as text, for a
/// browser with JavaScript takes what is inside for text too.
fn update_country(read_only: bool, wording: Wording) -> impl IntoView {
    let label = wording.update_country();
    let buttons = format!(
        "<button class=\"visually-hidden\" tabindex=\"-1\" aria-hidden=\"true\"></button>\
         <button name=\"update_country\" value=\"1\" class=\"button small\">{label}</button>"
    );
    (!read_only).then(|| view! { <noscript class="six" inner_html=buttons></noscript> })
}

#[component]
fn Subdivision(
    shape: RwSignal<CountryShape>,
    value: String,
    error: Signal<Option<String>>,
    read_only: bool,
) -> impl IntoView {
    let wording = Wording::current();
    move || {
        let CountryShape { format, listed, options } = shape.get();
        let kind = format.filter(|_| listed).map(|format| format.subdivision);
        let label = wording.subdivision_kind(kind);
        if listed {
            Either::Left(view! { <ChoiceField name="subdivision" label options error width="two" read_only /> })
        } else {
            let value = value.clone();
            Either::Right(view! {
                <TextField name="subdivision" label value error width="two" autocomplete="address-level1" read_only />
            })
        }
    }
}

#[component]
fn PostalCode(
    shape: RwSignal<CountryShape>,
    value: String,
    error: Signal<Option<String>>,
    read_only: bool,
) -> impl IntoView {
    let wording = Wording::current();
    // A memo, so that going from one country to another leaves what was typed.
    let used =
        Memo::new(move |_| shape.with(|shape| shape.format.as_ref().is_none_or(|format| format.postal.is_some())));
    move || {
        used.get().then(|| {
            let value = value.clone();
            view! {
                <TextField
                    name="postal_code" label=wording.postal_code() value error width="two"
                    autocomplete="postal-code" read_only
                />
            }
        })
    }
}
