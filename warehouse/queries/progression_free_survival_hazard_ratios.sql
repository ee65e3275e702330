-- Which hazard ratios for progression-free survival are printed, for which drug against which?
SELECT
    o.drug_name,
    o.comparator_drug_ids,
    o.value,
    o.ci_low,
    o.ci_high,
    o.p,
    o.pmid,
    o.design,
    o.is_secondary,
    o.is_retracted
FROM out.outcome_table AS o
WHERE o.endpoint = 'PFS' AND o.measure = 'HR' AND o.is_on_topic AND len(o.flags) = 0
ORDER BY o.drug_name, o.pmid, o.position;
