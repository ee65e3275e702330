-- Which median survival times are printed, by drug and endpoint?
SELECT
    o.drug_name,
    o.endpoint,
    o.value AS median_months,
    o.ci_low,
    o.ci_high,
    o.arm,
    o.pmid,
    o.design,
    o.n_patients,
    o.is_retracted
FROM out.outcome_table AS o
WHERE o.measure = 'median_months' AND o.is_on_topic AND o.drug_id IS NOT NULL
ORDER BY o.drug_name, o.endpoint, o.pmid, o.position;
