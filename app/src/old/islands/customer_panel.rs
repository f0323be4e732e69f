//! The Customer information panel: editing, saving, and choosing where two edits met.

use std::collections::BTreeMap;

use domain::{
    account_number::AccountNumber,
    customer::{Conflict, CountryHistory, CustomerField, CustomerForm, FieldErrors, merge},
    rights::Reason,
};
use leptos::{ev::Custom, html, prelude::*, server_fn::ServerFn, wasm_bindgen::JsCast, web_sys};

use super::{
    customer_fields::{CountryFields, CountryShape, CustomerFields, check, label_of, read},
    live_page,
    page::{field_value, focus_summary, guard_leaving, set_field_value},
};
use crate::{
    api::{Choice, SaveCustomerInformation, SavedCustomer, Undo},
    error::WireError,
    ui::{ErrorSummary, Notice, Tone, isolated, with_isolates},
    wording::Wording,
};

/// The panel's form.
#[island]
pub fn CustomerPanel(
    /// Account ID.
    number: AccountNumber,
    /// The version from which the edit goes on.
    version: i64,
    /// What is stored.
    stored: CustomerForm,
    /// What the fields hold: what is stored, or what was typed and refused.
    typed: CustomerForm,
    /// How the country's addresses are asked for.
    shape: CountryShape,
    /// The countries that were chosen before.
    history: CountryHistory,
    /// Why what was typed was refused.
    refused: Option<WireError>,
    /// Whether it was just saved.
    saved: bool,
    /// What undoes that.
    undo: Option<i64>,
    /// Why nothing can be changed; `None` when it can.
    read_only: Option<Reason>,
) -> impl IntoView {
    let wording = Wording::current();
    let form_ref = NodeRef::<html::Form>::new();
    let country = CountryFields::new(shape, history);
    let state = State::new(version, stored, country, refused, saved.then(|| wording.saved()), undo);
    let save = ServerAction::<SaveCustomerInformation>::new();
    let pending = save.pending();
    guard_leaving(Signal::derive(move || state.changed.get() > 0));
    Effect::new(move |_| {
        if let (Some(result), Some(form)) = (save.value().get(), form_ref.get_untracked()) {
            untrack(|| state.answered(result, &form, wording));
        }
    });
    // What was typed before this ran counts too.
    Effect::new(move |_| {
        if let Some(form) = form_ref.get() {
            untrack(|| state.woken(&form, wording));
        }
    });
    Effect::new(move |_| {
        let handle = window_event_listener(Custom::<web_sys::CustomEvent>::new(live_page::PAGE), move |event| {
            if let (Some(form), Ok(page)) = (form_ref.get_untracked(), event.detail().dyn_into()) {
                state.met(&page, &form, pending.get_untracked(), wording);
            }
        });
        on_cleanup(move || handle.remove());
    });
    let on_submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let Some(form) = form_ref.get_untracked() else { return };
        if !pending.get_untracked() && state.may_save(&form, wording) {
            save.dispatch(arguments(&form, number));
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
    let path = format!("/accounts/{number}");
    let editable = read_only.is_none();
    let actions = editable.then(|| {
        view! {
            <div class="actions">
                <button type="submit" class="button main" aria-disabled=move || pending.get().then_some("true")>
                    {move || if pending.get() { wording.saving() } else { wording.save() }}
                </button>
                <button type="submit" form="discard-customer" class="button" on:click=on_discard>
                    {wording.discard()}
                </button>
                <button
                    type="submit" class="button" form="undo-customer" name="record" hidden=move || state.undo.get().is_none()
                    value=move || state.undo.get().map(|record| record.to_string())
                >
                    {wording.undo()}
                </button>
                <p class="said" role="status">
                    {move || state.said.get().map_or_else(|| changed_in_words(state.changed.get(), wording), str::to_owned)}
                </p>
            </div>
        }
    });
    view! {
        // A browser that puts back what was typed, on a version that others have changed since, would undo their edit.
        <form
            id="customer-form" method="post" action=path.clone() novalidate=true autocomplete="off" class="body" node_ref=form_ref
            on:submit=on_submit on:input=on_input aria-busy=move || pending.get().to_string()
        >
            <input type="hidden" name="_form" value=SaveCustomerInformation::PATH />
            <input type="hidden" name="number" value=number.to_string() />
            <input type="hidden" name="version" prop:value=move || state.version.get().to_string() value=version.to_string() />
            {read_only.map(|reason| view! { <Notice tone=Tone::Neutral text=wording.reason(reason).to_owned() /> })}
            <Problems state />
            <div class="fields">
                <CustomerFields form=typed country=state.country errors=state.errors read_only=!editable />
            </div>
            {actions}
        </form>
        // Without JavaScript, Discard asks for the page anew.
        <form id="discard-customer" method="get" action=path.clone()></form>
        <form id="undo-customer" method="post" action=format!("{path}#customer-information") data-live="">
            <input type="hidden" name="_form" value=Undo::PATH />
            <input type="hidden" name="number" value=number.to_string() />
            <input type="hidden" name="panel" value="customer-information" />
        </form>
    }
}

fn changed_in_words(changed: u64, wording: Wording) -> String {
    if changed == 0 { String::new() } else { wording.fields_changed(changed) }
}

/// The server function's arguments, as the form holds them.
fn arguments(form: &web_sys::HtmlFormElement, number: AccountNumber) -> SaveCustomerInformation {
    let mut arguments = SaveCustomerInformation {
        number,
        version: field_value(form, "version").parse().unwrap_or_default(),
        customer: read(form),
        choice: BTreeMap::new(),
        stored: CustomerForm::default(),
        history: CountryHistory::default(),
    };
    for field in CustomerField::ALL {
        let key = field.key();
        let choice = match field_value(form, &format!("choice[{key}]")).as_str() {
            "stored" => Choice::Stored,
            "mine" => Choice::Mine,
            _ => continue,
        };
        arguments.choice.insert(field, choice);
        *arguments.stored.get_mut(field) = field_value(form, &format!("stored[{key}]"));
    }
    arguments
}

/// What the panel knows. The fields themselves hold what is typed.
#[derive(Clone, Copy)]
struct State {
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
    /// What was just done.
    said: RwSignal<Option<&'static str>>,
    /// What undoes it.
    undo: RwSignal<Option<i64>>,
}

impl State {
    fn new(
        version: i64,
        stored: CustomerForm,
        country: CountryFields,
        refused: Option<WireError>,
        said: Option<&'static str>,
        undo: Option<i64>,
    ) -> Self {
        let state = Self {
            version: RwSignal::new(version),
            stored: RwSignal::new(stored),
            country,
            errors: RwSignal::default(),
            problem: RwSignal::new(None),
            conflict: RwSignal::new(None),
            changed: RwSignal::new(0),
            said: RwSignal::new(said),
            undo: RwSignal::new(undo),
        };
        if let Some(error) = refused {
            state.refused(error);
        }
        state
    }

    /// The page has come to life; what was typed or chosen before counts.
    fn woken(self, form: &web_sys::HtmlFormElement, wording: Wording) {
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
            self.undo.set(None);
        }
        self.changed.set(changed);
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

    /// The server has answered.
    fn answered(self, result: Result<SavedCustomer, WireError>, form: &web_sys::HtmlFormElement, wording: Wording) {
        match result {
            Ok(saved) => {
                let merged = saved.version > self.version.get_untracked() + 1;
                self.version.set(saved.version);
                self.show(&saved.customer, form, wording);
                show_name(&saved.customer.name, wording);
                self.said.set(Some(if merged { wording.saved_merged() } else { wording.saved() }));
                self.undo.set(saved.undo);
            }
            Err(error) => {
                if let WireError::Conflict(conflict) = &error {
                    self.fill(&conflict.merged, form, wording);
                }
                self.refused(error);
                self.edited(form);
                focus_summary(form);
            }
        }
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

    /// The page was fetched anew, with what others have saved. What is being typed stays as it is, and
    /// goes on from the version it began with, unless what others changed is elsewhere.
    fn met(self, page: &web_sys::Document, form: &web_sys::HtmlFormElement, pending: bool, wording: Wording) {
        let new = page.get_element_by_id("customer-form");
        let Some(new) = new.and_then(|new| new.dyn_into::<web_sys::HtmlFormElement>().ok()) else { return };
        let version = field_value(&new, "version").parse().unwrap_or_default();
        if pending || version <= self.version.get_untracked() || self.conflict.with_untracked(Option::is_some) {
            return;
        }
        let (stored, base, typed) = (read(&new), self.stored.get_untracked(), read(form));
        let merged = merge(&base, &stored, &typed);
        if !merged.conflicts.is_empty() {
            return;
        }
        self.version.set(version);
        self.stored.set(stored.clone());
        show_name(&stored.name, wording);
        if self.country.shape.with_untracked(|shape| shape.is_of(&merged.merged.country)) {
            // A field that stays as it is is not touched: somebody may be typing in it.
            for field in merged.merged.differing(&typed) {
                set_field_value(form, field.key(), merged.merged.get(field));
            }
        } else {
            self.fill(&merged.merged, form, wording);
        }
        let (said, undo) = (self.said.get_untracked(), self.undo.get_untracked());
        self.edited(form);
        self.said.set(said);
        self.undo.set(undo);
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

/// Puts a new customer's name where the page shows it.
fn show_name(name: &str, wording: Wording) {
    let page = document();
    page.set_title(&wording.page_title(name));
    if let Ok(Some(heading)) = page.query_selector("h1 bdi") {
        heading.set_text_content(Some(name));
    }
    if let Ok(Some(place)) = page.query_selector(".working") {
        place.set_inner_html(&with_isolates(&wording.working_in_account(&isolated(name))));
    }
}

/// What stands in the way of saving, at the top of the form.
#[component]
fn Problems(state: State) -> impl IntoView {
    let wording = Wording::current();
    let summary = move || {
        let errors = state.errors.get();
        (!errors.is_empty()).then(|| {
            let subdivision = subdivision_label(state, wording);
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
    let problem =
        move || state.problem.get().map(|error| view! { <Notice tone=Tone::Bad text=wording.wire_error(&error) /> });
    let conflict = move || {
        state
            .conflict
            .get()
            .map(|conflict| view! { <ConflictChoices conflict subdivision=subdivision_label(state, wording) /> })
    };
    view! {
        {problem}
        {summary}
        {conflict}
    }
}

/// What the country on the page calls its subdivisions.
fn subdivision_label(state: State, wording: Wording) -> &'static str {
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
