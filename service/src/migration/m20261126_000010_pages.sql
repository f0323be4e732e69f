-- The configuration of an integration that was removed, so that it can be brought back for a while.
CREATE TABLE removed_integration (
    account_id BIGINT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    key {sorted_text} NOT NULL,
    -- The record of activity of the removal, by which it is undone.
    activity_id BIGINT NOT NULL,
    -- As in account_integration, for which the secret stays sealed.
    settings TEXT,
    secret {bytes},
    removed_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, key)
) {clustered};

CREATE INDEX removed_integration_by_time ON removed_integration (removed_at);

-- The versions of an account's customer information, from the latest on.
CREATE INDEX activity_by_version ON activity (account_id, account_version) WHERE account_version IS NOT NULL;
