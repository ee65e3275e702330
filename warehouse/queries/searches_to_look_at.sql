-- Which searches were held, failed, warned about or read differently by PubMed than before?
SELECT
    s.run_label,
    s.strategy,
    s.arm,
    s.outcome,
    s.reason,
    len(s.warnings) AS n_warnings,
    s.drift
FROM out.search_log AS s
WHERE s.outcome <> 'clean' OR s.drift IS NOT NULL
ORDER BY s.run_label DESC, s.strategy ASC, s.arm ASC;
