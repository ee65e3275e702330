-- What drugs says now is what holds in drug_versions, and nothing else holds there.
WITH holding AS (
    SELECT v.*
    FROM main.drug_versions AS v
    WHERE v.seen_to IS NULL
)

SELECT coalesce(d.drug_id, h.drug_id) AS drug_id
FROM main.drugs AS d
FULL OUTER JOIN holding AS h
    ON
        d.drug_id = h.drug_id
        AND d.drug_name = h.drug_name
        AND d.drug_class = h.drug_class
        AND d.is_her2_targeted = h.is_her2_targeted
        AND d.rolls_up_to IS NOT DISTINCT FROM h.rolls_up_to
WHERE d.drug_id IS NULL OR h.drug_id IS NULL;
