//! Choosing the membership to work from.

use leptos::{prelude::*, server_fn::ServerFn};
use service::sessions;

use crate::{
    api::{ChooseMembership, SignOut},
    forms::FORM,
    layout::bare,
    request,
    wording::Wording,
};

/// The page on which people with several memberships choose one.
#[component]
pub(super) fn MembershipsPage() -> impl IntoView {
    let request = request::current();
    super::page(request.clone(), async move {
        let wording = Wording(request.locale);
        let (person, _) = request.session()?;
        let choices = sessions::memberships(&request.backend, person.person).await?;
        let lead = if choices.is_empty() { wording.no_membership() } else { wording.choose_membership_lead() };
        let choices = choices.into_iter().map(|choice| {
            let role = wording.role(choice.role);
            let label = format!("{} {role}", wording.work_here(&choice.organisation));
            view! {
                <li>
                    <form method="post" action="/memberships">
                        <input type="hidden" name=FORM value=ChooseMembership::PATH />
                        <input type="hidden" name="membership" value=choice.membership.0.to_string() />
                        <button class="entry" aria-label=label>
                            <span><bdi>{choice.organisation.clone()}</bdi></span> " "
                            <span class="soft small">{role}</span>
                        </button>
                    </form>
                </li>
            }
        });
        let page = view! {
            <h1>{wording.choose_membership()}</h1>
            <p class="soft">{lead}</p>
            <ul class="choose">{choices.collect_view()}</ul>
            <form method="post" action="/memberships">
                <input type="hidden" name=FORM value=SignOut::PATH />
                <button class="button">{wording.sign_out()}</button>
            </form>
        };
        Ok(bare(&request, wording.choose_membership(), page))
    })
}
