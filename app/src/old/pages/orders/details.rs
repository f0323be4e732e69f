//! The page of one order: what it is, and to whom it is assigned.

use std::sync::Arc;

use domain::{account_number::AccountNumber, customer::FieldErrors, order::TrackingNumber, role::Caller};
use leptos::{prelude::*, server_fn::ServerFn};
use leptos_router::hooks::use_params_map;
use service::{
    accounts::information,
    orders::{self, Assignment, OrderDetails, OrderView},
};

use super::back;
use crate::{
    api::{AssignOrder, CorrectAssignment, RemoveAssignment, UndoRemoval},
    error::WireError,
    forms,
    islands::{AccountField, LiveForms},
    layout::{Place, framed},
    pages::{
        account::{confirm::CANCEL, subscriptions::tone},
        query_value,
    },
    paths,
    request::{self, Request},
    ui::{Badge, Field, Panel, TextField, isolated, with_isolates},
    wording::Wording,
};

/// The panel of the accounts to which the order is assigned.
const ASSIGNMENTS: &str = "assignments";

/// The page of one order.
#[component]
pub(in crate::pages) fn OrderPage() -> impl IntoView {
    let request = request::current();
    let number = use_params_map().with(|params| params.get("order")).unwrap_or_default();
    let done = query_value("done");
    let back_to = query_value("for").parse::<AccountNumber>().ok();
    crate::pages::page(request.clone(), async move {
        let caller = request.caller()?;
        let number = TrackingNumber::parse(&number).map_err(|_| WireError::NotFound)?;
        let seen = crate::pages::seen(&request, &caller, None).await?;
        let details = orders::find(&request.backend, &caller, &number).await?;
        let back_to = match back_to {
            Some(number) => Some((number, information::name(&request.backend, &caller, number).await?)),
            None => None,
        };
        let done = Done::read(&request, &caller, &done).await;
        let frame = crate::pages::frame(&request, number.as_str(), Place::Orders, None).await?;
        let shown = Shown { wording: Wording(request.locale), request: request.clone(), details, back_to, done, seen };
        Ok(framed(&request, frame, shown.content()))
    })
}

/// What the page shows.
struct Shown {
    request: Arc<Request>,
    wording: Wording,
    details: OrderDetails,
    /// The account for which the order was chosen.
    back_to: Option<(AccountNumber, String)>,
    done: Option<Done>,
    seen: service::live::RecentRecords,
}

/// What the page's address says was just done.
struct Done {
    what: String,
    account: AccountNumber,
    /// The account's name.
    name: String,
    quantity: i64,
    /// The number of the subscription that was removed.
    subscription: String,
}

impl Done {
    async fn read(request: &Request, caller: &Caller, done: &str) -> Option<Self> {
        let mut parts = done.split(':');
        let mut next = || parts.next().unwrap_or_default();
        let (what, account, quantity, subscription) = (next(), next(), next(), next());
        let account = account.parse::<AccountNumber>().ok()?;
        let name = information::name(&request.backend, caller, account).await.ok()?;
        let quantity = quantity.parse().unwrap_or_default();
        Some(Self { what: what.to_owned(), account, name, quantity, subscription: subscription.to_owned() })
    }

    fn in_words(&self, wording: Wording) -> String {
        let count = self.quantity.unsigned_abs();
        match self.what.as_str() {
            "assigned" => wording.licences_assigned_to(count, &isolated(&self.name)),
            "removed" => wording.licences_taken_back(count, &isolated(&self.name)),
            "given-back" => wording.licences_given_back(count, &isolated(&self.name)),
            "corrected" => wording.assignment_corrected().to_owned(),
            _ => String::new(),
        }
    }
}

impl Shown {
    fn order(&self) -> &OrderView {
        &self.details.order
    }

    /// The page's address at `part`.
    fn action(&self, part: &str) -> String {
        let back_to = self.back_to.as_ref().map_or_else(String::new, |(number, _)| format!("?for={number}"));
        format!("{}{back_to}#{part}", paths::order(&self.order().tracking_number))
    }

    fn content(&self) -> AnyView {
        let (wording, order) = (self.wording, self.order());
        let back = self.back_to.as_ref().map(|(number, name)| back(*number, name, wording));
        let product = self.request.backend.settings.catalogue.name(&order.application).to_owned();
        let (facts, assignments) = (self.facts(), self.assignments());
        view! {
            <div class="head">
                <div>
                    <p class="crumbs small">
                        <a href=paths::ORDERS>{wording.orders()}</a>
                        <span class="soft">" / "{wording.order()}</span>
                    </p>
                    <h1 class="number">{order.tracking_number.to_string()}</h1>
                    <div class="facts">
                        <Badge tone=tone(order.status) label=wording.subscription_status(order.status) />
                        <span>{product}" "{order.plan.clone()}</span>
                    </div>
                </div>
            </div>
            {back}
            <div class="panels" id="order-panels" data-seen=self.seen.to_string()>
                <Panel id="order" heading=wording.order()>
                    <div class="body">{facts}</div>
                </Panel>
                <Panel id=ASSIGNMENTS heading=wording.assignments()>{assignments}</Panel>
            </div>
            <LiveForms events=paths::EVENTS.to_owned() />
        }
        .into_any()
    }

    fn facts(&self) -> AnyView {
        let (wording, order) = (self.wording, self.order());
        let none = || wording.not_given().to_owned();
        let text = |value: &Option<String>| value.clone().unwrap_or_else(none);
        let purchase_orders = if order.purchase_orders.is_empty() { none() } else { order.purchase_orders.join(", ") };
        let pairs = [
            (wording.quantity(), order.quantity.to_string()),
            (wording.remaining(), order.remaining.to_string()),
            (wording.purchase_date(), wording.day(order.purchased_on)),
            (wording.start_date(), wording.day(order.starts_on)),
            (wording.end_date(), order.ends_on.map_or_else(|| wording.no_end().to_owned(), |day| wording.day(day))),
            (wording.term(), wording.term_in_words(order.term)),
            (wording.sap_order(), text(&order.sap_order)),
            (wording.sap_number(), text(&order.sap_customer_number)),
            (wording.purchase_orders(), purchase_orders),
        ];
        let pairs: Vec<_> = pairs
            .into_iter()
            .map(|(name, value)| view! { <div><dt>{name}</dt><dd><bdi>{value}</bdi></dd></div> })
            .collect();
        view! { <dl class="pairs">{pairs}</dl> }.into_any()
    }

    fn assignments(&self) -> AnyView {
        let wording = self.wording;
        let none =
            self.details.assignments.is_empty().then(|| view! { <p class="soft">{wording.assignments_none()}</p> });
        let rows: Vec<_> = self.details.assignments.iter().map(|one| self.assignment(one)).collect();
        let more = self.details.accounts.saturating_sub(rows.len() as u64);
        let more = (more > 0).then(|| view! { <p class="soft">{wording.more_accounts(more)}</p> });
        let said = self.done.as_ref().map(|done| done.in_words(wording)).unwrap_or_default();
        // Of an order that somebody has assigned meanwhile, nothing may be left to show it at.
        let removal = self.request.posted::<RemoveAssignment>().and_then(|(_, error)| error);
        let undoing = self.request.posted::<UndoRemoval>().and_then(|(_, error)| error);
        let problem = removal.or(undoing).or_else(|| {
            self.request.posted::<AssignOrder>().and_then(|(_, error)| error).filter(|_| self.order().remaining == 0)
        });
        let problem =
            problem.map(|error| view! { <p class="notice bad" role="alert">{wording.wire_error(&error)}</p> });
        view! {
            <div class="body">
                {self.question()}
                {none}
                <ul class="rows">{rows}</ul>
                {more}
                {self.assigning()}
            </div>
            <div class="saying" data-saying="">
                <p class="said" role="status" data-said="" inner_html=with_isolates(&said)></p>
                {self.undo()}
                {problem}
            </div>
        }
        .into_any()
    }

    fn hidden(&self, form: &'static str) -> AnyView {
        view! {
            <input type="hidden" name=forms::FORM value=form />
            <input type="hidden" name="order" value=self.order().tracking_number.to_string() />
            <input type="hidden" name="version" value=self.order().version.to_string() />
        }
        .into_any()
    }

    /// The button that undoes the removal that was just done.
    fn undo(&self) -> Option<AnyView> {
        let done = self.done.as_ref().filter(|done| done.what == "removed" && !done.subscription.is_empty())?;
        let view = view! {
            <form method="post" action=self.action(ASSIGNMENTS) data-live="">
                {self.hidden(UndoRemoval::PATH)}
                <input type="hidden" name="account" value=done.account.to_string() />
                <input type="hidden" name="number" value=done.subscription.clone() />
                <input type="hidden" name="quantity" value=done.quantity.to_string() />
                <button class="button small">{self.wording.undo()}</button>
            </form>
        };
        Some(view.into_any())
    }

    /// Asks before an assignment is removed. Without JavaScript the question stands open at its place.
    fn question(&self) -> Option<AnyView> {
        let wording = self.wording;
        let (form, _) = self.request.posted::<RemoveAssignment>().filter(|(_, error)| error.is_none())?;
        let is_of = |one: &&Assignment| one.account.as_ref().is_some_and(|(number, _)| *number == form.from);
        let one = self.details.assignments.iter().find(is_of)?;
        let (_, name) = one.account.as_ref()?;
        let heading = wording.confirm_remove_assignment(one.quantity.unsigned_abs(), name);
        let view = view! {
            <dialog open=true class="dialog" aria-labelledby="question">
                <h2 id="question">{heading}</h2>
                <p>{wording.confirm_remove_assignment_lead(self.order().tracking_number.as_str())}</p>
                <div class="answers">
                    <form method="post" action=self.action(ASSIGNMENTS) data-live="">
                        {self.hidden(RemoveAssignment::PATH)}
                        <input type="hidden" name="from" value=form.from.to_string() />
                        <input type="hidden" name="confirmed" value="true" />
                        <button class="button danger">{wording.remove()}</button>
                    </form>
                    <form method="get" action=self.action(ASSIGNMENTS) data-live="">
                        <button id=CANCEL class="button">{wording.cancel()}</button>
                    </form>
                </div>
            </dialog>
        };
        Some(view.into_any())
    }

    fn assignment(&self, one: &Assignment) -> AnyView {
        let wording = self.wording;
        let Some((number, name)) = &one.account else {
            return view! {
                <li><p class="grow">{wording.another_account()} " · " {wording.licences()} ": " {one.quantity}</p></li>
            }
            .into_any();
        };
        let posted = self.request.posted::<CorrectAssignment>().filter(|(form, _)| form.from == *number);
        let (account, quantity, error) = match posted {
            Some((form, error)) => (form.account, form.quantity, error),
            None => (number.to_string(), one.quantity.to_string(), None),
        };
        let (problem, errors) = refused(error, wording);
        let of = |field: &str| message(&errors, field);
        let (account_id, quantity_id) = (format!("account-{number}"), format!("quantity-{number}"));
        let field = |id: String, name: &'static str, label: &'static str, value: String, error: Option<String>| {
            let error_id = format!("{id}-error");
            let invalid = error.is_some().then_some("true");
            view! {
                <div class="field short">
                    <label for=id.clone()>{label}</label>
                    <input id=id name=name value=value autocomplete="off" aria-invalid=invalid aria-describedby=error_id.clone() />
                    <p class="error" id=error_id>{error}</p>
                </div>
            }
        };
        view! {
            <li id=format!("assignment-{number}")>
                <div class="grow">
                    <p><a href=paths::account(*number)><bdi>{name.clone()}</bdi></a></p>
                    <p class="small soft number">{one.number.clone()}</p>
                </div>
                {problem}
                <form method="post" action=self.action(ASSIGNMENTS) class="correcting" novalidate=true data-live="">
                    {self.hidden(CorrectAssignment::PATH)}
                    <input type="hidden" name="from" value=number.to_string() />
                    {field(account_id, "account", wording.account_id(), account, of("account"))}
                    {field(quantity_id, "quantity", wording.licences(), quantity, of("quantity"))}
                    <button class="button" aria-label=wording.correct_assignment_of(name)>{wording.correct()}</button>
                </form>
                <form method="post" action=self.action(CANCEL) data-live="">
                    {self.hidden(RemoveAssignment::PATH)}
                    <input type="hidden" name="from" value=number.to_string() />
                    <button id=format!("remove-{number}") class="button" aria-label=wording.remove_assignment_of(name)>
                        {wording.remove()}
                    </button>
                </form>
            </li>
        }
        .into_any()
    }

    fn assigning(&self) -> AnyView {
        let (wording, order) = (self.wording, self.order());
        if order.remaining == 0 {
            return view! { <p class="soft">{wording.assign_all_gone()}</p> }.into_any();
        }
        let back_to = self.back_to.as_ref().map(|(number, _)| *number);
        let (account, quantity, error) = match self.request.posted::<AssignOrder>() {
            Some((form, error)) => (form.account, form.quantity, error),
            None => (back_to.map_or_else(String::new, |number| number.to_string()), order.remaining.to_string(), None),
        };
        let (problem, errors) = refused(error, wording);
        let of = |field: &str| Signal::stored(message(&errors, field));
        // What leads back to the account is another page, at its panel.
        let live = back_to.is_none().then_some("");
        let back_to = back_to.map(|number| view! { <input type="hidden" name="back_to" value=number.to_string() /> });
        view! {
            <div class="group-of-switches">
                <h3>{wording.assign_order()}</h3>
                {problem}
                <form method="post" action=self.action(ASSIGNMENTS) class="adding" novalidate=true data-live=live>
                    {self.hidden(AssignOrder::PATH)}
                    {forms::idempotency_field()}
                    {back_to}
                    <Field name="account" label=wording.account_field() hint=Some(wording.account_field_hint())
                        error=of("account") width="grow">
                        <AccountField typed=account />
                    </Field>
                    <TextField name="quantity" label=wording.licences() value=quantity error=of("quantity") width="short" />
                    <button class="button main">{wording.assign()}</button>
                </form>
            </div>
        }
        .into_any()
    }
}

/// What stands in the way: of the form as a whole, and field by field.
fn refused(error: Option<WireError>, wording: Wording) -> (Option<AnyView>, Vec<(String, String)>) {
    let in_words = |fields: FieldErrors| {
        fields.into_iter().map(|(name, error)| (name, wording.field_error(&error))).collect::<Vec<_>>()
    };
    match error {
        None => (None, Vec::new()),
        Some(WireError::Invalid { fields }) if !fields.is_empty() => (None, in_words(fields)),
        Some(error) => {
            let text = wording.wire_error(&error);
            (Some(view! { <p class="notice bad" role="alert">{text}</p> }.into_any()), Vec::new())
        }
    }
}

fn message(errors: &[(String, String)], field: &str) -> Option<String> {
    errors.iter().find(|(name, _)| name == field).map(|(_, message)| message.clone())
}
