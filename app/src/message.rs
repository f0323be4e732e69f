//! What was done, said at one place of the page, with what undoes it.

use domain::{
    account_number::AccountNumber,
    customer::CustomerField,
    integrations::{Privilege, State},
    order::TrackingNumber,
    view::orders::RemovedAssignment,
};
use leptos::{prelude::*, server_fn::ServerFn};
use serde::{Deserialize, Serialize};

use crate::{
    account::undo::{Undo, undone},
    form::{Hidden, PostForm, Submission, posted},
    orders::{UndoRemoval, removal_undone},
    paths,
    ui::{Refusal, isolated, with_isolates},
    wording::Wording,
};

/// What a form's server function answers when it did what was asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Done<T = ()> {
    /// What is said about it; nothing where the page that follows says enough.
    pub message: Option<Message>,
    /// The address with which it goes on.
    pub next: String,
    /// What is stored now, for the page that stays open.
    pub now: T,
}

impl Done {
    /// Goes on at `next` without a word.
    #[cfg(feature = "ssr")]
    pub(crate) fn silently(next: impl Into<String>) -> Self {
        Self { message: None, next: next.into(), now: () }
    }
}

#[cfg(feature = "ssr")]
impl<T> Done<T> {
    /// Says `outcome`, and goes on at `next` with what is stored `now`.
    pub(crate) fn with(outcome: Outcome, next: impl Into<String>, now: T) -> Self {
        let next = next.into();
        let place = next.split_once('#').map(|(_, place)| place.to_owned()).unwrap_or_default();
        Self { message: Some(Message { outcome, place, undo: None }), next, now }
    }

    /// Adds the record of activity that undoes it.
    pub(crate) fn undone_by(mut self, number: AccountNumber, record: Option<i64>) -> Self {
        if let Some(message) = &mut self.message {
            message.undo = record.map(|record| UndoOf::Change { number, record });
        }
        self
    }
}

/// What was done, and what undoes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// What was done.
    pub outcome: Outcome,
    /// The panel in which it was done; empty for what concerns the page.
    pub place: String,
    /// What undoes it, if anything does.
    pub undo: Option<UndoOf>,
}

/// A change that can be undone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UndoOf {
    /// A change of an account.
    Change {
        /// The account.
        number: AccountNumber,
        /// The record of activity that tells of it.
        record: i64,
    },
    /// The removal of an assignment.
    Removal {
        /// The order.
        order: TrackingNumber,
        /// The version of the order since then.
        version: i64,
        /// What was removed.
        removed: RemovedAssignment,
    },
}

/// Everything that a form can have done, with what its sentence names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The account was added; a change of country had emptied these fields.
    AccountAdded(Vec<CustomerField>),
    /// Customer information was saved; a change of country had emptied these fields.
    Saved(Vec<CustomerField>),
    /// Customer information was saved together with what others had changed meanwhile.
    SavedMerged,
    /// A change was undone.
    Undone,
    /// A support contact was added.
    ContactAdded(String),
    /// A support contact was removed.
    ContactRemoved(String),
    /// A test message to a support contact is on its way.
    TestMessageSent(String),
    /// A problem was reported.
    Reported,
    /// The mail of a report is sent again to this address.
    ReportSentAgain(String),
    /// A privilege was switched on or off.
    Privilege(Privilege, bool),
    /// Bandwidth optimisation was switched on or off.
    BandwidthOptimisation(bool),
    /// A new one-time code was drawn for the gateway.
    GatewayCodeRenewed,
    /// The registration of this integration was saved.
    RegistrationSaved(String),
    /// An administrator consented, or did not.
    Consent(ConsentOutcome),
    /// The account was deactivated.
    Deactivated,
    /// The account was reactivated.
    Reactivated,
    /// The account was deleted.
    Deleted,
    /// The account was restored.
    Restored,
    /// Licences of an order were assigned to the account.
    LicencesAssigned {
        /// The order.
        order: String,
        /// How many.
        licences: u64,
    },
    /// Licences of the order were assigned to an account.
    AssignedTo {
        /// The account.
        account: String,
        /// How many.
        licences: u64,
    },
    /// What of the order is assigned to an account was corrected.
    AssignmentCorrected,
    /// Licences of the order were taken back from an account.
    TakenBack {
        /// The account.
        account: String,
        /// How many.
        licences: u64,
    },
    /// Licences of the order were given back to an account.
    GivenBack {
        /// The account.
        account: String,
        /// How many.
        licences: u64,
    },
    /// So many orders were imported.
    OrdersImported(u64),
    /// The person's own profile was saved.
    ProfileSaved,
    /// The person's own password was changed.
    PasswordChanged,
    /// An integration was switched, or its configuration removed.
    Integration {
        /// Its name.
        name: String,
        /// What it is now.
        state: State,
        /// The privileges that were turned on with it.
        turned_on: Vec<Privilege>,
        /// Whether a configuration that was removed can be restored.
        restorable: bool,
    },
}

impl Outcome {
    /// The sentence that says it.
    #[must_use]
    pub fn words(&self, wording: Wording) -> String {
        let with_emptied = |said: &str, emptied: &[CustomerField]| {
            format!("{said} {}", wording.emptied_fields(emptied)).trim_end().to_owned()
        };
        match self {
            Self::AccountAdded(emptied) => with_emptied(wording.account_added(), emptied),
            Self::Saved(emptied) => with_emptied(wording.saved(), emptied),
            Self::SavedMerged => wording.saved_merged().to_owned(),
            Self::Undone => wording.undone().to_owned(),
            Self::ContactAdded(email) => wording.contact_added(&isolated(email)),
            Self::ContactRemoved(email) => wording.contact_removed(&isolated(email)),
            Self::TestMessageSent(email) => wording.test_message_on_its_way(&isolated(email)),
            Self::Reported => wording.report_sent().to_owned(),
            Self::ReportSentAgain(recipient) => wording.report_sent_again(&isolated(recipient)),
            Self::Privilege(privilege, on) => {
                wording.now_in_state(wording.privilege(*privilege), wording.privilege_state(*privilege, *on))
            }
            Self::BandwidthOptimisation(on) => {
                wording.now_in_state(wording.bandwidth_optimisation(), wording.switch_state(*on))
            }
            Self::GatewayCodeRenewed => wording.gateway_code_renewed().to_owned(),
            Self::RegistrationSaved(name) => wording.registration_saved(name),
            Self::Consent(outcome) => match outcome {
                ConsentOutcome::Granted => wording.consent_granted().to_owned(),
                ConsentOutcome::Denied => wording.consent_denied().to_owned(),
                ConsentOutcome::Failed => wording.consent_not_completed().to_owned(),
                ConsentOutcome::Ended(stands) => stands.clone(),
            },
            Self::Deactivated => wording.account_deactivated().to_owned(),
            Self::Reactivated => wording.account_reactivated().to_owned(),
            Self::Deleted => wording.account_deleted().to_owned(),
            Self::Restored => wording.account_restored().to_owned(),
            Self::LicencesAssigned { order, licences } => wording.licences_assigned_of_order(*licences, order),
            Self::AssignedTo { account, licences } => wording.licences_assigned_to(*licences, &isolated(account)),
            Self::AssignmentCorrected => wording.assignment_corrected().to_owned(),
            Self::TakenBack { account, licences } => wording.licences_taken_back(*licences, &isolated(account)),
            Self::GivenBack { account, licences } => wording.licences_given_back(*licences, &isolated(account)),
            Self::OrdersImported(orders) => wording.orders_imported(*orders),
            Self::ProfileSaved => wording.profile_saved().to_owned(),
            Self::PasswordChanged => wording.password_changed().to_owned(),
            Self::Integration { name, state, turned_on, restorable } => {
                let mut said = vec![wording.now_in_state(name, wording.integration_state(*state))];
                said.extend(turned_on.iter().map(|&one| wording.privilege_turned_on(wording.privilege(one))));
                said.extend(restorable.then(|| wording.configuration_restorable().to_owned()));
                said.join(" ")
            }
        }
    }
}

/// What became of an administrator's consent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentOutcome {
    /// They consented.
    Granted,
    /// They did not.
    Denied,
    /// It could not be completed.
    Failed,
    /// It was answered before; where it stands, in words.
    Ended(String),
}

/// What the page says at the moment.
#[derive(Clone, Copy)]
pub(crate) struct Messages {
    current: RwSignal<Option<Message>>,
    /// The path of the page on which it is said; empty for the page with which the application began.
    path: StoredValue<String>,
}

impl Messages {
    /// Begins with what the server has to say.
    pub(crate) fn provide(first: Option<Message>) {
        provide_context(Self { current: RwSignal::new(first), path: StoredValue::default() });
    }

    /// Those of this page.
    pub(crate) fn current() -> Self {
        expect_context()
    }

    /// Says `message` on the page at `path` in place of what was said before.
    pub(crate) fn say(self, message: Message, path: &str) {
        self.path.set_value(path.to_owned());
        // Said twice alike, it is a new message for who listens.
        self.current.set(None);
        self.current.set(Some(message));
    }

    /// Says nothing any more, unless it is said on the page at `path`, which was reached.
    #[cfg(not(feature = "ssr"))]
    pub(crate) fn keep_on(self, path: &str) {
        if self.path.with_value(|said_on| said_on != path) {
            self.clear();
        }
    }

    /// Says nothing any more: something else was begun.
    pub(crate) fn clear(self) {
        if self.current.with_untracked(Option::is_some) {
            self.current.set(None);
        }
    }
}

/// A place for messages: always there, so that a screen reader hears what comes into it.
#[component]
pub(crate) fn MessagePlace(
    /// The panel whose messages are shown; empty for those of the page.
    of: &'static str,
) -> impl IntoView {
    let messages = Messages::current();
    let wording = Wording::current();
    let own =
        Memo::new(move |_| messages.current.with(|message| message.clone().filter(|message| message.place == of)));
    let said = move || {
        own.with(|message| message.as_ref().map_or(String::new(), |it| with_isolates(&it.outcome.words(wording))))
    };
    // Without JavaScript what undoes it is gone by the time it was refused.
    let refused = [Undo::PATH, UndoRemoval::PATH].into_iter().find_map(|path| posted(path, &[("place", of)])?.error);
    let refused = refused.map(|error| wording.wire_error(&error));
    let undo = move || own.with(|message| message.as_ref().and_then(|it| it.undo.clone()));
    view! {
        <div class="message-place">
            <div class="message" class:empty=move || own.with(Option::is_none)>
                <p role="status" inner_html=said></p>
                {move || undo().map(|undo| view! { <UndoButton undo place=of /> })}
                {refused.map(|text| view! { <p class="notice bad" role="alert">{text}</p> })}
            </div>
        </div>
    }
}

#[component]
fn UndoButton(undo: UndoOf, place: &'static str) -> impl IntoView {
    let wording = Wording::current();
    let (submission, action, fields) = match undo {
        UndoOf::Change { number, record } => {
            let fields =
                vec![("number", number.to_string()), ("record", record.to_string()), ("place", place.to_owned())];
            (Submission::of::<Undo, _>(undone()), paths::account(number), fields)
        }
        UndoOf::Removal { order, version, removed } => {
            let fields = vec![
                ("order", order.to_string()),
                ("version", version.to_string()),
                ("account", removed.account.to_string()),
                ("number", removed.number),
                ("quantity", removed.quantity.to_string()),
                ("place", place.to_owned()),
            ];
            (Submission::of::<UndoRemoval, _>(removal_undone()), paths::order(&order), fields)
        }
    };
    let fields = fields.into_iter().map(|(name, value)| view! { <Hidden name value /> }).collect_view();
    view! {
        <PostForm submission action>
            {fields}
            <button class="button small" aria-disabled=submission.busy()>{wording.undo()}</button>
        </PostForm>
        <Refusal text=Signal::derive(move || submission.problem(wording)) />
    }
}
