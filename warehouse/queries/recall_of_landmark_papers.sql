-- Which landmark papers are held, and which are missing though the searches cover their year?
SELECT
    s.state,
    s.is_due,
    count(*) AS n_papers,
    list(s.pmid ORDER BY s.pmid) AS pmids
FROM out.sentinel_recall AS s
GROUP BY s.state, s.is_due
ORDER BY s.state, s.is_due NULLS LAST;
