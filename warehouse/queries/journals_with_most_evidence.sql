-- Which journals brought the most papers on topic?
SELECT
    j.journal,
    sum(j.n_articles) AS n_articles,
    sum(j.n_randomised) AS n_randomised,
    max(j.best_evidence_rank) AS best_evidence_rank,
    max(j.month) AS last_month
FROM out.journal_trends AS j
GROUP BY j.journal
ORDER BY n_articles DESC, best_evidence_rank DESC NULLS LAST, j.journal ASC
LIMIT 10;
