-- How many papers on topic name each drug, by month of creation and by role?
SELECT
    date_trunc('month', c.created_date)::DATE AS month,
    c.drug_name,
    count(*) FILTER (WHERE c.role = 'studied') AS n_studied,
    count(*) FILTER (WHERE c.role = 'comparator') AS n_comparator,
    count(*) FILTER (WHERE c.role = 'prior') AS n_prior,
    count(*) FILTER (WHERE c.role = 'background') AS n_background
FROM out.current_evidence AS c
WHERE c.is_on_topic AND c.is_her2_targeted
GROUP BY ALL
ORDER BY month, c.drug_name;
