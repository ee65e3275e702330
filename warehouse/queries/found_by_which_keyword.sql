-- Which keyword, drug or topic of the review brought each new paper on topic?
SELECT DISTINCT
    n.pmid,
    n.strategies,
    n.title
FROM out.new_evidence AS n
WHERE n.is_on_topic AND n.event_type IN ('appeared', 'late_arrival')
ORDER BY n.pmid;
