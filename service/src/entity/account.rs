//! Accounts.

use sea_orm::entity::prelude::*;

#[expect(clippy::struct_excessive_bools, reason = "the columns of a row")]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "account")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub partner_id: i64,
    pub number: i32,
    pub status: String,
    pub version: i64,
    pub created_at: i64,
    pub updated_at: i64,
    pub name: String,
    pub name_key: String,
    pub country: String,
    pub subdivision: Option<String>,
    pub address1: Option<String>,
    pub address2: Option<String>,
    pub city: Option<String>,
    pub city_key: String,
    pub postal_code: Option<String>,
    pub language: String,
    pub business_type: Option<String>,
    pub cloud_location: String,
    pub micloud_connect: bool,
    pub sap_number: Option<String>,
    pub pbx_type: Option<String>,
    pub search_text: String,
    pub partners_own: bool,
    pub bandwidth_optimisation: bool,
    pub deleted_at: Option<i64>,
    pub status_before: Option<String>,
    pub is_indexed: bool,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
