"""What readers get: the weekly digest and the static pages, from rows to text; no I/O but writing files."""
