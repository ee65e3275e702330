-- One row per drug as the topic described it at the instant *as_of* (UTC).
CREATE OR REPLACE MACRO core.drugs_as_of(as_of) AS TABLE
SELECT
    d.drug_id,
    d.drug_name,
    d.drug_class,
    d.is_her2_targeted,
    d.rolls_up_to
FROM main.drug_versions AS d
WHERE
    d.seen_from <= as_of
    AND (d.seen_to IS NULL OR d.seen_to > as_of);

COMMENT ON MACRO TABLE core.drugs_as_of IS 'Drugs as the topic named and classed them at an instant (UTC): one row per drug_id';
