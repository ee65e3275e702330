-- A strategy and arm have one watermark.
SELECT
    strategy,
    arm,
    count(*) AS n_rows
FROM main.watermarks
GROUP BY strategy, arm
HAVING count(*) > 1;
