//! A combobox (WAI-ARIA 1.2): a field that offers what matches while somebody types.

use std::{future::Future, pin::Pin, time::Duration};

use leptos::{either::Either, html, leptos_dom::helpers::TimeoutHandle, prelude::*, task::spawn_local, web_sys};

/// How long somebody has to rest before what they typed is looked up.
const REST: Duration = Duration::from_millis(120);

/// Something that is offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Offer {
    /// What it is.
    pub(crate) title: String,
    /// What tells it from others.
    pub(crate) details: String,
    /// What it stands for.
    pub(crate) value: String,
}

/// What looks up what was typed; nothing when it could not.
pub(crate) type Lookup = Box<dyn Fn(String) -> Pin<Box<dyn Future<Output = Option<Vec<Offer>>>>> + Send + Sync>;

/// What is done with the entry that was chosen.
pub(crate) type Chosen = Box<dyn Fn(Combobox, &Offer) + Send + Sync>;

/// A combobox under way.
#[derive(Clone, Copy)]
pub(crate) struct Combobox {
    id: &'static str,
    pub(crate) input: NodeRef<html::Input>,
    found: RwSignal<Option<Vec<Offer>>>,
    active: RwSignal<Option<usize>>,
    waiting: StoredValue<Option<TimeoutHandle>>,
    asked: StoredValue<u32>,
    /// Whether what was typed last has no answer yet.
    pending: StoredValue<bool>,
    /// Whether the first entry is to be reached as soon as there is one.
    first_wanted: StoredValue<bool>,
    lookup: StoredValue<Lookup>,
    chosen: StoredValue<Chosen>,
}

impl Combobox {
    /// A combobox of which the list has the id `{id}-list`.
    pub(crate) fn new(id: &'static str, lookup: Lookup, chosen: Chosen) -> Self {
        Self {
            id,
            input: NodeRef::new(),
            found: RwSignal::new(None),
            active: RwSignal::new(None),
            waiting: StoredValue::new(None),
            asked: StoredValue::new(0),
            pending: StoredValue::new(false),
            first_wanted: StoredValue::new(false),
            lookup: StoredValue::new(lookup),
            chosen: StoredValue::new(chosen),
        }
    }

    fn ask(self) {
        let text = self.input.get_untracked().map(|input| input.value()).unwrap_or_default();
        self.asked.update_value(|asked| *asked += 1);
        let mine = self.asked.get_value();
        if text.trim().is_empty() {
            self.pending.set_value(false);
            self.found.set(None);
            return;
        }
        let answer = self.lookup.with_value(|lookup| lookup(text));
        spawn_local(async move {
            let answer = answer.await;
            // A later question may have been answered before.
            if self.asked.try_get_value() == Some(mine) {
                let is_first = self.first_wanted.get_value() && answer.as_ref().is_some_and(|found| !found.is_empty());
                self.pending.set_value(false);
                self.first_wanted.set_value(false);
                self.found.set(answer);
                self.active.set(is_first.then_some(0));
            }
        });
    }

    pub(crate) fn typed(self) {
        if let Some(waiting) = self.waiting.try_update_value(Option::take).flatten() {
            waiting.clear();
        }
        self.pending.set_value(true);
        self.first_wanted.set_value(false);
        self.waiting.set_value(set_timeout_with_handle(move || self.ask(), REST).ok());
    }

    pub(crate) fn key(self, event: &web_sys::KeyboardEvent) {
        // The keys of an input method choose among its own suggestions.
        if event.is_composing() {
            return;
        }
        let count = self.found.with_untracked(|found| found.as_ref().map_or(0, Vec::len));
        let move_to = |index: usize| {
            event.prevent_default();
            self.active.set(Some(index));
        };
        match (event.key().as_str(), self.active.get_untracked()) {
            ("ArrowDown", _) if self.pending.get_value() => {
                event.prevent_default();
                self.first_wanted.set_value(true);
            }
            ("ArrowDown", place) if count > 0 => move_to(place.map_or(0, |place| (place + 1) % count)),
            ("ArrowUp", place) if count > 0 => move_to(place.map_or(count - 1, |place| (place + count - 1) % count)),
            ("Enter", Some(place)) => {
                event.prevent_default();
                self.choose(place);
            }
            // The only one found needs no choosing.
            ("Enter", None) if count == 1 && !self.pending.get_value() => {
                event.prevent_default();
                self.choose(0);
            }
            ("Escape", _) => self.close(),
            _ => {}
        }
    }

    fn choose(self, place: usize) {
        let offer = self.found.with_untracked(|found| found.as_ref()?.get(place).cloned());
        self.close();
        if let Some(offer) = offer {
            self.chosen.with_value(|chosen| chosen(self, &offer));
        }
    }

    pub(crate) fn close(self) {
        // What is still being looked up comes too late.
        self.asked.update_value(|asked| *asked += 1);
        self.pending.set_value(false);
        self.first_wanted.set_value(false);
        self.active.set(None);
        self.found.set(None);
    }

    pub(crate) fn is_open(self) -> bool {
        self.found.with(|found| found.as_ref().is_some_and(|found| !found.is_empty()))
    }

    /// The id of the entry that the keys have reached.
    pub(crate) fn active_id(self) -> Option<String> {
        self.active.get().map(|place| format!("{}-{place}", self.id))
    }

    /// The control of a form's field, with the combobox's id and name, that takes what is chosen.
    pub(crate) fn field(self, typed: String) -> impl IntoView {
        let id = self.id;
        view! {
            <input
                id=id name=id value=typed dir="auto" node_ref=self.input autocomplete="off" spellcheck="false"
                role="combobox"
                aria-autocomplete="list" aria-describedby=format!("{id}-error {id}-hint")
                aria-controls=move || self.is_open().then(|| format!("{id}-list"))
                aria-expanded=move || self.is_open().to_string() aria-activedescendant=move || self.active_id()
                on:input=move |_| self.typed() on:keydown=move |event| self.key(&event) on:blur=move |_| self.close()
            />
        }
    }

    /// Puts what was chosen into the field.
    pub(crate) fn take(self, offer: &Offer) {
        if let Some(input) = self.input.get_untracked() {
            input.set_value(&offer.value);
        }
    }

    /// What was found, in a list under the field; said to screen readers as well.
    pub(crate) fn list(
        self,
        label: &'static str,
        none: &'static str,
        count: impl Fn(u64) -> String + Send + Sync + 'static,
    ) -> impl IntoView {
        let list = move || {
            self.found.get().map(|found| {
                if found.is_empty() {
                    return Either::Left(view! { <p class="soft small none">{none}</p> });
                }
                let rows = found.into_iter().enumerate().map(|(place, offer)| self.row(place, offer));
                Either::Right(view! {
                    <div id=format!("{}-list", self.id) role="listbox" aria-label=label>{rows.collect_view()}</div>
                })
            })
        };
        let said = move || match self.found.with(|found| found.as_ref().map(Vec::len)) {
            None => String::new(),
            Some(0) => none.to_owned(),
            Some(found) => count(found as u64),
        };
        view! {
            <div class="popup" hidden=move || self.found.with(Option::is_none)>{list}</div>
            <p class="visually-hidden" role="status">{said}</p>
        }
    }

    fn row(self, place: usize, offer: Offer) -> impl IntoView {
        // The press comes before the field loses the focus and the list with it.
        let choose = move |event: web_sys::MouseEvent| {
            event.prevent_default();
            self.choose(place);
        };
        view! {
            <div
                id=format!("{}-{place}", self.id) role="option" class="entry" on:mousedown=choose
                aria-selected=move || (self.active.get() == Some(place)).to_string()
            >
                <span><bdi>{offer.title}</bdi></span>
                <span class="soft small number"><bdi>{offer.details}</bdi></span>
            </div>
        }
    }
}
