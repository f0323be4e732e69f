//! What has been done in the demo, and what was refused.

use domain::{
    activity::{ActivityKind, Change},
    customer::CustomerForm,
    id::PersonId,
    integrations::{IntegrationKey, Privilege, Services},
    role::{Caller, Seat},
    time::Timestamp,
};
use sea_orm::Set;

use super::{Batch, Placed, RICH, Source};
use crate::{
    Backend,
    activity::{Actor, Record, words_of},
    entity::{activity, activity_word},
    error::Result,
};

const HOUR: i64 = 3_600_000;

/// A record to be invented: what, which field, from which value to which, by which of [`PEOPLE`]. Where the field is
/// one of the account's own, its last value is the one that the account has.
type Story = (ActivityKind, &'static str, &'static str, &'static str, usize);

/// Who does something, by their place in each partner.
const PEOPLE: [&str; 4] = ["Marta Bianchi", "Lucia Neri", "Paolo Rossi", "Jonas Keller"];

/// What may have happened to an account, the latest last.
const STORIES: [Story; 12] = [
    (ActivityKind::CustomerInformationChanged, "city", "", "Centro", 1),
    (ActivityKind::SupportContactAdded, "support_contact", "", "helpdesk@example.com", 0),
    (ActivityKind::IntegrationSwitched, "integration:micollab", "off", "on", 2),
    (ActivityKind::IntegrationSwitched, "integration:micc", "off", "on", 1),
    (ActivityKind::PrivilegeSwitched, "privilege:guest_access", "off", "on", 0),
    (ActivityKind::AttemptRefused, "action", "partner_admin_only", "delete_account", 1),
    (ActivityKind::CustomerInformationChanged, "business_type", "retail", "technology", 0),
    (ActivityKind::CallServiceSwitched, "bandwidth_optimisation", "off", "on", 2),
    (ActivityKind::ProblemReported, "subject", "", "Calls drop after ten minutes", 2),
    (ActivityKind::AttemptRefused, "action", "hidden", "edit_integrations", 2),
    (ActivityKind::SupportContactRemoved, "support_contact", "helpdesk@example.com", "", 0),
    (ActivityKind::CustomerInformationChanged, "address1", "", "Centro 1", 1),
];

/// Adds what happened to an account whose customer is `form`, with these integrations and privileges.
pub(super) fn add(
    batch: &mut Batch,
    backend: &Backend,
    placed: Placed,
    form: &CustomerForm,
    services: &Services,
) -> Result<()> {
    if placed.index >= RICH {
        return Ok(());
    }
    let now = backend.clock.now().0;
    let index = placed.index as usize;
    for place in 0..(3 + index % 8) {
        let &(kind, field, old, new, person) = &STORIES[(index * 5 + place) % STORIES.len()];
        let (old, new) = match field {
            "city" => (old, form.city.as_str()),
            "address1" => (old, form.address1.as_str()),
            "business_type" if form.business_type == old => (new, old),
            "business_type" => (old, form.business_type.as_str()),
            _ if is_on(field, placed, services) == Some(false) => (new, old),
            _ => (old, new),
        };
        let hours = i64::try_from((11 - place) * 31 + index % 29).unwrap_or_default();
        let story = (kind, field, old, new, person);
        let id = record_id(placed, place + 1);
        let record = record(placed, Timestamp(now - hours * HOUR), &story, id, &mut batch.activity_words)?;
        batch.records.push(record);
    }
    Ok(())
}

/// The key of a record of an account, by its place among these.
pub(super) fn record_id(placed: Placed, place: usize) -> i64 {
    const RECORDS: i64 = 16;
    (placed.account.0 - 1) * RECORDS + i64::try_from(place).unwrap_or_default() + 1
}

/// Whether the switch `field` is on; `None` when it is none.
fn is_on(field: &str, placed: Placed, services: &Services) -> Option<bool> {
    match field.split_once(':') {
        Some(("integration", key)) => Some(services.integration(&IntegrationKey::parse(key).ok()?).on),
        Some(("privilege", key)) => Some(services.privilege(Privilege::from_key(key)?).on),
        None if field == "bandwidth_optimisation" => Some(placed.optimises_bandwidth()),
        _ => None,
    }
}

/// Adds one record with the key `id`, as there are many in years of work.
pub(super) fn add_one(batch: &mut Batch, source: &mut Source, placed: Placed, id: i64, at: Timestamp) -> Result<()> {
    let story = STORIES[source.below(12) as usize];
    let text = if story.1 == "city" { format!("Centro {}", source.below(100_000)) } else { story.3.to_owned() };
    let row = record(placed, at, &(story.0, story.1, story.2, &text, story.4), id, &mut batch.activity_words)?;
    batch.records.push(row);
    Ok(())
}

fn record(
    placed: Placed,
    at: Timestamp,
    story: &(ActivityKind, &str, &str, &str, usize),
    id: i64,
    words: &mut Vec<activity_word::ActiveModel>,
) -> Result<activity::ActiveModel> {
    let &(kind, field, old, new, person) = story;
    let changes = [Change { field: field.to_owned(), old: old.to_owned(), new: new.to_owned() }];
    let second = placed.partner.0 == 2;
    let person = if second { 3 } else { person };
    let caller = Caller {
        person: PersonId([1, 2, 3, 5][person]),
        name: PEOPLE[person].to_owned(),
        seat: Seat::PartnerAdmin { partner: placed.partner },
    };
    let own = words_of(kind, &changes);
    words.extend(own.iter().map(|word| activity_word::ActiveModel {
        partner_id: Set(placed.partner.0),
        word: Set(word.clone()),
        activity_id: Set(id),
    }));
    let record = Record {
        at,
        partner: placed.partner,
        account: Some(placed.account),
        version: None,
        by: Actor::Person(&caller),
        kind,
        changes: &changes,
        reversal: None,
    };
    Ok(activity::ActiveModel { id: Set(id), ..record.row(&own)? })
}
