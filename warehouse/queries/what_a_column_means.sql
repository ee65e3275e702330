-- What do the columns of a view mean?
SELECT
    d.position,
    d.column_name,
    d.data_type,
    d.description
FROM main.data_dictionary AS d
WHERE d.object_name = 'retraction_alerts'
ORDER BY d.position;
