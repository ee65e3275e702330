-- A sentinel stands once and belongs to one trial.
SELECT
    r.pmid,
    count(*) AS n_rows,
    count(t.trial) AS n_trials
FROM main.trial_reports AS r
LEFT JOIN main.trials AS t ON r.trial = t.trial
GROUP BY r.pmid
HAVING count(*) <> 1 OR count(t.trial) <> 1;
