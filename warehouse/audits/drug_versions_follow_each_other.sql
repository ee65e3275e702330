-- At any instant a drug has one wording.
SELECT
    v.drug_id,
    v.seen_from
FROM main.drug_versions AS v
QUALIFY coalesce(v.seen_to, TIMESTAMP 'infinity') > lead(v.seen_from) OVER (PARTITION BY v.drug_id ORDER BY v.seen_from);
