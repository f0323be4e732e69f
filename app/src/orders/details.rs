//! The page of one order: what it is, and to whom it is assigned.

use domain::{
    account_number::AccountNumber,
    order::TrackingNumber,
    view::orders::{Assignment, OrderDetails, OrderView},
};
use leptos::{html, prelude::*, web_sys};
use leptos_router::hooks::use_params_map;
use serde::{Deserialize, Serialize};

use super::{Back, BackTo};
use crate::{
    account::{CANCEL, subscription_tone},
    accounts::{FoundAccount, find_accounts},
    error::WireError,
    form::{Hidden, IdempotencyKey, PostForm, Sent, Submission},
    live::Live,
    message::Done,
    navigation,
    page::{PageTitle, Problem},
    panel::Panel,
    paths,
    ui::{
        Badge, Field, Refusal, TextField,
        combobox::{Combobox, Offer},
        open_modal,
    },
    wording::Wording,
};

/// The panel of the accounts to which the order is assigned.
const PANEL: &str = "assignments";

/// An order as its page shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderPageView {
    /// The order with what is assigned of it.
    pub details: OrderDetails,
    /// The name of its application.
    pub product: String,
    /// The account for which an order is looked for.
    pub back_to: BackTo,
}

/// The order `number`; `query` is that of its page.
#[server(prefix = "/api", endpoint = "load_order")]
pub async fn load_order(number: String, #[server(default)] query: String) -> Result<OrderPageView, WireError> {
    use crate::request::{current, refuse};
    let number = TrackingNumber::parse(&number).map_err(|_| refuse(WireError::NotFound))?;
    view(&current(), &number, &query).await.map_err(refuse)
}

#[cfg(feature = "ssr")]
async fn view(
    request: &crate::request::Request,
    number: &TrackingNumber,
    query: &str,
) -> Result<OrderPageView, WireError> {
    let caller = request.caller()?;
    let details = service::orders::find(&request.backend, &caller, number).await?;
    let product = request.backend.settings.catalogue.name(&details.order.application).to_owned();
    Ok(OrderPageView { details, product, back_to: super::back_to(request, query).await? })
}

/// The address of an order's page, at its assignments, with the account for which it was looked for.
#[cfg(feature = "ssr")]
fn at_assignments(order: &TrackingNumber, back_to: Option<AccountNumber>) -> String {
    let back_to = back_to.map_or_else(String::new, |number| format!("?for={number}"));
    format!("{}{back_to}#{PANEL}", paths::order(order))
}

/// The account for which the order was looked for, as the address of its page says.
#[cfg(feature = "ssr")]
fn account_of_page(request: &crate::request::Request) -> Option<AccountNumber> {
    let (_, query) = request.uri.split_once('?')?;
    paths::value_in(query, "for")?.parse().ok()
}

/// Reads to which account how many licences are to be assigned.
#[cfg(feature = "ssr")]
async fn assignment(
    request: &crate::request::Request,
    account: &str,
    quantity: &str,
) -> Result<(AccountNumber, u32), WireError> {
    use domain::order::{QUANTITY_MAX, parse_quantity};
    let caller = request.caller()?;
    let quantity = parse_quantity(quantity, QUANTITY_MAX);
    match (service::accounts::list::resolve(&request.backend, &caller, account).await, quantity) {
        (Ok(account), Ok(quantity)) => Ok((account, quantity)),
        (Err(service::Error::Invalid(mut fields)), quantity) => {
            fields.extend(quantity.err().map(|error| ("quantity".to_owned(), error)));
            Err(WireError::Invalid { fields })
        }
        (Err(error), _) => Err(error.into()),
        (Ok(_), Err(error)) => Err(WireError::Invalid { fields: vec![("quantity".to_owned(), error)] }),
    }
}

/// Assigns licences of an order to an account, named by its Account ID or by enough of its name. `back_to` is the
/// account to whose page it leads back.
#[server(prefix = "/api", endpoint = "assign_order")]
pub async fn assign_order(
    order: TrackingNumber,
    version: i64,
    #[server(default)] account: String,
    #[server(default)] quantity: String,
    #[server(default)] back_to: Option<AccountNumber>,
    #[server(default)] idempotency_key: String,
) -> Result<Done<Option<OrderPageView>>, WireError> {
    use crate::{
        message::Outcome,
        request::{current, once, refuse},
    };
    let request = current();
    let caller = request.caller().map_err(refuse)?;
    let (to, licences) = assignment(&request, &account, &quantity).await.map_err(refuse)?;
    let backend = once(&request, &idempotency_key);
    service::orders::assign::assign(&backend, &caller, &order, version, to, licences).await.map_err(refuse)?;
    let licences = u64::from(licences);
    if let Some(account) = back_to {
        let outcome = Outcome::LicencesAssigned { order: order.to_string(), licences };
        return Ok(Done::with(outcome, format!("{}#subscriptions", paths::account(account)), None));
    }
    let outcome = Outcome::AssignedTo { account: name(&request, to).await?, licences };
    let now = view(&request, &order, "").await.ok();
    Ok(Done::with(outcome, at_assignments(&order, None), now))
}

#[cfg(feature = "ssr")]
async fn name(request: &crate::request::Request, account: AccountNumber) -> Result<String, WireError> {
    use crate::request::refuse;
    let caller = request.caller().map_err(refuse)?;
    service::accounts::information::name(&request.backend, &caller, account).await.map_err(refuse)
}

/// Corrects what of an order is assigned to an account: how much, and to which.
#[server(prefix = "/api", endpoint = "correct_assignment")]
pub async fn correct_assignment(
    order: TrackingNumber,
    version: i64,
    from: AccountNumber,
    #[server(default)] account: String,
    #[server(default)] quantity: String,
) -> Result<Done<Option<OrderPageView>>, WireError> {
    use crate::{
        message::Outcome,
        request::{current, refuse},
    };
    let request = current();
    let caller = request.caller().map_err(refuse)?;
    let (to, quantity) = assignment(&request, &account, &quantity).await.map_err(refuse)?;
    let correction = service::orders::assign::correct(&request.backend, &caller, &order, version, from, to, quantity);
    correction.await.map_err(refuse)?;
    let now = view(&request, &order, "").await.ok();
    Ok(Done::with(Outcome::AssignmentCorrected, at_assignments(&order, account_of_page(&request)), now))
}

/// Takes back what of an order is assigned to an account, once that is confirmed.
#[server(prefix = "/api", endpoint = "remove_assignment")]
pub async fn remove_assignment(
    order: TrackingNumber,
    version: i64,
    from: AccountNumber,
    #[server(default)] confirmed: bool,
) -> Result<Done<Option<OrderPageView>>, WireError> {
    use crate::{
        message::{Outcome, UndoOf},
        request::{current, refuse},
    };
    let request = current();
    let caller = request.caller().map_err(refuse)?;
    if !confirmed {
        return Err(refuse(WireError::Unconfirmed { effects: Vec::new() }));
    }
    let account = name(&request, from).await?;
    let removal = service::orders::assign::remove(&request.backend, &caller, &order, version, from);
    let removed = removal.await.map_err(refuse)?;
    let now = view(&request, &order, "").await.ok();
    let outcome = Outcome::TakenBack { account, licences: removed.quantity.unsigned_abs() };
    let mut done = Done::with(outcome, at_assignments(&order, account_of_page(&request)), now);
    if let Some(message) = &mut done.message {
        let version = version + 1;
        message.undo = Some(UndoOf::Removal { order, version, removed });
    }
    Ok(done)
}

/// Gives back to an account what was taken from it, under the number that it had.
#[server(prefix = "/api", endpoint = "undo_removal")]
pub async fn undo_removal(
    order: TrackingNumber,
    version: i64,
    account: AccountNumber,
    number: String,
    quantity: i64,
) -> Result<Done<Option<OrderPageView>>, WireError> {
    use domain::view::orders::RemovedAssignment;

    use crate::{
        message::Outcome,
        request::{current, refuse},
    };
    let request = current();
    let caller = request.caller().map_err(refuse)?;
    let removed = RemovedAssignment { account, number, quantity };
    let undoing = service::orders::assign::undo_removal(&request.backend, &caller, &order, version, &removed);
    undoing.await.map_err(refuse)?;
    let outcome = Outcome::GivenBack { account: name(&request, account).await?, licences: quantity.unsigned_abs() };
    let now = view(&request, &order, "").await.ok();
    Ok(Done::with(outcome, at_assignments(&order, account_of_page(&request)), now))
}

/// The order whose page is open.
#[derive(Clone, Copy, PartialEq)]
struct OrderState(RwSignal<OrderPageView>);

/// The order whose page is open, for what stands outside of its page.
#[derive(Clone, Copy)]
pub(crate) struct OpenOrder(RwSignal<Option<OrderState>>);

impl OpenOrder {
    /// Begins without one.
    pub(crate) fn provide() {
        provide_context(Self(RwSignal::new(None)));
    }
}

/// Takes over an order of which a removal was undone, if its page is open.
pub(crate) fn removal_undone() -> impl Fn(Option<OrderPageView>, Sent) + Send + Sync + 'static {
    let OpenOrder(open) = expect_context();
    move |view, _| {
        if let Some(open) = open.get_untracked() {
            open.set(view);
        }
    }
}

impl OrderState {
    /// Takes over what is stored now; the account for which the order was looked for stays.
    fn set(self, view: Option<OrderPageView>) {
        let Self(state) = self;
        let Some(view) = view else { return };
        let number = &view.details.order.tracking_number;
        if state.try_with_untracked(|now| now.details.order.tracking_number == *number) == Some(true) {
            state.update(|now| *now = OrderPageView { back_to: now.back_to.clone(), ..view });
        }
    }
}

/// The page of one order.
#[component]
pub(crate) fn OrderDetailsPage() -> impl IntoView {
    let params = use_params_map();
    let number = move || params.with(|params| params.get("order")).unwrap_or_default();
    let query = navigation::query();
    let order = Resource::new(move || (number(), query()), |(number, query)| load_order(number, query));
    view! {
        <Transition>
            {move || Suspend::new(async move {
                match order.await {
                    Ok(view) => view! { <Order view /> }.into_any(),
                    Err(error) => view! { <Problem error /> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn Order(view: OrderPageView) -> impl IntoView {
    let wording = Wording::current();
    let back_to = view.back_to.clone();
    let order = view.details.order.clone();
    let product = view.product.clone();
    let signal = RwSignal::new(view);
    let state = OrderState(signal);
    let OpenOrder(open) = expect_context();
    open.set(Some(state));
    on_cleanup(move || {
        // By then the page of another order may be open.
        if open.try_get_untracked().flatten() == Some(state) {
            open.set(None);
        }
    });
    follow(state, order.tracking_number.clone());
    let facts = Memo::new(move |_| signal.with(|view| view.details.order.clone()));
    let number = order.tracking_number.to_string();
    view! {
        <PageTitle title=number.clone() />
        <div class="head">
            <div>
                <p class="crumbs small">
                    <a href=paths::ORDERS>{wording.orders()}</a>
                    <span class="soft">" / "{wording.order()}</span>
                </p>
                <h1 class="number" tabindex="-1">{number}</h1>
                <div class="facts">
                    <Badge tone=subscription_tone(order.status) label=wording.subscription_status(order.status) />
                    <span>{product}" "{order.plan.clone()}</span>
                </div>
            </div>
        </div>
        <Back to=back_to />
        <div class="panels" id="order-panels">
            <Panel id="order" heading=wording.order()>
                <div class="body">{move || view! { <Facts order=facts.get() /> }}</div>
            </Panel>
            <Panel id=PANEL heading=wording.assignments()>
                <div class="body"><Assignments state /></div>
            </Panel>
        </div>
    }
}

/// Takes over what others change of the order.
fn follow(state: OrderState, number: TrackingNumber) {
    let live = Live::current();
    live.listen_to(None, Vec::new);
    Effect::new(move |before: Option<u64>| {
        let news = live.news();
        if before.is_some_and(|before| before != news) {
            let number = number.to_string();
            leptos::task::spawn_local(async move { state.set(load_order(number, String::new()).await.ok()) });
        }
        news
    });
}

#[component]
fn Facts(order: OrderView) -> impl IntoView {
    let wording = Wording::current();
    let none = || wording.not_given().to_owned();
    let text = |value: Option<String>| value.unwrap_or_else(none);
    let purchase_orders = if order.purchase_orders.is_empty() { none() } else { order.purchase_orders.join(", ") };
    let pairs = [
        (wording.quantity(), order.quantity.to_string()),
        (wording.remaining(), order.remaining.to_string()),
        (wording.purchase_date(), wording.day(order.purchased_on)),
        (wording.start_date(), wording.day(order.starts_on)),
        (wording.end_date(), order.ends_on.map_or_else(|| wording.no_end().to_owned(), |day| wording.day(day))),
        (wording.term(), wording.term_in_words(order.term)),
        (wording.sap_order(), text(order.sap_order)),
        (wording.sap_number(), text(order.sap_customer_number)),
        (wording.purchase_orders(), purchase_orders),
    ];
    let pairs = pairs.map(|(name, value)| view! { <div><dt>{name}</dt><dd><bdi>{value}</bdi></dd></div> });
    view! { <dl class="pairs">{pairs.collect_view()}</dl> }
}

#[component]
fn Assignments(state: OrderState) -> impl IntoView {
    let wording = Wording::current();
    let OrderState(view) = state;
    let assignments = Memo::new(move |_| view.with(|view| view.details.assignments.clone()));
    let version = Memo::new(move |_| view.with(|view| view.details.order.version));
    let more = move || {
        let more = view.with(|view| view.details.accounts).saturating_sub(assignments.with(Vec::len) as u64);
        (more > 0).then(|| view! { <p class="soft">{wording.more_accounts(more)}</p> })
    };
    view! {
        {move || assignments.with(Vec::is_empty).then(|| view! { <p class="soft">{wording.assignments_none()}</p> })}
        <ul class="rows">
            {move || assignments.get().into_iter().map(|one| view! { <AssignmentRow state version one /> }).collect_view()}
        </ul>
        {more}
        <Assign state version />
    }
}

/// The fields that say of which order a form is, and which version of it was seen.
#[component]
fn OfOrder(state: OrderState, version: Memo<i64>) -> impl IntoView {
    let OrderState(view) = state;
    let number = view.with_untracked(|view| view.details.order.tracking_number.to_string());
    view! {
        <Hidden name="order" value=number />
        <Hidden name="version" value=Signal::derive(move || version.get().to_string()) />
    }
}

/// The address of the page at `part`.
fn action(state: OrderState, part: &str) -> String {
    let OrderState(view) = state;
    view.with_untracked(|view| {
        let back_to = view.back_to.as_ref().map_or_else(String::new, |(number, _)| format!("?for={number}"));
        format!("{}{back_to}#{part}", paths::order(&view.details.order.tracking_number))
    })
}

#[component]
fn AssignmentRow(state: OrderState, version: Memo<i64>, one: Assignment) -> impl IntoView {
    let wording = Wording::current();
    let Some((number, name)) = one.account.clone() else {
        return view! {
            <li><p class="grow">{wording.another_account()} " · " {wording.licences()} ": " {one.quantity}</p></li>
        }
        .into_any();
    };
    let from = number.to_string();
    let same = [("from", from.as_str())];
    let correction = Submission::among::<CorrectAssignment, _>(&same, move |now, _| state.set(now));
    let removal = Submission::among::<RemoveAssignment, _>(&same, move |now, _| state.set(now));
    let problem = move || correction.problem(wording).or_else(|| removal.problem(wording));
    let field = move |name: &'static str, label: &'static str, stored: &str| {
        let id = format!("{name}-{number}");
        let error_id = format!("{id}-error");
        let error = correction.field_error(name, wording);
        view! {
            <div class="field short">
                <label for=id.clone()>{label}</label>
                <input
                    id=id name=name value=correction.typed_or(name, stored) autocomplete="off"
                    aria-invalid=move || error.with(Option::is_some).then_some("true") aria-describedby=error_id.clone()
                />
                <p class="error" id=error_id>{move || error.get()}</p>
            </div>
        }
    };
    // Nothing of the server's is needed to ask.
    let ask = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        removal.error().set(Some(WireError::Unconfirmed { effects: Vec::new() }));
    };
    let asks = move || matches!(removal.error().get(), Some(WireError::Unconfirmed { .. }));
    let (called, quantity) = (name.clone(), one.quantity.unsigned_abs());
    let (correct_name, remove_name) = (wording.correct_assignment_of(&name), wording.remove_assignment_of(&name));
    let from = Signal::stored(from);
    let account_field = field("account", wording.account_id(), &number.to_string());
    let quantity_field = field("quantity", wording.licences(), &one.quantity.to_string());
    view! {
        <li id=format!("assignment-{number}")>
            <div class="grow">
                <p><a href=paths::account(number)><bdi>{name.clone()}</bdi></a></p>
                <p class="small soft number">{one.number.clone()}</p>
            </div>
            <Refusal text=Signal::derive(problem) />
            <PostForm submission=correction action=action(state, PANEL) class="correcting">
                <OfOrder state version />
                <Hidden name="from" value=from />
                {account_field}
                {quantity_field}
                <button class="button" aria-label=correct_name>{wording.correct()}</button>
            </PostForm>
            <PostForm submission=removal action=action(state, CANCEL) on_submit=ask>
                <OfOrder state version />
                <Hidden name="from" value=from />
                <button id=format!("remove-{number}") class="button" aria-label=remove_name>
                    {wording.remove()}
                </button>
            </PostForm>
            {move || asks().then(|| {
                view! { <RemovalQuestion state version removal from=number name=called.clone() quantity /> }
            })}
        </li>
    }
    .into_any()
}

/// Asks before an assignment is removed. Without JavaScript the question stands open at its place.
#[component]
fn RemovalQuestion(
    state: OrderState,
    version: Memo<i64>,
    removal: Submission,
    from: AccountNumber,
    name: String,
    quantity: u64,
) -> impl IntoView {
    let wording = Wording::current();
    let OrderState(view) = state;
    let order = view.with_untracked(|view| view.details.order.tracking_number.to_string());
    let dialogue = NodeRef::<html::Dialog>::new();
    open_modal(dialogue);
    let dismiss = move || removal.error().set(None);
    let on_cancel = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        dismiss();
    };
    view! {
        <dialog open=true class="dialog" aria-labelledby="question" node_ref=dialogue on:close=move |_| dismiss()>
            <h2 id="question">{wording.confirm_remove_assignment(quantity, &name)}</h2>
            <p>{wording.confirm_remove_assignment_lead(&order)}</p>
            <div class="answers">
                <PostForm submission=removal action=action(state, PANEL)>
                    <OfOrder state version />
                    <Hidden name="from" value=from.to_string() />
                    <Hidden name="confirmed" value="true".to_owned() />
                    <button class="button danger">{wording.remove()}</button>
                </PostForm>
                <form method="get" action=action(state, PANEL) on:submit=on_cancel>
                    <button id=CANCEL class="button">{wording.cancel()}</button>
                </form>
            </div>
        </dialog>
    }
}

#[component]
fn Assign(state: OrderState, version: Memo<i64>) -> impl IntoView {
    let wording = Wording::current();
    let OrderState(view) = state;
    let remaining = Memo::new(move |_| view.with(|view| view.details.order.remaining));
    let submission = Submission::of::<AssignOrder, _>(move |now, _| state.set(now));
    move || {
        if remaining.get() == 0 {
            return view! {
                <p class="soft">{wording.assign_all_gone()}</p>
                <Refusal text=Signal::derive(move || submission.problem(wording)) />
            }
            .into_any();
        }
        view! { <AssignForm state version submission remaining=remaining.get() /> }.into_any()
    }
}

#[component]
fn AssignForm(state: OrderState, version: Memo<i64>, submission: Submission, remaining: i64) -> impl IntoView {
    let wording = Wording::current();
    let OrderState(view) = state;
    let back_to = view.with_untracked(|view| view.back_to.as_ref().map(|(number, _)| number.to_string()));
    let account = submission.typed_or("account", back_to.as_deref().unwrap_or_default());
    let quantity = submission.typed_or("quantity", &remaining.to_string());
    view! {
        <div class="group-of-switches">
            <h3>{wording.assign_order()}</h3>
            <Refusal text=Signal::derive(move || submission.problem(wording)) />
            <PostForm submission action=action(state, PANEL) class="adding" resets=true keeps=true>
                <OfOrder state version />
                <IdempotencyKey submission />
                {back_to.map(|number| view! { <Hidden name="back_to" value=number /> })}
                <Field
                    name="account" label=wording.account_field() hint=Some(wording.account_field_hint())
                    error=submission.field_error("account", wording) width="grow"
                >
                    <AccountField typed=account.clone() />
                </Field>
                <TextField
                    name="quantity" label=wording.licences() value=quantity
                    error=submission.field_error("quantity", wording) width="short"
                />
                <button class="button main" aria-disabled=submission.busy()>{wording.assign()}</button>
            </PostForm>
        </div>
    }
}

/// The field for an account: offers those that match, takes an Account ID or a name as it is typed.
#[component]
fn AccountField(typed: String) -> impl IntoView {
    let wording = Wording::current();
    let offer = |account: FoundAccount| Offer {
        details: account.number.grouped(),
        value: account.number.to_string(),
        title: account.name,
    };
    let combobox = Combobox::new(
        "account",
        Box::new(move |typed| {
            Box::pin(async move { Some(find_accounts(typed).await.ok()?.into_iter().map(offer).collect()) })
        }),
        Box::new(Combobox::take),
    );
    view! {
        <div class="combobox">
            {combobox.field(typed)}
            {combobox.list(wording.accounts(), wording.switcher_none(), move |count| wording.switcher_results(count))}
        </div>
    }
}
