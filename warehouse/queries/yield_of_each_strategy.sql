-- What has each search strategy brought, and what only it?
SELECT
    s.strategy,
    s.arm,
    s.n_searches,
    s.n_articles,
    s.n_on_topic,
    s.on_topic_share,
    s.n_only
FROM out.strategy_yield AS s
ORDER BY s.n_on_topic DESC, s.strategy ASC, s.arm ASC;
