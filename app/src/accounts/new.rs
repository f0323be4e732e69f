//! Adding an account. The form is checked here before it is sent like any other.

use domain::{
    account_number::AccountNumber,
    customer::{CountryHistory, CustomerField, CustomerForm, FieldError, FieldErrors, required_email},
};
use leptos::{html, prelude::*, wasm_bindgen::JsCast, web_sys};
use serde::{Deserialize, Serialize};

use crate::{
    account::customer_information::fields::{
        CountryFields, CountryShape, CustomerChoices, CustomerFields, check, error_of, read, typed_customer,
        typed_history,
    },
    error::WireError,
    form::{IdempotencyKey, PostForm, Submission},
    message::Done,
    page::{PageTitle, loaded},
    panel::Panel,
    paths,
    session::Session,
    ui::{
        ChoiceField, ErrorSummary, Refusal, TextField,
        dom::{field_value, focus_summary},
        options,
    },
    wording::Wording,
};

/// What the form of a new account can be filled with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NewAccountView {
    /// Countries, languages, and the format of the country that the form begins with.
    pub choices: CustomerChoices,
    /// The regions in which data can be held, by their keys.
    pub cloud_locations: Vec<(String, String)>,
}

/// What the form of a new account can be filled with, for who may add one.
#[server(prefix = "/api", endpoint = "load_new_account")]
pub async fn load_new_account(#[server(default)] country: String) -> Result<NewAccountView, WireError> {
    use domain::rights::{Action, Decision, Resource, decide};

    use crate::request::{current, refuse};
    let request = current();
    let caller = request.caller().map_err(refuse)?;
    match decide(&caller, Action::AddAccount, Resource::Partner(caller.seat.partner())) {
        Decision::Allowed => {}
        Decision::Forbidden(reason) => return Err(refuse(WireError::Forbidden(reason))),
        Decision::Hidden => return Err(refuse(WireError::NotFound)),
    }
    let locations = request.backend.settings.cloud_locations.iter();
    let locations = locations.map(|one| (one.key.clone(), one.name(request.locale).to_owned()));
    Ok(NewAccountView {
        cloud_locations: locations.collect(),
        choices: crate::account::customer_information::fields::load_customer_choices(country).await?,
    })
}

/// Adds an account.
#[server(prefix = "/api", endpoint = "add_account")]
pub async fn add_account(
    #[server(flatten)] customer: CustomerForm,
    #[server(default)] cloud_location: String,
    #[server(default)] support_contact: String,
    #[server(default)] history: CountryHistory,
    #[server(default)] idempotency_key: String,
) -> Result<Done<AccountNumber>, WireError> {
    use crate::{
        account::customer_information::fields::with_chosen_country,
        message::Outcome,
        request::{current, once, refuse},
    };
    let request = current();
    let caller = request.caller().map_err(refuse)?;
    let (customer, emptied) = with_chosen_country(customer, history);
    let new = parse(&customer, cloud_location, &support_contact).map_err(refuse)?;
    let backend = once(&request, &idempotency_key);
    let number = service::accounts::add::add(&backend, &caller, new).await.map_err(refuse)?;
    Ok(Done::with(Outcome::AccountAdded(emptied), paths::account(number), number))
}

/// Reads the form of a new account.
#[cfg(feature = "ssr")]
fn parse(
    form: &CustomerForm,
    cloud_location: String,
    support_contact: &str,
) -> Result<service::accounts::add::NewAccount, WireError> {
    use crate::account::customer_information::fields;
    let (customer, contact) = (fields::parse(form), required_email(support_contact));
    match (customer, contact, cloud_location.is_empty()) {
        (Ok(customer), Ok(support_contact), false) => {
            Ok(service::accounts::add::NewAccount { customer, cloud_location, support_contact })
        }
        (customer, contact, no_location) => {
            let mut wrong = match customer {
                Err(WireError::Invalid { fields }) => fields,
                _ => FieldErrors::default(),
            };
            if no_location {
                wrong.push(("cloud_location".to_owned(), FieldError::Required));
            }
            wrong.extend(contact.err().map(|error| ("support_contact".to_owned(), error)));
            Err(WireError::Invalid { fields: wrong })
        }
    }
}

/// The page on which an account is added.
#[component]
pub(crate) fn NewAccountPage() -> impl IntoView {
    let submission = Submission::of::<AddAccount, _>(|_, _| {});
    let country = submission.typed("country").unwrap_or_default();
    let view = Resource::new(|| (), move |()| load_new_account(country.clone()));
    loaded(view, move |view| view! { <NewAccount view submission /> })
}

#[component]
fn NewAccount(view: NewAccountView, submission: Submission) -> impl IntoView {
    let wording = Wording::current();
    view! {
        <PageTitle title=wording.add_account().to_owned() />
        <div class="head">
            <div>
                <p class="crumbs small"><a href=paths::ACCOUNTS>{wording.accounts()}</a></p>
                <h1 tabindex="-1">{wording.add_account()}</h1>
                <p class="soft">{wording.add_account_lead()}</p>
            </div>
        </div>
        <div class="panels">
            <Panel id="customer-information" heading=wording.customer_information()>
                <NewAccountForm view submission />
            </Panel>
        </div>
    }
}

#[component]
fn NewAccountForm(view: NewAccountView, submission: Submission) -> impl IntoView {
    let wording = Wording::current();
    let form_ref = NodeRef::<html::Form>::new();
    let NewAccountView { choices, cloud_locations } = view;
    let body = submission.typed_body();
    let mut customer = body.as_deref().map(typed_customer).unwrap_or_default();
    let mut history = body.as_deref().map(typed_history).unwrap_or_default();
    if !history.shown.is_empty() {
        history.change_country(&mut customer, choices.format.as_ref());
    }
    let history = CountryHistory { shown: customer.country.clone(), ..history };
    let shape = CountryShape::new(choices.format.clone(), &customer.subdivision, wording);
    let country = CountryFields::new(shape, history);
    let shape = country.shape;
    let first = submission.error().with_untracked(|error| match error {
        Some(WireError::Invalid { fields }) => fields.clone(),
        _ => FieldErrors::default(),
    });
    let errors = RwSignal::new(first);
    // The contact is most often the person who adds the account.
    let own = Session::current().person_untracked().map(|person| person.email).unwrap_or_default();
    let support_contact = submission.typed_or("support_contact", &own);
    let cloud_location = submission.typed_or("cloud_location", "");
    let look = move |form: &web_sys::HtmlFormElement| shape.with_untracked(|shape| check_all(form, shape));
    let edited = move |form: &web_sys::HtmlFormElement| {
        if errors.with_untracked(|errors| !errors.is_empty()) {
            errors.set(look(form));
        }
    };
    Effect::new(move |_| {
        if let (Some(WireError::Invalid { fields }), Some(form)) = (submission.error().get(), form_ref.get_untracked())
        {
            errors.set(fields);
            focus_summary(&form);
        }
    });
    let on_submit = move |event: web_sys::SubmitEvent| {
        let Some(form) = form_ref.get_untracked() else { return };
        let found = look(&form);
        if !found.is_empty() {
            event.prevent_default();
            errors.set(found);
            focus_summary(&form);
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
            let errors = errors.iter().map(|(name, error)| {
                (name.clone(), label(name, wording).to_owned(), wording.customer_error(name, error))
            });
            view! { <ErrorSummary heading errors=errors.collect() /> }
        })
    };
    let locations = cloud_locations.iter().map(|(key, name)| (key.as_str(), name.as_str()));
    let locations = options(std::iter::once(("", wording.choose())).chain(locations), cloud_location);
    view! {
        <PostForm
            submission action=paths::NEW_ACCOUNT.to_owned() class="body" keeps=true form_ref on_submit=Callback::new(on_submit)
            on_input=Callback::new(on_input)
        >
            <IdempotencyKey submission />
            <Refusal text=Signal::derive(move || submission.problem(wording)) />
            {summary}
            <div class="fields">
                <CustomerFields form=customer country errors choices read_only=false />
                <ChoiceField
                    name="cloud_location" label=wording.cloud_location() options=locations
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
                <button type="submit" class="button main" aria-disabled=submission.busy()>{wording.add_account()}</button>
                <a class="button" href=paths::ACCOUNTS>{wording.cancel()}</a>
            </div>
        </PostForm>
    }
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
