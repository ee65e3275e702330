-- Every drug a record is tagged with is one the topic names or once named.
SELECT DISTINCT d.drug_id
FROM main.article_drugs AS d
ANTI JOIN main.drug_versions AS n ON d.drug_id = n.drug_id;
