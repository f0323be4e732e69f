//! Forms.
//!
//! A form posts to a server function, whose answer says what was done and what is stored now. Without
//! JavaScript the browser posts it to the address of its page, with the function's path in the field
//! [`FORM`]; the server calls the function and sends the browser on, or renders the page again with what
//! was typed and what is wrong.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use leptos::{
    html,
    prelude::*,
    server_fn::ServerFn,
    task::spawn_local,
    wasm_bindgen::{JsCast, JsValue},
    web_sys,
};
use leptos_router::hooks::use_location;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use wasm_bindgen_futures::JsFuture;

use crate::{
    draft::Drafts,
    error::WireError,
    live::Live,
    message::{Done, Messages},
    navigation,
    paths::value_in,
    session::Session,
    wording::Wording,
};

/// The name of the hidden field that says to which server function a form is posted.
pub const FORM: &str = "_form";

/// Fields whose values are never sent back.
pub const SECRETS: [&str; 3] = ["password", "new_password", "client_secret"];

/// A form that was posted to its page without JavaScript and refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Posted {
    /// The path of its server function.
    pub form: String,
    /// What was typed, as the browser sent it, without secrets.
    pub body: String,
    /// Why it was refused; `None` where only its fields were asked for again, by [`AGAIN`].
    pub error: Option<WireError>,
}

/// The name of the button that asks for the page again, with the fields that what is typed needs.
pub const AGAIN: &str = "_again";

/// The refused form of this page, until the page is left.
#[derive(Clone, Copy)]
struct PostedForm(StoredValue<Option<Posted>>);

/// Makes the refused form known to the forms of the page.
pub(crate) fn provide_posted(posted: Option<Posted>) {
    provide_context(PostedForm(StoredValue::new(posted)));
}

/// The refused form, if it is that of the server function at `path` in which `fields` have these values.
pub(crate) fn posted(path: &str, fields: &[(&str, &str)]) -> Option<Posted> {
    let PostedForm(posted) = use_context()?;
    let is_this = |posted: &Posted| {
        posted.form == path && fields.iter().all(|(name, value)| value_in(&posted.body, name).as_deref() == Some(value))
    };
    posted.get_value().filter(is_this)
}

/// Forgets the refused form, once another page is shown.
#[cfg(not(feature = "ssr"))]
pub(crate) fn forget_posted() {
    if let Some(PostedForm(posted)) = use_context() {
        posted.set_value(None);
    }
}

/// When something was asked of the server, in the order in which it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Sent(u64);

impl Sent {
    /// After everything that was asked before.
    pub(crate) fn now() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        Self(LAST.fetch_add(1, Ordering::Relaxed))
    }
}

/// Takes over what an answer holds, and says what of it is not for one form alone.
type Take = dyn Fn(&str, Sent) -> Result<Answer, WireError> + Send + Sync;

/// The sending of a form to its server function.
#[derive(Clone, Copy)]
pub struct Submission {
    path: &'static str,
    pending: RwSignal<bool>,
    error: RwSignal<Option<WireError>>,
    /// What was typed into the form before this page was rendered: it was refused, or is a draft.
    typed: StoredValue<Option<String>>,
    was_refused: StoredValue<bool>,
    /// Whether something was typed before that is neither done nor discarded.
    begun: RwSignal<bool>,
    /// Under what its draft is kept.
    draft: StoredValue<String>,
    drafts: Drafts,
    take: StoredValue<Arc<Take>>,
    /// How often it was done.
    times_done: RwSignal<u32>,
    /// What was sent last, as the browser sent it.
    sent: StoredValue<String>,
    /// Whether the answer is late.
    late: RwSignal<bool>,
}

/// After so long without an answer it is said that it is late.
const LATE: Duration = Duration::from_secs(5);

/// Where an answer leads, after what it holds was taken over.
struct Answer {
    message: Option<crate::message::Message>,
    next: String,
}

impl Submission {
    /// Sends forms to the server function `F`; `done` takes what is stored afterwards.
    pub(crate) fn of<F, T>(done: impl Fn(T, Sent) + Send + Sync + 'static) -> Self
    where
        F: ServerFn<Output = Done<T>, Error = WireError>,
        T: DeserializeOwned,
    {
        Self::among::<F, T>(&[], done)
    }

    /// Like [`Submission::of`], for one of several forms of a page: that in which `fields` have these values.
    pub(crate) fn among<F, T>(fields: &[(&str, &str)], done: impl Fn(T, Sent) + Send + Sync + 'static) -> Self
    where
        F: ServerFn<Output = Done<T>, Error = WireError>,
        T: DeserializeOwned,
    {
        let take = move |text: &str, sent| {
            let answer: Done<T> = serde_json::from_str(text).map_err(|_| WireError::Unreachable)?;
            done(answer.now, sent);
            Ok(Answer { message: answer.message, next: answer.next })
        };
        Self::new(F::PATH, fields, Arc::new(take))
    }

    fn new(path: &'static str, fields: &[(&str, &str)], take: Arc<Take>) -> Self {
        let posted = posted(path, fields);
        let was_refused = posted.is_some();
        let (body, error) = posted.map_or((None, None), |posted| (Some(posted.body), posted.error));
        let page = use_location().pathname.get_untracked();
        let draft = format!("{page} {path} {fields:?}");
        let drafts = Drafts::current();
        let typed = body.or_else(|| drafts.get(&draft));
        Self {
            path,
            pending: RwSignal::new(false),
            error: RwSignal::new(error),
            was_refused: StoredValue::new(was_refused),
            begun: RwSignal::new(typed.is_some()),
            draft: StoredValue::new(draft),
            drafts,
            typed: StoredValue::new(typed),
            take: StoredValue::new(take),
            late: RwSignal::new(false),
            times_done: RwSignal::new(0),
            sent: StoredValue::new(String::new()),
        }
    }

    /// Whether the answer is awaited.
    #[must_use]
    pub fn pending(self) -> bool {
        self.pending.get()
    }

    /// Whether the answer is awaited, not followed.
    #[must_use]
    pub fn pending_untracked(self) -> bool {
        self.pending.get_untracked()
    }

    /// `aria-disabled` of the button that sends.
    pub fn busy(self) -> impl Fn() -> Option<&'static str> + Send + Sync + Copy + 'static {
        move || self.pending.get().then_some("true")
    }

    /// Why it was refused, at the moment.
    #[must_use]
    pub fn error(self) -> RwSignal<Option<WireError>> {
        self.error
    }

    /// Whether the form was refused before this page was rendered.
    #[must_use]
    pub fn was_refused(self) -> bool {
        self.was_refused.get_value()
    }

    /// Whether something was typed before this page was rendered that is neither done nor discarded, followed.
    #[must_use]
    pub fn is_begun(self) -> bool {
        self.begun.get()
    }

    /// Keeps what `form` holds until it is done or discarded, whatever page is shown meanwhile.
    pub(crate) fn keep(self, form: &web_sys::HtmlFormElement) {
        let body = body_of(form, None).ok().and_then(|body| body.dyn_into::<web_sys::UrlSearchParams>().ok());
        let Some(body) = body else { return };
        for name in SECRETS {
            body.delete(name);
        }
        self.drafts.keep(self.draft.get_value(), body.to_string().into());
        if !self.begun.get_untracked() {
            self.begun.set(true);
        }
    }

    /// Forgets what was typed.
    pub(crate) fn discard(self) {
        if let Some(draft) = self.draft.try_get_value() {
            self.drafts.forget(&draft);
        }
        let _ = self.begun.try_set(false);
    }

    /// What the field `name` begins with: what was typed before, or `stored`.
    #[must_use]
    pub fn typed_or(self, name: &str, stored: &str) -> String {
        self.typed(name).unwrap_or_else(|| stored.to_owned())
    }

    /// What was typed into the field `name` before this page was rendered.
    #[must_use]
    pub fn typed(self, name: &str) -> Option<String> {
        self.typed.with_value(|typed| value_in(typed.as_ref()?, name))
    }

    /// What was typed before this page was rendered, as the browser sent it.
    #[must_use]
    pub fn typed_body(self) -> Option<String> {
        self.typed.get_value()
    }

    /// What is wrong with the field `name`, in words.
    #[must_use]
    pub fn field_error(self, name: &'static str, wording: Wording) -> Signal<Option<String>> {
        Signal::derive(move || {
            self.error.with(|error| match error {
                Some(WireError::Invalid { fields }) => {
                    fields.iter().find(|(field, _)| field == name).map(|(_, error)| wording.field_error(error))
                }
                _ => None,
            })
        })
    }

    /// Why the whole form was refused, in words; nothing where its fields say it, or a question is open.
    #[must_use]
    pub fn problem(self, wording: Wording) -> Option<String> {
        self.error.with(|error| match error {
            None | Some(WireError::Unconfirmed { .. }) => None,
            // Who signed in again can go on.
            Some(WireError::Unauthenticated) if !Session::current().has_ended() => None,
            Some(WireError::Invalid { fields }) if !fields.is_empty() => None,
            Some(error) => Some(wording.wire_error(error)),
        })
    }

    /// The first thing that is wrong, in words, for a form of one field or none.
    #[must_use]
    pub fn first_problem(self, wording: Wording) -> Option<String> {
        self.error.with(|error| match error {
            Some(WireError::Invalid { fields }) if !fields.is_empty() => Some(wording.field_error(&fields[0].1)),
            _ => self.problem(wording),
        })
    }

    /// What the field `name` held when it was sent last.
    #[must_use]
    pub fn last_value(self, name: &str) -> Option<String> {
        self.sent.with_value(|sent| value_in(sent, name)).or_else(|| self.typed(name))
    }

    /// How often it was done, followed.
    #[must_use]
    pub fn times_done(self) -> u32 {
        self.times_done.get()
    }

    /// Sends what a form holds when it is submitted.
    pub(crate) fn on_submit(self, event: &web_sys::SubmitEvent) {
        if event.default_prevented() {
            return;
        }
        event.prevent_default();
        let form = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlFormElement>().ok());
        let Some(form) = form.filter(|_| !self.pending.get_untracked()) else { return };
        let button = event.submitter().and_then(|button| button.dyn_into::<web_sys::HtmlButtonElement>().ok());
        // A button that cannot be used says why, and stays to be found.
        if button.as_ref().is_some_and(|button| button.get_attribute("aria-disabled").as_deref() == Some("true")) {
            return;
        }
        if let Ok(body) = body_of(&form, button.as_ref()) {
            self.send_from(body, Some(form));
        }
    }

    /// Sends a body, as a form would.
    pub fn send(self, body: JsValue) {
        self.send_from(body, None);
    }

    fn send_from(self, body: JsValue, form: Option<web_sys::HtmlFormElement>) {
        let sent = Sent::now();
        self.pending.set(true);
        self.sent.set_value(
            body.dyn_ref::<web_sys::UrlSearchParams>().map_or_else(String::new, |body| body.to_string().into()),
        );
        let (messages, session, go) = (Messages::current(), Session::current(), navigation::navigator());
        // What is sent may be gone from the page by the time of the answer: others changed something.
        let (take, live) = (self.take.get_value(), Live::current());
        live.await_answer();
        let late = set_timeout_with_handle(
            move || {
                let _ = self.late.try_set(true);
            },
            LATE,
        )
        .ok();
        spawn_local(async move {
            let answer = post(self.path, &body).await;
            if let Some(late) = late {
                late.clear();
            }
            let _ = self.late.try_set(false);
            // Before what is stored: with that the form may be gone, and an effect that waits to run fails once what
            // it reads is gone with its owner.
            let _ = self.pending.try_set(false);
            if answer.is_ok() {
                let _ = self.error.try_set(None);
            }
            let answer = answer.and_then(|text| take(&text, sent));
            live.answered();
            match answer {
                Ok(Answer { message, next }) => {
                    let _ = self.times_done.try_update(|times| *times += 1);
                    self.discard();
                    if let Some(form) = form.filter(|form| form.has_attribute(RESETS)) {
                        form.reset();
                    }
                    // Not before: what undoes the change that was said last is sent from that message.
                    match message {
                        Some(message) => messages.say(message, &navigation::path_of(&next)),
                        None => messages.clear(),
                    }
                    go.to(&next);
                    navigation::keep_focus(&next);
                }
                Err(error) => {
                    form.as_ref().map(forget_passwords);
                    if error == WireError::Unauthenticated {
                        session.ended();
                    }
                    let _ = self.error.try_set(Some(error));
                }
            }
        });
    }
}

/// The fields of a form, with the button that was pressed, as a browser would send them.
fn body_of(form: &web_sys::HtmlFormElement, button: Option<&web_sys::HtmlButtonElement>) -> Result<JsValue, JsValue> {
    let fields = web_sys::FormData::new_with_form(form)?;
    if let Some(button) = button.filter(|button| !button.name().is_empty()) {
        fields.append_with_str(&button.name(), &button.value())?;
    }
    if form.enctype() == "multipart/form-data" {
        return Ok(fields.into());
    }
    web_sys::UrlSearchParams::new_with_str_sequence_sequence(&fields).map(Into::into)
}

/// Empties the passwords of a form that was refused: they are typed anew.
fn forget_passwords(form: &web_sys::HtmlFormElement) {
    let elements = form.elements();
    let inputs =
        (0..elements.length()).filter_map(|index| elements.item(index)?.dyn_into::<web_sys::HtmlInputElement>().ok());
    inputs
        .filter(|input| input.type_() == "password" && input.name().contains("password"))
        .for_each(|input| input.set_value(""));
}

/// The query that a form asks for by its address, when it is submitted.
pub(crate) fn form_query(event: &web_sys::SubmitEvent) -> String {
    let form = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlFormElement>().ok());
    let query = form
        .and_then(|form| body_of(&form, None).ok())
        .and_then(|body| body.dyn_into::<web_sys::UrlSearchParams>().ok());
    query.map_or_else(String::new, |query| query.to_string().into())
}

/// Posts `body` to the server function at `path`; the text of its answer.
async fn post(path: &str, body: &JsValue) -> Result<String, WireError> {
    let lost = |_: JsValue| WireError::Unreachable;
    let options = web_sys::RequestInit::new();
    options.set_method("POST");
    options.set_body(body);
    let answer = JsFuture::from(window().fetch_with_str_and_init(path, &options)).await.map_err(lost)?;
    let answer: web_sys::Response = answer.unchecked_into();
    let text = JsFuture::from(answer.text().map_err(lost)?).await.map_err(lost)?;
    let text = text.as_string().unwrap_or_default();
    if answer.ok() {
        return Ok(text);
    }
    // What is no error of ours, a gateway's page say, tells nothing.
    Err(serde_json::from_str(&text).unwrap_or(WireError::Unreachable))
}

/// The attribute of a form that is empty again after it was done.
const RESETS: &str = "data-resets";

/// A form that posts to the server function of `submission`.
#[component]
pub fn PostForm(
    /// Its sending.
    submission: Submission,
    /// The address of the page it stands on, to which it is posted without JavaScript.
    #[prop(into)]
    action: Signal<String>,
    /// Its classes.
    #[prop(optional)]
    class: &'static str,
    /// Its id.
    #[prop(optional)]
    id: Option<&'static str>,
    /// Whether it is empty again after it was done.
    #[prop(optional)]
    resets: bool,
    /// Whether it sends files.
    #[prop(optional)]
    upload: bool,
    /// Whether what is typed outlives the page, until it is done or discarded.
    #[prop(optional)]
    keeps: bool,
    /// Its element.
    #[prop(optional)]
    form_ref: NodeRef<html::Form>,
    /// What comes before it is sent, and may prevent that.
    #[prop(optional, into)]
    on_submit: Option<Callback<web_sys::SubmitEvent>>,
    /// What follows what is typed and chosen in it.
    #[prop(optional, into)]
    on_input: Option<Callback<web_sys::Event>>,
    /// Its controls.
    children: Children,
) -> impl IntoView {
    let wording = Wording::current();
    let send = move |event: web_sys::SubmitEvent| {
        if let Some(first) = on_submit {
            first.run(event.clone());
        }
        submission.on_submit(&event);
    };
    let typed = move |event: web_sys::Event| {
        let form = event.current_target().and_then(|form| form.dyn_into::<web_sys::HtmlFormElement>().ok());
        if let Some(form) = form.filter(|_| keeps) {
            submission.keep(&form);
        }
        if let Some(on_input) = on_input {
            on_input.run(event);
        }
    };
    view! {
        <form
            node_ref=form_ref enctype=upload.then_some("multipart/form-data") autocomplete="off" on:input=typed data-resets=resets.then_some("") id=id method="post" action=move || action.get() class=class novalidate=true
            on:submit=send
            aria-busy=move || submission.pending.get().then_some("true")
        >
            <Hidden name=FORM value=submission.path />
            {children()}
            {move || submission.late.get().then(|| view! { <p class="late" role="status">{wording.answer_late()}</p> })}
        </form>
    }
}

/// A field that nobody sees.
#[component]
pub fn Hidden(
    /// Its name.
    name: &'static str,
    /// Its value.
    #[prop(into)]
    value: Signal<String>,
) -> impl IntoView {
    view! { <input type="hidden" name=name value=move || value.try_get().unwrap_or_default() /> }
}

/// The name of the hidden field by which a form that is sent twice is known again.
const IDEMPOTENCY_KEY: &str = "idempotency_key";

/// The hidden field with a key under which what the form makes is made once: a new one after each time it was done.
#[component]
pub fn IdempotencyKey(
    /// The form's sending.
    submission: Submission,
) -> impl IntoView {
    let first = SharedValue::new(random_key).into_inner();
    let key = RwSignal::new(submission.typed_or(IDEMPOTENCY_KEY, &first));
    Effect::new(move |before: Option<u32>| {
        let times = submission.times_done.get();
        if before.is_some_and(|before| before != times) {
            key.set(random_key());
        }
        times
    });
    view! { <Hidden name=IDEMPOTENCY_KEY value=key /> }
}

/// A key that nobody can guess; empty when there is no randomness, and then a form may be sent twice.
#[cfg(feature = "ssr")]
fn random_key() -> String {
    service::idempotency::IdempotencyKey::random().map(|key| key.to_string()).unwrap_or_default()
}

#[cfg(not(feature = "ssr"))]
fn random_key() -> String {
    let mut bytes = [0; 16];
    let drawn = window().crypto().and_then(|crypto| crypto.get_random_values_with_u8_array(&mut bytes));
    if drawn.is_err() {
        return String::new();
    }
    format!("{:032x}", u128::from_be_bytes(bytes))
}

/// The longest value that is sent back to who posted it, in bytes: no file.
#[cfg(feature = "ssr")]
const ECHO_MAX: usize = 64 * 1024;

/// The parts of a body that are sent back to who posted it: no secrets, and nothing large.
#[cfg(feature = "ssr")]
#[must_use]
pub fn echo_of(body: &str) -> String {
    let is_kept = |name: &str, value: &str| !SECRETS.contains(&name) && value.len() <= ECHO_MAX;
    let kept = form_urlencoded::parse(body.as_bytes()).filter(|(name, value)| is_kept(name, value));
    form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).finish()
}
