-- drug_id is the key of drugs.
SELECT
    drug_id,
    count(*) AS n_rows
FROM main.drugs
GROUP BY drug_id
HAVING count(*) > 1;
