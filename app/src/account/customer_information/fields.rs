//! The fields of customer information, as the Account information page and adding an account have them.
#![cfg_attr(feature = "ssr", expect(clippy::unused_async, reason = "server functions are asynchronous"))]

use domain::{
    account::BusinessType,
    country::CountryFormat,
    customer::{CountryHistory, CustomerField, CustomerForm, CustomerInformation, FieldError, FieldErrors},
};
use leptos::{either::Either, prelude::*, task::spawn_local, web_sys};
use serde::{Deserialize, Serialize};

use crate::{
    error::WireError,
    paths::value_in,
    ui::{
        ChoiceField, TextField,
        dom::{field_value, set_field_value},
        options,
    },
    wording::Wording,
};

/// What the choices of customer information are, in the person's language; only the server has them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CustomerChoices {
    /// Countries, by their codes.
    pub countries: Vec<(String, String)>,
    /// Languages, by their tags.
    pub languages: Vec<(String, String)>,
    /// The format of the country that the fields begin with.
    pub format: Option<CountryFormat>,
}

/// The choices of customer information; `country` is the one that the fields begin with, or empty.
#[server(prefix = "/api", endpoint = "load_customer_choices")]
pub async fn load_customer_choices(#[server(default)] country: String) -> Result<CustomerChoices, WireError> {
    use domain::{
        country::{CountryCode, catalogue},
        locale::Language,
    };

    use crate::request::{current, refuse};
    let request = current();
    request.caller().map_err(refuse)?;
    let locale = request.locale;
    let countries =
        catalogue::countries(locale).iter().map(|(code, name)| (code.as_str().to_owned(), (*name).to_owned()));
    let languages = Language::ALL.into_iter();
    let languages = languages.map(|one| (one.tag().to_owned(), catalogue::language_name(one, locale).to_owned()));
    let format = CountryCode::parse(&country).ok().map(|code| catalogue::format(code).clone());
    Ok(CustomerChoices { countries: countries.collect(), languages: languages.collect(), format })
}

/// The form of a country's addresses, for one country at a time.
#[server(prefix = "/api", endpoint = "format_of_country")]
pub async fn format_of_country(country: String) -> Result<CountryFormat, WireError> {
    use domain::country::{CountryCode, catalogue};

    use crate::request::{current, refuse};
    current().caller().map_err(refuse)?;
    let code = CountryCode::parse(&country).map_err(|_| refuse(WireError::NotFound))?;
    Ok(catalogue::format(code).clone())
}

/// How a country's addresses are asked for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CountryShape {
    /// The country's format.
    pub(crate) format: Option<CountryFormat>,
    /// Whether a subdivision is chosen from a list.
    pub(crate) listed: bool,
    /// The entries of that list.
    pub(crate) options: String,
}

impl CountryShape {
    /// The shape for a country's format, with the entry of `selected` chosen.
    pub(crate) fn new(format: Option<CountryFormat>, selected: &str, wording: Wording) -> Self {
        let Some(format) = format else { return Self { format: None, listed: false, options: String::new() } };
        let listed = !format.subdivisions.is_empty();
        let entries = format.subdivisions.iter().map(|entry| (entry.code.as_str(), entry.name.as_str()));
        let options = if listed {
            options(std::iter::once(("", wording.choose())).chain(entries), selected)
        } else {
            String::new()
        };
        Self { format: Some(format), listed, options }
    }

    /// Whether this is the shape of `country`.
    pub(crate) fn is_of(&self, country: &str) -> bool {
        self.format.as_ref().map_or("", |format| format.code.as_str()) == country
    }
}

/// What people read where `value` is chosen or typed in a field.
#[cfg(feature = "ssr")]
pub(crate) fn label_of(field: CustomerField, value: &str, wording: Wording) -> String {
    use domain::{
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
pub(crate) fn label_of(field: CustomerField, value: &str, _wording: Wording) -> String {
    let entry =
        document().query_selector(&format!("select#{} option[value='{}']", field.key(), value.replace('\'', "")));
    let label = entry.ok().flatten().and_then(|entry| entry.text_content());
    label.unwrap_or_else(|| value.to_owned())
}

/// Reads customer information from a form on the page.
pub(crate) fn read(form: &web_sys::HtmlFormElement) -> CustomerForm {
    let mut read = CustomerForm::default();
    for field in CustomerField::ALL {
        *read.get_mut(field) = field_value(form, field.key());
    }
    read
}

/// What a body that was posted holds of customer information.
pub(crate) fn typed_customer(body: &str) -> CustomerForm {
    let mut typed = CustomerForm::default();
    for field in CustomerField::ALL {
        *typed.get_mut(field) = value_in(body, field.key()).unwrap_or_default();
    }
    typed
}

/// What a body that was posted says of the countries that were chosen in its form.
pub(crate) fn typed_history(body: &str) -> CountryHistory {
    let mut history = CountryHistory::new(&value_in(body, SHOWN_COUNTRY).unwrap_or_default());
    for (name, value) in form_urlencoded::parse(body.as_bytes()) {
        let place = name.strip_prefix("history[places][").and_then(|rest| rest.strip_suffix(']')?.split_once("]["));
        let Some((country, field)) = place else { continue };
        let place = history.places.entry(country.to_owned()).or_default();
        match field {
            "subdivision" => place.subdivision = value.into_owned(),
            "postal_code" => place.postal_code = value.into_owned(),
            _ => {}
        }
    }
    history
}

/// The format of a form's country, if it is one.
#[cfg(feature = "ssr")]
pub(crate) fn format_of(form: &CustomerForm) -> Option<&'static CountryFormat> {
    use domain::country::{CountryCode, catalogue};
    CountryCode::parse(&form.country).ok().map(catalogue::format)
}

/// The form with the fields of the country that is chosen in it, if it says of which country it shows the fields, and
/// the fields that this emptied.
#[cfg(feature = "ssr")]
pub(crate) fn with_chosen_country(
    mut form: CustomerForm,
    mut history: CountryHistory,
) -> (CustomerForm, Vec<CustomerField>) {
    if !history.shown.is_empty() {
        let format = format_of(&form);
        history.change_country(&mut form, format);
    }
    (form, history.emptied)
}

/// Reads customer information by the rules of the country that is typed in it.
#[cfg(feature = "ssr")]
pub(crate) fn parse(form: &CustomerForm) -> Result<CustomerInformation, WireError> {
    CustomerInformation::parse(form, format_of(form)).map_err(|fields| WireError::Invalid { fields })
}

/// What is wrong with `form` by the rules of the country's shape. While the shape of a country just
/// chosen is still on its way, that is for the server to say.
pub(crate) fn check(form: &CustomerForm, shape: &CountryShape) -> FieldErrors {
    if !shape.is_of(&form.country) {
        return FieldErrors::default();
    }
    CustomerInformation::parse(form, shape.format.as_ref()).err().unwrap_or_default()
}

/// What is wrong with the field `name`, in words.
pub(crate) fn error_of(errors: RwSignal<FieldErrors>, name: &'static str, wording: Wording) -> Signal<Option<String>> {
    let find = move |errors: &FieldErrors| {
        let (_, error): &(String, FieldError) = errors.iter().find(|(field, _)| field == name)?;
        Some(wording.customer_error(name, error))
    };
    Signal::derive(move || errors.with(find))
}

/// The hidden field that says of which country a form shows the fields.
const SHOWN_COUNTRY: &str = "history[shown]";

/// The fields of an address that depend on its country.
#[derive(Clone, Copy)]
pub(crate) struct CountryFields {
    /// How they are asked for.
    pub(crate) shape: RwSignal<CountryShape>,
    /// What was typed for the countries chosen before.
    pub(crate) history: RwSignal<CountryHistory>,
    /// What was typed when the country was changed whose fields are still shown.
    typed: StoredValue<Option<CustomerForm>>,
}

impl CountryFields {
    pub(crate) fn new(shape: CountryShape, history: CountryHistory) -> Self {
        Self { shape: RwSignal::new(shape), history: RwSignal::new(history), typed: StoredValue::new(None) }
    }

    /// Shows the fields of the country that was just chosen in `form`, with what was typed for it before.
    pub(crate) fn choose(self, form: &web_sys::HtmlFormElement, wording: Wording, then: impl FnOnce() + 'static) {
        let typed = self.typed.get_value().unwrap_or_else(|| read(form));
        if self.typed.with_value(Option::is_none) {
            self.history.update(|history| history.remember(&typed));
            self.typed.set_value(Some(typed.clone()));
        }
        // Whoever saves before the new fields are here does not save the old province.
        if self.history.with_untracked(|history| !history.shown.is_empty()) {
            set_field_value(form, CustomerField::Subdivision.key(), "");
        }
        let place = form.clone();
        let fields = move |format: Option<&CountryFormat>| {
            let mut customer = CustomerForm { subdivision: typed.subdivision, ..read(&place) };
            self.history.update(|history| history.bring_back(&mut customer, format));
            customer
        };
        self.load(form, wording, fields, then);
    }

    /// Shows the fields of the country of `customer`, which the other fields of `form` show already.
    pub(crate) fn show(
        self,
        form: &web_sys::HtmlFormElement,
        customer: CustomerForm,
        wording: Wording,
        then: impl FnOnce() + 'static,
    ) {
        self.history.set(CountryHistory::new(&customer.country));
        self.load(form, wording, move |_| customer, then);
    }

    /// Fetches the shape of the country that is chosen in `form`, and puts what `fields` gives for it
    /// into the fields.
    fn load(
        self,
        form: &web_sys::HtmlFormElement,
        wording: Wording,
        fields: impl FnOnce(Option<&CountryFormat>) -> CustomerForm + 'static,
        then: impl FnOnce() + 'static,
    ) {
        let (form, country) = (form.clone(), field_value(form, CustomerField::Country.key()));
        spawn_local(async move {
            let format = if country.is_empty() {
                None
            } else {
                let Ok(format) = format_of_country(country.clone()).await else { return };
                Some(format)
            };
            // A later choice has overtaken this one.
            if field_value(&form, CustomerField::Country.key()) != country {
                return;
            }
            let customer = fields(format.as_ref());
            self.typed.set_value(None);
            self.shape.set(CountryShape::new(format, "", wording));
            // Only in the next frame are the new fields on the page.
            request_animation_frame(move || {
                for field in [CustomerField::Subdivision, CustomerField::PostalCode] {
                    set_field_value(&form, field.key(), customer.get(field));
                }
                set_field_value(&form, SHOWN_COUNTRY, &country);
                then();
            });
        });
    }
}

/// No field of a customer is one's own: Chromium offers no addresses where it does not know the word,
/// though it does where it is told `off`.
const NOT_OWN: &str = "xoff";

/// The fields. What they hold is read from the form, not kept here: what somebody typed before the
/// WebAssembly came is theirs.
#[component]
pub(crate) fn CustomerFields(
    /// What they hold at first.
    form: CustomerForm,
    /// Those that depend on the country.
    country: CountryFields,
    /// What is wrong.
    errors: RwSignal<FieldErrors>,
    /// What can be chosen.
    choices: CustomerChoices,
    /// Whether they can only be read.
    read_only: bool,
) -> impl IntoView {
    let wording = Wording::current();
    let error = move |field: CustomerField| error_of(errors, field.key(), wording);
    let choose = || std::iter::once(("", wording.choose()));
    let pairs = |all: &[(String, String)], selected: &str| {
        options(choose().chain(all.iter().map(|(value, label)| (value.as_str(), label.as_str()))), selected)
    };
    let CustomerChoices { countries, languages, .. } = choices;
    let countries = pairs(&countries, &form.country);
    let languages = pairs(&languages, &form.language);
    let kinds = BusinessType::ALL.iter().map(|kind| (kind.key(), wording.business(*kind)));
    let business_types = options(std::iter::once(("", wording.not_given())).chain(kinds), &form.business_type);
    let required = Some(wording.required());
    let CountryFields { shape, history, .. } = country;
    let emptied = move || history.with(|history| wording.emptied_fields(&history.emptied));
    let stored_country = form.country.clone();
    view! {
        <TextField
            name="name" label=wording.customer_name() value=form.name error=error(CustomerField::Name)
            required width="four" autocomplete=NOT_OWN read_only
        />
        <ChoiceField
            name="country" label=wording.country() options=countries error=error(CustomerField::Country)
            required width="two" autocomplete=Some(NOT_OWN) read_only
        />
        {update_country(read_only, wording)}
        {history_fields(history.get_untracked())}
        <p role="status" class=move || if emptied().is_empty() { "visually-hidden" } else { "hint six" }>{emptied}</p>
        <TextField
            name="address1" label=wording.address() value=form.address1 error=error(CustomerField::Address1)
            width="three" autocomplete=NOT_OWN read_only
        />
        <TextField
            name="address2" label=wording.address_line2() value=form.address2 error=error(CustomerField::Address2)
            width="three" autocomplete=NOT_OWN read_only
        />
        <TextField
            name="city" label=wording.city() value=form.city error=error(CustomerField::City)
            width="two" autocomplete=NOT_OWN read_only
        />
        <Subdivision shape country=stored_country value=form.subdivision error=error(CustomerField::Subdivision) read_only />
        <PostalCode shape value=form.postal_code error=error(CustomerField::PostalCode) read_only />
        <ChoiceField
            name="language" label=wording.default_language() options=languages
            error=error(CustomerField::Language) required width="three" read_only
        />
        <ChoiceField
            name="business_type" label=wording.business_type() options=business_types
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
         <button name=\"_again\" value=\"1\" class=\"button small\">{label}</button>"
    );
    (!read_only).then(|| view! { <noscript class="six" inner_html=buttons></noscript> })
}

/// What a form without JavaScript carries along of the countries that were chosen in it.
fn history_fields(history: CountryHistory) -> impl IntoView {
    let hidden = |name: String, value: String| view! { <input type="hidden" name=name value=value /> };
    let places: Vec<_> = history
        .places
        .into_iter()
        .flat_map(|(country, place)| {
            let name = |field: &str| format!("history[places][{country}][{field}]");
            [hidden(name("subdivision"), place.subdivision), hidden(name("postal_code"), place.postal_code)]
        })
        .collect();
    view! {
        {hidden(SHOWN_COUNTRY.to_owned(), history.shown)}
        {places}
    }
}

#[component]
fn Subdivision(
    shape: RwSignal<CountryShape>,
    /// The country that `value` is of.
    country: String,
    value: String,
    error: Signal<Option<String>>,
    read_only: bool,
) -> impl IntoView {
    let wording = Wording::current();
    move || {
        let shape = shape.get();
        let value = if shape.is_of(&country) { value.clone() } else { String::new() };
        let CountryShape { format, listed, options } = shape;
        let kind = format.filter(|_| listed).map(|format| format.subdivision);
        let label = wording.subdivision_kind(kind);
        if listed {
            Either::Left(view! {
                <ChoiceField name="subdivision" label options error width="two" autocomplete=Some(NOT_OWN) read_only />
            })
        } else {
            Either::Right(view! {
                <TextField name="subdivision" label value error width="two" autocomplete=NOT_OWN read_only />
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
                    autocomplete=NOT_OWN read_only
                />
            }
        })
    }
}
