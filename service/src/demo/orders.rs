//! Orders of the demo: every state that a subscription, and an order, can have.

use domain::{
    id::{AccountId, PartnerId},
    order::{NewOrder, OrderForm},
};
use jiff::ToSpan;
use sea_orm::{ActiveValue::NotSet, Set};

use super::{Batch, Placed, RICH};
use crate::{
    Backend,
    entity::{order_word, subscription},
    error::{Error, Result},
    orders::import,
};

/// Keys of orders that each account can take.
const KEYS: i64 = 4;

/// An order to be invented.
struct Story {
    product: &'static str,
    plan: &'static str,
    quantity: u32,
    /// Days from today to the first day.
    starts: i64,
    /// Days from today to the last day.
    ends: Option<i64>,
    /// How much is assigned to this account, and to those of the partner that follow it.
    assigned: &'static [i64],
}

/// What each of seven accounts has, in turn.
const STORIES: [Story; 7] = [
    Story { product: "mitel-one", plan: "Premier", quantity: 25, starts: -200, ends: Some(164), assigned: &[25] },
    Story { product: "miteam-meetings", plan: "Annual", quantity: 10, starts: -350, ends: Some(14), assigned: &[10] },
    Story { product: "mitel-one", plan: "Essentials", quantity: 40, starts: -405, ends: Some(-40), assigned: &[40] },
    Story { product: "mitel-one", plan: "Premier", quantity: 15, starts: 20, ends: Some(384), assigned: &[15] },
    Story { product: "miteam-meetings", plan: "Perpetual", quantity: 5, starts: -700, ends: None, assigned: &[5] },
    Story { product: "mitel-one", plan: "Elite", quantity: 60, starts: -90, ends: Some(274), assigned: &[24, 12, 10] },
    Story { product: "mitel-one", plan: "Essentials", quantity: 30, starts: -30, ends: Some(334), assigned: &[18] },
];

/// What partners have ordered and not assigned yet, one for each eighth account.
const UNASSIGNED: [Story; 3] = [
    Story { product: "miteam-meetings", plan: "Annual", quantity: 20, starts: -6, ends: Some(358), assigned: &[] },
    Story { product: "mitel-one", plan: "Premier", quantity: 100, starts: -340, ends: Some(24), assigned: &[] },
    Story { product: "mitel-one", plan: "Elite", quantity: 8, starts: 10, ends: Some(374), assigned: &[] },
];

/// Adds the orders of an account, whose SAP customer number is `sap_number`, if it is to have one.
pub(super) fn add(batch: &mut Batch, backend: &Backend, placed: Placed, sap_number: Option<&str>) -> Result<()> {
    let index = placed.index as usize;
    if placed.index >= RICH {
        return match sap_number {
            Some(_) => order(batch, backend, placed, 0, &STORIES[0], sap_number),
            None => Ok(()),
        };
    }
    if sap_number.is_some() {
        order(batch, backend, placed, 0, &STORIES[index % STORIES.len()], sap_number)?;
        if index.is_multiple_of(3) {
            order(batch, backend, placed, 1, &STORIES[(index + 1) % 5], sap_number)?;
        }
    }
    if index % 8 == 3 {
        order(batch, backend, placed, 2, &UNASSIGNED[index % UNASSIGNED.len()], None)?;
    }
    Ok(())
}

fn order(
    batch: &mut Batch,
    backend: &Backend,
    placed: Placed,
    place: i64,
    story: &Story,
    sap_number: Option<&str>,
) -> Result<()> {
    let Placed { index, account: AccountId(account), partner: PartnerId(partner), .. } = placed;
    let id = (account - 1) * KEYS + place + 1;
    let now = backend.clock.now();
    let day = |days: i64| now.date().saturating_add(days.days()).to_string();
    let form = OrderForm {
        tracking_number: format!("TN-{:06}", 100_000 + id),
        product: story.product.to_owned(),
        plan: story.plan.to_owned(),
        quantity: story.quantity.to_string(),
        purchase_date: day(story.starts.min(0) - 3 - i64::from(index % 9)),
        start_date: day(story.starts),
        end_date: story.ends.map(day).unwrap_or_default(),
        sap_order: format!("45{:08}", 2_000_000 + id),
        sap_customer_number: sap_number.unwrap_or_default().to_owned(),
        purchase_orders: if index.is_multiple_of(2) { format!("PO-{id}") } else { format!("PO-{id}, PO-{id}B") },
        account: String::new(),
    };
    let order = NewOrder::parse(&form, &backend.settings.catalogue).map_err(Error::Invalid)?;
    let mut row = import::active_model(partner, &order, now.0);
    row.id = Set(id);
    let words = row.search_text.as_ref().split_ascii_whitespace().map(|word| order_word::ActiveModel {
        partner_id: Set(partner),
        word: Set(word.to_owned()),
        order_id: Set(id),
    });
    batch.order_words.extend(words);
    let mut remaining = i64::from(story.quantity);
    let mut subscriptions = 0;
    for (next, &quantity) in (0_u32..).zip(story.assigned) {
        // The accounts that follow are the same partner's, but for each fifth, which is the second's.
        let other = index + next + u32::from(next > 0 && (index % 5) + next >= 4);
        if next > 0 && (other >= placed.accounts || other >= RICH || index % 5 == 4) {
            break;
        }
        remaining -= quantity;
        subscriptions += 1;
        batch.subscriptions.push(subscription::ActiveModel {
            id: NotSet,
            order_id: Set(id),
            account_id: Set(i64::from(other) + 1),
            number: Set(format!("{}-{subscriptions}", order.tracking_number)),
            quantity: Set(quantity),
            created_at: Set(now.0),
        });
    }
    row.remaining = Set(remaining);
    row.subscriptions = Set(subscriptions);
    batch.orders.push(row);
    Ok(())
}
