"""Asking PubMed and reading what it answers: client, searches, raw archive, parser."""
