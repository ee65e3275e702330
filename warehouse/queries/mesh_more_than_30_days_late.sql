-- Whose MeSH headings came more than 30 days after the record was created?
SELECT DISTINCT
    n.pmid,
    n.created_date,
    n.run_label,
    n.days_late,
    n.title
FROM out.late_indexed AS n
WHERE n.days_late > 30
ORDER BY n.days_late DESC, n.pmid ASC;
