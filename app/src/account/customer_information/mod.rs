//! The Customer information panel: editing, saving, and choosing where two edits met.

pub(crate) mod fields;

use std::collections::BTreeMap;

use domain::{
    account_number::AccountNumber,
    customer::{Conflict, CountryHistory, CustomerField, CustomerForm, FieldErrors, merge},
};
use leptos::{html, prelude::*, wasm_bindgen::JsCast, web_sys};
use serde::{Deserialize, Serialize};

use self::fields::{
    CountryFields, CountryShape, CustomerChoices, CustomerFields, check, label_of, load_customer_choices, read,
    typed_customer, typed_history,
};
use super::{AccountState, AccountView, read_only_reason};
use crate::{
    error::WireError,
    form::{Hidden, PostForm, Submission},
    message::Done,
    panel::Panel,
    session::Session,
    ui::{
        CopyButton, ErrorSummary, Refusal,
        dom::{field_value, focus_summary, set_field_value},
        isolated, with_isolates,
    },
    wording::Wording,
};

/// The panel.
const PANEL: &str = "customer-information";

/// Which of two values to keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Choice {
    /// The one that is stored.
    Stored,
    /// The one that was typed.
    Mine,
}

/// Saves customer information that was edited from `version` on. Where two edits met, `choice`
/// says for each field whether the value in `stored` is to stay.
#[server(prefix = "/api", endpoint = "save_customer_information")]
pub async fn save_customer_information(
    number: AccountNumber,
    version: i64,
    #[server(flatten)] customer: CustomerForm,
    #[server(default)] choice: BTreeMap<CustomerField, Choice>,
    #[server(default)] stored: CustomerForm,
    #[server(default)] history: CountryHistory,
) -> Result<Done<AccountView>, WireError> {
    use crate::{
        message::Outcome,
        request::{current, refuse},
    };
    let request = current();
    let caller = request.caller().map_err(refuse)?;
    let (customer, emptied) = fields::with_chosen_country(customer, history);
    let wanted = chosen(customer, &choice, &stored);
    let information = fields::parse(&wanted).map_err(refuse)?;
    let saving = service::accounts::information::save(&request.backend, &caller, number, version, &information);
    let saved = saving.await.map_err(refuse)?;
    let now = super::view(&request, number).await.map_err(refuse)?;
    let merged = saved.version > version + 1;
    let outcome = if merged { Outcome::SavedMerged } else { Outcome::Saved(emptied) };
    let next = super::next(&request, number, PANEL, true);
    Ok(Done::with(outcome, next, now).undone_by(number, saved.undo))
}

/// The form with those stored values in it that a person chose to keep.
#[cfg(feature = "ssr")]
fn chosen(mut form: CustomerForm, choice: &BTreeMap<CustomerField, Choice>, stored: &CustomerForm) -> CustomerForm {
    for (&field, &choice) in choice {
        if choice == Choice::Stored {
            stored.get(field).clone_into(form.get_mut(field));
        }
    }
    form
}

/// The panel.
#[component]
pub(super) fn CustomerPanel(account: AccountState) -> impl IntoView {
    let wording = Wording::current();
    let country = account.read(|view| view.information.customer.country.clone());
    let submission = Submission::of::<SaveCustomerInformation, _>(move |now, sent| account.set(now, sent));
    let country = submission.typed("country").unwrap_or(country);
    let choices = Resource::new(|| (), move |()| load_customer_choices(country.clone()));
    let may = account.part(|view| view.information.edit);
    view! {
        <Panel id=PANEL heading=wording.customer_information()>
            <ReadOnlyFields account />
            <Transition>
                {move || Suspend::new(async move {
                    choices.await.ok().map(|choices| {
                        // Who may no longer edit sees another form.
                        let form = move |_| view! { <CustomerEdit account submission choices=choices.clone() /> };
                        view! { <For each=move || [may.get()] key=|may| format!("{may:?}") children=form /> }
                    })
                })}
            </Transition>
        </Panel>
    }
}

/// What of the account nobody edits here.
#[component]
fn ReadOnlyFields(account: AccountState) -> impl IntoView {
    let wording = Wording::current();
    let number = account.number;
    let sap = account
        .part(|view| view.information.sap_number.clone().map(|number| (view.information.micloud_connect, number)));
    let pbx = account.part(|view| view.information.pbx_type.clone());
    let cloud_location = account.read(|view| view.cloud_location.clone());
    view! {
        <dl class="read">
            <div>
                <dt>{wording.account_id()}</dt>
                <dd translate="no"><span class="number">{number.grouped()}</span> <CopyButton text=number.to_string() /></dd>
            </div>
            {move || sap.get().map(|(micloud_connect, number)| {
                let label = if micloud_connect { wording.billing_number() } else { wording.sap_number() };
                view! { <div><dt>{label}</dt><dd class="number">{number}</dd></div> }
            })}
            <div><dt>{wording.cloud_location()}</dt><dd>{cloud_location}</dd></div>
            <div>
                <dt>{wording.pbx_type()}</dt>
                {move || match pbx.get() {
                    Some(kind) => view! { <dd>{kind}</dd> }.into_any(),
                    None => view! { <dd class="soft">{wording.pbx_type_pending()}</dd> }.into_any(),
                }}
            </div>
        </dl>
    }
}

/// The form.
#[component]
fn CustomerEdit(account: AccountState, submission: Submission, choices: CustomerChoices) -> impl IntoView {
    let wording = Wording::current();
    let number = account.number;
    let form_ref = NodeRef::<html::Form>::new();
    let (stored, version) = account.read(|view| (view.information.customer.clone(), view.information.version));
    let refused = submission.error().get_untracked();
    let (typed, version, history) = match submission.typed_body() {
        Some(body) => {
            // A refused edit goes on from the version that it began with; where two edits met, from the one that
            // is stored, with what the other edit changed.
            let (typed, version) = match &refused {
                Some(WireError::Conflict(conflict)) => (conflict.merged.clone(), conflict.version),
                _ => (
                    typed_customer(&body),
                    submission.typed("version").and_then(|text| text.parse().ok()).unwrap_or(version),
                ),
            };
            (typed, version, typed_history(&body))
        }
        None => (stored.clone(), version, CountryHistory::default()),
    };
    let (mut typed, mut history) = (typed, history);
    if !history.shown.is_empty() {
        history.change_country(&mut typed, choices.format.as_ref());
    }
    let history = CountryHistory { shown: typed.country.clone(), ..history };
    let shape = CountryShape::new(choices.format.clone(), &typed.subdivision, wording);
    let country = CountryFields::new(shape, history);
    let state = State::new(version, stored, country, submission);
    if let Some(error) = refused {
        state.refused(error);
    }
    let edit = account.read(|view| view.information.edit);
    let reason = read_only_reason(edit);
    // What was typed before this ran counts too.
    Effect::new(move |_| {
        if let Some(form) = form_ref.get() {
            untrack(|| state.hydrated(&form, wording));
        }
    });
    let information = account.part(|view| (view.information.version, view.information.customer.clone()));
    Effect::new(move |before: Option<()>| {
        let (version, stored) = information.get();
        if let (Some(()), Some(form)) = (before, form_ref.get_untracked()) {
            untrack(|| state.stored_changed(version, &stored, &form, wording));
        }
    });
    Effect::new(move |_| {
        if let (Some(error), Some(form)) = (submission.error().get(), form_ref.get_untracked()) {
            untrack(|| {
                if let WireError::Conflict(conflict) = &error {
                    state.fill(&conflict.merged, &form, wording);
                }
                state.refused(error);
                state.edited(&form);
                focus_summary(&form);
            });
        }
    });
    Effect::new(move |before: Option<u32>| {
        let times = submission.times_done();
        if let (Some(form), true) = (form_ref.get_untracked(), before.is_some_and(|before| before != times)) {
            untrack(|| state.saved(account, &form, wording));
        }
        times
    });
    let on_submit = move |event: web_sys::SubmitEvent| {
        if let Some(form) = form_ref.get_untracked()
            && !state.may_save(&form, wording)
        {
            event.prevent_default();
        }
    };
    let on_input = move |event: web_sys::Event| {
        let Some(form) = form_ref.get_untracked() else { return };
        let target = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlSelectElement>().ok());
        if target.is_some_and(|select| select.name() == CustomerField::Country.key()) {
            let place = form.clone();
            state.country.choose(&form, wording, move || state.edited(&place));
        }
        state.edited(&form);
    };
    let on_discard = move |event: web_sys::MouseEvent| {
        event.prevent_default();
        if let Some(form) = form_ref.get_untracked() {
            state.discard(&form, wording);
        }
    };
    let actions = reason.is_none().then(|| {
        view! {
            <div class="actions">
                <button type="submit" class="button main" aria-disabled=submission.busy()>
                    {move || if submission.pending() { wording.saving() } else { wording.save() }}
                </button>
                <button type="submit" form="discard-customer" class="button" on:click=on_discard>
                    {wording.discard()}
                </button>
                <p class="said" role="status">
                    {move || state.said.get().map_or_else(|| changed_in_words(state.changed.get(), wording), str::to_owned)}
                </p>
            </div>
        }
    });
    view! {
        // A browser that puts back what was typed, on a version that others have changed since, would undo their edit.
        <PostForm submission action=account.path() class="body" id="customer-form" form_ref on_submit=Callback::new(on_submit) on_input=Callback::new(on_input)>
            <Hidden name="number" value=number.to_string() />
            <Hidden name="version" value=Signal::derive(move || state.version.get().to_string()) />
            {reason.map(|reason| view! { <p class="notice neutral">{wording.reason(reason)}</p> })}
            <Problems state />
            <div class="fields">
                <CustomerFields form=typed country=state.country errors=state.errors choices read_only=reason.is_some() />
            </div>
            {actions}
        </PostForm>
        // Without JavaScript, Discard asks for the page anew.
        <form id="discard-customer" method="get" action=account.path()></form>
    }
}

fn changed_in_words(changed: u64, wording: Wording) -> String {
    if changed == 0 { String::new() } else { wording.fields_changed(changed) }
}

/// What the panel knows. The fields themselves hold what is typed.
#[derive(Clone, Copy)]
struct State {
    submission: Submission,
    /// The version from which the edit goes on.
    version: RwSignal<i64>,
    /// What is stored, as far as this page knows.
    stored: RwSignal<CustomerForm>,
    /// The fields that depend on the country.
    country: CountryFields,
    /// What is wrong, field by field.
    errors: RwSignal<FieldErrors>,
    /// What is wrong with saving at all.
    problem: RwSignal<Option<WireError>>,
    /// Where two edits met.
    conflict: RwSignal<Option<Conflict>>,
    /// How many fields hold something else than what is stored.
    changed: RwSignal<u64>,
    /// What there is to say about saving.
    said: RwSignal<Option<&'static str>>,
}

impl State {
    fn new(version: i64, stored: CustomerForm, country: CountryFields, submission: Submission) -> Self {
        Self {
            submission,
            version: RwSignal::new(version),
            stored: RwSignal::new(stored),
            country,
            errors: RwSignal::default(),
            problem: RwSignal::new(None),
            conflict: RwSignal::new(None),
            changed: RwSignal::new(0),
            said: RwSignal::new(None),
        }
    }

    /// The form can be read; what was typed or chosen before counts.
    fn hydrated(self, form: &web_sys::HtmlFormElement, wording: Wording) {
        let (country, place) = (field_value(form, CustomerField::Country.key()), form.clone());
        if self.country.shape.with(|shape| !shape.is_of(&country)) {
            self.country.choose(form, wording, move || self.edited(&place));
        }
        self.edited(form);
    }

    /// Something was typed or chosen.
    fn edited(self, form: &web_sys::HtmlFormElement) {
        let now = read(form);
        let changed = self.stored.with(|stored| now.differing(stored).len() as u64);
        if changed > 0 {
            self.said.set(None);
        }
        self.changed.set(changed);
        if changed == 0 {
            self.submission.discard();
        } else {
            self.submission.keep(form);
        }
        // What was found wrong is looked at again while it is being put right.
        if self.errors.with(|errors| !errors.is_empty()) {
            self.errors.set(self.country.shape.with(|shape| check(&now, shape)));
        }
    }

    /// Whether what is typed holds every rule and differs from what is stored; says so if not.
    fn may_save(self, form: &web_sys::HtmlFormElement, wording: Wording) -> bool {
        self.problem.set(None);
        let errors = self.country.shape.with(|shape| check(&read(form), shape));
        let wrong = !errors.is_empty();
        self.errors.set(errors);
        if wrong {
            focus_summary(form);
        } else if self.changed.get_untracked() == 0 && self.conflict.with(Option::is_none) {
            self.said.set(Some(wording.nothing_to_save()));
            return false;
        }
        !wrong
    }

    /// It was saved: the fields show what is stored.
    fn saved(self, account: AccountState, form: &web_sys::HtmlFormElement, wording: Wording) {
        let (version, stored) = account.read(|view| (view.information.version, view.information.customer.clone()));
        self.version.set(version);
        self.problem.set(None);
        self.show(&stored, form, wording);
        self.said.set(None);
    }

    /// It was refused: nothing that was typed is lost.
    fn refused(self, error: WireError) {
        self.said.set(None);
        match error {
            WireError::Conflict(conflict) => {
                self.version.set(conflict.version);
                self.stored.set(conflict.stored.clone());
                self.conflict.set(Some(*conflict));
            }
            WireError::Invalid { fields } if !fields.is_empty() => self.errors.set(fields),
            error => self.problem.set(Some(error)),
        }
    }

    /// Somebody else saved. What is being typed stays as it is, and goes on from the version it began with, unless
    /// what others changed is elsewhere.
    fn stored_changed(self, version: i64, stored: &CustomerForm, form: &web_sys::HtmlFormElement, wording: Wording) {
        let busy = self.submission.pending_untracked() || self.conflict.with_untracked(Option::is_some);
        if busy || version <= self.version.get_untracked() {
            return;
        }
        let (base, typed) = (self.stored.get_untracked(), read(form));
        let merged = merge(&base, stored, &typed);
        if !merged.conflicts.is_empty() {
            return;
        }
        self.version.set(version);
        self.stored.set(stored.clone());
        if self.country.shape.with_untracked(|shape| shape.is_of(&merged.merged.country)) {
            // A field that stays as it is is not touched: somebody may be typing in it.
            for field in merged.merged.differing(&typed) {
                set_field_value(form, field.key(), merged.merged.get(field));
            }
        } else {
            self.fill(&merged.merged, form, wording);
        }
        let said = self.said.get_untracked();
        self.edited(form);
        self.said.set(said);
    }

    fn discard(self, form: &web_sys::HtmlFormElement, wording: Wording) {
        self.problem.set(None);
        let stored = self.stored.get_untracked();
        self.show(&stored, form, wording);
        self.said.set(None);
    }

    /// Puts `customer` into the fields, as what is stored.
    fn show(self, customer: &CustomerForm, form: &web_sys::HtmlFormElement, wording: Wording) {
        self.fill(customer, form, wording);
        self.stored.set(customer.clone());
        self.errors.set(FieldErrors::default());
        self.conflict.set(None);
        self.changed.set(0);
        self.submission.discard();
    }

    /// Puts `customer` into the fields.
    fn fill(self, customer: &CustomerForm, form: &web_sys::HtmlFormElement, wording: Wording) {
        for field in CustomerField::ALL {
            set_field_value(form, field.key(), customer.get(field));
        }
        if self.country.shape.with_untracked(|shape| !shape.is_of(&customer.country)) {
            let place = form.clone();
            self.country.show(form, customer.clone(), wording, move || self.edited(&place));
        } else {
            self.country.history.set(CountryHistory::new(&customer.country));
        }
    }
}

/// What stands in the way of saving, at the top of the form.
#[component]
fn Problems(state: State) -> impl IntoView {
    let wording = Wording::current();
    let summary = move || {
        let errors = state.errors.get();
        (!errors.is_empty()).then(|| {
            let subdivision = subdivision_label(&state, wording);
            let label = |name: &str| match CustomerField::from_key(name) {
                Some(CustomerField::Subdivision) => subdivision,
                Some(field) => wording.customer_field(field),
                None => wording.error_form(),
            };
            let heading = wording.fields_invalid(errors.len() as u64);
            let errors = errors
                .iter()
                .map(|(name, error)| (name.clone(), label(name).to_owned(), wording.customer_error(name, error)))
                .collect();
            view! { <ErrorSummary heading errors /> }
        })
    };
    let problem = Signal::derive(move || {
        // Who signed in again can go on.
        let is_over = |error: &WireError| *error == WireError::Unauthenticated && !Session::current().has_ended();
        state.problem.get().filter(|error| !is_over(error)).map(|error| wording.wire_error(&error))
    });
    let conflict = move || {
        state
            .conflict
            .get()
            .map(|conflict| view! { <ConflictChoices conflict subdivision=subdivision_label(&state, wording) /> })
    };
    view! {
        <Refusal text=problem />
        {summary}
        {conflict}
    }
}

/// What the country on the page calls its subdivisions.
fn subdivision_label(state: &State, wording: Wording) -> &'static str {
    let kind = state
        .country
        .shape
        .with(|shape| shape.format.as_ref().filter(|_| shape.listed).map(|format| format.subdivision));
    wording.subdivision_kind(kind)
}

/// Both values of each field that two changed, to choose from.
#[component]
fn ConflictChoices(conflict: Conflict, subdivision: &'static str) -> impl IntoView {
    let wording = Wording::current();
    let lead = if conflict.by.is_empty() {
        wording.conflict_lead_unknown().to_owned()
    } else {
        wording.conflict_lead(&conflict.by)
    };
    let in_words = |field: CustomerField, value: &str| {
        if value.is_empty() { wording.conflict_empty().to_owned() } else { label_of(field, value, wording) }
    };
    let rows = conflict.fields.iter().map(|&field| {
        let key = field.key();
        let (stored, mine) = (conflict.stored.get(field).to_owned(), in_words(field, conflict.merged.get(field)));
        let shown = in_words(field, &stored);
        view! {
            <fieldset class="choices">
                <legend>
                    {if field == CustomerField::Subdivision { subdivision } else { wording.customer_field(field) }}
                </legend>
                <input type="hidden" name=format!("stored[{key}]") value=stored />
                <label>
                    <input type="radio" name=format!("choice[{key}]") value="stored" />
                    <span inner_html=with_isolates(&wording.conflict_stored(&isolated(&shown)))></span>
                </label>
                <label>
                    <input type="radio" name=format!("choice[{key}]") value="mine" checked=true />
                    <span inner_html=with_isolates(&wording.conflict_mine(&isolated(&mine)))></span>
                </label>
            </fieldset>
        }
    });
    view! {
        <div class="notice warn" role="alert" tabindex="-1" data-summary="">
            <p class="notice-title">{wording.conflict_title(conflict.fields.len() as u64)}</p>
            <p>{lead}</p>
            {rows.collect_view()}
        </div>
    }
}
