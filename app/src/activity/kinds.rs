//! What a record of activity tells of, in words.

use domain::activity::ActivityKind;

use crate::wording::Wording;

/// What was done.
pub(super) fn kind_in_words(kind: ActivityKind, wording: Wording) -> &'static str {
    match kind {
        ActivityKind::PartnerAdded => wording.kind_partner_added(),
        ActivityKind::OwnAccountMarked => wording.kind_own_account_marked(),
        ActivityKind::AccountAdded => wording.kind_account_added(),
        ActivityKind::CustomerInformationChanged => wording.kind_customer_information_changed(),
        ActivityKind::SupportContactAdded => wording.kind_support_contact_added(),
        ActivityKind::SupportContactRemoved => wording.kind_support_contact_removed(),
        ActivityKind::TestMessageSent => wording.kind_test_message_sent(),
        ActivityKind::ProblemReported => wording.kind_problem_reported(),
        ActivityKind::ReportSentAgain => wording.kind_report_sent_again(),
        ActivityKind::IntegrationSwitched => wording.kind_integration_switched(),
        ActivityKind::IntegrationSetUp => wording.kind_integration_set_up(),
        ActivityKind::IntegrationRemoved => wording.kind_integration_removed(),
        ActivityKind::IntegrationChecked => wording.kind_integration_checked(),
        ActivityKind::ConsentDenied => wording.kind_consent_denied(),
        ActivityKind::ConsentFailed => wording.kind_consent_failed(),
        ActivityKind::GatewayCodeRenewed => wording.kind_gateway_code_renewed(),
        ActivityKind::GatewayOnboarded => wording.kind_gateway_onboarded(),
        ActivityKind::PrivilegeSwitched => wording.kind_privilege_switched(),
        ActivityKind::CallServiceSwitched => wording.kind_call_service_switched(),
        ActivityKind::AttemptRefused => wording.kind_attempt_refused(),
        ActivityKind::ChangeUndone => wording.kind_change_undone(),
        ActivityKind::OrdersImported => wording.kind_orders_imported(),
        ActivityKind::OrderAssigned => wording.kind_order_assigned(),
        ActivityKind::OrderCorrected => wording.kind_order_corrected(),
        ActivityKind::AccountDeactivated => wording.kind_account_deactivated(),
        ActivityKind::AccountReactivated => wording.kind_account_reactivated(),
        ActivityKind::AccountDeleted => wording.kind_account_deleted(),
        ActivityKind::AccountRestored => wording.kind_account_restored(),
        ActivityKind::AccountPurged => wording.kind_account_purged(),
        ActivityKind::PersonRenamed => wording.kind_person_renamed(),
        ActivityKind::PasswordChanged => wording.kind_password_changed(),
        ActivityKind::SessionsEnded => wording.kind_sessions_ended(),
    }
}
