"""What this watch is about, as data, and the readers that check it."""
