"""
The soak: a year of a living PubMed, nights that meet faults and are killed, and an oracle that judges what is left.

``world`` holds the records, ``lives`` writes their stories, ``weather`` decides what goes wrong when,
``season`` runs the nights, ``oracle`` says what the warehouse must hold, ``figures`` counts.
Used by tests/end_to_end/test_soak.py (30 nights) and bench/soak.py (300, with real kills).
"""
