/**
 * Version 2: what a million boxes need. Counting and sweeping go along an index, and whether a box is due for a
 * certificate stands in its own row. None of these columns changes with an ordinary registration, so that PostgreSQL
 * still writes no index for one.
 */

/** As in schema.ts: INT stands for each dialect's own word. */
export const scale = `
ALTER TABLE boxes ADD COLUMN certificate_ca TEXT;
ALTER TABLE boxes ADD COLUMN certificate_renew_ms INT;
UPDATE boxes SET
  certificate_ca = (SELECT ca FROM certificates WHERE serial = boxes.certificate),
  certificate_renew_ms = (
    SELECT not_before_ms + (not_after_ms - not_before_ms + 2) / 3 FROM certificates WHERE serial = boxes.certificate
  )
  WHERE certificate IS NOT NULL;
CREATE INDEX boxes_in_use ON boxes (customer, id) WHERE status = 'claimed';
CREATE INDEX boxes_ended ON boxes (status, id) WHERE status <> 'claimed';
CREATE INDEX boxes_registry_kid ON boxes (status, registry_kid);
CREATE INDEX boxes_certificate_ca ON boxes (status, certificate_ca);
CREATE INDEX certificates_end ON certificates (not_after_ms);
CREATE INDEX claims_replaces ON claims (replaces) WHERE replaces IS NOT NULL;
CREATE INDEX pairing_codes_end ON pairing_codes (expires_at_ms);
CREATE INDEX pairing_codes_shown ON pairing_codes (expires_at_ms) WHERE sealed IS NOT NULL;
CREATE INDEX attempts_last ON attempts (last_at_ms);
CREATE INDEX alarms_unseen ON alarms (id) WHERE acknowledged_at_ms IS NULL;
CREATE INDEX alarms_customer ON alarms (customer, id);
`;
