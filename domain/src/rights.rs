//! Rights: one pure function, [`decide`], answers every question of who may do what.
//!
//! The server asks it before anything else, the page asks it for the state of its controls.
//! Take Lucia, account manager of Northwind. She opens the account of a customer that is assigned
//! to her: `decide` finds the partner to be hers and the account among hers, and allows viewing.
//! She asks to add an account: her role cannot, and as she may know that accounts are added, the
//! answer is `Forbidden` with the reason to show beside the disabled button. She types the Account
//! ID of a colleague's customer: the answer is `Hidden`, the very answer of a number that was never
//! given out, so that nobody learns which customers exist.
//!
//! A list is not asked row by row: [`account_scope`] makes the tenant's boundary once, and no query
//! for lists in `service` can be written without the [`AccountScope`] that only this module makes.

use crate::{
    account::AccountStatus,
    choices::choices,
    id::{AccountId, MembershipId, PartnerId},
    role::{Caller, Role, Seat},
};

choices! {
    /// What a person can ask for.
    Action {
        /// See the list of accounts.
        ListAccounts = "list_accounts",
        /// Add an account.
        AddAccount = "add_account",
        /// See the Account information page.
        ViewAccount = "view_account",
        /// Edit customer information.
        EditCustomerInformation = "edit_customer_information",
        /// Add, remove and test support contacts.
        EditSupportContacts = "edit_support_contacts",
        /// Report a problem with the account to its support contacts.
        ReportProblem = "report_problem",
        /// Switch, set up and remove integrations.
        EditIntegrations = "edit_integrations",
        /// Switch privileges.
        EditPrivileges = "edit_privileges",
        /// Switch call services.
        EditCallServices = "edit_call_services",
        /// See subscriptions.
        ViewSubscriptions = "view_subscriptions",
        /// See orders, and assign them to the account.
        AssignOrders = "assign_orders",
        /// Import orders.
        ImportOrders = "import_orders",
        /// Deactivate the account, and reactivate it.
        DeactivateAccount = "deactivate_account",
        /// Delete the account.
        DeleteAccount = "delete_account",
        /// Restore the account after it was deleted.
        RestoreAccount = "restore_account",
        /// Manage the people of the account.
        ManagePeople = "manage_people",
        /// See activity.
        ViewActivity = "view_activity",
        /// Change one's own profile.
        EditOwnProfile = "edit_own_profile",
    }
}

impl Action {
    /// Whether `role` may do this at all, within its reach.
    const fn is_within(self, role: Role) -> bool {
        match self {
            Self::EditOwnProfile => true,
            Self::ListAccounts | Self::AssignOrders => {
                matches!(role, Role::PartnerAdmin | Role::AccountManager)
            }
            Self::AddAccount
            | Self::ImportOrders
            | Self::DeactivateAccount
            | Self::DeleteAccount
            | Self::RestoreAccount => matches!(role, Role::PartnerAdmin),
            Self::ViewAccount
            | Self::EditCustomerInformation
            | Self::EditSupportContacts
            | Self::ReportProblem
            | Self::EditIntegrations
            | Self::EditPrivileges
            | Self::EditCallServices
            | Self::ViewSubscriptions
            | Self::ManagePeople
            | Self::ViewActivity => !matches!(role, Role::User),
        }
    }

    /// Whether this can be done to an account that is deleted and not yet purged.
    const fn is_for_deleted(self) -> bool {
        matches!(self, Self::ViewAccount | Self::ViewSubscriptions | Self::ViewActivity | Self::RestoreAccount)
    }
}

/// What the action is asked of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    /// Nothing is there under the name that was given.
    Missing,
    /// The caller's own profile.
    OwnProfile,
    /// A partner as a whole: its list of accounts, its orders.
    Partner(PartnerId),
    /// One account.
    Account(AccountFacts),
}

/// What rights must know of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountFacts {
    /// The partner that owns it.
    pub partner: PartnerId,
    /// Its key.
    pub account: AccountId,
    /// Whether it is active, deactivated or deleted.
    pub status: AccountStatus,
    /// Whether it is assigned to the caller's membership; of account managers only.
    pub assigned: bool,
    /// Whether it is the partner's own account.
    pub partners_own: bool,
}

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Decision {
    /// It may be done.
    Allowed,
    /// The caller may know of the resource, but not do this with it.
    Forbidden(Reason),
    /// For this caller the resource does not exist.
    Hidden,
}

choices! {
    /// Why something is forbidden. The page words it beside the control.
    Reason {
        /// Only a partner admin may.
        PartnerAdminOnly = "partner_admin_only",
        /// The account is deleted; restore it first.
        AccountDeleted = "account_deleted",
        /// It is the partner's own account, which takes no integrations and stays in use.
        PartnersOwnAccount = "partners_own_account",
    }
}

/// Decides whether `caller` may do `action` with `resource`.
#[must_use]
pub fn decide(caller: &Caller, action: Action, resource: Resource) -> Decision {
    match resource {
        Resource::Missing => Decision::Hidden,
        Resource::OwnProfile => {
            if action == Action::EditOwnProfile {
                Decision::Allowed
            } else {
                Decision::Hidden
            }
        }
        Resource::Partner(partner) => decide_partner(caller.seat, action, partner),
        Resource::Account(facts) => decide_account(caller.seat, action, facts),
    }
}

fn decide_partner(seat: Seat, action: Action, partner: PartnerId) -> Decision {
    if seat.partner() != partner || seat.account().is_some() {
        return Decision::Hidden;
    }
    match action {
        Action::ListAccounts
        | Action::AddAccount
        | Action::AssignOrders
        | Action::ImportOrders
        | Action::ViewActivity => by_role(seat.role(), action),
        _ => Decision::Hidden,
    }
}

fn decide_account(seat: Seat, action: Action, facts: AccountFacts) -> Decision {
    if !is_visible(seat, facts) {
        return Decision::Hidden;
    }
    if matches!(action, Action::ListAccounts | Action::AddAccount | Action::ImportOrders | Action::EditOwnProfile) {
        return Decision::Hidden;
    }
    match by_role(seat.role(), action) {
        Decision::Allowed if facts.status == AccountStatus::Deleted && !action.is_for_deleted() => {
            Decision::Forbidden(Reason::AccountDeleted)
        }
        Decision::Allowed if facts.partners_own && !is_for_partners_own(action, facts.status) => {
            Decision::Forbidden(Reason::PartnersOwnAccount)
        }
        decision => decision,
    }
}

/// Whether the action can be done to a partner's own account: it takes no integrations and stays in use.
/// One that was out of use before it was marked can be reactivated and restored.
fn is_for_partners_own(action: Action, status: AccountStatus) -> bool {
    match action {
        Action::EditIntegrations | Action::DeleteAccount => false,
        Action::DeactivateAccount => status == AccountStatus::Deactivated,
        _ => true,
    }
}

/// Whether the account exists at all for who sits in `seat`.
fn is_visible(seat: Seat, facts: AccountFacts) -> bool {
    if seat.partner() != facts.partner {
        return false;
    }
    match seat {
        Seat::PartnerAdmin { .. } => true,
        Seat::AccountManager { .. } => facts.assigned && facts.status != AccountStatus::Deleted,
        Seat::AccountAdmin { account, .. } => account == facts.account && facts.status == AccountStatus::Active,
        Seat::User { .. } => false,
    }
}

const fn by_role(role: Role, action: Action) -> Decision {
    if action.is_within(role) {
        Decision::Allowed
    } else if matches!(action, Action::AssignOrders) {
        // That a partner keeps orders is none of an account's business.
        Decision::Hidden
    } else {
        Decision::Forbidden(Reason::PartnerAdminOnly)
    }
}

/// The accounts that a list may show. It has no public constructor: [`account_scope`] makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountScope {
    partner: PartnerId,
    assigned_to: Option<MembershipId>,
}

impl AccountScope {
    /// The partner whose accounts these are.
    #[must_use]
    pub const fn partner(self) -> PartnerId {
        self.partner
    }

    /// The membership to which they must be assigned; `None` for all of the partner's.
    #[must_use]
    pub const fn assigned_to(self) -> Option<MembershipId> {
        self.assigned_to
    }
}

/// The accounts that `caller` may see in a list; `None` when there is no list for them.
#[must_use]
pub fn account_scope(caller: &Caller) -> Option<AccountScope> {
    match caller.seat {
        Seat::PartnerAdmin { partner } => Some(AccountScope { partner, assigned_to: None }),
        Seat::AccountManager { partner, membership } => Some(AccountScope { partner, assigned_to: Some(membership) }),
        Seat::AccountAdmin { .. } | Seat::User { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;
    use crate::id::PersonId;

    const PARTNER: PartnerId = PartnerId(1);
    const ACCOUNT: AccountId = AccountId(10);

    fn seats() -> [Seat; 4] {
        [
            Seat::PartnerAdmin { partner: PARTNER },
            Seat::AccountManager { partner: PARTNER, membership: MembershipId(5) },
            Seat::AccountAdmin { partner: PARTNER, account: ACCOUNT },
            Seat::User { partner: PARTNER, account: ACCOUNT },
        ]
    }

    fn resources() -> Vec<(&'static str, Resource)> {
        let own = AccountFacts {
            partner: PARTNER,
            account: ACCOUNT,
            status: AccountStatus::Active,
            assigned: true,
            partners_own: false,
        };
        let with = |status| Resource::Account(AccountFacts { status, ..own });
        vec![
            ("own account", Resource::Account(own)),
            ("own account, the partner's own", Resource::Account(AccountFacts { partners_own: true, ..own })),
            (
                "own account, the partner's own, deactivated",
                Resource::Account(AccountFacts { partners_own: true, status: AccountStatus::Deactivated, ..own }),
            ),
            ("own account, deactivated", with(AccountStatus::Deactivated)),
            ("own account, deleted", with(AccountStatus::Deleted)),
            (
                "other account of the partner",
                Resource::Account(AccountFacts { account: AccountId(11), assigned: false, ..own }),
            ),
            (
                "account of another partner",
                Resource::Account(AccountFacts { partner: PartnerId(2), account: AccountId(20), ..own }),
            ),
            ("missing", Resource::Missing),
            ("own partner", Resource::Partner(PARTNER)),
            ("another partner", Resource::Partner(PartnerId(2))),
            ("own profile", Resource::OwnProfile),
        ]
    }

    #[test]
    fn the_whole_matrix_is_as_reviewed() {
        let mut matrix = String::new();
        for (name, resource) in resources() {
            let _ = writeln!(
                matrix,
                "{name}\n  {:<26}{:<19}{:<19}{:<19}user",
                "action", "partner admin", "account manager", "account admin"
            );
            for &action in Action::ALL {
                let _ = write!(matrix, "  {:<26}", format!("{action:?}"));
                for seat in seats() {
                    let caller = Caller { person: PersonId(1), name: String::new(), seat };
                    let answer = match decide(&caller, action, resource) {
                        Decision::Allowed => "allowed".to_owned(),
                        Decision::Forbidden(reason) => format!("{reason:?}"),
                        Decision::Hidden => ".".to_owned(),
                    };
                    let _ = write!(matrix, "{answer:<19}");
                }
                matrix.truncate(matrix.trim_end().len());
                matrix.push('\n');
            }
            matrix.push('\n');
        }
        insta::assert_snapshot!("rights", matrix);
    }

    #[test]
    fn only_partners_have_a_list_and_only_of_their_own() {
        let scopes = seats().map(|seat| account_scope(&Caller { person: PersonId(1), name: String::new(), seat }));
        assert_eq!(scopes[0], Some(AccountScope { partner: PARTNER, assigned_to: None }));
        assert_eq!(scopes[1], Some(AccountScope { partner: PARTNER, assigned_to: Some(MembershipId(5)) }));
        assert_eq!(scopes[2], None);
        assert_eq!(scopes[3], None);
    }
}
