-- Why the last attempt to send a mail failed, as a key that the page words, and how often the recipient's mail server
-- has refused it for the time being; what is the operator's fault does not count.
ALTER TABLE mail ADD COLUMN failure TEXT;
ALTER TABLE mail ADD COLUMN refusals INTEGER NOT NULL DEFAULT 0;

-- The session in which a consent was begun, and when its answer was dealt with: each counts once.
ALTER TABLE consent_request ADD COLUMN session_hash {bytes};
ALTER TABLE consent_request ADD COLUMN ended_at BIGINT;
