"""Prefect flows: names, retries, schedules; every task wraps one plain function of the library."""
