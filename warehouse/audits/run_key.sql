-- run_id is the key of runs.
SELECT
    run_id,
    count(*) AS n_rows
FROM main.runs
GROUP BY run_id
HAVING count(*) > 1;
