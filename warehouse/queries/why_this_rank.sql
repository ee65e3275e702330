-- Of what is the evidence rank of the ten best papers made?
SELECT
    c.evidence_rank,
    c.pmid,
    e.evidence_rank_parts,
    c.title
FROM out.current_articles AS c
INNER JOIN main.article_evidence AS e ON c.annotation_id = e.annotation_id
WHERE c.is_on_topic AND NOT c.is_retracted
ORDER BY c.evidence_rank DESC, c.pmid ASC
LIMIT 10;
