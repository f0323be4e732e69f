//! Fields of forms: label, control, hint and what is wrong, tied together for every reader.

use leptos::{prelude::*, text_prop::TextProp};

/// The frame of a field. The control inside must have the id `name` and take its description from
/// [`described_by`].
#[component]
pub fn Field<C: IntoView + 'static>(
    /// The control's id.
    name: &'static str,
    /// The label.
    #[prop(into)]
    label: TextProp,
    /// What to know before filling it in.
    #[prop(optional_no_strip)]
    hint: Option<&'static str>,
    /// What is wrong.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// The word that says that it must be filled in; `None` when it need not be.
    #[prop(optional_no_strip)]
    required: Option<&'static str>,
    /// How much of a row it takes.
    width: &'static str,
    /// The control, of its own type: what is of any type weighs much in the browser.
    children: TypedChildren<C>,
) -> impl IntoView {
    let control = children.into_inner();
    view! {
        <div class=format!("field {width}")>
            <label for=name>
                {move || label.get()}
                {required.map(|required| view! { <span class="required" title=required aria-hidden="true">" *"</span> })}
            </label>
            {control()}
            {hint.map(|hint| view! { <p class="hint" id=format!("{name}-hint")>{hint}</p> })}
            <p class="error" id=format!("{name}-error")>{move || error.try_get().flatten()}</p>
        </div>
    }
}

/// The ids of the texts that describe a field's control.
fn described_by(name: &str, hint: bool) -> String {
    if hint { format!("{name}-error {name}-hint") } else { format!("{name}-error") }
}

/// A field of one line of text.
#[component]
pub fn TextField(
    /// The field's name.
    name: &'static str,
    /// The control's id, where the page has another field of that name.
    #[prop(default = name)]
    id: &'static str,
    /// The label.
    #[prop(into)]
    label: TextProp,
    /// What it holds at first.
    value: String,
    /// What to know before filling it in.
    #[prop(optional_no_strip)]
    hint: Option<&'static str>,
    /// What is wrong.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// The word that says that it must be filled in; `None` when it need not be.
    #[prop(optional_no_strip)]
    required: Option<&'static str>,
    /// How much of a row it takes.
    #[prop(default = "six")]
    width: &'static str,
    /// The kind of text.
    #[prop(default = "text")]
    kind: &'static str,
    /// What a browser may fill in by itself.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// Whether it can only be read.
    #[prop(optional)]
    read_only: bool,
) -> impl IntoView {
    let described_by = described_by(id, hint.is_some());
    // Of an address that it takes for one, a browser refuses spaces that do not matter, and domains
    // of other scripts.
    let is_address = kind == "email";
    view! {
        <Field name=id label hint error required width>
            <input
                id=id
                name=name
                type=if is_address { "text" } else { kind }
                inputmode=is_address.then_some("email")
                autocapitalize=is_address.then_some("none")
                spellcheck=is_address.then_some("false")
                dir="auto"
                value=value
                autocomplete=autocomplete
                readonly=read_only
                aria-required=required.map(|_| "true")
                aria-invalid=move || error.try_with(Option::is_some).unwrap_or_default().then_some("true")
                aria-describedby=described_by
            />
        </Field>
    }
}

/// A field of several lines of text.
#[component]
pub fn TextArea(
    /// The field's name, which is the control's id too.
    name: &'static str,
    /// The label.
    #[prop(into)]
    label: TextProp,
    /// What it holds at first.
    value: String,
    /// What to know before filling it in.
    hint: &'static str,
    /// What is wrong.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// The word that says that it must be filled in; `None` when it need not be.
    #[prop(optional_no_strip)]
    required: Option<&'static str>,
    /// How many lines are seen at once.
    #[prop(default = 5)]
    rows: u8,
) -> impl IntoView {
    view! {
        <Field name label hint=Some(hint) error required width="six">
            <textarea
                id=name
                name=name
                rows=rows.to_string()
                dir="auto"
                aria-required=required.map(|_| "true")
                aria-invalid=move || error.try_with(Option::is_some).unwrap_or_default().then_some("true")
                aria-describedby=described_by(name, true)
            >
                {value}
            </textarea>
        </Field>
    }
}

/// A field for a secret that is no password of a person. To password managers it is a text, so that they
/// neither fill in a password nor offer to keep the secret; its characters are hidden by the style sheet.
#[component]
pub fn SecretField(
    /// The field's name, which is the control's id too.
    name: &'static str,
    /// The label.
    #[prop(into)]
    label: TextProp,
    /// What to know before filling it in.
    hint: &'static str,
    /// What is wrong.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// The word that says that it must be filled in; `None` when it need not be.
    #[prop(optional_no_strip)]
    required: Option<&'static str>,
) -> impl IntoView {
    view! {
        <Field name label hint=Some(hint) error required width="six">
            <input
                id=name
                name=name
                type="text"
                class="secret"
                value=""
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                data-1p-ignore=""
                data-bwignore=""
                data-lpignore="true"
                data-form-type="other"
                aria-required=required.map(|_| "true")
                aria-invalid=move || error.try_with(Option::is_some).unwrap_or_default().then_some("true")
                aria-describedby=described_by(name, true)
            />
        </Field>
    }
}

/// A field with a choice among entries.
#[component]
pub fn ChoiceField(
    /// The field's name, which is the control's id too.
    name: &'static str,
    /// The label.
    #[prop(into)]
    label: TextProp,
    /// The entries, by [`super::options`]. In the browser this may be empty as long as the field
    /// stays as the server has written it.
    options: String,
    /// What to know before choosing.
    #[prop(optional_no_strip)]
    hint: Option<&'static str>,
    /// What is wrong.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// The word that says that it must be chosen; `None` when it need not be.
    #[prop(optional_no_strip)]
    required: Option<&'static str>,
    /// How much of a row it takes.
    #[prop(default = "six")]
    width: &'static str,
    /// What a browser may choose by itself.
    #[prop(optional_no_strip)]
    autocomplete: Option<&'static str>,
    /// Whether it can only be read.
    #[prop(optional)]
    read_only: bool,
) -> impl IntoView {
    let described_by = described_by(name, hint.is_some());
    view! {
        <Field name label hint error required width>
            <select
                id=name
                name=name
                disabled=read_only
                autocomplete=autocomplete
                aria-required=required.map(|_| "true")
                aria-invalid=move || error.try_with(Option::is_some).unwrap_or_default().then_some("true")
                aria-describedby=described_by
                inner_html=options
            ></select>
        </Field>
    }
}
