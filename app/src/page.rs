//! What all pages have in common: their data, their title, and why there is nothing to show.

use std::future::Future;

use leptos::prelude::*;
use leptos_meta::Title;
use serde::{Serialize, de::DeserializeOwned};

use crate::{error::WireError, live::Live, navigation, paths, session::Session, wording::Wording};

/// What a page shows, fetched for `key` by `load`: anew when the key changes, and when somebody changed something.
pub(crate) fn resource<K, T, F>(
    key: impl Fn() -> K + Send + Sync + 'static,
    load: impl Fn(K) -> F + Send + Sync + 'static,
) -> Resource<Result<T, WireError>>
where
    K: PartialEq + Clone + Send + Sync + 'static,
    T: Serialize + DeserializeOwned + Send + Sync + Clone + 'static,
    F: Future<Output = Result<T, WireError>> + Send + 'static,
{
    let live = Live::current();
    Resource::new(move || (key(), live.news()), move |(key, _)| load(key))
}

/// A page with the data of `resource`; where it could not be loaded, why.
pub(crate) fn loaded<T, V>(
    resource: Resource<Result<T, WireError>>,
    view: impl Fn(T) -> V + Clone + Send + Sync + 'static,
) -> impl IntoView
where
    T: Send + Sync + Clone + Serialize + DeserializeOwned + 'static,
    V: IntoView + 'static,
{
    let session = Session::current();
    let shown = StoredValue::new(None::<T>);
    let pending = RwSignal::new(false);
    let set_pending = SignalSetter::map(move |is_pending| {
        let _ = pending.try_set(is_pending);
    });
    view! {
        <div class="loaded" aria-busy=move || pending.try_get().unwrap_or_default().then_some("true")>
        <Transition set_pending>
            {move || {
                let view = view.clone();
                Suspend::new(async move {
                    match resource.await {
                        Ok(data) => {
                            shown.try_set_value(Some(data.clone()));
                            view(data).into_any()
                        }
                        Err(error) => match shown.try_get_value().flatten() {
                            // What is there stays; who signs in again goes on with it.
                            Some(data) if error == WireError::Unauthenticated => {
                                session.ended();
                                view(data).into_any()
                            }
                            _ => view! { <Problem error /> }.into_any(),
                        },
                    }
                })
            }}
        </Transition>
        </div>
    }
}

/// The title of a page: in the document, and said when the page is reached.
#[component]
pub(crate) fn PageTitle(
    /// What the page is about.
    #[prop(into)]
    title: Signal<String>,
) -> impl IntoView {
    let wording = Wording::current();
    // On the server `leptos_meta` writes it as it is given, after the page and what belongs to it are gone.
    #[cfg(feature = "ssr")]
    let text = title.with_untracked(|title| crate::ui::escaped(&wording.page_title(title)));
    #[cfg(not(feature = "ssr"))]
    let text = move || title.with(|title| wording.page_title(title));
    view! { <Title text /> }
}

/// Why there is nothing to show. Who is not signed in is sent to where they can.
#[component]
pub(crate) fn Problem(
    /// The error.
    error: WireError,
) -> impl IntoView {
    let wording = Wording::current();
    if error == WireError::Unauthenticated {
        let here = navigation::current_uri();
        let session = Session::current();
        let target = match session.person_untracked() {
            Some(person) if person.membership.is_none() => paths::MEMBERSHIPS.to_owned(),
            _ => paths::sign_in_then(&here),
        };
        #[cfg(not(feature = "ssr"))]
        session.forget_person();
        navigation::redirect(&target);
        return ().into_any();
    }
    #[cfg(feature = "ssr")]
    crate::request::set_status(error.status());
    let (title, lead) = match error {
        WireError::NotFound => (wording.not_found_title(), wording.not_found_lead().to_owned()),
        WireError::Internal { reference } => (wording.internal_title(), wording.internal_lead(&reference)),
        other => (wording.forbidden_title(), wording.wire_error(&other)),
    };
    view! { <Dead title lead /> }.into_any()
}

/// A page with nothing on it but why.
#[component]
pub(crate) fn Dead(
    /// What is the matter.
    title: &'static str,
    /// What to do.
    lead: String,
) -> impl IntoView {
    let wording = Wording::current();
    view! {
        <PageTitle title=title.to_owned() />
        <div class="problem">
            <h1 tabindex="-1">{title}</h1>
            <p>{lead}</p>
            <p><a class="button" href="/">{wording.go_home()}</a></p>
        </div>
    }
}

/// The page of an address that leads nowhere.
#[component]
pub(crate) fn NotFound() -> impl IntoView {
    view! { <Problem error=WireError::NotFound /> }
}
