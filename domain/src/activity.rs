//! The record of what was changed or refused: who, when, what, from which value to which.

use serde::{Deserialize, Serialize};

use crate::choices::choices;

choices! {
    /// What was done, or tried. The key is stored; the page words it.
    ActivityKind {
        /// A partner was created by the operator.
        PartnerAdded = "partner_added",
        /// An account was marked as the partner's own.
        OwnAccountMarked = "own_account_marked",
        /// An account was added.
        AccountAdded = "account_added",
        /// Customer information was changed.
        CustomerInformationChanged = "customer_information_changed",
        /// A support contact was added.
        SupportContactAdded = "support_contact_added",
        /// A support contact was removed.
        SupportContactRemoved = "support_contact_removed",
        /// A test message was sent to a support contact.
        TestMessageSent = "test_message_sent",
        /// A problem was reported.
        ProblemReported = "problem_reported",
        /// A report whose mail to a contact had failed was sent to them again.
        ReportSentAgain = "report_sent_again",
        /// An integration was switched.
        IntegrationSwitched = "integration_switched",
        /// An integration's set-up was completed.
        IntegrationSetUp = "integration_set_up",
        /// An integration's configuration was discarded.
        IntegrationRemoved = "integration_removed",
        /// An integration's credentials were checked, and are not as they were.
        IntegrationChecked = "integration_checked",
        /// An administrator denied an integration their consent.
        ConsentDenied = "consent_denied",
        /// Microsoft could not complete an administrator's consent.
        ConsentFailed = "consent_failed",
        /// A gateway's one-time code was replaced by a new one.
        GatewayCodeRenewed = "gateway_code_renewed",
        /// A gateway presented its code and was taken in.
        GatewayOnboarded = "gateway_onboarded",
        /// A privilege was switched.
        PrivilegeSwitched = "privilege_switched",
        /// A call service was switched.
        CallServiceSwitched = "call_service_switched",
        /// Something that was asked for was refused for want of the right to it.
        AttemptRefused = "attempt_refused",
        /// A switch or a Save was taken back.
        ChangeUndone = "change_undone",
        /// Orders were imported.
        OrdersImported = "orders_imported",
        /// Licences of an order were assigned to the account.
        OrderAssigned = "order_assigned",
        /// The assignment of an order to the account was corrected.
        OrderCorrected = "order_corrected",
        /// An account was deactivated.
        AccountDeactivated = "account_deactivated",
        /// An account was reactivated.
        AccountReactivated = "account_reactivated",
        /// An account was deleted; it can be restored.
        AccountDeleted = "account_deleted",
        /// An account was restored after it was deleted.
        AccountRestored = "account_restored",
        /// A deleted account was purged: nothing is left of it but this record.
        AccountPurged = "account_purged",
        /// A person changed their own name.
        PersonRenamed = "person_renamed",
        /// A person's password was changed, by themselves or by the operator.
        PasswordChanged = "password_changed",
        /// A person's sessions were ended by the operator.
        SessionsEnded = "sessions_ended",
    }
}

/// One field's way from an old value to a new one. Empty text means that there was, or is, none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The field's key, such as [`crate::customer::CustomerField::key`].
    pub field: String,
    /// The value before.
    pub old: String,
    /// The value after.
    pub new: String,
}
