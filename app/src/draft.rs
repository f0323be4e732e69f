//! What was typed and not sent yet: it outlives its page, until it is sent or discarded.

use std::collections::BTreeMap;

use leptos::prelude::*;

use crate::ui::dom::guard_leaving;

/// The drafts of all pages, each as a browser would send it.
#[derive(Clone, Copy)]
pub(crate) struct Drafts(RwSignal<BTreeMap<String, String>>);

impl Drafts {
    /// Begins without any; the document is not left without a question while there are some.
    pub(crate) fn provide() {
        let drafts = RwSignal::new(BTreeMap::new());
        guard_leaving(Signal::derive(move || drafts.with(|drafts| !drafts.is_empty())));
        provide_context(Self(drafts));
    }

    /// Those of the application.
    pub(crate) fn current() -> Self {
        expect_context()
    }

    /// The draft under `key`.
    pub(crate) fn get(self, key: &str) -> Option<String> {
        self.0.with_untracked(|drafts| drafts.get(key).cloned())
    }

    /// Keeps `body` under `key` in place of what was kept before.
    pub(crate) fn keep(self, key: String, body: String) {
        self.0.update(|drafts| drop(drafts.insert(key, body)));
    }

    /// Keeps nothing under `key` any more.
    pub(crate) fn forget(self, key: &str) {
        if self.0.with_untracked(|drafts| drafts.contains_key(key)) {
            self.0.update(|drafts| drop(drafts.remove(key)));
        }
    }

    /// Keeps nothing any more.
    pub(crate) fn forget_all(self) {
        self.0.set(BTreeMap::new());
    }
}
