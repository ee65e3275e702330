-- How was each strategy last asked: when, over which days, with how many records (PRISMA-S)?
SELECT
    s.strategy,
    s.strategy_title,
    s.source,
    s.platform,
    s.arm,
    s.started_at::DATE AS searched_on,
    s.window_since,
    s.window_until,
    s.count,
    s.term
FROM out.search_log AS s
QUALIFY row_number() OVER (PARTITION BY s.strategy, s.arm ORDER BY s.started_at DESC, s.position DESC) = 1
ORDER BY s.strategy, s.arm;
