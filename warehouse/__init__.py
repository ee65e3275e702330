"""Everything DuckDB: the writer's file, its migrations, loads, views, audits and the published snapshot."""
