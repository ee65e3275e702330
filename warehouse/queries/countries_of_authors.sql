-- Where do the authors of papers on topic work?
SELECT
    coalesce(c.country, '(not read)') AS country,
    sum(c.n_articles) AS n_articles,
    sum(c.n_first_author) AS n_first_author,
    sum(c.n_randomised) AS n_randomised
FROM out.country_trends AS c
GROUP BY c.country
ORDER BY n_articles DESC, country ASC;
