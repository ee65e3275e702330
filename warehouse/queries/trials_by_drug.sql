-- Which trials report on each HER2-targeted drug?
SELECT
    d.drug_name,
    t.trial_family,
    t.trial,
    t.primary_pmid,
    t.primary_design,
    t.most_patients,
    t.primary_title
FROM out.trial_families AS t
INNER JOIN main.drugs AS d ON list_contains(t.drug_ids, d.drug_id)
WHERE d.is_her2_targeted AND t.is_on_topic
ORDER BY d.drug_name, t.trial_family;
