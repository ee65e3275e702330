-- Every drug a record is tagged with is in the table drugs.
SELECT DISTINCT d.drug_id
FROM main.article_drugs AS d
ANTI JOIN main.drugs AS n ON d.drug_id = n.drug_id;
