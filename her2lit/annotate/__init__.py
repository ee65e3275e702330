"""What a record is evidence on: Article in, Annotation out, pure."""
