//! The form of a new account. It is checked here before it is posted like any other form.

use domain::customer::{CountryHistory, CustomerField, CustomerForm, FieldError, FieldErrors, required_email};
use leptos::{html, prelude::*, server_fn::ServerFn, wasm_bindgen::JsCast, web_sys};

use super::{
    customer_fields::{CountryFields, CountryShape, CustomerFields, check, error_of, read},
    page::{field_value, focus_summary},
};
use crate::{
    api::AddAccount,
    error::WireError,
    ui::{ChoiceField, ErrorSummary, Notice, TextField, Tone},
    wording::Wording,
};

/// The form.
#[island]
pub fn NewAccountForm(
    /// What the fields of customer information hold.
    customer: CustomerForm,
    /// The cloud location that is chosen.
    cloud_location: String,
    /// The support contact that was typed.
    support_contact: String,
    /// The key under which the form is sent once.
    idempotency_key: String,
    /// How the country's addresses are asked for.
    shape: CountryShape,
    /// The countries that were chosen before.
    history: CountryHistory,
    /// Why what was typed was refused.
    refused: Option<WireError>,
) -> impl IntoView {
    let wording = Wording::current();
    let form_ref = NodeRef::<html::Form>::new();
    let country = CountryFields::new(shape, history);
    let shape = country.shape;
    let (fields, problem) = match refused {
        Some(WireError::Invalid { fields }) if !fields.is_empty() => (fields, None),
        other => (FieldErrors::default(), other),
    };
    let errors = RwSignal::new(fields);
    let look = move |form: &web_sys::HtmlFormElement| shape.with_untracked(|shape| check_all(form, shape));
    let on_submit = move |event: web_sys::SubmitEvent| {
        let Some(form) = form_ref.get_untracked() else { return };
        let found = look(&form);
        if !found.is_empty() {
            event.prevent_default();
            errors.set(found);
            focus_summary(&form);
        }
    };
    let edited = move |form: &web_sys::HtmlFormElement| {
        if errors.with_untracked(|errors| !errors.is_empty()) {
            errors.set(look(form));
        }
    };
    // A country that was chosen before this ran brings its fields now.
    Effect::new(move |_| {
        if let Some(form) = form_ref.get() {
            let chosen = field_value(&form, CustomerField::Country.key());
            if shape.with_untracked(|shape| !shape.is_of(&chosen)) {
                let place = form.clone();
                country.choose(&form, wording, move || edited(&place));
            }
        }
    });
    let on_input = move |event: web_sys::Event| {
        let Some(form) = form_ref.get_untracked() else { return };
        let target = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlSelectElement>().ok());
        if target.is_some_and(|select| select.name() == CustomerField::Country.key()) {
            let place = form.clone();
            country.choose(&form, wording, move || edited(&place));
        }
        edited(&form);
    };
    let summary = move || {
        let errors = errors.get();
        (!errors.is_empty()).then(|| {
            let heading = wording.fields_invalid(errors.len() as u64);
            let errors = errors
                .iter()
                .map(|(name, error)| {
                    (name.clone(), label(name, wording).to_owned(), wording.customer_error(name, error))
                })
                .collect();
            view! { <ErrorSummary heading errors /> }
        })
    };
    view! {
        <form method="post" action="/accounts/new" novalidate=true autocomplete="off" class="body" node_ref=form_ref on:submit=on_submit on:input=on_input>
            <input type="hidden" name="_form" value=AddAccount::PATH />
            <input type="hidden" name="idempotency_key" value=idempotency_key />
            {problem.map(|error| view! { <Notice tone=Tone::Bad text=wording.wire_error(&error) /> })}
            {summary}
            <div class="fields">
                <CustomerFields form=customer country errors read_only=false />
                <ChoiceField
                    name="cloud_location" label=wording.cloud_location() options=cloud_locations(cloud_location)
                    hint=Some(wording.cloud_location_hint()) error=error_of(errors, "cloud_location", wording)
                    required=Some(wording.required()) width="three"
                />
                <TextField
                    name="support_contact" label=wording.support_contact() value=support_contact kind="email"
                    hint=Some(wording.support_contact_hint()) error=error_of(errors, "support_contact", wording)
                    required=Some(wording.required()) width="three"
                />
            </div>
            <div class="actions">
                <button type="submit" class="button main">{wording.add_account()}</button>
                <a class="button" href="/accounts">{wording.cancel()}</a>
            </div>
        </form>
    }
}

#[cfg(feature = "ssr")]
fn cloud_locations(selected: String) -> String {
    let request = crate::request::current();
    let wording = Wording(request.locale);
    let locations = &request.backend.settings.cloud_locations;
    let entries = locations.iter().map(|location| (location.key.as_str(), location.name(request.locale)));
    crate::ui::options(std::iter::once(("", wording.choose())).chain(entries), selected)
}

#[cfg(not(feature = "ssr"))]
fn cloud_locations(_selected: String) -> String {
    String::new()
}

fn label(name: &str, wording: Wording) -> &'static str {
    match (CustomerField::from_key(name), name) {
        (Some(field), _) => wording.customer_field(field),
        (None, "cloud_location") => wording.cloud_location(),
        (None, _) => wording.support_contact(),
    }
}

fn check_all(form: &web_sys::HtmlFormElement, shape: &CountryShape) -> FieldErrors {
    let mut errors = check(&read(form), shape);
    if field_value(form, "cloud_location").is_empty() {
        errors.push(("cloud_location".to_owned(), FieldError::Required));
    }
    let contact = required_email(&field_value(form, "support_contact"));
    errors.extend(contact.err().map(|error| ("support_contact".to_owned(), error)));
    errors
}
