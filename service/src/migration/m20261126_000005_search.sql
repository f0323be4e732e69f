-- Whether the keys and words of a row are those of this release. Rows of an older one, also those that one beside this one
-- adds, are brought up to date in parts while the server runs (service::search::refresh).
ALTER TABLE account ADD COLUMN is_indexed BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE partner_order ADD COLUMN is_indexed BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE activity ADD COLUMN is_indexed BOOLEAN NOT NULL DEFAULT FALSE;

CREATE INDEX account_not_indexed ON account (id) WHERE NOT is_indexed;
CREATE INDEX partner_order_not_indexed ON partner_order (id) WHERE NOT is_indexed;
CREATE INDEX activity_not_indexed ON activity (id) WHERE NOT is_indexed;

-- A search that walks the order of names reads what it matches from the index. PostgreSQL's indexes take no texts of
-- this length.
{sqlite}CREATE INDEX account_by_name_with_text ON account (partner_id, status, name_key, number, search_text);
{sqlite}DROP INDEX account_by_name;
