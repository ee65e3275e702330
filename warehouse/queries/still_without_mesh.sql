-- Which papers on topic are not indexed yet, and how old are they?
SELECT
    c.pmid,
    c.created_date,
    date_diff('day', c.created_date, (SELECT max(r.label) FROM out.run_health AS r)) AS age_days,
    c.design_decided_by,
    c.title
FROM out.current_articles AS c
WHERE c.is_on_topic AND NOT c.is_indexed
ORDER BY age_days DESC, c.pmid ASC;
