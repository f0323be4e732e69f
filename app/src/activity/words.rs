//! Records of activity in words, which only the server has: names of applications, countries and regions.

use domain::view::activity::ActivityRecord;
use domain::{
    account::AccountStatus,
    activity::{ActivityKind, Change},
    customer::CustomerField,
    email::readable,
    integrations::{IntegrationKey, Privilege, State},
    rights::{Action, Reason},
};

use super::RecordView;
use crate::{account::label_of, request::Request, ui::isolated, wording::Wording};

/// Who did it.
fn person_in_words(record: &ActivityRecord, wording: Wording) -> String {
    match (record.person_name.as_str(), record.kind) {
        ("", ActivityKind::AttemptRefused) => wording.somebody_outside().to_owned(),
        ("", _) => wording.operator().to_owned(),
        (name, _) => name.to_owned(),
    }
}

/// A record as its page shows it.
pub(crate) fn record_view(request: &Request, record: ActivityRecord) -> RecordView {
    let wording = Wording(request.locale);
    let changes = record.changes.iter().map(|change| in_words(request, change, record.account.is_some())).collect();
    RecordView {
        id: record.id,
        at: record.at,
        person: person_in_words(&record, wording),
        email: record.person_email,
        kind: record.kind,
        changes,
        account: record.account,
        recorded: record.changes,
    }
}

fn in_words(request: &Request, change: &Change, of_account: bool) -> String {
    let wording = Wording(request.locale);
    if change.field == "action" {
        return attempt_in_words(change, of_account, wording);
    }
    if let Some(order) = change.field.strip_prefix("order:") {
        return order_in_words(order, change, wording);
    }
    let field = field_in_words(request, &change.field);
    let value = |value: &str| isolated(&value_in_words(request, &change.field, value));
    match (change.old.as_str(), change.new.as_str()) {
        ("", new) => wording.changed_to(&field, &value(new)),
        (old, "") => wording.changed_gone(&field, &value(old)),
        (old, new) => wording.changed_from_to(&field, &value(new), &value(old)),
    }
}

/// How many licences of an order were assigned to the account, or taken from it.
fn order_in_words(order: &str, change: &Change, wording: Wording) -> String {
    let count = |text: &str| text.parse().unwrap_or_default();
    let order = &isolated(order);
    match (change.old.as_str(), change.new.as_str()) {
        ("", new) => wording.order_licences_assigned(count(new), order),
        (old, "") => wording.order_licences_removed(count(old), order),
        (old, new) => wording.order_licences_changed(count(new), order, old),
    }
}

fn attempt_in_words(change: &Change, of_account: bool, wording: Wording) -> String {
    let action = Action::from_key(&change.new).map_or(change.new.as_str(), |action| action_in_words(action, wording));
    let hidden = if of_account { wording.attempt_hidden() } else { wording.attempt_without_access() };
    let reason = Reason::from_key(&change.old).map_or(hidden, |reason| wording.reason(reason));
    wording.attempt_of(action, reason)
}

fn field_in_words(request: &Request, field: &str) -> String {
    let wording = Wording(request.locale);
    let application = |key: &str| match IntegrationKey::parse(key) {
        Ok(key) => request.backend.settings.catalogue.name(&key).to_owned(),
        Err(_) => key.to_owned(),
    };
    if let Some((kind, of)) = field.split_once(':') {
        return match kind {
            "integration" => application(of),
            "presence" => wording.presence_of(&application(of)),
            _ => Privilege::from_key(of).map_or(of, |privilege| wording.privilege(privilege)).to_owned(),
        };
    }
    let label = match (CustomerField::from_key(field), field) {
        (Some(field), _) => wording.customer_field(field),
        (None, "bandwidth_optimisation") => wording.bandwidth_optimisation(),
        (None, "support_contact") => wording.support_contact(),
        (None, "cloud_location") => wording.cloud_location(),
        (None, "pbx_type") => wording.pbx_type(),
        (None, "subject") => wording.report_subject(),
        (None, "reason") => wording.change_reason(),
        (None, "sap_number") => wording.sap_number(),
        (None, "status") => wording.status(),
        (None, "person") => wording.activity_person(),
        (None, "person_name") => wording.name(),
        (None, "account_id") => wording.account_id(),
        (None, "orders") => wording.orders(),
        (None, "tracking_numbers") => wording.tracking_numbers(),
        (None, other) => other,
    };
    label.to_owned()
}

fn value_in_words(request: &Request, field: &str, value: &str) -> String {
    let wording = Wording(request.locale);
    if let Some(field) = CustomerField::from_key(field) {
        return label_of(field, value, wording);
    }
    let known = match field.split_once(':').map_or(field, |(kind, _)| kind) {
        "support_contact" => return readable(value),
        "status" => AccountStatus::from_key(value).map(|status| wording.account_status(status)),
        "integration" => State::from_key(value).map(|state| wording.integration_state(state)),
        "presence" if value == "both" => Some(wording.presence_value_both()),
        "presence" => Some(wording.presence_value_one()),
        "privilege" => Some(privilege_state(field, value == "on", wording)),
        "bandwidth_optimisation" => Some(wording.switch_state(value == "on")),
        "cloud_location" => Some(request.backend.settings.cloud_location_name(value, request.locale)),
        _ => None,
    };
    known.unwrap_or(value).to_owned()
}

fn privilege_state(field: &str, on: bool, wording: Wording) -> &'static str {
    let privilege = field.split_once(':').and_then(|(_, key)| Privilege::from_key(key));
    privilege.map_or(wording.switch_state(on), |privilege| wording.privilege_state(privilege, on))
}

fn action_in_words(action: Action, wording: Wording) -> &'static str {
    match action {
        Action::ListAccounts => wording.action_list_accounts(),
        Action::AddAccount => wording.action_add_account(),
        Action::ViewAccount => wording.action_view_account(),
        Action::EditCustomerInformation => wording.action_edit_customer_information(),
        Action::EditSupportContacts => wording.action_edit_support_contacts(),
        Action::ReportProblem => wording.action_report_problem(),
        Action::EditIntegrations => wording.action_edit_integrations(),
        Action::EditPrivileges => wording.action_edit_privileges(),
        Action::EditCallServices => wording.action_edit_call_services(),
        Action::ViewSubscriptions => wording.action_view_subscriptions(),
        Action::AssignOrders => wording.action_assign_orders(),
        Action::ImportOrders => wording.action_import_orders(),
        Action::DeactivateAccount => wording.action_deactivate_account(),
        Action::DeleteAccount => wording.action_delete_account(),
        Action::RestoreAccount => wording.action_restore_account(),
        Action::ManagePeople => wording.action_manage_people(),
        Action::ViewActivity => wording.action_view_activity(),
        Action::EditOwnProfile => wording.action_edit_own_profile(),
    }
}

#[cfg(test)]
mod tests {
    use domain::locale::Locale;
    use service::person_name;

    use super::*;

    #[test]
    fn nobody_can_take_the_name_of_those_who_are_no_people() {
        for locale in Locale::ALL {
            let wording = Wording(locale);
            for name in [wording.operator(), wording.somebody_outside()] {
                assert!(person_name::parse(name).is_err(), "{name}");
            }
        }
    }
}
