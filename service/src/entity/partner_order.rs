//! Orders of licences.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "partner_order")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub partner_id: i64,
    pub tracking_number: String,
    pub application: String,
    pub plan: String,
    pub quantity: i64,
    pub remaining: i64,
    pub purchased_on: String,
    pub starts_on: String,
    pub ends_on: Option<String>,
    pub sap_order: Option<String>,
    pub sap_customer_number: Option<String>,
    pub purchase_orders: String,
    pub subscriptions: i64,
    pub version: i64,
    pub created_at: i64,
    pub search_text: String,
    pub is_indexed: bool,
    pub import_id: Option<i64>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
