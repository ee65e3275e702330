-- Every item stands in one digest, at a place of its own.
SELECT
    i.digest_id,
    i.position,
    count(*) AS n_items,
    count(d.digest_id) AS n_digests
FROM main.digest_items AS i
LEFT JOIN main.digests AS d ON i.digest_id = d.digest_id
GROUP BY i.digest_id, i.position
HAVING count(*) <> 1 OR count(d.digest_id) <> 1;
