-- How many days lay between a record's creation at NCBI and the night that first saw it?
SELECT
    date_trunc('month', n.run_label)::DATE AS month,
    n.event_type,
    count(DISTINCT n.pmid) AS n_articles,
    median(date_diff('day', n.created_date, n.run_label)) AS median_days,
    max(date_diff('day', n.created_date, n.run_label)) AS most_days
FROM out.new_evidence AS n
WHERE n.event_type IN ('appeared', 'late_arrival')
GROUP BY ALL
ORDER BY month, n.event_type;
