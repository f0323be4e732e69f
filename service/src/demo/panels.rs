//! Support contacts, reports, integrations and privileges of the demo's accounts: every state that a
//! page can show.

use domain::integrations::{Catalogue, Failure, IntegrationKey, Privilege, Services, Wanted, apply};
use domain::mail::Delivery;
use domain::mail::MailFailure;
use domain::time::Timestamp;
use domain::view::integrations::AppRegistration;
use sea_orm::{ActiveValue::NotSet, Set};

use super::{Batch, RICH};
use crate::{
    Backend,
    entity::{mail, problem_report, support_contact},
    error::{Error, Result},
    integrations::{gateway, microsoft, stored},
};

/// The accounts that are the partners' own: one of each of the first two.
pub(super) const PARTNERS_OWN: [u32; 2] = [8, 9];

const DAY: i64 = 86_400_000;

/// What each of a dozen accounts has, in turn.
const STORIES: [&[&str]; 12] = [
    &["+cloudlink-gateway", "+micollab", "+microsoft-teams", "!!microsoft-teams", "+micc"],
    &["+micc", "+miteam-meetings", "+microsoft-office-365", "!microsoft-office-365"],
    &["+cloudlink-gateway", "+mitel-one", "-delegated_authentication"],
    &["=guest_access", "+microsoft-office-365"],
    &["+micollab", "+microsoft-teams", "!microsoft-teams", "?microsoft-teams"],
    &["+miteam-meetings", "+microsoft-teams", "!microsoft-teams", "-microsoft-teams"],
    &["+single-sign-on", "+azure-ad-sync", "=delegated_authentication"],
    &["+mivoice-business", "+mitel-one", "+mitel-voice-assist"],
    &[],
    &["=guest_access", "+micc", "+microsoft-teams"],
    &["+micollab", "+mitel-one", "+mivoice-business", "+miteam-meetings"],
    &["+mitel-voice-assist"],
];

/// Adds what stands on the panels of the account of `index`; `gateway` says whether one is there.
/// Its integrations and privileges are as given back.
pub(super) fn add(batch: &mut Batch, backend: &Backend, index: u32, gateway: bool) -> Result<Services> {
    let account = i64::from(index) + 1;
    if index >= RICH {
        if index.is_multiple_of(4) {
            return services(batch, backend, account, &["+micollab"], false);
        }
        return Ok(Services::default());
    }
    mails(batch, backend, account, index);
    services(batch, backend, account, STORIES[index as usize % STORIES.len()], gateway)
}

fn services(batch: &mut Batch, backend: &Backend, account: i64, story: &[&str], gateway: bool) -> Result<Services> {
    let catalogue = &backend.settings.catalogue;
    let now = backend.clock.now();
    let mut services = Services::default();
    for &step in story {
        take_step(catalogue, &mut services, step, now)?;
    }
    if gateway {
        take_step(catalogue, &mut services, "+cloudlink-gateway", now)?;
        take_step(catalogue, &mut services, "!cloudlink-gateway", now)?;
    }
    for (key, kept) in &services.integrations {
        let mut row = stored::integration_row(account, key, kept);
        if key.as_str() == "microsoft-teams" && kept.set_up {
            microsoft::seal_registration(backend, account, key, &registration(), "demo", &mut row)?;
        }
        if key.as_str() == "cloudlink-gateway" && kept.on && !kept.set_up {
            batch.codes.push(gateway::sealed(backend, account, &format!("DEMZ{account:012}"))?);
        }
        batch.integrations.push(row);
    }
    let privileges = services.privileges.iter();
    batch.privileges.extend(privileges.map(|(privilege, kept)| stored::privilege_row(account, *privilege, kept)));
    Ok(services)
}

/// `+` and `-` switch an integration or a privilege, `=` switches a privilege on by a person, `!` sets an
/// integration up, `!!` with presence both ways, `?` makes it fail.
fn take_step(catalogue: &Catalogue, services: &mut Services, step: &str, now: Timestamp) -> Result<()> {
    let wrong = || Error::Internal(format!("the demo cannot do {step}"));
    let name = step.trim_start_matches(['+', '-', '=', '!', '?']);
    let sign = &step[..step.len() - name.len()];
    let key = || IntegrationKey::parse(name).map_err(|_| wrong());
    let wanted = match (sign, Privilege::from_key(name)) {
        ("=" | "-", Some(privilege)) => {
            Wanted::Privilege { privilege, on: sign == "=", by: "Marta Bianchi".to_owned() }
        }
        ("+" | "-", None) => Wanted::Switch { key: key()?, on: sign == "+" },
        ("!" | "!!", None) => Wanted::SetUp { key: key()?, presence_both_ways: sign == "!!" },
        ("?", None) => {
            let kept = services.integrations.get_mut(&key()?).ok_or_else(wrong)?;
            let reason = "AADSTS7000222: The provided client secret keys for the app are expired.".to_owned();
            kept.failure = Some(Failure { reason, since: Timestamp(now.0 - 3 * DAY) });
            return Ok(());
        }
        _ => return Err(wrong()),
    };
    *services = apply(catalogue, services, &wanted).map_err(Error::from)?.0;
    Ok(())
}

fn registration() -> AppRegistration {
    AppRegistration {
        name: "Tenantry".to_owned(),
        tenant_id: "6f1c2a9e-3b47-4d58-8c21-0e5f7a9b3d14".to_owned(),
        client_id: "b2e7d6c4-91f0-4a35-9d8e-57c3a1f2460b".to_owned(),
    }
}

fn mails(batch: &mut Batch, backend: &Backend, account: i64, index: u32) {
    let now = backend.clock.now().0;
    let first = format!("support{}@example.com", if index % 5 == 4 { 2 } else { 1 });
    let second = if index % 5 == 4 { "other@example.com" } else { "partner@example.com" };
    if index.is_multiple_of(3) {
        batch.contacts.push(support_contact::ActiveModel {
            id: NotSet,
            account_id: Set(account),
            email: Set(second.to_owned()),
            created_at: Set(now - 2 * DAY),
        });
    }
    let mut mail = |recipient: &str, report: Option<i64>, failed: bool| {
        let delivery = if failed { Delivery::Failed } else { Delivery::Sent };
        batch.mails.push(mail::ActiveModel {
            id: NotSet,
            account_id: Set(account),
            report_id: Set(report),
            recipient: Set(recipient.to_owned()),
            subject: Set("Test message".to_owned()),
            body: Set("This message tests the delivery.".to_owned()),
            state: Set(delivery.key().to_owned()),
            attempts: Set(1),
            next_at: Set(now - DAY),
            refusals: Set(i32::from(failed)),
            failure: Set(failed.then(|| MailFailure::Mailbox.key().to_owned())),
            last_error: Set(failed.then(|| "550 5.1.1 mailbox unavailable".to_owned())),
            created_at: Set(now - DAY),
            done_at: Set(Some(now - DAY)),
        });
    };
    if index % 4 == 1 {
        mail(&first, None, false);
    }
    if index.is_multiple_of(6) {
        mail(second, Some(account), true);
        mail(&first, Some(account), false);
        batch.reports.push(problem_report::ActiveModel {
            id: Set(account),
            account_id: Set(account),
            person_name: Set("Paolo Rossi".to_owned()),
            subject: Set("Calls drop after ten minutes".to_owned()),
            description: Set(
                "Since this morning calls to mobile numbers end by themselves after ten minutes.".to_owned()
            ),
            created_at: Set(now - DAY),
        });
    }
}
